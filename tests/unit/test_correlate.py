"""What a camera and a loop prove on one road: announced at once, one incident in the end."""

import random
from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.events import SECOND, Evidence, Incident, Micros, Place, Watermark
from streams.pipeline import PATH
from streams.runtime.offline import Offline
from streams.runtime.partition import Partition
from streams.settings import Settings
from streams.stage import Position
from streams.stages.correlate import Correlate
from streams.stages.grouping import Member
from streams.stages.upstreams import upstream
from streams.topics import GROUPED, INCIDENTS

START: Micros = 1_795_000_000 * SECOND
ROAD = Place(20.86, 106.68, "le-hong-phong")
CAMERA, LOOP = ("interpret", "detections", 0), ("score", "readings", 0)


def incident(
    source: str, kind: str, second: float, *, place: Place | None = ROAD, severity: str = "medium"
) -> Incident:
    """Announced at that second."""
    return Incident(
        id=f"{source}-{second:.10g}",
        kind=kind,
        rule=kind,
        origin="simulated",
        severity=severity,  # type: ignore[arg-type]
        sources=(source,),
        zone="",
        subject="",
        start=START + round((second - 20) * SECOND),
        decided_at=START + round(second * SECOND),
        end=None,
        revision=0,
        place=place,
        evidence=(Evidence(source, START + round(second * SECOND), "m@1"),),
    )


def stopped(second: float, camera: str = "cam", **fields: object) -> Incident:
    return incident(camera, "stopped_vehicle", second, **fields)  # type: ignore[arg-type]


def jam(second: float, loop: str = "loop", **fields: object) -> Incident:
    return incident(loop, "congestion", second, **fields)  # type: ignore[arg-type]


def over(of: Incident, second: float) -> Incident:
    time = START + round(second * SECOND)
    return msgspec.structs.replace(of, end=time, decided_at=time, revision=of.revision + 1)


def lost(of: Incident, second: float) -> Incident:
    """Last proven at that second, decided half a minute later."""
    time = START + round(second * SECOND)
    return msgspec.structs.replace(
        of, unknown_since=time, decided_at=time + 30 * SECOND, revision=of.revision + 1
    )


def again(of: Incident, second: float) -> Incident:
    return msgspec.structs.replace(over(of, second), end=None, unknown_since=None)


def marks(second: float, *of: tuple[str, str, int]) -> list[Watermark]:
    time = START + round(second * SECOND)
    return [Watermark(*name, time, time + 10 * SECOND) for name in of or (CAMERA, LOOP)]


def run(*events: Incident | Watermark) -> list[Incident]:
    """What goes out, in order."""
    part = Partition(Correlate([upstream(*CAMERA), upstream(*LOOP)]), 0, 1)
    found: list[Incident] = []
    for event in events:
        outcome = part.take(part.next_offset, event, None, lambda: ([], b""))
        assert not outcome.counts.get("dead_lettered")
        found += [out.event for out in outcome.outputs if isinstance(out.event, Incident)]
        part.apply(part.next_offset, None, outcome)
        part = Partition.decode(part.stage, 0, 1, part.encode())
    return found


def brief(found: Iterable[Incident]) -> list[tuple[str, int, tuple[str, ...], str, bool]]:
    """(id, revision, sources, part of, whether it is over)."""
    return [(i.id, i.revision, i.sources, i.part_of, i.end is not None) for i in found]


def test_an_announcement_waits_for_nobody() -> None:
    found = run(stopped(10), jam(12))
    assert [i.revision for i in found] == [0, 0]
    assert found == [stopped(10), jam(12)]


def test_what_both_prove_is_one_incident_once_nothing_earlier_can_come() -> None:
    car, queue = stopped(10), jam(12, severity="high")
    held = [car, queue, *marks(13, CAMERA), *marks(12, LOOP)]
    assert len(run(*held)) == 2, "something may come before 12 s yet"
    _, _, whole, part = run(*held, *marks(12.1, LOOP))
    assert brief([whole, part]) == [
        (car.id, 1, ("cam", "loop"), "", False),
        (queue.id, 1, ("loop",), car.id, True),
    ]
    assert whole.evidence == car.evidence + queue.evidence
    assert whole.severity == "high"
    assert whole.kind == "stopped_vehicle"
    assert whole.start == car.start
    assert whole.decided_at == part.decided_at == queue.decided_at


