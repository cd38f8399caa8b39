import pytest
import typer

from upweave.cli.quantities import bytes_of, seconds_of, with_unit


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30), ("30s", 30), ("1.5m", 90), ("2 min", 120), ("1h", 3600)]
)
def test_times(text, seconds):
    assert seconds_of(text, "--within") == seconds


@pytest.mark.parametrize(
    ("text", "size"), [("500", 500), ("2G", 2e9), ("1.5gb", 1.5e9), ("300 MB", 3e8), ("7k", 7000)]
)
def test_sizes(text, size):
    assert bytes_of(text, "--max-memory") == size


@pytest.mark.parametrize("text", ["", "s", "-3s", "0s", "3 weeks", "1e3", "three"])
def test_others_are_refused(text):
    with pytest.raises(typer.BadParameter, match="expected a time"):
        seconds_of(text, "--within")


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0 B"), (999, "999 B"), (1234, "1.23 kB"), (2.5e9, "2.5 GB")]
)
def test_with_unit(amount, text):
    assert with_unit(amount, "B") == text
