"""What somebody gets to see, or do, who is limited to a ward: nothing of another one.

Everything outside is named "secret" (``tests/support/wards.py``): a route that says the word tells
it. The control is who is not limited, and sees it at the same place.
"""

import csv
import io
import json
import threading
import time
import unicodedata
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest

from services.alerts.area import OUTSIDE, Area
from services.api.limited import FILTERED
from services.api.provider.people import enter
from services.api.provider.provider import Person
from services.api.routes.drift import DriftBody
from streams.configuration.log import append
from streams.events import HOUR, NOWHERE, Indicated, Source, to_rfc3339
from streams.tables import indicators
from streams.tables.writer import copy
from tests.support.alerting import photograph
from tests.support.desk import Desk, open_desk
from tests.support.waiting import eventually
from tests.support.wards import CAMERAS, MINE, SECRET, THEIRS, City

ONE = {
    "/api/alerts/{id}": "alert",
    "/api/alerts/{id}/picture": "alert",
    "/api/assets/{id}": "camera",
    "/api/cap/{id}": "alert",
    "/api/cameras/{id}/picture": "camera",
    "/api/incidents/{id}/explanation": "incident",
    "/api/measured/{id}": "camera",
}
"""Routes of one thing: what is asked of them."""
ELSEWHERE = {
    *ONE,
    "/api/events",
    "/api/indicators/{id}/cases",
    "/api/shifts/document",
    "/api/wall",
}
LISTS = sorted(path for method, path in FILTERED if method == "GET" and path not in ELSEWHERE)
LONG_AGO = {"since": "2020-01-01T00:00:00Z"}
NOTES = {MINE: "mine", THEIRS: SECRET}
REASON = {"reason": "a request of a passer-by"}


