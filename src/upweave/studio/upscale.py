"""Pictures sent by the page: made larger in a queue, looked at, fetched."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import BaseModel

from upweave.kernels.host import default_threads
from upweave.pictures import files, formats, models
from upweave.pictures.enlarging import enlarge_plainly
from upweave.pictures.family import Family
from upweave.pictures.job import Job, Manner, Outcome, Settings
from upweave.pictures.light import eight_bits
from upweave.pictures.memory import Budget
from upweave.pictures.picture import PROFILE, Picture, PictureError
from upweave.pictures.sizes import Wanted
from upweave.pictures.worker import Worker
from upweave.reasons import one_line
from upweave.studio import limits
from upweave.studio.answers import content, refusals
from upweave.studio.queue import FullError, Queue, State, Task

__all__ = ["Pictures"]

_LONGEST_NAME = 100
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_MISSING = refusals({404: "There is no such picture."})
_REFUSED = refusals(
    {
        400: "No picture has arrived, or none that can be made larger so.",
        408: "It took too long to arrive.",
        413: "More bytes or pixels than may be.",
        415: "The body is of another type.",
        503: "As many pictures wait as may; try again later.",
    }
)
_NOT_DONE = _MISSING | refusals({409: "Not done yet."})
_ANY_FILE = _NOT_DONE | content("application/octet-stream")
_PNG = _NOT_DONE | content("image/png")

Named = Annotated[str, PathParameter(max_length=40)]


class Told(BaseModel):
    """How a picture is getting on."""

    id: str
    state: State
    share: float
    name: str
    error: str = ""
    width: int = 0
    """Of the result, when it is there."""
    height: int = 0
    bytes: int = 0
    seconds: float = 0


def _models() -> dict[str, Any]:
    """Return the networks and scales to choose from, and the limits."""
    return {
        "families": {name: sorted(scales) for name, scales in models.families().items()},
        "default": models.DEFAULT,
        "bytes": limits.UPLOAD_BYTES,
        "pixels": limits.RESULT_PIXELS,
        "suffixes": sorted(formats.SUFFIXES),
    }


class Pictures:
    """The routes of a queue of pictures.

    Attributes
    ----------
    router : APIRouter
    """

    def __init__(self) -> None:
        self.router = self._routes()
        self._budget = Budget(limits.MEMORY)
        self._families = {
            name: Family(names, Manner(), "upweave") for name, names in models.families().items()
        }
        self._one_view = threading.Lock()

    def begin(self, folder: Path) -> None:
        """Open the queue, whose files lie in a folder."""
        self._queue = Queue(folder)

    def end(self) -> None:
        """End all work."""
        self._queue.close()

    def _routes(self) -> APIRouter:
        router = APIRouter()
        router.get("/models")(_models)
        router.post("/pictures", openapi_extra=_BODY, responses=_REFUSED)(self.add)
        router.get("/pictures/{id}", responses=_MISSING)(self.tell)
        router.delete("/pictures/{id}", responses=_MISSING, status_code=204)(self.drop)
        router.get("/pictures/{id}/file", responses=_ANY_FILE, response_class=FileResponse)(
            self.file
        )
        router.get("/pictures/{id}/view/{which}", responses=_PNG, response_class=Response)(
            self.view
        )
        return router

    async def add(
        self,
        request: Request,
        name: Annotated[str, Query(max_length=1000)] = "picture.png",
        scale: Annotated[float, Query(gt=1, le=8)] = 4,
        model: str = models.DEFAULT,
    ) -> Told:
        """Take a picture's file, and have it made larger as ``upweave upscale`` does.

        A file name counts for its ending and for the result's name.
        """
        if model not in self._families:
            known = ", ".join(self._families)
            raise HTTPException(400, f"no network is called {one_line(model)!r} ({known})")
        if request.headers.get("content-type") != "application/octet-stream":
            raise HTTPException(415, "send the file as application/octet-stream")
        try:
            task = await run_in_threadpool(self._queue.open)
        except FullError:
            raise HTTPException(
                503,
                f"{limits.WAITING} pictures wait already; try again later",
                {"Retry-After": "5"},
            ) from None
        try:
            source = task.folder / _file_name(name)
            await asyncio.wait_for(_receive(request, source), limits.UPLOAD_SECONDS)
            await run_in_threadpool(self._start, task, source, scale, model)
        except TimeoutError:
            await run_in_threadpool(self._queue.drop, task)
            raise HTTPException(408, f"took more than {limits.UPLOAD_SECONDS} seconds") from None
        except BaseException:
            await run_in_threadpool(self._queue.drop, task)
            raise
        return _told(task)

    def _start(self, task: Task, source: Path, scale: float, model: str) -> None:
        """Look at a file that has arrived; let it wait for its turn."""
        wanted = Wanted(scale=scale)
        try:
            header = files.header(source)
            height, width = wanted.size(header.size)
            if header.frames * height * width > limits.RESULT_PIXELS:
                most = limits.RESULT_PIXELS / 1e6
                raise HTTPException(
                    413,
                    f"{source.name}: {width} x {height} pixels would come out"
                    + (f", {header.frames} times" if header.frames > 1 else "")
                    + f"; at most {most:g} million are made here (the command makes more)",
                )
            suffix = formats.suffix(source, formats.named(header.format))
            target = task.folder / f"{source.stem}-{wanted.mark}{suffix}"
            formats.check_holds(formats.of_path(target), header, (height, width), target.name)
        except PictureError as error:
            raise HTTPException(400, task.why(error)) from None
        settings = Settings(wanted, threads=default_threads())
        worker = Worker(self._families[model], settings, self._budget)
        self._queue.start(task, Job(source, target), worker)

    def tell(self, id: Named) -> Told:
        """Tell how a picture is getting on."""
        return _told(self._find(id))

    def drop(self, id: Named) -> None:
        """Stop a picture's work, or forget its result."""
        self._queue.drop(self._find(id))

    def file(self, id: Named) -> FileResponse:
        """Return the result, as the command would have written it."""
        target = self._done(id).job.target
        return FileResponse(target, media_type="application/octet-stream", filename=target.name)

    def view(self, id: Named, which: Literal["before", "bicubic", "after"]) -> Response:
        """Return the picture, bicubic interpolation of it or the result, as a PNG of 8 bits."""
        outcome = self._done(id)
        job, (height, width) = outcome.job, outcome.size
        with self._one_view:  # at a time: each takes memory
            if which == "after":
                return _as_png(files.read(job.target))
            picture = files.read(job.source)
            if which == "before":
                return _as_png(picture)
            wanted = Wanted(width=width, height=height)
            return _as_png(enlarge_plainly(picture, (2, 3, 4), wanted))

    def _find(self, id: str) -> Task:
        task = self._queue.find(id)
        if task is None:
            raise HTTPException(404, "there is no such picture, or no more")
        return task

    def _done(self, id: str) -> Outcome:
        task = self._find(id)
        if task.outcome is None:
            raise HTTPException(409, f"this picture is {task.state}")
        return task.outcome


