"""In what is measured, as the installation's feeds spell it."""

from collections.abc import Iterator

from deploy.database.table import Dimension
from streams.feeds.registry import units
from streams.tables.table import Column, Row


def rows() -> Iterator[Row]:
    for symbol, unit in units().items():
        yield symbol, *unit


TABLE = Dimension(
    "units",
    "Units of what sensors measure, one row each; written at every migration",
    (
        Column("id", "text", "As in metrics.unit: the symbol as English writes it"),
        Column("name_vi", "text", "Symbol as Vietnamese writes it"),
        Column("name_en", "text", "Symbol as English writes it"),
    ),
    key=("id",),
    rows=rows,
)