@pytest.fixture(scope="module")
def city(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    state = tmp_path_factory.mktemp("state")
    with open_desk(database_server, template_database, state) as desk:
        desk.app.state.frames = SimpleNamespace(
            newest=lambda camera, *_: photograph(camera), close=lambda: None
        )
        drift = desk.app.state.drift
        drift._found = [_drift(name) for name in CAMERAS]
        drift._asked = time.monotonic() + 3600
        city = City(desk)
        everybody = desk.signed_in(city.person(role="administrator"))
        for name in ("cam-mine", "cam-secret"):
            closing = {"command_id": f"close-{name}", "disposition": "true", "comment": "seen"}
            path = f"/api/alerts/{city.alert(name)}/resolve"
            everybody.post(path, json=closing).raise_for_status()
        for ward, text in NOTES.items():
            for action, more in (("begin", {}), ("note", {"text": text}), ("offer", {})):
                asked = {"command_id": f"{action}-{text}", "area": ward} | more
                everybody.post(f"/api/shifts/{action}", json=asked).raise_for_status()
        yield city


def _drift(name: str) -> DriftBody:
    return DriftBody(
        source=name, name_vi=name, name_en=name, measure="things", state="drifts", since=None,
        found=1.0, usual=2.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def desk(city: City) -> Desk:
    return city.desk


@pytest.fixture(scope="module")
def limited(city: City) -> httpx.Client:
    return city.desk.signed_in(city.person(MINE, role="administrator"))


@pytest.fixture(scope="module")
def everywhere(city: City) -> httpx.Client:
    return city.desk.signed_in(city.person(role="administrator"))


def reason(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, "" if answer.is_success else answer.json()["reason"]


# --- what is read -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", LISTS)
def test_a_list_says_nothing_of_what_is_outside(
    city: City, limited: httpx.Client, everywhere: httpx.Client, path: str
) -> None:
    if path == "/api/load":
        asked = {"since": to_rfc3339(city.now - HOUR), "until": to_rfc3339(city.now + HOUR)}
    else:
        asked = LONG_AGO if path != "/api/unjudged/hours" else {}
    seen, control = limited.get(path, params=asked), everywhere.get(path, params=asked)
    assert seen.status_code == control.status_code == 200, seen.text + control.text
    word = THEIRS if path == "/api/wards" else SECRET
    assert word in control.text, "control: who is not limited sees it"
    assert word not in seen.text
    assert ("mine" in seen.text) or MINE in seen.text, "what is inside is there"


def test_a_wall_has_the_cameras_that_are_inside(
    limited: httpx.Client, everywhere: httpx.Client
) -> None:
    def shown(by: httpx.Client, *cameras: str) -> list[str]:
        """Of which cameras the first pictures are."""
        asked = {"id": list(cameras), "width": 240}
        with by.stream("GET", "/api/wall", params=asked) as answer:
            assert answer.status_code == 200
            said, found = b"", []
            for more in answer.iter_bytes():
                said += more
                while len(said) >= 4 and len(found) < len(cameras):
                    size = int.from_bytes(said[:4], "big")
                    head = msgspec.json.decode(said[4 : 4 + size])
                    found.append(head["camera"])
                    assert head["bytes"] <= 2_200
                    said = said[4 + size + head["bytes"] :]
                if len(found) == len(cameras):
                    return found
        return []

    assert shown(limited, "cam-mine") == ["cam-mine"]
    assert shown(everywhere, "cam-mine", "cam-secret") == ["cam-mine", "cam-secret"], "control"
    both = {"id": ["cam-mine", "cam-secret"]}
    assert reason(limited.get("/api/wall", params=both)) == (404, "no_camera")


def test_a_hand_over_of_another_ward_is_none(
    limited: httpx.Client, everywhere: httpx.Client
) -> None:
    digests = {
        each["area"]: {"digest": each["offered"]["digest"]}
        for each in everywhere.get("/api/shifts").json()
    }
    path = "/api/shifts/document"
    assert SECRET in everywhere.get(path, params=digests[THEIRS]).text, "control"
    assert limited.get(path, params=digests[THEIRS]).status_code == 404
    assert limited.get(path, params=digests[MINE]).is_success


@pytest.mark.parametrize("path", ["/api/alerts", "/api/incidents", "/api/accounts"])
def test_asking_by_name_finds_no_more(
    limited: httpx.Client, everywhere: httpx.Client, path: str
) -> None:
    asked = {"source": "cam-secret"}
    rows = path.rpartition("/")[2]
    assert everywhere.get(path, params=asked).json()[rows]
    assert not limited.get(path, params=asked).json()[rows]


def test_counts_and_searches_are_of_what_is_inside(
    limited: httpx.Client, everywhere: httpx.Client
) -> None:
    def counted(client: httpx.Client, **asked: str) -> int:
        return sum(client.get("/api/alerts", params=asked).json()["counts"].values())

    assert 0 < counted(limited) < counted(everywhere)
    assert counted(everywhere, text="cam-secret") > 0 == counted(limited, text="cam-secret")
    assert counted(limited, text="cam-mine") > 0


@pytest.mark.parametrize("path", ONE)
def test_what_is_outside_is_as_if_it_were_not_there(
    city: City, limited: httpx.Client, everywhere: httpx.Client, path: str
) -> None:
    if ONE[path] == "camera":
        outside, inside, absent = "cam-secret", "cam-mine", "cam-absent"
    else:
        ids = city.alerts
        if ONE[path] == "incident":
            ids = {name: one.id for name, one in city.incidents.items()}
        outside, inside = ids["loop-secret"], ids["loop-mine"]
        absent = outside[:-1] + ("0" if outside[-1] != "0" else "1")
    answers = [limited.get(path.replace("{id}", one)) for one in (outside, absent)]
    first, second = (answer.json() for answer in answers)
    assert answers[0].status_code == 404
    assert json.loads(json.dumps(first).replace(outside, absent)) == second, "the same answer"
    seen = limited.get(path.replace("{id}", inside))
    assert seen.is_success
    assert SECRET.encode() not in seen.content, "nor is it named by what is inside"
    assert everywhere.get(path.replace("{id}", outside)).is_success, "control"


def test_the_beginning_of_an_id_does_not_tell_of_others(city: City, limited: httpx.Client) -> None:
    beginning = city.alerts["cam-secret"][:8]
    assert reason(limited.get(f"/api/alerts/{beginning}")) == (404, "no_alert")


def test_indicators_are_the_whole_citys_for_everybody(
    city: City, limited: httpx.Client, everywhere: httpx.Client
) -> None:
    at = city.now // HOUR * HOUR
    said = Indicated(
        "payments_succeeded", "live", at - HOUR, at, at, "ended", 1, 97, 100, 100, 0, 97_000
    )
    copy(city.desk.database, indicators.TABLE, indicators.rows(said))
    for path in ("/api/indicators", "/api/indicators/payments_succeeded"):
        theirs, whole = limited.get(path), everywhere.get(path)
        assert theirs.is_success
        assert theirs.json() == whole.json()
        assert SECRET not in theirs.text


@pytest.mark.parametrize("by", ["hour", "source", "procedure"])
def test_cases_are_counted_of_sources_that_are_inside(
    city: City, limited: httpx.Client, everywhere: httpx.Client, by: str
) -> None:
    """As if its cameras and loops were offices: of each there is an hour."""
    database, path = city.desk.database, "/api/indicators/dossiers_on_time/cases"
    with database.transaction(force_rollback=False):
        kinds = database.execute("SELECT id, type FROM assets").fetchall()
        database.execute("UPDATE assets SET type = 'dossier_office'")
    try:
        theirs, whole = (
            each.get(path, params={"by": by, "hours": 48}).raise_for_status()
            for each in (limited, everywhere)
        )
    finally:
        for name, kind in kinds:
            database.execute("UPDATE assets SET type = %s WHERE id = %s", [kind, name])
    ended = [sum(row["ended"] for row in one.json()["rows"]) for one in (theirs, whole)]
    assert 0 < ended[0] < ended[1]
    assert SECRET not in theirs.text
    assert (SECRET in whole.text) == (by == "source"), "control"
    for asked in (path, "/api/unjudged"):
        assert limited.get(asked, params={"until": "0001-01-01T00:00:00Z"}).is_success, "no error"
    missing = limited.get("/api/indicators/base_stations_up/cases")
    assert reason(missing) == (404, "no_cases")


# --- what is done -----------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["acknowledge", "resolve", "comment"])
def test_an_act_on_an_alert_outside_does_not_tell_that_there_is_one(
    city: City, limited: httpx.Client, everywhere: httpx.Client, act: str
) -> None:
    body = {"command_id": f"{act}-1", "comment": "seen"}
    outside, inside = city.alert("cam-secret"), city.alert("cam-mine")
    assert reason(limited.post(f"/api/alerts/{outside}/{act}", json=body)) == (404, "no_alert")
    assert limited.post(f"/api/alerts/{inside}/{act}", json=body).is_success
    detail = everywhere.get(f"/api/alerts/{outside}").json()
    assert len(detail["timeline"]) == 1, "nothing was done"
    assert everywhere.post(f"/api/alerts/{outside}/{act}", json=body).is_success, "control"


@pytest.mark.parametrize("path", ["/api/alerts/{id}/original", "/api/cameras/{id}/original"])
def test_originals_are_of_what_is_inside(
    city: City, limited: httpx.Client, everywhere: httpx.Client, path: str
) -> None:
    alert = "alerts" in path
    outside = city.alerts["cam-secret"] if alert else "cam-secret"
    gone = "no_alert" if alert else "no_camera"
    asked = path.replace("{id}", outside)
    assert reason(limited.post(asked, json=REASON)) == (404, gone)
    control = everywhere.post(asked, json=REASON)
    assert control.is_success or control.json()["reason"] == "no_evidence"


def test_pictures_are_erased_of_what_is_inside(limited: httpx.Client) -> None:
    order = REASON | {"since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}
    for source in ("cam-secret", "cam-absent", "cam-secret-nowhere"):
        answer = limited.post("/api/privacy/erasures", json=order | {"source": source})
        assert reason(answer) == (404, "no_source")


# --- incidents that lie in two wards ----------------------------------------------------------


@pytest.fixture
def across(city: City) -> tuple[str, str]:
    """Alerts: of mine with a part of theirs, and the other way round."""
    found = []
    for first, second in (("cam-mine", "loop-secret"), ("cam-secret", "loop-mine")):
        one, other = city.incident(first), city.incident(second)
        alert = city.raised(one)
        whole = msgspec.structs.replace(
            one,
            sources=(first, second),
            evidence=one.evidence + other.evidence,
            revision=1,
            decided_at=one.decided_at + 1,
        )
        city.amended(alert, whole, 0)
        found.append(alert)
    return found[0], found[1]


def test_of_a_merged_incident_the_other_wards_part_is_only_counted(
    limited: httpx.Client, everywhere: httpx.Client, across: tuple[str, str]
) -> None:
    mine, theirs = (limited.get(f"/api/alerts/{one}") for one in across)
    for seen, alert in zip((mine, theirs), across, strict=True):
        assert SECRET not in seen.text
        assert SECRET in everywhere.get(f"/api/alerts/{alert}").text, "control"
        assert seen.json()["outside"] == 1
    body = mine.json()
    assert (body["own"], body["sources"], body["source"]) == (True, ["cam-mine"], "cam-mine")
    body = theirs.json()
    assert (body["own"], body["sources"], body["source"]) == (False, ["loop-mine"], "")
    assert (body["place"], body["rationale"]) == (None, None)
    assert body["names"]["source_vi"] == OUTSIDE.source_vi
    assert body["names"]["source_en"] == OUTSIDE.source_en
    assert [one["source"] for one in body["exhibits"]] == ["loop-mine"]
    told, control = (one.get(f"/api/cap/{across[0]}").text for one in (limited, everywhere))
    assert (MINE in told, THEIRS in told, THEIRS in control) == (True, False, True)


def test_an_export_counts_the_other_wards_part_and_says_no_more(
    limited: httpx.Client, everywhere: httpx.Client, across: tuple[str, str]
) -> None:
    seen, control = (one.get("/api/exports/alerts.csv") for one in (limited, everywhere))
    text = io.StringIO(seen.content.decode("utf-8-sig"), newline="")
    rows = {row["id"]: row for row in csv.DictReader(text)}
    mine, theirs = (rows[one] for one in across)
    assert (mine["source"], mine["ward"], mine["outside"]) == ("cam-mine", MINE, "1")
    assert (theirs["source"], theirs["ward"], theirs["outside"]) == ("", "", "1")
    assert (theirs["sources"], theirs["source_en"]) == ("loop-mine", OUTSIDE.source_en)
    assert SECRET not in seen.text
    assert THEIRS not in seen.text
    assert SECRET in control.text
    assert THEIRS in control.text


def test_each_sees_the_evidence_of_their_own_part(
    limited: httpx.Client, everywhere: httpx.Client, across: tuple[str, str]
) -> None:
    (mine,) = limited.get(f"/api/alerts/{across[1]}").json()["exhibits"]
    assert limited.get(mine["picture"]).is_success
    (theirs,) = everywhere.get(f"/api/alerts/{across[0]}").json()["exhibits"]
    assert everywhere.get(theirs["picture"]).is_success, "control"
    for number in range(3):
        asked = f"/api/alerts/{across[0]}/picture?exhibit={number}"
        assert reason(limited.get(asked)) == (404, "no_evidence")
        assert reason(limited.get(f"{asked}&version=2")) == (404, "no_evidence")


def test_who_sees_a_part_of_anothers_alert_does_nothing_to_it(
    limited: httpx.Client, everywhere: httpx.Client, across: tuple[str, str]
) -> None:
    mine, theirs = (f"/api/alerts/{one}/comment" for one in across)
    said = {"comment": "the secret door is open"}
    everywhere.post(theirs, json=said | {"command_id": f"c-{across[1]}"}).raise_for_status()
    assert SECRET not in limited.get(f"/api/alerts/{across[1]}").text
    body = {"command_id": f"d-{across[1]}", "comment": "seen"}
    assert reason(limited.post(theirs, json=body)) == (403, "outside_area")
    assert limited.post(mine, json=body | {"command_id": f"e-{across[0]}"}).is_success


def test_nobody_learns_a_name_by_searching_for_it(
    limited: httpx.Client, everywhere: httpx.Client, across: tuple[str, str]
) -> None:
    for text, source in ((SECRET, ""), ("", "cam-secret"), ("z-cam-secret", "")):
        asked = {name: value for name, value in (("text", text), ("source", source)) if value}
        assert everywhere.get("/api/alerts", params=asked).json()["alerts"], "control"
        assert not limited.get("/api/alerts", params=asked).json()["alerts"]
    (found,) = limited.get("/api/alerts", params={"text": across[1]}).json()["alerts"]
    assert found["id"] == across[1], "by its id"


# --- the live stream --------------------------------------------------------------------------


class Stream:
    """The live stream, read by a thread until it ends."""

    def __init__(self, client: httpx.Client, **asked: int) -> None:
        self.ended = threading.Event()
        self.lines: list[str] = []
        threading.Thread(target=self._read, args=(client, asked), daemon=True).start()
        eventually(lambda: any("hello" in line for line in self.lines))

    def _read(self, client: httpx.Client, asked: dict[str, int]) -> None:
        try:
            with client.stream("GET", "/api/events", params=asked, timeout=60) as answer:
                for line in answer.iter_lines():
                    self.lines.append(line)
        except httpx.HTTPError:
            return  # as the test ends
        self.ended.set()

    def text(self) -> str:
        return "\n".join(self.lines)


def test_a_stream_brings_what_is_inside_now_and_what_was_missed(
    city: City, desk: Desk, across: tuple[str, str]
) -> None:
    mine, other = city.person(MINE), city.person()
    streams = [Stream(desk.signed_in(mine)), Stream(desk.signed_in(mine), after=0)]
    control = Stream(desk.signed_in(other), after=0)
    inside, outside = [city.alert(name) for name in ("cam-mine", "cam-secret")]
    end = city.alert("cam-mine")
    for stream in streams:
        eventually(lambda: end in stream.text())  # noqa: B023
        assert inside in stream.text()
        assert outside not in stream.text()
        assert SECRET not in stream.text()
    assert across[1] in streams[1].text(), "a part of it is theirs"
    eventually(lambda: end in control.text())
    assert SECRET in control.text()
    assert outside in control.text()


@pytest.mark.parametrize("how", ["area", "team", "left"])
def test_a_stream_ends_when_its_area_is_changed(city: City, desk: Desk, how: str) -> None:
    machine, name = desk.machine(), city.person(MINE)
    control = Stream(desk.signed_in(city.person(MINE)))
    team = f"/api/teams/{how}"
    machine.put(team, json={"wards": [THEIRS]}).raise_for_status()
    if how == "left":
        machine.put(f"{team}/members/{quote(name)}").raise_for_status()
    stream = Stream(desk.signed_in(name))
    match how:
        case "area":
            path = f"/api/users/{quote(name)}/area"
            machine.put(path, json={"wards": [THEIRS]}).raise_for_status()
        case "team":
            machine.put(f"{team}/members/{quote(name)}").raise_for_status()
        case _:
            machine.delete(f"{team}/members/{quote(name)}").raise_for_status()
    assert stream.ended.wait(20)
    assert not control.ended.is_set()


# --- who gives areas --------------------------------------------------------------------------


def area(client: httpx.Client, name: str, **body: Any) -> httpx.Response:
    return client.put(f"/api/users/{quote(name)}/area", json=body)


def wards(desk: Desk, name: str) -> list[str] | None:
    found = desk.machine().get("/api/users").json()
    return next(one["wards"] for one in found if one["name"] == name)  # type: ignore[no-any-return]


def test_an_area_is_the_union_of_ones_own_and_ones_teams(city: City, desk: Desk) -> None:
    machine, name = desk.machine(), city.person()
    assert wards(desk, name) is None
    machine.put("/api/teams/quay", json={"wards": [THEIRS.upper()]}).raise_for_status()
    machine.put(f"/api/teams/Quay/members/{quote(name)}").raise_for_status()
    assert wards(desk, name) == [THEIRS]
    area(machine, name, wards=[MINE]).raise_for_status()
    assert wards(desk, name) == [MINE, THEIRS]
    session = desk.signed_in(name).get("/api/session").json()
    assert session["wards"] == [MINE, THEIRS]
    area(machine, name, everywhere=True).raise_for_status()
    assert wards(desk, name) == [THEIRS], "the team's is left"


def test_who_comes_by_a_provider_is_in_the_teams_of_their_groups(city: City, desk: Desk) -> None:
    machine = desk.machine()
    for team, ward in (("hb", MINE), ("nq", THEIRS)):
        machine.put(f"/api/teams/{team}", json={"wards": [ward]}).raise_for_status()
    settings = msgspec.structs.replace(desk.settings, oidc_groups="/desk=operator")

    def comes(*groups: str, subject: str = "7", name: str = "hoa") -> tuple[Area, str]:
        person = Person("https://id.example", subject, name, frozenset({"/desk", *groups}), False)
        with desk.database.transaction():
            entry = enter(desk.database, settings, person, label="", address="")
        return entry.session.area, entry.told

    area, told = comes("/wards/hb")
    assert area == {MINE}
    assert "joined: hb" in told
    assert comes("hb") == ({MINE}, "")
    assert comes("/wards/nq") == ({THEIRS}, "joined: nq; left: hb")
    assert comes() == ({THEIRS}, ""), "a last limit stays until somebody lifts it"
    assert machine.delete("/api/teams/nq/members/hoa", params={"everywhere": True}).is_success
    assert comes() == (None, "")

    mai = {"subject": "8", "name": "mai"}
    assert comes("/Wards/HB", **mai)[0] == {MINE}, "a team's name is one in whatever case"
    assert comes("/Wards/HB", "NQ", **mai) == ({MINE, THEIRS}, "joined: nq")
    assert comes("nq", **mai) == ({THEIRS}, "left: hb")


def test_nobodys_last_limit_is_lifted_by_the_way(city: City, desk: Desk) -> None:
    machine, name = desk.machine(), city.person()
    team = "/api/teams/pier"
    machine.put(team, json={"wards": [MINE]}).raise_for_status()
    machine.put(f"{team}/members/{quote(name)}").raise_for_status()
    for asked in (team, f"{team}/members/{quote(name)}"):
        assert reason(machine.delete(asked)) == (409, "lifts_limit")
    assert wards(desk, name) == [MINE]
    assert machine.delete(team, params={"everywhere": True}).is_success, "control: when asked for"
    assert wards(desk, name) is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"wards": ["Lê Chân"]}, 422),
        ({"wards": []}, 422),
        ({"wards": [""]}, 422),
        ({}, 422),
        ({"wards": [MINE], "everywhere": True}, 422),
    ],
)
def test_an_unknown_ward_is_refused_and_those_that_are_known_are_said(
    city: City, desk: Desk, body: dict[str, Any], status: int
) -> None:
    name = city.person(THEIRS)
    answer = area(desk.machine(), name, **body)
    assert answer.status_code == status
    if body == {"wards": ["Lê Chân"]}:
        assert f"{MINE}, {THEIRS}" in answer.json()["detail"]
    assert wards(desk, name) == [THEIRS]


