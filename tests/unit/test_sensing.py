"""What rules find of failures of the city's systems, and how that is counted."""

import json

import msgspec
import numpy as np
import pytest

from services.commandline.sensing import DETECTORS, Run, results, run, staged
from simulators.strangers import KINDS, SHAPES, Shape, stage
from simulators.world.script import Failure
from streams.shares import share
from tests.support.commandline import cityops


def test_a_failure_is_found_once_by_rules_and_explains_what_follows() -> None:
    found = {one.by: one for one in run("defacement", 1001)}
    assert set(found) == set(DETECTORS)
    rules = found["rules"]
    assert rules.found
    assert rules.delay_s is not None
    assert 0 < rules.delay_s < 300
    assert (rules.right, rules.false) == (1, 0)


@pytest.mark.parametrize("kind", ["defacement", pytest.param("flood", marks=pytest.mark.slow)])
def test_the_same_seed_stages_the_same(kind: Failure) -> None:
    world, reporting, start, end = staged(kind, 5)
    again = staged(kind, 5)
    assert (world.happens, reporting, start, end) == (again[0].happens, *again[1:])
    assert world.happens != staged(kind, 6)[0].happens
    assert any(one.id == world.happens[0].source for one in reporting)


def test_a_share_has_the_interval_of_wilson() -> None:
    known = share(10, 10)
    assert known
    assert (known.value, known.high) == (1.0, 1.0)
    assert known.low == pytest.approx(0.7225, abs=1e-3)
    half = share(5, 10)
    assert half
    assert (half.low, half.high) == pytest.approx((0.2366, 0.7634), abs=1e-3)
    assert share(0, 0) is None


def test_where_a_simple_detector_does_as_well_a_kind_proves_nothing() -> None:
    def one(by: str, right: int, false: int) -> Run:
        return Run("attack", by, 1, right > 0, 9.0, right, false, 1.0)  # type: ignore[arg-type]

    hard = results([one("rules", 1, 0), one("limits", 1, 3), one("three_sigma", 0, 9)])
    assert [row.easy for row in hard] == [False] * 3
    easy = results([one("rules", 1, 0), one("limits", 1, 0), one("three_sigma", 0, 9)])
    assert [row.easy for row in easy] == [True] * 3


@pytest.mark.parametrize("shape", SHAPES)
def test_strangers_are_the_same_by_seed_and_fail_only_where_they_are_said_to(shape: Shape) -> None:
    there, again, other = stage(shape, 5), stage(shape, 5), stage(shape, 6)
    assert there[1:] == again[1:] != other[1:]
    metric = KINDS[shape].metric
    for one, two in zip(there.series, again.series, strict=True):
        assert np.array_equal(one.metrics[metric], two.metrics[metric], equal_nan=True)
    apart = {}
    for one in there.series:
        meanwhile = (one.times >= there.start) & (one.times < there.end)
        values = one.metrics[metric]
        means = [np.nan_to_num(values[rows]).mean() for rows in (meanwhile, ~meanwhile)]
        apart[one.source.id] = abs(means[0] - means[1])
    assert max(apart, key=lambda name: apart[name]) == there.failing


def test_strangers_are_judged_by_rules_and_by_simple_detectors() -> None:
    found = {one.by: one for one in run("dead_station", 3)}
    assert set(found) == set(DETECTORS)
    assert found["rules"].found
    assert found["rules"].right == 1
    (rules, *_) = results([found["rules"]])
    assert (rules.generator, rules.goal) == ("strangers", 0.95)
    missing = msgspec.structs.replace(found["rules"], found=False, right=0)
    assert results([missing])[0].missed == ("recall", "precision")


@pytest.mark.slow
def test_the_command_tells_the_generators_apart() -> None:
    seeds = ("--seeds", "7", "--kind", "defacement", "--kind", "flapping_power", "--workers", "1")
    said = cityops("evaluate", "sensors", *seeds).stdout
    city, strangers = said.split("strangers a second generator")
    assert all("goal 0.95" in block for block in (city, strangers))


def test_the_command_says_what_it_counted() -> None:
    kinds = ("--kind", "defacement", "--kind", "dead_station")
    seeds = ("--seeds", "1001", *kinds, "--workers", "1")
    told = json.loads(cityops("evaluate", "sensors", *seeds, "--json").stdout)
    assert [row["by"] for row in told] == [*DETECTORS] * 2
    assert [row["generator"] for row in told] == ["city"] * 3 + ["strangers"] * 3
    assert told[0]["recall"]["value"] == 1.0
    assert (told[0]["goal"], told[0]["missed"]) == (0.95, [])
    assert cityops("evaluate", "sensors", "--kind", "ghosts").exit_code == 2
    assert cityops("evaluate", "sensors", "--seeds", "9-1").exit_code == 2
