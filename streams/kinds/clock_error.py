"""Devices whose clock is wrong, or whose readings take so long that it looks so."""

from streams.control import KnownSource
from streams.events import NOWHERE, SECOND, Incident, Micros
from streams.incidents.life import declare
from streams.kinds.kind import Kind, Watches
from streams.words import Words


def wrong(sources: tuple[KnownSource, ...], off: Micros, since: Micros, time: Micros) -> Incident:
    """Revision 0 of an incident about the sources' clocks.

    Args:
        sources: those of one gateway that are wrong by the same amount; at least one.
        off: by how much; positive: ahead.
        since: event time when it began.
        time: when it was decided.
    """
    first = sources[0]
    subject = f"{round(off / SECOND):+d} s"
    return declare(
        KIND.id,
        tuple(source.id for source in sources),
        subject,
        start=since,
        time=time,
        severity="low",
        origin=first.origin,
        place=None if first.place == NOWHERE else first.place,
    )


KIND = Kind(
    id="clock_error",
    name=Words("Đồng hồ thiết bị sai", "Clock error"),
    category="dataQuality",
    cap_category="Infra",
    certainty="Likely",
    watches=Watches.SYSTEM,
    parameters={},
    why=Words(
        "Thời gian trong số liệu lệch {subject} so với lúc nhận được.",
        "The times of its readings differ by {subject} from when they arrive.",
    ),
    cause=Words(
        "Đồng hồ thiết bị chạy sai; nếu là số âm, cũng có thể do đường truyền chậm.",
        "A wrong clock in the device; where it is behind, also a slow link.",
    ),
    consequence=Words(
        "Số liệu được xét muộn, hoặc không được xét.",
        "Its readings are judged late, or not at all.",
    ),
    response=Words(
        "Chỉnh đồng hồ thiết bị hoặc tủ điều khiển (NTP); kiểm tra đường truyền.",
        "Set the clock of the device or its gateway (NTP); check the link.",
    ),
    raises=None,
    quiet=None,
)
