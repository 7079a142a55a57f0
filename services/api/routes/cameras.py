"""``/api/cameras/{id}/picture``: what a camera sees now."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.api.auth import may
from services.api.newest import NewestFrames
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from streams.events import BadMessage, to_rfc3339

router = APIRouter(tags=["sources"], prefix="/api/cameras")

_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "JPEG; `X-Frame-Time` says when it was taken, `X-Frame-Origin` whether by"
        " a real camera",
        "content": {"image/jpeg": {}},
    },
    304: {"description": "There is no newer one than `If-None-Match` names"},
}


@router.get(
    "/{id}/picture",
    response_class=Response,
    dependencies=[may(Permission.PICTURES_READ)],
    responses={**_PICTURE, **answers(401, 404)},
)
def picture(id: str, request: Request) -> Response:
    """The camera's newest frame, as it sent it. Ask again and again for a live picture."""
    frames: NewestFrames = request.app.state.frames
    try:
        frame = frames.newest(id)
    except BadMessage as bad:
        raise ProblemError(404, "no_picture", f"the picture cannot be read ({bad})") from None
    if frame is None:
        raise ProblemError(404, "no_picture", f"{id} has not sent a picture lately")
    headers = {
        "X-Frame-Time": to_rfc3339(frame.time),
        "X-Frame-Origin": frame.origin,
        "ETag": f'"{frame.sha256[:32]}-{frame.time}"',
        "Cache-Control": "no-store",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(frame.jpeg, media_type="image/jpeg", headers=headers)
