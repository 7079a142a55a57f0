"""A camera that shows another view than the one that its zones are drawn on."""

from streams.kinds.kind import Kind, Watches
from streams.words import Words

KIND = Kind(
    id="camera_moved",
    name=Words("Camera bị xoay lệch", "Camera moved"),
    category="dataQuality",
    cap_category="Infra",
    certainty="Likely",
    watches=Watches.SYSTEM,
    verdicts=frozenset({"moved"}),
    parameters={},
    why=Words(
        "Khung cảnh của camera đã lệch trong 20 s ({subject} trong ảnh).",
        "What it showed has been elsewhere in its pictures for 20 s ({subject}).",
    ),
    why_of={
        "moved": Words(
            "Camera đã nhìn cảnh khác trong 20 s; không còn thấy cảnh cũ trong ảnh.",
            "It has shown another view for 20 s, in which the former one is not to be found.",
        )
    },
    cause=Words(
        "Camera bị xoay, xê dịch, phóng to hay thu nhỏ; hoặc luồng hình của camera khác.",
        "It was turned, pushed aside or zoomed; or its stream is another camera's.",
    ),
    consequence=Words(
        "Các vùng đã vẽ không còn khớp: mọi quy tắc trên camera này không được xét.",
        "Its zones no longer fit: no rule on this camera is judged.",
    ),
    response=Words(
        "So với ảnh tốt cuối cùng; xoay camera về chỗ cũ, hoặc vẽ lại vùng rồi chạy"
        " cityops camera accept-view.",
        "Compare with the last good picture; turn it back, or check and draw its zones anew and run"
        " cityops camera accept-view.",
    ),
    raises=None,
    quiet=None,
)
