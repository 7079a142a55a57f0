"""Citizens have reported something of a place, and nobody has answered yet."""

import numpy as np
from numpy.typing import NDArray

from streams.events import Incident, Rule
from streams.feeds.registry import tells_supply
from streams.kinds.high_value import HELD, WHICH, held, measured_by
from streams.kinds.kind import Kind, Watches
from streams.kinds.scenario import CALM, Measured, Scenario
from streams.sensors.judgement import Judgement
from streams.sensors.windows import Views
from streams.words import Words

HALF = 0.5
"""Between 0, answered, and 1, reported."""


def citizen_report(kind: Kind, rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:  # noqa: ARG001
    value, name = measured_by(kind, rule, views)
    return Judgement(value > HALF, value < HALF, *held(kind, rule), views.has(name))


def follows(incident: Incident) -> bool:
    """Whether it is reported of what the place gets from something else, as mains."""
    return any(tells_supply(proof.metric) for proof in incident.evidence)


KIND = Kind(
    id="citizen_report",
    name=Words("Phản ánh của người dân", "Citizen's report"),
    category="other",
    cap_category="Other",
    certainty="Possible",
    explained=follows,
    watches=Watches.READINGS,
    judge_readings=citizen_report,
    parameters={"metric": WHICH, **HELD},
    why=Words(
        "Người dân phản ánh về nơi này, và chưa có đơn vị nào trả lời.",
        "Citizens have reported it of this place, and no agency has answered.",
    ),
    cause=Words(
        "Sự việc có thật, hoặc phản ánh nhầm; đối chiếu cảm biến và camera gần đó.",
        "It is so, or the report is wrong; compare with sensors and cameras nearby.",
    ),
    consequence=Words(
        "Người dân chờ trả lời; sự việc có thể nặng hơn.",
        "Citizens wait for an answer; it may become worse.",
    ),
    response=Words(
        "Xác minh, chuyển đơn vị có trách nhiệm, trả lời người dân.",
        "Verify it, pass it to who is responsible, answer the citizen.",
    ),
    raises=Scenario(120, measured=(Measured(120, CALM),)),
    quiet=Scenario(120, measured=(Measured(120, (("flow", 0.0), ("occupancy", 0.0))),)),
)
