"""Shelves, suppressions and the rest of an alarm's life, over HTTP and by the consumer."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from services.alerts import store, suppression_store
from services.alerts.commands import Command, Refused
from services.alerts.lifecycle import receive
from streams.events import DAY, HOUR, MINUTE, SECOND, Incident, from_rfc3339, to_rfc3339
from streams.stamps import wall_clock
from tests.support.alerting import ended, incident
from tests.support.desk import Desk, open_desk
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def desk(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    with open_desk(database_server, template_database, tmp_path_factory.mktemp("state")) as desk:
        loop = {"kind": "induction_loop", "gateway": "gw", "ward": "Hồng Bàng"}
        for name in ("loop-1", "loop-2", "loop-3"):
            desk.machine().post("/api/sources", json={"id": name} | loop).raise_for_status()
        yield desk


@pytest.fixture(scope="module")
def lan(desk: Desk) -> httpx.Client:
    return desk.signed_in(desk.person(name="lan"))


@pytest.fixture(scope="module")
def hoa(desk: Desk) -> httpx.Client:
    return desk.signed_in(desk.person("supervisor", name="hoa"))


def told(desk: Desk, one: Incident, *, ward: str = "") -> str:
    """The alert's id, as the consumer makes it."""
    in_force = []
    with desk.database.transaction():
        store.lock(desk.database)
        book = suppression_store.Book()
        book.refresh(desk.database)
        in_force = book.in_force(one.decided_at)
        found = store.known_incident(desk.database, one.id)
        alert, known = found or (store.to_repeat(desk.database, one), None)
        if alert is not None:
            alert = store.pass_time(desk.database, alert, one.decided_at, "test", in_force)
        covering = tuple(each for each in in_force if each.covers(one.rule, one.sources[0], ward))
        wards = {source: ward for source in one.sources if ward}
        lasts = store.whole_open(desk.database, alert)
        lines = receive(alert, one, known, wards=wards, suppressions=covering, whole_open=lasts)
        if alert is not None and alert.id != lines[0].alert:
            alert = None
        return store.append(desk.database, alert, lines, "test").id


def fresh(**changes: Any) -> Incident:
    now = wall_clock()
    return incident(**{"start": now - MINUTE, "source": f"cam-{uuid4().hex[:6]}", **changes})


def sweep(desk: Desk, now: int) -> int:
    with desk.database.transaction():
        return suppression_store.sweep(desk.database, suppression_store.Book(), now, "test")


def act(client: httpx.Client, alert: str, action: str, **more: Any) -> Any:
    body = {"command_id": uuid4().hex, **more}
    answer = client.post(f"/api/alerts/{alert}/{action}", json=body)
    return answer.json() | {"status_code": answer.status_code}


def shown(client: httpx.Client, alert: str) -> Any:
    return client.get(f"/api/alerts/{alert}").json()


def test_what_is_shelved_is_counted_says_why_and_is_back_by_event_time(
    desk: Desk, lan: httpx.Client
) -> None:
    alert = told(desk, fresh())
    before = lan.get("/api/alerts").json()["counts"].get("shelved", 0)
    done = act(lan, alert, "shelve", minutes=30, comment="crew is there")
    assert (done["state"], done["shelf"]["by"]) == ("shelved", "lan")
    assert done["shelf"]["reason"] == "crew is there"
    until = from_rfc3339(done["shelf"]["until"])
    assert abs(until - wall_clock() - 30 * MINUTE) < 10 * MINUTE
    page = lan.get("/api/alerts", params={"state": "shelved"}).json()
    assert alert in [one["id"] for one in page["alerts"]], "nothing is hidden"
    assert page["counts"]["shelved"] == before + 1
    sweep(desk, until - 1)
    assert shown(lan, alert)["state"] == "shelved"
    sweep(desk, until + DAY)
    back = shown(lan, alert)
    assert (back["state"], back["shelf"]) == ("unacknowledged", None)
    line = back["timeline"][-1]
    assert (line["kind"], line["because"], line["actor"]) == ("unshelved", "time", None)
    assert from_rfc3339(line["time"]) == until, "by event time, however late somebody looks"


