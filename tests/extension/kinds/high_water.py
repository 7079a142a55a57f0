"""A made-up kind in a folder of its own: water above a level, as a city might add it."""

import numpy as np
from numpy.typing import NDArray

from streams.events import Rule
from streams.kinds.kind import Kind, Parameter, Watches
from streams.kinds.scenario import Measured, Scenario
from streams.sensors.judgement import Judgement, Need
from streams.sensors.windows import Views
from streams.words import Words


def high_water(kind: Kind, rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:
    level = views.metric("level")[:, -1]
    return Judgement(
        level > kind.value(rule, "level_above"),
        level < kind.value(rule, "level_clear"),
        Need(kind.span(rule, "hold_seconds"), 1),
        Need(0, 1),
    )


KIND = Kind(
    id="high_water",
    name=Words("Nước vượt báo động", "High water"),
    category="naturalDisaster",
    cap_category="Met",
    certainty="Observed",
    watches=Watches.READINGS,
    needs=("level",),
    shows="level",
    judge_readings=high_water,
    parameters={
        "level_above": Parameter(3.0, "m", Words("mức báo động", "the alarm level"), most=20),
        "level_clear": Parameter(2.8, "m", Words("mức an toàn", "the safe level"), most=20),
        "hold_seconds": Parameter(10, "s", Words("kéo dài", "for how long"), most=3600),
    },
    why=Words("Mực nước vượt {level_above} m.", "The water is above {level_above} m."),
    cause=Words("Mưa lớn hoặc triều cường.", "Heavy rain, or a spring tide."),
    consequence=Words("Ngập đường.", "Flooded roads."),
    response=Words("Chặn đường, bơm nước.", "Close the road, pump."),
    raises=Scenario(120, measured=(Measured(120, (("level", 3.5),)),)),
    quiet=Scenario(120, measured=(Measured(120, (("level", 1.5),)),)),
)
