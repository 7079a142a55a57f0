"""Every route that changes something: where its line cannot be written it does nothing; else it
writes one line, and that in its own transaction.

A new rule of the sort ``change`` needs a request here, which is asked for first in vain.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pyotp
import pytest

from services.api.audited import RULES
from services.api.routes import acknowledging
from services.oncall.links import Claim, sign
from streams.configuration.log import append
from streams.events import HOUR, SceneryVerdict
from streams.stamps import wall_clock
from tests.support.audit import stored
from tests.support.desk import Desk, open_desk
from tests.support.hostile import CLIENT, SECRET, Hostile, hostile
from tests.support.identity import CALLBACK, Client
from tests.support.people import PASSWORD
from tests.support.push import PushService

TABLES = {
    "users": "name, role, disabled_at, password_hash, wards, sql_role",
    "teams": "name, wards",
    "team_members": "team, user_name",
    "roles": "name, permissions",
    "sessions": "id, expires_at",
    "second_factors": "user_name, secret, recovery",
    "required_factors": "role",
    "control_log": "sequence",
    "asset_contacts": "asset, contact",
    "camera_addresses": "source",
    "imported_readings": "source, metric, time",
    "source_keys": "id, revoked_at",
    "channels": "name, type, configuration, sealed",
    "contacts": "user_name, channel",
    "handbook": "sort, name, version",
    "shift_log": "sequence",
    "oncall_plans": "sort, name, body",
    "public_warnings": "id, state",
    "stations": "name, channel, ward",
    "messages": "id",
    "push_devices": "id, tested_at",
    "alerts": "id, state, version",
    "alert_transitions": "sequence",
    "suppression_transitions": "sequence",
}
"""What changes of which a line tells; of a failed sign-in something stays elsewhere."""
CORNERS = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]


class Office:
    """A desk at which everything can be done once."""

    def __init__(self, desk: Desk, provider: Hostile) -> None:
        self.desk, self.provider = desk, provider
        self.of: dict[str, str] = {}
        self.machine = desk.machine()
        self.person, self.gone = desk.person(), desk.person()
        desk.signed_in(self.person)
        self.alerts = [desk.alert() for _ in range(8)]
        claim = Claim(desk.person(), self.alerts[7], 1, wall_clock() + HOUR)
        self.link = sign(acknowledging.key(desk.settings), claim)
        self.disabled = desk.person()
        self._do("POST", f"/api/users/{quote(self.disabled)}/disable")
        camera = {"address": "rtsp://10.0.0.5/1"}
        for name in ("quay-1", "quay-2"):
            self._do("POST", "/api/cameras", {"id": name} | camera)
        self._do("POST", "/api/zones", {"id": "z-1", "source": "quay-1", "polygon": CORNERS})
        self._do("POST", "/api/masks", {"id": "m-1", "source": "quay-1", "polygon": CORNERS})
        crowd = {"kind": "crowd", "severity": "low", "sources": ["quay-1"]}
        self._do("POST", "/api/rules", {"id": "r-1"} | crowd)
        for name in ("loop-1", "loop-2"):
            sensor = {"id": name, "kind": "induction_loop", "gateway": "gw", "ward": "Hồng Bàng"}
            self._do("POST", "/api/sources", sensor)
        area = {"wards": ["Hồng Bàng"]}
        for name, path, more in (
            ("shelved", "shelve", {"minutes": 30, "comment": "crew"}),
            ("closed", "resolve", {"comment": "towed"}),
            ("acknowledged", "acknowledge", {}),
            ("linked", "link", {"other": self.alerts[0]}),
            ("merged", "merge", {"other": self.alerts[0], "comment": "the same"}),
        ):
            alert = self.of[name] = desk.alert()
            self._do("POST", f"/api/alerts/{alert}/{path}", {"command_id": name} | more)
        out = {"kind": "out_of_service", "scope": "source", "subject": "loop-1", "reason": "wet"}
        begun = self.machine.post("/api/suppressions", json={"command_id": "out"} | out)
        self.suppression = begun.json()["id"]
        self.member = desk.person()
        self._do("PUT", f"/api/users/{quote(self.member)}/area", area)
        for name in ("pier", "old"):
            self._do("PUT", f"/api/teams/{name}", area)
        self._do("PUT", f"/api/teams/pier/members/{quote(self.member)}")
        box = (0.1, 0.1, 0.2, 0.2)
        verdict = SceneryVerdict("sign", "quay-1", "person", box, confirmed=True)
        append(desk.database, [verdict], "test")
        self._do("PUT", "/api/roles/spare", {"permissions": ["alerts:read"]})
        key = {"label": "old", "sources": ["loop-1"]}
        self.key = self.machine.post("/api/source-keys", json=key).json()["id"]
        hook = {"type": "webhook", "secrets": {"url": "https://10.0.0.9/hook"}}
        mail = {"type": "smtp", "configuration": {"host": "10.0.0.9", "sender": "a@example.vn"}}
        loud = {"type": "public_address"}
        push = {"type": "web_push", "configuration": {"contact": "mailto:ops@example.vn"}}
        for name, body in (("hook", hook), ("mail", mail), ("gone", hook), ("loud", loud)):
            self._do("PUT", f"/api/channels/{name}", body)
        self._do("PUT", "/api/channels/push", push)
        station = {"channel": "loud", "ward": "Hồng Bàng", "address": "https://10.0.0.9/cap"}
        self.station = station
        self._do("PUT", "/api/stations/pa-2", station)
        contact = {"address": "member@example.vn"}
        self._do("PUT", f"/api/contacts/{quote(self.member)}/mail", contact)
        turns = {"people": [self.person], "start": "2026-11-30T01:00:00Z"}
        for name in ("desk", "spare"):
            self._do("PUT", f"/api/rotations/{name}", turns)
        away = {"since": "2026-12-01T00:00:00Z", "until": "2026-12-02T00:00:00Z"}
        self.away = {"user": self.person} | away
        made = self.machine.post("/api/rotations/desk/overrides", json=self.away)
        self.override = made.json()["id"]
        self.steps = {"steps": [{"after": 0, "tell": ["rotation:desk"]}]}
        self._do("PUT", "/api/policies/old", self.steps)
        self.chief, second = (desk.signed_in(desk.person("supervisor")) for _ in range(2))
        live = self.live = desk.alert(origin="live")
        self._do("PUT", "/api/channels/public", hook | {"public": True})
        self.warning = {"alert": live, "channel": "public", "reason": "on fire"}
        self.proposed = [
            second.post("/api/warnings", json=self.warning).json()["id"] for _ in range(2)
        ]
        self.own = desk.signed_in(desk.person("engineer"))
        self.leaving = desk.signed_in(desk.person())
        self.on_shift, self.own_shift = (desk.signed_in(desk.person()) for _ in range(2))
        self.on_shift.post("/api/shifts/begin", json={"command_id": "b"}).raise_for_status()
        for action in ("begin", "offer"):
            there = {"command_id": action, "area": "Hồng Bàng"}
            shift = second.post(f"/api/shifts/{action}", json=there).json()
        self.offered = shift["offered"]["digest"]
        self.telephone = self._begun(self.own)
        self.with_factor = desk.signed_in(desk.person())
        telephone = self._begun(self.with_factor)
        now = {"code": telephone.now()}
        codes = self.with_factor.put("/api/session/factor", json=now).json()["codes"]
        self.recovery = codes[0]
        self.without = desk.signed_in(desk.person())
        self.changing = desk.signed_in(desk.person())
        made = {"label": "old", "scopes": ["alerts:read"], "days": 1}
        self.token = self.own.post("/api/tokens", json=made).json()["id"]
        self.devices = []
        for turning in (self._turning("telephone"), self._turning("old")):
            browser = desk.signed_in(self._name(self.own))
            turned = browser.post("/api/push/devices", json=turning).json()
            self.devices.append(turned["devices"][0]["id"])
        other = desk.signed_in(self._name(self.own))
        found = other.get("/api/sessions").json()
        self.session = next(one["id"] for one in found if one["current"])

    def _do(self, method: str, path: str, body: Any = None) -> None:
        self.machine.request(method, path, json=body).raise_for_status()

    @staticmethod
    def _name(client: httpx.Client) -> str:
        return str(client.get("/api/session").json()["name"])

    @staticmethod
    def _turning(name: str) -> dict[str, str]:
        """What a browser asks for that is to show alerts."""
        keys = PushService().browser().subscription
        there = {"endpoint": f"https://fcm.googleapis.com/fcm/send/{name}"}
        return keys | there | {"channel": "push", "name": name}

    @staticmethod
    def _begun(client: httpx.Client) -> pyotp.TOTP:
        begun = client.post("/api/session/factor", json={"password": PASSWORD}).json()
        return pyotp.TOTP(begun["secret"])

    def requests(self) -> dict[tuple[str, str], Callable[[], httpx.Response]]:
        """In an order in which each can be done."""

        def by(client: httpx.Client, method: str, path: str, body: Any = None) -> Any:
            return lambda: client.request(method, path, json=body)

        def machine(method: str, path: str, body: Any = None) -> Any:
            return by(self.machine, method, path, body)

        someone = f"/api/users/{quote(self.person)}"
        verbs: dict[str, tuple[str, dict[str, Any]]] = {
            "acknowledge": (self.alerts[0], {}),
            "resolve": (self.alerts[1], {"disposition": "true"}),
            "comment": (self.alerts[2], {}),
            "shelve": (self.alerts[3], {"minutes": 30}),
            "unshelve": (self.of["shelved"], {}),
            "reopen": (self.of["closed"], {}),
            "assign": (self.alerts[4], {"to": self.person}),
            "step": (self.alerts[4], {"step": 1}),
            "link": (self.alerts[5], {"other": self.alerts[6]}),
            "unlink": (self.of["linked"], {"other": self.alerts[0]}),
            "merge": (self.of["linked"], {"other": self.alerts[5]}),
            "split": (self.of["merged"], {}),
            "undo": (self.of["acknowledged"], {}),
        }
        out = {"kind": "out_of_service", "scope": "source", "subject": "quay-1", "reason": "lens"}
        zone = {"source": "quay-1", "polygon": CORNERS}
        crowd = {"id": "r-2", "kind": "crowd", "severity": "low", "sources": ["quay-1"]}
        right = {"name": self.person, "password": PASSWORD}
        new = {"old": PASSWORD, "new": "eleven wet ferries"}
        push = self._turning("desk")
        token = {"label": "new", "scopes": ["alerts:read"], "days": 1}
        loop = {"id": "loop-3", "kind": "induction_loop", "gateway": "gw"}
        pole = {"type": "transformer", "contact": "0225 3 842 322"}
        poles = {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "id": "tr-1", "geometry": None, "properties": pole}],
        }
        area, team = {"wards": ["Hồng Bàng"]}, "/api/teams/quay"
        members = "/api/teams/pier/members"
        own = "/api/session/factor"
        removal = {"password": PASSWORD, "code": self.recovery}
        camera = {"id": "quay-3", "address": "rtsp://10.0.0.5/3"}
        scenery = "/api/cameras/{camera}/scenery/{id}"
        return {
            ("POST", "/api/session"): by(self.desk.client(), "POST", "/api/session", right),
            ("GET", CALLBACK): self.come_back,
            ("DELETE", "/api/session"): by(self.leaving, "DELETE", "/api/session"),
            ("PUT", "/api/session/password"): by(
                self.changing, "PUT", "/api/session/password", new
            ),
            ("POST", own): by(self.without, "POST", own, {"password": PASSWORD}),
            ("DELETE", "/api/sessions/{id}"): by(
                self.own, "DELETE", f"/api/sessions/{self.session}"
            ),
            ("POST", "/api/push/devices"): by(self.own, "POST", "/api/push/devices", push),
            ("DELETE", "/api/push/devices/{id}"): by(
                self.own, "DELETE", f"/api/push/devices/{self.devices[0]}"
            ),
            ("POST", "/api/push/devices/{id}/test"): by(
                self.own, "POST", f"/api/push/devices/{self.devices[1]}/test"
            ),
            ("PUT", own): lambda: self.own.put(own, json={"code": self.code()}),
            ("POST", f"{own}/remove"): by(self.with_factor, "POST", f"{own}/remove", removal),
            ("POST", "/api/tokens"): by(self.own, "POST", "/api/tokens", token),
            ("DELETE", "/api/tokens/{id}"): by(self.own, "DELETE", f"/api/tokens/{self.token}"),
            ("POST", "/api/users"): machine(
                "POST", "/api/users", {"name": "eve", "role": "analyst"}
            ),
            ("PUT", "/api/users/{name}/role"): machine(
                "PUT", f"{someone}/role", {"role": "supervisor"}
            ),
            ("PUT", "/api/users/{name}/area"): machine("PUT", f"{someone}/area", area),
            ("PUT", "/api/users/{name}/sql"): machine("PUT", f"{someone}/sql"),
            ("DELETE", "/api/users/{name}/sql"): machine("DELETE", f"{someone}/sql"),
            ("PUT", "/api/teams/{name}"): machine("PUT", team, area),
            ("PUT", "/api/teams/{name}/members/{user}"): machine(
                "PUT", f"{members}/{quote(self.person)}"
            ),
            ("DELETE", "/api/teams/{name}/members/{user}"): machine(
                "DELETE", f"{members}/{quote(self.member)}"
            ),
            ("DELETE", "/api/teams/{name}"): machine("DELETE", "/api/teams/old"),
            ("DELETE", "/api/users/{name}/sessions"): machine("DELETE", f"{someone}/sessions"),
            ("POST", "/api/users/{name}/reset"): machine("POST", f"{someone}/reset"),
            ("POST", "/api/users/{name}/disable"): machine(
                "POST", f"/api/users/{quote(self.gone)}/disable"
            ),
            ("POST", "/api/users/{name}/enable"): machine(
                "POST", f"/api/users/{quote(self.disabled)}/enable"
            ),
            ("PUT", "/api/roles/{name}"): machine(
                "PUT", "/api/roles/dispatcher", {"permissions": ["alerts:act"]}
            ),
            ("PUT", "/api/roles/{name}/factor"): machine(
                "PUT", "/api/roles/spare/factor", {"required": True}
            ),
            ("DELETE", "/api/roles/{name}"): machine("DELETE", "/api/roles/spare"),
            **{
                ("POST", f"/api/alerts/{{id}}/{verb}"): machine(
                    "POST",
                    f"/api/alerts/{alert}/{verb}",
                    {"command_id": f"new-{verb}", "comment": "seen"} | more,
                )
                for verb, (alert, more) in verbs.items()
            },
            ("POST", "/api/warnings"): by(self.chief, "POST", "/api/warnings", self.warning),
            **{
                ("POST", f"/api/warnings/{{id}}/{verb}"): by(
                    self.chief, "POST", f"/api/warnings/{one}/{verb}"
                )
                for verb, one in zip(("confirm", "withdraw"), self.proposed, strict=True)
            },
            ("POST", "/api/acknowledge"): by(
                self.desk.client(), "POST", f"/api/acknowledge?t={self.link}"
            ),
            ("POST", "/api/alerts/bulk"): machine(
                "POST",
                "/api/alerts/bulk",
                {"command_id": "b", "ids": [self.alerts[6]], "action": "acknowledge"},
            ),
            ("POST", "/api/suppressions"): machine(
                "POST", "/api/suppressions", {"command_id": "new"} | out
            ),
            ("POST", "/api/suppressions/{id}/end"): machine(
                "POST",
                f"/api/suppressions/{self.suppression}/end",
                {"command_id": "end", "reason": "dry"},
            ),
            ("POST", "/api/cameras"): machine("POST", "/api/cameras", camera),
            ("DELETE", "/api/cameras/{id}"): machine("DELETE", "/api/cameras/quay-2"),
            ("POST", "/api/cameras/{id}/view"): machine("POST", "/api/cameras/quay-1/view"),
            ("POST", scenery): machine(
                "POST", "/api/cameras/quay-1/scenery/sign", {"confirmed": False}
            ),
            ("DELETE", scenery): machine("DELETE", "/api/cameras/quay-1/scenery/sign"),
            ("POST", "/api/zones"): machine("POST", "/api/zones", {"id": "z-2"} | zone),
            ("DELETE", "/api/zones/{id}"): machine("DELETE", "/api/zones/z-1"),
            ("POST", "/api/rules"): machine("POST", "/api/rules", crowd),
            ("DELETE", "/api/rules/{id}"): machine("DELETE", "/api/rules/r-1"),
            ("POST", "/api/masks"): machine("POST", "/api/masks", {"id": "m-2"} | zone),
            ("DELETE", "/api/masks/{id}"): machine("DELETE", "/api/masks/m-1"),
            ("POST", "/api/assets/import"): machine("POST", "/api/assets/import", poles),
            ("POST", "/api/history"): machine(
                "POST",
                "/api/history",
                {"csv": "time,source,speed\n2019-05-01T00:00:00Z,loop-1,1\n"},
            ),
            ("POST", "/api/sources"): machine("POST", "/api/sources", loop),
            ("DELETE", "/api/sources/{id}"): machine("DELETE", "/api/sources/loop-2"),
            ("POST", "/api/source-keys"): machine(
                "POST", "/api/source-keys", {"label": "new", "gateways": ["gw"]}
            ),
            ("DELETE", "/api/source-keys/{id}"): machine("DELETE", f"/api/source-keys/{self.key}"),
            ("POST", "/api/feeds/{id}/rules"): machine("POST", "/api/feeds/induction_loops/rules"),
            ("PUT", "/api/channels/{name}"): machine(
                "PUT", "/api/channels/hook", {"type": "webhook", "language": "en"}
            ),
            ("POST", "/api/channels/{name}/test"): machine("POST", "/api/channels/hook/test", {}),
            ("DELETE", "/api/channels/{name}"): machine("DELETE", "/api/channels/gone"),
            ("PUT", "/api/stations/{name}"): machine("PUT", "/api/stations/pa-1", self.station),
            ("DELETE", "/api/stations/{name}"): machine("DELETE", "/api/stations/pa-2"),
            ("PUT", "/api/contacts/{user}/{channel}"): machine(
                "PUT", f"/api/contacts/{quote(self.person)}/mail", {"address": "p@example.vn"}
            ),
            ("DELETE", "/api/contacts/{user}/{channel}"): machine(
                "DELETE", f"/api/contacts/{quote(self.member)}/mail"
            ),
            ("PUT", "/api/rotations/{name}"): machine(
                "PUT",
                "/api/rotations/desk",
                {"people": [self.person], "start": "2026-11-30T02:00:00Z"},
            ),
            ("DELETE", "/api/rotations/{name}"): machine("DELETE", "/api/rotations/spare"),
            ("POST", "/api/rotations/{name}/overrides"): machine(
                "POST", "/api/rotations/desk/overrides", self.away
            ),
            ("DELETE", "/api/rotations/{name}/overrides/{id}"): machine(
                "DELETE", f"/api/rotations/desk/overrides/{self.override}"
            ),
            ("PUT", "/api/policies/{name}"): machine("PUT", "/api/policies/night", self.steps),
            ("DELETE", "/api/policies/{name}"): machine("DELETE", "/api/policies/old"),
            ("PUT", "/api/runbooks/{kind}"): machine(
                "PUT",
                "/api/runbooks/crowd",
                {"vi": "- [ ] Xem", "en": "- [ ] Look", "reason": "short"},
            ),
            **self.shift(),
            ("PUT", "/api/priority"): machine(
                "PUT", "/api/priority", {"rows": [{"name": "all", "priority": 2}], "reason": "one"}
            ),
            ("POST", "/api/commands"): machine(
                "POST", "/api/commands", {"action": "replay:remove", "subject": "rush-hour"}
            ),
        }

    def shift(self) -> dict[tuple[str, str], Callable[[], httpx.Response]]:
        """Somebody who is on shift takes over elsewhere, too."""

        def by(client: httpx.Client, action: str, **more: str) -> Callable[[], httpx.Response]:
            body = {"command_id": f"new-{action}"} | more
            return lambda: client.post(f"/api/shifts/{action}", json=body)

        return {
            ("POST", "/api/shifts/begin"): by(self.own_shift, "begin"),
            ("POST", "/api/shifts/note"): by(self.on_shift, "note", text="wet"),
            ("POST", "/api/shifts/offer"): by(self.on_shift, "offer"),
            ("POST", "/api/shifts/accept"): by(
                self.on_shift, "accept", area="Hồng Bàng", digest=self.offered
            ),
            ("POST", "/api/shifts/end"): by(self.on_shift, "end"),
        }

    def come_back(self) -> httpx.Response:
        """From the provider, which vouches for somebody new."""
        browser = self.desk.client()
        sent = browser.get("/api/session/provider/begin").headers["location"]
        asked = parse_qs(urlsplit(sent).query)
        self.provider.claims["nonce"] = asked["nonce"][0]
        return browser.get(CALLBACK, params={"code": "a code", "state": asked["state"][0]})

    def code(self) -> str:
        return self.telephone.at(int(time.time()))

    def state(self) -> dict[str, list[Any]]:
        found = {}
        for table, columns in TABLES.items():
            rows = self.desk.database.execute(f"SELECT {columns} FROM {table} ORDER BY 1")
            found[table] = rows.fetchall()
        return found


@pytest.fixture(scope="module")
def office(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    state = tmp_path_factory.mktemp("state")
    with hostile() as provider:
        client = Client(CLIENT, SECRET)
        given = client.settings(provider.issuer, "http://127.0.0.1:9", state)
        with open_desk(database_server, template_database, state, **given) as desk:
            yield Office(desk, provider)


CHANGES = [asked for asked, rule in RULES.items() if rule.sort == "change"]


def test_every_change_is_asked_for_here(office: Office) -> None:
    assert set(office.requests()) == set(CHANGES), (
        "a route that changes something needs a request in this file, which is asked for in vain"
        " where the audit log cannot be written"
    )


def test_nothing_is_done_that_cannot_be_recorded(office: Office) -> None:
    database, before = office.desk.database, office.state()
    database.execute("ALTER TABLE audit_log ADD CONSTRAINT full_up CHECK (false) NOT VALID")
    try:
        for asked, request in office.requests().items():
            answer = request()
            assert answer.status_code == 503, (asked, answer.text)
            assert answer.json()["reason"] == "not_recorded", asked
            assert office.state() == before, asked
    finally:
        database.execute("ALTER TABLE audit_log DROP CONSTRAINT full_up")


def test_each_is_done_with_one_line_that_tells_it(office: Office) -> None:
    """After the one before: what was asked for in vain can be asked for again."""
    for asked, request in office.requests().items():
        before, known = office.state(), {line.entry.id for line in stored(office.desk.database)}
        answer = request()
        assert answer.status_code < 400, (asked, answer.text)
        lines = [
            line.entry
            for line in stored(office.desk.database)  # at once: it was committed with the change
            if line.entry.id not in known and line.entry.outcome == "done"
        ]
        action = RULES[asked].action
        expected = "replay:remove" if action == "command:give" else action
        assert [one.action for one in lines if one.means != "system"] == [expected], asked
        assert asked == ("POST", "/api/commands") or office.state() != before, asked
