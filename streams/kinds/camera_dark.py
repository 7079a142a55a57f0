"""A camera that sees no light, or only what is right before its lens."""

from streams.kinds.kind import Kind, Watches, always
from streams.words import Words

KIND = Kind(
    id="camera_dark",
    name=Words("Camera bị che hoặc tối", "Camera dark or covered"),
    category="dataQuality",
    cap_category="Infra",
    certainty="Likely",
    watches=Watches.SYSTEM,
    down=always,
    explained=always,
    verdicts=frozenset({"dark", "covered"}),
    parameters={},
    why=Words(
        "Ảnh của camera tối đen trong 20 s.",
        "Its pictures have shown no light for 20 s.",
    ),
    why_of={
        "covered": Words(
            "Ảnh của camera chỉ có màu mờ, không thấy cảnh, trong 20 s.",
            "Its pictures have shown a blur, and nothing of its view, for 20 s.",
        )
    },
    cause_of={
        "covered": Words(
            "Ống kính bị che, bị sơn, bám bẩn hoặc mất nét.",
            "A lens that is covered, painted, dirty or out of focus.",
        )
    },
    cause=Words(
        "Ống kính bị che, bị sơn hoặc bám bẩn; mất đèn; hỏng cảm biến.",
        "A lens that is covered, painted or dirty; no light; a broken sensor.",
    ),
    consequence=Words(
        "Không ai thấy sự cố ở đó; ảnh không được xét.",
        "Nobody sees what happens there: its pictures are not judged.",
    ),
    response=Words(
        "Xem ảnh tốt cuối cùng, cử người kiểm tra ống kính và đèn.",
        "Look at the last good picture; send somebody to lens and lights.",
    ),
    raises=None,
    quiet=None,
)
