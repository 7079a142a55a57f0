"""An alert is raised, and somebody has a message of it: by outbox, notifier and receiver."""

import base64
import hashlib
import hmac
import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from services.notifier import sending
from services.notifier.main import Notifier
from services.oncall import record
from services.oncall.deciding import replay
from streams.events import MINUTE, SECOND
from streams.settings import PREFIX
from tests.support.alerting import START
from tests.support.commandline import cityops
from tests.support.dying_notifier import POINTS
from tests.support.house import House, open_house
from tests.support.nursery import Born, Nursery
from tests.support.receivers import SECRET, Hook, Mailbox, hook, mailbox
from tests.support.waiting import eventually


@pytest.fixture
def house(database_server: str, template_database: str, tmp_path: Path) -> Iterator[House]:
    with open_house(database_server, template_database, tmp_path) as found:
        yield found


@pytest.fixture
def there() -> Iterator[Hook]:
    with hook() as there:
        yield there


@pytest.fixture
def mails() -> Iterator[Mailbox]:
    with mailbox() as there:
        yield there


def test_in_a_flood_there_is_one_message_with_what_came_first_and_the_record_tells_it_again(
    house: House, mails: Mailbox
) -> None:
    house.mail(mails)
    house.put("contacts/duc/mail", {"address": "duc@example.vn", "language": "en"})
    house.policy((0, "user:duc"))
    first = house.raised(severity="medium")
    for _ in range(24):
        house.raised(severity="medium")
    critical = house.raised()
    assert house.tick(START + 30 * SECOND) == 0, "it is gathered for a minute"
    assert house.tick(START + 2 * MINUTE) == 1
    single = [one for one in house.messages() if one.summary is None]
    (summary,) = [one for one in house.messages() if one.summary is not None]
    assert len(single) == 11
    assert single[-1].facts.alert == critical, "critical ones are told at once"
    assert summary.summary
    assert (summary.summary.count, summary.summary.first.alert) == (15, first)
    assert list(replay(record.events(house.database))) == house.messages()
    assert house.tick(START + 3 * MINUTE) == 0
    house.rounds(12)
    parts = [one.get_body(("plain",)) for one in mails.mails]
    text = "".join(one.get_content() for one in parts if one is not None)  # type: ignore[attr-defined]
    assert "Flood of alerts: 15" in text
    assert "First: Stopped vehicle" in text
    assert [one["alerts"] for one in house.log() if one["alerts"] > 1] == [15]


def test_who_is_on_call_is_told_by_mail_in_their_language(house: House, mails: Mailbox) -> None:
    house.mail(mails)
    house.put("contacts/lan/mail", {"address": "lan@example.vn", "language": "vi"})
    house.put("contacts/duc/mail", {"address": "duc@example.vn", "language": "en"})
    turns = {"people": ["lan", "duc"], "start": "2026-01-01T00:00:00Z", "hours": 1}
    house.put("rotations/desk", turns)
    duty = house.machine.get("/api/oncall", params={"at": "2026-11-18T11:06:40Z"}).json()
    house.policy((0, "rotation:desk"), (5, "user:duc"), severity="high")
    alert = house.raised()
    house.rounds()
    (first,) = mails.mails
    assert mails.recipients == [f"{duty[0]['user']}@example.vn"]
    assert house.tick(START + 20 * SECOND + 5 * MINUTE) == 1
    house.rounds()
    second = mails.mails[1]
    assert mails.recipients[1] == "duc@example.vn"
    assert second["Subject"] == "Critical: Stopped vehicle · Quay 3, Fence"
    text = second.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f"https://city.example.vn/?alert={alert}&lang=en" in text
    assert "Time: 2026-11-18" in text
    assert first["Message-ID"] != second["Message-ID"]
    assert [one["state"] for one in house.log(alert=alert)] == ["sent", "sent"]


def test_vietnamese_is_spoken_to_who_reads_it(house: House, mails: Mailbox) -> None:
    house.mail(mails)
    house.put("contacts/lan/mail", {"address": "lan@example.vn"})
    house.policy((0, "user:lan"))
    house.raised()
    house.rounds()
    assert mails.mails[0]["Subject"] == "Nguy cấp: Xe dừng trên làn · Cầu tàu 3, Hàng rào"


