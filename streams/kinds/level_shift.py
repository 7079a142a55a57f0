"""The level of what is measured is not what is usual at this hour of this weekday."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.events import HOUR, Micros, Rule
from streams.indicators.indicator import ZONE
from streams.kinds.high_value import FARTHEST, HELD, WHICH, held
from streams.kinds.kind import LONGEST, Kind, Parameter, Watches
from streams.kinds.scenario import Measured, Scenario
from streams.sensors.judgement import Judgement
from streams.sensors.windows import Views
from streams.words import Words
from streams.worktime.file import working_calendar

USUAL, BETWEEN, SHIFTED = 1, 2, 3
"""What a reading is; 0: nobody can tell, as it is not known what is usual then."""
WEEK, DAY = 168, 24
"""Hours."""
_THURSDAY = 3
"""With that weekday weeks begin here, as 1970 did."""
TWICE = 2
"""So often an hour must have been seen before it says what is usual."""
MEMORY = 8
"""Of so many weeks, or days, what is usual is an average."""
CLIP = 3.0
"""In usual distances: further away nothing is learned at once, so an outage is not usual soon."""


class Shape(msgspec.Struct, array_like=True):
    """What is known of one series; no larger however long it is. ``follow`` changes its own."""

    metric: float
    began: Micros
    week: list[float]
    """Mean of each hour of the week, from Thursday 0:00 (1970 began so); holidays are Sundays."""
    week_seen: list[int]
    day: list[float]
    """Of each hour of the day, whatever day it is."""
    day_seen: list[int]
    far: list[float]
    """By hour of the day: how far from what is usual the level comes to be in an hour."""
    far_seen: list[int]
    hour: int = 0
    """The one that is going on, from 1970; 0: none."""
    total: float = 0.0
    number: int = 0
    peak: float = 0.0
    """Of that hour: how far the level was from what is usual, at most."""
    level: float = 0.0
    """How far beyond what is usual it is, smoothed; negative: below."""
    last: Micros = 0


_read = msgspec.msgpack.Decoder(Shape).decode
_write = msgspec.msgpack.Encoder().encode


def _new(metric: float, time: Micros) -> Shape:
    return Shape(
        metric, time, [0.0] * WEEK, [0] * WEEK, *([0.0] * DAY, [0] * DAY, [0.0] * DAY, [0] * DAY)
    )


def follow(
    kind: Kind,
    rule: Rule,
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    memory: bytes,
) -> tuple[bytes, NDArray[np.uint16]]:
    """Basic arithmetic alone, in order: every machine learns the same bits."""
    metric = kind.value(rule, "metric")
    shape = _read(memory) if memory else None
    if shape is None or shape.metric != metric:
        shape = _new(metric, int(times[0]))
    smooth = max(kind.span(rule, "over_seconds"), 1)
    learned = shape.began + kind.span(rule, "learn_seconds")
    clear = kind.within(rule, "clear_share", 100.0) / 100
    said = np.zeros(len(times), np.uint16)
    for row, (time, value) in enumerate(zip(times.tolist(), values.tolist(), strict=True)):
        hour = (time + ZONE) // HOUR
        if hour != shape.hour:
            _learn(shape, kind.value(rule, "difference"))
            shape.hour, shape.total, shape.number, shape.peak = hour, 0.0, 0, 0.0
        shape.total += value
        shape.number += 1
        usual, limit = _usual(shape, time), _limit(kind, rule, shape, hour)
        if usual is None:
            shape.level, shape.last = 0.0, time
            continue
        step = max(time - shape.last, 0)
        beyond = value - min(max(value, usual[0]), usual[1])
        shape.level += step / (smooth + step) * (beyond - shape.level)
        shape.last = time
        away = abs(shape.level)
        shape.peak = max(shape.peak, away)
        if limit is not None and time >= learned:
            said[row] = SHIFTED if away > limit else BETWEEN if away > clear * limit else USUAL
    return _write(shape), said


def _learn(shape: Shape, least: float) -> None:
    """From the hour that is over; nothing at first."""
    if not shape.number:
        return
    mean, hour = shape.total / shape.number, shape.hour
    of_day, of_week = hour % DAY, _of_week(hour)
    most = max(CLIP * shape.far[of_day], least) if shape.far_seen[of_day] >= TWICE else None
    _follow(shape.week, shape.week_seen, of_week, mean, most)
    _follow(shape.day, shape.day_seen, of_day, mean, most)
    if shape.day_seen[of_day] > TWICE:
        _follow(shape.far, shape.far_seen, of_day, shape.peak, most)


def _follow(
    levels: list[float], seen: list[int], at: int, value: float, most: float | None
) -> None:
    step = value - levels[at]
    if most is not None and seen[at]:
        step = min(max(step, -most), most)
    seen[at] = min(seen[at] + 1, MEMORY)
    levels[at] += step / seen[at]


def _usual(shape: Shape, time: Micros) -> tuple[float, float] | None:
    """Between what is known of that hour and of the nearer one beside it: nobody knows how it goes
    from one to the other. None: of neither anything is known."""
    hour = (time + ZONE - HOUR // 2) // HOUR
    known = [one for one in (_of_hour(shape, hour), _of_hour(shape, hour + 1)) if one is not None]
    return (min(known), max(known)) if known else None


def _of_hour(shape: Shape, hour: int) -> float | None:
    of_week = _of_week(hour)
    if shape.week_seen[of_week] >= TWICE:
        return shape.week[of_week]
    return shape.day[hour % DAY] if shape.day_seen[hour % DAY] >= TWICE else None


def _of_week(hour: int) -> int:
    """Which hour of the week it is like: on a public holiday a Sunday's, by the city's calendar."""
    day, of_day = divmod(hour, DAY)
    return (working_calendar().like(day) - _THURSDAY) % 7 * DAY + of_day


def _limit(kind: Kind, rule: Rule, shape: Shape, hour: int) -> float | None:
    """How far from what is usual it may be in that hour; None: that is not known yet."""
    if not shape.far_seen[hour % DAY]:
        return None
    far = kind.within(rule, "factor", 1e6) * shape.far[hour % DAY]
    return max(far, kind.value(rule, "difference"))


def expects(kind: Kind, rule: Rule, memory: bytes, time: Micros) -> tuple[float, float] | None:
    """Between what values it should have been, by what is remembered; None: nobody knows."""
    shape = _read(memory) if memory else None
    if shape is None or shape.metric != kind.value(rule, "metric"):
        return None
    usual, limit = _usual(shape, time), _limit(kind, rule, shape, (time + ZONE) // HOUR)
    return None if usual is None or limit is None else (usual[0] - limit, usual[1] + limit)


def level_shift(kind: Kind, rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:
    """``scores``: what ``follow`` says."""
    told = views.has(kind.metric_of(rule, views.metrics)) & (scores != 0)
    return Judgement(told & (scores == SHIFTED), told & (scores == USUAL), *held(kind, rule), told)


def _days(*values: float) -> tuple[Measured, ...]:
    """One value a day."""
    return tuple(
        Measured(86_400.0 * day, (("bed_occupancy", value),)) for day, value in enumerate(values, 1)
    )


_STORY = (("learn_seconds", 3 * 86_400.0), ("difference", 10.0))

KIND = Kind(
    id="level_shift",
    version=2,  # holidays are Sundays
    by_calendar=True,
    name=Words("Mức khác thường theo giờ", "Unusual for the hour"),
    category="other",
    cap_category="Other",
    certainty="Possible",
    watches=Watches.READINGS,
    judge_readings=level_shift,
    follows=follow,
    expects=expects,
    parameters={
        "factor": Parameter(
            3.0,
            "",
            Words(
                "hơn bao nhiêu lần độ lệch thường thấy vào giờ đó",
                "so many times as far as is usual in that hour",
            ),
            least=1,
            most=1000,
        ),
        "difference": Parameter(
            1.0,
            "",
            Words("lệch ít hơn thì không tính", "so far from what is usual at least"),
            least=1e-9,
            most=FARTHEST,
        ),
        "over_seconds": Parameter(
            3600.0,
            "s",
            Words("làm trơn trong bao lâu", "smoothed over how long"),
            least=1,
            most=7 * 86_400,
        ),
        "learn_seconds": Parameter(
            14 * 86_400.0,
            "s",
            Words("học trước bao lâu", "how long it learns first"),
            least=2 * 86_400,
            most=LONGEST / 1_000_000,
        ),
        "clear_share": Parameter(
            70.0,
            "%",
            Words("lệch dưới phần này của giới hạn thì hết", "under this part of it it ends"),
            least=1,
            most=100,
        ),
        "metric": WHICH,
        **HELD,
    },
    why=Words(
        "Mức (làm trơn {over_seconds} s) lệch hơn {factor} lần độ lệch thường thấy vào giờ này,"
        " ngày này trong tuần.",
        "Its level, smoothed over {over_seconds} s, is more than {factor} times as far off as is"
        " usual at this hour of this weekday.",
    ),
    cause=Words(
        "Tải, nhu cầu hay hành vi đổi mức; sự kiện; hoặc cảm biến lệch.",
        "Another load, demand or behaviour; an event; or a sensor that drifts.",
    ),
    consequence=Words(
        "Sự cố kéo dài mà không giới hạn nào bị vượt.",
        "What is wrong goes on, and no limit is passed.",
    ),
    response=Words(
        "Xem biểu đồ cùng khoảng thường thấy; hỏi đơn vị quản lý có thay đổi gì.",
        "Look at the chart with what is usual; ask its owner what has changed.",
    ),
    raises=Scenario(4 * 86_400.0, measured=_days(80, 80, 80, 120), parameters=_STORY),
    quiet=Scenario(4 * 86_400.0, measured=_days(80, 81, 80, 81), parameters=_STORY),
)
