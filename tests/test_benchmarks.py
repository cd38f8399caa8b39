import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "benchmarks"
MODULES = [path.stem for path in FOLDER.glob("*.py")]


def test_every_benchmark_finds_what_it_imports():
    assert len(MODULES) > 20
    code = f"""
from importlib import import_module
for name in {MODULES}:
    try:
        import_module(name)
    except Exception as error:
        print(name, repr(error), sep=": ")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(FOLDER), *sys.path])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
