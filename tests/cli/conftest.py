"""Running commands inside the test's process."""

import signal
import sys

import pytest

from upweave.cli import main


@pytest.fixture
def run(monkeypatch, capsys):
    """Return a function that runs ``upweave`` and returns its exit status, output and errors."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["upweave", *map(str, words)])
        with pytest.raises(SystemExit) as leaving:
            main()
        captured = capsys.readouterr()
        return leaving.value.code, captured.out, captured.err

    handler = signal.getsignal(signal.SIGTERM)
    yield call
    signal.signal(signal.SIGTERM, handler)
