"""What each kind of alert is called, in Smart Data Models, in CAP 1.2 and by people.

Category and subCategory: https://github.com/smart-data-models/dataModel.Alert. Where its lists
have no word the category is ours (``dataQuality``) and the subCategory is left out.
CAP 1.2: urgency, severity and certainty, sections 3.2.2.
"""

import unicodedata
from typing import Literal, NamedTuple

from streams.events import Severity

Urgency = Literal["Immediate", "Expected", "Past"]
CapSeverity = Literal["Extreme", "Severe", "Moderate", "Minor"]
Certainty = Literal["Observed", "Likely", "Possible"]


class Kind(NamedTuple):
    name_vi: str
    name_en: str
    category: str
    sub_category: str | None
    certainty: Certainty


KINDS: dict[str, Kind] = {
    "stopped_vehicle": Kind(
        "Xe dừng trên làn", "Stopped vehicle", "traffic", "carStopped", "Observed"
    ),
    "crowd": Kind("Tụ tập đông người", "Crowd", "security", "crowdRisk", "Observed"),
    "intrusion": Kind("Xâm nhập vùng cấm", "Intrusion", "security", "suspiciousAction", "Observed"),
    "congestion": Kind("Ùn tắc giao thông", "Congestion", "traffic", "trafficJam", "Likely"),
    "anomaly": Kind("Giao thông bất thường", "Unusual traffic", "traffic", None, "Possible"),
    "silence": Kind("Nguồn mất tín hiệu", "Source silent", "dataQuality", None, "Observed"),
    "data_loss": Kind("Mất dữ liệu", "Data lost", "dataQuality", None, "Observed"),
}  # fmt: skip

SEVERITIES: tuple[Severity, ...] = ("informational", "low", "medium", "high", "critical")
"""From least to most; the index is the rank that lists are ordered by."""
_CAP: dict[Severity, CapSeverity] = {
    "informational": "Minor",
    "low": "Minor",
    "medium": "Moderate",
    "high": "Severe",
    "critical": "Extreme",
}


def of(kind: str) -> Kind:
    """A kind that is not known keeps its own word, so that nothing is hidden for want of one."""
    return KINDS.get(kind) or Kind(kind, kind.replace("_", " "), "other", None, "Possible")


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
