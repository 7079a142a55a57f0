"""A period of an indicator is about to miss its target, as far as can be told before it ends."""

from streams.events import Incident, Micros, Origin
from streams.incidents.life import declare
from streams.indicators.words import said, subject
from streams.kinds.kind import Kind, Watches
from streams.words import Words


def foreseen(
    name: str, value: int, start: Micros, time: Micros, origin: Origin, *, apart: str = ""
) -> Incident:
    """The period that began at ``start`` will miss the target, found at ``time``.

    Args:
        value: the best that it is to come to, in thousandths of its unit.
        apart: tells it from that of another origin, where there is one.
    """
    return declare(
        KIND.id,
        (f"indicator/{name}",),
        subject(name, value),
        start=start,
        time=time,
        severity="low",
        origin=origin,
        apart=f"{apart}/{time}",
    )


KIND = Kind(
    id="likely_off_target",
    name=Words("Chỉ số có nguy cơ không đạt", "Indicator likely off target"),
    category="anomaly",
    cap_category="Other",
    certainty="Likely",
    watches=Watches.SYSTEM,
    parameters={},
    why=Words(
        "Cuối kỳ nhiều nhất cũng chỉ đạt: {subject}.",
        "At the period's end at best: {subject}.",
    ),
    subject_of=said,
    cause=Words(
        "Kết quả đến nay kém hơn mức thường thấy của các kỳ trước.",
        "It has come to less until now than is usual.",
    ),
    consequence=Words(
        "Kỳ này sẽ không đạt mục tiêu nếu không thay đổi.",
        "This period will miss the target unless something changes.",
    ),
    response=Words(
        "Báo đơn vị phụ trách khi còn thời gian; xem trang Chỉ số.",
        "Tell the unit responsible while there is time; see the page Indicators.",
    ),
    raises=None,
    quiet=None,
)
