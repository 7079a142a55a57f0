"""Acknowledging by a link in a message, as whoever has it and as whoever would like to."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from html import unescape
from pathlib import Path

import httpx
import pytest

from services.alerts import store
from services.api.routes import acknowledging
from services.api.tries import Tries
from services.oncall.links import Claim, sign
from streams.events import HOUR, SECOND
from streams.stamps import wall_clock
from tests.support.audit import stored
from tests.support.house import House, open_house
from tests.support.receivers import mailbox
from tests.support.waiting import eventually

PATH = "/api/acknowledge"


@pytest.fixture(autouse=True)
def tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acknowledging, "TRIES", Tries(1000, 60.0))


@pytest.fixture
def house(database_server: str, template_database: str, tmp_path: Path) -> Iterator[House]:
    with open_house(database_server, template_database, tmp_path) as found:
        yield found


def link(house: House, alert: str, user: str = "lan", seconds: int = 3600) -> str:
    version = store.get(house.database, alert).version
    until = wall_clock() + seconds * SECOND
    return sign(acknowledging.key(house.desk.settings), Claim(user, alert, version, until))


def versions(house: House, *alerts: str) -> list[int]:
    return [store.get(house.database, alert).version for alert in alerts]


def post(house: House, token: str, **headers: str) -> httpx.Response:
    return house.desk.client().post(PATH, params={"t": token}, headers=headers)


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_a_mails_link_acknowledges_as_who_it_was_sent_to_once_the_button_is_pressed(
    house: House,
) -> None:
    with mailbox() as mails:
        house.mail(mails)
        house.put("contacts/lan/mail", {"address": "lan@example.vn", "language": "en"})
        house.policy((0, "user:lan"))
        alert = house.raised()
        house.rounds()
        (found,) = re.findall(r"Acknowledge: (\S+)", text_of(mails.mails[0]))
    assert found.startswith(f"https://city.example.vn{PATH}?t=")
    token = found.partition("t=")[2]
    browser = house.desk.client()
    before = versions(house, alert)
    for _ in range(3):  # scanners of mail follow links
        page = browser.get(PATH, params={"t": token})
        assert page.status_code == 200
    assert versions(house, alert) == before
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    (action,) = re.findall(r"action='([^']+)'", page.text)
    done = browser.post(
        unescape(action), headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert (done.status_code, "Acknowledged." in done.text) == (200, True)
    now = store.get(house.database, alert)
    assert (now.state, now.acknowledged_by) == ("acknowledged", "lan")
    said = (line.entry for line in stored(house.database))
    lines = [one for one in said if one.action == "alert:acknowledge"]
    assert [(one.actor, one.label, one.subject) for one in lines] == [("lan", "signed link", alert)]
    # Once more it does nothing.
    assert post(house, token).status_code == 409
    assert versions(house, alert) == [now.version]


def test_what_is_forged_expired_or_of_another_alert_changes_nothing(house: House) -> None:
    alert, other = house.raised(), house.raised()
    token, foreign = link(house, alert), link(house, other)
    mixed = f"{foreign.partition('.')[0]}.{token.partition('.')[2]}"
    gone = "00000000-0000-5000-8000-000000000000"
    nowhere = Claim("lan", gone, 1, wall_clock() + HOUR)
    before = versions(house, alert, other)
    for bad in (
        "",
        "x",
        mixed,
        token[:-2],
        sign(b"k" * 32, Claim("lan", alert, 1, wall_clock() + HOUR)),
        link(house, alert, seconds=-1),
        link(house, alert, user="nobody"),
        link(house, alert, user="machine"),
        sign(acknowledging.key(house.desk.settings), nowhere),
    ):
        assert post(house, bad).status_code == 403
        assert house.desk.client().get(PATH, params={"t": bad}).status_code == 403
    assert post(house, "x" * 601).status_code == 403
    assert versions(house, alert, other) == before
    expected = {"link_forged", "link_expired", "link_not_allowed"}
    eventually(lambda: expected <= {line.entry.reason for line in stored(house.database)})


def test_what_its_person_may_is_asked_anew(house: House) -> None:
    alert = house.raised()
    token, before = link(house, alert), versions(house, alert)

    def put(path: str, body: object) -> None:
        assert house.machine.put(path, json=body).status_code == 200

    area = "/api/users/lan/area"
    put(area, {"wards": None, "new_wards": ["Lê Chân"]})
    assert post(house, token).status_code == 403
    put(area, {"wards": None, "everywhere": True})
    put("/api/users/lan/role", {"role": "analyst"})
    assert post(house, token).status_code == 403
    put("/api/users/lan/role", {"role": "operator"})
    assert house.machine.post("/api/users/lan/disable").is_success
    assert post(house, token).status_code == 403
    assert versions(house, alert) == before
    # Control: as it was, it is done.
    house.machine.post("/api/users/lan/enable")
    house.database.execute("UPDATE users SET must_change = false WHERE name = 'lan'")
    assert post(house, token).status_code == 200


def test_who_has_to_set_up_a_second_factor_first_acknowledges_nothing(house: House) -> None:
    alert = house.raised()
    token, before = link(house, alert), versions(house, alert)
    house.database.execute("INSERT INTO required_factors (role) VALUES ('operator')")
    assert post(house, token).status_code == 403
    assert house.desk.client().get(PATH, params={"t": token}).status_code == 403
    begun = "INSERT INTO second_factors (user_name, secret) VALUES ('lan', '')"
    house.database.execute(begun)
    assert post(house, token).status_code == 403, "it is not confirmed"
    assert versions(house, alert) == before
    # Control: once it is set up, it is done.
    house.database.execute("UPDATE second_factors SET confirmed = true WHERE user_name = 'lan'")
    assert post(house, token).status_code == 200


def test_an_alarm_that_asks_anew_is_not_acknowledged_by_what_was_sent_before(house: House) -> None:
    alert = house.raised()
    token = link(house, alert)
    lan = house.desk.signed_in("lan")
    for act in ("comment", "acknowledge", "undo"):
        asked = {"command_id": act, "comment": "so"}
        assert lan.post(f"/api/alerts/{alert}/{act}", json=asked).status_code == 200, act
    assert store.get(house.database, alert).state == "unacknowledged"
    assert post(house, token).status_code == 409
    assert store.get(house.database, alert).state == "unacknowledged"
    # Control: one that is sent of it now does it.
    assert post(house, link(house, alert)).status_code == 200


def test_who_tries_too_often_waits(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acknowledging, "TRIES", Tries(3, 60.0))
    token = link(house, house.raised())
    statuses = [post(house, "x").status_code for _ in range(4)]
    assert statuses == [403] * 3 + [429]
    # And keeps nobody from a link of theirs who has the same address, a proxy's.
    assert post(house, token).status_code == 200
    assert post(house, "x", **{"X-Forwarded-For": "198.51.100.1"}).status_code == 429
