"""What was measured during a training, as a table and for TensorBoard."""

from __future__ import annotations

import csv
from pathlib import Path

from lightning_fabric.loggers.tensorboard import TensorBoardLogger

from upweave.whole import whole_file

__all__ = ["COLUMNS", "Logs"]

COLUMNS = ("step", "loss", "flat", "learning rate", "psnr")


class Logs:
    """``log.csv`` and TensorBoard's files in ``log/``.

    Parameters
    ----------
    folder : Path
    step : int
        Where the training goes on: what was logged after it, is logged anew.
    """

    def __init__(self, folder: Path, step: int) -> None:
        self._table = folder / "log.csv"
        self._keep(step)
        self._board = TensorBoardLogger(folder, name="log", version="", purge_step=step + 1)

    def _keep(self, step: int) -> None:
        """Cut the table off after a step; a line that was cut short is no line."""
        rows: list[list[str]] = []
        if step and self._table.exists():
            lines = self._table.read_text().splitlines(keepends=True)
            whole = csv.reader(line for line in lines[1:] if line.endswith("\n"))
            rows = [row for row in whole if int(row[0]) <= step]
        text = "".join(",".join(row) + "\n" for row in [list(COLUMNS), *rows])
        with whole_file(self._table) as file:
            file.write(text.encode())

    def add(self, step: int, values: dict[str, float]) -> None:
        """Write one line: the values of `COLUMNS` that there are."""
        self._board.log_metrics(values, step)
        row = {"step": step} | values
        line = ",".join(repr(row[name]) if name in row else "" for name in COLUMNS)
        with self._table.open("a") as file:
            file.write(line + "\n")

    def close(self) -> None:
        """Finish TensorBoard's file."""
        self._board.finalize("")
