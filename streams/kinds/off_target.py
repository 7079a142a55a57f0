"""A period of an indicator has ended and missed its target, or how things stand misses it."""

from streams.events import Incident, Micros, Origin
from streams.incidents.life import declare
from streams.indicators.words import said, subject
from streams.kinds.kind import Kind, Watches
from streams.words import Words


def missed(
    name: str, value: int, start: Micros, time: Micros, origin: Origin, *, apart: str = ""
) -> Incident:
    """An indicator is off its target since ``start``, found at ``time``.

    Args:
        value: in thousandths of its unit.
        apart: tells it from that of another origin, where there is one.
    """
    return declare(
        KIND.id,
        (f"indicator/{name}",),
        subject(name, value),
        start=start,
        time=time,
        severity="medium",
        origin=origin,
        apart=apart,
    )


KIND = Kind(
    id="off_target",
    name=Words("Chỉ số không đạt mục tiêu", "Indicator off target"),
    category="anomaly",
    cap_category="Other",
    certainty="Observed",
    watches=Watches.SYSTEM,
    parameters={},
    why=Words("Kết quả: {subject}.", "It has come to: {subject}."),
    subject_of=said,
    cause=Words(
        "Đơn vị phụ trách chưa đạt, hoặc số liệu gửi về sai hay thiếu.",
        "The unit that answers for it is behind, or what is delivered is wrong or lacking.",
    ),
    consequence=Words(
        "Mục tiêu của kỳ không đạt nếu không ai xử lý.",
        "The target is missed unless somebody acts.",
    ),
    response=Words(
        "Xem trang Chỉ số: kỳ nào, nguồn nào; báo đơn vị phụ trách.",
        "Look at the page Indicators: which period, which sources; tell the unit responsible.",
    ),
    raises=None,
    quiet=None,
)