NEW = "An Biên"


def test_a_ward_is_named_before_a_source_is_in_it(city: City, desk: Desk) -> None:
    name, machine = city.person(), desk.machine()
    assert reason(area(machine, name, wards=[NEW])) == (422, "no_ward"), "it may be a slip"
    assert "new_wards" in area(machine, name, wards=[NEW]).json()["detail"]
    typed = unicodedata.normalize("NFD", f" {NEW.replace(' ', '  ')}")
    area(machine, name, wards=[MINE.lower()], new_wards=[typed]).raise_for_status()
    assert wards(desk, name) == [NEW, MINE], "as wards are spelled"
    sources = {one["name"]: one["sources"] for one in machine.get("/api/wards").json()}
    assert sources[NEW] == 0
    assert sources[MINE] > 0

    # From then on it is known, to whoever names people and to whoever names sources.
    other = city.person()
    area(machine, other, wards=[NEW.upper()]).raise_for_status()
    machine.put("/api/teams/new", json={"new_wards": [NEW.lower()]}).raise_for_status()
    assert wards(desk, other) == [NEW]
    camera = Source("cam-new", "camera", "Mới", "New", "live", NOWHERE, ward=typed.upper())
    with desk.database.transaction():
        append(desk.database, [camera], "test")
    seen = {one["id"]: one for one in desk.signed_in(name).get("/api/sources").json()["sources"]}
    assert seen["cam-new"]["ward"] == NEW


