"""What the commands about assets share: filters, and collections larger than a request may be."""

import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

Types = Annotated[
    list[str] | None,
    typer.Option("--type", help="Asset type, see `cityops catalogue`; repeatable."),
]
Wards = Annotated[
    list[str] | None, typer.Option("--ward", help="Ward, commune or special zone; repeatable.")
]
Owners = Annotated[list[str] | None, typer.Option("--owner", help="Who runs it; repeatable.")]
Text = Annotated[
    str, typer.Option(help="In id, names, ward or owner; case and marks do not matter.")
]
DependsOn = Annotated[
    str, typer.Option(help="Those that depend on the asset of this id, also through others.")
]

PAGE = 1000
PART_BYTES = 700_000
PART_VALUES = 40_000
"""Of one request: below what the service takes of a body (``services/api/guard.py``)."""


def parts(features: Sequence[Any]) -> Iterator[list[Any]]:
    """The features in as few requests as may carry them, in order; one, where there are none."""
    part: list[Any] = []
    size = values = 0
    for feature in features:
        text = json.dumps(feature, ensure_ascii=False)
        cost = sum(map(text.count, "[{,")) + 1
        length = len(text.encode(errors="surrogatepass")) + 1
        if part and (size + length > PART_BYTES or values + cost > PART_VALUES):
            yield part
            part, size, values = [], 0, 0
        part.append(feature)
        size, values = size + length, values + cost
    yield part
