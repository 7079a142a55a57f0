"""A desk with people who are told of alerts, a notifier for them, and channels to set."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.alerts import store
from services.alerts.commands import Command
from services.alerts.lifecycle import receive
from services.alerts.pacing import Pacing
from services.alerts.transitions import Names
from services.notifier import sending
from services.notifier.sending import Sender
from services.oncall.deciding import Message
from streams.database import connect
from streams.events import MINUTE, Micros
from tests.support.alerting import START, incident
from tests.support.desk import Desk, open_desk
from tests.support.receivers import SECRET, Hook, Mailbox

NAMES = Names(source_vi="Cầu tàu 3", source_en="Quay 3", zone_vi="Hàng rào", zone_en="Fence")


class House:
    """A desk with people who are told, and what they are told by."""

    def __init__(self, desk: Desk, notifier: store.Connection) -> None:
        self.desk, self.database = desk, desk.database
        self.machine = desk.machine()
        self.lan, self.duc = desk.person(name="lan"), desk.person("supervisor", name="duc")
        self.sender = Sender(desk.settings, notifier)
        self._alerts = 0

    def put(self, path: str, body: Any) -> Any:
        answer = self.machine.put(f"/api/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def hook(self, name: str, there: Hook, **changes: Any) -> None:
        secrets = {"url": there.url, "secret": SECRET}
        self.put(f"channels/{name}", {"type": "webhook", "secrets": secrets} | changes)

    def mail(self, there: Mailbox, name: str = "mail", **changes: Any) -> None:
        configuration = {
            "host": "127.0.0.1",
            "port": there.port,
            "security": "none",
            "sender": "cityops@example.vn",
        }
        self.put(f"channels/{name}", {"type": "smtp", "configuration": configuration} | changes)

    def policy(self, *steps: tuple[int, str], **changes: Any) -> None:
        told = [{"after": after, "tell": [recipient]} for after, recipient in steps]
        self.put("policies/night", {"steps": told} | changes)

    def raised(self, names: Names = NAMES, ward: str = "", **changes: Any) -> str:
        """A new alert's id; ``ward``: that its source is in."""
        self._alerts += 1
        made = {"origin": "live", "severity": "critical", "source": f"cam-{self._alerts}"}
        first = incident(**made | changes)
        with self.database.transaction():
            store.lock(self.database)
            wards = dict.fromkeys(first.sources, ward)
            transitions = receive(None, first, None, names=names, wards=wards)
            return store.append(
                self.database, None, transitions, store.channel(self.desk.settings.namespace)
            ).id

    def acknowledge(self, alert: str) -> None:
        command = Command(id=alert[:8], action="acknowledge", actor="lan", time=START + MINUTE)
        store.execute(self.database, alert, command, "alerts.test")

    def tick(self, time: Micros) -> int:
        return Pacing(self.desk.settings, lambda: time).tick(self.database, time)

    def rounds(self, times: int = 1) -> None:
        """Of the notifier, with nothing to be waited for."""
        for _ in range(times):
            self.database.execute("UPDATE deliveries SET next_at = now() - interval '1 s'")
            self.sender.round()

    def log(self, **asked: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.machine.get("/api/notifications", params=asked).json()
        return found

    def messages(self) -> list[Message]:
        rows = self.database.execute("SELECT body::text FROM messages ORDER BY sequence")
        return [sending._MESSAGE.decode(row[0]) for row in rows]


@contextmanager
def open_house(server: str, template: str, state: Path) -> Iterator[House]:
    changes = {"channel_networks": "loopback", "public_url": "https://city.example.vn"}
    with (
        open_desk(server, template, state, **changes) as desk,
        connect(desk.settings, "notifier", autocommit=True) as connection,
    ):
        found = House(desk, connection)
        yield found
        found.sender.close()
