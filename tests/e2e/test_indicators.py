"""Indicators and quality over HTTP, at the terminal and in a browser, from what is stored."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from simulators.world.calendar import at
from streams.configuration.log import append
from streams.events import MINUTE, CaseHours, Indicated, Scored, SourceHours
from streams.tables import case_hours, source_hours
from streams.tables import indicators as table
from streams.tables.doubtful import METRIC, SOURCE, TIME
from streams.tables.readings import TABLE as READINGS
from streams.tables.rows import in_doubt, rows_of
from streams.tables.writer import copy
from streams.topics import CORRELATED, SCORED
from tests.support import screen
from tests.support.commandline import cityops
from tests.support.desk import Desk, open_desk
from tests.support.dossiers import offices, told
from tests.support.measured import city, day, ran
from tests.support.people import PASSWORD
from tests.support.screen import violations

BY = ("hour", "source", "procedure")


@pytest.fixture(scope="module")
def desk(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """Where an evening of the counted city is stored, with what came late or was corrected."""
    with open_desk(database_server, template_database, tmp_path_factory.mktemp("state")) as desk:
        append(desk.database, [*city(), *offices()], "test")
        offline = ran(day(90, seed=3, down=range(30, 45)))
        hours: list[Any] = []
        kept: dict[tuple[datetime, str, str], Any] = {}
        for event in offline.events(SCORED):
            if isinstance(event, SourceHours):
                hours += source_hours.rows(event)
            elif isinstance(event, Scored):
                rows = [*rows_of(event)[READINGS]]
                rows += [each.row for each in in_doubt(event).get(READINGS, ())]
                kept |= {(row[TIME], row[SOURCE], row[METRIC]): row for row in rows}
        said = [each for each in offline.events(CORRELATED) if isinstance(each, Indicated)]
        dossiers = ran(told(at(2026, 11, 18, 15.5), at(2026, 11, 18, 16.98), MINUTE))
        said += [each for each in dossiers.events(CORRELATED) if isinstance(each, Indicated)]
        cases = [
            row
            for each in dossiers.events(SCORED)
            if isinstance(each, CaseHours)
            for row in case_hours.rows(each)
        ]
        with desk.database.transaction():
            copy(desk.database, READINGS, kept.values())
            copy(desk.database, source_hours.TABLE, hours)
            copy(desk.database, case_hours.TABLE, cases)
            copy(desk.database, table.TABLE, [row for each in said for row in table.rows(each)])
        yield desk


def test_each_number_is_computed_anew_by_the_query_that_it_opens(desk: Desk) -> None:
    machine = desk.machine()
    found = {e["id"]: e for e in machine.get("/api/indicators").json()["indicators"]}
    assert found["digital_index"]["needs_en"]
    compared = 0
    for name in ("base_stations_up", "main_roads_speed", "lorries_waiting"):
        (series,) = found[name]["series"]
        assert series["origin"] == "simulated"
        over = [e for e in series["periods"] if name == "lorries_waiting" or e["state"] == "ended"]
        for period in over:
            asked = {"origin": "simulated", "start": period["start"]}
            anew = machine.get(f"/api/indicators/{name}/computed", params=asked).json()
            assert (anew["numerator"], anew["denominator"]) == (
                period["numerator"],
                period["denominator"],
            ), anew["sql"]
            assert anew["same"]
            assert anew["sources"] > 1
            again = desk.database.execute(anew["sql"]).fetchone()
            assert again is not None
            assert again[0] == period["numerator"], "what is shown is what is asked"
            compared += 1
    assert compared >= 5
    up = found["base_stations_up"]
    assert up["series"][0]["periods"][1]["met"] is False
    for path in ("/api/indicators/none", "/api/indicators/digital_index/computed"):
        assert machine.get(path).status_code == 404


def test_what_became_of_dossiers_is_told_by_hour_office_and_kind(desk: Desk) -> None:
    machine = desk.machine()
    found = {e["id"]: e for e in machine.get("/api/indicators").json()["indicators"]}
    (series,) = found["dossiers_on_time"]["series"]
    (period,) = series["periods"]
    asked = {"origin": "simulated", "hours": 24, "until": "2026-11-18T17:00:00Z"}
    for by, distinct in (("hour", 2), ("source", 9), ("procedure", 4)):
        said = machine.get(
            "/api/indicators/dossiers_on_time/cases", params={**asked, "by": by}
        ).json()["rows"]
        assert len({(row["hour"], row["source"], row["procedure"]) for row in said}) == len(said)
        assert len(said) >= distinct
        assert all((row[key] is not None) == (key == by) for row in said for key in BY)
        assert sum(row["in_time"] for row in said) == period["numerator"]
        assert sum(row["ended"] for row in said) == period["denominator"]
        for row in said:
            assert row["value"] == (
                pytest.approx(100 * row["in_time"] / row["ended"], abs=0.001)
                if row["ended"]
                else None
            )


def test_dossiers_on_time_are_computed_anew_from_what_became_of_each(desk: Desk) -> None:
    machine = desk.machine()
    found = {e["id"]: e for e in machine.get("/api/indicators").json()["indicators"]}
    (series,) = found["dossiers_on_time"]["series"]
    (period,) = series["periods"]
    asked = {"origin": "simulated", "start": period["start"]}
    anew = machine.get("/api/indicators/dossiers_on_time/computed", params=asked).json()
    assert anew["same"], anew["sql"]
    assert period["state"] == "running"
    assert 0 < anew["numerator"] < anew["denominator"]
    computed_at = datetime.fromisoformat(period["computed_at"])
    for said, same in ((computed_at + timedelta(seconds=1), True), (computed_at, False)):
        desk.database.execute(
            "INSERT INTO case_hours SELECT time, source, feed, gateway, origin, procedure,"
            " 0, 0, 1, 0, %s, 0 FROM case_hours ORDER BY time DESC LIMIT 1",
            [said],
        )
        anew = machine.get("/api/indicators/dossiers_on_time/computed", params=asked).json()
        assert anew["same"] == same, "what came since is not in it, and what came before is"


def test_control_a_reading_that_changes_behind_its_back_is_seen(desk: Desk) -> None:
    changed = desk.database.execute(
        "UPDATE readings SET value = 1 - value WHERE metric = 'in_service' AND (time, source) = ("
        " SELECT time, source FROM readings WHERE metric = 'in_service'"
        " AND time > '2026-11-18T12:00Z' ORDER BY 1 LIMIT 1) RETURNING 1"
    ).fetchall()
    assert len(changed) == 1
    asked = {"origin": "simulated", "start": "2026-11-18T12:00:00Z"}
    anew = desk.machine().get("/api/indicators/base_stations_up/computed", params=asked).json()
    assert not anew["same"]


def test_the_commands_show_them(desk: Desk) -> None:
    env = {
        "CITYOPS_STATE_DIR": str(desk.settings.state_dir),
        "CITYOPS_HTTP_PORT": str(desk.settings.http_port),
    }
    shown = cityops("indicators", "show", "base_stations_up", "--json", env=env)
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["computed"]["sql"].startswith("SELECT")
    listed = cityops("indicators", "list", env=env)
    assert "base_stations_up" in listed.stdout


def test_who_keeps_their_promise_is_said_by_feed_and_source(desk: Desk) -> None:
    found = desk.machine().get("/api/quality").json()
    feeds = {each["feed"]: each for each in found["feeds"]}
    stations = feeds["base_stations"]
    assert (stations["owner_en"], stations["origin"]) == ("Mobile operators", "simulated")
    assert (stations["hours"], stations["kept"], stations["score"]) == (1, 0, 0.0)
    assert stations["broken"] == ["clean"]
    assert stations["last"]["clean"] < stations["promise"]["clean"]
    assert found["matching"] == 12
    assert found["sources"][0]["broken"], "the worst first"
    only = desk.machine().get("/api/quality", params={"source": "gate-1", "limit": 5}).json()
    assert [each["source"] for each in only["sources"]] == ["gate-1"]
    assert only["sources"][0]["axes"]["complete"] == 100.0
    person = desk.signed_in(desk.person())
    assert person.get("/api/quality").status_code == 200
    desk.database.execute(
        "INSERT INTO source_hours SELECT (h).* FROM (SELECT jsonb_populate_record(s, "
        ' \'{"time": "2999-01-01T00:00Z", "source": "ahead"}\') AS h'
        " FROM source_hours AS s LIMIT 1) AS made"
    )
    told = desk.machine().get("/api/quality").json()
    assert {each["feed"] for each in told["feeds"]} == feeds.keys(), "one clock ahead hides none"
    assert told["matching"] == found["matching"] + 1
    env = {
        "CITYOPS_STATE_DIR": str(desk.settings.state_dir),
        "CITYOPS_HTTP_PORT": str(desk.settings.http_port),
    }
    assert "Mobile" in cityops("source", "quality", env=env).stdout  # folded


def test_the_pages_show_them_in_both_languages(desk: Desk) -> None:
    with screen.chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(f"{desk.settings.api}/indicators?lang=en")
        page.locator("input[name=name]").fill(desk.person())
        page.locator("input[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        tile = page.locator(".tile", has_text="Base stations in service")
        expect(tile).to_contain_text("missed")
        expect(tile).to_contain_text("Mobile operators")
        expect(tile).to_contain_text("≥ 99")
        tile.get_by_role("button", name="Compute anew").click()
        expect(tile.locator("pre")).to_contain_text("FROM readings")
        page.get_by_text("indicators that are not computed").click()
        expect(page.get_by_text("needs: the yearly ranking")).to_be_visible()
        assert not violations(page)
        _change_language(page)
        expect(page.locator(".tile", has_text="Trạm BTS hoạt động")).to_contain_text("không đạt")
        page.get_by_role("button", name="Các trang").click()
        page.get_by_role("menuitemradio", name="Chất lượng nguồn dữ liệu").click()
        feed = page.get_by_role("row", name="Trạm BTS")
        expect(feed.first).to_contain_text("Doanh nghiệp viễn thông")
        expect(feed.first).to_contain_text("dưới cam kết")
        assert not violations(page)


def _change_language(page: Page) -> None:
    page.locator("h1").click()
    page.keyboard.press("l")
