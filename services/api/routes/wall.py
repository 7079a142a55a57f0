"""``/api/wall``: what several cameras see now, by one connection."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from time import monotonic
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from services.api import small
from services.api.areas import here
from services.api.asked import asked
from services.api.auth import asker, may, token_of
from services.api.known import insist
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.recording import recorder_of, unshown
from services.api.routes.sources import configured
from services.api.wall import ALIVE, MOST, Tile, part
from services.api.withdrawals import Open, Withdrawals
from services.audit.spool import UnrecordedError

router = APIRouter(tags=["sources"], prefix="/api/wall")

EVERY_SECONDS = 1.0
ALIVE_SECONDS = 5.0
AGAIN_SECONDS = 30.0
"""So often it is noted that somebody looks on, and asked whether they still may."""
MEDIA_TYPE = "application/vnd.cityops.wall"
_WALL: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Parts, until it is closed: the length of a head (4 bytes, the most"
        " significant first), the head (JSON: `camera`, `bytes`, `none`, `type`, `time`, `origin`,"
        " `masked`, `seen`, `paths`), so many bytes of a picture. A head without a camera is a sign"
        " of life. `seen`: `[[x0, y0, x1, y1], label, score]` of each; `paths`: how what moves came"
        " there, each x, y, x, y and so on; all in thousandths, of the picture's width and height",
        "content": {MEDIA_TYPE: {}},
    }
}


class WallStream(StreamingResponse):
    media_type = MEDIA_TYPE


@router.get(
    "",
    response_class=WallStream,
    dependencies=[may(Permission.PICTURES_READ)],
    responses={**_WALL, **answers(401, 404, 422)},
)
def wall(
    request: Request,
    *,
    id: Annotated[
        list[str], Query(min_length=1, max_length=MOST, description="Of a camera; up to 16")
    ],
    width: Annotated[
        int | None,
        Query(
            ge=small.NARROWEST,
            le=small.WIDEST,
            description="For small tiles: WebP, no wider than so many pixels, in few bytes",
        ),
    ] = None,
    boxes: Annotated[
        bool,
        Query(description="With what a model saw in each, and how it came; a second later"),
    ] = False,
) -> WallStream:
    """The cameras' newest pictures, people and number plates masked: each once a second at most,
    and none that has been sent already. It ends with the session, and when rights or area change.
    """
    cameras = list(dict.fromkeys(id))
    _insist(request, cameras)
    _note(request, cameras[1:])
    asked(request).subject = cameras[0]  # noted with the answer, as every request is
    withdrawals: Withdrawals = request.app.state.withdrawals
    session = withdrawals.open(token_of(request), asker(request))
    stream = _stream(request, [Tile(one, width) for one in cameras], session, boxes=boxes)
    return WallStream(stream, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


async def _stream(
    request: Request, tiles: Sequence[Tile], session: Open, *, boxes: bool
) -> AsyncIterator[bytes]:
    state = request.app.state
    detections = state.detections if boxes else None
    cameras = [tile.camera for tile in tiles]
    looked = said = monotonic()
    with session:
        while not state.live.closed:
            began = monotonic()
            if began - looked > AGAIN_SECONDS:
                looked = began
                try:
                    await run_in_threadpool(_again, request, cameras)
                except ProblemError:
                    return
            for tile in tiles:
                if session.withdrawn:
                    return
                told = await run_in_threadpool(
                    tile.look, state.frames, state.live_masks, detections
                )
                if told:
                    said = monotonic()
                    yield told
            if monotonic() - said > ALIVE_SECONDS:
                said = monotonic()
                yield part(ALIVE)
            await asyncio.sleep(max(0.05, began + EVERY_SECONDS - monotonic()))


def _insist(request: Request, cameras: Sequence[str]) -> None:
    """Raises ProblemError (404) where one is none that who asks may see."""
    insist(here(request, configured(request)), cameras)


def _again(request: Request, cameras: Sequence[str]) -> None:
    """Raises ProblemError where nothing more may be shown."""
    _insist(request, cameras)
    _note(request, cameras)


def _note(request: Request, cameras: Sequence[str]) -> None:
    """That somebody sees them; raises ProblemError where that can be kept nowhere."""
    one, recorder = asked(request), recorder_of(request)
    try:
        for camera in cameras:
            one.subject = camera
            recorder.note(one.entry("done"))
    except UnrecordedError:
        raise unshown() from None
