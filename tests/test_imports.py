"""Which room of the package may import which, and torch: held by reading the sources."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import upweave

PACKAGE = Path(upweave.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))

# What each room may import of the others (itself always).
MAY_IMPORT = {
    "ops": set(),
    "kernels": {"ops"},
    "engine": {"ops", "kernels"},
    "pictures": {"ops", "kernels", "engine"},
    "nn": {"ops", "kernels"},
    "learning": {"ops", "kernels", "nn", "pictures"},
    "explain": {"ops", "engine.graph"},
    "cli": {"ops", "kernels", "engine", "pictures", "learning", "explain", "studio"},
    "studio": {"ops", "kernels", "engine", "pictures", "explain"},
}
HEAVY = {"torch", "lightning_fabric", "safetensors", "tensorboard"}
ROOMS_WITH_TORCH = {"nn", "learning"}


def room_of(path: Path) -> str:
    """Return the folder below the package, or "" for the package's own files."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def imports(tree: ast.AST, package: str) -> Iterator[str]:
    """Yield the dotted names that are imported anywhere in ``tree``, a file of ``package``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "upweave":
            yield f"upweave.{node.attr}"
        yield from imports(node, package)


def imports_of(path: Path) -> list[str]:
    package = ".".join(("upweave", *path.relative_to(PACKAGE).parent.parts))
    return list(imports(ast.parse(path.read_text(encoding="utf-8")), package))


def forbidden(room: str, name: str) -> bool:
    """Tell whether files of ``room`` may not import ``name``, a dotted name below upweave."""
    inside = name.split(".")[1:]
    if not inside or inside[0] in ("__version__", room) or inside[0] not in MAY_IMPORT:
        return False
    return inside[0] not in MAY_IMPORT[room] and ".".join(inside[:2]) not in MAY_IMPORT[room]


def test_the_check_sees_a_wrong_import() -> None:
    assert forbidden("ops", "upweave.kernels.call")
    assert forbidden("kernels", "upweave.engine")
    assert forbidden("explain", "upweave.engine.run")
    assert not forbidden("explain", "upweave.engine.graph.Graph")
    assert not forbidden("cli", "upweave.learning.loop")
    tree = ast.parse("from ..kernels import call\ndef f():\n  import upweave\n  upweave.load")
    assert list(imports(tree, "upweave.ops")) == ["upweave.kernels.call", "upweave", "upweave.load"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    room = room_of(path)
    if not room:
        return  # the package's own files name all of them
    own = [name for name in imports_of(path) if name.split(".")[0] == "upweave"]
    assert [name for name in own if forbidden(room, name)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_torch_stays_in_its_rooms(path: Path) -> None:
    if room_of(path) in ROOMS_WITH_TORCH:
        return
    assert [name for name in imports_of(path) if name.split(".")[0] in HEAVY] == []


def test_everything_else_loads_without_torch() -> None:
    names = [
        ".".join(("upweave", *path.relative_to(PACKAGE).with_suffix("").parts))
        for path in SOURCES
        if room_of(path) not in ROOMS_WITH_TORCH and path.stem not in ("__init__", "__main__")
    ]
    script = (
        "import importlib, sys\n"
        f"sys.modules.update(dict.fromkeys({sorted(HEAVY)!r}))\n"
        f"for name in {names!r}:\n    importlib.import_module(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")


def test_upscaling_loads_no_torch(tmp_path: Path, bicubic_network) -> None:
    example = Path(__file__).parent.parent / "examples" / "coffee.jpg"
    words = ["upscale", str(example), "--model", str(bicubic_network(2)), "-o", "big.png"]
    script = (
        "import sys\n"
        "from upweave.cli import main\n"
        f"sys.argv[1:] = {words!r}\n"
        "try:\n    main()\n"
        "except SystemExit as leaving:\n    assert leaving.code == 0, leaving.code\n"
        f"heavy = {sorted(HEAVY)!r}\n"
        "assert not [name for name in heavy if name in sys.modules]\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "big.png").is_file()
