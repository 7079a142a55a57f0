"""From rendered streets to incidents, against what truly happened in them."""

import msgspec
import pytest

from services.commandline.evaluation import (
    Score,
    SeedResult,
    compare,
    evaluate,
    overlap,
    run_seed,
    score,
    summarise,
)
from simulators.scenario import load, stops
from simulators.simulation import Simulation, StagedIncident
from streams.events import SECOND, Box, Evidence, Incident, Place
from streams.settings import Settings

UNSEEN = range(2001, 2011)
"""Seeds that no training used."""
SECONDS = 120


@pytest.fixture
def warm_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four minutes of traffic before anything is seen cost more than all that is seen then."""
    monkeypatch.setitem(Simulation.__init__.__kwdefaults__, "warm_up_s", 90)


@pytest.mark.usefixtures("warm_soon")
def test_a_scripted_stop_is_one_incident_with_its_box() -> None:
    camera = next(stops(load("stopped_vehicle").incidents[0], UNSEEN[0])).camera.id
    result = run_seed(Settings(), "stopped_vehicle", UNSEEN[0], 66, cameras=(camera,))
    (match,) = result.matches
    assert match.source == camera
    assert match.found
    assert match.delay_s is not None
    assert 15 <= match.delay_s <= 30
    assert match.overlap is not None
    assert match.overlap >= 0.5
    assert result.false == []
    assert score([result])[0].passed


@pytest.mark.usefixtures("warm_soon")
@pytest.mark.parametrize("scenario", ["congestion", pytest.param("queue", marks=pytest.mark.slow)])
def test_a_queue_over_a_loop_is_congestion_once(scenario: str) -> None:
    result = run_seed(Settings(), scenario, UNSEEN[0], 110)
    (match,) = result.matches
    assert (match.kind, match.found, match.overlap) == ("congestion", True, None)
    assert match.source.startswith("loop-")
    assert result.frames == 0, "no camera is needed for it"
    assert result.false == []


@pytest.mark.slow
def test_traffic_that_flows_over_the_loops_is_no_congestion() -> None:
    result = run_seed(Settings(), "quiet", UNSEEN[0], 110, cameras=())
    assert (result.matches, result.false) == ([], [])


@pytest.mark.slow
def test_a_quiet_street_stays_quiet() -> None:
    camera = next(stops(load("stopped_vehicle").incidents[0], UNSEEN[0])).camera.id
    result = run_seed(Settings(), "quiet", UNSEEN[0], 60, cameras=(camera,))
    assert (result.matches, result.false) == ([], [])


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("scenario", ["stopped_vehicle", "quiet"])
def test_ten_unseen_seeds(scenario: str) -> None:
    runs = [(scenario, seed) for seed in UNSEEN]
    results = list(evaluate(Settings(), runs, SECONDS, workers=2))
    rows = score(results)
    assert all(row.passed for row in rows), results
    assert rows[0].true == (len(UNSEEN) if scenario == "stopped_vehicle" else 0)


TRUTH = StagedIncident(
    "stopped_vehicle", "cam", "zone", Place(20.8, 106.6), "stop-0", "car", 0,
    start=100 * SECOND, end=160 * SECOND, box=(10.0, 10.0, 30.0, 30.0),
)  # fmt: skip


def incident(decided_s: int, **fields: object) -> Incident:
    box = Box(100, 100, 300, 300, "car", 900)
    found = Incident(
        id=str(decided_s),
        kind="stopped_vehicle",
        rule="rule",
        origin="simulated",
        severity="high",
        sources=("cam",),
        zone="zone",
        subject="track-1",
        start=(decided_s - 20) * SECOND,
        decided_at=decided_s * SECOND,
        end=None,
        revision=0,
        place=None,
        evidence=(Evidence("cam", decided_s * SECOND, "model@1", boxes=(box,)),),
    )
    return msgspec.structs.replace(found, **fields)


def judged(*incidents: Incident) -> Score:
    matches, false = compare([TRUTH], incidents)
    return score([SeedResult("test", 1, 120, 0, matches, false)])[0]


def test_a_true_incident_found_once_is_a_pass() -> None:
    row = judged(incident(121), incident(170, revision=1))
    assert row.passed
    assert (row.precision, row.recall, row.delay_s_median, row.overlap_min) == (1, 1, 21, 1)


@pytest.mark.parametrize(
    "said",
    [
        (),
        (incident(99),),
        (incident(171),),
        (incident(121, sources=("other",)),),
        (incident(121, zone="other"),),
        (incident(121, evidence=()),),
        (incident(121), incident(140)),
        (incident(121, evidence=(Evidence("cam", 0, "m", boxes=(Box(0, 0, 90, 90, "car", 1),)),)),),
    ],
)
def test_everything_else_is_none(said: tuple[Incident, ...]) -> None:
    assert not judged(*said).passed


def test_a_false_alarm_on_a_quiet_street_costs_the_kind_its_precision() -> None:
    matches, _ = compare([TRUTH], [incident(121)])
    busy = SeedResult("stopped_vehicle", 1, 120, 600, matches, [])
    quiet = SeedResult("quiet", 2, 120, 1200, [], [incident(50)])
    kind, *others = summarise([busy, quiet])
    assert [(other.true, other.false, other.runs_without) for other in others] == [(0, 0, 2)] * 3
    assert (kind.runs_with, kind.runs_without, kind.seeds) == (1, 1, [1, 2])
    assert (kind.precision, kind.recall, kind.false) == (0.5, 1, 1)
    assert kind.camera_hours == pytest.approx(0.1)


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 0, 2, 2), (1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 1, 1), (5, 5, 6, 6)) == 0
