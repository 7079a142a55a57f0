"""A camera into which the sun or a lamp shines."""

from streams.kinds.kind import Kind, Watches
from streams.words import Words

KIND = Kind(
    id="camera_blinded",
    name=Words("Camera bị lóa", "Camera blinded"),
    category="dataQuality",
    cap_category="Infra",
    certainty="Likely",
    watches=Watches.SYSTEM,
    verdicts=frozenset({"blinded"}),
    parameters={},
    why=Words(
        "Quá nửa ảnh bị trắng xóa trong 20 s.",
        "More than half of its picture has been white for 20 s.",
    ),
    cause=Words(
        "Mặt trời thấp, đèn pha hoặc đèn chiếu vào ống kính.",
        "A low sun, headlights or a lamp that points into the lens.",
    ),
    consequence=Words(
        "Không ai thấy sự cố ở đó; ảnh không được xét.",
        "Nobody sees what happens there: its pictures are not judged.",
    ),
    response=Words(
        "Dùng camera bên cạnh; nếu lặp lại, chỉnh hướng hoặc lắp che nắng.",
        "Use the camera next to it; if it comes again, turn it or fit a sunshade.",
    ),
    raises=None,
    quiet=None,
)
