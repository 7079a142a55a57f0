"""A camera of whose pictures a part is missing."""

from streams.kinds.kind import Kind, Watches, always
from streams.words import Words

KIND = Kind(
    id="camera_damaged",
    name=Words("Hình camera hỏng", "Camera pictures damaged"),
    category="dataQuality",
    cap_category="Infra",
    certainty="Observed",
    watches=Watches.SYSTEM,
    down=always,
    explained=always,
    verdicts=frozenset({"damaged"}),
    parameters={},
    why=Words(
        "Một phần ảnh bị mất trong 20 s.",
        "A part of its pictures has been missing for 20 s.",
    ),
    cause=Words(
        "Mất gói trên đường truyền, hoặc hỏng bộ mã hóa.",
        "Packets that are lost on the way, or a broken encoder.",
    ),
    consequence=Words(
        "Không ai thấy sự cố ở đó; ảnh không được xét.",
        "Nobody sees what happens there: its pictures are not judged.",
    ),
    response=Words(
        "Kiểm tra đường truyền; giảm độ phân giải hoặc dùng TCP.",
        "Check the link; lower the resolution, or use TCP.",
    ),
    raises=None,
    quiet=None,
)