@pytest.mark.parametrize("minutes", [5, 720])
def test_the_shortest_and_the_longest_shelf_are_what_they_are_called(
    desk: Desk, lan: httpx.Client, minutes: int
) -> None:
    alert = told(desk, fresh())
    shelf = act(lan, alert, "shelve", minutes=minutes, comment="x")["shelf"]
    assert from_rfc3339(shelf["until"]) - from_rfc3339(shelf["at"]) == minutes * MINUTE


@pytest.mark.parametrize(
    ("more", "status", "reason"),
    [
        ({"minutes": 4, "comment": "x"}, 422, "shelf_length"),
        ({"minutes": 721, "comment": "x"}, 422, "shelf_length"),
        ({"minutes": 30}, 422, "comment_required"),
        ({"minutes": 30, "comment": "x", "expected_version": 9}, 409, "version_conflict"),
        ({"comment": "x"}, 422, "invalid"),
    ],
)
def test_a_shelf_without_end_or_reason_is_refused(
    desk: Desk, lan: httpx.Client, more: dict[str, Any], status: int, reason: str
) -> None:
    refused = act(lan, told(desk, fresh()), "shelve", **more)
    assert (refused["status_code"], refused["reason"]) == (status, reason)


def test_the_second_who_shelves_is_told_who_was_first(desk: Desk, lan: Any, hoa: Any) -> None:
    alert = told(desk, fresh())
    act(lan, alert, "shelve", minutes=30, comment="crew is there")
    refused = act(hoa, alert, "shelve", minutes=60, comment="mine")
    assert (refused["reason"], refused["by"]) == ("already_shelved", "lan")
    assert act(hoa, alert, "unshelve")["state"] == "unacknowledged"
    assert act(hoa, alert, "unshelve")["reason"] == "not_shelved"


def test_what_comes_to_a_shelf_counts_and_what_is_worse_comes_back(
    desk: Desk, lan: httpx.Client
) -> None:
    first = fresh(severity="medium", subject="")
    alert = told(desk, first)
    act(lan, alert, "shelve", minutes=60, comment="roadworks")
    told(desk, ended(first, first.decided_at))
    again = {"source": first.sources[0], "subject": "", "severity": "medium"}
    much_later = fresh(**again, start=first.start + 45 * MINUTE)
    assert told(desk, much_later) == alert, "one alert, however long after"
    now = shown(lan, alert)
    assert (now["state"], now["count"]) == ("shelved", 2)
    assert told(desk, fresh(**again | {"severity": "critical"}, start=first.start + 50 * MINUTE))
    worse = shown(lan, alert)
    assert (worse["state"], worse["count"]) == ("unacknowledged", 3)
    assert [line["because"] for line in worse["timeline"][-2:]] == ["severity", "severity"]


def suppress(client: httpx.Client, **body: Any) -> Any:
    answer = client.post("/api/suppressions", json={"command_id": uuid4().hex, **body})
    return answer.json() | {"status_code": answer.status_code}


