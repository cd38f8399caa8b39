"""``python -m upweave`` is the command ``upweave``."""

from upweave.cli import main

main()
