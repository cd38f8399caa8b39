"""How Sphinx makes a site of these pages: ``sphinx-build -W docs site``."""

import re

from sphinx.application import Sphinx

import upweave

project = "upweave"
author = "the developers of upweave"
version = release = upweave.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
exclude_patterns = ["make_*.py", "logs"]

default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say more
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"upweave {version}"
html_copy_source = False


def setup(app: Sphinx) -> None:
    """Let shapes such as (N, C, *spatial) pass for what they are."""
    app.connect("autodoc-process-docstring", _escape_stars)


def _escape_stars(
    app: Sphinx, what: str, name: str, found: object, options: object, lines: list[str]
) -> None:
    lines[:] = [re.sub(r"(?<=[ (])\*(?=[a-z])", r"\\*", line) for line in lines]
