"""Alerts as messages of CAP 1.2: valid, in both languages, and marked where they are not live."""

from typing import Any

import pytest
import xmlschema

from services.alerts.alert import fold
from services.alerts.commands import Command, Done, Whole, decide
from services.alerts.issued import Issue, newest
from services.alerts.lifecycle import receive
from services.alerts.outlines import Outline, read
from services.alerts.store import Recorded
from services.alerts.transitions import NO_NAMES, Transition
from services.notifier import cap, templates
from services.notifier.templates import Line
from services.oncall.floods import Group, Seen, Summary
from streams.configuration.places import well_known_text
from streams.events import MINUTE, SECOND, Micros, Origin, Shape
from streams.words import Words
from tests.support.alerting import START, ended, incident
from tests.support.cap import Read, schema
from tests.support.oncall import NIGHT, facts

BASE = "https://city.example.vn"
SENDER = cap.sender_of(BASE)
FIRST = Issue("Alert", 1, NIGHT, ())


def data(
    issue: Issue = FIRST,
    *,
    test: bool = False,
    partial: bool = False,
    outline: Outline = (),
    **changes: Any,
) -> Any:
    one = facts(**changes)
    why = Words("đứng lâu", "stood for long")
    line = Line("key-1", one, partial, why, 0, test, issue, outline=outline)
    return templates.data_of(line, BASE, exercise=one.origin != "live")


def written(issue: Issue = FIRST, scope: cap.Scope = "Restricted", **changes: Any) -> Read:
    return Read(cap.write(data(issue, **changes), SENDER, scope))


def test_an_alert_says_what_where_and_when_in_both_languages() -> None:
    said = written()
    assert said.one("identifier") == "cityops-a-1-1"
    assert said.one("sender") == "cityops@city.example.vn"
    assert said.one("sent") == "2026-11-18T18:06:40+07:00"
    assert (said.one("status"), said.one("msgType")) == ("Actual", "Alert")
    assert said.all("references") == said.all("note") == []
    assert said.all("info/language") == ["vi-VN", "en-US"]
    assert said.all("info/category") == ["Security"] * 2
    assert said.all("info/headline")[1] == "Critical: Intrusion · Quay 3, Fence"
    assert said.all("info/description") == ["đứng lâu", "stood for long"]
    assert said.all("info/urgency") == ["Immediate"] * 2
    assert said.all("info/severity") == ["Extreme"] * 2
    assert said.all("info/expires") == ["2026-11-18T19:06:40+07:00"] * 2
    assert said.all("info/area/circle") == ["20.860000,106.680000 0.2"] * 2
    assert said.all("info/area/geocode/value") == ["Hồng Bàng"] * 2


def test_what_follows_names_what_it_takes_the_place_of() -> None:
    later = written(Issue("Update", 4, NIGHT + MINUTE, ((1, NIGHT), (3, NIGHT + SECOND))))
    assert later.one("msgType") == "Update"
    assert later.one("references").split() == [
        f"{SENDER},cityops-a-1-1,2026-11-18T18:06:40+07:00",
        f"{SENDER},cityops-a-1-3,2026-11-18T18:06:41+07:00",
    ]
    over = written(Issue("Cancel", 5, NIGHT + MINUTE, ((4, NIGHT),)), active=False)
    assert over.all("info/responseType") == ["AllClear"] * 2
    assert over.all("info/urgency") == ["Past"] * 2
    assert over.all("info/expires") == []
    assert all("is over" in said or "đã hết" in said for said in over.all("info/headline"))


def test_what_stands_for_several_is_no_message_about_the_gravest_of_them() -> None:
    first = Seen(time=NIGHT, alert="a-0", kind="intrusion", severity="high")
    group = Group(kind="intrusion", ward="Hồng Bàng", count=37, severity="critical")
    summary = Summary(since=NIGHT, first=first, count=37, groups=(group,))
    of_one = Issue("Update", 4, NIGHT + MINUTE, ((1, NIGHT),))
    line = Line("key-1", facts(), False, None, 0, False, of_one, summary=summary)
    said = Read(cap.write(templates.data_of(line, BASE, exercise=False), SENDER, "Restricted"))
    assert said.one("identifier") == "cityops-key-1" != written().one("identifier")
    assert (said.one("msgType"), said.all("references")) == ("Alert", [])
    assert said.all("info/headline")[1] == "Flood of alerts: 37"


def test_what_is_an_area_has_its_outline_in_place_of_a_circle() -> None:
    corners = ((20.86, 106.68), (20.87, 106.68), (20.87, 106.69), (20.86, 106.68))
    text = well_known_text(Shape("area", corners[:-1]))
    assert text is not None
    assert read(text) == corners
    said = written(outline=read(text))
    ring = "20.860000,106.680000 20.870000,106.680000 20.870000,106.690000 20.860000,106.680000"
    assert said.all("info/area/polygon") == [ring] * 2
    assert said.all("info/area/circle") == []
    assert written(outline=corners, partial=True).all("info/area/polygon") == []
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        written(outline=corners[:3])


