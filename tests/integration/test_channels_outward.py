"""Alerts as CAP and as text messages, from the database to real receivers, and the feed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import fromstring

import msgspec
import pytest

from services.api.routes.cap import NAMESPACE
from services.notifier.sending import Sender
from tests.support.audit import stored
from tests.support.cap import Read
from tests.support.house import House, open_house
from tests.support.receivers import hook
from tests.support.station import station
from tests.support.zalo import FOLLOWER, zalo


@pytest.fixture
def house(database_server: str, template_database: str, tmp_path: Path) -> Iterator[House]:
    with open_house(database_server, template_database, tmp_path) as found:
        yield found


def feed(house: House, **asked: str) -> list[str]:
    """Titles of its entries."""
    answer = house.machine.get("/api/cap", params=asked)
    assert answer.status_code == 200, answer.text
    entries = fromstring(answer.content).findall(f"{{{NAMESPACE}}}entry")
    return [entry.findtext(f"{{{NAMESPACE}}}title") or "" for entry in entries]


def message(house: House, alert: str) -> Read:
    answer = house.machine.get(f"/api/cap/{alert}")
    assert answer.status_code == 200, answer.text
    return Read(answer.content)


def test_an_alert_is_pushed_and_in_the_feed_as_one_message_that_later_ones_name(
    house: House,
) -> None:
    with hook(honours=False) as there:  # of CAP the identifier is the key
        secrets = {"url": there.url, "token": "Bearer s3cret"}
        given = {"type": "cap", "configuration": {"authorized": True}, "secrets": secrets}
        house.put("channels/warnings", given | {"exercise_hours": 1})
        house.policy((0, "channel:warnings"))
        alert, drill = house.raised(), house.raised(origin="recorded")
        house.rounds(2)
        pushed = sorted((Read(post.body) for post in there.taken), key=lambda o: o.one("status"))
        assert {post.headers["Authorization"] for post in there.taken} == {"Bearer s3cret"}
    assert [one.one("status") for one in pushed] == ["Actual", "Exercise"]
    begun = message(house, alert)
    assert begun.one("identifier") == pushed[0].one("identifier")
    assert begun.one("sent") == pushed[0].one("sent")
    assert begun.one("sender") == "cityops@city.example.vn"
    assert message(house, drill).one("status") == "Exercise"
    assert len(feed(house)) == 2
    assert len(feed(house, origin="live")) == 1
    # It says why, as people are told.
    assert begun.all("info/description") == pushed[0].all("info/description")
    house.acknowledge(alert)
    assert message(house, alert).one("identifier") == begun.one("identifier")
    closing = {"command_id": "close", "comment": "towed"}
    assert house.machine.post(f"/api/alerts/{alert}/resolve", json=closing).status_code == 200
    over = message(house, alert)
    assert over.one("msgType") == "Cancel"
    with hook(honours=False) as there:
        house.put("channels/warnings", {"type": "cap", "secrets": {"url": there.url}})
        house.rounds(2)
        # It had asked once more by then: of long ago, it had outlasted its acknowledgement.
        *_, last = [Read(post.body) for post in there.taken]
    assert [last.one(name) for name in ("identifier", "msgType", "references")] == [
        over.one(name) for name in ("identifier", "msgType", "references")
    ]
    assert over.one("references") == ",".join(
        begun.one(name) for name in ("sender", "identifier", "sent")
    )
    assert any("đã hết" in title for title in feed(house))


def test_whoever_is_limited_to_a_ward_has_only_its_alerts(house: House) -> None:
    house.raised()
    area = {"wards": None, "new_wards": ["Lê Chân"]}
    assert house.machine.put("/api/users/lan/area", json=area).status_code == 200
    limited = house.desk.client(house.desk.token("lan"))
    assert b"<entry" not in limited.get("/api/cap").content
    assert len(feed(house)) == 1


def test_a_text_message_goes_to_a_number_by_a_gateway(house: House) -> None:
    with hook() as there:
        url = there.url + "&key={key}"
        post = {"body": '{"msisdn": "{number}", "content": {"text": "{text}"}}'}
        secrets = {"url": url, "token": "key 1"}
        asked = {"type": "sms", "configuration": post | {"header": "X-Key"}, "secrets": secrets}
        house.put("channels/text", asked)
        house.put("contacts/lan/text", {"address": "0912 345 678"})
        house.policy((0, "user:lan"))
        alert = house.raised(severity="high")
        there.statuses = [503]
        house.rounds(2)
        first, second = there.posts
        assert first.path == second.path, "under one key"
        assert second.headers["X-Key"] == "key 1"
        assert msgspec.json.decode(second.body) == {
            "msisdn": "+84912345678",
            "content": {
                "text": "Cao: Xe dung tren lan - Cau tau 3, Hang rao\n"
                f"https://city.example.vn/?alert={alert}"
            },
        }
        get = {"url": f"http://127.0.0.1:{there.port}/send?to={{number}}&text={{text}}"}
        house.put("channels/text", asked | {"configuration": {"method": "GET"}, "secrets": get})
        house.raised(severity="high")
        house.rounds()
        asked_for = parse_qs(urlsplit(there.posts[-1].path).query)
        assert asked_for["to"] == ["+84912345678"]
        assert asked_for["text"][0].startswith("Cao: Xe dung")


def test_what_a_channel_keeps_of_zalo_is_sealed_and_outlives_the_notifier(house: House) -> None:
    with zalo() as there:
        given = {"type": "zalo", "configuration": there.configuration, "secrets": there.secrets}
        house.put("channels/zalo", given)
        house.put("contacts/lan/zalo", {"address": FOLLOWER})
        house.policy((0, "user:lan"))
        for _ in range(2):
            house.raised(severity="high")
            house.rounds()
            house.sender.close()  # a notifier that has just begun
            house.sender = Sender(house.desk.settings, house.sender._connection)
        assert [text.splitlines()[0] for _, text in there.texts] == [
            "Cao: Xe dừng trên làn · Cầu tàu 3, Hàng rào"
        ] * 2
        assert there.refreshed == 1
        (row,) = house.database.execute("SELECT * FROM channel_memory").fetchall()
        assert there.access not in str(row)
        there.errors = [-211]
        house.raised(severity="high")
        house.rounds()
        (failed,) = house.log(state="failed")
        assert "quota" in failed["detail"]
        assert house.machine.delete("/api/channels/zalo").status_code == 200
        assert house.database.execute("SELECT FROM channel_memory").fetchall() == []


def test_a_public_channel_of_some_wards_is_told_of_these_only_also_when_it_is_sent(
    house: House,
) -> None:
    with hook() as there:
        area = {"wards": None, "new_wards": ["Lê Chân", "Hồng Bàng"]}
        assert house.machine.put("/api/users/lan/area", json=area).status_code == 200
        given = {"type": "cap", "secrets": {"url": there.url}, "public": True}
        house.put("channels/public", given | {"wards": ["Lê Chân"]})
        duc = house.desk.signed_in("duc")
        an = house.desk.signed_in(house.desk.person("supervisor", name="an"))
        inside, outside = house.raised(ward="Lê Chân"), house.raised(ward="Hồng Bàng")

        def propose(alert: str) -> Any:
            asked = {"alert": alert, "channel": "public", "reason": "The quay is on fire."}
            return duc.post("/api/warnings", json=asked)

        assert propose(outside).json()["reason"] == "outside_area"
        for told in (False, True):  # the second is the control
            wanted = ["Lê Chân"] if told else ["Hồng Bàng"]
            one = propose(inside).json()["id"]
            assert an.post(f"/api/warnings/{one}/confirm").status_code == 200
            house.put("channels/public", given | {"wards": wanted})
            house.rounds()
            assert len(there.posts) == told
            house.put("channels/public", given | {"wards": ["Lê Chân"]})
        assert "no longer may see it" in house.log(state="withheld")[0]["detail"]


def test_stations_of_the_alerts_wards_speak_what_two_persons_confirm_and_its_end(
    house: House,
) -> None:
    with station() as one, station() as dead, station() as elsewhere:
        area = {"wards": None, "new_wards": ["Lê Chân", "Hồng Bàng"]}
        assert house.machine.put("/api/users/lan/area", json=area).status_code == 200
        asked = {"authorized": True}
        house.put(
            "channels/loud",
            {
                "type": "public_address",
                "configuration": asked,
                "secrets": {"token": "Bearer s3cret"},
            },
        )
        places = (("pa-1", one, "Lê Chân"), ("pa-2", dead, "Lê Chân"))
        for name, there, ward in (*places, ("pa-3", elsewhere, "Hồng Bàng")):
            where = {"channel": "loud", "ward": ward, "address": f"{there.url}?t=s3cret"}
            house.put(f"stations/{name}", where)
        dead.status = 500
        house.sender.stations.look(at_once=True)
        listed = house.machine.get("/api/stations").json()
        assert [(each["name"], each["state"]) for each in listed] == [
            ("pa-2", "dead"),
            ("pa-1", "alive"),
            ("pa-3", "alive"),
        ]
        assert listed[0]["detail"] == "it answers 500"
        assert "s3cret" not in str(listed)
        duc = house.desk.signed_in("duc")
        an = house.desk.signed_in(house.desk.person("supervisor", name="an"))
        house.policy((0, "channel:loud"))
        alert = house.raised(ward="Lê Chân")
        drill = house.raised(ward="Lê Chân", origin="simulated")
        nowhere = house.raised()

        def propose(alert: str) -> Any:
            asked = {"alert": alert, "channel": "loud", "reason": "The quay is on fire."}
            return duc.post("/api/warnings", json=asked)

        assert propose(drill).json()["reason"] == "not_live"
        assert propose(nowhere).json()["reason"] == "no_station"
        path = f"/api/warnings/{propose(alert).json()['id']}"
        house.rounds()
        assert one.said == [], "neither a policy nor one person speaks"
        assert an.post(f"{path}/confirm").status_code == 200
        house.rounds()
        told = {
            each["recipient"]: each["state"] for each in duc.get("/api/warnings").json()[0]["told"]
        }
        assert told == {"station:pa-1": "sent", "station:pa-2": "sending"}
        dead.status = 200
        house.rounds()
        assert len(one.said) == len(dead.said) == 1
        assert "Cầu tàu ba" in one.said[0]
        # A part is closed, which would be an all-clear in the street.
        merging = {"command_id": "m", "comment": "one fire", "other": nowhere}
        refused = house.machine.post(f"/api/alerts/{alert}/merge", json=merging)
        assert refused.json()["reason"] == "public_told"
        merging["other"] = alert
        assert house.machine.post(f"/api/alerts/{nowhere}/merge", json=merging).status_code == 200
        assert (one.token, elsewhere.taken) == ("Bearer s3cret", [])
        closing = {"command_id": "close", "comment": "out"}
        assert duc.post(f"/api/alerts/{alert}/resolve", json=closing).status_code == 200
        house.rounds(2)
        assert [len(each.said) for each in (one, dead, elsewhere)] == [2, 2, 0]
        assert "đã hết hiệu lực" in one.said[1]
        assert one.taken[1].one("references") == ",".join(
            one.taken[0].one(name) for name in ("sender", "identifier", "sent")
        )
        over = [
            each["state"] for each in duc.get("/api/warnings").json()[0]["told"] if each["over"]
        ]
        assert over == ["sent", "sent"]
        assert house.machine.delete("/api/stations/pa-2").status_code == 200
        assert len(house.machine.get("/api/stations").json()) == 2
        answer = house.machine.post("/api/channels/loud/test", json={"address": one.url})
        assert answer.status_code == 202
        house.rounds()
        assert house.log(state="withheld")[0]["detail"].startswith("public_channel")
        assert len(one.said) == 2


def test_the_public_is_told_once_a_second_person_confirms_what_a_first_proposed(
    house: House,
) -> None:
    with hook() as there:
        given = {"type": "cap", "secrets": {"url": there.url}}
        house.put("channels/public", given | {"public": True})
        house.put("channels/private", given)
        house.policy((0, "channel:public"))
        alert, drill = house.raised(), house.raised(origin="simulated")
        house.rounds()
        assert there.posts == [], "no policy tells the public"
        details = {one["detail"] for one in house.log(state="withheld")}
        assert any("two persons" in detail for detail in details)
        duc = house.desk.signed_in("duc")
        an = house.desk.signed_in(house.desk.person("supervisor", name="an"))
        lan = house.desk.signed_in("lan")

        def propose(by: Any, alert: str = alert, channel: str = "public") -> Any:
            asked = {"alert": alert[:8], "channel": channel, "reason": "The quay is on fire."}
            return by.post("/api/warnings", json=asked)

        assert propose(house.machine).json()["reason"] == "no_person"
        assert propose(lan).status_code == 403
        assert propose(duc, drill).json()["reason"] == "not_live"
        assert propose(duc, channel="private").json()["reason"] == "not_public"
        proposed = propose(duc)
        assert proposed.status_code == 201
        path = f"/api/warnings/{proposed.json()['id']}"
        for by, reason in ((duc, "same_person"), (house.machine, "no_person"), (lan, "role")):
            assert by.post(f"{path}/confirm").json()["reason"] == reason
        house.rounds()
        assert there.posts == []
        assert an.post(f"{path}/confirm").json()["decided_by"] == "an"
        assert an.post(f"{path}/confirm").json()["reason"] == "decided"
        house.rounds(2)
        (post,) = there.posts
        said = Read(post.body)
        assert (said.one("scope"), said.one("status")) == ("Public", "Actual")
        # What is withdrawn, or an hour old, is confirmed by nobody.
        other = propose(an).json()["id"]
        assert duc.post(f"/api/warnings/{other}/withdraw").status_code == 200
        assert duc.post(f"/api/warnings/{other}/confirm").json()["reason"] == "decided"
        old = propose(an).json()["id"]
        house.database.execute(
            "UPDATE public_warnings SET proposed_at = proposed_at - interval '61 minutes'"
        )
        assert duc.post(f"/api/warnings/{old}/confirm").json()["reason"] == "too_old"
        house.rounds()
        assert len(there.posts) == 1
        # What they have closed is over where it was told, without two persons.
        closing = {"command_id": "close", "comment": "out"}
        assert duc.post(f"/api/alerts/{alert}/resolve", json=closing).status_code == 200
        house.rounds(2)
        over = Read(there.posts[-1].body)
        assert (len(there.posts), over.one("msgType"), over.one("scope")) == (2, "Cancel", "Public")
        assert over.one("references") == ",".join(
            said.one(name) for name in ("sender", "identifier", "sent")
        )
    done = [line.entry for line in stored(house.database) if line.entry.outcome == "done"]
    said = [(one.action, one.actor) for one in done if one.action.startswith("warning:")]
    assert said == [
        ("warning:propose", "duc"),
        ("warning:confirm", "an"),
        ("warning:propose", "an"),
        ("warning:withdraw", "duc"),
        ("warning:propose", "an"),
    ]
    assert len(duc.get("/api/warnings").json()) == 3