def test_a_source_is_out_of_service_until_somebody_returns_it(
    desk: Desk, lan: httpx.Client, hoa: httpx.Client
) -> None:
    before = told(desk, fresh(source="loop-1"))
    ask = {"kind": "out_of_service", "scope": "source", "subject": "loop-1", "reason": "flooded"}
    assert suppress(lan, **ask)["reason"] == "role"
    out = suppress(hoa, **ask)
    assert (out["status_code"], out["until"], out["by"]) == (201, None, "hoa")
    again = suppress(hoa, **ask)
    assert (again["status_code"], again["reason"]) == (409, "already_suppressed")
    meanwhile = told(desk, fresh(source="loop-1", zone="kerb", start=wall_clock()))
    for alert in (before, meanwhile):
        one = shown(lan, alert)
        assert one["state"] == "out_of_service"
        (why,) = one["suppressions"]
        assert (why["by"], why["reason"], why["until"]) == ("hoa", "flooded", None)
    sweep(desk, wall_clock() + 100 * DAY)
    assert shown(lan, before)["state"] == "out_of_service", "no clock returns it"
    listed = lan.get("/api/suppressions").json()
    assert [one["id"] for one in listed] == [out["id"]]
    end = {"command_id": uuid4().hex, "reason": "dry again"}
    back = hoa.post(f"/api/suppressions/{out['id'][:8]}/end", json=end)
    assert (back.status_code, back.json()["ended_by"]) == (200, "hoa")
    assert hoa.post(f"/api/suppressions/{out['id']}/end", json=end).status_code == 200, "once"
    for alert in (before, meanwhile):
        one = shown(lan, alert)
        assert (one["state"], one["suppressions"]) == ("unacknowledged", [])
        assert [line["kind"] for line in one["timeline"]][-2:] == ["suppressed", "restored"]
    assert lan.get("/api/suppressions").json() == []
    assert len(lan.get("/api/suppressions", params={"over": True}).json()) >= 1
    late = {"command_id": uuid4().hex, "reason": "x"}
    assert hoa.post(f"/api/suppressions/{out['id']}/end", json=late).status_code == 409


def test_a_request_that_was_something_else_is_refused_and_ends_nothing(
    hoa: httpx.Client,
) -> None:
    ask = {"kind": "out_of_service", "scope": "source", "reason": "x", "command_id": uuid4().hex}
    begun = hoa.post("/api/suppressions", json={**ask, "subject": "loop-1"}).json()
    end = {"command_id": ask["command_id"], "reason": "dry again"}
    answer = hoa.post(f"/api/suppressions/{begun['id']}/end", json=end)
    assert (answer.status_code, answer.json()["reason"]) == (409, "command_reused")
    (left,) = hoa.get("/api/suppressions").json()
    assert left["ended_by"] is None
    end = {"command_id": uuid4().hex, "reason": "dry again"}
    assert hoa.post(f"/api/suppressions/{begun['id']}/end", json=end).status_code == 200
    again = hoa.post("/api/suppressions", json={**ask, **end, "subject": "loop-1"})
    assert (again.status_code, again.json()["reason"]) == (409, "command_reused")


def test_maintenance_begins_and_ends_as_planned(
    desk: Desk, lan: httpx.Client, hoa: httpx.Client
) -> None:
    now = wall_clock()
    begin, until = now + HOUR, now + 2 * HOUR
    window = {
        "kind": "maintenance",
        "scope": "ward",
        "subject": "Hồng Bàng",
        "begin": to_rfc3339(begin),
        "until": to_rfc3339(until),
        "reason": "power works",
    }
    planned = suppress(hoa, **window)
    assert planned["status_code"] == 201, planned
    alert = told(desk, fresh(source="loop-2"), ward="Hồng Bàng")
    other = told(desk, fresh(source="loop-3"))
    act(lan, alert, "acknowledge")
    sweep(desk, begin - SECOND)
    assert shown(lan, alert)["state"] == "acknowledged"
    sweep(desk, begin + SECOND)
    assert shown(lan, alert)["state"] == "suppressed"
    assert shown(lan, other)["state"] == "unacknowledged", "in no ward"
    born = told(desk, fresh(source="loop-2", zone="x", start=begin + MINUTE), ward="Hồng Bàng")
    assert shown(lan, born)["state"] == "suppressed"
    sweep(desk, until)
    assert {shown(lan, one)["state"] for one in (alert, born)} == {"unacknowledged"}
    restored = shown(lan, alert)["timeline"][-1]
    assert (restored["kind"], from_rfc3339(restored["time"])) == ("restored", until)