def test_control_a_ward_that_nobody_is_limited_to_is_as_its_source_spells_it(
    city: City, desk: Desk
) -> None:
    camera = Source("cam-other", "camera", "Mới", "New", "live", NOWHERE, ward="AN DƯƠNG")
    with desk.database.transaction():
        append(desk.database, [camera], "test")
    name = city.person()
    area(desk.machine(), name, new_wards=["An Dương"]).raise_for_status()
    assert wards(desk, name) == ["AN DƯƠNG"]


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (["Hong Bang"], "near_ward"),
        (["Phường Hồng Bàng"], "near_ward"),
        ([""], "invalid"),
        (["x" * 300], "invalid"),
        (["An\u202eBiên"], "invalid"),
    ],
)
def test_a_slip_is_no_new_ward(city: City, desk: Desk, new: list[str], why: str) -> None:
    name = city.person(THEIRS)
    assert reason(area(desk.machine(), name, wards=[MINE], new_wards=new)) == (422, why)
    assert wards(desk, name) == [THEIRS]


def test_who_is_limited_names_no_new_ward(city: City, desk: Desk) -> None:
    client, mine = desk.signed_in(city.person(MINE, role="administrator")), city.person(MINE)
    tries = [
        area(client, mine, new_wards=["Hải An"]),
        client.post("/api/users", json={"name": "x", "role": "operator", "new_wards": ["Hải An"]}),
        client.put("/api/teams/x", json={"new_wards": ["Hải An"]}),
    ]
    assert [reason(one) for one in tries] == [(403, "grants_more")] * len(tries)


