"""What the alerts service answers, and to whom."""

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI
from psycopg import sql
from psycopg.types.json import Jsonb

from models.registry import Registry
from services.alerts import store
from services.alerts.alert import Alert
from services.alerts.exhibits import exhibit, place_of, seen_in
from services.alerts.lifecycle import receive
from services.alerts.transitions import Names
from services.api.auth import COOKIE
from services.api.listing import COUNT, FOUND, LISTS, Filter, parameters
from services.api.signin import sign_in
from services.api.users import add_user, first_start
from services.privacy.keeper import PART as PICTURES
from services.privacy.keeper import Keeper
from services.privacy.keys import ErasedError
from services.privacy.masker import Masker
from services.privacy.masks import NOTHING
from services.privacy.vault import Vault
from streams.configuration.log import append
from streams.database import connect
from streams.events import (
    DAY,
    FATES,
    HOUR,
    MINUTE,
    NOWHERE,
    SECOND,
    Change,
    Evidence,
    Frame,
    FrameRef,
    Incident,
    Micros,
    Place,
    Removed,
    Rule,
    Source,
    Topology,
    from_datetime,
    to_datetime,
    to_rfc3339,
)
from streams.kafka import erasing
from streams.settings import Settings
from streams.stamps import wall_clock
from streams.tables import positions
from streams.tables.corrections import TABLE as CORRECTIONS
from streams.tables.incidents import TABLE as INCIDENTS
from streams.tables.rows import rows_of
from streams.tables.writer import copy
from tests.support.alerting import (
    START,
    dead,
    ended,
    explained,
    incident,
    jam,
    joined,
    photograph,
    proof,
)
from tests.support.databases import cloned, know_passwords
from tests.support.people import PASSWORD
from tests.support.renewing import TEMPLATE_NAMESPACE
from tests.support.serving import serving, with_free_port
from tests.support.trust import TRUST
from tests.support.waiting import eventually


