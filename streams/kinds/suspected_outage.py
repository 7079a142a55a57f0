"""What does not report, and takes most of what depends on it down with it: no proof."""

from collections.abc import Sequence

from streams.events import SEVERITIES, Incident, Micros
from streams.incidents.life import declare
from streams.kinds.kind import Kind, Watches, always
from streams.words import Words


def suspect(asset: str, down: Sequence[Incident], of: int, time: Micros) -> Incident:
    """The asset is suspected, by what depends on it.

    Args:
        down: incidents of those that went down together; at least one, all of one origin.
        of: how many there are that would be known to be down.
    """
    return declare(
        KIND.id,
        (asset,),
        f"{len({one.sources[0] for one in down})}/{of}",
        start=min(one.start for one in down),
        time=time,
        severity=max((one.severity for one in down), key=SEVERITIES.index),
        origin=down[0].origin,
        # The same share may go down together once more, and some of it without a break.
        apart=str(time),
    )


def _share(subject: str) -> Words:
    """``7/9`` in words."""
    few, all_ = (*subject.split("/"), "?")[:2]
    return Words(f"{few} trên {all_}", f"{few} of {all_}")


KIND = Kind(
    id="suspected_outage",
    name=Words("Nghi mất điện hoặc mất kết nối", "Suspected outage"),
    category="dataQuality",
    cap_category="Infra",
    certainty="Likely",
    watches=Watches.SYSTEM,
    down=always,
    explained=always,
    parameters={},
    why=Words(
        "{subject} thiết bị phụ thuộc vào đây hỏng cùng lúc; bản thân nó không gửi dữ liệu.",
        "{subject} of what depends on it went down together; it sends no data itself.",
    ),
    subject_of=_share,
    cause=Words(
        "Mất điện, đứt cáp, hỏng tủ, đầu ghi hoặc bộ chuyển mạch.",
        "No power, a cut cable, a broken cabinet, recorder or switch.",
    ),
    consequence=Words(
        "Không ai thấy những gì phụ thuộc vào nó.", "What depends on it is not seen or heard."
    ),
    response=Words(
        "Kiểm tra thiết bị này trước; xem danh sách hệ quả để biết phạm vi.",
        "Look at this first; its consequences say how far it goes.",
    ),
    raises=None,
    quiet=None,
)
