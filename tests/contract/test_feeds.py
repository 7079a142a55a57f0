"""Every feed by itself; a new one is found here without being named."""

import re

import pytest

from models import scorer
from streams.configuration.check import check, whole
from streams.configuration.configured import Configured
from streams.events import DAY, Place, Rule, Source
from streams.feeds.feed import Feed, FeedError
from streams.feeds.file import read
from streams.feeds.registry import all_feeds, carries_frames, carries_readings, of_asset_type

by_id = pytest.mark.parametrize("feed", all_feeds().values(), ids=lambda feed: feed.id)


@by_id
def test_it_is_found_by_its_asset_types(feed: Feed) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{1,39}", feed.id)
    assert feed.version >= 1
    assert feed.asset_types
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
    for name, metric in feed.metrics.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name)
        for code in feed.missing:
            low, high = metric.range
            assert not low <= code <= high, f"{code} is both missing and a value of {name}"


@by_id
def test_its_default_rules_can_stand(feed: Feed) -> None:
    control = Configured(
        sources={
            name: Source(name, name, name, name, "simulated", Place(20.8, 106.6), "gw")
            for name in feed.asset_types
        }
    )
    for rule in feed.default_rules:
        sources = tuple(sorted(feed.asset_types))
        check(control, whole(Rule("r", rule.kind, rule.severity, sources, (), (), rule.parameters)))


@by_id
def test_the_models_that_score_it_take_its_metrics(feed: Feed) -> None:
    if feed.scored_by == scorer.TASK:
        assert tuple(feed.metrics) == scorer.METRICS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "while parsing"),
        ("id: x", "missing required field"),
        ("- 1", "Expected `object`"),
        ("surprise: 1", "unknown field"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(text: str, said: str) -> None:
    with pytest.raises(FeedError, match=said) as error:
        read(text, "here.yaml")
    assert "here.yaml" in str(error.value)


GOOD = """
id: wells
version: 1
name: {vi: Giếng, en: Wells}
carries: readings
clock: source
lateness_seconds: 60
asset_types: {well: {name: {vi: giếng, en: well}}}
metrics: {level: {name: {vi: mực, en: level}, unit: {vi: m, en: m}, range: [0, 9]}}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[0, 9]", "[9, 0]", "wrong way round"),
        ("lateness_seconds: 60", "lateness_seconds: -1", "negative"),
        ("metrics: {level", "evidence: depth\nmetrics: {level", "depth"),
        ("carries: readings", "carries: pigeons", "pigeons"),
    ],
)
def test_a_feed_that_cannot_be_is_refused(old: str, new: str, said: str) -> None:
    assert read(GOOD, "here").id == "wells"
    with pytest.raises(FeedError, match=said):
        read(GOOD.replace(old, new), "here")