class City:
    """The app, people who are signed in, and alerts as incidents make them."""

    def __init__(self, settings: Settings, app: FastAPI, connection: store.Connection) -> None:
        self.settings, self.app, self.database = settings, app, connection
        self.clients: list[httpx.Client] = []
        self.tokens: dict[str, str] = {}
        first_start(connection, settings)
        for name, role in (
            ("lan", "operator"),
            ("minh", "operator"),
            ("an", "analyst"),
            ("binh", "engineer"),
            ("hoa", "supervisor"),
            ("root", "administrator"),
        ):
            add_user(self.database, name, role, PASSWORD)

    def client(self, token: str = "") -> httpx.Client:
        """Without a token: somebody who is not signed in."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx.Client(base_url=self.settings.api, headers=headers, timeout=30, verify=TRUST)
        self.clients.append(client)
        return client

    def by(self, name: str) -> httpx.Client:
        if name not in self.tokens:
            self.tokens[name], _ = sign_in(self.database, name, PASSWORD, "test")
        return self.client(self.tokens[name])

    def alert(self, first: Incident, *, names: Names = Names(), jpeg: bytes = b"") -> Alert:  # noqa: B008
        """As the consumer makes it."""
        evidence = tuple(exhibit(one) for one in first.evidence)
        with self.database.transaction():
            store.lock(self.database)
            latest = store.to_repeat(self.database, first)
            transitions = receive(latest, first, None, names=names, evidence=evidence)
            if latest is not None and latest.id != transitions[0].alert:
                latest = None
            for one in first.evidence:
                place = place_of(exhibit(one))
                if place and jpeg:
                    vault: Vault = self.app.state.vault
                    seen = seen_in(exhibit(one))
                    vault.keep(self.database, place, first.origin, jpeg, seen)
            return store.append(self.database, latest, transitions, "test")


@pytest.fixture(scope="module")
def service(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    """One service for all tests of this module: what they need is its database only."""
    with cloned(database_server, template_database) as url:
        settings = with_free_port(
            Settings(
                state_dir=tmp_path_factory.mktemp("state"),
                kafka_bootstrap="127.0.0.1:9",
                database_url=url,
                namespace=TEMPLATE_NAMESPACE,
            )
        )
        know_passwords(settings, database_server)
        with (
            connect(settings, "test", autocommit=True) as connection,
            serving(settings) as app,
        ):
            city = City(settings, app, connection)
            yield city
            for client in city.clients:
                client.close()


@pytest.fixture
def city(service: City) -> City:
    """With its people, and without alerts."""
    with service.database.transaction():
        # Deleted, not truncated: that would lock out whatever of the service still reads, table by
        # table in another order than it does, and PostgreSQL ends one of two that so wait for each
        # other. The role is of replication, for which triggers (append only) do not fire.
        service.database.execute("SET LOCAL session_replication_role = replica")
        for table in (
            "alerts",
            "alert_transitions",
            "incidents",
            "pictures",
            "erasures",
            "sign_in_failures",
        ):
            service.database.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    service.app.state.problem = lambda: ""
    return service


def masked(frame: Frame) -> bytes:
    """As somebody sees it who sees the evidence of ``proof``."""
    seen = seen_in(exhibit(proof(FrameRef(0, 0, frame.sha256))))
    return Masker(Registry()).mask(frame.jpeg, frame.origin, seen).jpeg()


def act(client: httpx.Client, alert: str, action: str, command: str = "c1", **more: Any) -> Any:
    return client.post(f"/api/alerts/{alert}/{action}", json={"command_id": command, **more})


# --- who may ----------------------------------------------------------------------------------


def test_roles_decide(city: City) -> None:
    alert = city.alert(incident())
    nobody = city.client()
    assert nobody.get("/api/alerts").status_code == 401
    assert act(nobody, alert.id, "acknowledge").status_code == 401
    assert city.by("an").get("/api/alerts").status_code == 200
    refused = act(city.by("an"), alert.id, "acknowledge")
    assert (refused.status_code, refused.json()["reason"]) == (403, "role")
    assert act(city.by("binh"), alert.id, "comment", comment="lens is dirty").status_code == 200
    assert act(city.by("binh"), alert.id, "resolve", comment="x").status_code == 403
    assert act(city.by("lan"), alert.id, "acknowledge").status_code == 200


def test_a_browser_signs_in_with_a_cookie_and_out_again(city: City) -> None:
    client = city.client()
    answer = client.post("/api/session", json={"name": "lan", "password": PASSWORD})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/api/session").json()["role"] == "operator"
    alert = city.alert(incident())
    foreign = client.post(
        f"/api/alerts/{alert.id}/acknowledge",
        json={"command_id": "c"},
        headers={"Origin": "http://evil.example"},
    )
    assert (foreign.status_code, foreign.json()["reason"]) == (403, "foreign_origin")
    token = client.cookies[COOKIE]
    assert client.delete("/api/session").status_code == 204
    stale = city.client(token)
    assert stale.get("/api/session").status_code == 401


def test_guessing_is_slowed_down_and_names_are_not_told_apart(city: City) -> None:
    client = city.client()
    for name in ("lan", "nobody"):
        wrong = client.post("/api/session", json={"name": name, "password": "guess"})
        assert (wrong.status_code, wrong.json()["reason"]) == (401, "wrong_password")
        city.database.execute(
            "INSERT INTO sign_in_failures"
            " SELECT f.* FROM sign_in_failures f, generate_series(1, 9) WHERE user_name = %s",
            [name],
        )
        slow = client.post("/api/session", json={"name": name, "password": PASSWORD})
        assert slow.status_code == 429
        assert int(slow.headers["retry-after"]) >= 1


def test_a_session_ends_by_itself(city: City) -> None:
    client = city.by("binh")
    assert client.get("/api/session").status_code == 200
    city.database.execute("UPDATE sessions SET expires_at = now() WHERE user_name = 'binh'")
    assert client.get("/api/session").status_code == 401
    del city.tokens["binh"]


def test_the_first_start_makes_secrets_that_only_their_owner_reads(city: City) -> None:
    password = city.settings.secret("admin-password")
    token = city.settings.secret("token")
    assert password.stat().st_mode & 0o077 == 0
    assert token.stat().st_mode & 0o077 == 0
    admin = {"name": "admin", "password": password.read_text().strip()}
    assert city.client().post("/api/session", json=admin).status_code == 200
    machine = city.client(token.read_text().strip())
    assert machine.get("/api/session").json()["name"] == "machine"
    kept = token.read_text()
    first_start(city.database, city.settings)
    assert token.read_text() == kept
    hashes = city.database.execute("SELECT password_hash FROM users WHERE person").fetchall()
    assert len(hashes) > 4
    assert all(row[0].startswith("$argon2id$") for row in hashes)


# --- what operators do ------------------------------------------------------------------------


def test_the_second_acknowledger_gets_409_naming_the_first(city: City) -> None:
    alert = city.alert(incident())
    first = act(city.by("lan"), alert.id, "acknowledge", "c1", comment="on it")
    assert (first.status_code, first.json()["state"]) == (200, "acknowledged")
    second = act(city.by("minh"), alert.id, "acknowledge", "c2")
    assert second.status_code == 409
    assert second.headers["content-type"] == "application/problem+json"
    assert second.json()["by"] == "lan"
    assert second.json()["detail"].startswith("acknowledged by lan")


def test_a_request_sent_twice_is_done_once_and_answered_the_same(city: City) -> None:
    alert = city.alert(incident())
    first = act(city.by("lan"), alert.id, "acknowledge", "c1")
    act(city.by("minh"), alert.id, "comment", "c2", comment="ambulance called")
    again = act(city.by("lan"), alert.id, "acknowledge", "c1")
    assert (again.status_code, again.json()) == (200, first.json())
    kinds = [line["kind"] for line in timeline(city, alert.id)]
    assert kinds == ["raised", "acknowledged", "commented"]
    other = act(city.by("lan"), alert.id, "comment", "c1", comment="x")
    assert other.json()["reason"] == "command_reused"


def test_resolving_what_still_stands_takes_a_comment(city: City) -> None:
    alert = city.alert(incident())
    refused = act(city.by("lan"), alert.id, "resolve", "c1")
    assert (refused.status_code, refused.json()["reason"]) == (422, "comment_required")
    done = act(city.by("lan"), alert.id, "resolve", "c1", comment="towed away")
    assert (done.json()["state"], done.json()["resolved_by"]) == ("resolved", "lan")
    lines = timeline(city, alert.id)
    assert [line["kind"] for line in lines] == ["raised", "acknowledged", "resolved"]
    assert lines[-1]["comment"] == "towed away"


def test_a_version_that_has_passed_is_a_conflict(city: City) -> None:
    alert = city.alert(incident())
    act(city.by("lan"), alert.id, "comment", "c1", comment="hm")
    late = act(city.by("lan"), alert.id, "acknowledge", "c2", expected_version=1)
    assert (late.status_code, late.json()["reason"]) == (409, "version_conflict")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/alerts/none/acknowledge", {"command_id": "c"}, 404),
        ("/api/alerts/none/acknowledge", {}, 422),
        ("/api/alerts/none/acknowledge", {"command_id": "two words"}, 422),
        ("/api/alerts/none/frobnicate", {"command_id": "c"}, 404),
        ("/api/alerts/none/shelve", {"command_id": "c"}, 422),
        ("/api/alerts/none/shelve", {"command_id": "c", "comment": "x", "minutes": 60}, 404),
    ],
)
def test_nonsense_is_a_problem_of_one_line(
    city: City, path: str, body: dict[str, Any], status: int
) -> None:
    answer = city.by("lan").post(path, json=body)
    assert answer.status_code == status
    assert "\n" not in answer.json()["detail"]


def timeline(city: City, id: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = city.by("an").get(f"/api/alerts/{id}").json()["timeline"]
    return lines


# --- lists ------------------------------------------------------------------------------------


def test_words_are_found_by_an_index_and_not_in_each_alert(city: City) -> None:
    asked = parameters(Filter(text="duong so 4")) | {"limit": 1}
    assert "alerts_search_idx" in plan(city, LISTS["latest"], asked, "seqscan", "indexscan")
    control = "SELECT id FROM alerts WHERE strpos(search, %(text)s) > 0"
    assert "alerts_search_idx" not in plan(city, control, asked, "seqscan", "indexscan")


def test_what_words_find_is_read_once_for_the_page_and_the_counts(city: City) -> None:
    asked = parameters(Filter(text="duong so 4")) | {"limit": 1}
    lines = plan(city, FOUND["latest"], asked, "seqscan", "indexscan").splitlines()
    assert sum("alerts_search_idx" in line for line in lines) == 1
    assert {*FOUND} == {*LISTS}
    for order in FOUND:
        mine, *_ = [city.alert(incident(source=f"{order}-{n}", severity="low")) for n in range(3)]
        asked = {"text": f"{order}-", "order": order, "limit": 2}
        page = city.by("an").get("/api/alerts", params=asked).json()
        others = city.by("an").get("/api/alerts", params=asked | {"cursor": page["next"]}).json()
        listed = [one["source"] for one in (*page["alerts"], *others["alerts"])]
        every = city.by("an").get("/api/alerts", params={"order": order}).json()["alerts"]
        expected = [one["source"] for one in every if one["source"].startswith(f"{order}-")]
        assert listed == expected
        assert (page["counts"], others["next"]) == ({mine.state: 3}, None)
        assert others["counts"] == page["counts"]
    nothing = city.by("an").get("/api/alerts", params={"text": "nowhere at all"}).json()
    assert (nothing["alerts"], nothing["counts"], nothing["next"]) == ([], {}, None)


def test_states_are_counted_in_their_index_and_not_in_each_alert(city: City) -> None:
    asked = parameters(Filter(states=("unacknowledged", "acknowledged", "shelved")))
    off = "seqscan", "bitmapscan"
    assert "Index Only Scan using alerts_state_idx" in plan(city, COUNT, asked, *off)
    control = plan(city, COUNT, asked | {"patterns": []}, *off)
    assert "Index Only Scan" not in control, "no word is left, and each was looked at for it"


def plan(city: City, query: str, asked: dict[str, Any], *off: str) -> str:
    """As it is planned where ways that small tables are read by are ``off``."""
    with city.database.transaction(force_rollback=True):
        for each in off:
            city.database.execute(f"SET LOCAL enable_{each} = off")
        lines = city.database.execute(f"EXPLAIN {query}", asked, prepare=False).fetchall()
    return "\n".join(line for (line,) in lines)


def test_filters_narrow_and_pages_join_up(city: City) -> None:
    for n in range(7):
        city.alert(
            incident(
                start=START + n * MINUTE,
                source=f"cam-{n}",
                severity=("low", "high", "critical")[n % 3],
                origin=("simulated", "recorded")[n % 2],
            ),
            names=Names(source_vi=f"Đường số {n}", source_en=f"Street {n}"),
        )
    client = city.by("an")

    def listed(**filters: Any) -> list[str]:
        answer = client.get("/api/alerts", params=filters)
        assert answer.status_code == 200, answer.json()
        return [alert["source"] for alert in answer.json()["alerts"]]

    everything = [f"cam-{n}" for n in (6, 5, 4, 3, 2, 1, 0)]
    assert listed() == everything
    assert listed(order="oldest") == everything[::-1]
    by_severity = [f"cam-{n}" for n in (5, 2, 4, 1, 6, 3, 0)]
    assert listed(order="severity") == listed(order="priority") == by_severity
    assert listed(severity=["low", "critical"], origin="recorded") == ["cam-5", "cam-3"]
    assert listed(source="cam-4") == listed(text="duong so 4") == ["cam-4"]
    assert listed(text="4 SỐ xe đường dung") == ["cam-4"], "every word, in any order"
    assert listed(text="duong so 4 tau") == []
    assert listed(text="%") == listed(text="so_4") == listed(text="so\\ 4") == [], "as they stand"
    (alert,) = client.get("/api/alerts", params={"source": "cam-4"}).json()["alerts"]
    assert listed(text=f"{alert['id'][9:13]} duong") == ["cam-4"], "a part of its id"
    assert listed(text="track street stopped lane 4") == ["cam-4"], "more words than an index takes"
    assert listed(text="track street stopped lane 4 t-7") == listed(text="7") == [], "nor any id's"
    assert listed(state="resolved") == listed(kind="crowd") == []
    assert listed(since="2026-11-18T11:11:40Z") == ["cam-6", "cam-5"]
    assert listed(until="2026-11-18T11:07:40Z") == ["cam-0"]
    for order in ("latest", "oldest", "severity", "priority"):
        assert listed(text="4 SỐ xe đường dung", order=order) == ["cam-4"], order
        assert listed(text="so " * 9, order=order) == listed(order=order), order
        joined, cursor = [], None
        for _ in range(4):
            asked = {"limit": 2, "order": order} | ({"cursor": cursor} if cursor else {})
            page = client.get("/api/alerts", params=asked).json()
            joined += [alert["source"] for alert in page["alerts"]]
            cursor = page["next"]
        assert cursor is None
        assert joined == listed(order=order)
    page = client.get("/api/alerts").json()
    assert page["counts"] == {"unacknowledged": 7}
    last = city.database.execute("SELECT max(sequence) FROM alert_transitions").fetchone()
    assert (page["last_event_id"],) == last


@pytest.mark.parametrize(
    ("filters", "status"),
    [
        ({"cursor": "!!"}, 400),
        ({"state": "fine"}, 422),
        ({"since": "yesterday"}, 422),
        ({"limit": 0}, 422),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(
    city: City, filters: dict[str, Any], status: int
) -> None:
    assert city.by("an").get("/api/alerts", params=filters).status_code == status


def test_an_alert_has_what_programs_read(city: City) -> None:
    first = incident(evidence=(proof(FrameRef(1, 2, "ab")),))
    alert = city.alert(first)
    body = city.by("an").get(f"/api/alerts/{alert.id[:8]}").json()
    assert body["id"] == alert.id
    assert body["event_time"] == "2026-11-18T11:06:40.000000Z"
    assert (body["category"], body["subCategory"]) == ("traffic", "carStopped")
    assert body["cap"] == {
        "status": "Exercise",
        "urgency": "Immediate",
        "severity": "Severe",
        "certainty": "Observed",
    }
    evidence = body["evidence"]
    assert (evidence["model"], evidence["version"]) == ("street_detector", "1.0.0")
    assert evidence["picture"] == f"/api/alerts/{alert.id}/picture"
    assert evidence["boxes"][0] == {
        "x0": 30, "y0": 20, "x1": 90, "y1": 70, "label": "car", "score": 0.912,
    }  # fmt: skip


def test_a_beginning_that_fits_several_is_ambiguous(city: City) -> None:
    found: dict[str, str] = {}
    n = 0
    while True:
        alert = city.alert(incident(zone=f"z{n}", subject=f"t{n}"))
        if alert.id[:1] in found:
            break
        found[alert.id[:1]] = alert.id
        n += 1
    one = city.by("an").get(f"/api/alerts/{alert.id[:4]}")
    assert one.status_code in (200, 409)
    assert city.by("an").get(f"/api/alerts/{alert.id[:3]}").status_code == 404
    assert city.by("an").get("/api/alerts/%25%25%25%25").status_code == 404


# --- why --------------------------------------------------------------------------------------


def configure(city: City, *changes: Change) -> None:
    append(city.database, changes, "test")


def told(city: City, alert: Alert) -> Any:
    return city.by("an").get(f"/api/alerts/{alert.id}").json()


def test_why_is_told_with_the_values_that_the_rule_had_then(city: City) -> None:
    """Whatever became of the rule afterwards."""
    before = city.alert(incident(rule="why", start=wall_clock(), after=0, zone="early"))
    rule = Rule("why", "stopped_vehicle", "high", parameters={"dwell_seconds": 12.5})
    configure(city, rule)
    alert = city.alert(incident(rule="why", start=wall_clock(), after=0))
    configure(city, msgspec.structs.replace(rule, parameters={"dwell_seconds": 99.0}))
    later = city.alert(incident(rule="why", start=wall_clock(), after=0, zone="other"))
    configure(city, Removed("rule", "why"))

    found = told(city, alert)
    assert found["rationale"]["why"] == {
        "vi": "Một xe đã đứng yên trong vùng ít nhất 12,5 s.",
        "en": "A vehicle has stood in the zone for at least 12.5 s.",
    }
    assert (found["rationale"]["kind"], found["rationale"]["rule"]) == ("stopped_vehicle", "why")
    assert found["rationale"]["response"]["en"].startswith("Look at the picture")
    assert found["members"] == []
    assert told(city, later)["rationale"]["why"]["en"].endswith("at least 99 s.")
    # What its readings say happened before there was the rule that judged them.
    assert told(city, before)["rationale"]["why"]["en"].endswith("at least 12.5 s.")
    never = city.alert(incident(rule="never", start=wall_clock(), after=0, zone="never"))
    assert told(city, never)["rationale"]["why"] is None
    assert told(city, never)["rationale"]["cause"]["en"]


def test_a_repeat_is_told_with_the_values_of_its_own_time(city: City) -> None:
    rule = Rule("again", "stopped_vehicle", "high", parameters={"dwell_seconds": 10.0})
    for seconds in (10.0, 40.0):
        configure(city, msgspec.structs.replace(rule, parameters={"dwell_seconds": seconds}))
        alert = city.alert(incident(rule="again", start=wall_clock(), after=0))
    assert alert.count == 2
    assert told(city, alert)["rationale"]["why"]["en"].endswith("at least 40 s.")


def test_an_alert_of_a_kind_that_is_gone_is_shown_without_guidance(city: City) -> None:
    configure(city, Rule("hole", "crowd", "low"))
    found = told(city, city.alert(incident(kind="sinkhole", rule="hole", start=wall_clock())))
    assert found["rationale"] is None
    assert found["names"]["kind_en"] == "sinkhole"


def test_what_became_part_of_an_alert_is_told_too_and_once(city: City) -> None:
    configure(
        city,
        Rule("seen", "stopped_vehicle", "high"),
        Rule("felt", "congestion", "low", parameters={"hold_seconds": 45.0}),
        Rule("felt-nothing", "no_data", "low", parameters={"least_seconds": 45.0}),
    )
    now = wall_clock()
    whole = incident(rule="seen", start=now, after=0)
    gone = msgspec.structs.replace(
        jam(loop="loop-3"),
        rule="felt-nothing", kind="no_data", subject="unusable", start=now, decided_at=now + SECOND,
    )  # fmt: skip
    queues = [
        msgspec.structs.replace(jam(loop=loop), rule="felt", start=now, decided_at=now + SECOND)
        for loop in ("loop-1", "loop-2")
    ]
    alert, *members = (city.alert(first) for first in (whole, *queues, gone))
    for member, queue in zip(members, (*queues, gone), strict=True):
        _, merged = joined(whole, queue)
        with city.database.transaction():
            store.lock(city.database)
            transitions = receive(member, merged, queue.revision, into=alert.id)
            store.append(city.database, member, transitions, "test")
    found = told(city, alert)
    assert found["rationale"]["why"]["en"] == "A vehicle has stood in the zone for at least 20 s."
    assert [member["why"]["en"] for member in found["members"]] == [
        "Speed below 15 km/h, occupancy above 30 % for 45 s.",
        "This source sends, but nothing usable for at least 45 s.",
    ]
    assert "No power" not in found["members"][1]["cause"]["en"], "it sends"
    merged_alert = told(city, members[0])
    assert merged_alert["merged_into"] == alert.id
    assert merged_alert["rationale"]["kind"] == "congestion"


# --- evidence ---------------------------------------------------------------------------------


def test_the_picture_is_the_frame_masked_with_its_boxes_or_nothing_drawn(city: City) -> None:
    frame = photograph()
    alert = city.alert(incident(evidence=(proof(FrameRef(0, 0, frame.sha256)),)), jpeg=frame.jpeg)
    client = city.by("lan")
    raw = client.get(f"/api/alerts/{alert.id}/picture", params={"raw": 1})
    assert (raw.content, raw.headers["content-type"]) == (masked(frame), "image/jpeg")
    drawn = client.get(f"/api/alerts/{alert.id}/picture")
    assert drawn.status_code == 200
    assert drawn.content not in (frame.jpeg, raw.content)
    assert drawn.headers["x-content-type-options"] == "nosniff"
    english = client.get(f"/api/alerts/{alert.id}/picture", params={"lang": "en"})
    assert english.content != drawn.content
    assert city.client().get(f"/api/alerts/{alert.id}/picture").status_code == 401


def test_each_occurrence_keeps_its_own_picture(city: City) -> None:
    one, two = photograph(number=1), photograph(number=2)
    first = incident(evidence=(proof(FrameRef(0, 0, one.sha256)),))
    alert = city.alert(first, jpeg=one.jpeg)
    again = incident(
        start=START + MINUTE, subject="t2", evidence=(proof(FrameRef(0, 1, two.sha256)),)
    )
    assert city.alert(again, jpeg=two.jpeg).id == alert.id
    client = city.by("lan")

    def raw(**more: int) -> bytes:
        picture = client.get(f"/api/alerts/{alert.id}/picture", params={"raw": 1, **more})
        return picture.content

    assert raw() == raw(version=2) == masked(two)
    assert raw(version=1) == masked(one) != masked(two)
    assert timeline(city, alert.id)[0]["picture"].endswith("?version=1")
    assert client.get(f"/api/alerts/{alert.id}/picture?version=3").status_code == 404


def test_pictures_go_in_time_the_newest_as_well_and_their_originals_before(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = photograph(number=1), photograph(time=START + 9 * DAY, number=2)
    first = incident(evidence=(proof(FrameRef(0, 0, one.sha256)),))
    alert = city.alert(first, jpeg=one.jpeg)
    later = START + 9 * DAY
    again = incident(zone="z2", start=later, evidence=(proof(FrameRef(0, 1, two.sha256), later),))
    other = city.alert(again, jpeg=two.jpeg)
    vault, settings = city.app.state.vault, city.settings

    def statuses(alert: Alert) -> tuple[int, int]:
        shown = city.by("lan").get(f"/api/alerts/{alert.id}/picture").status_code
        reason = {"reason": "asked for by the police"}
        original = city.by("hoa").post(f"/api/alerts/{alert.id}/original", json=reason)
        return shown, original.status_code

    assert vault.mask_waiting(city.database) == 2
    with monkeypatch.context() as idle:
        idle.setattr(vault.masker, "model", None)
        assert vault.mask_waiting(city.database) == 0, "and no model is asked for, as none waits"
    assert vault.prune(city.database, settings, to_datetime(START + 6 * DAY)) == 0
    assert (statuses(alert), statuses(other)) == ((200, 200), (200, 200))
    assert vault.prune(city.database, settings, to_datetime(START + 8 * DAY)) == 0
    assert (statuses(alert), statuses(other)) == ((200, 404), (200, 200))
    assert vault.prune(city.database, settings, to_datetime(START + 31 * DAY)) == 1
    assert (statuses(alert), statuses(other)) == ((404, 404), (200, 404))
    assert vault.prune(city.database, settings, to_datetime(START + 60 * DAY)) == 1
    gone = city.by("lan").get(f"/api/alerts/{other.id}/picture")
    assert (gone.status_code, "kept no longer" in gone.json()["detail"]) == (404, True)
    assert vault.keys.days() == []


def audited(city: City, action: str) -> list[tuple[str, ...]]:
    """Lines of the audit log."""
    said = "SELECT actor, outcome, why, subject FROM audit_log WHERE action = %s ORDER BY sequence"
    return [tuple(row) for row in city.database.execute(said, [action]).fetchall()]


def test_originals_are_seen_by_people_who_may_and_say_why(city: City) -> None:
    frame = photograph()
    alert = city.alert(incident(evidence=(proof(FrameRef(0, 0, frame.sha256)),)), jpeg=frame.jpeg)
    path, reason = f"/api/alerts/{alert.id}/original", {"reason": "police request 114/2026"}
    for name in ("lan", "an", "binh"):
        assert city.by(name).post(path, json=reason).status_code == 403, name
    for empty in ({}, {"reason": ""}, {"reason": " " * 40}, {"reason": "because"}):
        assert city.by("hoa").post(path, json=empty).status_code == 422, empty
    assert city.by("hoa").get(path).status_code == 405
    machine = city.client(city.settings.secret("token").read_text().strip())
    assert machine.post(path, json=reason).json()["reason"] == "no_person"
    why = reason["reason"]
    assert ("done", why) not in [line[1:3] for line in audited(city, "evidence:original")]
    seen = city.by("hoa").post(path, json=reason)
    assert (seen.status_code, seen.content) == (200, frame.jpeg)
    assert seen.headers["cache-control"] == "no-store"
    assert ("hoa", "done", "police request 114/2026", alert.id) in audited(
        city, "evidence:original"
    )
    wanted = {"label": "t", "scopes": ["pictures:original"], "days": 1}
    assert city.by("hoa").post("/api/tokens", json=wanted).status_code == 422
    made = city.by("hoa").post("/api/tokens", json={**wanted, "scopes": ["evidence:read"]})
    token = city.client(made.json()["token"])
    assert token.get(f"/api/alerts/{alert.id}/picture").status_code == 200
    assert token.post(path, json=reason).status_code == 403


def test_a_copy_of_the_database_shows_nobody(city: City) -> None:
    frame = photograph()
    alert = city.alert(incident(evidence=(proof(FrameRef(0, 0, frame.sha256)),)), jpeg=frame.jpeg)
    vault: Vault = city.app.state.vault
    assert vault.mask_waiting(city.database) == 1
    found = city.database.execute("SELECT original, masked FROM pictures").fetchone()
    assert found is not None
    for sealed in found:
        assert frame.jpeg[200:260] not in bytes(sealed)
        assert b"JFIF" not in bytes(sealed)
    assert city.by("lan").get(f"/api/alerts/{alert.id}/picture").status_code == 200, "the control"
    vault.keys.destroy("cam-1", vault.keys.days("cam-1"))
    gone = city.by("lan").get(f"/api/alerts/{alert.id}/picture")
    assert (gone.status_code, "erased" in gone.json()["detail"]) == (404, True)


def test_what_an_earlier_release_kept_in_the_clear_is_shown_masked_and_sealed(city: City) -> None:
    frame = photograph()
    alert = city.alert(incident(evidence=(proof(FrameRef(0, 0, frame.sha256)),)))
    kept = "INSERT INTO evidence (sha256, jpeg) VALUES (%s, %s)"
    city.database.execute(kept, [frame.sha256, frame.jpeg])
    city.database.execute(kept, ["0" * 64, b"of nobody's alert"])
    path = f"/api/alerts/{alert.id}/picture"
    before = city.by("lan").get(path, params={"raw": 1})
    assert (before.status_code, before.content != frame.jpeg) == (200, True)
    vault: Vault = city.app.state.vault
    assert vault.seal_former(city.database) == 2
    assert city.database.execute("SELECT count(*) FROM evidence").fetchone() == (0,)
    assert vault.seal_former(city.database) == 0
    assert city.by("lan").get(path, params={"raw": 1}).content == masked(frame)
    original = f"/api/alerts/{alert.id}/original"
    reason = {"reason": "to see that it is whole"}
    assert city.by("hoa").post(original, json=reason).content == frame.jpeg


def test_a_picture_that_could_not_be_kept_is_explained(city: City) -> None:
    alert = city.alert(incident(evidence=(proof(FrameRef(0, 0, "00")),)))
    answer = city.by("lan").get(f"/api/alerts/{alert.id}/picture")
    assert (answer.status_code, answer.json()["reason"]) == (404, "no_picture")
    bare = city.alert(incident(zone="other"))
    none = city.by("lan").get(f"/api/alerts/{bare.id}/picture")
    assert none.json()["reason"] == "no_evidence"


def test_a_sensors_evidence_is_a_chart(city: City) -> None:
    series = tuple((START + n * 5_000_000, 40.0 + n, 100 * n) for n in range(10))
    shown = Evidence("loop-1", START, "loop_anomaly@1.0.0", metric="speed", series=series)
    alert = city.alert(incident(source="loop-1", kind="anomaly", zone="", evidence=(shown,)))
    answer = city.by("lan").get(f"/api/alerts/{alert.id}/picture")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


# --- what is erased -------------------------------------------------------------------------------


def pictured(city: City, time: Micros, number: int, camera: str = "cam-1") -> tuple[Alert, Frame]:
    """An alert with its picture, taken then."""
    frame = photograph(camera, time, number)
    shown = msgspec.structs.replace(proof(FrameRef(0, number, frame.sha256), time), source=camera)
    first = incident(source=camera, zone=f"z{number}", start=time, evidence=(shown,))
    return city.alert(first, jpeg=frame.jpeg), frame


def sees(city: City, alert: Alert) -> tuple[int, int]:
    """Statuses of the picture and the original."""
    shown = city.by("lan").get(f"/api/alerts/{alert.id}/picture").status_code
    reason = {"reason": "to see whether it is there"}
    return shown, city.by("hoa").post(f"/api/alerts/{alert.id}/original", json=reason).status_code


@pytest.fixture
def no_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    """What leaves Kafka is tested with one, in ``test_erasing.py``."""
    for name in ("frames", "dead_letters"):
        monkeypatch.setattr(erasing, name, lambda *_: erasing.Erased())


def order(first: Micros, last: Micros, camera: str = "cam-1") -> dict[str, str]:
    times = {"since": to_rfc3339(first), "until": to_rfc3339(last)}
    return {"source": camera, **times, "reason": "request 31/2026 of a passer-by"}


@pytest.mark.usefixtures("no_kafka")
def test_a_camera_and_time_are_erased_from_copies_too_and_nothing_else(city: City) -> None:
    day = START - START % DAY
    inside, beside, next_day, other = (
        pictured(city, time, number, camera)
        for number, (time, camera) in enumerate(
            [
                (day + 9 * HOUR, "cam-1"),
                (day + 10 * HOUR, "cam-1"),
                (day + DAY + 9 * HOUR, "cam-1"),
                (day + 9 * HOUR, "cam-9"),
            ]
        )
    )
    vault: Vault = city.app.state.vault
    assert vault.mask_waiting(city.database) == 4
    place = place_of(inside[0].evidence[0])
    assert place is not None
    copied = vault.find(city.database, place)
    assert copied is not None
    assert vault.original(place, copied) == inside[1].jpeg, "the control"
    for name in ("lan", "hoa", "binh"):
        refused = city.by(name).post("/api/privacy/erasures", json=order(day, day + DAY))
        assert refused.status_code == 403
    span = order(day + 9 * HOUR, day + 9 * HOUR + MINUTE)
    done = city.by("root").post("/api/privacy/erasures", json=span)
    assert done.status_code == 200, done.text
    assert done.json()["reached"]["pictures"] == 1
    assert done.json()["reached"]["parts"] == [to_rfc3339(day)[:10]]
    assert sees(city, inside[0]) == (404, 404)
    for alert, _ in (beside, next_day, other):
        assert sees(city, alert) == (200, 200)
    for opened in (vault.original, vault.shown):
        with pytest.raises(ErasedError):
            opened(place, copied)
    # It is not kept again, whatever comes late.
    vault.keep(city.database, place, "live", inside[1].jpeg, NOTHING)
    assert vault.find(city.database, place) is None
    whole = city.by("root").post("/api/privacy/erasures", json=order(day, day + DAY)).json()
    assert whole["reached"]["days"] == [to_rfc3339(day)[:10]]
    assert [sees(city, alert)[0] for alert, _ in (beside, next_day, other)] == [404, 200, 200]
    why = "request 31/2026 of a passer-by"
    assert audited(city, "pictures:erase")[-1] == ("root", "done", why, "cam-1")
    listed = city.by("root").get("/api/privacy/erasures").json()["erasures"]
    assert [(one["actor"], one["reached"]["pictures"]) for one in listed] == [
        ("root", 1),
        ("root", 1),
    ]
    assert city.by("lan").get("/api/privacy/erasures").status_code == 403


@pytest.mark.usefixtures("no_kafka")
def test_an_order_is_given_by_a_person_of_a_time_that_is_one(city: City) -> None:
    machine = city.client(city.settings.secret("token").read_text().strip())
    span = order(START, START + MINUTE)
    assert machine.post("/api/privacy/erasures", json=span).json()["reason"] == "no_person"
    for wrong in (
        {**span, "until": span["since"]},
        {**span, "since": "yesterday"},
        {**span, "reason": ""},
        {**span, "source": ""},
        {**span, "more": 1},
    ):
        assert city.by("root").post("/api/privacy/erasures", json=wrong).status_code == 422, wrong
    assert city.by("root").get("/api/privacy/erasures").json()["erasures"] == []


def test_the_service_masks_by_itself_and_may_do_what_it_has_to(city: City) -> None:
    """Under the database role of its own."""
    alert, frame = pictured(city, START, 1)
    stop, keeper = threading.Event(), Keeper(city.settings, city.app.state.vault)
    thread = threading.Thread(target=keeper.run, args=(stop,))
    thread.start()
    place = place_of(alert.evidence[0])
    assert place is not None
    vault: Vault = city.app.state.vault

    def is_masked() -> bool:
        row = vault.find(city.database, place)
        return row is not None and row.masked is not None

    try:
        eventually(is_masked)
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()
    with connect(city.settings, PICTURES, autocommit=True) as connection:
        keeper.prune(connection)
        assert vault.prune(connection, city.settings, to_datetime(START + 60 * DAY)) == 1
    assert frame.sha256 == place.sha256


def test_everybody_sees_how_long_what_is_kept(city: City) -> None:
    said = city.by("an").get("/api/privacy").json()
    days = {one["what"]: one["days"] for one in said["kept"]}
    assert (days["originals"], days["pictures"], days["frames"]) == (7, 30, 1)
    assert said["masking"]["simulated"] == "street_detector@1.0.0"
    pictured(city, START, 1)
    said = city.by("an").get("/api/privacy").json()
    assert (said["pictures"], said["originals"], said["waiting"]) == (1, 1, 1)
    assert said["oldest_at"] == to_rfc3339(START)


# --- the rest ---------------------------------------------------------------------------------


def test_incidents_are_listed_as_they_are_now_with_when_they_were_proven(city: City) -> None:
    first = incident()
    end = ended(first, START + MINUTE)
    for one in (first, end, incident(source="cam-2", start=START + MINUTE)):
        insert(city.database, one)
    client = city.by("an")
    listed = client.get("/api/incidents").json()["incidents"]
    assert [row["sources"] for row in listed] == [["cam-2"], ["cam-1"]]
    assert listed[1]["decided_at"] == "2026-11-18T11:07:00.000000Z"
    assert listed[1]["end"] == "2026-11-18T11:07:40.000000Z"
    assert (listed[1]["revision"], listed[0]["end"]) == (1, None)
    page = client.get("/api/incidents", params={"limit": 1}).json()
    rest = client.get("/api/incidents", params={"cursor": page["next"]}).json()
    assert [row["id"] for row in rest["incidents"]] == [first.id]
    assert client.get("/api/incidents", params={"source": "cam-9"}).json()["incidents"] == []
    assert client.get("/api/incidents", params={"cursor": "x"}).status_code == 400


def test_corrections_are_listed_in_pages_the_latest_first(city: City) -> None:
    rows = [
        (
            to_datetime(START + 5 * SECOND * n),
            f"loop-{n % 3}",
            "flow",
            None if n == 4 else 600.0,
            700.0 + n,
            to_datetime(START + MINUTE * (n // 2)),
            "live",
            "gw-1",
        )
        for n in range(10)
    ]
    copy(city.database, CORRECTIONS, rows)
    client = city.by("an")

    def listed(**parameters: Any) -> list[float]:
        page = client.get("/api/corrections", params=parameters).json()
        return [row["new"] for row in page["corrections"]]

    whole = client.get("/api/corrections").json()
    assert whole["next"] is None
    assert whole["corrections"][0] == {
        "source": "loop-0",
        "metric": "flow",
        "time": "2026-11-18T11:07:25.000000Z",
        "old": 600.0,
        "new": 709.0,
        "decided_at": "2026-11-18T11:10:40.000000Z",
        "origin": "live",
        "gateway": "gw-1",
    }
    page = client.get("/api/corrections", params={"limit": 3}).json()
    found = page["corrections"]
    while page["next"]:
        following = {"limit": 3, "cursor": page["next"]}
        page = client.get("/api/corrections", params=following).json()
        found += page["corrections"]
    assert found == whole["corrections"]
    assert [row["old"] for row in found].count(None) == 1
    assert sorted(listed()) == [700.0 + n for n in range(10)]
    since, until = "2026-11-18T11:08:40Z", "2026-11-18T11:09:40Z"
    assert sorted(listed(since=since, until=until)) == [704.0, 705.0]
    assert sorted(listed(source=["loop-0", "loop-9"])) == [700.0, 703.0, 706.0, 709.0]
    assert listed(metric="speed") == listed(origin="simulated") == []
    for cursor in ("x", "lqEAo"):
        assert client.get("/api/corrections", params={"cursor": cursor}).status_code == 400


def test_one_that_is_unknown_says_since_when(city: City) -> None:
    first = incident()
    lost = msgspec.structs.replace(first, revision=1, unknown_since=START + MINUTE)
    for one in (first, lost):
        insert(city.database, one)
    (listed,) = city.by("an").get("/api/incidents").json()["incidents"]
    assert (listed["unknown_since"], listed["end"]) == ("2026-11-18T11:07:40.000000Z", None)
    shown = city.database.execute("SELECT unknown_since, lasted FROM incidents_latest").fetchall()
    assert [(since and from_datetime(since), lasted) for since, lasted in shown] == [
        (START + MINUTE, None)
    ]


def test_what_an_earlier_release_raised_is_listed_under_the_name_of_now(city: City) -> None:
    before = incident(kind="silence", rule="quiet", start=START)
    after = incident(kind="no_data", rule="quiet", source="cam-2", start=START + MINUTE)
    for one in (before, after, incident(source="cam-3", start=START + 2 * MINUTE)):
        city.alert(one)
        insert(city.database, one)
    client = city.by("an")
    for name in ("silence", "no_data"):
        alerts = client.get("/api/alerts", params={"kind": name}).json()
        incidents = client.get("/api/incidents", params={"kind": name}).json()
        for listed in (alerts["alerts"], incidents["incidents"]):
            assert [one["sources"] for one in listed] == [["cam-2"], ["cam-1"]]
            assert {one["kind"] for one in listed} == {"no_data"}
        assert alerts["counts"] == {"unacknowledged": 2}


def insert(database: store.Connection, one: Incident) -> None:
    (row,) = rows_of(one)[INCIDENTS]
    places = ", ".join(["%s"] * len(row))
    database.execute(f"INSERT INTO incidents VALUES ({places})", row)  # type: ignore[arg-type]


def test_accounts_are_listed_by_hour_and_source(city: City) -> None:
    client = city.by("an")
    empty = client.get("/api/accounts").json()
    assert empty == {
        "accounts": [],
        "next": None,
        "counted": None,
        "unsaid": [],
        "differences": 0,
        "earlier": 0,
        "earlier_since": None,
    }
    hour = START // HOUR * HOUR
    for n, (ago, source, fate, reason, number) in enumerate(
        (
            (0, "loop-1", "accepted", "", 70),
            (0, "loop-1", "accepted", "", 30),
            (0, "loop-1", "refused", "infinite", 2),
            (0, "loop-1", "refused", "error_code", 1),
            (0, "", "refused", "unknown_source", 5),
            (1, "loop-2", "late", "", 9),
            (1, "loop-2", "late", "", -4),
            (1, "loop-2", "repeated", "", 4),
            (30, "loop-2", "accepted", "", 1),
        )
    ):
        time = to_datetime(hour - ago * HOUR)
        row = (time, source, "score", fate, reason, number, to_datetime(START + n))
        city.database.execute("INSERT INTO accounts VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
    page = client.get("/api/accounts", params={"limit": 2}).json()
    none, first = page["accounts"]
    assert (none["source"], none["came"], none["reasons"]) == ("", 5, {"unknown_source": 5})
    assert first == {
        "hour": to_rfc3339(hour),
        "source": "loop-1",
        "came": 103,
        "accepted": 100,
        "late": 0,
        "corrected": 0,
        "repeated": 0,
        "refused": 3,
        "shed": 0,
        "not_judged": 0,
        "reasons": {"error_code": 1, "infinite": 2},
    }
    rest = client.get("/api/accounts", params={"cursor": page["next"]}).json()
    assert [(one["source"], one["came"]) for one in rest["accounts"]] == [
        ("loop-2", 9),
        ("loop-2", 1),
    ]
    assert rest["next"] is None
    since = to_rfc3339(hour - HOUR + 5 * MINUTE)
    asked = {"since": since, "source": "loop-2"}
    found = client.get("/api/accounts", params=asked).json()["accounts"]
    assert [(one["late"], one["repeated"]) for one in found] == [(5, 4)]
    later = client.get("/api/accounts", params={"since": to_rfc3339(START)}).json()
    assert (later["earlier"], later["earlier_since"]) == (10, to_rfc3339(hour - 30 * HOUR))
    one = client.get(
        "/api/accounts", params={"since": to_rfc3339(START), "source": "loop-1"}
    ).json()
    assert (one["earlier"], one["earlier_since"]) == (0, None)
    for cursor in ("x", "2026-11-18T11:00:00Z", "2026-11-18T11:00:00Z_a", "_", "9999_a"):
        assert client.get("/api/accounts", params={"cursor": cursor}).status_code == 400
    assert city.client().get("/api/accounts").status_code == 401


class Books:
    """What the writer has stored of a stage's accounts, and what it booked anew itself."""

    def __init__(self, city: City) -> None:
        self.database, self.client = city.database, city.by("an")
        for table in ("accounts", "positions"):
            self.database.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]
        topics = (("detections", "detect"), ("counts", "interpret"), ("scored", "score"))
        self.places = {stage: topic for topic, stage in topics}
        for topic in self.places.values():
            for partition in (0, 1):
                positions.load(self.database, "writer", topic, partition)

    def said(self, stage: str, partition: int, time: Micros) -> None:
        kept = Jsonb({stage: {"rows": 0, "sent": 5, "astray": 0, "time": time}})
        self.database.execute(
            "UPDATE positions SET agreements = %s WHERE topic = %s AND partition = %s",
            (kept, self.places[stage], partition),
        )

    def book(self, stage: str, fate: str, number: int, counted: Micros) -> None:
        row = (to_datetime(HOURLY), "loop-1", stage, fate, "", number, to_datetime(counted))
        self.database.execute("INSERT INTO accounts VALUES (%s, %s, %s, %s, %s, %s, %s)", row)

    def sums(self) -> dict[str, int]:
        (found,) = self.client.get("/api/accounts").json()["accounts"] or ({},)
        return {name: n for name in FATES if (n := found.get(name, 0))}

    def state(self) -> tuple[str | None, list[str]]:
        found = self.client.get("/api/accounts").json()
        return found["counted"], found["unsaid"]


