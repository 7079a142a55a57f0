"""Somebody turns web push on in a browser, and is told there of what they may see; how it ends."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from services.alerts import store
from services.notifier import stored
from services.notifier.channels.web_push import vapid
from tests.support.desk import BROWSER, sign_in
from tests.support.house import House, open_house
from tests.support.people import PASSWORD
from tests.support.push import Browser, PushService, push_service
from tests.support.receivers import mailbox
from tests.support.waiting import eventually


@pytest.fixture
def there() -> Iterator[PushService]:
    with push_service() as found:
        yield found


@pytest.fixture
def house(
    database_server: str, template_database: str, tmp_path: Path, there: PushService
) -> Iterator[House]:
    with open_house(database_server, template_database, tmp_path) as found:
        given = {"type": "web_push", "configuration": there.configuration}
        made = found.put("channels/push", given)
        assert made["secret"] is None, "no key is shown"
        there.public = made["configuration"]["public_key"]
        yield found


def turned_on(by: httpx.Client, browser: Browser, **changes: Any) -> httpx.Response:
    asked = {"channel": "push", "name": browser.name, "language": "en"}
    return by.post("/api/push/devices", json=asked | browser.subscription | changes)


def devices(by: httpx.Client) -> list[dict[str, Any]]:
    answer = by.get("/api/push")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["devices"]
    return found


def names(by: httpx.Client) -> list[str]:
    return [one["name"] for one in devices(by)]


def reason(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, "" if answer.is_success else answer.json()["reason"]


def test_who_turns_it_on_is_told_there_and_on_the_telephone_and_acknowledges_by_a_click(
    house: House, there: PushService
) -> None:
    at_desk, phone = house.desk.signed_in("lan"), house.desk.signed_in("lan")
    one, other = there.browser("desk"), there.browser("phone")
    answer = turned_on(at_desk, one)
    assert answer.status_code == 200, answer.text
    assert answer.json()["channels"] == [{"name": "push", "key": there.public}]
    assert turned_on(phone, other).status_code == 200
    assert [each["id"] for each in devices(phone)] == [other.id, one.id]
    house.policy((0, "user:lan"))
    alert = house.raised()
    house.rounds()
    assert there.titles(one) == there.titles(other) == ["Critical: Stopped vehicle · Quay 3, Fence"]
    notice = there.pushed[0].notice
    assert (notice["open"], notice["tag"]) == (f"/?alert={alert}&lang=en", alert)
    link = notice["acknowledge"]
    assert link["label"] == "Acknowledge"
    acknowledged = httpx.post(house.desk.settings.api + link["open"])
    assert acknowledged.status_code == 200
    assert house.machine.get(f"/api/alerts/{alert}").json()["state"] == "acknowledged"
    assert house.log()[0]["state"] == "sent"
    assert all(each["taken_at"] and not each["detail"] for each in devices(at_desk))
    sealed = str(house.database.execute("SELECT * FROM push_devices").fetchall())
    for secret in (one.path, one.subscription["auth"], one.subscription["p256dh"]):
        assert secret not in sealed + at_desk.get("/api/push").text


def test_what_a_push_service_says_is_no_more_is_removed_and_said_and_others_are_told(
    house: House, there: PushService
) -> None:
    at_desk, phone = house.desk.signed_in("lan"), house.desk.signed_in("lan")
    assert turned_on(at_desk, there.browser("desk")).status_code == 200
    gone = there.browser("phone")
    assert turned_on(phone, gone).status_code == 200
    there.statuses["phone"] = [410]
    house.policy((0, "user:lan"))
    for _ in range(2):
        house.raised()
        house.rounds()
    assert len(there.pushed) == 2
    assert there.tried == 3, "what is no more is not tried again"
    said = {each["name"]: each for each in devices(at_desk)}
    assert said["phone"]["ended_at"]
    assert said["phone"]["detail"] == "the push service says that it is no more (410)"
    rows = house.database.execute("SELECT address FROM push_devices WHERE name = 'phone'")
    assert rows.fetchall() == [(None,)]
    assert reason(at_desk.post(f"/api/push/devices/{gone.id}/test")) == (409, "ended")
    # Turned on again it is one.
    assert turned_on(phone, there.browser("phone")).status_code == 200
    assert [each["ended_at"] for each in devices(at_desk)] == [None, None]
    # With another pair of keys none is one.
    given: dict[str, Any] = {"type": "web_push", "configuration": there.configuration}
    given["configuration"] |= {"contact": "mailto:desk@example.vn"}
    assert house.put("channels/push", given)["configuration"]["public_key"] == there.public
    assert [each["ended_at"] for each in devices(at_desk)] == [None, None], "control"
    given["secrets"] = {"private_key": vapid.pair().private}
    there.public = house.put("channels/push", given)["configuration"]["public_key"]
    assert all(each["ended_at"] and "key" in each["detail"] for each in devices(at_desk))
    assert turned_on(phone, there.browser("phone")).status_code == 200
    house.raised()
    house.rounds()
    assert (len(there.pushed), there.tried) == (3, 4), "nobody asks with a key that is refused"


def test_where_no_device_has_it_the_next_address_is_tried_and_push_comes_first(
    house: House, there: PushService
) -> None:
    lan, phone = house.desk.signed_in("lan"), there.browser("phone")
    with mailbox() as mails:
        house.mail(mails)
        house.put("contacts/lan/mail", {"address": "lan@example.vn"})
        assert turned_on(lan, phone).status_code == 200
        ranks = {one["channel"]: one["rank"] for one in house.machine.get("/api/contacts").json()}
        assert ranks == {"push": -1, "mail": 0}
        house.policy((0, "user:lan"))
        house.raised()
        house.rounds()
        assert (len(there.pushed), len(mails.mails)) == (1, 0)
        there.statuses["phone"] = [404]
        house.raised()
        house.rounds(2)
        assert (len(there.pushed), len(mails.mails)) == (1, 1)
        # Somebody who manages that says otherwise, and it stays so.
        house.put("contacts/lan/push", {"address": "lan", "rank": 1})
        assert turned_on(lan, there.browser("anew")).status_code == 200
        house.raised()
        house.rounds()
        assert (len(there.pushed), len(mails.mails)) == (1, 2)
        # Where keys were lost whoever turns it on anew is told again, and nothing is before -100.
        house.put("contacts/lan/mail", {"address": "lan@example.vn", "rank": 2})
        house.database.execute("UPDATE contacts SET address = '' WHERE channel = 'push'")
        assert turned_on(lan, there.browser("again")).status_code == 200
        house.raised()
        house.rounds()
        assert (len(there.pushed), len(mails.mails)) == (2, 2)
        house.put("contacts/lan/mail", {"address": "lan@example.vn", "rank": -100})
        house.machine.delete("/api/contacts/lan/push").raise_for_status()
        assert turned_on(lan, there.browser("last")).status_code == 200
        ranks = {one["channel"]: one["rank"] for one in house.machine.get("/api/contacts").json()}
        assert ranks == {"push": -100, "mail": -100}


def test_nobody_is_told_there_of_what_they_may_not_see(house: House, there: PushService) -> None:
    house.put("users/lan/area", {"wards": None, "new_wards": ["Lê Chân", "An Biên"]})
    lan, duc = house.desk.signed_in("lan"), house.desk.signed_in("duc")
    theirs, everywhere = there.browser("lan"), there.browser("duc")
    assert turned_on(lan, theirs).status_code == turned_on(duc, everywhere).status_code == 200
    told = {"steps": [{"after": 0, "tell": ["user:lan", "user:duc"]}]}
    house.put("policies/night", told)
    house.raised(ward="Lê Chân")
    house.put("users/lan/area", {"wards": ["An Biên"]})
    house.rounds()
    assert (len(there.titles(theirs)), len(there.titles(everywhere))) == (0, 1)
    house.put("users/lan/area", {"wards": None, "new_wards": ["Lê Chân"]})
    house.raised(ward="Lê Chân")  # control
    house.rounds()
    assert (len(there.titles(theirs)), len(there.titles(everywhere))) == (1, 2)


def test_exercises_reach_who_accepts_them_and_are_marked(house: House, there: PushService) -> None:
    lan = house.desk.signed_in("lan")
    phone = there.browser("phone")
    assert turned_on(lan, phone).status_code == 200
    house.policy((0, "user:lan"))
    house.raised(origin="simulated")
    house.rounds()
    assert there.pushed == []
    assert house.log()[0]["state"] == "withheld"
    house.put("contacts/lan/push", {"address": "lan", "language": "vi", "exercise_hours": 1})
    house.raised(origin="simulated")
    house.rounds()
    assert [title.split("]")[0] for title in there.titles(phone)] == ["[DIỄN TẬP"]
    # Of a public channel nobody is known by name: it cannot be turned on.
    given = {"type": "web_push", "configuration": there.configuration, "public": True}
    house.put("channels/push", given)
    assert lan.get("/api/push").json()["channels"] == []
    assert reason(turned_on(lan, phone)) == (404, "no_channel")
    house.raised()
    house.rounds()
    assert len(there.pushed) == 1


def test_a_device_is_tried_out_by_its_owner_now_and_then(house: House, there: PushService) -> None:
    lan, duc = house.desk.signed_in("lan"), house.desk.signed_in("duc")
    phone, spare = there.browser("phone"), there.browser("spare")
    assert turned_on(lan, phone).status_code == 200
    assert turned_on(house.desk.signed_in("lan"), spare).status_code == 200
    path = f"/api/push/devices/{phone.id}"
    assert reason(duc.post(f"{path}/test")) == (404, "no_device")
    assert reason(duc.delete(path)) == (404, "no_device")
    assert lan.post(f"{path}/test").status_code == 202
    assert reason(lan.post(f"{path}/test")) == (429, "too_often")
    house.rounds()
    (one,) = there.pushed
    assert one.path == phone.path
    assert "THỬ KÊNH" in one.notice["title"]
    assert one.notice["open"] == "/settings"
    assert lan.delete(path).status_code == 200
    assert names(lan) == ["spare"]
    # All of somebody's, by who sets channels.
    answer = house.machine.post("/api/channels/push/test", json={"address": "lan"})
    assert answer.status_code == 202
    house.rounds()
    assert [each.path for each in there.pushed] == [phone.path, spare.path]


def test_it_goes_to_named_services_only_and_nobody_has_more_than_eight(
    house: House, there: PushService
) -> None:
    lan = house.desk.signed_in("lan")
    for endpoint in ("https://10.0.0.9/x", "http://127.0.0.1/x", f"https://{there.host}.vn/x"):
        assert reason(turned_on(lan, there.browser(), endpoint=endpoint)) == (422, "invalid")
    assert turned_on(lan, there.browser(), endpoint="x" * 3000).status_code == 422
    assert turned_on(lan, there.browser(), name=" \t").status_code == 422, (
        "nobody tells which it is"
    )
    for number in range(8):
        by = house.desk.signed_in("lan")
        assert turned_on(by, there.browser(f"n{number}")).status_code == 200
    assert reason(turned_on(lan, there.browser())) == (409, "too_many")
    assert turned_on(by, there.browser("anew")).status_code == 200, "in the place of its own"
    assert len(names(lan)) == 8
    house.database.execute("UPDATE push_devices SET ended_at = now() WHERE name IN ('n1', 'n2')")
    assert turned_on(lan, there.browser("ninth")).status_code == 200, "what has ended is no more"
    assert len(names(lan)) == 7
    assert reason(turned_on(house.machine, there.browser())) == (409, "not_a_person")
    asked = {"address": "duc", "language": "vi"}
    answer = house.machine.put("/api/contacts/lan/push", json=asked)
    assert answer.status_code == 422, "nobody is told on somebody else's devices"


def test_who_is_signed_out_or_whose_channel_is_removed_meanwhile_turns_nothing_on(
    house: House, there: PushService
) -> None:
    lan = house.desk.signed_in("lan")
    waits = "SELECT FROM pg_locks WHERE NOT granted"
    for ended, refused in (
        ("DELETE FROM channels WHERE name = 'push'", (404, "no_channel")),
        ("DELETE FROM sessions WHERE user_name = 'lan'", (401, "not_signed_in")),
    ):
        with ThreadPoolExecutor(1) as pool, house.database.transaction():
            house.database.execute(ended)
            asked = pool.submit(turned_on, lan, there.browser())
            eventually(lambda a=asked: a.done() or house.database.execute(waits).fetchall())
        assert reason(asked.result()) == refused
        given = {"type": "web_push", "configuration": there.configuration}
        house.put("channels/push", given)


def test_what_is_asked_while_a_channel_is_set_or_removed_waits_and_goes_by_what_it_is_then(
    house: House, there: PushService
) -> None:
    """Each of these took an error, or what the other had written, in its turn."""
    lan, phone = house.desk.signed_in("lan"), there.browser()
    assert turned_on(lan, phone).status_code == 200
    waits = "SELECT FROM pg_locks WHERE NOT granted"
    private = vapid.pair().private
    given: dict[str, Any] = {"type": "web_push", "configuration": there.configuration}

    def meanwhile(asking: Callable[[], httpx.Response], done: str = "") -> httpx.Response:
        with ThreadPoolExecutor(1) as pool, house.database.transaction():
            store.lock(house.database)
            asked = pool.submit(asking)
            eventually(lambda: asked.done() or house.database.execute(waits).fetchall())
            if done:
                house.database.execute(done)
            else:
                one = stored.channels(house.database, house.desk.settings)["push"]
                one = one._replace(secrets={"private_key": private})
                stored.put_channel(house.database, house.desk.settings, one, "duc")
        return asked.result()

    answer = meanwhile(lambda: house.machine.put("/api/channels/push", json=given))
    assert answer.status_code == 200
    kept = stored.channels(house.database, house.desk.settings)["push"].secrets
    assert kept == {"private_key": private}, "it was not given, and stays as another has set it"
    assert turned_on(lan, phone).status_code == 200, "its key is another now"
    removed = "DELETE FROM channels WHERE name = 'push'"
    answer = meanwhile(lambda: lan.post(f"/api/push/devices/{phone.id}/test"), removed)
    assert reason(answer) == (404, "no_device")
    house.put("channels/push", given)
    asked = {"address": "lan", "language": "vi"}
    answer = meanwhile(lambda: house.machine.put("/api/contacts/lan/push", json=asked), removed)
    assert reason(answer) == (404, "no_channel")


def test_who_signs_out_or_another_who_signs_in_ends_it_in_that_browser(
    house: House, there: PushService
) -> None:
    shared, phone = house.desk.signed_in("lan"), house.desk.signed_in("lan")
    assert turned_on(shared, there.browser("shared")).status_code == 200
    assert turned_on(phone, there.browser("phone")).status_code == 200
    # A session that runs out ends nothing: nobody is signed in who sleeps.
    house.database.execute(
        "UPDATE sessions SET expires_at = now() - interval '1 s' WHERE user_name = 'lan'"
    )
    assert shared.get("/api/push").status_code == 401
    assert names(house.desk.signed_in("lan")) == ["phone", "shared"]
    sign_in(shared, "lan").raise_for_status()  # themselves
    assert names(shared) == ["phone", "shared"]
    sign_in(shared, "duc").raise_for_status()
    assert (names(shared), names(house.desk.signed_in("lan"))) == ([], ["phone"])
    sign_in(phone, "lan").raise_for_status()
    phone.delete("/api/session").raise_for_status()
    assert names(house.desk.signed_in("lan")) == []
    # Who turns it on in a browser where it was another's has it alone.
    again = there.browser("again")
    assert turned_on(shared, again).status_code == 200
    other = house.desk.client(**BROWSER)
    sign_in(other, "lan").raise_for_status()
    assert turned_on(other, again).status_code == 200
    assert (names(shared), names(other)) == ([], ["again"])


def test_it_ends_with_the_person_and_with_their_sessions(house: House, there: PushService) -> None:
    def everywhere(user: str) -> httpx.Client:
        by = house.desk.signed_in(user)
        for each in (by, house.desk.signed_in(user)):
            assert turned_on(each, there.browser()).status_code == 200
        return by

    def left() -> int:
        return len(house.database.execute("SELECT FROM push_devices").fetchall())

    everywhere("lan")
    assert left() == 2
    house.machine.delete("/api/users/lan/sessions").raise_for_status()
    assert left() == 0
    everywhere("lan")
    house.machine.delete("/api/channels/push").raise_for_status()
    assert left() == 0
    house.put("channels/push", {"type": "web_push", "configuration": there.configuration})
    everywhere("duc")
    house.machine.post("/api/users/duc/disable").raise_for_status()
    assert left() == 0
    lan = everywhere("lan")
    new = {"old": PASSWORD, "new": "eleven wet ferries"}
    lan.put("/api/session/password", json=new).raise_for_status()
    assert left() == len(names(lan)) == 1, "where it was changed it goes on"
    turned_on(house.desk.signed_in("lan", new["new"]), there.browser()).raise_for_status()
    assert left() == 2
    begun = lan.post("/api/session/factor", json={"password": new["new"]}).json()
    code = {"code": pyotp.TOTP(begun["secret"]).now()}
    lan.put("/api/session/factor", json=code).raise_for_status()
    assert left() == len(names(lan)) == 1, "where it was set up it goes on"
    house.machine.post("/api/users/lan/reset").raise_for_status()
    assert left() == 0
