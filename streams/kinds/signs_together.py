"""Incidents of several kinds, at one place and nearly at one time, are more than each by itself."""

from collections.abc import Sequence

from streams.events import Incident, Micros, Severity
from streams.incidents.life import declare
from streams.kinds.combination import written
from streams.kinds.kind import Kind, Watches
from streams.words import Words


def all_there(name: str, parts: Sequence[Incident], severity: Severity, time: Micros) -> Incident:
    """They are: since the last of them began.

    Args:
        name: of the combination.
        parts: in the order of its signs; at least one, all of one origin.
    """
    return declare(
        KIND.id,
        tuple(dict.fromkeys(source for one in parts for source in one.sources)),
        name,
        start=max(one.start for one in parts),
        time=time,
        severity=severity,
        origin=parts[0].origin,
        place=parts[0].place,
        apart="/".join(one.id for one in parts),
    )


def _said(name: str) -> Words:
    found = written().get(name)
    return found.name.words if found else Words(name, name)


KIND = Kind(
    id="signs_together",
    name=Words("Nhiều dấu hiệu cùng lúc", "Several signs together"),
    category="anomaly",
    cap_category="Other",
    certainty="Likely",
    watches=Watches.SYSTEM,
    parameters={},
    why=Words("Cùng lúc, cùng nơi: {subject}.", "At one time and place: {subject}."),
    subject_of=_said,
    cause=Words(
        "Các dấu hiệu có chung một nguyên nhân, hoặc dấu hiệu này gây ra dấu hiệu kia.",
        "All of it has one cause, or one of it leads to the other.",
    ),
    consequence=Words(
        "Nặng hơn từng dấu hiệu riêng lẻ.", "It is worse than each of it would be alone."
    ),
    response=Words(
        "Xem từng sự cố của các nguồn này; xử lý theo quy trình của tổ hợp.",
        "Look at each incident of these sources; do what was agreed for them together.",
    ),
    raises=None,
    quiet=None,
)