HOURLY = START // HOUR * HOUR


@pytest.mark.parametrize(
    ("stage", "by", "before", "after"),
    [("score", "writer", "late", "repeated"), ("detect", "interpret", "accepted", "not_judged")],
)
def test_nothing_is_booked_anew_before_it_is_said(
    city: City, stage: str, by: str, before: str, after: str
) -> None:
    books, tick = Books(city), HOURLY + 5 * MINUTE
    for partition in (0, 1):
        books.said(stage, partition, tick)
    decided = tick + 3 * MINUTE
    if by == "interpret":  # the writer may read it long before what it is of
        decided = tick + 25 * MINUTE
        for partition in (0, 1):
            books.said(by, partition, decided)
    books.book(by, before, -165, decided)
    books.book(by, after, 165, decided)
    assert books.sums() == {}
    books.book(stage, before, 165, tick + 25 * MINUTE)
    books.said(stage, 1, tick + 25 * MINUTE)
    assert books.sums() == {before: 165}, "partition 0 has yet to say its own"
    books.said(stage, 0, tick + 25 * MINUTE)
    assert books.sums() == {after: 165}


def test_what_is_decided_at_the_tick_of_the_accounts_is_in_the_next(city: City) -> None:
    books, tick = Books(city), HOURLY + 5 * MINUTE
    for partition in (0, 1):
        books.said("score", partition, tick)
    books.book("writer", "late", -3, tick)
    books.book("writer", "corrected", 3, tick)
    assert books.sums() == {}


