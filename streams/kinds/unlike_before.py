"""What a sensor measures is unlike its own past, more than on any day of the last weeks."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from models import novelty
from streams.events import DAY, Micros, Rule
from streams.kinds.high_value import WHICH
from streams.kinds.kind import Kind, Parameter, Watches
from streams.kinds.scenario import CALM, Measured, Scenario
from streams.sensors.judgement import Judgement, Need
from streams.sensors.windows import Views
from streams.words import Words

MOST_DAYS = 60
"""Days whose highest score is kept."""
USUAL, BETWEEN, ALARM = 0, 1, 2
"""What a reading is: below the least score, as unusual as on a day before, or more than on any."""


class Past(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one series; no larger however long it is."""

    metric: float
    """Which one; another has another past."""
    began: Micros
    state: bytes = novelty.NEW
    peaks: dict[int, int] = {}
    """Day, counted from 1970, to its highest score."""


_read = msgspec.msgpack.Decoder(Past).decode
_write = msgspec.msgpack.Encoder().encode


def follow(
    kind: Kind,
    rule: Rule,
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    memory: bytes,
) -> tuple[bytes, NDArray[np.uint16]]:
    """An alarm is a score clear of those of all the days before, as many as the budget says.

    The highest of n days is as likely any of them as the last, whatever the series is like: so
    there is about one alarm in so many days, by a threshold that each source's own past sets.
    """
    metric = kind.value(rule, "metric")
    past = _read(memory) if memory else None
    if past is None or past.metric != metric:
        past = Past(metric, int(times[0]))
    state, scores = novelty.follow(past.state, times, values)
    least = round(kind.within(rule, "least_score", 1.0) * novelty.UNITS)
    learned = past.began + kind.span(rule, "learn_seconds")
    days = round(kind.within(rule, "budget_days", MOST_DAYS))
    peaks, found = dict(past.peaks), np.zeros(len(times), np.uint16)
    for row, (time, score) in enumerate(zip(times.tolist(), scores.tolist(), strict=True)):
        day = time // DAY
        peaks = {each: peak for each, peak in peaks.items() if each > day - days}
        if score > least:
            beyond = time >= learned and score > _clear_of(max(peaks.values(), default=0))
            found[row] = ALARM if beyond else BETWEEN
        peaks[day] = max(score, peaks.get(day, 0))
    return _write(Past(metric, past.began, state, peaks)), found


def _clear_of(peak: int) -> int:
    """A tenth above it; never so near to the highest score that nothing could be higher."""
    return peak + min(peak // 10, (novelty.UNITS - peak) // 2)


def unlike_before(kind: Kind, rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:
    """``scores``: what ``follow`` says."""
    told = views.has(kind.metric_of(rule, views.metrics))
    return Judgement(
        told & (scores == ALARM),
        told & (scores == USUAL),
        Need(0, 1),
        Need(kind.span(rule, "clear_seconds"), 1),
        told,
    )


_STORY = (("learn_seconds", 300.0),)

KIND = Kind(
    id="unlike_before",
    name=Words("Giá trị khác thường", "Unusual value"),
    category="other",
    cap_category="Other",
    certainty="Possible",
    watches=Watches.READINGS,
    judge_readings=unlike_before,
    follows=follow,
    parameters={
        "metric": WHICH,
        "budget_days": Parameter(
            30.0,
            Words("ngày", "days"),
            Words(
                "mỗi nguồn báo nhầm nhiều nhất khoảng một lần trong bấy nhiêu ngày",
                "about one false alarm of a source in so many days",
            ),
            least=1,
            most=MOST_DAYS,
            whole=True,
        ),
        "learn_seconds": Parameter(
            604_800.0, "s", Words("học trước bao lâu", "how long it learns first"), least=0
        ),
        "least_score": Parameter(
            0.3, "", Words("điểm thấp hơn thì không báo", "no alarm below this score"), most=1
        ),
        "clear_seconds": Parameter(
            900.0,
            "s",
            Words("bình thường bao lâu thì kết thúc", "usual for how long before it ends"),
            most=86_400,
        ),
    },
    why=Words(
        "Giá trị khác với chính nguồn này trước đây hơn mọi lần trong {budget_days} ngày qua.",
        "What was measured is more unlike this source's own past than in the last"
        " {budget_days} days.",
    ),
    cause=Words(
        "Sự cố chưa có quy tắc, sự kiện, hoặc cảm biến lệch.",
        "Something that no rule is about, an event, or a drifting sensor.",
    ),
    consequence=Words("Sự cố bị phát hiện muộn.", "What happens is found late."),
    response=Words(
        "Xem biểu đồ và các nguồn gần đó; nếu là sự cố, đặt giới hạn cho lần sau.",
        "Look at the chart and at sources nearby; if it is an incident, set a limit for the next.",
    ),
    raises=Scenario(
        900,
        measured=(
            Measured(700, CALM),
            Measured(900, (("flow", 9000.0), ("occupancy", 95.0), ("speed", 3.0))),
        ),
        parameters=_STORY,
    ),
    quiet=Scenario(1200, measured=(Measured(1200, CALM),), parameters=_STORY),
)
