"""``/api/cap``: alerts as messages of CAP 1.2, and an Atom feed of these."""

from itertools import groupby
from typing import Annotated, Any
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import APIRouter, Query, Request, Response

from services.alerts import rationale, store
from services.alerts.area import Area, Shown, seen_by
from services.alerts.facts import facts_of
from services.alerts.issued import Issue, newest
from services.alerts.outlines import Outline, outline_of
from services.api import listing
from services.api.areas import area_of
from services.api.auth import may, pool_of
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.routes.alerts import full_id, of_area
from services.notifier import cap
from services.notifier.templates import Line, data_of
from streams.events import to_rfc3339
from streams.settings import Settings

router = APIRouter(tags=["alerts"], prefix="/api/cap")

ATOM = "application/atom+xml"
NAMESPACE = "http://www.w3.org/2005/Atom"
MOST = 200
_FEED: dict[int | str, dict[str, Any]] = {
    200: {"description": "Atom (RFC 4287)", "content": {ATOM: {}}}
}
_MESSAGE: dict[int | str, dict[str, Any]] = {
    200: {"description": "CAP 1.2", "content": {cap.MEDIA_TYPE: {}}}
}


@router.get(
    "",
    response_class=Response,
    dependencies=[may(Permission.ALERTS_READ)],
    responses={**_FEED, **answers(401, 422)},
)
def cap_feed(
    request: Request,
    wanted: listing.Asked,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> Response:
    """A feed of the newest message about each alert, the latest first.

    `Alert` when it begins, `Update` when it changes, `Cancel` when it is over, each with what it
    takes the place of. What is not live has the status `Exercise`.
    """
    base = _base(request)
    with pool_of(request).connection() as connection:
        page = listing.page(connection, wanted, "latest", limit, None)
        issues = {
            alert: newest(lines)
            for alert, lines in groupby(
                store.histories(connection, list(page.stored)),
                key=lambda line: line.transition.alert,
            )
        }
    found = []
    for alert in map(store.decode_alert, page.stored.values()):
        issue, seen = issues.get(alert.id), seen_by(alert, wanted.area)
        if issue is not None and seen is not None:
            found.append(_data(seen, issue, base, wanted.area))
    return Response(_feed(found, base), media_type=ATOM)


@router.get(
    "/{id}",
    response_class=Response,
    dependencies=[may(Permission.ALERTS_READ)],
    responses={**_MESSAGE, **answers(401, 404, 409)},
)
def cap_message(id: str, request: Request) -> Response:
    """The newest message about an alert; a beginning of its id is enough."""
    base, area = _base(request), area_of(request)
    with pool_of(request).connection() as connection, connection.transaction():
        alert, seen = of_area(connection, full_id(connection, id, area), area)
        issue = newest(store.history(connection, alert.id, alert.version))
        why = rationale.of_facts(connection, facts_of(alert)) if seen.own else None
        outline = outline_of(connection, alert.source) if seen.own else ()
    if issue is None:
        raise ProblemError(404, "no_message", "it was over before anybody could be told of it")
    data = _data(seen, issue, base, area, outline) | {
        "why_vi": why and why.vi,
        "why_en": why and why.en,
    }
    message = cap.write(data, cap.sender_of(base), "Restricted")
    return Response(message, media_type=cap.MEDIA_TYPE)


def _base(request: Request) -> str:
    settings: Settings = request.app.state.settings
    return (settings.public_url or settings.api).rstrip("/")


def _data(
    seen: Shown, issue: Issue, base: str, area: Area, outline: Outline = ()
) -> dict[str, Any]:
    facts = facts_of(seen.alert)
    line = Line("", facts, not seen.own, None, 0, False, issue, within=area, outline=outline)
    return data_of(line, base, exercise=facts.origin != "live")


def _feed(found: list[dict[str, Any]], base: str) -> bytes:
    root = Element("feed", xmlns=NAMESPACE)
    _add(root, "id", f"{base}/api/cap")
    _add(root, "title", "CityOps")
    _add(root, "updated", max((one["issue"]["sent"] for one in found), default=to_rfc3339(0)))
    _add(SubElement(root, "author"), "name", cap.SENDER_NAME)
    SubElement(root, "link", rel="self", type=ATOM, href=f"{base}/api/cap")
    for one in found:
        entry, href = SubElement(root, "entry"), f"{base}/api/cap/{one['alert']}"
        _add(entry, "id", f"urn:cityops:{cap.identifier(one)}")
        _add(entry, "title", cap.headline(one, "vi"))
        _add(entry, "summary", cap.headline(one, "en"))
        _add(entry, "updated", one["issue"]["sent"])
        SubElement(entry, "link", rel="alternate", type=cap.MEDIA_TYPE, href=href)
        SubElement(entry, "category", term=one["issue"]["type"])
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _add(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = cap.safe(text)
