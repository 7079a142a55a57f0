"""Every feed by itself; a new one is found here without being named."""

import re

import pytest

from models import scorer
from streams.configuration.check import check, whole
from streams.configuration.configured import Configured
from streams.events import DAY, SECOND, Place, Rule, Source
from streams.feeds.feed import Feed, FeedError
from streams.feeds.file import read
from streams.feeds.registry import all_feeds, carries_frames, carries_readings, of_asset_type
from streams.feeds.validity import faults

by_id = pytest.mark.parametrize("feed", all_feeds().values(), ids=lambda feed: feed.id)


@by_id
def test_it_is_found_by_its_asset_types(feed: Feed) -> None:
    for present, described in feed.asset_types.items():
        for name in (present, *described.formerly):
            assert of_asset_type(name) == feed
            source = Source(name, name, name, name, "simulated", Place(20.8, 106.6), "gw")
            stored = whole(source)
            assert isinstance(stored, Source)
            assert stored.kind == present
    for name in feed.asset_types:
        assert carries_frames(name) == (feed.carries == "frames")
        assert carries_readings(name) == (feed.carries == "readings")


@by_id
def test_it_speaks_both_languages(feed: Feed) -> None:
    texts = [feed.name, *(kind.name for kind in feed.asset_types.values())]
    for metric in feed.metrics.values():
        texts += [metric.name, metric.unit]
    for words in texts:
        assert words.vi.strip()
        assert words.en.strip()


@by_id
def test_its_figures_are_bounded(feed: Feed) -> None:
    assert 0 <= feed.lateness <= DAY
    assert not list(faults(feed))


@by_id
def test_its_default_rules_can_stand(feed: Feed) -> None:
    control = Configured(
        sources={
            name: Source(
                *(name, name, name, name, "simulated", Place(20.8, 106.6), "gw"),
                period=round((described.period_seconds or 1.0) * SECOND),
            )
            for name, described in feed.asset_types.items()
            if described.reports
        }
    )
    for rule in feed.default_rules:
        sources = tuple(sorted(control.sources))
        check(
            control,
            whole(Rule("r", rule.kind, rule.severity, sources, (), (), feed.parameters(rule))),
        )


@by_id
def test_the_models_that_score_it_take_its_metrics(feed: Feed) -> None:
    if feed.scored_by == scorer.TASK:
        assert tuple(feed.metrics) == scorer.METRICS


