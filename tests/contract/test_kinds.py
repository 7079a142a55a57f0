"""Every kind of incident by itself; a new one is found here without being named.

The made-up kinds of ``tests/extension`` are held to the same, each known while it is tested.
"""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import pytest

from models.labels import CLASSES
from services.alerts import runbooks
from services.alerts.rationale import why
from streams.configuration.check import InvalidChangeError, check, whole
from streams.configuration.configured import Configured
from streams.events import SECOND, Place, Rule, Source
from streams.feeds.registry import all_feeds, metrics
from streams.kinds.kind import SUBJECT, Kind, Parameter, Watches
from streams.kinds.registry import all_kinds, find, present, spellings
from streams.kinds.validity import CAP_CATEGORIES, faults, unmeasured
from streams.rules.duties import can_judge
from streams.words import Words
from tests.support.extension import extended
from tests.support.stories import stage, tell

KINDS = all_kinds()
with extended():
    MADE_UP = {name: kind for name, kind in all_kinds().items() if name not in KINDS}
RULED = [name for name, kind in (KINDS | MADE_UP).items() if kind.watches is not Watches.SYSTEM]
by_id = pytest.mark.parametrize("kind", [*KINDS, *MADE_UP], indirect=True)
ruled_by_id = pytest.mark.parametrize("kind", RULED, indirect=True)


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> Iterator[Kind]:
    """The kind of that id; a made-up one with the feeds beside it."""
    if request.param in KINDS:
        yield find(request.param)
        return
    with extended():
        stage.cache_clear()
        yield find(request.param)
    stage.cache_clear()


def configured() -> Configured:
    """With one source of every asset type."""
    types = {name: of for feed in all_feeds().values() for name, of in feed.asset_types.items()}
    return Configured(
        sources={
            name: Source(
                *(name, name, name, name, "simulated", Place(20.8, 106.6), "gw"),
                period=round((of.period_seconds or 1.0) * SECOND),
            )
            for name, of in types.items()
        }
    )


@by_id
def test_it_is_found_by_its_id_and_every_former_one(kind: Kind) -> None:
    assert not [*faults(kind), *unmeasured(kind)]
    for name in (kind.id, *kind.formerly):
        assert find(name) is kind
        assert present(name) == kind.id
        assert spellings(name) == (kind.id, *kind.formerly)


@by_id
def test_it_speaks_both_languages(kind: Kind) -> None:
    texts = [kind.name, kind.why, kind.cause, kind.consequence, kind.response]
    texts += [parameter.meaning for parameter in kind.parameters.values()]
    for words in texts:
        assert isinstance(words, Words)
        assert words.vi.strip()
        assert words.en.strip()
        assert words.vi != words.en
    assert kind.category
    assert kind.cap_category in CAP_CATEGORIES


@by_id
def test_it_has_a_runbook_to_be_ticked_in_both_languages(kind: Kind) -> None:
    book = runbooks.check(runbooks.default(kind))
    steps = runbooks.steps(book)
    assert len(steps) >= 3
    for step in steps:
        assert step.words.vi != step.words.en
    assert kind.response.vi in [step.words.vi for step in steps]
    assert kind.consequence.en in runbooks.prose(book.en)
    assert "[ ]" not in runbooks.prose(book.vi)
    assert "(cityops status)" not in book.en or kind.category == "dataQuality", "it is of the city"


@by_id
def test_its_sentence_of_why_is_filled_in_from_a_stored_rule(kind: Kind) -> None:
    values = {name: parameter.default for name, parameter in kind.parameters.items()}
    rule = Rule("r", kind.id, "low", parameters=values, version=kind.version)
    filled = why(kind, rule, "+9 s")
    assert filled is not None
    named = [re.findall(r"\{(\w+)\}", text) for text in kind.why]
    assert sorted(named[0]) == sorted(named[1])
    for language, template, text in zip(("vi", "en"), kind.why, filled, strict=True):
        assert not set("{}") & set(text)
        for name in re.findall(r"\{(\w+)\}", template):
            if name == SUBJECT:
                assert "+9 s" in text
                continue
            unit = getattr(kind.parameters[name].units, language)
            assert f"{{{name}}} {unit}".rstrip() in template, f"{name} without its unit"


