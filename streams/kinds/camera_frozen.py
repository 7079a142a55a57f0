"""A camera that sends one picture again and again."""

from streams.kinds.kind import Kind, Watches, always
from streams.words import Words

KIND = Kind(
    id="camera_frozen",
    name=Words("Hình camera đứng", "Camera frozen"),
    category="dataQuality",
    cap_category="Infra",
    certainty="Observed",
    watches=Watches.SYSTEM,
    down=always,
    explained=always,
    verdicts=frozenset({"frozen"}),
    parameters={},
    why=Words(
        "Các ảnh của camera giống hệt nhau trong 20 s.",
        "Its pictures have been the same to the last bit for 20 s.",
    ),
    cause=Words(
        "Camera hoặc đầu ghi bị treo, hoặc luồng hình bị lặp.",
        "The camera or its recorder hangs, or somebody plays a still picture.",
    ),
    consequence=Words(
        "Không ai thấy sự cố ở đó; ảnh không được xét.",
        "Nobody sees what happens there: its pictures are not judged.",
    ),
    response=Words(
        "Khởi động lại camera hoặc đầu ghi; so với ảnh tốt cuối cùng.",
        "Restart the camera or its recorder; compare with the last good picture.",
    ),
    raises=None,
    quiet=None,
)