def test_whoever_proves_it_first_gives_it_its_name() -> None:
    car, queue = stopped(12), jam(10)
    *_, whole, part = run(car, queue, *marks(20))
    assert (whole.id, whole.sources, part.id) == (queue.id, ("loop", "cam"), car.id)


def test_it_is_over_when_all_of_it_is() -> None:
    car, queue = stopped(10), jam(12)
    found = run(car, queue, *marks(20), over(car, 30), *marks(40), over(queue, 50), *marks(60))
    assert brief(found[4:]) == [(car.id, 2, ("cam", "loop"), "", True)]
    assert found[4].end == found[4].decided_at == START + 50 * SECOND
    assert found[4].evidence == car.evidence + queue.evidence


def test_alone_it_is_amended_as_its_source_says() -> None:
    car = stopped(10)
    assert run(car, over(car, 30), *marks(40)) == [car, over(car, 30)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (stopped(10), stopped(12, "cam-2")),
        (jam(10), jam(12, "loop-2")),
        (stopped(10), jam(12, place=Place(20.8, 106.6, "cau-dat"))),
        (stopped(10, place=Place(20.8, 106.6)), jam(12, place=Place(20.8, 106.6))),
        (stopped(10), msgspec.structs.replace(jam(12), origin="live")),
        (stopped(10), incident("loop", "silence", 12)),
    ],
    ids=["cameras", "loops", "other road", "no road", "other origin", "silence"],
)
def test_what_does_not_belong_together_stays_apart(one: Incident, other: Incident) -> None:
    assert run(one, other, *marks(20)) == [one, other]


def test_what_is_over_takes_nobody_in() -> None:
    car, queue = stopped(10), jam(40)
    assert run(car, over(car, 30), queue, *marks(50)) == [car, queue, over(car, 30)]


def test_loops_of_all_lanes_join_what_the_camera_sees() -> None:
    left, right, car, late = jam(10, "left"), jam(11, "right"), stopped(12), jam(14, "third")
    found = run(left, right, car, late, *marks(20))
    assert brief(found[4:]) == [
        (left.id, 1, ("left", "right", "cam"), "", False),
        (right.id, 1, ("right",), left.id, True),
        (car.id, 1, ("cam",), left.id, True),
        (left.id, 2, ("left", "right", "cam", "third"), "", False),
        (late.id, 1, ("third",), left.id, True),
    ]


def test_nothing_has_to_be_waited_for_where_no_other_can_come() -> None:
    quiet = incident("cam", "silence", 10)
    assert run(quiet, over(quiet, 30)) == [quiet, over(quiet, 30)]


def test_an_end_without_a_beginning_is_passed_on() -> None:
    end = over(stopped(10), 30)
    assert run(end, *marks(40)) == [end]


def test_alone_it_is_unknown_as_its_source_says() -> None:
    car = stopped(10)
    gone = lost(car, 20)
    back = again(gone, 55)
    assert run(car, gone, *marks(52), back, *marks(60)) == [car, gone, back]
    end = msgspec.structs.replace(over(gone, 80), end=gone.unknown_since)
    assert run(car, gone, end, *marks(90)) == [car, gone, end]


def test_together_they_are_unknown_once_none_of_them_is_heard() -> None:
    car, queue = stopped(10), jam(12)
    both = [car, queue, *marks(20)]
    _, _, whole, _ = run(*both)
    blind = lost(car, 30)
    assert run(*both, blind, *marks(62))[4:] == [], "the loop still proves it"
    deaf = lost(queue, 40)
    (unknown,) = run(*both, blind, deaf, *marks(75))[4:]
    assert (unknown.id, unknown.revision) == (whole.id, 2)
    assert (unknown.unknown_since, unknown.end) == (START + 40 * SECOND, None)
    assert unknown.decided_at == deaf.decided_at
    _, proven = run(*both, blind, deaf, *marks(75), again(blind, 80), *marks(90))[4:]
    assert (proven.revision, proven.unknown_since, proven.end) == (3, None, None)
    assert proven.evidence == whole.evidence