@pytest.mark.parametrize("origin", ["simulated", "recorded", "replayed"])
def test_what_is_not_live_is_an_exercise(origin: Origin) -> None:
    said = written(origin=origin)
    assert said.one("status") == "Exercise"
    assert "EXERCISE" in said.one("note")
    headlines = said.all("info/headline")
    assert [one.partition(" ")[0] for one in headlines] == ["[DIỄN", "[EXERCISE]"]


def test_a_test_is_a_test() -> None:
    assert written(test=True, origin="simulated").one("status") == "Test"


def test_a_public_one_has_no_restriction() -> None:
    said = written(scope="Public")
    assert (said.one("scope"), said.all("restriction")) == ("Public", [])


def test_it_stays_valid_whatever_things_are_called() -> None:
    hostile = "a]]>&<x/>\x00\x1b\u202e\ufffe\r\n"
    said = written(source_vi=hostile, source_en=hostile, wards={"quay-3": hostile}, kind="no kind,")
    assert "\x1b" not in said.all("info/headline")[0]
    assert written(partial=True, place=None, wards={}).all("info/area/circle") == []


def test_control_what_is_no_message_is_refused() -> None:
    good = cap.write(data(), SENDER, "Restricted").decode()
    for bad in (
        good.replace("<status>Actual</status>", "<status>Real</status>"),
        good.replace("+07:00</sent>", "Z</sent>"),
        good.replace("<sender>", "<sender>a b"),
        good.replace("<urgency>", "<x/><urgency>", 1),
    ):
        assert bad != good
        with pytest.raises(xmlschema.XMLSchemaValidationError):
            schema().validate(bad)


# --- which messages there are of an alert -----------------------------------------------------


class History:
    """Of one alert, written down a second apart."""

    def __init__(self) -> None:
        self.lines: list[Recorded] = []

    def _add(self, transitions: tuple[Transition, ...]) -> None:
        for one in transitions:
            at = START + len(self.lines) * SECOND
            self.lines.append(Recorded(len(self.lines), at, one))

    def hears(self, one: Any) -> Issue | None:
        alert = fold(line.transition for line in self.lines) if self.lines else None
        known = one.revision - 1 if one.revision else None
        self._add(tuple(receive(alert, one, known, names=NO_NAMES)))
        return newest(self.lines)

    def does(self, action: Any, time: Micros, **more: Any) -> Issue | None:
        alert = fold(line.transition for line in self.lines)
        command = Command(id=f"{action}{time}", action=action, actor="lan", time=time, **more)
        outcome = decide(alert, command, [])
        assert isinstance(outcome, Done)
        self._add(tuple(outcome.transitions))
        return newest(self.lines)


def test_an_alert_that_begins_changes_and_ends_is_three_messages() -> None:
    history, first = History(), incident()
    begun = history.hears(first)
    assert begun is not None
    assert (begun.type, begun.version, begun.references) == ("Alert", 1, ())
    # What people do among themselves tells nobody outside.
    assert history.does("acknowledge", START + MINUTE) == begun
    again = history.hears(incident(start=START + 2 * MINUTE, subject="track-2"))
    assert again is not None
    assert (again.type, again.references) == ("Update", ((1, begun.sent),))
    over = history.does("resolve", START + 3 * MINUTE, comment="towed")
    assert over is not None
    assert over.type == "Cancel"
    assert [version for version, _ in over.references] == [1, again.version]
    # Of what is over nothing more is said.
    assert history.hears(ended(first, START + 4 * MINUTE)) == over


def test_what_comes_again_after_it_was_over_is_a_new_message() -> None:
    history, first = History(), incident()
    history.hears(first)
    over = history.hears(ended(first, START + MINUTE))
    assert over is not None
    assert over.type == "Cancel"
    anew = history.hears(incident(start=START + 3 * MINUTE, subject="track-2"))
    assert anew is not None
    assert (anew.type, anew.references) == ("Alert", ())


def test_what_is_merged_into_another_is_over_outside_and_begins_anew_once_it_is_split_off() -> None:
    history, first = History(), incident()
    begun = history.hears(first)
    whole = Whole(origin="simulated", severity="critical", closed=False)
    over = history.does("merge", START + MINUTE, to="whole", whole=whole, comment="the same")
    assert begun is not None
    assert over is not None
    assert (over.type, over.references) == ("Cancel", ((1, begun.sent),))
    assert history.does("split", START + 2 * MINUTE, comment="not the same") != over
    anew = newest(history.lines)
    assert anew is not None
    assert (anew.type, anew.references) == ("Alert", ())