@by_id
def test_its_parameters_have_bounds_that_their_defaults_keep(kind: Kind) -> None:
    for name, parameter in kind.parameters.items():
        assert parameter.least < parameter.most, name
        assert parameter.fault(parameter.default) is None, name
        assert parameter.fault(parameter.most * 2 + 1)
        assert parameter.fault(parameter.least - 1)
        for wrong in (float("nan"), float("inf"), float("-inf")):
            assert parameter.fault(wrong)
    values = {name: parameter.default for name, parameter in kind.parameters.items()}
    assert kind.contradicts(values) is None


@by_id
def test_it_has_the_judge_of_what_it_watches(kind: Kind) -> None:
    assert (kind.judge_scene is not None) == kind.watches.in_pictures
    assert (kind.judge_readings is not None) == (kind.watches is Watches.READINGS)
    assert (kind.patience is not None) == (kind.watches is Watches.SOURCE)
    assert bool(kind.classes) == kind.watches.in_pictures
    assert kind.classes <= set(CLASSES)
    assert set(kind.needs) <= set(metrics())
    if kind.watches.in_pictures:
        assert "clear_seconds" in kind.parameters, "how long until an incident ends"


@ruled_by_id
def test_its_scenario_raises_it_and_the_quiet_one_does_not(kind: Kind) -> None:
    assert kind.raises
    assert kind.quiet
    assert tell(kind, kind.raises), "nothing was raised"
    assert tell(kind, kind.quiet) == []


@ruled_by_id
def test_what_its_scenario_raises_ends_when_all_is_quiet_again(kind: Kind) -> None:
    assert kind.raises
    assert kind.quiet
    # Of a source of which nothing was heard, something is heard again.
    calm = kind.raises if kind.watches is Watches.SOURCE else kind.quiet
    found = tell(kind, kind.raises, calm, calm)
    first = found[0]
    assert [one for one in found if one.id == first.id and one.end], "it never ends"


@ruled_by_id
def test_a_rule_of_it_is_stored_whole(kind: Kind) -> None:
    stored = whole(Rule("r", (kind.formerly or (kind.id,))[0], "low"))
    assert isinstance(stored, Rule)
    assert (stored.kind, stored.version) == (kind.id, kind.version)
    assert set(stored.parameters) == set(kind.parameters)
    assert whole(stored) == stored
    check(configured(), stored)


@ruled_by_id
def test_each_parameter_may_go_to_either_of_its_bounds(kind: Kind) -> None:
    for name, parameter in kind.parameters.items():
        for value in (parameter.least, parameter.most):
            values = {other: known.default for other, known in kind.parameters.items()}
            if kind.contradicts(values | {name: value}) is None:
                check(configured(), whole(Rule("r", kind.id, "low", parameters={name: value})))


def inverted(kind: Kind) -> Iterator[dict[str, float]]:
    """Each pair of what opens and what ends, as far on the wrong side as its bounds permit."""
    for name, clear in kind.parameters.items():
        if name.endswith("_clear"):
            stem = name.removesuffix("_clear")
            for opens in (stem, f"{stem}_above", f"{stem}_below"):
                if (known := kind.parameters.get(opens)) and not known.whole:
                    low = opens.endswith("_below")
                    wrong = (known.most, clear.least) if low else (known.least, clear.most)
                    yield dict(zip((opens, name), wrong, strict=True))


@by_id
def test_what_would_end_while_it_is_proven_is_refused(kind: Kind) -> None:
    for wrong in inverted(kind):
        with pytest.raises(InvalidChangeError, match="would end while it is proven"):
            check(configured(), Rule("r", kind.id, "low", parameters=wrong))


@ruled_by_id
def test_a_rule_of_an_earlier_release_that_contradicts_itself_finds_one(kind: Kind) -> None:
    """Nothing refused it then: what lasts all the same is one occurrence."""
    assert kind.raises
    if kind.watches is Watches.READINGS:
        for wrong in inverted(kind):
            clear = next(name for name in wrong if name.endswith("_clear"))
            stored = {clear: wrong[clear], "clear_seconds": 0.0}
            rule = Rule(kind.id, kind.id, "high", parameters=stored)
            assert len({one.id for one in tell(kind, kind.raises, rule=rule)}) == 1