def test_a_webhook_has_a_cloudevent_that_is_signed(house: House, there: Hook) -> None:
    house.hook("room", there)
    house.policy((0, "channel:room"))
    alert = house.raised()
    house.rounds()
    (post,) = there.taken
    told = f"{post.key}.{post.headers['webhook-timestamp']}.".encode() + post.body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = base64.b64encode(hmac.digest(key, told, hashlib.sha256)).decode()
    assert post.headers["webhook-signature"] == f"v1,{signed}"
    assert (post.event["specversion"], post.event["id"]) == ("1.0", post.key)
    (data,) = post.event["data"]["alerts"]
    assert (data["alert"], data["severity"], data["place_vi"]) == (
        alert,
        "critical",
        "Cầu tàu 3, Hàng rào",
    )
    assert post.key == post.headers["Idempotency-Key"] == house.messages()[0].id


def test_the_message_is_there_exactly_if_the_alert_is(house: House, there: Hook) -> None:
    house.hook("room", there)
    house.policy((0, "channel:room"))

    class Lost(Exception):
        pass

    def lose() -> None:
        with house.database.transaction():
            house.raised()
            raise Lost

    with pytest.raises(Lost):
        lose()
    assert (house.messages(), list(record.events(house.database))[2:]) == ([], [])
    house.raised()
    assert len(house.messages()) == 1


def test_acknowledging_over_the_api_stops_the_steps(house: House, there: Hook) -> None:
    house.hook("room", there)
    house.policy((0, "channel:room"), (5, "channel:room"))
    stopped, going = house.raised(), house.raised()
    body = {"command_id": "one"}
    answer = house.machine.post(f"/api/alerts/{stopped}/acknowledge", json=body)
    assert answer.status_code == 200
    assert house.tick(START + 10 * MINUTE) == 1
    assert [one.facts.alert for one in house.messages()] == [stopped, going, going]


def test_a_replay_from_the_record_decides_the_same(house: House, there: Hook) -> None:
    house.hook("room", there)
    house.put("rotations/desk", {"people": ["lan", "duc"], "start": "2026-01-01T00:00:00Z"})
    house.policy((0, "rotation:desk"), (2, "channel:room"), (9, "user:duc"))
    first, _ = house.raised(), house.raised(severity="low")
    house.tick(START + 3 * MINUTE)
    house.acknowledge(first)
    area = {"wards": None, "new_wards": ["Lê Chân"]}
    assert house.machine.put(f"/api/users/{quote('duc')}/area", json=area).status_code == 200
    house.raised()
    house.tick(START + 30 * MINUTE)
    house.tick(START + 40 * MINUTE)
    house.policy((0, "user:lan"))
    house.raised()
    decided = house.messages()
    assert len(decided) > 6
    assert list(replay(record.events(house.database))) == decided


def test_control_a_record_that_lacks_something_decides_otherwise(house: House, there: Hook) -> None:
    house.hook("room", there)
    house.policy((0, "channel:room"), (2, "channel:room"))
    house.raised()
    house.tick(START + 3 * MINUTE)
    *events, _ = record.events(house.database)
    assert list(replay(events)) != house.messages()


def test_what_fails_for_good_goes_to_the_fallback_and_is_shown(
    house: House, mails: Mailbox, there: Hook
) -> None:
    house.mail(mails)
    house.hook("room", there)
    house.put("contacts/lan/mail", {"address": "gone@example.vn"})
    mails.refused.add("gone@example.vn")
    house.policy((0, "user:lan"), fallback=["channel:room"])
    alert = house.raised()
    house.rounds(2)
    assert [post.alerts for post in there.taken] == [[alert]]
    (shown,) = house.log(alert=alert)
    assert (shown["state"], shown["recipient"], shown["told"]) == (
        "sent",
        "user:lan",
        "channel:room",
    )
    # Without one it is given up, and shown as that.
    house.policy((0, "user:lan"))
    lost = house.raised()
    house.rounds(2)
    (shown,) = house.log(alert=lost)
    assert shown["state"] == "failed"


def test_what_nobody_is_there_for_is_shown(house: House) -> None:
    house.policy((0, "user:lan"))
    house.raised()
    house.rounds()
    assert house.log()[0]["state"] == "failed"
    assert "nobody" in house.log()[0]["detail"]


