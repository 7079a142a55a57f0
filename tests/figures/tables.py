"""Tables in Markdown."""

from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns that begin with ``>`` are flush right."""
    rule = ["---:" if column.startswith(">") else "---" for column in columns]
    lines = [[column.removeprefix(">") for column in columns], rule, *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