def test_what_was_booked_in_a_stretch_that_is_undone_counts(city: City) -> None:
    books, wrong, tick = Books(city), HOURLY + 40 * DAY, HOURLY + 5 * MINUTE
    for partition in (0, 1):
        books.said("score", partition, wrong)
    books.book("writer", "late", -2, wrong + MINUTE)
    books.book("writer", "repeated", 2, wrong + MINUTE)
    assert books.sums() == {}
    books.book("score", "late", 2, tick)  # at the first tick after it
    for partition in (0, 1):
        books.said("score", partition, tick)
    assert books.sums() == {"repeated": 2}


def test_all_is_added_up_until_the_oldest_accounts_of_all_stages(city: City) -> None:
    books, tick = Books(city), HOURLY + 5 * MINUTE
    assert books.state() == (None, ["detect", "interpret", "score"])
    for stage in ("detect", "interpret"):
        for partition in (0, 1):
            books.said(stage, partition, tick + 40 * DAY)
    books.said("score", 0, tick + 5 * MINUTE)
    books.book("gw-1", "shed", 5, tick + 9 * MINUTE)
    assert books.state() == (None, ["score"])
    books.said("score", 1, tick)
    assert books.state() == (to_rfc3339(tick), [])
    for stage in ("detect", "interpret"):  # event time has gone back
        for partition in (0, 1):
            books.said(stage, partition, tick - MINUTE)
    assert books.state() == (to_rfc3339(tick - MINUTE), [])


