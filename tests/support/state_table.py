"""What each act and event makes of an alert in each state: the table of docs/alarm-life.md, made by
asking the code. ``python -m tests.support.state_table`` writes it there.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from services.alerts.alert import STATES, Alert, State, apply, fold
from services.alerts.commands import Command, Done, Refused, Whole, decide
from services.alerts.lifecycle import receive
from services.alerts.passing import passed
from services.alerts.suppressions import Suppression
from services.alerts.transitions import Restored, Suppressed, Transition, number
from streams.events import DAY, HOUR, MINUTE, Micros
from tests.support.alerting import START, ended, incident

DOC = Path(__file__).parents[2] / "docs" / "alarm-life.md"
BEGIN, END = "<!-- states: begin -->\n", "<!-- states: end -->\n"
NOW: Micros = START + 2 * MINUTE
FIRST = incident(subject="", severity="medium")

Cell = str
Event = Callable[[Alert], Cell]


def after(alert: Alert, lines: Iterable[Transition]) -> Alert:
    for line in lines:
        alert = apply(alert, line)
    return alert


def asked(action: Any, **more: Any) -> Command:
    given = {"comment": "why", "until": NOW + HOUR, "disposition": "true", "to": "lan"} | more
    given["whole"] = Whole(origin=FIRST.origin, severity=FIRST.severity, closed=False)
    return Command(id=action, action=action, actor="an", time=NOW, **given)


def done(alert: Alert, action: str) -> Alert:
    outcome = decide(alert, asked(action), ())
    assert isinstance(outcome, Done)
    return after(alert, outcome.transitions)


def suppression(kind: Any) -> Suppression:
    until = None if kind == "out_of_service" else NOW + HOUR
    return Suppression(
        id=kind, kind=kind, scope="source", subject="cam-1", begin=NOW, until=until, by="hoa",
        reason="lens",
    )  # fmt: skip


def quietened(alert: Alert, kind: str) -> Alert:
    event = Suppressed(suppression=suppression(kind))
    return after(alert, number(alert.id, alert.version, [event], time=NOW))


def examples() -> dict[State, Alert]:
    """An alert in each state, whose condition is there where the state does not say."""
    raised = fold(receive(None, FIRST, None))
    over = after(raised, receive(raised, ended(FIRST, START + MINUTE), 0))
    return {
        "unacknowledged": raised,
        "acknowledged": done(raised, "acknowledge"),
        "returned_unacknowledged": over,
        "normal": done(over, "acknowledge"),
        "shelved": done(raised, "shelve"),
        "suppressed": quietened(raised, "maintenance"),
        "out_of_service": quietened(raised, "out_of_service"),
        "resolved": done(raised, "resolve"),
    }


def person(action: str) -> Event:
    def cell(alert: Alert) -> Cell:
        outcome = decide(alert, asked(action), ())
        if isinstance(outcome, Refused):
            return f"– ({outcome.reason})"
        return after(alert, outcome.transitions).state

    return cell


def again(**changes: Any) -> Event:
    def cell(alert: Alert) -> Cell:
        one = incident(**{"start": NOW + MINUTE, "subject": "", "severity": "medium"} | changes)
        return after(alert, receive(alert, one, None)).state

    return cell


def late(alert: Alert) -> Cell:
    """Of three days ago, and over then."""
    one = ended(incident(start=START - 3 * DAY, subject=""), START - 3 * DAY + MINUTE)
    return after(alert, receive(alert, one, None)).state


def end(alert: Alert) -> Cell:
    lines = receive(alert, ended(FIRST, NOW), 0)
    return after(alert, lines).state if lines else "–"


def suppress(kind: str) -> Event:
    def cell(alert: Alert) -> Cell:
        return "–" if alert.resolved_at is not None else quietened(alert, kind).state

    return cell


def restore(alert: Alert) -> Cell:
    if not alert.suppressions:
        return "–"
    (name,) = alert.suppressions
    event = Restored(suppression=name, comment="mended")
    return after(alert, number(alert.id, alert.version, [event], time=NOW)).state


def wait(alert: Alert) -> Cell:
    lines = passed(alert, NOW + 13 * HOUR)
    return after(alert, lines).state if lines else "–"


PEOPLE = {
    "acknowledge": person("acknowledge"),
    "resolve": person("resolve"),
    "reopen": person("reopen"),
    "shelve": person("shelve"),
    "unshelve": person("unshelve"),
    "assign": person("assign"),
    "merge": person("merge"),
    "split": person("split"),
    "comment": person("comment"),
}
EVENTS = {
    "it ends": end,
    "it comes again at once": again(),
    "… more severe": again(severity="critical"),
    "one of three days ago": late,
    "out of service": suppress("out_of_service"),
    "maintenance begins": suppress("maintenance"),
    "either is over": restore,
    "13 hours pass": wait,
}


def table() -> str:
    return "\n".join((_table("people do", PEOPLE), _table("happens", EVENTS)))


def _table(head: str, columns: dict[str, Event]) -> str:
    found = examples()
    assert tuple(found) == STATES
    lines = [
        f"| {' | '.join((f'state · what {head}', *columns))} |",
        f"|{'---|' * (len(columns) + 1)}",
    ]
    for state, alert in found.items():
        assert alert.state == state
        cells = (cell(alert) for cell in columns.values())
        said = ["same" if cell == state else cell for cell in cells]
        lines.append(f"| {' | '.join((f'**{state}**', *said))} |")
    return "\n".join(lines) + "\n"


def written(text: str) -> str:
    before, _, rest = text.partition(BEGIN)
    _, _, behind = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{behind}"


if __name__ == "__main__":
    DOC.write_text(written(DOC.read_text()))