@pytest.mark.parametrize("looks", [1, 12])
def test_who_looks_late_finds_what_who_looks_often_found(
    desk: Desk, lan: httpx.Client, hoa: httpx.Client, looks: int
) -> None:
    alert = told(desk, fresh(source="loop-2", severity="critical", zone=f"z{looks}"))
    act(lan, alert, "acknowledge")
    now = wall_clock()
    begin, until = to_rfc3339(now + 10 * MINUTE), to_rfc3339(now + 5 * HOUR)
    out = {"kind": "maintenance", "scope": "source", "subject": "loop-2", "reason": "lens"}
    planned = suppress(hoa, **out, begin=begin, until=until)
    for look in range(1, looks + 1):
        sweep(desk, now + look * 2 * HOUR // looks)
    kinds = [line["kind"] for line in shown(lan, alert)["timeline"]]
    assert kinds == ["raised", "acknowledged", "suppressed"], "its limit passed while it was so"
    end = {"command_id": uuid4().hex, "reason": "x"}
    assert hoa.post(f"/api/suppressions/{planned['id']}/end", json=end).is_success


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"until": None}, "window"),
        ({"until": to_rfc3339(wall_clock() - DAY)}, "window"),
        ({"until": to_rfc3339(wall_clock() + 40 * DAY)}, "window"),
        ({"scope": "rule", "subject": "none"}, "no_subject"),
        ({"subject": "loop-99"}, "no_subject"),
        ({"reason": " "}, "reason_required"),
        ({"kind": "out_of_service"}, "window"),
    ],
)
def test_a_window_without_end_subject_or_reason_is_refused(
    hoa: httpx.Client, change: dict[str, Any], reason: str
) -> None:
    window = {
        "kind": "maintenance",
        "scope": "source",
        "subject": "loop-1",
        "until": to_rfc3339(wall_clock() + HOUR),
        "reason": "lens",
    }
    refused = suppress(hoa, **window | change)
    assert (refused["status_code"], refused["reason"]) == (422, reason)


def test_closing_says_what_it_was_and_can_be_taken_back(
    desk: Desk, lan: httpx.Client, hoa: httpx.Client
) -> None:
    alert = told(desk, fresh())
    done = act(lan, alert, "resolve", comment="a shadow", disposition="false")
    assert (done["state"], done["disposition"], done["resolution"]) == (
        "resolved", "false", "a shadow",
    )  # fmt: skip
    found = lan.get("/api/alerts", params={"disposition": "false"}).json()["alerts"]
    assert alert in [one["id"] for one in found]
    assert done["undo"] == {"by": "lan", "kind": "resolved"}
    refused = act(hoa, alert, "undo")
    assert (refused["status_code"], refused["reason"]) == (409, "cannot_undo")
    assert act(lan, alert, "undo")["state"] == "acknowledged"
    assert act(lan, alert, "undo")["reason"] == "cannot_undo"
    assert act(lan, alert, "reopen", comment="x")["reason"] == "not_resolved"
    act(lan, alert, "resolve", comment="towed", disposition="true")
    again = act(hoa, alert, "reopen", comment="it is back")
    assert (again["state"], again["disposition"]) == ("acknowledged", "")
    wrong = act(lan, alert, "resolve", comment="x", disposition="who knows")
    assert wrong["status_code"] == 422


def test_alerts_are_assigned_and_linked(desk: Desk, lan: httpx.Client, hoa: httpx.Client) -> None:
    one, other = told(desk, fresh()), told(desk, fresh())
    assert act(hoa, one, "assign", to="LAN")["assigned_to"] == "lan"
    assert act(hoa, one, "assign", to="lan")["reason"] == "already_assigned"
    assert act(hoa, one, "assign", to="nobody at all")["reason"] == "no_user"
    mine = lan.get("/api/alerts", params={"assigned": "lan"}).json()["alerts"]
    assert [alert["id"] for alert in mine] == [one]
    assert act(hoa, one, "undo")["assigned_to"] is None
    assert act(lan, one, "link", other=other[:8])["links"] == [other]
    assert shown(lan, other)["links"] == [one]
    assert act(lan, one, "link", other=other)["reason"] == "already_linked"
    assert act(lan, one, "link", other=one)["reason"] == "links_itself"
    assert act(lan, one, "undo")["links"] == []
    assert shown(lan, other)["links"] == [], "of both"
    assert act(lan, one, "undo")["links"] == [other], "what was taken back is taken back"
    assert shown(lan, other)["links"] == [one]
    assert act(lan, other, "unlink", other=one)["links"] == []
    assert shown(lan, one)["links"] == []


