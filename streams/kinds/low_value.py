"""What a sensor measures is below a limit that somebody has set: a low alarm (ISA-18.2)."""

import numpy as np
from numpy.typing import NDArray

from streams.events import Incident, Rule
from streams.feeds.registry import tells_service, tells_supply
from streams.kinds.high_value import held, measured_by, parameters
from streams.kinds.kind import Kind, Watches
from streams.kinds.scenario import CALM, Measured, Scenario
from streams.sensors.judgement import Judgement
from streams.sensors.windows import Views, kept
from streams.words import Words


def low_value(kind: Kind, rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:  # noqa: ARG001
    value, name = measured_by(kind, rule, views)
    limit, band = kind.value(rule, "limit"), kind.value(rule, "deadband")
    return Judgement(
        value < kept(limit), value > kept(limit + band), *held(kind, rule), views.has(name)
    )


def out_of_service(incident: Incident) -> bool:
    """Whether what is too low says whether its source works at all."""
    return any(tells_service(proof.metric) for proof in incident.evidence)


def follows(incident: Incident) -> bool:
    """Whether it may be so because what its source depends on is down."""
    return out_of_service(incident) or any(
        tells_supply(proof.metric) for proof in incident.evidence
    )


KIND = Kind(
    id="low_value",
    name=Words("Giá trị thấp", "Low value"),
    category="environment",
    cap_category="Other",
    certainty="Observed",
    down=out_of_service,
    explained=follows,
    watches=Watches.READINGS,
    judge_readings=low_value,
    beyond="below",
    parameters=parameters(100.0, Words("thấp hơn là vượt", "below it is too low")),
    why=Words(
        "Giá trị đo được thấp hơn {limit} trong {hold_seconds} s.",
        "What was measured is below {limit} for {hold_seconds} s.",
    ),
    why_at_once=Words("Giá trị đo được thấp hơn {limit}.", "What was measured is below {limit}."),
    cause=Words(
        "Điều kiện thực tế dưới giới hạn, hoặc cảm biến sai.",
        "What is measured is under its limit, or the sensor is wrong.",
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
        120, measured=(Measured(120, (("flow", 20.0), ("occupancy", 1.0), ("speed", 45.0))),)
    ),
    quiet=Scenario(
        120,
        measured=(Measured(120, CALM),),
    ),
)
