"""The server: the page's files, and the numbers that it asks for."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from upweave import __version__
from upweave.studio import explore

__all__ = ["create"]

_STATIC = Path(__file__).parent / "static"


def create() -> FastAPI:
    """Return the application. It reads no file but its own, and writes none."""
    app = FastAPI(title="upweave studio", version=__version__)
    app.include_router(explore.router, prefix="/api")
    app.mount("/", StaticFiles(directory=_STATIC, html=True))
    return app