def test_who_is_limited_gives_no_more_than_they_may_see(city: City, desk: Desk) -> None:
    own = city.person(MINE, role="administrator")
    client = desk.signed_in(own)
    free, theirs, mine = city.person(), city.person(THEIRS), city.person(MINE)
    tries = [
        area(client, own, everywhere=True),
        area(client, own, wards=[THEIRS]),
        area(client, free, wards=[MINE]),
        area(client, theirs, wards=[MINE]),
        area(client, mine, wards=[MINE, THEIRS]),
        client.post(f"/api/users/{quote(free)}/reset"),
        client.post(f"/api/users/{quote(free)}/disable"),
        client.delete(f"/api/users/{quote(theirs)}/sessions"),
        client.post("/api/users", json={"name": "x", "role": "operator", "wards": [THEIRS]}),
        client.put("/api/teams/theirs", json={"wards": [THEIRS]}),
    ]
    assert [reason(one) for one in tries] == [(403, "grants_more")] * len(tries)
    added = client.post("/api/users", json={"name": f"new of {own}", "role": "operator"})
    assert added.is_success
    assert wards(desk, f"new of {own}") == [MINE], "as whoever adds them"
    assert area(client, mine, wards=[MINE]).is_success


def test_who_is_limited_lays_no_hands_on_what_limits_or_lets_in_others(
    city: City, desk: Desk
) -> None:
    """Teams that have nobody yet: who comes by a provider will be in them."""
    machine = desk.machine()
    client = desk.signed_in(city.person(MINE, role="administrator"))
    machine.put("/api/teams/their own", json={"wards": [THEIRS]}).raise_for_status()
    machine.put("/api/teams/all", json={"everywhere": True}).raise_for_status()
    machine.put("/api/teams/my own", json={"wards": [MINE]}).raise_for_status()
    for team in ("their own", "all"):
        path = f"/api/teams/{team}"
        tries = [client.put(path, json={"wards": [MINE]}), client.delete(path)]
        assert [reason(one) for one in tries] == [(403, "grants_more")] * 2, team
    assert client.put("/api/teams/my own", json={"wards": [MINE]}).is_success, "control"
    assert client.delete("/api/teams/my own").is_success, "control"

    role = "/api/roles/harbour"
    machine.put(role, json={"permissions": ["alerts:read"]}).raise_for_status()
    tries = [client.put(role, json={"permissions": []}), client.delete(role)]
    assert [reason(one) for one in tries] == [(403, "limited_area")] * 2
    assert machine.delete(role).is_success, "control"


