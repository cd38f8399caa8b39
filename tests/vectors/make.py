"""Make the golden vectors of one framework, which has to be installed: ``make.py keras``.

The versions that made those in this folder are in ``requirements.txt``.
"""

import importlib
import sys

from makers.running import vectors
from storage import save


def main() -> None:
    for name in sys.argv[1:]:
        maker = importlib.import_module(f"makers.{name}")
        count = save(name, vectors(maker))
        print(f"{name}: {count} vectors")


if __name__ == "__main__":
    main()
