"""A thing says of itself, or the system that watches it says, that it does not work."""

import numpy as np
from numpy.typing import NDArray

from streams.events import Rule
from streams.kinds.high_value import HELD, WHICH, held, measured_by
from streams.kinds.kind import Kind, Watches, always
from streams.kinds.scenario import CALM, Measured, Scenario
from streams.sensors.judgement import Judgement
from streams.sensors.windows import Views
from streams.words import Words

HALF = 0.5
"""Between 0, it does not work, and 1."""


def not_in_service(kind: Kind, rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:  # noqa: ARG001
    value, name = measured_by(kind, rule, views)
    return Judgement(value < HALF, value > HALF, *held(kind, rule), views.has(name))


KIND = Kind(
    id="not_in_service",
    name=Words("Ngừng hoạt động", "Not in service"),
    category="other",
    cap_category="Infra",
    certainty="Observed",
    watches=Watches.READINGS,
    judge_readings=not_in_service,
    down=always,
    explained=always,
    parameters={"metric": WHICH, **HELD},
    why=Words(
        "Thiết bị được báo là không hoạt động trong {hold_seconds} s.",
        "It was said not to work for {hold_seconds} s.",
    ),
    why_at_once=Words("Thiết bị được báo là không hoạt động.", "It was said not to work."),
    cause=Words(
        "Mất điện, đứt đường truyền, hỏng thiết bị, hoặc đang bảo trì.",
        "No power, no line, a broken device, or work on it.",
    ),
    consequence=Words(
        "Những gì phụ thuộc vào nó cũng ngừng: xem hệ quả.",
        "What depends on it stops as well: see the consequences.",
    ),
    response=Words(
        "Xem nó phụ thuộc vào gì; báo đơn vị quản lý.",
        "See on what it depends; tell its owner.",
    ),
    raises=Scenario(120, measured=(Measured(120, (("flow", 0.0), ("occupancy", 0.0))),)),
    quiet=Scenario(120, measured=(Measured(120, CALM),)),
)
