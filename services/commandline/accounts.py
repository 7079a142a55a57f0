"""What ``cityops status --accounts`` shows: what became of every value, by source and hour."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from services.commandline import listing
from services.commandline.connection import connected
from services.commandline.output import console, emit, headed
from services.commandline.since import local, now_of, parse_since

if TYPE_CHECKING:
    from rich.text import Text

OTHERS = ("late", "corrected", "repeated", "refused", "shed", "not_judged")
COLUMNS = ("hour", "source", "came", "accepted", "others")
STATE = ("counted", "unsaid", "differences", "earlier", "earlier_since")
PAGE = 1000
LONGEST = "30d"
"""No more of what was not judged is asked for, nor may it be."""
SOONER = "; only what was shed is told at once, so what came beside it is still open"
LINES = 12
"""Of that; the table above must stay on the screen."""


def show(*, since: str, sources: list[str] | None, limit: int | None, as_json: bool) -> None:
    """Prints them, the latest hour first, and whether they add up."""
    number = listing.number(limit, as_json=as_json)
    with connected() as client:
        now = now_of(client)
        begin = parse_since(since, now)
        asked: dict[str, Any] = {"since": begin, "source": sources}
        found = client.pages("/api/accounts", "accounts", limit=min(number, PAGE) or PAGE, **asked)
        rows = list(listing.first(found, number))
        state = client.get("/api/accounts", limit=1, **asked)
        lately = asked | {"since": max(begin, parse_since(LONGEST, now)) if begin else ""}
        blind = client.get("/api/unjudged/hours", **lately)["hours"]
    if as_json:
        told = {name: state[name] for name in STATE}
        emit({**told, "accounts": rows, "unjudged": blind}, as_json=True)
        return
    emit([_row(row) for row in rows], as_json=False, columns=COLUMNS, empty="no accounts")
    if rows:
        total = Counter[str]()
        for row in rows:
            total.update({name: row[name] for name in ("came", "accepted", *OTHERS)})
        console.print(f"together: {_listed(total)}", highlight=False)
    for one in blind[:LINES]:
        console.print(_unjudged(one), highlight=False, soft_wrap=True)
    if len(blind) > LINES:
        console.print(f"and {len(blind) - LINES} more such lines: see --json", highlight=False)
    if number and len(rows) == number:
        console.print(f"only the latest {number}; --limit 0 shows all", highlight=False)
    for line in (_earlier(state), _until(state), _agreement(state)):
        if line:
            console.print(line, highlight=False, soft_wrap=True)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    others = _listed({name: row[name] for name in OTHERS})
    reasons = _listed(dict(sorted(row["reasons"].items())))
    return {
        "hour": local(row["hour"])[:16],
        "source": row["source"] or "(not known)",
        "came": row["came"],
        "accepted": row["accepted"],
        "others": f"{others} ({reasons})" if reasons else others or "–",
    }


def _unjudged(one: dict[str, Any]) -> str:
    by = f"{one['sources']} cameras" if one["sources"] != 1 else "a camera"
    return (
        f"not judged from {local(one['hour'])[:16]}: rule {one['rule']} by {by} for"
        f" {one['seconds'] / 60:.1f} min together: {one['reason']}"
    )


def _listed(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.items() if number)


def _earlier(state: dict[str, Any]) -> str:
    """What the same stretch of counting has found in hours that are not listed."""
    if not state["earlier"]:
        return ""
    return (
        f"not listed: {state['earlier']} values that were counted since then, of hours before it, "
        f"from {local(state['earlier_since'])[:16]} on: see --since"
    )


def _until(state: dict[str, Any]) -> str:
    if state["counted"] is None:
        whose = f" by {', '.join(state['unsaid'])}" if state["unsaid"] else ""
        return f"nothing is added up yet{whose}: that is done once in five minutes{SOONER}"
    return (
        f"added up until: {local(state['counted'])}, by all stages; what came since is added up "
        f"once in five minutes{SOONER}"
    )


def _agreement(state: dict[str, Any]) -> "str | Text":
    differences = state["differences"]
    if not differences:
        whole = state["counted"] is not None
        return "what is stored until then is what the stages sent on" if whole else ""
    told = f"what is stored was {differences} times not what the stages sent on:"
    return headed(told, "each is among 'cityops incidents'", "bold red")
