"""Ages on the command line count from event time, also where the machine's clock is wrong."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import services
from services.commandline import accounts
from services.commands import corrections, record
from services.commands.alerts import list as alerts
from services.commands.incidents import list as incidents
from streams.events import DAY, MINUTE, Heartbeat
from streams.kafka import heartbeat
from streams.settings import Settings
from streams.stamps import PUBLISHER, wall_clock

AHEAD = timedelta(days=40)
STATE = {
    "counted": None,
    "counts": {},
    "flapping": 0,
    "stale": 0,
    "unsaid": ["score"],
    "differences": 0,
    "earlier": 0,
    "earlier_since": None,
    "hours": [],
    "stalled": False,
    "last_event_id": 0,
}


class Service:
    """Answers what is asked of it; its clock is not believed."""

    def __init__(self, *rows: dict[str, Any], **state: Any) -> None:
        self.now = datetime.now(UTC) - AHEAD
        self.rows, self.state = rows, STATE | state
        self.since: list[str] = []

    def get(self, path: str, **_: Any) -> dict[str, Any]:
        if path == "/api/clock":
            return {"event_time": self.now.isoformat()}
        return self.state

    def pages(self, _path: str, _name: str, **asked: Any) -> Iterator[dict[str, Any]]:
        self.since.append(asked["since"])
        yield from self.rows

    @contextmanager
    def connected(self) -> Iterator["Service"]:
        yield self


def use(monkeypatch: pytest.MonkeyPatch, service: Service, module: Any) -> None:
    monkeypatch.setattr(module, "connected", service.connected)


def show(since: str) -> None:
    accounts.show(since=since, sources=None, limit=None, as_json=False)


@pytest.mark.parametrize(
    ("module", "ask"),
    [
        (accounts, show),
        (alerts, lambda since: alerts.command(since=since)),
        (corrections, lambda since: corrections.command(since=since)),
        (incidents, lambda since: incidents.command(since=since)),
    ],
)
def test_since_counts_from_event_time(
    monkeypatch: pytest.MonkeyPatch, module: Any, ask: Callable[[str], None]
) -> None:
    service = Service()
    use(monkeypatch, service, module)
    ask("90m")
    (since,) = service.since
    assert datetime.fromisoformat(since) == service.now - timedelta(minutes=90)


def test_an_alerts_age_counts_from_event_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = dict.fromkeys(
        (
            "stalled_since",
            "unknown_since",
            "flapping_since",
            "acknowledged_by",
            "assigned_to",
            "consequence_count",
        ),
        None,
    )
    service = Service()
    time = (service.now - timedelta(minutes=3)).isoformat()
    names = {"kind_en": "kind", "source_en": "where"}
    row |= {"id": "a" * 32, "names": names, "severity": "low", "state": "normal", "source": "s"}
    shown = alerts._row(row | {"latest_time": time, "origin": "live", "count": 1}, service.now)
    assert shown["age"] == "3m"


@pytest.mark.parametrize("days", [40, -40, 0])
def test_a_recording_given_by_ages_is_of_event_time(
    monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    wall = wall_clock()
    beat = Heartbeat(PUBLISHER, "0", 1, wall, True, "", 0, {}, {}, clock_ahead=days * DAY)
    monkeypatch.setattr(heartbeat, "read_heartbeats", lambda *_: {PUBLISHER: beat})
    after, until = record._window(Settings(), None, "2m", "1m")
    assert until - after == MINUTE
    assert 0 <= after - (wall - days * DAY - 2 * MINUTE) < MINUTE


def test_no_command_counts_ages_from_the_machines_clock() -> None:
    """It may be wrong; what event time should be by now is in one place."""
    folder = Path(services.__file__).parent
    files = [*folder.glob("commands/**/*.py"), *folder.glob("commandline/**/*.py")]
    texts = {file: file.read_text() for file in files if file.name != "since.py"}
    counting = {file for file, text in texts.items() if re.search(r"\b(parse_since|age)\(", text)}
    assert len(counting) > 4
    assert {
        file
        for file in counting
        if not re.search(r"\b(now_of|now_heard|machine_now)\(", texts[file])
    } == set()


# --- what status --accounts says ----------------------------------------------------------------


def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **state: Any) -> str:
    use(monkeypatch, Service(**state), accounts)
    show("1h")
    return " ".join(capsys.readouterr().out.split())


def test_it_claims_nothing_before_all_stages_have_said_theirs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = told(monkeypatch, capsys)
    assert "nothing is added up yet by score" in shown
    assert "what is stored" not in shown
    shown = told(monkeypatch, capsys, counted="2026-11-29T00:00:00Z", unsaid=[])
    assert "added up until: 2026-11-29" in shown
    assert "what is stored until then is what the stages sent on" in shown
    assert "not listed" not in shown
    assert "2 times not" in told(monkeypatch, capsys, differences=2)


def test_it_says_what_was_counted_of_hours_that_are_not_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = told(monkeypatch, capsys, earlier=330, earlier_since="2026-11-19T00:00:00Z")
    assert "not listed: 330 values" in shown
    assert "2026-11-" in shown
