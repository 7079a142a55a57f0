"""``cityops camera add``: any source that OpenCV reads becomes a camera."""

from pathlib import Path
from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, JsonObject, console, emit, notes
from services.commandline.whereabouts import (
    Latitude,
    Longitude,
    NameEn,
    NameVi,
    Owner,
    Parents,
    Segment,
    Ward,
)
from streams.settings import Settings, load


def command(
    *,
    id: Annotated[str, typer.Option("--id", help="Letters, digits, '.', '_' and '-'.")],
    source: Annotated[str, typer.Option(help="File, or URL such as rtsp://host/path.")],
    model: Annotated[
        str,
        typer.Option(
            help="name or name@version; default: the active one, or else the best there is."
        ),
    ] = "",
    loop: Annotated[bool, typer.Option("--loop", help="Repeat a file when it ends.")] = False,
    fps: Annotated[float, typer.Option(help="Maximum frames per second.")] = 5.0,
    name_vi: NameVi = "",
    name_en: NameEn = "",
    lat: Latitude = None,
    lon: Longitude = None,
    segment: Segment = "",
    ward: Ward = "",
    owner: Owner = "",
    parent: Parents = None,
    zone: Annotated[
        list[str] | None,
        typer.Option(
            help="'x,y x,y x,y': a polygon in fractions of the picture; 'x,y x,y': a line from"
            " the first corner to the second; repeatable."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Add it even if it cannot be opened from here.")
    ] = False,
    as_json: JsonObject = False,
) -> None:
    """Add a file or an address as a camera, or change the camera with that id.

    Example: cityops camera add --id quay-3 --source rtsp://10.0.0.5/ch1 --zone '0,.5 1,.5 1,1 0,1'
    """
    settings = load()
    address = source if "://" in source or source.isdigit() else str(Path(source).absolute())
    zones = [
        {"id": f"{id}-zone-{number}", "polygon": _polygon(text)}
        for number, text in enumerate(zone or [], 1)
    ]
    body = {
        "id": id,
        "address": address,
        "model": _model(settings, model),
        "loop": loop,
        "fps": fps,
        "name_vi": name_vi,
        "name_en": name_en,
        "latitude": lat,
        "longitude": lon,
        "segment": segment,
        "ward": ward,
        "owner": owner,
        "parents": parent or [],
        "zones": zones,
    }
    if not force:
        _try_to_open(address)
    with connected() as client:
        answer = client.post("/api/cameras", body)
    if as_json:
        emit({"id": id, **answer}, as_json=True)
    else:
        console.print(f"camera {id} added; its first frames take a few seconds")


def _polygon(text: str) -> list[tuple[float, float]]:
    try:
        corners = [tuple(map(float, corner.split(","))) for corner in text.split()]
        return [(x, y) for x, y in corners]
    except ValueError:
        raise CommandError(
            f"zone {text!r}: give 'x,y x,y x,y', or 'x,y x,y' for a line, in fractions, 0 to 1", 2
        ) from None


def _model(settings: Settings, model: str) -> str:
    """``name@version`` of a model that is there; empty stays empty."""
    if not model:
        return ""
    from models.manifest import ModelError
    from streams.models import registry

    models = registry(settings)
    try:
        manifest = models.find(model)
        models.path(manifest)
    except ModelError as error:
        raise CommandError(str(error)) from None
    return manifest.id


def _try_to_open(address: str) -> None:
    from services.gateway.capture import Capture, CaptureError
    from streams.configuration.check import without_credentials

    notes.print(f"opening {without_credentials(address)} …", highlight=False)
    try:
        Capture(address).close()
    except CaptureError as error:
        shown = without_credentials(address)
        raise CommandError(f"{shown}: {error}; --force adds it anyway") from None
