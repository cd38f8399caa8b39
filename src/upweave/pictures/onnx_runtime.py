"""A network run whole by ONNX Runtime: for models with an operator that the engine does not run.

There are no tiles, so memory grows with the picture.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from upweave.engine import Cancelled, ModelError
from upweave.engine.errors import one_line
from upweave.kernels import host

if TYPE_CHECKING:
    from collections.abc import Callable

    import onnxruntime

__all__ = ["OnnxRuntimeNetwork"]

_POLL = 0.1  # seconds between looks at progress and at signals
_FATAL = 4  # ONNX Runtime prints nothing less; what it raises says enough


class OnnxRuntimeNetwork:
    """An ONNX file as `upweave.engine.Network` would run it, but whole.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    metadata : dict of str
        The model file's own words about itself.

    Raises
    ------
    ModuleNotFoundError
        Where ONNX Runtime is not installed.
    FileNotFoundError
        Where there is no such file.
    ModelError
        Where ONNX Runtime cannot read the file, or the model does not turn planes into planes.
    """

    def __init__(self, path: Path) -> None:
        path.stat()  # a missing file is no error of ONNX Runtime's
        self._path = path
        self._threads = 0
        session = self._session_of(host.default_threads())
        self.metadata: dict[str, str] = session.get_modelmeta().custom_metadata_map
        inputs, outputs = session.get_inputs(), session.get_outputs()
        if (len(inputs), len(outputs)) != (1, 1):
            raise ModelError(
                f"{path} has {len(inputs)} inputs and {len(outputs)} outputs; expected one of each"
            )
        (x,), (y,) = inputs, outputs
        if (
            {x.type, y.type} != {"tensor(float)"}
            or len(x.shape) != 4
            or type(x.shape[1]) is not int
        ):
            raise ModelError(
                f"{path} makes {y.type} of {x.type} {x.shape}; expected float32 of float32 "
                "(N, C, H, W), with a fixed number of channels"
            )
        self._input, self._channels = x.name, x.shape[1]
        self._tried = lru_cache(maxsize=1)(self._try)

    @property
    def planes(self) -> tuple[int, int]:
        """The channels that go in and that come out."""
        return self._channels, self._tried((16, 16))[1]

    def output_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the (height, width) that comes out of a (height, width) that goes in.

        Raises
        ------
        ValueError
            Where the network cannot take the size.
        """
        height, width = self._tried(size)[2:]
        return height, width

    def _try(self, size: tuple[int, int]) -> tuple[int, ...]:
        """Return the shape that comes out of a picture of zeros."""
        return self(np.zeros((1, self._channels, *size), np.float32)).shape

    def __call__(
        self,
        x: NDArray[np.float32],
        *,
        threads: int | None = None,
        tile: int | tuple[int, int] | None = None,
        progress: Callable[[float], object] | None = None,
    ) -> NDArray[np.float32]:
        """Run the network.

        Parameters
        ----------
        x : array of shape (N, C, H, W), float32
        threads : int, optional
            The default is every core that the process may use (`UPWEAVE_NUM_THREADS`).
        tile : None
            There are none.
        progress : callable, optional
            Called with 0 some times a second and with 1 at the end; returning False cancels.

        Returns
        -------
        array of shape (N, C', H', W'), float32

        Raises
        ------
        ValueError
            Where a tile is given, or ONNX Runtime cannot run the model on `x`.
        Cancelled
            Where `progress` returned False.
        """
        import onnxruntime  # noqa: PLC0415  (slow to import)

        if tile is not None:
            raise ValueError("tile: ONNX Runtime runs pictures whole; leave it out")
        session = self._session_of(host.default_threads() if threads is None else threads)
        options = onnxruntime.RunOptions()
        # ONNX Runtime hears no signals: it runs in a thread of its own, and this one listens.
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(session.run, None, {self._input: x}, options)
            try:
                _listen(running, progress)
            finally:
                options.terminate = True
        try:
            (y,) = running.result()
        except Exception as error:  # ONNX Runtime's are of classes of its own
            raise ValueError(f"{self._path}: {one_line(error)}") from error
        if y.ndim != x.ndim:
            raise ValueError(f"{self._path}: makes {y.shape} of {x.shape}; expected (N, C, H, W)")
        _report(progress, 1.0)
        result: NDArray[np.float32] = y
        return result

    def _session_of(self, threads: int) -> onnxruntime.InferenceSession:
        """Return the model loaded for so many threads."""
        import onnxruntime  # noqa: PLC0415  (slow to import)

        if threads != self._threads:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            options.log_severity_level = _FATAL
            try:
                self._session = onnxruntime.InferenceSession(
                    self._path, options, providers=["CPUExecutionProvider"]
                )
            except Exception as error:  # of classes of its own
                raise ModelError(f"{self._path}: {one_line(error)}") from error
            self._threads = threads
        return self._session


def _listen(running: Future[Any], progress: Callable[[float], object] | None) -> None:
    while wait([running], _POLL).not_done:
        _report(progress, 0.0)


def _report(progress: Callable[[float], object] | None, share: float) -> None:
    if progress is not None and progress(share) is False:
        raise Cancelled("cancelled")
