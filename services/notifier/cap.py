"""An alert as a message of the Common Alerting Protocol 1.2 (OASIS, 1 July 2010). Pure.

In both languages, one ``info`` each. What is not live has the status ``Exercise``, says so in its
note, and begins every headline with the mark; a test of a channel has the status ``Test``.
"""

from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from services.alerts import kinds
from services.alerts.words import CITY_TIME, Language
from services.notifier.templates import EXERCISE, TEST
from streams.events import MINUTE, Micros, from_datetime, to_datetime
from streams.kinds.registry import UnknownKindError, find
from streams.visible import line
from streams.words import Words

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
SENDER_NAME = "CityOps"
EXPIRES: Micros = 60 * MINUTE
"""After which a message that nothing has followed is to be taken for over."""
RADIUS_KM = 0.2
"""Of the circle around a place: cameras and sensors look no further."""
SPOKEN = "cityops:spoken"
"""Name of the parameter that has what a loudspeaker says."""
Scope = Literal["Public", "Restricted"]
_LANGUAGES: tuple[tuple[Language, str], ...] = (("vi", "vi-VN"), ("en", "en-US"))
_NONE_IN_XML = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}
"""Beside what ``line`` writes out (XML 1.0, 2.2)."""
_OVER = Words("đã hết", "is over")


def sender_of(base: str) -> str:
    """Who sends, by the console's address; no blank, comma, ``<`` or ``&`` (CAP 3.2.1)."""
    return f"cityops@{urlsplit(base).hostname or 'localhost'}"


def identifier_of(alert: str, version: int) -> str:
    return f"cityops-{alert}-{version}"


def write(data: dict[str, Any], sender: str, scope: Scope, spoken: str = "") -> bytes:
    """Args:
    data: of one alert, as ``services.notifier.templates.data_of`` has it.
    spoken: what is to be read out, in Vietnamese; empty: nothing is.
    """
    issue = data["issue"]
    root = Element("alert", xmlns=NAMESPACE)
    status = "Test" if data["test"] else "Exercise" if data["exercise"] else "Actual"
    _add(root, "identifier", identifier(data))
    _add(root, "sender", sender)
    _add(root, "sent", _time(issue["sent"]))
    _add(root, "status", status)
    _add(root, "msgType", issue["type"])
    _add(root, "source", data["source"] or SENDER_NAME)
    _add(root, "scope", scope)
    if scope == "Restricted":
        _add(root, "restriction", "Whom CityOps was told to tell; not for the public")
    if status == "Exercise":
        _add(root, "note", f"{EXERCISE.vi} / {EXERCISE.en}")
    if issue["references"]:
        known = [
            f"{sender},{identifier_of(data['alert'], version)},{_time(sent)}"
            for version, sent in issue["references"]
        ]
        _add(root, "references", " ".join(known))
    for language, code in _LANGUAGES:
        said = spoken if language == "vi" else ""
        _info(SubElement(root, "info"), data, language, code, said)
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def headline(data: dict[str, Any], language: Language) -> str:
    """With its mark, and whether it is over."""
    mark = TEST if data["test"] else EXERCISE if data["exercise"] else None
    said = str(data[f"headline_{language}"])
    if data["issue"]["type"] == "Cancel":
        said += f" ({_say(_OVER, language)})"
    return said if mark is None else f"[{_say(mark, language)}] {said}"


def identifier(data: dict[str, Any]) -> str:
    """Of a test its key, as it is about no alert; of what stands for several, too."""
    if data["test"] or data["flood"]:
        return f"cityops-{data['key']}"
    return identifier_of(data["alert"], data["issue"]["version"])


def _info(info: Element, data: dict[str, Any], language: Language, code: str, spoken: str) -> None:
    issue = data["issue"]
    over = issue["type"] == "Cancel"
    kind = kinds.of(data["kind"])
    _add(info, "language", code)
    _add(info, "category", _category(data["kind"]))
    _add(info, "event", data[f"kind_{language}"] or SENDER_NAME)
    if over:
        _add(info, "responseType", "AllClear")
    _add(info, "urgency", kinds.urgency(data["severity"], not over))
    _add(info, "severity", kinds.cap_severity(data["severity"]))
    _add(info, "certainty", kind.certainty)
    _add(info, "onset", _time(data["time"]))
    if not over:
        _add(info, "expires", _local(_micros(issue["sent"]) + EXPIRES))
    _add(info, "senderName", SENDER_NAME)
    _add(info, "headline", headline(data, language))
    if why := data[f"why_{language}"]:
        _add(info, "description", why)
    if not data["test"]:
        _add(info, "web", data["link"])
    for name in ("origin", "severity", "count"):
        _pair(info, "parameter", f"cityops:{name}", str(data[name]))
    if spoken:
        _pair(info, "parameter", SPOKEN, spoken)
    area = SubElement(info, "area")
    wards = ", ".join(data["wards"])
    _add(area, "areaDesc", " · ".join(filter(None, (data[f"place_{language}"], wards))) or "-")
    if data["outline"]:
        corners = (f"{latitude:.6f},{longitude:.6f}" for latitude, longitude in data["outline"])
        _add(area, "polygon", " ".join(corners))
    elif data["location"]:
        latitude, longitude = data["location"]
        _add(area, "circle", f"{latitude:.6f},{longitude:.6f} {RADIUS_KM}")
    for ward in data["wards"]:
        _pair(area, "geocode", "cityops:ward", ward)


def _category(kind: str) -> str:
    try:
        return find(kind).cap_category
    except UnknownKindError:
        return "Other"


def _pair(parent: Element, tag: str, name: str, value: str) -> None:
    one = SubElement(parent, tag)
    _add(one, "valueName", name)
    _add(one, "value", value)


def safe(text: str) -> str:
    """On one line, with what cannot be seen, or not be in XML, written out."""
    return line(text).translate(_NONE_IN_XML)


def _add(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = safe(text)


def _micros(time: str) -> Micros:
    """Of RFC 3339."""
    return from_datetime(datetime.fromisoformat(time))


def _time(time: str) -> str:
    return _local(_micros(time))


def _local(time: Micros) -> str:
    """With the city's offset: CAP allows no ``Z`` and no fractions (3.3.2)."""
    return to_datetime(time).astimezone(CITY_TIME).isoformat(timespec="seconds")


def _say(words: Words, language: Language) -> str:
    return words.vi if language == "vi" else words.en
