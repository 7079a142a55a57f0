"""``cityops source add``: a sensor whose feed is installed becomes known."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit
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


def command(
    *,
    id: Annotated[str, typer.Option("--id", help="Letters, digits, '.', '_' and '-'.")],
    type: Annotated[str, typer.Option(help="Its asset type, see `cityops catalogue`.")],
    gateway: Annotated[str, typer.Option(help="The device whose packs carry its readings.")],
    period: Annotated[
        float | None, typer.Option(help="Seconds between its readings; else as its type.")
    ] = None,
    name_vi: NameVi = "",
    name_en: NameEn = "",
    origin: Annotated[str, typer.Option(help="live, recorded or simulated.")] = "live",
    lat: Latitude = None,
    lon: Longitude = None,
    segment: Segment = "",
    ward: Ward = "",
    owner: Owner = "",
    parent: Parents = None,
    as_json: JsonObject = False,
) -> None:
    """Make a sensor known, or change the one of that id; then rules may watch it.

    Example: cityops source add --id loop-7 --type induction_loop --gateway gw-3 --ward 'Ngô Quyền'
    """
    body = {
        "id": id,
        "kind": type,
        "gateway": gateway,
        "period_seconds": period,
        "name_vi": name_vi,
        "name_en": name_en,
        "origin": origin,
        "latitude": lat,
        "longitude": lon,
        "segment": segment,
        "ward": ward,
        "owner": owner,
        "parents": parent or [],
    }
    with connected() as client:
        answer = client.post("/api/sources", body)
    if as_json:
        emit({"id": id, **answer}, as_json=True)
    else:
        console.print(
            f"source {id} is known; 'cityops feed watch' puts its feed's default rules on it"
        )
