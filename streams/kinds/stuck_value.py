"""A sensor goes on to say the same where what it measures varies: it is stuck."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.events import Rule
from streams.kinds.high_value import FARTHEST, WHICH
from streams.kinds.kind import LONGEST, Kind, Parameter, Watches
from streams.kinds.scenario import CALM, Measured, Scenario
from streams.sensors.judgement import Judgement, Need
from streams.sensors.windows import Views, kept
from streams.words import Words

VARIES, SAME = 1, 2
SINGLE = 2.0**-23
"""Of a value, as windows keep it: 20.2 - 20.1 is a little more than 0.1."""


class Rest(msgspec.Struct, frozen=True, array_like=True):
    """Between what values a series has been since it last moved."""

    metric: float
    low: float
    high: float


_read = msgspec.msgpack.Decoder(Rest).decode
_write = msgspec.msgpack.Encoder().encode


def follow(
    kind: Kind,
    rule: Rule,
    times: NDArray[np.int64],  # noqa: ARG001
    values: NDArray[np.float64],
    memory: bytes,
) -> tuple[bytes, NDArray[np.uint16]]:
    """All values since it moved lie within the tolerance: one that creeps is not stuck."""
    metric = kind.value(rule, "metric")
    tolerance, rests = kind.value(rule, "tolerance"), kept(kind.value(rule, "rests_to"))
    rest = _read(memory) if memory else None
    if rest is None or rest.metric != metric:
        rest = None
    said = np.full(len(values), VARIES, np.uint16)
    for row, value in enumerate(values.tolist()):
        if rest is not None:
            low, high = min(rest.low, value), max(rest.high, value)
            inexact = SINGLE * max(abs(low), abs(high)) if tolerance else 0.0
            if high - low <= tolerance + inexact:
                rest = Rest(metric, low, high)
                said[row] = SAME if value > rests else VARIES
                continue
        rest = Rest(metric, value, value)
    return b"" if rest is None else _write(rest), said


def stuck_value(kind: Kind, rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:
    """``scores``: what ``follow`` says."""
    told = views.has(kind.metric_of(rule, views.metrics))
    readings = round(kind.within(rule, "readings", 1e6))
    return Judgement(
        told & (scores == SAME),
        told & (scores == VARIES),
        # The first of them is as the one before it.
        Need(kind.span(rule, "hold_seconds"), max(1, readings - 1)),
        Need(0, 1),
        told,
    )


def _wavering(seconds: int) -> tuple[Measured, ...]:
    return tuple(
        Measured(until, (("flow", 900.0 + until % 2), ("occupancy", 12.0), ("speed", 45.0)))
        for until in range(5, seconds + 5, 5)
    )


KIND = Kind(
    id="stuck_value",
    name=Words("Giá trị đứng yên", "Stuck value"),
    category="dataQuality",
    cap_category="Infra",
    certainty="Likely",
    watches=Watches.READINGS,
    judge_readings=stuck_value,
    follows=follow,
    parameters={
        "hold_seconds": Parameter(
            3600.0,
            "s",
            Words("giá trị không đổi bao lâu", "how long the value stays the same"),
            most=LONGEST / 1_000_000,
        ),
        "readings": Parameter(
            6.0,
            "",
            Words("ít nhất bao nhiêu lần đo như nhau", "so many readings alike at least"),
            least=2,
            most=1000,
            whole=True,
        ),
        "tolerance": Parameter(
            0.0,
            "",
            Words("lệch nhau không quá bao nhiêu là như nhau", "so far apart they are alike"),
            most=FARTHEST,
        ),
        "rests_to": Parameter(
            -FARTHEST,
            "",
            Words(
                "từ giá trị này trở xuống được đứng yên (ví dụ 0 khi không mưa)",
                "at or below this it may stay the same (as 0 where it does not rain)",
            ),
            least=-FARTHEST,
            most=FARTHEST,
        ),
        "metric": WHICH,
    },
    why=Words(
        "Giá trị không đổi trong {hold_seconds} s, qua ít nhất {readings} lần đo.",
        "The value has not changed for {hold_seconds} s, in {readings} readings or more.",
    ),
    cause=Words(
        "Cảm biến kẹt, bẩn hoặc hỏng; bộ chuyển đổi lặp lại giá trị cuối.",
        "A sensor that is stuck, dirty or broken; a converter that repeats its last value.",
    ),
    consequence=Words(
        "Giá trị trông hợp lệ nhưng không còn đúng: luật và chỉ số dựa trên nó sai.",
        "The values look right and are not: rules and indicators that rest on them are wrong.",
    ),
    response=Words(
        "Đối chiếu cảm biến gần đó; khởi động lại hoặc thay cảm biến; báo kỹ thuật.",
        "Compare with sensors nearby; restart or replace it; tell the technicians.",
    ),
    raises=Scenario(
        180,
        measured=(Measured(180, CALM),),
        parameters=(("hold_seconds", 60.0),),
    ),
    quiet=Scenario(120, measured=_wavering(120), parameters=(("hold_seconds", 60.0),)),
)