def test_one_is_made_part_of_another_and_split_off_again(
    desk: Desk, lan: httpx.Client, hoa: httpx.Client
) -> None:
    one, whole = told(desk, fresh()), told(desk, fresh())
    assert act(lan, one, "merge", other=whole)["reason"] == "comment_required"
    assert act(lan, one, "merge", other=one, comment="x")["reason"] == "merges_itself"
    assert act(lan, one, "merge", other="0" * 36, comment="x")["status_code"] == 404
    merged = act(lan, one, "merge", other=whole[:8], comment="the same lorry")
    assert (merged["state"], merged["merged_into"], merged["resolved_by"]) == (
        "resolved", whole, "lan",
    )  # fmt: skip
    lines = [(line["kind"], line["to"]) for line in shown(lan, whole)["timeline"]]
    assert lines[-1] == ("absorbed", one)
    assert act(hoa, whole, "merge", other=one, comment="x")["reason"] == "whole_closed"
    assert act(hoa, one, "merge", other=whole, comment="x")["reason"] == "merged"
    alone = act(hoa, one, "split", comment="another one")
    assert (alone["state"], alone["merged_into"]) == ("unacknowledged", None)
    assert shown(lan, whole)["timeline"][-1]["kind"] == "released"
    assert act(lan, one, "merge", other=whole, comment="it is")["merged_into"] == whole
    assert act(lan, one, "undo")["state"] == "unacknowledged"
    assert [line["kind"] for line in shown(lan, whole)["timeline"]][-2:] == ["absorbed", "released"]


def test_what_comes_for_a_part_is_held_while_the_whole_is_open(
    desk: Desk, lan: httpx.Client
) -> None:
    first = fresh()
    one, whole = told(desk, first), told(desk, fresh())
    act(lan, one, "merge", other=whole, comment="the same lorry")
    more = msgspec.structs.replace(first, id=uuid4().hex, start=first.start + 2 * HOUR)
    more = msgspec.structs.replace(more, decided_at=more.start)
    assert told(desk, more) == one
    assert (shown(lan, one)["state"], shown(lan, one)["count"]) == ("resolved", 2)
    act(lan, whole, "resolve", comment="towed")
    anew = msgspec.structs.replace(more, id=uuid4().hex, start=more.start + 2 * HOUR)
    assert told(desk, msgspec.structs.replace(anew, decided_at=anew.start)) != one


def test_what_one_side_only_says_is_healed(desk: Desk, lan: httpx.Client) -> None:
    one, other = told(desk, fresh()), told(desk, fresh())
    half = Command(id="half", action="link", actor="lan", time=wall_clock(), to=other)
    with desk.database.transaction():
        assert not isinstance(store.execute(desk.database, one, half, "test"), Refused)
    assert (shown(lan, one)["links"], shown(lan, other)["links"]) == ([other], [])
    assert act(lan, other, "link", other=one)["links"] == [one]
    assert act(lan, one, "unlink", other=other)["links"] == []
    assert shown(lan, other)["links"] == []


def test_several_at_once_are_each_done_or_refused(desk: Desk, lan: httpx.Client) -> None:
    alerts = [told(desk, fresh()) for _ in range(3)]
    act(lan, alerts[0], "acknowledge")
    body = {
        "command_id": uuid4().hex,
        "ids": [*alerts, "0" * 36],
        "action": "acknowledge",
    }
    for _ in range(2):
        results = lan.post("/api/alerts/bulk", json=body).json()
        assert [one["reason"] for one in results] == [
            "already_acknowledged", None, None, "not_found",
        ], "asked for again it is done once"  # fmt: skip
    assert {shown(lan, one)["state"] for one in alerts} == {"acknowledged"}
    assert {shown(lan, one)["version"] for one in alerts} == {2}
    line = desk.machine().get("/api/audit", params={"actor": "lan"}).json()["lines"][0]
    assert (line["action"], line["subject"]) == ("alert:bulk", "acknowledge")
    assert all(one[:8] in line["detail"] for one in alerts)