def refused(text: str) -> str:
    """What is said of it, after the file's name."""
    with pytest.raises(FeedError) as error:
        read(text, "here.yaml")
    said = str(error.value)
    assert "\n" not in said
    assert said.startswith("here.yaml: ")
    return said.removeprefix("here.yaml: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:\n  [", "line 2: while parsing"),
        ("a: 1\n\tb: 2", "line 2: .*: indent with spaces"),
        ("a: \x01", "line 1: a character"),
        ("a: 1\n---\nb: 1", "line 2: expected a single document"),
        ("a: 1\nb: 1\na: 2", "line 3: 'a' is given twice, first in line 1"),
        ("a: {b: {c: 1, d: 1, c: 1}}", "line 1: 'c' is given twice"),
        ("a: 2024-13-45", "a value cannot be read: month"),
        pytest.param("[" * 5000, "a value cannot be read: .*depth", id="deep"),
        ("", "give fields with their values"),
        ("- 1", "give fields with their values"),
        ("id: x", "missing required field `version`"),
        ("surprise: 1", "unknown field `surprise`; fields are id, version"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(text: str, said: str) -> None:
    assert re.match(said, refused(text))


GOOD = """
id: wells
version: 1
name: {vi: Giếng, en: Wells}
carries: readings
clock: source
lateness_seconds: 60
asset_types: {well: {name: {vi: giếng, en: well}, formerly: [Old-Well]}}
metrics: {level: {name: {vi: mực, en: depth}, unit: {vi: m, en: m}, range: [0, 9]}}
missing: [-1]
default_rules: [{kind: high_water, severity: low, parameters: {level_above: 3}}]
"""
COUNTS = "counts: {begun: level, ended: level, in_time: level, open: level, overdue: level}"


def counting(counter: str) -> str:
    """Metrics of a feed that counts, all of them counters or none."""
    named = f"counter: {counter}, name: {{vi: x, en: x}}, unit: {{vi: m, en: m}}, range: [0, 9]"
    others = "".join(f"{name}: {{{named}}}, " for name in "abcd")
    told = "counts: {begun: level, ended: a, in_time: b, open: c, overdue: d}"
    return f"{told}\nmetrics: {{{others}level: {{counter: {counter}, "


WORDS = r"give \{vi: …, en: …\}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[0, 9]", "[9, 0]", "metric level: range: .*wrong way round"),
        (
            "missing:",
            "counts: {begun: level}\nmissing:",
            "counts: .*missing required field `ended`",
        ),
        ("missing:", f"{COUNTS}\nmissing:", "counts: begun: level is named twice"),
        ("metrics: {level: {", counting("false"), "counts: begun: level begins at 0 .*: true"),
        ("metrics: {level: {", counting("true"), "counts: open: c goes up and down: .*: false"),
        ("missing:", f"{COUNTS.replace('level', 'deep')}\nmissing:", "counts: begun: .*'deep'"),
        (
            "clock: source",
            f"clock: arrival\n{COUNTS}",
            "counts: events have times of their own",
        ),
        ("[0, 9]", "[0, .inf]", "metric level: range: .*finite"),
        ("[0, 9]", "[.nan, 9]", "metric level: range: .*finite"),
        ("[0, 9]", "[0]", "metric level: range: give a list of 2"),
        ("[0, 9]", "[0, high]", r"metric level: range\[1\]: give a number"),
        ("[-1]", "[.nan]", "missing: .*finite"),
        ("[-1]", "[3]", "metric level: range: 3 is in it, and is also in missing"),
        ("_seconds: 60", "_seconds: -1", "lateness_seconds: give 0 to 86400"),
        ("_seconds: 60", "_seconds: .nan", "lateness_seconds: give 0 to 86400"),
        ("_seconds: 60", "_seconds: .inf", "lateness_seconds: give 0 to 86400"),
        ("_seconds: 60", "_seconds: 86401", "lateness_seconds: give 0 to 86400"),
        ("_seconds: 60", "_seconds: soon", "lateness_seconds: give a number"),
        ("well: {", "well: {period_seconds: -5, ", "asset type well: period_seconds: give 0 to"),
        ("well: {", "well: {period_seconds: .inf, ", "asset type well: period_seconds: give 0 to"),
        (
            "well: {",
            "well: {period_seconds: 5, reports: false, ",
            "asset type well: period_seconds: it does not report",
        ),
        ("well: {", "well: {reports: maybe, ", "asset type well: reports: give true or false"),
        ("above: 3", "above: .nan", "default rule high_water: level_above: .*finite"),
        ("low, ", "low, metric: depth, ", "default rule high_water: there is no metric 'depth'"),
        ("above: 3", "above: much", "default rule 1: level_above: give a number"),
        ("severity: low", "severity: mild", "default rule 1: severity: give informational or low"),
        ("metrics: {level", "evidence: depth\nmetrics: {level", "evidence: .*'depth'"),
        ("metrics: {level", "unused: {level", "unknown field `unused`"),
        ("carries: readings", "carries: pigeons", "carries: give frames or readings"),
        ("readings\nclock: source", "frames\nclock: arrival", "clock: give source or gateway: "),
        ("clock: source", "clock: wall", "clock: give source or gateway or arrival"),
        ("version: 1", "version: 0", "version: give 1 or more"),
        ("version: 1", "version: yes", "version: give a whole number"),
        ("version: 1", 'version: 1\nstate_key: "2"', "state_key '2': leave the line out"),
        ("id: wells", "id: Wells", "id 'Wells': give 2 to 40 of a-z"),
        ("id: wells", "id: w", "id 'w': give 2 to 40 of a-z"),
        ("{well:", "{water-well:", "asset type 'water-well': give 2 to 40"),
        ("{well:", "{5:", "asset_types: 5 is no text"),
        ("{level:", "{Level:", "metric 'Level': give 1 to 32"),
        ("[Old-Well]", "[well]", "asset type well: 2 of this file"),
        ("[Old-Well]", '[""]', "asset type well: formerly: .*empty"),
        ("[Old-Well]", "old", "asset type well: formerly: give a list"),
        ("{vi: Giếng, en: Wells}", "{vi: Giếng}", f"name: {WORDS}"),
        ("{vi: Giếng, en: Wells}", "Wells", f"name: {WORDS}"),
        ("{vi: giếng, en: well}", "{vi: giếng, en: no}", f"asset type well: name: {WORDS}"),
        ("{vi: mực, en: depth}", "{vi: mực}", f"metric level: name: {WORDS}"),
        ("{vi: mực, en: depth}", "{vi: a, en: b, fr: c}", f"metric level: name: {WORDS}"),
        ("{vi: m, en: m}", "m", f"metric level: unit: {WORDS}"),
        ("{vi: m, en: m}", '{vi: m, en: " "}', f"metric level: unit: {WORDS}"),
        ("unit: {vi: m, en: m}, ", "", "metric level: missing required field `unit`"),
    ],
)
def test_a_feed_that_cannot_be_is_refused(old: str, new: str, said: str) -> None:
    assert read(GOOD, "here").id == "wells"
    assert GOOD.count(old) == 1
    assert re.match(said, refused(GOOD.replace(old, new)))


def test_a_unit_is_spelled_one_way_only() -> None:
    more = "range: [0, 9]}, rain: {name: {vi: mưa, en: rain}, unit: {vi: mét, en: m}, range: [0, 9]"
    said = refused(GOOD.replace("range: [0, 9]", more))
    assert said == "metric rain: unit: 'm' is 'm' in Vietnamese above: give the same"


def test_a_file_may_say_a_thing_once_for_several() -> None:
    again = "metrics:\n  level: &level {name: {vi: a, en: b}, unit: {vi: m, en: m}, range: [0, 1]}"
    lines = [line for line in GOOD.splitlines() if not line.startswith("metrics")]
    feed = read("\n".join([*lines, again, "  depth: *level"]), "here")
    assert feed.metrics["depth"] == feed.metrics["level"]
