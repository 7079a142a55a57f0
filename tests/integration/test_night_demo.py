"""The people of a rehearsal: told as in earnest, marked as an exercise, and away again."""

from pathlib import Path

from deploy.local import ports
from services.alerts import store
from services.alerts.lifecycle import receive
from services.alerts.pacing import Pacing
from services.api.client import Client
from services.commandline.mailbox import Mail, mailbox
from services.commandline.rehearsal import (
    ADDRESSES,
    CHANNEL,
    LAN,
    MINH,
    acknowledge,
    set_up,
    take_down,
)
from services.commands.demo.night import answered_by, token_of
from services.notifier.sending import Sender
from streams.database import connect
from streams.events import HOUR, MINUTE, Micros, Severity, to_rfc3339
from tests.support.alerting import START, incident
from tests.support.desk import Desk, open_desk

WARD = "Diễn tập đêm"


def raised(desk: Desk, source: str, severity: Severity, ward: str = WARD) -> str:
    """A new alert's id."""
    first = incident(source=source, severity=severity, origin="simulated")
    with desk.database.transaction():
        store.lock(desk.database)
        transitions = receive(None, first, None, wards={source: ward})
        return store.append(
            desk.database, None, transitions, store.channel(desk.settings.namespace)
        ).id


def test_its_people_are_told_answer_by_link_and_are_taken_away(
    database_server: str, template_database: str, tmp_path: Path
) -> None:
    port, taken = ports.free(), list[Mail]()
    with (
        open_desk(database_server, template_database, tmp_path, rehearsal_port=port) as desk,
        connect(desk.settings, "notifier", autocommit=True) as notifier,
        Client(desk.settings) as client,
        mailbox(port, ADDRESSES, taken.append),
    ):
        sender = Sender(desk.settings, notifier)

        def later(minutes: int) -> list[str]:
            """Who has been told meanwhile."""
            time: Micros = START + minutes * MINUTE
            Pacing(desk.settings, lambda: time).tick(desk.database, time)
            sender.round()
            found, taken[:] = [answered_by(mail) for mail in taken], []
            return found

        for _ in range(2):  # the second time it is there, and said anew
            set_up(client, desk.settings, WARD, to_rfc3339(START - HOUR))

        high = raised(desk, "night-cable-1", "high")
        raised(desk, "elsewhere", "critical", ward="Lê Chân")
        sender.round()
        (mail,) = taken
        assert mail.subject.startswith("[DIỄN TẬP]")
        assert "Nguồn gốc: MÔ PHỎNG" in mail.text
        assert later(0) == [LAN]
        assert acknowledge(client, "forged.link") == "HTTP 403"
        assert acknowledge(client, token_of(mail.text)) == ""
        assert client.get(f"/api/alerts/{high}")["acknowledged_by"] == LAN
        assert later(30) == []

        raised(desk, "night-station-1", "critical")
        sender.round()
        assert later(30) == [LAN]
        assert later(62) == [MINH]
        assert sorted(later(64)) == [LAN, MINH]
        told = client.get("/api/notifications")
        assert {(one["state"], one["exercise"]) for one in told} == {("sent", True)}

        assert take_down(client) == 6
        assert take_down(client) == 0
        assert client.get("/api/policies") == client.get("/api/rotations") == []
        assert CHANNEL not in {one["name"] for one in client.get("/api/channels")}
        gone = {one["name"] for one in client.get("/api/users") if one["disabled"]}
        assert gone == {LAN, MINH}
        set_up(client, desk.settings, WARD, to_rfc3339(START - HOUR))
        sender.close()
