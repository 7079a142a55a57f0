"""Alerts as the list sends them, printed once for whoever asks: fifty consoles ask for nearly the
same page, and making 500 of them anew took most of a page's time.
"""

from functools import lru_cache

import msgspec

from services.alerts.area import Area, seen_by
from services.alerts.store import decode_alert
from services.api.bodies import body

KEPT = 2048
"""Alerts, a few kilobytes each: the newest of some pages."""


class Printed:
    """Belongs to one app; safe to call from any thread."""

    def __init__(self) -> None:
        self.of = lru_cache(KEPT)(_print)
        """As ``_print``. What is stored of an alert is the key itself, so that nothing that is kept
        can be out of date, or be somebody's who may see less of it."""


def _print(stored: str, consequences: int, area: Area) -> msgspec.Raw | None:
    """``AlertBody`` in JSON; None: nothing of it is in the area.

    Args:
        stored: its body in the database.
    """
    seen = seen_by(decode_alert(stored), area)
    if seen is None:
        return None
    return msgspec.Raw(body(seen, consequences).model_dump_json(by_alias=True).encode())