def test_the_description_covers_every_route_with_its_errors(city: City) -> None:
    described = city.client().get("/openapi.json").json()
    tags = {tag["name"] for tag in described["tags"]}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            assert set(operation["tags"]) <= tags, (path, method)
            assert "503" in operation["responses"], (path, method)
    assert msgspec.json.encode(described)


def test_health_needs_no_sign_in(city: City) -> None:
    assert city.client().get("/healthz").json() == {"ok": True}
    city.app.state.problem = lambda: "waiting for Kafka"
    sick = city.client().get("/healthz")
    assert (sick.status_code, sick.json()["detail"]) == (503, "waiting for Kafka")
    status = city.by("an").get("/api/status").json()
    assert set(status) >= {"parts", "counts", "sources", "last_event_id"}


def test_an_alert_lists_its_consequences_and_each_says_what_explains_it(city: City) -> None:
    station = dead("bts-1")
    cause = city.alert(station)
    for n in range(16):
        child = dead(f"cam-{n}")
        alert = city.alert(child)
        with city.database.transaction():
            store.lock(city.database)
            known = receive(alert, explained(child, station), 0, cause=cause.id)
            store.append(city.database, alert, known, "test")
    client = city.by("an")
    page = client.get("/api/alerts", params={"state": "unacknowledged"}).json()
    assert [(one["id"], one["consequence_count"]) for one in page["alerts"]] == [(cause.id, 16)]
    assert client.get("/api/alerts").json()["counts"] == {"unacknowledged": 1, "suppressed": 16}
    whole = client.get(f"/api/alerts/{cause.id}").json()
    assert sorted(one["source"] for one in whole["consequences"]) == sorted(
        f"cam-{n}" for n in range(16)
    )
    one = client.get(f"/api/alerts/{whole['consequences'][0]['id']}").json()
    assert (one["state"], one["cause"]["id"], one["why"]) == ("suppressed", cause.id, "depends")
    assert (one["timeline"][-1]["kind"], one["timeline"][-1]["into"]) == ("explained", cause.id)


