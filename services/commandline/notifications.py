"""What the commands about channels, turns and policies share."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from services.commandline.output import CommandError

SpokenIn = Annotated[str, typer.Option("--language", help="vi or en.")]
ExerciseHours = Annotated[
    float | None,
    typer.Option(
        help="For so long exercises (simulated, recorded alerts) are accepted, marked as such."
    ),
]


def values_of(pairs: Sequence[str] | None) -> dict[str, str]:
    """``NAME=VALUE`` each; raises CommandError."""
    found = {}
    for pair in pairs or ():
        name, mark, value = pair.partition("=")
        if not mark or not name:
            raise CommandError(f"--set {pair!r}: give NAME=VALUE", 2)
        found[name] = value
    return found


def steps_of(given: Sequence[str]) -> list[dict[str, Any]]:
    """``MINUTES=RECIPIENT`` each, as the API takes steps; raises CommandError."""
    found: dict[int, list[str]] = {}
    for each in given:
        minutes, mark, recipient = each.partition("=")
        if not mark or not minutes.isdecimal() or len(minutes) > 6:
            raise CommandError(f"--step {each!r}: give MINUTES=RECIPIENT, such as 5=user:lan", 2)
        found.setdefault(int(minutes), []).append(recipient)
    return [{"after": minutes, "tell": tell} for minutes, tell in sorted(found.items())]


def moment(text: str, option: str) -> str:
    """RFC 3339 in UTC, of a time with a zone or of the city's; empty stays empty.

    Raises:
        CommandError
    """
    from services.alerts.words import CITY_TIME

    if not text:
        return ""
    try:
        time = datetime.fromisoformat(text)
        time = time if time.tzinfo else time.replace(tzinfo=CITY_TIME)
        return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        raise CommandError(f"{option} {text!r}: give a time such as '2026-11-30 08:00'", 2) from (
            None
        )