def test_who_no_longer_may_see_it_when_it_is_sent_is_not_told(
    house: House, mails: Mailbox, there: Hook
) -> None:
    house.mail(mails)
    house.hook("room", there)
    for name in ("lan", "duc"):
        house.put(f"contacts/{name}/mail", {"address": f"{name}@example.vn", "language": "en"})
    both = {"wards": None, "new_wards": ["Lê Chân", "An Biên"]}
    house.put("users/lan/area", both)
    house.put("roles/keeper", {"permissions": ["sources:read"]})
    told = {"steps": [{"after": 0, "tell": ["user:lan", "user:duc"]}]}
    house.put("users/lan/area", {"wards": ["An Biên"]})
    lan = {"recipient": "user:lan", "who": "user:lan", "hears": ["An Biên"], "misses": []}
    assert house.put("policies/night", told)["unseen"] == [lan]
    (seen,) = house.desk.signed_in(house.desk.person("engineer")).get("/api/policies").json()
    assert seen["unseen"] == [], "they may not see what people may"
    (seen,) = house.desk.signed_in("duc").get("/api/policies").json()
    assert seen["unseen"] == [lan]
    changes: list[Callable[[], object]] = [
        lambda: house.put("users/lan/area", {"wards": ["An Biên"]}),
        lambda: house.put("users/lan/role", {"role": "keeper"}),
        lambda: house.machine.post("/api/users/lan/disable").raise_for_status(),
    ]
    for change in changes:
        house.put("users/lan/area", both)
        house.put("users/lan/role", {"role": "operator"})
        house.put("policies/night", told)
        alert = house.raised(ward="Lê Chân")
        house.put("policies/night", told | {"fallback": ["channel:room"]})
        other = house.raised(ward="Lê Chân")
        change()
        house.rounds(2)
        kept, lost = sorted(house.log(alert=alert), key=lambda one: one["state"])
        assert (kept["recipient"], kept["state"]) == ("user:duc", "sent")
        assert (lost["recipient"], lost["state"]) == ("user:lan", "withheld")
        assert lost["detail"] == "user:lan no longer may see it"
        assert there.taken[-1].alerts == [other], "whoever is told instead is told all the same"
        assert {one["state"] for one in house.log(alert=other)} == {"sent"}
    assert set(mails.recipients) == {"duc@example.vn"}


def test_who_may_see_it_is_asked_again_before_each_try(house: House, there: Hook) -> None:
    house.put("users/lan/area", {"wards": None, "new_wards": ["Lê Chân", "An Biên"]})
    house.hook("room", there, wards=["Lê Chân"])
    house.policy((0, "channel:room"))
    there.statuses = [503, 204, 503]
    alert = house.raised(ward="Lê Chân")
    house.rounds()
    assert house.log(alert=alert)[0]["state"] == "sending"
    house.rounds()
    assert [post.alerts for post in there.taken] == [[alert]], "control: it still may"
    lost = house.raised(ward="Lê Chân")
    house.rounds()
    assert house.log(alert=lost)[0]["state"] == "sending"
    house.hook("room", there, wards=["An Biên"])
    house.rounds(2)
    assert [post.alerts for post in there.taken] == [[alert]]
    (shown,) = house.log(alert=lost)
    assert (shown["state"], shown["detail"]) == ("withheld", "channel:room no longer may see it")


def test_what_cannot_be_read_is_in_nobodys_way(house: House, there: Hook) -> None:
    house.hook("room", there)
    house.policy((0, "channel:room"))
    lost = house.raised()
    broken = """{"of": "a later release"}"""
    house.database.execute("UPDATE messages SET body = %s WHERE alert = %s", (broken, lost))
    alert = house.raised()
    house.rounds()
    assert [post.alerts for post in there.taken] == [[alert]]
    states = house.database.execute("SELECT state FROM deliveries ORDER BY sequence").fetchall()
    assert states == [("failed",), ("sent",)]


def test_what_fails_for_now_is_tried_again_under_its_key_and_not_for_ever(
    house: House, there: Hook
) -> None:
    house.hook("room", there)
    house.policy((0, "channel:room"))
    there.statuses = [503, 429]
    house.raised()
    house.sender.round()
    house.sender.round()
    assert len(there.posts) == 1, "it waits before it is tried again"
    house.rounds(3)
    assert len({post.key for post in there.posts}) == 1
    assert (len(there.posts), len(there.taken)) == (3, 1)
    there.statuses = [500] * 50
    house.raised()
    house.rounds(sending.TRIES_OF_THE_LAST + 5)
    assert len(there.posts) == 3 + sending.TRIES_OF_THE_LAST
    assert house.log()[0]["state"] == "failed"


