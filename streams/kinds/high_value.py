"""What a sensor measures is above a limit that somebody has set: a high alarm (ISA-18.2)."""

import numpy as np
from numpy.typing import NDArray

from streams.events import Rule
from streams.kinds.kind import Kind, Parameter, Watches
from streams.kinds.scenario import CALM, Measured, Scenario
from streams.sensors.judgement import Judgement, Need
from streams.sensors.windows import Views, kept
from streams.words import Words

FARTHEST = 1e9
"""No limit lies farther from 0."""


WHICH = Parameter(
    1.0,
    "",
    Words("đại lượng thứ mấy của nguồn cấp", "which of the feed's metrics, from 1"),
    least=1,
    most=100,
    whole=True,
)
"""The metric that a rule watches."""


HELD = {
    "hold_seconds": Parameter(
        0.0, "s", Words("phải kéo dài bao lâu", "how long it must hold"), most=86_400
    ),
    "clear_seconds": Parameter(
        0.0, "s", Words("hết bao lâu thì kết thúc", "how long before it ends"), most=86_400
    ),
}
"""How long what a rule watches must hold to begin, and to end."""


def measured_by(kind: Kind, rule: Rule, views: Views) -> tuple[NDArray[np.float64], str]:
    """[n] of the metric that the rule watches, and its name; nothing where the feed has fewer."""
    name = kind.metric_of(rule, views.metrics)
    return views.metric(name)[:, -1], name


def held(kind: Kind, rule: Rule) -> tuple[Need, Need]:
    """How long it must hold to begin, and to end."""
    return (
        Need(kind.span(rule, "hold_seconds"), 1),
        Need(kind.span(rule, "clear_seconds"), 1),
    )


def high_value(kind: Kind, rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:  # noqa: ARG001
    value, name = measured_by(kind, rule, views)
    limit, band = kind.value(rule, "limit"), kind.value(rule, "deadband")
    return Judgement(
        value > kept(limit), value < kept(limit - band), *held(kind, rule), views.has(name)
    )


def parameters(limit: float, beyond: Words) -> dict[str, Parameter]:
    """Those that kinds of limits have in common."""
    return {
        "limit": Parameter(limit, "", beyond, least=-FARTHEST, most=FARTHEST),
        "deadband": Parameter(
            0.0,
            "",
            Words("phải lùi khỏi giới hạn bao nhiêu thì hết", "how far back before it ends"),
            most=FARTHEST,
        ),
        "metric": WHICH,
        **HELD,
    }


KIND = Kind(
    id="high_value",
    name=Words("Giá trị cao", "High value"),
    category="environment",
    cap_category="Other",
    certainty="Observed",
    watches=Watches.READINGS,
    judge_readings=high_value,
    beyond="above",
    parameters=parameters(1000.0, Words("cao hơn là vượt", "above it is too high")),
    why=Words(
        "Giá trị đo được cao hơn {limit} trong {hold_seconds} s.",
        "What was measured is above {limit} for {hold_seconds} s.",
    ),
    why_at_once=Words("Giá trị đo được cao hơn {limit}.", "What was measured is above {limit}."),
    cause=Words(
        "Điều kiện thực tế vượt giới hạn, hoặc cảm biến sai.",
        "What is measured is beyond its limit, or the sensor is wrong.",
    ),
    consequence=Words(
        "Tùy đại lượng: xem quy tắc đã đặt giới hạn.",
        "It depends on what is measured: see the rule that sets the limit.",
    ),
    response=Words(
        "Xem biểu đồ, đối chiếu cảm biến gần đó, rồi xử lý tại chỗ.",
        "Look at the chart, compare with sensors nearby, then act on site.",
    ),
    raises=Scenario(
        120,
        measured=(Measured(120, (("flow", 1500.0), ("occupancy", 12.0), ("speed", 45.0))),),
    ),
    quiet=Scenario(
        120,
        measured=(Measured(120, CALM),),
    ),
)
