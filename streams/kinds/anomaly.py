"""Readings that the feed's model finds unusual for their source."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.scorer import NOT_SCORED
from streams.events import Rule
from streams.kinds.kind import Kind, Parameter, Watches
from streams.kinds.scenario import CALM, Measured, Scenario
from streams.sensors.judgement import Judgement, Need
from streams.sensors.windows import Views
from streams.words import Words

MOST_READINGS = 1e6
"""Of rules that were accepted before there were bounds."""


def anomaly(kind: Kind, rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:  # noqa: ARG001
    """``readings`` in a row that reach ``score``; ends with ``readings_clear`` in a row below."""
    scored = scores != NOT_SCORED
    return Judgement(
        scored & (scores >= round(kind.within(rule, "score", 1.0) * 1000)),
        scored & (scores < round(kind.within(rule, "score_clear", 1.0) * 1000)),
        Need(0, round(kind.within(rule, "readings", MOST_READINGS))),
        Need(0, round(kind.within(rule, "readings_clear", MOST_READINGS))),
    )


def _contradiction(values: Mapping[str, float]) -> str | None:
    # Scores are thousandths.
    if round(values["score_clear"] * 1000) > round(values["score"] * 1000):
        return "score_clear is above score: it would end while it is proven"
    return None


KIND = Kind(
    id="anomaly",
    name=Words("Giao thông bất thường", "Unusual traffic"),
    category="traffic",
    cap_category="Transport",
    certainty="Possible",
    watches=Watches.READINGS,
    by_model=True,
    proof="felt",
    judge_readings=anomaly,
    parameters={
        "score": Parameter(
            0.7, "", Words("điểm bất thường từ", "how unusual it must be"), least=0.001, most=1
        ),
        "score_clear": Parameter(
            0.5,
            "",
            Words("dưới điểm này là bình thường", "below this it is usual"),
            least=0.001,
            most=1,
        ),
        "readings": Parameter(
            3.0,
            "",
            Words("bao nhiêu lần liền", "readings in a row"),
            least=1,
            most=1000,
            whole=True,
        ),
        "readings_clear": Parameter(
            12.0,
            "",
            Words("bao nhiêu lần liền thì hết", "in a row before it ends"),
            least=1,
            most=1000,
            whole=True,
        ),
    },
    contradiction=_contradiction,
    why=Words(
        "{readings} số đo liên tiếp có điểm bất thường từ {score} trở lên.",
        "{readings} readings in a row were unusual by {score} or more.",
    ),
    cause=Words(
        "Sự cố chưa thấy, cảm biến lệch hoặc sự kiện.",
        "An incident not seen yet, a drifting sensor, or an event.",
    ),
    consequence=Words("Sự cố bị phát hiện muộn.", "An incident is found late."),
    response=Words(
        "Xem biểu đồ và camera gần nhất; nếu cảm biến sai, báo kỹ thuật.",
        "Look at the chart and the nearest camera; if the sensor is wrong, tell the technicians.",
    ),
    raises=Scenario(
        480,
        measured=(
            Measured(360, CALM),
            Measured(480, (("flow", 60.0), ("occupancy", 90.0), ("speed", 2.0))),
        ),
    ),
    quiet=Scenario(480, measured=(Measured(480, CALM),)),
)