def test_who_is_limited_adds_people_also_where_a_ward_has_no_source_any_more(
    city: City, desk: Desk
) -> None:
    own = city.person(MINE, "Đồ Sơn", role="administrator")
    client = desk.signed_in(own)
    added = client.post("/api/users", json={"name": f"new of {own}", "role": "operator"})
    assert added.is_success, added.text
    assert wards(desk, f"new of {own}") == [MINE, "Đồ Sơn"]


def test_somebody_is_left_who_manages_users_everywhere(city: City, desk: Desk) -> None:
    machine = desk.machine()
    everybody = [one for one in machine.get("/api/users").json() if one["role"] == "administrator"]
    last = city.person(role="administrator")
    desk.database.execute(
        "UPDATE users SET wards = %s WHERE role = 'administrator' AND name <> %s AND person",
        [[MINE], last],
    )
    try:
        assert reason(area(machine, last, wards=[MINE])) == (409, "last_administrator")
    finally:
        free = [one["name"] for one in everybody if one["wards"] is None]
        desk.database.execute("UPDATE users SET wards = NULL WHERE name = ANY(%s)", [free])


def test_a_token_sees_what_its_user_may_or_less(city: City, desk: Desk) -> None:
    client = desk.signed_in(city.person(MINE, THEIRS, role="engineer"))
    body = {"label": "wall", "scopes": ["alerts:read"], "days": 1}

    def seen(**more: Any) -> str:
        made = client.post("/api/tokens", json=body | more)
        made.raise_for_status()
        return desk.client(made.json()["token"]).get("/api/alerts").text

    assert SECRET in seen(), "as its user"
    assert SECRET not in seen(wards=[MINE])
    assert "cam-mine" in seen(wards=[MINE])
    other = desk.signed_in(city.person(MINE))
    answer = other.post("/api/tokens", json=body | {"wards": [THEIRS]})
    assert reason(answer) == (403, "grants_more")


def test_a_token_whose_wards_are_its_users_no_more_sees_nothing(city: City, desk: Desk) -> None:
    name = city.person(MINE)
    client = desk.signed_in(name)
    body = {"label": "wall", "scopes": ["alerts:read"], "days": 1, "wards": [MINE]}
    token = desk.client(client.post("/api/tokens", json=body).json()["token"])
    assert token.get("/api/alerts").json()["alerts"]
    area(desk.machine(), name, wards=[THEIRS]).raise_for_status()
    assert token.get("/api/alerts").json()["alerts"] == [], "nothing, and not everything"