def test_an_incident_says_in_words_why_it_is_a_consequence_and_what_was_considered(
    city: City,
) -> None:
    def asset(name: str, *parents: str) -> Source:
        return Source(
            name, "base_station", f"Trạm {name}", f"Station {name}", "simulated", NOWHERE,
            gateway="nms", period=MINUTE, parents=parents,
        )  # fmt: skip

    assets = asset("grid-1"), asset("bts-1", "grid-1"), asset("cell-1", "bts-1")
    append(city.database, [*assets, Topology(True)], "test")
    station, child = dead("bts-1"), dead("cell-1")
    amended = explained(child, station)
    for one in (station, child, amended):
        copy(city.database, INCIDENTS, rows_of(one)[INCIDENTS])
    found = city.by("an").get(f"/api/incidents/{child.id[:8]}/explanation").json()
    assert found["explained_by"] == station.id
    assert "Station bts-1" in found["told"]["en"]
    assert "Trạm bts-1" in found["told"]["vi"]
    (decided,) = found["decisions"]
    assert (decided["revision"], decided["why"], decided["via"]) == (
        1, "depends", ["cell-1", "bts-1"],
    )  # fmt: skip
    assert [(one["source"], one["steps"], one["verdict"]) for one in found["considered"]] == [
        ("bts-1", 1, "cause"), ("grid-1", 2, "not_down"),
    ]  # fmt: skip
    root = city.by("an").get(f"/api/incidents/{station.id}/explanation").json()
    assert (root["explained_by"], root["decisions"]) == (None, [])
    assert city.by("an").get("/api/incidents/ffffffff/explanation").status_code == 404
    append(city.database, [Removed("source", one.id) for one in reversed(assets)], "test")