def left(house: House) -> float:
    """Seconds until the newest message is tried again."""
    row = house.database.execute(
        "SELECT extract(epoch FROM next_at - now()) FROM deliveries ORDER BY sequence DESC LIMIT 1"
    ).fetchone()
    return float(row[0]) if row else 0.0


@pytest.mark.parametrize(
    ("asked", "least", "most"), [("300", 240, 300), ("0", 0, 2), ("9" * 40, 540, 600)]
)
def test_a_server_that_asks_for_time_is_given_it_and_not_for_ever(
    house: House, there: Hook, asked: str, least: float, most: float
) -> None:
    house.hook("room", there)
    house.policy((0, "channel:room"))
    there.statuses, there.retry_after = [429], asked
    house.raised()
    house.sender.round()
    assert least <= left(house) <= most
    house.rounds()
    assert len(there.taken) == 1


def test_where_there_is_another_way_nobody_waits_as_long_as_a_server_asks(
    house: House, there: Hook, mails: Mailbox
) -> None:
    house.hook("room", there)
    house.mail(mails)
    house.put("contacts/lan/mail", {"address": "lan@example.vn"})
    house.policy((0, "channel:room"), fallback=["user:lan"])
    there.statuses, there.retry_after = [503, 503], "10"
    house.raised()
    house.sender.round()
    assert (mails.recipients, left(house) > 5) == ([], True), "control: so long is waited for"
    there.retry_after = "60"
    house.rounds(2)
    assert mails.recipients == ["lan@example.vn"]
    assert len(there.posts) == 2


def test_nothing_overtakes_what_is_on_its_way(house: House, there: Hook) -> None:
    house.hook("room", there)
    house.policy((0, "channel:room"))
    there.statuses = [503]
    first = house.raised()
    house.sender.round()
    second = house.raised()
    house.sender.round()
    assert there.taken == []
    house.rounds(2)
    assert [post.alerts for post in there.taken] == [[first], [second]]


def test_a_flood_goes_together_and_not_too_often_and_nothing_critical_waits(
    house: House, there: Hook
) -> None:
    house.hook("room", there)
    house.policy((0, "channel:room"))
    many = [house.raised(severity="high") for _ in range(5)]
    house.rounds()
    (post,) = there.taken
    assert sorted(post.alerts) == sorted(many)
    for n in range(sending.BURST + 3):
        house.raised(severity="low", start=START + n * 4 * MINUTE)  # slower than a flood
        house.sender.round()
    assert len(there.taken) == sending.BURST
    critical = house.raised()
    house.sender.round()
    assert critical in there.taken[-1].alerts
    assert len(there.taken) == sending.BURST + 1
    # Once there is room the rest goes as one.
    house.database.execute("UPDATE deliveries SET changed_at = changed_at - interval '1 h'")
    house.rounds()
    assert len(there.taken[-1].alerts) == 4
    told = Counter(alert for post in there.taken for alert in post.alerts)
    assert set(told.values()) == {1}
    assert len(told) == 5 + sending.BURST + 3 + 1


def test_what_is_not_live_reaches_whoever_accepts_exercises_marked_as_one(
    house: House, there: Hook, mails: Mailbox
) -> None:
    house.hook("public", there, public=True, exercise_hours=1)
    house.mail(mails)
    house.put("contacts/duc/mail", {"address": "duc@example.vn", "exercise_hours": 1})
    house.put("contacts/lan/mail", {"address": "lan@example.vn"})
    house.policy((0, "channel:public"), (1, "user:lan"), (2, "user:duc"))
    alert = house.raised(origin="simulated")
    house.tick(START + 5 * MINUTE)
    house.tick(START + 9 * MINUTE)
    house.rounds()
    assert there.posts == []
    (mail,) = mails.mails
    assert mails.recipients == ["duc@example.vn"]
    assert mail["Subject"].startswith("[DIỄN TẬP] ")
    assert [one["state"] for one in house.log(alert=alert)] == ["sent", "withheld", "withheld"]
    # Control: what is live reaches everybody, unmarked, but the public, for which it takes two.
    house.raised()
    house.tick(START + 20 * MINUTE)
    house.rounds()
    assert mails.recipients[1:] == ["lan@example.vn"]
    assert not mails.mails[1]["Subject"].startswith("[")
    assert there.posts == []


