"""What the parts of the system say of the values that they have taken does not add up."""

import msgspec

from streams.events import Incident, Micros
from streams.incidents.life import declare
from streams.kinds.kind import Kind, Watches
from streams.words import Words


def differ(place: str, subject: str, start: Micros, time: Micros, who: str) -> Incident:
    """It begins and ends at once: a difference is told once.

    Args:
        place: the partition, as ``topic/number``.
        subject: by how much, and where.
        start: event time when it still added up.
        time: when it was found.
        who: the stage whose accounts they are.
    """
    begun = declare(KIND.id, (place,), subject, start=start, time=time, severity="high", apart=who)
    return msgspec.structs.replace(begun, end=time)


KIND = Kind(
    id="accounts_differ",
    name=Words("Số liệu không khớp", "Accounts do not add up"),
    category="dataQuality",
    cap_category="Infra",
    certainty="Observed",
    watches=Watches.SYSTEM,
    replayed=False,  # of what is stored, which a replay does not do
    parameters={},
    why=Words(
        "Số giá trị đã gửi và số đã lưu khác nhau: {subject} (số âm: quá nhiều).",
        "More or fewer values were stored than were sent on: {subject} (negative: too many).",
    ),
    cause=Words(
        "Thông điệp bị mất hoặc lưu hai lần, hoặc lỗi của chính hệ thống.",
        "Messages that were lost or stored twice, or a defect of the system itself.",
    ),
    consequence=Words(
        "Lịch sử của các giờ đó thiếu giá trị, hoặc có giá trị lặp.",
        "The history of these hours lacks values, or has some twice.",
    ),
    response=Words(
        "Chạy 'cityops status --accounts'; giữ lại nhật ký và báo cho người phát triển.",
        "Run 'cityops status --accounts'; keep the logs and tell the developers.",
    ),
    raises=None,
    quiet=None,
)
