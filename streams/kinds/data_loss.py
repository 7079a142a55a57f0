"""Messages that are gone for good before they were taken."""

import msgspec

from streams.events import Incident, Micros
from streams.incidents.life import declare
from streams.kinds.kind import Kind, Watches
from streams.words import Words


def lost(source: str, first: int, last: int, time: Micros, consumer: str = "") -> Incident:
    """It begins and ends at once: there is nothing to wait for.

    Args:
        source: the partition, as ``topic/number``.
        first, last: offsets of what is gone.
        time: how far event time had come.
        consumer: who lost it, where several read the same partition.
    """
    subject = f"{first}-{last}"
    begun = declare(
        KIND.id, (source,), subject, start=time, time=time, severity="high", apart=consumer
    )
    return msgspec.structs.replace(begun, end=time)


KIND = Kind(
    id="data_loss",
    name=Words("Mất dữ liệu", "Data lost"),
    category="dataQuality",
    cap_category="Infra",
    certainty="Observed",
    watches=Watches.SYSTEM,
    replayed=False,  # of a broker and its time: another log has lost something else, or nothing
    parameters={},
    why=Words(
        "Một phần dữ liệu đã bị xoá trước khi được đọc.",
        "Part of the data was deleted before it was read.",
    ),
    cause=Words(
        "Hệ thống dừng lâu hơn thời gian lưu.", "The system stood longer than the data is kept."
    ),
    consequence=Words(
        "Sự cố trong khoảng đó không được phát hiện.", "Incidents in that stretch were not found."
    ),
    response=Words(
        "Xem lại nguồn gốc từ đầu ghi; tăng thời gian lưu.",
        "Look at the recorders of the sources; keep data for longer.",
    ),
    raises=None,
    quiet=None,
)
