"""The clock of the machine that publishes ticks is wrong, and not followed."""

import msgspec

from streams.clock import spelled, told
from streams.events import Incident, Micros
from streams.incidents.life import declare
from streams.kinds.kind import Kind, Watches
from streams.words import Words

UNDONE = "event time undone"
"""Subject of an incident about a stretch of event time, not about the clock as it is now."""


def wrong(source: str, ahead: Micros, time: Micros) -> Incident:
    """It lasts until the clock agrees again, or is taken over.

    Args:
        source: the part whose machine it is.
        ahead: by how much the clock is ahead; negative: behind.
        time: event time when that was noticed.
    """
    subject = spelled(ahead)
    return declare(KIND.id, (source,), subject, start=time, time=time, severity="high")


def undone(source: str, since: Micros, until: Micros) -> Incident:
    """Event time was wrong from ``since`` to ``until``, and went back; it is over when it is said.

    What was stamped then keeps its times: this says that they are wrong.
    """
    begun = declare(KIND.id, (source,), UNDONE, start=since, time=until, severity="high")
    return msgspec.structs.replace(begun, end=until)


KIND = Kind(
    id="system_clock",
    name=Words("Đồng hồ máy chủ sai", "System clock wrong"),
    category="dataQuality",
    cap_category="Infra",
    certainty="Observed",
    watches=Watches.SYSTEM,
    replayed=False,  # of the clock of whoever publishes, which no recording has
    parameters={},
    why=Words(
        "Đồng hồ máy chủ bị đặt {subject}, nên không được tin theo.",
        "The machine's clock was set {subject}, and is not followed.",
    ),
    why_of={
        UNDONE: Words(
            "Thời gian sự kiện đã sai và được lùi lại; dữ liệu lúc đó giữ nguyên thời gian sai.",
            "Event time was wrong, and has gone back; what was stamped then keeps its times.",
        )
    },
    response_of={
        UNDONE: Words(
            "Tìm nguyên nhân đồng hồ máy đã sai (NTP, pin CMOS).",
            "Find out why the machine's clock was wrong (NTP, CMOS battery).",
        )
    },
    subject_of=told,
    cause=Words(
        "Máy chủ thời gian (NTP) trả lời sai, pin CMOS hết, hoặc có người chỉnh giờ.",
        "A bad answer of a time server, an empty CMOS battery, or somebody set the clock.",
    ),
    consequence=Words(
        "Thời gian sự kiện vẫn chạy đều; sau thời hạn đã đặt, đồng hồ máy được coi là đúng.",
        "Event time goes on evenly; after the time that is set the clock is taken for right.",
    ),
    response=Words(
        "Sửa đồng hồ máy; nếu đồng hồ đúng, chạy 'cityops clock accept'.",
        "Put the clock right; if it is right, run 'cityops clock accept'.",
    ),
    raises=None,
    quiet=None,
)
