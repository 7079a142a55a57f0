"""Several metrics of one source are each where alone they may be, and together may not."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from models.measured import measured
from streams.events import Rule
from streams.kinds.high_value import FARTHEST, HELD, WHICH, held
from streams.kinds.kind import Kind, Parameter, Watches
from streams.kinds.scenario import CALM, Measured, Scenario
from streams.sensors.judgement import Judgement
from streams.sensors.spans import newest
from streams.sensors.windows import Views, kept
from streams.words import Words

NOBODY = 0.0
"""What the third metric is where there are two."""
FIRST, SECOND, THIRD = "", "second_", "third_"


def _taken(values: Mapping[str, float]) -> Iterator[str]:
    """Before the names of the parameters of each metric."""
    yield from (FIRST, SECOND)
    if values["third_metric"] != NOBODY:
        yield THIRD


def values_together(kind: Kind, rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:  # noqa: ARG001
    """All in their ranges prove it; one beyond its range by its deadband clears it."""
    n = len(views.slot)
    told, all_in, one_out = np.ones(n, np.bool_), np.ones(n, np.bool_), np.zeros(n, np.bool_)
    span = kind.span(rule, "together_seconds")
    for each in _taken(kind.values(rule)):
        name = kind.metric_of(rule, views.metrics, each + "metric")
        value = newest(views.times, views.metric(name), span)
        low, high, band = (kind.value(rule, each + said) for said in ("low", "high", "deadband"))
        told &= measured(value)
        all_in &= (value >= kept(low)) & (value <= kept(high))
        one_out |= (value < kept(low - band)) | (value > kept(high + band))
    return Judgement(told & all_in, told & one_out, *held(kind, rule), told)


def _contradiction(values: Mapping[str, float]) -> str | None:
    used = list(_taken(values))
    for each in used:
        if values[each + "low"] > values[each + "high"]:
            return f"{each}low is above {each}high: no value lies between"
    if len({values[each + "metric"] for each in used}) < len(used):
        return "a metric is named twice: give each once"
    return None


def _range(before: str) -> dict[str, Parameter]:
    return {
        f"{before}low": Parameter(
            100.0,
            "",
            Words("từ giá trị này", "from this value"),
            least=-FARTHEST,
            most=FARTHEST,
        ),
        f"{before}high": Parameter(
            FARTHEST,
            "",
            Words("đến giá trị này", "to this value"),
            least=-FARTHEST,
            most=FARTHEST,
        ),
        f"{before}deadband": Parameter(
            0.0,
            "",
            Words("phải ra ngoài khoảng bao nhiêu thì hết", "how far beyond before it ends"),
            most=FARTHEST,
        ),
    }


_STORY = (("high", 1000.0), ("second_low", 50.0))

KIND = Kind(
    id="values_together",
    name=Words("Nhiều giá trị cùng bất thường", "Values that go together ill"),
    category="environment",
    cap_category="Other",
    certainty="Observed",
    watches=Watches.READINGS,
    judge_readings=values_together,
    parameters={
        "metric": WHICH,
        **_range(FIRST),
        "second_metric": Parameter(
            2.0,
            "",
            Words("đại lượng thứ hai là thứ mấy", "which metric is the second, from 1"),
            least=1,
            most=100,
            whole=True,
        ),
        **_range(SECOND),
        "third_metric": Parameter(
            NOBODY,
            "",
            Words("đại lượng thứ ba là thứ mấy, 0: không có", "which is the third, 0: none"),
            most=100,
            whole=True,
        ),
        **_range(THIRD),
        "together_seconds": Parameter(
            0.0,
            "s",
            Words(
                "giá trị cũ không quá bao lâu vẫn tính, 0: cùng một lần đo",
                "how old a value may be, 0: all of one reading",
            ),
            most=86_400,
            windowed=True,
        ),
        **HELD,
    },
    contradiction=_contradiction,
    why=Words(
        "Đại lượng thứ {metric} từ {low} đến {high}, cùng lúc đại lượng thứ {second_metric}"
        " từ {second_low} đến {second_high}.",
        "Metric {metric} is from {low} to {high} while metric {second_metric}"
        " is from {second_low} to {second_high}.",
    ),
    cause=Words(
        "Tình trạng mà riêng từng giá trị không cho thấy.",
        "A condition that no value shows by itself.",
    ),
    consequence=Words(
        "Không cảnh báo theo một giới hạn nào phát hiện được.",
        "No alarm of a single limit finds it.",
    ),
    response=Words(
        "Xem từng đại lượng của nguồn này; xử lý theo quy tắc đã đặt.",
        "Look at each metric of the source; act as the rule's author meant it.",
    ),
    raises=Scenario(
        120,
        measured=(Measured(120, (("flow", 300.0), ("occupancy", 80.0), ("speed", 5.0))),),
        parameters=_STORY,
    ),
    quiet=Scenario(120, measured=(Measured(120, CALM),), parameters=_STORY),
)