@pytest.fixture
def running(house: House) -> Iterator[House]:
    """With a notifier of its own that goes on."""
    stop = threading.Event()
    thread = threading.Thread(target=Notifier(house.desk.settings).run, args=(stop,))
    thread.start()
    yield house
    stop.set()
    thread.join(30)


@pytest.fixture
def commands(house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    monkeypatch.setenv("CITYOPS_STATE_DIR", str(house.desk.settings.state_dir))
    monkeypatch.setenv("CITYOPS_HTTP_PORT", str(house.desk.settings.http_port))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return cityops


def test_a_rotation_and_mail_are_set_up_by_commands(
    running: House, commands: Callable[..., Any], mails: Mailbox
) -> None:
    def done(*words: object, typed: str | None = None) -> str:
        result = commands(*words, typed=typed)
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    smtp = ("host=127.0.0.1", f"port={mails.port}", "security=none", "sender=c@example.vn")
    sets = [word for each in smtp for word in ("--set", each)]
    done("channel", "add", "mail", "--type", "smtp", *sets)
    sent = json.loads(done("channel", "test", "mail", "--to", "lan@example.vn", "--json"))
    assert sent["state"] == "sent"
    assert mails.mails[0]["Subject"] == "[THỬ KÊNH] CityOps"
    done("oncall", "contact", "set", "lan", "--channel", "mail", "--address", "lan@example.vn")
    turns = ("--person", "lan", "--person", "duc", "--start", "2026-01-01 08:00")
    done("oncall", "rotation", "add", "desk", *turns)
    away = ("--user", "lan", "--since", "2026-11-01 00:00", "--until", "2026-12-01 00:00")
    done("oncall", "override", "add", "desk", *away)
    assert "lan" in done("oncall", "show", "--at", "2026-11-18 12:00")
    done("policy", "add", "night", "--severity", "high", "--step", "0=rotation:desk")
    running.raised()
    eventually(lambda: len(mails.mails) == 2)
    assert "sent" in done("notifications")
    for listed in ("channel list", "policy list", "oncall rotation list", "oncall contact list"):
        assert done(*listed.split())
    refused = commands("channel", "remove", "mail")
    assert refused.exit_code == 0
    refused = commands("oncall", "rotation", "remove", "desk")
    assert "policy night" in refused.stderr


def test_killed_at_every_point_each_message_comes_once_by_its_key(
    house: House, there: Hook, tmp_path: Path, nursery: Nursery
) -> None:
    with hook(honours=False) as careless:
        house.hook("room", there)
        house.hook("other", careless)
        house.policy((0, "channel:room"), severity="high")
        house.put("policies/second", {"steps": [{"after": 0, "tell": ["channel:other"]}]})
        deaths, alerts = tmp_path / "deaths", [house.raised()]
        processes: list[Born] = []
        settings = house.desk.settings
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(PREFIX)},
            **{
                f"{PREFIX}{name.upper()}": str(getattr(settings, name))
                for name in ("state_dir", "kafka_bootstrap", "database_url", "namespace")
            },
            "CITYOPS_CHANNEL_NETWORKS": "loopback",
        }

        def begin() -> Born:
            command = ["-m", "tests.support.dying_notifier", str(deaths)]
            processes.append(nursery.bear(command, environment, 2))
            return processes[-1]

        for number in range(1, len(POINTS) + 1):
            assert begin().wait(60) == -signal.SIGKILL
            assert deaths.stat().st_size == number
            alerts += [house.raised(), house.raised()]
        # And while the receiver has it, and has not said so.
        there.meanwhile = careless.meanwhile = lambda _: processes[-1].kill()
        assert begin().wait(60) == -signal.SIGKILL
        there.meanwhile = careless.meanwhile = lambda _: None
        last = begin()
        eventually(lambda: {one["state"] for one in house.log(limit=500)} == {"sent"})
        last.terminate()
        last.wait(30)
        told = Counter(alert for post in there.taken for alert in post.alerts)
        assert told == Counter(alerts), "each once, none missing"
        # Control: without the key some came twice, to whichever it was that had its answer last.
        doubled = Counter(alert for post in careless.taken for alert in post.alerts)
        assert doubled.keys() == set(alerts)
        again = Counter(alert for post in there.posts for alert in post.alerts)
        assert max(*doubled.values(), *again.values()) > 1