def test_what_stays_for_a_day_and_what_flaps_is_listed(desk: Desk, lan: httpx.Client) -> None:
    now = wall_clock()
    stale = told(desk, fresh(start=now - 25 * HOUR))
    told(desk, fresh(start=now - 23 * HOUR))
    flapping = ""
    source = f"loop-{uuid4().hex[:6]}"
    for minute in (4, 3, 2):
        one = fresh(source=source, subject="", start=now - minute * MINUTE, after=SECOND)
        flapping = told(desk, one)
        told(desk, ended(one, one.start + 20 * SECOND))

    def listed(condition: str) -> list[str]:
        page = lan.get("/api/alerts", params={"condition": condition}).json()
        assert page[condition] == len(page["alerts"])
        return [one["id"] for one in page["alerts"]]

    assert listed("stale") == [stale]
    assert listed("flapping") == [flapping]


def test_an_acknowledgement_that_outlasts_its_limit_is_void(desk: Desk, lan: httpx.Client) -> None:
    alert = told(desk, fresh())
    at = from_rfc3339(act(lan, alert, "acknowledge")["acknowledged_at"])
    sweep(desk, at + 4 * HOUR - 1)
    assert shown(lan, alert)["state"] == "acknowledged"
    sweep(desk, at + 4 * HOUR)
    asks = shown(lan, alert)
    assert asks["state"] == "unacknowledged"
    assert (asks["timeline"][-1]["kind"], asks["timeline"][-1]["because"]) == ("asked", "limit")


def test_the_projection_and_the_transitions_agree(desk: Desk) -> None:
    """Last of this module: whatever was done above is there again from its transitions alone."""
    before = desk.database.execute("SELECT * FROM alerts ORDER BY id").fetchall()
    assert len(before) > 10
    store.rebuild(desk.database)
    assert desk.database.execute("SELECT * FROM alerts ORDER BY id").fetchall() == before


def test_of_two_who_merge_two_alerts_into_each_other_at_once_one_is_refused(
    desk: Desk, lan: httpx.Client, hoa: httpx.Client
) -> None:
    one, other = told(desk, fresh()), told(desk, fresh())
    waiting = """
        SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
        WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
    """
    with ThreadPoolExecutor(2) as pool:
        with desk.database.transaction():
            store.lock(desk.database)
            first = pool.submit(act, lan, one, "merge", other=other, comment="x")
            second = pool.submit(act, hoa, other, "merge", other=one, comment="x")
            eventually(lambda: desk.database.execute(waiting).fetchone() == (2,))
        done = [first.result(), second.result()]
    assert sorted(each["status_code"] for each in done) == [200, 409]
    assert [each["reason"] for each in done if each["status_code"] == 409] == ["whole_closed"]


def test_what_comes_for_a_part_is_held_also_where_another_of_its_rule_and_source_is_newer(
    desk: Desk, lan: httpx.Client
) -> None:
    first = fresh(start=wall_clock() - 5 * HOUR)

    def later(by: int) -> Incident:
        start = first.start + by
        return msgspec.structs.replace(first, id=uuid4().hex, start=start, decided_at=start)

    one = told(desk, first)
    assert told(desk, ended(first, first.start + MINUTE)) == one
    newer, middle, whole = told(desk, later(HOUR)), told(desk, fresh()), told(desk, fresh())
    assert newer != one
    act(lan, one, "merge", other=middle, comment="the same lorry")
    act(lan, middle, "merge", other=whole, comment="the same jam")
    act(lan, newer, "resolve", comment="towed")
    assert told(desk, later(3 * HOUR)) == one
    act(lan, whole, "resolve", comment="towed")
    assert told(desk, later(4 * HOUR)) not in (one, newer)
