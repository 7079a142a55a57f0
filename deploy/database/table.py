"""What a table is that the writer does not fill."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from streams.tables.table import Described, Row


@dataclass(frozen=True, eq=False, kw_only=True)
class Kept(Described):
    """A table or view whose home is a module of ``deploy.database.tables``."""

    kept: str = "for ever"
    """How long rows stay, as a person says it."""

    @property
    def said(self) -> str:
        return f"{self.comment}; kept {self.kept}"


@dataclass(frozen=True, eq=False, kw_only=True)
class Dimension(Kept):
    """What ids stand for, written at every migration. What has gone stays: old rows name it."""

    key: tuple[str, ...]
    rows: Callable[[], Iterable[Row]]
    """What is known now, each row in the order of ``layout``."""
