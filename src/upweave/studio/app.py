"""The server: the page's files, the numbers it asks for, the pictures it sends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.routing import Match, Route

from upweave import __version__
from upweave.studio import explore, networks, upscale

__all__ = ["create"]

_STATIC = Path(__file__).parent / "static"
_HERE = ("127.0.0.1", "localhost", "[::1]")
_ANY = ("0.0.0.0", "::")


def create(host: str = _HERE[0]) -> FastAPI:
    """Return the application.

    It reads no file but its own and those that are sent to it, which lie in a temporary folder
    until it ends.

    Parameters
    ----------
    host : str
        The address it is to be served at. A request under another name is refused, lest other
        sites' names for this machine let their pages in; unless all addresses are served.
    """
    pictures = upscale.Pictures()

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        with TemporaryDirectory(prefix="upweave-studio-", ignore_cleanup_errors=True) as folder:
            pictures.begin(Path(folder))
            yield
            await run_in_threadpool(pictures.end)

    app = FastAPI(title="upweave studio", version=__version__, lifespan=living)
    if host not in _ANY:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*_HERE, host])
    for router in (explore.router, networks.router, pictures.router):
        app.include_router(router, prefix="/api")
    app.mount("/static", StaticFiles(directory=_STATIC))
    app.get("/", include_in_schema=False)(_page)
    app.exception_handler(405)(_not_allowed)
    return app


def _page() -> FileResponse:
    return FileResponse(_STATIC / "index.html")


async def _not_allowed(request: Request, error: Exception) -> JSONResponse:
    """Name all methods of an address, which may have a route for each (RFC 9110, 15.5.6)."""
    methods = {
        method
        for route in request.app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] != Match.NONE
        for method in route.methods or ()
    }
    allowed = {"Allow": ", ".join(sorted(methods))}
    return JSONResponse({"detail": "Method Not Allowed"}, 405, allowed)
