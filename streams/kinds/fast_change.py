"""What a sensor measures changes faster than what it measures can: a rate-of-change alarm."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.measured import NOT_MEASURED
from streams.events import Rule
from streams.feeds.registry import counts_up
from streams.kinds.high_value import FARTHEST, HELD, WHICH, held
from streams.kinds.kind import Kind, Parameter, Watches
from streams.kinds.scenario import CALM, Measured, Scenario
from streams.sensors.judgement import Judgement
from streams.sensors.spans import moved, reached
from streams.sensors.windows import Views, grain
from streams.words import Words


def fast_change(kind: Kind, rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:  # noqa: ARG001
    name = kind.metric_of(rule, views.metrics)
    span = kind.span(rule, "within_seconds")
    rise, fall = moved(views.times, views.metric(name), span, counter=counts_up(name))
    side = kind.value(rule, "side")
    most = np.maximum(rise if side >= 0 else 0.0, fall if side <= 0 else 0.0)
    change, band = kind.value(rule, "change"), kind.value(rule, "deadband")
    told = views.has(name)
    # Of 2.3 and 2.6 windows keep what lies a little more than 0.3 apart, which is not beyond it.
    off = grain(np.where(reached(views.times, span), views.metric(name), NOT_MEASURED))
    # What does not change at all is back, however coarsely windows keep it.
    beyond, back = most >= change + off, most <= np.maximum(change - band - off, 0.0)
    return Judgement(told & beyond, told & back, *held(kind, rule), told)


def _contradiction(values: Mapping[str, float]) -> str | None:
    if values["deadband"] >= values["change"]:
        return "deadband is not below change: it would never end"
    return None


KIND = Kind(
    id="fast_change",
    name=Words("Thay đổi quá nhanh", "Changes too fast"),
    category="environment",
    cap_category="Other",
    certainty="Observed",
    watches=Watches.READINGS,
    judge_readings=fast_change,
    parameters={
        "change": Parameter(
            100.0,
            "",
            Words("thay đổi nhiều hơn là quá nhanh", "a change beyond it is too fast"),
            least=1e-9,
            most=FARTHEST,
        ),
        "within_seconds": Parameter(
            600.0,
            "s",
            Words("trong khoảng thời gian bao lâu", "in which time"),
            least=1,
            most=30 * 86_400,
            windowed=True,
        ),
        "side": Parameter(
            0.0,
            "",
            Words("1 chỉ tăng, -1 chỉ giảm, 0 cả hai", "1 rises only, -1 falls only, 0 both"),
            least=-1,
            most=1,
            whole=True,
        ),
        "deadband": Parameter(
            0.0,
            "",
            Words("phải lùi khỏi giới hạn bao nhiêu thì hết", "how far back before it ends"),
            most=FARTHEST,
        ),
        "metric": WHICH,
        **HELD,
    },
    contradiction=_contradiction,
    why=Words(
        "Giá trị đo được thay đổi hơn {change} trong {within_seconds} s.",
        "What was measured changed by more than {change} in {within_seconds} s.",
    ),
    cause=Words(
        "Điều kiện đổi đột ngột (vỡ, tràn, cắt), hoặc cảm biến nhảy giá trị.",
        "A sudden change (a burst, a flood, a cut), or a sensor whose value jumps.",
    ),
    consequence=Words(
        "Giới hạn có thể bị vượt sớm hơn mọi cảnh báo theo mức.",
        "A limit may be passed sooner than any alarm of a level gives time for.",
    ),
    response=Words(
        "Xem biểu đồ: thay đổi thật hay một giá trị nhảy; đối chiếu cảm biến gần đó.",
        "See by the chart whether it changes or one value jumps; compare with sensors nearby.",
    ),
    raises=Scenario(
        120,
        measured=(
            Measured(60, CALM),
            Measured(120, (("flow", 1500.0), ("occupancy", 12.0), ("speed", 45.0))),
        ),
        parameters=(("within_seconds", 60.0),),
    ),
    quiet=Scenario(120, measured=(Measured(120, CALM),)),
)
