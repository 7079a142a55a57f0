"""Wards: which spellings are one, and what of an alert and of the configuration an area shows."""

import unicodedata

import msgspec
import pytest

from services.alerts.alert import Alert, fold
from services.alerts.area import OUTSIDE, Area, line_seen_by, seen_by
from services.alerts.exhibits import Exhibit, exhibit
from services.alerts.lifecycle import receive
from services.alerts.store import Recorded
from services.alerts.transitions import Commented, Names, Raised, Transition
from services.api.backlog import Streamed
from services.api.users import narrower
from services.api.within import within
from streams.configuration.configured import Configured
from streams.configuration.places import placed
from streams.events import NOWHERE, FrameRef, Mask, Rule, Source, Zone
from streams.wards import UnknownWardError, as_named, found, spelled
from tests.support.alerting import START, incident, jam, joined, proof

HB, NQ = "Hồng Bàng", "Ngô Quyền"
NAMES = Names(source_vi="Cầu Rào", source_en="Rao bridge", zone_vi="Làn", zone_en="Lane")


def decomposed(name: str) -> str:
    return unicodedata.normalize("NFD", name)


def test_a_name_is_one_however_it_is_typed() -> None:
    assert decomposed(HB) != HB
    assert spelled(decomposed("  Hồng   Bàng ")) == HB
    assert found([decomposed(HB), "ngô quyền", HB], [NQ, decomposed(HB), ""]) == (HB, NQ)


def test_a_source_is_in_the_ward_that_people_were_given_before() -> None:
    assert as_named("hồng bàng", [NQ, HB]) == HB
    assert as_named("hồng bàng", [HB, "hồng bàng"]) == "hồng bàng", "which is one of them"
    assert as_named("Lê Chân", [NQ, HB]) == "Lê Chân"


@pytest.mark.parametrize("name", ["Hong Bang", "", "Hồng Bàng 2"])
def test_an_unknown_ward_is_refused_with_those_that_are_known(name: str) -> None:
    with pytest.raises(UnknownWardError, match=f"{HB}, {NQ}"):
        found([name], [NQ, HB])


def test_a_sources_ward_is_stored_as_wards_are_spelled() -> None:
    assert placed(camera("cam-1", decomposed(HB))).ward == HB


def camera(name: str, ward: str, parents: tuple[str, ...] = ()) -> Source:
    return Source(name, "camera", name, name, "live", NOWHERE, ward=ward, parents=parents)


def merged(wards: dict[str, str]) -> tuple[Alert, list[Transition]]:
    """A stopped vehicle on cam-1 that a loop's queue has become part of, with a remark."""
    first = incident(evidence=(proof(FrameRef(0, 1, "ab" * 32)),))
    whole, _ = joined(first, jam())
    raised = receive(
        None, first, None, names=NAMES, wards=wards, evidence=tuple(map(exhibit, first.evidence))
    )
    more = tuple(map(exhibit, jam().evidence))
    amended = receive(fold(raised), whole, 0, wards=wards, evidence=more)
    said = Transition(
        alert=raised[0].alert, version=3, time=START, event=Commented(comment="at Rao bridge")
    )
    lines = [*raised, *amended, said]
    return fold(lines), lines


BOTH = {"cam-1": HB, "loop-1": NQ}


def sources(exhibits: tuple[Exhibit, ...]) -> list[str]:
    return [one.source for one in exhibits]


def test_who_is_limited_to_all_wards_of_an_alert_sees_all_of_it_as_who_is_not_limited() -> None:
    alert, _ = merged(BOTH)
    for area in (None, frozenset({HB, NQ}), frozenset({HB, NQ, "Lê Chân"})):
        seen = seen_by(alert, area)
        assert seen is not None
        assert seen == (alert, 0, True)


def test_other_wards_parts_are_counted_and_nothing_else() -> None:
    alert, _ = merged(BOTH)
    seen = seen_by(alert, frozenset({HB}))
    assert seen is not None
    assert (seen.outside, seen.own) == (1, True)
    assert seen.alert.sources == ("cam-1",)
    assert sources(seen.alert.evidence) == ["cam-1"]
    assert seen.alert.names == NAMES


def test_of_another_wards_alert_a_part_is_seen_without_name_place_or_picture() -> None:
    alert, _ = merged(BOTH)
    seen = seen_by(alert, frozenset({NQ}))
    assert seen is not None
    assert (seen.outside, seen.own) == (1, False)
    shown = seen.alert
    assert (shown.source, shown.sources, shown.zone, shown.rule) == ("", ("loop-1",), "", "")
    assert (shown.place, shown.names, shown.subject) == (None, OUTSIDE, "")
    assert sources(shown.evidence) == ["loop-1"]
    told = msgspec.json.encode(msgspec.structs.replace(shown, wards={})).decode()
    assert "cam-1" not in told
    assert "Rao" not in told
    assert "cam-1" in msgspec.json.encode(alert).decode(), "control: the whole alert says it"


