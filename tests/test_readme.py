"""The README's and the documentation's examples run, and what they name exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_examples_run(page):
    examples = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert examples or page.name != "README.md"
    for example in examples:
        exec(compile(example, page.name, "exec"), {})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:]+)\)", text)
    assert targets or page.name != "README.md"
    assert [t for t in targets if not (page.parent / t).exists()] == []
    headings = {re.sub(r"[^a-z0-9 -]", "", h.lower()) for h in re.findall(r"^#+ (.*)$", text, re.M)}
    inside = re.findall(r"\]\(#([^)]+)\)", text)
    assert [t for t in inside if t not in {h.replace(" ", "-") for h in headings}] == []


def test_set_up_commands_use_the_constraints():
    lines = [line.strip() for line in README.splitlines() if " && " in line]
    commands = [line for line in lines if line.startswith("pip install")]
    assert [line.split(" && ")[1].split()[0] for line in commands] == ["upweave", "pytest"]
    assert all("-c constraints.txt" in line for line in commands)
    for name in re.findall(r"examples/\S+\.jpg", README):
        assert (ROOT / name).is_file()