def test_the_pairs_of_every_kind_are_found() -> None:
    pairs = {kind.id: [sorted(pair) for pair in inverted(kind)] for kind in KINDS.values()}
    assert {name: found for name, found in pairs.items() if found} == {
        "anomaly": [["score", "score_clear"]],
        "congestion": [["speed_below", "speed_clear"], ["occupancy_above", "occupancy_clear"]],
    }
    assert [sorted(pair) for pair in inverted(MADE_UP["high_water"])] == [
        ["level_above", "level_clear"]
    ]


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("congestion", {"speed_clear": 300}),
        ("congestion", {"occupancy_clear": 0}),
        ("congestion", {"smooth_seconds": 3600}),
        ("congestion", {"speed_below": 0}),
        ("congestion", {"occupancy_above": 100}),
        ("anomaly", {"score": 0.001, "score_clear": 0.0004}),
        ("anomaly", {"score": 0.4994, "score_clear": 0.4996}),
        ("anomaly", {"score": 0}),
        ("anomaly", {"readings": 0}),
        ("anomaly", {"readings": 1e6}),
        ("anomaly", {"readings_clear": 2.5}),
        ("anomaly", {"readings_clear": 0}),
        ("no_data", {"periods": 0}),
        ("no_data", {"least_seconds": 0}),
        ("no_data", {"silence_seconds": -1}),
        ("crowd", {"count": 0}),
        ("crowd", {"clear_ratio": 0}),
        ("crowd", {"count": 2.5}),
    ],
    ids=str,
)
def test_what_would_never_fire_or_never_end_is_refused(
    kind: str, parameters: dict[str, float]
) -> None:
    *_, last = parameters
    with pytest.raises(InvalidChangeError, match=f"rule r: {last}( is above|=.*: give|=0 would)"):
        check(configured(), whole(Rule("r", kind, "low", parameters=parameters)))


@ruled_by_id
def test_a_rule_that_cannot_fire_is_refused(kind: Kind) -> None:
    for name, parameter in kind.parameters.items():
        for wrong in (parameter.most * 2 + 1, parameter.least - 1, float("nan")):
            with pytest.raises(InvalidChangeError, match=name):
                check(configured(), Rule("r", kind.id, "low", parameters={name: wrong}))
    with pytest.raises(InvalidChangeError, match="takes"):
        check(configured(), Rule("r", kind.id, "low", parameters={"no_such_thing": 1.0}))


@ruled_by_id
def test_a_parameter_is_given_by_one_of_its_names(kind: Kind) -> None:
    for name, parameter in kind.parameters.items():
        for former in parameter.formerly:
            one = Rule("r", kind.id, "low", parameters={former: parameter.default})
            check(configured(), one)
            assert kind.spelled(one) == {name: parameter.default}
            both = {former: parameter.default, name: parameter.default}
            with pytest.raises(InvalidChangeError, match="give one"):
                check(configured(), Rule("r", kind.id, "low", parameters=both))


@ruled_by_id
def test_a_rule_on_a_source_that_it_cannot_judge_is_refused(kind: Kind) -> None:
    for feed in all_feeds().values():
        fits = can_judge(kind, feed)
        if kind.watches.in_pictures:
            fits = feed.carries == "frames"
        for asset_type, described in feed.asset_types.items():
            rule = Rule("r", kind.id, "low", sources=(asset_type,))
            if fits and described.reports:
                check(configured(), rule)
            else:
                with pytest.raises(InvalidChangeError, match=asset_type):
                    check(configured(), rule)


BOUNDED = Parameter(3, "s", Words("a", "b"), least=1, most=5)
MINUTES = Parameter(3, "min", Words("a", "b"), least=1, most=5)