def _told(task: Task) -> Told:
    name = "" if task.job is None else task.job.target.name
    if task.outcome is None:
        return Told(id=task.id, state=task.state, share=task.share, name=name, error=task.error)
    done = task.outcome
    return Told(
        id=task.id,
        state=task.state,
        share=task.share,
        name=name,
        width=done.size[1],
        height=done.size[0],
        bytes=done.written,
        seconds=round(done.seconds, 3),
    )


def _file_name(name: str) -> str:
    """Return a file's name without folders, characters that do not print, and what is too long."""
    last = one_line(name.replace("\\", "/").rsplit("/", 1)[-1].replace("\0", " ")).strip(". ")
    path = Path(last or "picture")
    return f"{path.stem[:_LONGEST_NAME]}{path.suffix[:10]}"


async def _receive(request: Request, target: Path) -> None:
    """Write what arrives to a file, as long as it is not too much."""
    length = 0
    with target.open("xb") as file:
        async for chunk in request.stream():
            length += len(chunk)
            if length > limits.UPLOAD_BYTES:
                most = limits.UPLOAD_BYTES >> 20
                raise HTTPException(413, f"the file has more than {most} MiB")
            await run_in_threadpool(file.write, chunk)
    if not length:
        raise HTTPException(400, "the file is empty; expected a picture")


def _as_png(picture: Picture) -> Response:
    """Return the first frame as a PNG of 8 bits."""
    pixels = eight_bits(picture.pixels)
    profile = {PROFILE: picture.profile} if picture.profile else {}
    shown = Picture(pixels, metadata=profile)
    encoded = files.encode(shown, formats.FORMATS["png"])
    return Response(encoded, media_type="image/png", headers={"Cache-Control": "private"})