def test_together_they_end_with_the_last_that_was_proven() -> None:
    car, queue = stopped(10), jam(12)
    both = [car, queue, *marks(20)]
    blind = lost(car, 30)
    gone = msgspec.structs.replace(
        blind, end=blind.unknown_since, revision=2, decided_at=START + 90 * SECOND
    )
    *_, seen = run(*both, blind, gone, over(queue, 95), *marks(120))
    assert (seen.end, seen.unknown_since) == (START + 95 * SECOND, None), "the loop saw it end"
    *_, unseen = run(*both, over(queue, 25), blind, gone, *marks(120))
    assert (unseen.end, unseen.unknown_since) == (START + 30 * SECOND,) * 2
    *_, lasting = run(*both, over(queue, 35), blind, *marks(80))
    assert (lasting.end, lasting.unknown_since) == (None, START + 35 * SECOND)


def test_what_is_unknown_takes_in_what_is_proven_and_is_known_again() -> None:
    car, queue = stopped(10), jam(70)
    blind = lost(car, 30)
    *_, whole, part = run(car, blind, queue, *marks(90))
    assert (whole.id, whole.unknown_since, part.part_of) == (car.id, None, car.id)
    queue, late = jam(10), stopped(70)
    deaf = lost(queue, 30)
    third = jam(12, "loop-2")
    *_, one, two = run(queue, third, deaf, lost(third, 31), late, *marks(90))[-3:]
    assert [each.unknown_since for each in (one, two)] == [None, None]


def test_members_as_an_earlier_release_stored_them_are_known() -> None:
    member = msgspec.msgpack.decode(msgspec.msgpack.encode(["congestion", None]), type=Member)
    assert member.unknown_since is None


STORY = [
    (
        CAMERA,
        [
            stopped(10),
            stopped(11, "cam-2"),
            over(stopped(10), 31),
            stopped(33),
            lost(stopped(33), 36),
            over(lost(stopped(33), 36), 69),
        ],
    ),
    (
        LOOP,
        [
            jam(9),
            jam(12, "loop-2"),
            over(jam(9), 25),
            over(jam(12, "loop-2"), 32),
            jam(34),
            lost(jam(34), 35),
            again(lost(jam(34), 35), 67),
        ],
    ),
]


@settings(deadline=None)
@given(seed=st.integers(0, 2**32))
def test_who_is_ahead_of_whom_decides_nothing(seed: int) -> None:
    chance = random.Random(seed)
    queues = []
    for name, told in STORY:
        queue: list[Incident | Watermark] = []
        for second in range(75):
            queue += [i for i in told if second <= (i.decided_at - START) / SECOND < second + 1]
            queue += marks(second + 1, name)
        queues.append(queue)
    mixed = []
    while any(queues):
        queue = chance.choice([queue for queue in queues if queue])
        taken = chance.randint(1, 25)
        mixed += queue[:taken]
        del queue[:taken]
    found = run(*mixed)
    wanted = run(*(i for _, told in STORY for i in told), *marks(100))
    assert len(wanted) > 12
    assert sorted(found, key=repr) == sorted(wanted, key=repr)
    amended = [i for i in found if i.revision]
    assert amended == [i for i in wanted if i.revision], "and in one order"


def test_the_path_waits_for_every_partition_of_cameras_and_loops() -> None:
    (stage,) = (s.build(Settings(partitions=2)) for s in PATH if s.stage == "correlate")
    names = [("interpret", "detections", n) for n in (0, 1)] + [("score", "readings", 1)]
    offline = Offline([stage], 1)
    for event in (stopped(10), jam(12), *marks(20, *names)):
        offline.publish(INCIDENTS, event, "")
    offline.drain()
    assert len([one for one in offline.events(GROUPED) if isinstance(one, Incident)]) == 2
    offline.publish(INCIDENTS, *marks(20, ("score", "readings", 0)), "")
    offline.drain()
    assert len([one for one in offline.events(GROUPED) if isinstance(one, Incident)]) == 4


class Counted(dict[str, Any]):
    """States that say how many of them are looked at, and cannot be looked through."""

    looked: ClassVar[set[str]] = set()

    def __getitem__(self, key: str) -> Any:
        self.looked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.looked.add(key)
        return super().get(key, default)

    def _through(self) -> Any:
        raise AssertionError("all states are looked through")

    __iter__ = keys = values = items = _through  # type: ignore[assignment]


