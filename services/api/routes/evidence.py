"""``/api/alerts/{id}/picture``: the exact frame, masked, with what was seen on it, or a sensor's
chart; ``/original``: the frame as the camera sent it, for those who may and say why."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response

from services.alerts import kinds, store
from services.alerts.alert import Alert, fold
from services.alerts.area import Area, seen_by
from services.alerts.charts import chart
from services.alerts.exhibits import Exhibit, place_of
from services.alerts.pictures import Caption, render
from services.alerts.rationale import limit_of
from services.alerts.words import Language
from services.api.areas import area_of
from services.api.auth import may, pool_of
from services.api.originals import JPEG, Reasoned, see
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.routes.alerts import of_area
from services.privacy.keys import ErasedError
from services.privacy.masker import MASKED
from services.privacy.vault import Connection, Vault
from streams.events import BadMessage, Origin
from streams.sealing import SealError

router = APIRouter(tags=["alerts"], prefix="/api/alerts")

_BADGES: dict[tuple[Origin, Language], str] = {
    ("recorded", "vi"): "BẢN GHI",
    ("recorded", "en"): "RECORDED",
    ("simulated", "vi"): "MÔ PHỎNG",
    ("simulated", "en"): "SIMULATED",
    ("replayed", "vi"): "PHÁT LẠI",
    ("replayed", "en"): "REPLAYED",
}
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "JPEG, or PNG for a chart; `X-Picture-Masked` is `parts` where people and"
        " number plates are covered, else why the whole picture is",
        "content": {"image/jpeg": {}, "image/png": {}},
    }
}
_UNREADABLE = (ErasedError, SealError, BadMessage)


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
    raw: Annotated[bool, Query(description="Nothing drawn on it")] = False,
    lang: Annotated[Language, Query(description="Of what is written on the picture")] = "vi",
    below: Annotated[bool, Query(description="What, where, when and model below it")] = True,
) -> Response:
    """The evidence: boxes, zone, model and time drawn on the very frame they belong to, in which
    people and number plates are masked."""
    vault: Vault = request.app.state.vault
    with pool_of(request).connection() as connection, connection.transaction():
        alert, shown = _exhibit(connection, id, version, exhibit, area_of(request))
        place = place_of(shown)
        row = vault.find(connection, place) if place else None
        limit = None if place else limit_of(connection, alert, shown.source)
    if place is None and not raw:
        return _chart(alert, shown, lang, limit=limit, below=below)
    try:
        masked = vault.shown(place, row) if place and row else None
    except _UNREADABLE as error:
        raise ProblemError(404, "no_picture", f"there is no picture ({error})") from None
    if masked is None:
        raise _none(shown)
    image = masked.jpeg()
    if not raw:
        image = render(masked, shown, caption(alert, shown, lang), below=below)
    return Response(image, media_type="image/jpeg", headers={MASKED: masked.said})


@router.post(
    "/{id}/original",
    response_class=Response,
    dependencies=[may(Permission.PICTURES_ORIGINAL)],
    responses={**JPEG, **answers(401, 403, 404, 422)},
)
def original(
    id: str,
    body: Reasoned,
    request: Request,
    version: Annotated[
        int | None, Query(ge=1, description="As the alert was then; default: as it is now")
    ] = None,
    exhibit: Annotated[int, Query(ge=0, description="Which of the occurrence's exhibits")] = 0,
) -> Response:
    """The frame as the camera sent it, nobody masked; who saw it, and the reason, is kept."""
    vault: Vault = request.app.state.vault
    with pool_of(request).connection() as connection, connection.transaction():
        _, shown = _exhibit(connection, id, version, exhibit, area_of(request))
        place = place_of(shown)
        row = vault.find(connection, place) if place else None
    try:
        jpeg = vault.original(place, row) if place and row else None
    except _UNREADABLE as error:
        raise ProblemError(404, "no_picture", f"there is no original ({error})") from None
    if jpeg is None or place is None:
        raise _none(shown)
    return see(request, body, place, jpeg)


def _exhibit(
    connection: Connection, id: str, version: int | None, number: int, area: Area
) -> tuple[Alert, Exhibit]:
    """Exhibits are numbered as they are shown to whoever asks."""
    alert, seen = of_area(connection, id, area)
    if version is not None:
        if version > alert.version:
            raise ProblemError(404, "no_version", f"the alert is at version {alert.version}")
        alert = fold(line.transition for line in store.history(connection, id, version))
        seen = seen_by(alert, area) or seen._replace(alert=_without_evidence(alert))
    alert = seen.alert
    if number >= len(alert.evidence):
        raise ProblemError(404, "no_evidence", "the alert has no such evidence")
    return alert, alert.evidence[number]


def _without_evidence(alert: Alert) -> Alert:
    """As it was before anything of it was in somebody's area."""
    return msgspec.structs.replace(alert, evidence=())


def _none(shown: Exhibit) -> ProblemError:
    why = shown.missing or ("erased, or kept no longer" if shown.frame else "not a camera's")
    return ProblemError(404, "no_picture", f"there is no picture ({why})")


def _chart(
    alert: Alert, shown: Exhibit, lang: Language, *, limit: float | None, below: bool
) -> Response:
    try:
        image = chart(shown, caption(alert, shown, lang), limit=limit, below=below)
    except ValueError as error:
        raise ProblemError(404, "no_picture", str(error)) from None
    return Response(image, media_type="image/png")


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