@pytest.mark.parametrize("area", [frozenset({"Lê Chân"}), frozenset()])
def test_what_has_no_part_in_an_area_is_not_there(area: frozenset[str]) -> None:
    assert seen_by(merged(BOTH)[0], area) is None


@pytest.mark.parametrize("wards", [{}, {"cam-1": "", "loop-1": ""}])
def test_what_is_in_no_ward_is_seen_by_people_without_a_limit_only(wards: dict[str, str]) -> None:
    alert, _ = merged(wards)
    assert seen_by(alert, None) is not None
    assert seen_by(alert, frozenset({HB, ""} - {""})) is None


def test_lines_of_the_history_show_what_the_alert_shows() -> None:
    alert, lines = merged(BOTH)
    area: Area = frozenset({NQ})
    seen = [
        line_seen_by(Recorded(n, START, line), alert, area).transition.event
        for n, line in enumerate(lines)
    ]
    raised, amended, said = seen
    assert isinstance(raised, Raised)
    assert raised.evidence == ()
    assert sources(amended.evidence) == ["loop-1"]  # type: ignore[union-attr]
    assert said == Commented(comment="")
    own = line_seen_by(Recorded(3, START, lines[2]), alert, frozenset({HB}))
    assert own.transition.event == Commented(comment="at Rao bridge")


def test_the_area_is_fixed_when_an_alert_is_raised() -> None:
    alert, _ = merged({"cam-1": HB, "loop-1": HB})
    again = incident(start=START + 1, subject="track-2")
    moved = receive(alert, again, None, wards={"cam-1": NQ})
    alert = fold([*merged({"cam-1": HB, "loop-1": HB})[1], *moved])
    assert alert.wards == {"cam-1": HB, "loop-1": HB}


def test_the_stream_says_to_each_what_is_theirs() -> None:
    alert, lines = merged(BOTH)
    line = Recorded(7, START, lines[2])
    streamed = Streamed(7, '"whole"', frozenset({HB, NQ}), (line, alert))
    assert streamed.text_for(None) == '"whole"'
    assert streamed.text_for(frozenset({"Lê Chân"})) is None
    part = streamed.text_for(frozenset({NQ}))
    assert part is not None
    assert "cam-1" not in part
    assert OUTSIDE.source_vi in part
    assert Streamed(7, "of no ward").text_for(frozenset({HB})) is None


def test_a_token_narrows_and_never_widens() -> None:
    one, other = frozenset({HB, NQ}), frozenset({NQ, "Lê Chân"})
    assert narrower(None, None) is None
    assert narrower(one, None) == narrower(None, one) == one
    assert narrower(one, other) == {NQ}
    assert narrower(one, frozenset({"Lê Chân"})) == frozenset(), "nowhere, and not everywhere"


def known() -> Configured:
    mine, theirs, nowhere = camera("mine", decomposed(HB)), camera("theirs", NQ), camera("none", "")
    mine = msgspec.structs.replace(mine, parents=("theirs",))
    square = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    rules = (
        Rule("everywhere", "crowd", "low", (), (), (), {}),
        Rule("of-both", "crowd", "low", ("mine", "theirs"), ("z-mine", "z-theirs"), (), {}),
        Rule("of-theirs", "crowd", "low", ("theirs",), (), (), {}),
        Rule("in-theirs", "crowd", "low", (), ("z-theirs",), (), {}),
        Rule("of-type", "crowd", "low", ("theirs",), (), (), {}, types=("camera",)),
    )
    return Configured(
        7,
        {one.id: one for one in (mine, theirs, nowhere)},
        {f"z-{one}": Zone(f"z-{one}", one, one, one, square) for one in ("mine", "theirs")},
        {rule.id: rule for rule in rules},
        masks={f"m-{one}": Mask(f"m-{one}", one, square) for one in ("mine", "theirs")},
    )


def test_of_the_configuration_an_area_shows_what_is_about_its_sources() -> None:
    seen = within(known(), frozenset({HB}))
    assert (set(seen.sources), set(seen.zones), set(seen.masks)) == (
        {"mine"},
        {"z-mine"},
        {"m-mine"},
    )
    assert seen.sources["mine"].parents == ()
    assert set(seen.rules) == {"everywhere", "of-both", "of-type"}
    assert (seen.rules["of-both"].sources, seen.rules["of-both"].zones) == (("mine",), ("z-mine",))
    assert seen.rules["of-type"].sources == ()


def test_control_without_a_limit_all_of_it_is_shown() -> None:
    assert within(known(), None) == known()
    assert not within(known(), frozenset()).sources
