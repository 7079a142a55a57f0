"""``/api/alerts/{id}/picture``: the exact frame with what was seen on it, or a sensor's chart."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.alerts import kinds, store
from services.alerts.alert import Alert, fold
from services.alerts.charts import chart
from services.alerts.exhibits import Exhibit
from services.alerts.pictures import Caption, render
from services.alerts.words import Language
from services.api.auth import may, pool_of
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from streams.events import BadMessage, Origin

router = APIRouter(tags=["alerts"], prefix="/api/alerts")

_BADGES: dict[tuple[Origin, Language], str] = {
    ("recorded", "vi"): "BẢN GHI",
    ("recorded", "en"): "RECORDED",
    ("simulated", "vi"): "MÔ PHỎNG",
    ("simulated", "en"): "SIMULATED",
    ("replayed", "vi"): "PHÁT LẠI",
    ("replayed", "en"): "REPLAYED",
}
_FOREVER = "private, max-age=31536000, immutable"
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "JPEG, or PNG for a chart",
        "content": {"image/jpeg": {}, "image/png": {}},
    }
}


@router.get(
    "/{id}/picture",
    response_class=Response,
    dependencies=[may(Permission.EVIDENCE_READ)],
    responses={**_PICTURE, **answers(401, 404)},
)
def picture(
    id: str,
    request: Request,
    *,
    version: Annotated[
        int | None, Query(ge=1, description="As the alert was then; default: as it is now")
    ] = None,
    exhibit: Annotated[int, Query(ge=0, description="Which of the occurrence's exhibits")] = 0,
    raw: Annotated[bool, Query(description="The camera's own bytes, nothing drawn")] = False,
    lang: Annotated[Language, Query(description="Of what is written on the picture")] = "vi",
    below: Annotated[bool, Query(description="What, where, when and model below it")] = True,
) -> Response:
    """The evidence: boxes, zone, model and time drawn on the very frame they belong to."""
    with pool_of(request).connection() as connection, connection.transaction():
        alert = store.get(connection, id)
        if version is not None:
            if version > alert.version:
                raise ProblemError(404, "no_version", f"the alert is at version {alert.version}")
            alert = fold(line.transition for line in store.history(connection, id, version))
        if exhibit >= len(alert.evidence):
            raise ProblemError(404, "no_evidence", "the alert has no such evidence")
        shown = alert.evidence[exhibit]
        jpeg = store.picture(connection, shown.frame.sha256) if shown.frame else None
    if shown.frame is None and not raw:
        return _chart(alert, shown, lang, below=below)
    if jpeg is None:
        why = shown.missing or ("pruned: kept no longer" if shown.frame else "not a camera's")
        raise ProblemError(404, "no_picture", f"there is no picture ({why})")
    headers = {"Cache-Control": _FOREVER if version else "private, no-cache"}
    if not raw:
        try:
            jpeg = render(jpeg, shown, caption(alert, shown, lang), below=below)
        except BadMessage as bad:
            raise ProblemError(404, "no_picture", f"the picture cannot be read ({bad})") from None
    return Response(jpeg, media_type="image/jpeg", headers=headers)


def _chart(alert: Alert, shown: Exhibit, lang: Language, *, below: bool) -> Response:
    try:
        image = chart(shown, caption(alert, shown, lang), below=below)
    except ValueError as error:
        raise ProblemError(404, "no_picture", str(error)) from None
    return Response(image, media_type="image/png", headers={"Cache-Control": "private, no-cache"})


def caption(alert: Alert, shown: Exhibit, lang: Language) -> Caption:
    """What stands below a picture."""
    kind, names = kinds.of(alert.kind), alert.names
    if lang == "vi":
        what, where, zone = kind.name_vi, names.source_vi, names.zone_vi
    else:
        what, where, zone = kind.name_en, names.source_en, names.zone_en
    title = f"{what} — {where or alert.source}" + (f" · {zone}" if zone else "")
    model = " ".join(part for part in (shown.model_name, shown.model_version) if part)
    return Caption(title, _BADGES.get((alert.origin, lang), ""), shown.time, model, lang)
