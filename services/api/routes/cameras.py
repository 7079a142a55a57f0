"""``/api/cameras/{id}/picture``: what a camera sees now."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.api import small
from services.api.areas import here
from services.api.auth import may
from services.api.known import insist
from services.api.live_masks import LiveMasks
from services.api.newest import NewestFrames
from services.api.originals import JPEG, Reasoned, see
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.routes.sources import configured
from services.privacy.keys import Place
from services.privacy.masker import MASKED
from streams.events import BadMessage, Frame, to_rfc3339

router = APIRouter(tags=["sources"], prefix="/api/cameras")

_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "JPEG, or WebP where a width is asked for; `X-Frame-Time` says when it was"
        " taken, `X-Frame-Origin` whether by a real camera, `X-Picture-Masked` is `parts` where"
        " people and number plates are covered, else why the whole picture is",
        "content": {"image/jpeg": {}, "image/webp": {}},
    },
    304: {"description": "There is no newer one than `If-None-Match` names"},
}


@router.post(
    "/{id}/original",
    response_class=Response,
    dependencies=[may(Permission.PICTURES_ORIGINAL)],
    responses={**JPEG, **answers(401, 403, 404, 422)},
)
def original(id: str, body: Reasoned, request: Request) -> Response:
    """The camera's newest frame as it sent it, nobody masked; who saw it, and why, is kept."""
    frame = _newest(id, request)
    place = Place(frame.camera, frame.time, frame.sha256)
    return see(request, body, place, frame.jpeg)


@router.get(
    "/{id}/picture",
    response_class=Response,
    dependencies=[may(Permission.PICTURES_READ)],
    responses={**_PICTURE, **answers(401, 404)},
)
def picture(
    id: str,
    request: Request,
    width: Annotated[
        int | None,
        Query(
            ge=small.NARROWEST,
            le=small.WIDEST,
            description="For a small tile: WebP, no wider than so many pixels, in few bytes",
        ),
    ] = None,
) -> Response:
    """The camera's newest frame, in which people and number plates are masked. Ask again and again
    for a live picture."""
    frame = _newest(id, request)
    headers = {
        "X-Frame-Time": to_rfc3339(frame.time),
        "X-Frame-Origin": frame.origin,
        "ETag": f'"{frame.sha256[:32]}-{frame.time}-{width or 0}"',
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    live: LiveMasks = request.app.state.live_masks
    try:
        shown = live.shown(frame)
    except BadMessage as bad:
        raise _unread(bad) from None
    headers[MASKED] = shown.said
    if width is None:
        return Response(shown.jpeg, media_type="image/jpeg", headers=headers)
    return Response(small.small(shown.jpeg, width), media_type=small.MEDIA_TYPE, headers=headers)


def _newest(id: str, request: Request) -> Frame:
    """Raises ProblemError where there is none."""
    insist(here(request, configured(request)), [id])
    frames: NewestFrames = request.app.state.frames
    try:
        frame = frames.newest(id)
    except BadMessage as bad:
        raise _unread(bad) from None
    if frame is None:
        raise ProblemError(404, "no_picture", f"{id} has not sent a picture lately")
    return frame


def _unread(bad: BadMessage) -> ProblemError:
    return ProblemError(404, "no_picture", f"the picture cannot be read ({bad})")
