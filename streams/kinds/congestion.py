"""A jam: slow and dense traffic over a sensor."""

import numpy as np
from numpy.typing import NDArray

from models.measured import NOT_MEASURED, measured
from streams.events import Micros, Rule
from streams.kinds.kind import Kind, Parameter, Watches
from streams.kinds.scenario import CALM, Measured, Scenario
from streams.sensors.judgement import Judgement, Need
from streams.sensors.windows import Views
from streams.words import Words


def congestion(kind: Kind, rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:  # noqa: ARG001
    """Means over ``smooth_seconds``, for ``hold_seconds``; where nothing moves the speed is 0.

    What is not measured compares false: without an occupancy a reading proves nothing.
    """
    speed, occupancy = smoothed(views, kind.span(rule, "smooth_seconds"))
    crawls = ~measured(speed) | (speed < kind.value(rule, "speed_below"))
    return Judgement(
        crawls & (occupancy > kind.value(rule, "occupancy_above")),
        (speed > kind.value(rule, "speed_clear"))
        | (occupancy < kind.value(rule, "occupancy_clear")),
        Need(kind.span(rule, "hold_seconds"), 1),
        Need(kind.span(rule, "clear_seconds"), 1),
        # Where nothing moves there is no speed.
        tells=views.has("occupancy"),
    )


def smoothed(views: Views, span: Micros) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(speed, occupancy) [n] over the readings of the last ``span``.

    Speed is weighted by flow, which makes it the mean of vehicles; NOT_MEASURED where none passed.
    """
    now = views.times[:, -1:]
    recent = views.times > now - max(span, 1)
    flow, speed, occupancy = (views.metric(name) for name in ("flow", "speed", "occupancy"))
    moving = recent & measured(speed)
    # A loop that measures no flow still has a mean speed; one vehicle is the least that passed.
    weight = np.where(moving, np.where(measured(flow), np.maximum(flow, 1.0), 1.0), 0.0)
    present = recent & measured(occupancy)
    return (
        _mean(np.where(moving, speed, 0.0) * weight, weight),
        _mean(np.where(present, occupancy, 0.0), present.astype(np.float64)),
    )


def _mean(summed: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row by row, oldest first: a fixed order of additions gives the same bits everywhere."""
    top, bottom = _sum(summed), _sum(weight)
    return np.where(bottom > 0, top / np.maximum(bottom, 1e-9), NOT_MEASURED)


def _sum(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row; column by column takes less than half of what ``accumulate`` does."""
    first, *rest = np.ascontiguousarray(array.T)
    total: NDArray[np.float64] = first.copy()
    for column in rest:
        total += column
    return total


KIND = Kind(
    id="congestion",
    name=Words("Ùn tắc giao thông", "Congestion"),
    category="traffic",
    sub_category="trafficJam",
    cap_category="Transport",
    certainty="Likely",
    watches=Watches.READINGS,
    needs=("occupancy", "speed"),
    shows="occupancy",
    proof="felt",
    judge_readings=congestion,
    parameters={
        "speed_below": Parameter(
            15.0, "km/h", Words("chậm hơn là ùn", "slower is a jam"), least=0.1, most=200
        ),
        "speed_clear": Parameter(
            20.0, "km/h", Words("nhanh hơn là thông", "faster is free"), most=299.9
        ),
        "occupancy_above": Parameter(
            30.0, "%", Words("dày hơn là ùn", "denser is a jam"), most=99.9
        ),
        "occupancy_clear": Parameter(
            20.0, "%", Words("thưa hơn là thông", "thinner is free"), least=0.1, most=100
        ),
        "smooth_seconds": Parameter(
            30.0,
            "s",
            Words("lấy trung bình trong", "means are over"),
            most=120,
            windowed=True,
        ),
        "hold_seconds": Parameter(
            30.0, "s", Words("phải ùn bao lâu", "how long it must hold"), most=7200
        ),
        "clear_seconds": Parameter(
            60.0,
            "s",
            Words("thông bao lâu thì kết thúc", "how long free before it ends"),
            most=7200,
        ),
    },
    why=Words(
        "Tốc độ dưới {speed_below} km/h, độ chiếm dụng trên {occupancy_above} % suốt"
        " {hold_seconds} s.",
        "Speed below {speed_below} km/h, occupancy above {occupancy_above} % for {hold_seconds} s.",
    ),
    cause=Words(
        "Quá tải giờ cao điểm, sự cố hoặc đèn hỏng.", "Peak load, an incident, or a failed signal."
    ),
    consequence=Words("Chậm trễ, xe ưu tiên bị kẹt.", "Delay; emergency vehicles are held up."),
    response=Words(
        "Tìm nguyên nhân ở camera gần nhất, điều chỉnh đèn, phân luồng.",
        "Look for the cause on the nearest camera, change signal plans, divert.",
    ),
    raises=Scenario(
        180,
        measured=(Measured(180, (("flow", 400.0), ("occupancy", 60.0), ("speed", 5.0))),),
    ),
    quiet=Scenario(
        180,
        measured=(Measured(180, CALM),),
    ),
)
