"""Kinds of incidents, as the installation has them."""

from collections.abc import Iterator

from deploy.database.table import Dimension
from streams.kinds.registry import all_kinds
from streams.tables.table import Column, Row


def rows() -> Iterator[Row]:
    for kind in all_kinds().values():
        yield kind.id, *kind.name, kind.category, list(kind.formerly)


TABLE = Dimension(
    "kinds",
    "Kinds of incidents, one row each; written at every migration",
    (
        Column("id", "text", "As in incidents.kind"),
        Column("name_vi", "text", "Name in Vietnamese"),
        Column("name_en", "text", "Name in English"),
        Column("category", "text", "Category of the Smart Data Models Alert, or ours"),
        Column("formerly", "text[]", "Former ids, which older incidents carry"),
    ),
    key=("id",),
    rows=rows,
)