def test_a_watermark_looks_at_no_segment_on_which_nothing_waits() -> None:
    part = Partition(Correlate([upstream(*CAMERA), upstream(*LOOP)]), 0, 1)
    roads = [Place(20.8, 106.6, f"road-{number}") for number in range(50)]
    begun = [stopped(10, f"cam-{number}", place=road) for number, road in enumerate(roads)]
    events = [*begun, *marks(20), stopped(30, place=roads[7]), *marks(40)[:1]]
    for event in events:
        part.apply(
            part.next_offset, None, part.take(part.next_offset, event, None, lambda: ([], b""))
        )
    states = Counted(part.states)
    states.looked.clear()
    last = marks(40)[1]
    result = part.stage.step(states, last, Position("incidents", 0, 0))
    assert states.looked == {"", "segment/road-7"}
    assert set(result.changes) == {"", "segment/road-7"}
    with pytest.raises(AssertionError, match="looked through"):
        list(states)


def test_what_waited_when_an_earlier_release_stored_it_waits_on() -> None:
    part = Partition(Correlate([upstream(*CAMERA), upstream(*LOOP)]), 0, 1)
    for event in (stopped(10), jam(12), stopped(11, "other", place=Place(20.8, 106.6, "x"))):
        part.apply(
            part.next_offset, None, part.take(part.next_offset, event, None, lambda: ([], b""))
        )
    at, rows, counts, states, *_ = msgspec.msgpack.decode(part.encode())
    del states[""]  # no watermark had come yet, and nothing else was known of all segments
    again = Partition.decode(part.stage, 0, 1, msgspec.msgpack.encode([at, rows, counts, states]))
    assert again.states[""].waiting == part.states[""].waiting
    assert len(again.states[""].waiting) == 2


# --- event time goes back -------------------------------------------------------------------------


FAR = 40 * 86_400
"""Seconds by which event time was ahead."""


def back(of: tuple[str, str, int], second: float) -> Watermark:
    (told,) = marks(second, of)
    return msgspec.structs.replace(told, wrong_since=START + FAR * SECOND)


def both_ways() -> tuple[list[Incident | Watermark], list[Incident | Watermark]]:
    """What a camera and a loop send, before, in and after a stretch that is undone."""
    car, queue = stopped(FAR + 10), jam(FAR + 12)
    new_car, new_queue = stopped(130, "cam-2"), jam(132)
    camera = [
        *marks(20, CAMERA),
        car,
        *marks(FAR + 11, CAMERA),
        over(car, FAR + 30),
        back(CAMERA, 120),
        new_car,
        *marks(140, CAMERA),
    ]
    loop = [
        *marks(20, LOOP),
        queue,
        over(queue, FAR + 31),
        back(LOOP, 120),
        *marks(125, LOOP),
        new_queue,
        *marks(140, LOOP),
    ]
    return camera, loop


def expected() -> list[tuple[str, int, tuple[str, ...], str, bool]]:
    car, queue = f"cam-{FAR + 10}", f"loop-{FAR + 12}"
    return [
        (car, 1, ("cam", "loop"), "", False),
        (queue, 1, ("loop",), car, True),
        (car, 2, ("cam", "loop"), "", True),
        ("cam-2-130", 1, ("cam-2", "loop"), "", False),
        ("loop-132", 1, ("loop",), "cam-2-130", True),
    ]


@given(order=st.lists(st.booleans(), min_size=14, max_size=14))
@settings(max_examples=60, deadline=None)
def test_whoever_goes_back_first_what_is_undone_is_decided_before_what_is_new(
    order: list[bool],
) -> None:
    left = [list(each) for each in both_ways()]
    events = [(left[first] or left[not first]).pop(0) for first in order]
    assert left == [[], []]
    assert [each for each in brief(run(*events)) if each[1]] == expected()


def test_an_upstream_may_go_back_twice_before_another_has_once() -> None:
    car, new = stopped(FAR + 10), stopped(130)
    ahead: list[Incident | Watermark] = [car, over(car, FAR + 20), back(CAMERA, 120), new]
    ahead += [*marks(140, CAMERA), over(new, 150), back(CAMERA, 125)]
    held = run(*ahead, *marks(FAR + 50, LOOP))
    assert held == [car, new], "the loop may prove something yet"
    after = run(*ahead, *marks(FAR + 50, LOOP), back(LOOP, 121))
    assert after[2:] == [over(car, FAR + 20)]
    done = run(*ahead, back(LOOP, 121), back(LOOP, 126), *marks(200))
    assert done[2:] == [over(car, FAR + 20), over(new, 150)]