def test_a_floods_story_is_told_of_its_alert_and_of_each_part(city: City) -> None:
    def told(name: str, kind: str, metric: str, metres: float) -> Incident:
        place = Place(20.85, 106.68 + metres * 0.00000962)
        proof = Evidence(name, START, "", metric=metric)
        return msgspec.structs.replace(dead(name), kind=kind, place=place, evidence=(proof,))

    def source(name: str, kind: str, place: Place | None) -> Source:
        return Source(
            name, kind, f"Trạm {name}", f"Station {name}", "simulated", place or NOWHERE,
            gateway="nms", period=MINUTE,
        )  # fmt: skip

    gauge = told("gauge-1", "high_value", "flood_depth", 0)
    report = told("report-1", "citizen_report", "flood_reported", 40)
    rain = told("rain-1", "high_value", "rainfall", 7000)
    assets = (
        source("gauge-1", "flood_gauge", gauge.place),
        source("report-1", "reported_place", report.place),
        source("rain-1", "rain_gauge", rain.place),
    )
    append(city.database, [*assets, Topology(on=True, groups=True)], "test")
    joined = msgspec.structs.replace(
        explained(report, gauge), via=("report-1", "gauge-1"), why="near"
    )
    for one in (gauge, report, rain, joined):
        copy(city.database, INCIDENTS, rows_of(one)[INCIDENTS])
    client = city.by("an")
    part = client.get(f"/api/incidents/{report.id}/explanation").json()
    assert "the same flood as Station gauge-1" in part["told"]["en"]
    assert [(one["source"], one["verdict"]) for one in part["considered"]] == [
        ("gauge-1", "cause"), ("rain-1", "far"),
    ]  # fmt: skip
    assert "40 m" in part["considered"][0]["told"]["vi"]
    whole = client.get(f"/api/incidents/{gauge.id}/explanation").json()
    assert whole["told"]["en"] == "It leads a flood: 1 other tells of it."
    assert {one["verdict"] for one in whole["considered"]} == {"with", "far"}
    cause, alert = city.alert(gauge), city.alert(report)
    with city.database.transaction():
        store.lock(city.database)
        store.append(city.database, alert, receive(alert, joined, 0, cause=cause.id), "test")
    shown = client.get(f"/api/alerts/{cause.id}").json()
    assert [(one["source"], one["how"]["en"]) for one in shown["consequences"]] == [
        ("report-1", "40 m away")
    ]
    append(city.database, [Removed("source", one.id) for one in reversed(assets)], "test")
