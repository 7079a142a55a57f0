"""``cityops zone add``: draws a zone, or a line, on a camera's picture."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.corners import polygon
from services.commandline.output import JsonObject, console, emit
from services.commandline.whereabouts import NameEn, NameVi


def command(
    camera: Annotated[str, typer.Argument(help="The camera's id.")],
    corners: Annotated[
        str, typer.Argument(help="'x,y x,y x,y' in fractions of the picture; two are a line.")
    ],
    *,
    id: Annotated[str, typer.Option("--id", help="Letters, digits, '.', '_' and '-'.")],
    name_vi: NameVi = "",
    name_en: NameEn = "",
    as_json: JsonObject = False,
) -> None:
    """Draw a zone, or change the one of that id; people and vehicles in it are counted.

    Example: cityops zone add quay-3 '0.1,0.5 0.9,0.5 0.9,1 0.1,1' --id quay-3-kerb
    """
    body = {
        "id": id,
        "source": camera,
        "polygon": polygon("zone", corners),
        "name_vi": name_vi,
        "name_en": name_en,
    }
    with connected() as client:
        answer = client.post("/api/zones", body)
    if as_json:
        emit({"id": id, **answer}, as_json=True)
    else:
        console.print(f"zone {id} drawn on {camera}", highlight=False)
