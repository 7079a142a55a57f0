"""A channel that is down, slow or gone holds back nobody else, and nothing is sent twice by it."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from services.notifier import sending, stored
from services.notifier.sending import Sender
from services.oncall import record
from services.oncall.deciding import Stood, replay
from streams.database import connect
from streams.events import MINUTE
from tests.support.alerting import START
from tests.support.house import House, open_house
from tests.support.receivers import Hook, Mailbox, hook, mailbox
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


def test_a_channel_that_is_down_with_more_than_a_round_of_messages_holds_back_no_other(
    house: House, there: Hook, mails: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MOST", 4)
    mails.busy = True
    house.mail(mails)
    house.hook("room", there)
    for user in ("lan", "duc"):
        house.put(f"contacts/{user}/mail", {"address": f"{user}@example.vn"})
    house.policy((0, "user:lan"), (1, "user:duc"))
    house.raised()
    house.sender.round()
    for _ in range(12):
        house.raised()
    house.put("policies/second", {"steps": [{"after": 0, "tell": ["channel:room"]}]})
    alert = house.raised()

    def rounds() -> None:
        for _ in range(5):
            house.sender.round()

    with monkeypatch.context() as control:  # what waits behind it stays in front of all others
        control.setattr(Sender, "_postpone", lambda *_: None)
        rounds()
        assert there.taken == []
    rounds()
    assert [post.alerts for post in there.taken] == [[alert]]
    # And what waited goes once its channel is there again.
    mails.busy = False
    house.rounds(6)
    assert {one["state"] for one in house.log(limit=100)} == {"sent"}


def test_what_is_on_its_way_stays_whole_over_rounds(
    house: House, there: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.hook("room", there)
    house.policy((0, "channel:room"))
    there.statuses = [503, 503]
    many = {house.raised() for _ in range(5)}
    house.rounds()
    monkeypatch.setattr(sending, "MOST", 2)
    house.raised()
    house.rounds(2)
    assert len({post.key for post in there.posts}) == 1
    assert [{*post.alerts} for post in there.posts] == [many] * 3


def test_what_is_critical_goes_first_where_more_wait_than_go_together(
    house: House, there: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TOGETHER", 3)
    house.hook("room", there)
    house.policy((0, "channel:room"))
    waiting = [house.raised(severity="high") for _ in range(4)]
    critical = house.raised()
    house.rounds(2)
    assert {*there.taken[0].alerts} == {critical, *waiting[:2]}
    assert {*there.taken[1].alerts} == {*waiting[2:]}


def test_a_channel_that_is_gone_meanwhile_leaves_its_message_to_the_next(
    house: House, mails: Mailbox
) -> None:
    with mailbox() as second:
        mails.busy = True
        house.mail(mails)
        house.mail(second, "other")
        house.put("contacts/lan/mail", {"address": "lan@example.vn"})
        house.put("contacts/lan/other", {"address": "lan@example.org", "rank": 1})
        house.policy((0, "user:lan"))
        house.raised()
        house.rounds()
        assert house.log()[0]["state"] == "sending"
        assert house.machine.delete("/api/channels/mail").status_code == 200
        house.rounds(2)
        assert second.recipients == ["lan@example.org"]
        assert house.log()[0]["state"] == "sent"


def test_a_mail_server_that_hangs_up_after_it_has_the_message_has_it_once(
    house: House, mails: Mailbox
) -> None:
    mails.hangs_up = True
    house.mail(mails)
    house.put("contacts/lan/mail", {"address": "lan@example.vn"})
    house.policy((0, "user:lan"))
    house.raised()
    house.rounds(3)
    assert len(mails.mails) == 1
    assert house.log()[0]["state"] == "sent"


def test_the_notifier_says_that_it_is_alive_while_a_slow_channel_is_waited_for(
    house: House, there: Hook
) -> None:
    said, heard = threading.Event(), []
    there.meanwhile = lambda _: heard.append(said.wait(20))
    house.hook("room", there)
    house.policy((0, "channel:room"))
    house.raised()
    slow = Sender(house.desk.settings, house.sender._connection, said.set)
    slow.round()
    slow.close()
    assert heard == [True], "before the receiver had answered"


def test_who_answers_slowly_keeps_nobody_else_waiting_and_is_told_once_and_in_order(
    house: House, there: Hook
) -> None:
    answers, heard = threading.Event(), threading.Event()

    def meanwhile(_: object) -> None:
        heard.set()
        answers.wait(20)

    with hook() as slow:
        slow.meanwhile = meanwhile
        house.hook("slow", slow)
        house.hook("room", there)
        house.policy((0, "channel:slow"))
        house.put("policies/other", {"steps": [{"after": 0, "tell": ["channel:room"]}]})
        first = house.raised()
        house.sender.round(0.0)
        assert heard.wait(20)
        second = house.raised()

        def others() -> bool:
            house.sender.round(0.0)
            return len([alert for post in there.taken for alert in post.alerts]) == 2

        eventually(others)
        assert [post.alerts for post in slow.posts] == [[first]], "nothing overtakes it there"
        states = {one["state"] for one in house.log() if one["recipient"] == "channel:slow"}
        assert states == {"sending", "waiting"}
        answers.set()
        house.sender.round()  # to its end
        house.sender.round()
        assert [post.alerts for post in slow.posts] == [[first], [second]]
        # Whoever is stopped meanwhile waits for it, and it is not sent again.
        answers.clear()
        house.raised()
        stopped = Sender(house.desk.settings, house.sender._connection, answers.set)
        stopped.round(0.0)
        stopped.close()
        house.rounds()
    assert len(slow.posts) == 3
    assert {one["state"] for one in house.log(limit=100)} == {"sent"}


def test_more_messages_than_a_round_has_wait_for_who_answers_slowly_and_keep_nobody_waiting(
    house: House, there: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MOST", 2)
    answers, heard = threading.Event(), threading.Event()

    def meanwhile(_: object) -> None:
        heard.set()
        answers.wait(20)

    with hook() as slow:
        slow.meanwhile = meanwhile
        house.hook("slow", slow)
        house.hook("room", there)
        house.policy((0, "channel:slow"))
        house.raised()
        house.sender.round(0.0)
        assert heard.wait(20)
        behind = [house.raised() for _ in range(7)]
        house.put("policies/other", {"steps": [{"after": 0, "tell": ["channel:room"]}]})
        last = house.raised()
        for _ in range(8):
            house.sender.round(0.0)
        eventually(lambda: len(there.posts) == 1)
        assert there.posts[0].alerts == [last]
        assert len(slow.posts) == 1, "control: it is still waited for"
        answers.set()
        house.rounds(8)
        told = [alert for post in slow.taken for alert in post.alerts]
        assert sorted(told[1:]) == sorted([*behind, last]), "each once"


def test_a_password_stays_with_the_server_that_it_was_given_for(house: House) -> None:
    settings = {"host": "mail.example.vn", "sender": "a@example.vn", "user": "cityops"}
    asked = {"type": "smtp", "configuration": settings}

    def put(**changes: str) -> int:
        body = asked | {"configuration": settings | changes}
        return house.machine.put("/api/channels/mail", json=body).status_code

    def kept() -> tuple[str, str]:
        one = stored.channels(house.database, house.desk.settings)["mail"]
        return one.configuration["host"], (one.secrets or {})["password"]

    house.put("channels/mail", asked | {"secrets": {"password": "s3cret"}})
    for elsewhere in ({"host": "mail.example.org"}, {"port": "25"}, {"user": "other"}):
        assert put(**elsewhere) == 422
        assert kept() == ("mail.example.vn", "s3cret")
    # Control: it stays where only whom it is from is another.
    assert put(sender="b@example.vn") == 200
    assert kept() == ("mail.example.vn", "s3cret")
    # And goes where the new server asks for none.
    assert put(host="mail.example.org", user="") == 200
    assert kept() == ("mail.example.org", "")


def test_a_policy_for_a_ward_that_does_not_exist_is_refused(house: House, there: Hook) -> None:
    house.hook("room", there)
    body = {"steps": [{"after": 0, "tell": ["channel:room"]}], "wards": ["Nowhere"]}
    answer = house.machine.put("/api/policies/night", json=body)
    assert answer.status_code == 422
    assert "Nowhere" in answer.json()["detail"]


def test_what_was_told_long_ago_leaves_and_the_rest_decides_the_same(
    house: House, there: Hook
) -> None:
    house.hook("room", there)
    house.policy((0, "channel:room"), (5, "user:duc"))
    old = house.raised()
    house.raised()
    house.rounds()
    house.acknowledge(old)
    pending = "UPDATE deliveries SET state = 'waiting' WHERE sequence = 2"
    house.database.execute(pending)
    house.database.execute("ALTER TABLE oncall_log DISABLE TRIGGER append_only")
    aged = "UPDATE oncall_log SET recorded_at = recorded_at - interval '2 days'"
    house.database.execute(aged)
    ahead = "recorded_at = recorded_at + interval '9 years'"  # the clock was, for a while
    house.database.execute(f"UPDATE oncall_log SET {ahead} WHERE sequence <= 3")
    house.database.execute("ALTER TABLE oncall_log ENABLE TRIGGER append_only")
    house.database.execute("UPDATE messages SET decided_at = decided_at - interval '2 days'")
    third = house.raised()
    house.tick(START + 10 * MINUTE)
    before = list(replay(record.events(house.database)))
    lines = len(list(record.events(house.database)))
    since = datetime.now(UTC) - timedelta(days=1)
    # Nothing of the last day goes, whatever is asked for; what waits stays.
    far = datetime(9999, 1, 1, tzinfo=UTC)
    with connect(house.desk.settings, "alerts-pacing", autocommit=True) as part:
        assert record.prune(part, since)[0] == 1
        removed = record.prune(part, far)
        assert removed == (0, 0)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            part.execute("DELETE FROM messages")
        with pytest.raises(psycopg.Error):
            part.execute("SELECT cut_oncall_log(99, '{}')")
    left = list(record.events(house.database))
    assert isinstance(left[0], Stood)
    assert len(left) < lines
    decided = list(replay(left))
    assert decided == before[-len(decided) :]
    assert third in {one.facts.alert for one in decided}
    kept = [one.facts.alert for one in house.messages()]
    assert old not in kept
    assert len(kept) == len(before) - 1
