"""All tables that are stored, and the rows that an event leaves in them: pure."""

import importlib
import pkgutil
from collections.abc import Sequence
from typing import Any

import streams.tables
from streams.events import BadMessage, ControlChange, Tick, Watermark
from streams.tables.doubtful import Doubtful
from streams.tables.table import Row, Stored, Table

_NOT_TABLES = frozenset(
    {
        "agreement",
        "doubtful",
        "hours",
        "ingest",
        "packs",
        "positions",
        "retention",
        "rows",
        "search",
        "table",
        "writer",
    }
)


def _stored() -> tuple[Stored, ...]:
    found = [
        importlib.import_module(f"{streams.tables.__name__}.{module.name}").TABLE
        for module in pkgutil.iter_modules(streams.tables.__path__)
        if module.name not in _NOT_TABLES
    ]
    return tuple(sorted(found, key=lambda table: table.name))


STORED: tuple[Stored, ...] = _stored()
"""In order of their names; each module of this package that is not named above holds one."""
TABLES: tuple[Table, ...] = tuple(each for each in STORED if isinstance(each, Table))
"""Those whose rows follow from events."""

Rows = dict[Table, Sequence[Row]]
InDoubt = dict[Table, Sequence[Doubtful]]

_BY_EVENT: dict[type, tuple[Table, ...]] = {
    event: tuple(table for table in TABLES if table.event is event)
    for event in {table.event for table in TABLES}
}
_LEAVE_NONE = (Tick, ControlChange, Watermark)


def rows_of(event: Any) -> Rows:
    """The rows that an event of the internal topics certainly adds; none for ticks and the like.

    Raises:
        BadMessage: ``wrong_type``, a value that its column cannot hold, or no such event.
    """
    tables = _BY_EVENT.get(type(event))
    if tables is None:
        if isinstance(event, _LEAVE_NONE):
            return {}
        raise BadMessage("wrong_type", f"{type(event).__name__} is not stored")
    try:
        return {table: table.rows(event) for table in tables}
    except (OverflowError, ValueError) as error:
        raise BadMessage("wrong_type", str(error)) from None


def in_doubt(event: Any) -> InDoubt:
    """The rows of an event that may be stored already; a table that has none is left out.

    Raises:
        BadMessage: as ``rows_of``.
    """
    found = {}
    for table in _BY_EVENT.get(type(event), ()):
        try:
            doubtful = table.lookup.rows(event) if table.lookup else ()
        except (OverflowError, ValueError) as error:
            raise BadMessage("wrong_type", str(error)) from None
        if doubtful:
            found[table] = doubtful
    return found
