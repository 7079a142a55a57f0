"""``cityops deadline``: by when what was promised in working time is due."""

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline.notifications import moment
from services.commandline.output import CommandError, JsonObject, console, emit

if TYPE_CHECKING:
    from streams.worktime.calendar import Calendar


def command(
    start: Annotated[str, typer.Argument(help="When it was taken in: city time, or RFC 3339.")],
    *,
    hours: Annotated[float | None, typer.Option(help="Working hours that are promised.")] = None,
    days: Annotated[
        int | None, typer.Option(help="Working days that are promised; the first is not counted.")
    ] = None,
    as_json: JsonObject = False,
) -> None:
    """Say when a promise in working hours or days is due, by the city's calendar of holidays.

    The calendar is the file that CITYOPS_WORKING_CALENDAR names, else that of Hải Phòng.

    Example: cityops deadline "2026-02-12 15:00" --days 3
    """
    from streams.events import MINUTE, from_rfc3339, to_rfc3339
    from streams.events.time import to_datetime
    from streams.settings import load
    from streams.worktime.calendar import is_overdue
    from streams.worktime.file import working_calendar

    load()  # what is wrong with the settings is said first
    if (hours is None) == (days is None):
        raise CommandError("give --hours or --days", 2)
    begins, calendar = from_rfc3339(moment(start, "START")), working_calendar()
    try:
        if days is not None:
            due = calendar.after_days(begins, days)
        else:
            due = calendar.after_hours(begins, hours or 0.0)
    except ValueError as error:
        raise CommandError(str(error), 2) from None
    except OverflowError:
        raise CommandError(f"START {start!r}: no calendar goes so far", 2) from None
    passed = _others(calendar, begins, due)
    holidays_known = calendar.knows(begins) and calendar.knows(due)
    now = round(datetime.now(UTC).timestamp()) * 1_000_000
    if as_json:
        told = {
            "start": to_rfc3339(begins),
            "due": to_rfc3339(due),
            "overdue": is_overdue(due, now),
            "holidays_known": holidays_known,
            "days": passed,
        }
        emit(told, as_json=True)
        return
    zone = timezone(timedelta(minutes=calendar.offset // MINUTE))
    local = to_datetime(due).astimezone(zone)
    console.print(f"due {local:%Y-%m-%d %H:%M:%S} ({zone})", highlight=False)
    for day in passed:
        console.print(f"  {day['day']} {day['is']}: {day['vi']} · {day['en']}", highlight=False)
    if not holidays_known:
        listed = f"before {calendar.since} and after {calendar.until}"
        said = f"holidays {listed} are not known: of those days only weekends were left out"
        console.print(said, highlight=False)


def _others(calendar: "Calendar", start: int, due: int) -> list[dict[str, Any]]:
    """Days up to then that are off, or worked, other than their weekday says."""
    found, day = [], calendar.day_of(start)
    while day <= calendar.day_of(due):
        if name := calendar.name_of(day):
            state = "worked" if calendar.spans(day) else "off"
            found.append({"day": day.isoformat(), "is": state, "vi": name.vi, "en": name.en})
        day += timedelta(days=1)
    return found
