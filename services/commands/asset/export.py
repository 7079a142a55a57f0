"""``cityops asset export``: assets as a GeoJSON file."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from services.commandline.assets import PAGE, DependsOn, Owners, Text, Types, Wards
from services.commandline.connection import connected
from services.commandline.output import CommandError, notes, say_json
from services.commandline.written import written


def command(
    *,
    type: Types = None,
    ward: Wards = None,
    owner: Owners = None,
    text: Text = "",
    depends_on: DependsOn = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File; default: standard output.")
    ] = None,
) -> None:
    """Write assets as a GeoJSON FeatureCollection, which `cityops asset import` takes.

    Those that match all that is given, in order of ids. Contacts are in it where you may see them.

    Example: cityops asset export --ward 'Hồng Bàng' -o hong-bang.geojson
    """
    from rich.progress import Progress

    filters = {"type": type, "ward": ward, "owner": owner, "text": text, "depends_on": depends_on}
    features: list[Any] = []
    with (
        connected() as client,
        Progress(console=notes, transient=True, disable=not notes.is_terminal) as progress,
    ):
        task = progress.add_task("reading", total=None)
        page: dict[str, Any] = {"matching": 1, "next": None}
        while len(features) < page["matching"]:
            cursor = page["next"]
            page = client.get("/api/assets/geojson", limit=PAGE, cursor=cursor, **filters)
            features += page["features"]
            progress.update(task, total=page["matching"], completed=len(features))
            if page["next"] is None:
                break
    collection = {"type": "FeatureCollection", "features": features}
    if output is None:
        say_json(collection)
        return
    try:
        # A feature to a line, so that two of them can be compared.
        lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in features)
        with written(output) as file:
            file.write(f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n')
    except OSError as error:
        raise CommandError(f"{output}: {error.strerror}") from None
    notes.print(f"{len(features)} assets: {output}", highlight=False, soft_wrap=True)
