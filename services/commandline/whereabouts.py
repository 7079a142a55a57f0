"""Options of every command that adds a source: its names, where it is, whose, and on what."""

from typing import Annotated

import typer

NameVi = Annotated[str, typer.Option(help="Vietnamese name.")]
NameEn = Annotated[str, typer.Option(help="English name.")]
Latitude = Annotated[float | None, typer.Option(min=-90, max=90, help="Latitude, degrees north.")]
Longitude = Annotated[
    float | None, typer.Option(min=-180, max=180, help="Longitude, degrees east.")
]
Segment = Annotated[str, typer.Option(help="Road segment that it is on, or watches.")]
Ward = Annotated[str, typer.Option(help="Ward, commune or special zone.")]
Owner = Annotated[str, typer.Option(help="Who runs it.")]
Parents = Annotated[
    list[str] | None, typer.Option(help="Id of a source that it depends on; repeatable.")
]
