"""``upweave studio``: the page to play with."""

from __future__ import annotations

from typing import Annotated

import typer

from upweave.cli.output import say

EXAMPLES = """\
\b
Examples:
  upweave studio
  upweave studio --port 9000
"""


def studio(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8765,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
) -> None:
    """Serve a page on which the operator can be seen at work, until Ctrl-C.

    It needs no connection to anything else, and is open to this machine alone unless --host says
    otherwise.
    """
    import uvicorn

    from upweave.studio import app

    say(f"http://{host}:{port}/  (Ctrl-C ends it)")
    uvicorn.run(app.create(host), host=host, port=port, log_level="error")
