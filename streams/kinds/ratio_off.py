"""Of what one metric counts, another counts too large or too small a part: a ratio is off."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.measured import NOT_MEASURED, measured
from streams.events import Rule
from streams.feeds.registry import counts_up
from streams.kinds.high_value import FARTHEST, HELD, WHICH, held
from streams.kinds.kind import METRIC, Kind, Parameter, Watches
from streams.kinds.scenario import CALM, Measured, Scenario
from streams.sensors.judgement import Judgement
from streams.sensors.spans import summed
from streams.sensors.windows import Views
from streams.words import Words


def ratio_off(kind: Kind, rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:  # noqa: ARG001
    """Where next to nothing was counted in all, the ratio says nothing."""
    part, whole = (kind.metric_of(rule, views.metrics, name) for name in (METRIC, "of_metric"))
    one, all_ = views.metric(part), views.metric(whole)
    both = measured(one) & measured(all_)
    span = kind.span(rule, "within_seconds")
    counted = [
        summed(views.times, np.where(both, values, NOT_MEASURED), span, counter=counts_up(name))
        for name, values in ((part, one), (whole, all_))
    ]
    told = views.has(part) & views.has(whole) & (counted[1] >= kind.value(rule, "least_count"))
    ratio = counted[0] / np.where(told, counted[1], 1.0)
    low, high = kind.value(rule, "low"), kind.value(rule, "high")
    band = kind.value(rule, "deadband")
    return Judgement(
        told & ((ratio < low) | (ratio > high)),
        told & (ratio >= low + band) & (ratio <= high - band),
        *held(kind, rule),
        told,
    )


def _contradiction(values: Mapping[str, float]) -> str | None:
    if values["low"] + values["deadband"] > values["high"] - values["deadband"]:
        return "low and high are no further apart than their deadbands: it would never end"
    if values[METRIC] == values["of_metric"]:
        return "of_metric is metric: give two"
    return None


_STORY = (("high", 0.5), ("metric", 2.0), ("of_metric", 1.0), ("within_seconds", 60.0))

KIND = Kind(
    id="ratio_off",
    name=Words("Tỷ lệ ngoài giới hạn", "Ratio off its limits"),
    category="environment",
    cap_category="Other",
    certainty="Observed",
    watches=Watches.READINGS,
    judge_readings=ratio_off,
    parameters={
        "low": Parameter(
            0.0, "", Words("tỷ lệ thấp hơn là vượt", "a ratio below it is too low"), most=FARTHEST
        ),
        "high": Parameter(
            1.0, "", Words("tỷ lệ cao hơn là vượt", "a ratio above it is too high"), most=FARTHEST
        ),
        "deadband": Parameter(
            0.0,
            "",
            Words("phải lùi vào trong bao nhiêu thì hết", "how far inside before it ends"),
            most=FARTHEST,
        ),
        "within_seconds": Parameter(
            3600.0,
            "s",
            Words("đếm trong khoảng thời gian bao lâu", "in which time it is counted"),
            least=1,
            most=30 * 86_400,
            windowed=True,
        ),
        "least_count": Parameter(
            1.0,
            "",
            Words("tổng ít hơn thì tỷ lệ không nói gì", "of fewer in all a ratio says nothing"),
            least=1e-9,
            most=FARTHEST,
        ),
        "metric": WHICH,
        "of_metric": Parameter(
            2.0,
            "",
            Words("trên tổng của đại lượng thứ mấy", "the metric that counts all, from 1"),
            least=1,
            most=100,
            whole=True,
        ),
        **HELD,
    },
    contradiction=_contradiction,
    why=Words(
        "Trong {within_seconds} s, tỷ lệ giữa đại lượng thứ {metric} và thứ {of_metric}"
        " ra ngoài khoảng {low} đến {high}.",
        "In {within_seconds} s the ratio of metric {metric} to metric {of_metric}"
        " was not from {low} to {high}.",
    ),
    cause=Words(
        "Việc đến nhanh hơn việc xong, lỗi tăng, hoặc một trong hai bộ đếm sai.",
        "More comes in than is done, more fails, or one of the two counts is wrong.",
    ),
    consequence=Words(
        "Tồn đọng hoặc lỗi tăng dù từng con số vẫn trông bình thường.",
        "What is left, or what fails, grows while each number by itself looks right.",
    ),
    response=Words(
        "Xem hai bộ đếm từ lúc nào lệch nhau; báo đơn vị phụ trách.",
        "See since when the two counts go apart; tell the unit responsible.",
    ),
    raises=Scenario(
        120,
        measured=(Measured(120, (("flow", 20.0), ("occupancy", 90.0), ("speed", 5.0))),),
        parameters=_STORY,
    ),
    quiet=Scenario(120, measured=(Measured(120, CALM),), parameters=_STORY),
)
