"""The README's example runs, and its commands are ones that exist."""

import re
from pathlib import Path

import pytest

from upweave.pictures.models import shipped

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.skipif(not shipped(), reason="no shipped networks")
def test_the_python_example_runs():
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})


def test_links_lead_somewhere():
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert targets
    # The picture is made by benchmarks/picture.py once the networks are there.
    assert [t for t in targets if not (ROOT / t).exists() and shipped()] == []


def test_set_up_commands_use_the_constraints():
    lines = [line.strip() for line in README.splitlines() if " && " in line]
    commands = [line for line in lines if line.startswith("pip install")]
    assert [line.split(" && ")[1].split()[0] for line in commands] == ["upweave", "pytest"]
    assert all("-c constraints.txt" in line for line in commands)
    for name in re.findall(r"examples/\S+\.jpg", README):
        assert (ROOT / name).is_file()
