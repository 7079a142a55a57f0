"""The anomaly scorer for loops: its own model, and what it makes of readings."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.baseline import MEMORY, Baseline, empty, follow
from models.registry import Registry
from models.scorer import CALL_ROWS, FEATURES, FURTHEST, NOT_SCORED, QUANTUM, WARM_UP, OnnxScorer
from models.series import score_series
from streams.events import Rule, Scored, Tick
from streams.settings import Settings
from streams.stages.score import Score
from tests.support.loops import METRICS, PERIOD, START, Driver, loop, pack


@pytest.fixture(scope="module")
def scorer() -> OnnxScorer:
    return OnnxScorer(Registry().load("loop_anomaly"))


def traffic(
    steps: int, series: int = 4, seed: int = 3, jam: slice = slice(0)
) -> NDArray[np.float32]:
    """[steps, series, metrics] of street traffic, jammed in the given steps."""
    random = np.random.default_rng(seed)
    count = random.poisson(1.0, (steps, series)).astype(float)
    occupancy = np.minimum(count * random.uniform(2.0, 5.0, (steps, series)), 100.0)
    speed = random.normal(40.0, 4.0, (steps, series))
    values = np.stack([count * 720.0, occupancy, np.where(count > 0, speed, math.nan)], axis=2)
    jammed = values[jam]
    jammed[..., 1] = random.uniform(50.0, 95.0, jammed.shape[:2])
    jammed[..., 2] = random.uniform(1.0, 8.0, jammed.shape[:2])
    return values.round(2).astype(np.float32)


def features_of(rows: int, seed: int = 0) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    spread = 10 ** random.uniform(-1.5, 0.5, (rows, 1))
    away = np.clip(random.normal(0.0, spread, (rows, FEATURES)), -FURTHEST, FURTHEST)
    return (np.rint(away * QUANTUM) / QUANTUM).astype(np.float32)


def test_the_model_is_small_and_says_how_good_it_is() -> None:
    manifest = Registry().find("loop_anomaly")
    assert manifest.size < 200_000
    assert manifest.input.shape == (CALL_ROWS, FEATURES)
    assert set(manifest.quality) >= {"simulated", "nab"}


def test_scores_are_what_the_anomaly_rule_takes_by_default() -> None:
    from streams.kinds.anomaly import KIND

    assert Registry().find("loop_anomaly").thresholds == {
        name: parameter.default for name, parameter in KIND.parameters.items()
    }


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(100)), st.integers(1, 100))
def test_a_score_does_not_rest_on_its_batch(order: list[int], rows: int) -> None:
    found = OnnxScorer(Registry().load("loop_anomaly"))
    inputs = features_of(100)
    alone = found.score(inputs)
    chosen = np.array(order[:rows])
    assert found.score(inputs[chosen]).tolist() == alone[chosen].tolist()
    assert len(set(alone.tolist())) > 1


def test_every_sum_in_the_network_is_exact(scorer: OnnxScorer) -> None:
    """The same in integers, where no order of additions and no processor makes a difference."""
    onnx = pytest.importorskip("onnx")
    file = Registry().path(Registry().find("loop_anomaly"))
    graph = onnx.load(file).graph
    there = {item.name: onnx.numpy_helper.to_array(item) for item in graph.initializer}
    inputs = features_of(500)
    units = (inputs * QUANTUM).astype(np.int64)
    for layer in (1, 2, 3):
        weight = (there[f"weight{layer}"] * QUANTUM).astype(np.int64)
        bias = (there[f"bias{layer}"] * QUANTUM).astype(np.int64)
        assert (weight / QUANTUM == there[f"weight{layer}"]).all()
        sums = units @ weight + bias * int(QUANTUM)
        assert (np.abs(units) @ np.abs(weight) < 2**24).all()
        if layer < 3:
            units = np.rint(np.clip(sums / QUANTUM**2, 0, there["most"]) * QUANTUM).astype(np.int64)
    steps = float(there["logit_steps"])
    limit = float(there["most_logit"])
    logits = np.rint(np.clip(sums / QUANTUM**2, -limit, limit) * steps) / steps
    decades = np.maximum(logits - there["knots"], 0.0) @ there["changes"].astype(float)
    expected = np.rint(np.clip(decades[:, 0], 0.0, 1.0) * 1000)
    assert scorer.score(inputs).tolist() == expected.tolist()
    assert len(set(expected.tolist())) > 10


def test_a_jam_stands_out(scorer: OnnxScorer) -> None:
    scores = score_series(scorer, traffic(400, jam=slice(300, 340)))
    assert (scores[:WARM_UP] == NOT_SCORED).all()
    assert (scores[306:340] > 800).mean() > 0.9
    assert (scores[WARM_UP:300] > 800).mean() < 0.01


def test_scores_rest_on_the_past_only(scorer: OnnxScorer) -> None:
    values = traffic(300)
    other = values.copy()
    other[200:] = traffic(100, seed=9)
    assert score_series(scorer, values)[:200].tolist() == score_series(scorer, other)[:200].tolist()


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 40))
def test_the_stage_scores_as_the_series_does(every: int) -> None:
    """However many readings a tick releases at once."""
    scorer = OnnxScorer(Registry().load("loop_anomaly"))
    values = traffic(150, series=2, jam=slice(100, 120))
    rule = Rule("odd", "anomaly", "low")
    driver = Driver(Score({scorer.id: scorer}, 1)).city("a", "b", rules=[rule])
    for step, reading in enumerate(values, 1):
        time = START + step * PERIOD
        rows = [(name, time, *map(float, reading[i])) for i, name in enumerate("ab")]
        driver.feed(pack(rows, step))
        if step % every == 0 or step == len(values):
            driver.feed(Tick(time + PERIOD))
    expected = score_series(scorer, values)
    for i, name in enumerate("ab"):
        assert [row[3] for row in driver.rows if row[0] == name] == expected[:, i].tolist()
    assert {incident.sources for incident in driver.incidents} == {("a",), ("b",)}


def test_the_stage_finds_its_model_in_the_registry() -> None:
    driver = Driver(Score.from_settings(Settings(partitions=1))).city("a")
    driver.feed(pack([("a", START + PERIOD, *[1.0] * len(METRICS))], 1), Tick(START + 3 * PERIOD))
    assert driver.rows[0][3] == NOT_SCORED  # too early to score
    models = {output.event.model for output in driver.outputs if isinstance(output.event, Scored)}
    assert models == {Registry().find("loop_anomaly").id}


def test_readings_are_kept_where_there_is_no_model() -> None:
    driver = Driver(Score({}, 1)).feed(*_announced("a"), Tick(START))
    for step in range(1, 60):
        time = START + step * PERIOD
        driver.feed(pack([("a", time, 720.0, 5.0, 40.0)], step), Tick(time))
    assert len(driver.rows) == 59 - 1
    assert {row[3] for row in driver.rows} == {NOT_SCORED}


def _announced(*names: str) -> list[object]:
    from tests.support.loops import controls

    return list(controls(map(loop, names)))


@settings(max_examples=50)
@given(st.lists(st.floats(0, 100), min_size=60, max_size=200))
def test_one_outlier_hardly_moves_what_is_usual(values: list[float]) -> None:
    usual = empty(1, 1)
    for value in values:
        usual = follow(usual, np.array([[value]]))
    after = follow(usual, np.array([[1e9]]))
    moved = float(after.level[0, 0] - usual.level[0, 0])
    assert 0 <= moved <= 3.001 * usual.spread[0, 0] / len(values) + 1e-9


def test_what_is_usual_follows_a_lasting_change() -> None:
    random = np.random.default_rng(5)
    usual = empty(1, 1)
    for middle in (10.0, 30.0):
        for value in random.normal(middle, 2.0, 6 * MEMORY):
            usual = follow(usual, np.array([[value]]))
        assert abs(float(usual.level[0, 0]) - middle) < 1.0
    assert 1.5 < float(usual.spread[0, 0]) < 3.0


def test_a_missing_metric_leaves_what_is_usual_as_it_is() -> None:
    usual = Baseline(np.array([[5.0, 7.0]]), np.array([[1.0, 2.0]]), np.array([[40.0, 50.0]]))
    after = follow(usual, np.array([[math.nan, 8.0]]))
    assert [array[0, 0] for array in after] == [5.0, 1.0, 40.0]
    assert after.seen[0, 1] == 51.0
