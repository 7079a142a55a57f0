"""What each kind of alert is called, in Smart Data Models, in CAP 1.2 and by people.

Category and subCategory: https://github.com/smart-data-models/dataModel.Alert. Where its lists
have no word the category is ours (``dataQuality``) and the subCategory is left out.
CAP 1.2: urgency, severity and certainty, sections 3.2.2.
"""

import unicodedata
from typing import Literal, NamedTuple

from streams.events import Severity
from streams.kinds.registry import UnknownKindError, find

Urgency = Literal["Immediate", "Expected", "Past"]
CapSeverity = Literal["Extreme", "Severe", "Moderate", "Minor"]
Certainty = Literal["Observed", "Likely", "Possible"]


class AlertKind(NamedTuple):
    """What an alert says of its kind."""

    name_vi: str
    name_en: str
    category: str
    sub_category: str | None
    certainty: Certainty


_CAP: dict[Severity, CapSeverity] = {
    "informational": "Minor",
    "low": "Minor",
    "medium": "Moderate",
    "high": "Severe",
    "critical": "Extreme",
}


def of(kind: str) -> AlertKind:
    """An unknown kind is called by its id, so that nothing is hidden for lack of a name."""
    try:
        found = find(kind)
    except UnknownKindError:
        return AlertKind(kind, kind.replace("_", " "), "other", None, "Possible")
    return AlertKind(*found.name, found.category, found.sub_category, found.certainty)


def cap_severity(severity: Severity) -> CapSeverity:
    return _CAP[severity]


def urgency(severity: Severity, active: bool) -> Urgency:
    """CAP ``Immediate`` asks for action now, ``Expected`` for action soon."""
    if not active:
        return "Past"
    return "Immediate" if severity in ("high", "critical") else "Expected"


def plain(text: str) -> str:
    """Lower case without diacritics, so that ``xe dung`` finds ``Xe dừng``."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))