@pytest.mark.parametrize(
    ("like", "changed", "said"),
    [
        ("crowd", {"id": "Crowd"}, "id 'Crowd': give 2 to 40"),
        ("crowd", {"id": None}, "id None: give 2 to 40"),
        ("crowd", {"version": 0}, "version=0: give 1"),
        ("crowd", {"watches": "zone"}, "watches='zone': give one of Watches.ZONE, LINE"),
        ("crowd", {"name": "Crowd"}, "name: give Words"),
        ("crowd", {"why": Words("a", " ")}, "why: give Words"),
        ("crowd", {"certainty": "observed"}, "certainty='observed': give one of 'Observed'"),
        ("crowd", {"proof": "heard"}, "proof='heard': give one of 'seen'"),
        ("crowd", {"formerly": "mob"}, "formerly='mob': give a tuple"),
        ("crowd", {"judge_scene": None}, "it watches zone and has no judge_scene"),
        ("crowd", {"watches": Watches.LINE, "judge_scene": None}, "it watches line and has no"),
        ("crowd", {"watches": Watches.PICTURE, "judge_scene": 1}, "it watches picture and has no"),
        ("crowd", {"patience": print}, "it watches zone, which takes no patience"),
        ("crowd", {"classes": frozenset({"pigeon"})}, "classes: give .*person"),
        ("crowd", {"classes": frozenset()}, "classes: give .*person"),
        ("crowd", {"parameters": {}}, "parameters: give clear_seconds"),
        ("congestion", {"judge_readings": None}, "it watches readings and has no judge_readings"),
        ("congestion", {"needs": "speed"}, "needs='speed': give a tuple"),
        ("congestion", {"shows": None}, "shows=None: give one metric"),
        ("no_data", {"patience": None}, "it watches source and has no patience"),
        ("no_data", {"parameters": None}, "parameters: give a dict"),
        ("no_data", {"parameters": {"Long": BOUNDED}}, "parameter 'Long': give 2 to 40"),
        ("no_data", {"parameters": {"long": 5}}, "parameter long: give a Parameter"),
        ("crowd", {"cap_category": None}, "cap_category=None: give one of Geo"),
        ("crowd", {"category": " "}, "category=' ': give a category"),
        ("crowd", {"needs": ("speed",)}, "it watches zone, which takes no needs"),
        ("crowd", {"by_model": True}, "it watches zone, which takes no needs"),
        ("crowd", {"contradiction": None}, "contradiction: it fails on the defaults"),
        ("crowd", {"contradiction": lambda values: values["x"]}, "contradiction: it fails on"),
        ("crowd", {"contradiction": lambda _: "never"}, "the defaults contradict .*: never"),
        ("crowd", {"why": Words("{nope}", "b")}, "why: there is no parameter 'nope'"),
        ("crowd", {"parameters": {**find("crowd").parameters, "clear_part": BOUNDED}},
         "parameters: two are called 'clear_part'"),
        ("crowd", {"parameters": {**find("crowd").parameters, "clear_seconds": MINUTES}},
         "parameter clear_seconds: its unit is 's'"),
    ],
)  # fmt: skip
def test_a_kind_that_cannot_be_is_refused(like: str, changed: dict[str, Any], said: str) -> None:
    assert re.match(said, next(faults(dataclasses.replace(find(like), **changed))))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"least": float("-inf")}, "least=-inf: give a number that is finite"),
        ({"most": float("nan")}, "most=nan: give a number that is finite"),
        ({"default": float("inf")}, "default=inf: give a number that is finite"),
        ({"default": "3"}, "default='3': give a number that is finite"),
        ({"most": 1}, "least=1 is not below most=1"),
        ({"default": 9}, "default=9: give a number from 1 to 5"),
        ({"default": 1.5, "whole": True}, "default=1.5: give a whole number"),
        ({"meaning": "how long"}, "meaning: give Words"),
        ({"formerly": "old"}, "formerly: give a tuple"),
        ({"unit": None}, "unit=None: give a text"),
        ({"unit": Words("s", None)}, "unit=.*: give a text"),
        ({"whole": True, "least": 1.5}, "least=1.5 is not whole"),
        ({"whole": True, "most": 5.5}, "most=5.5 is not whole"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused(changed: dict[str, Any], said: str) -> None:
    parameters = {"long": dataclasses.replace(BOUNDED, **changed)}
    kind = dataclasses.replace(find("no_data"), parameters=parameters)
    assert re.match(f"parameter long: {said}", next(faults(kind)))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"needs": ("flows",)}, "no feed measures 'flows'; measured are .*, flow, "),
        ({"shows": "flows"}, "no feed measures 'flows'"),
        ({"needs": ("flow", "level")}, r"no feed measures all of needs=\('flow', 'level'\)"),
    ],
)
def test_a_kind_that_no_sensor_can_serve_is_refused(changed: dict[str, Any], said: str) -> None:
    with extended():
        kind = dataclasses.replace(find("congestion"), **changed)
        assert re.match(said, next(unmeasured(kind)))


def test_what_the_system_raises_cannot_be_asked_for() -> None:
    for kind in KINDS.values():
        if kind.watches is Watches.SYSTEM:
            with pytest.raises(InvalidChangeError, match="by the system"):
                check(configured(), Rule("r", kind.id, "low"))
