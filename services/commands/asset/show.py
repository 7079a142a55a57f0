"""``cityops asset show``: one asset, what it depends on and what depends on it."""

from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit, headed
from services.commandline.paths import path
from streams.visible import line

SHOWN = 20


def command(
    id: Annotated[str, typer.Argument(help="The asset's id.")],
    as_json: JsonObject = False,
) -> None:
    """Show an asset: whose it is, where, what it depends on, and what depends on it.

    Example: cityops asset show cam-cau-rao
    """
    with connected() as client:
        asset = client.get(path("/api/assets", id))
    if as_json:
        emit(asset, as_json=True)
        return
    names = f"{asset['id']}: {asset['name_vi']} / {asset['name_en']}"
    console.print(headed("asset", line(names)))
    for name, value in _facts(asset):
        console.print(headed(f"  {name}:", line(value), style="dim"))
    _links("depends on", asset["above"], len(asset["above"]))
    _links("what depends on it", asset["below"], asset["dependants"])


def _facts(asset: dict[str, Any]) -> list[tuple[str, str]]:
    reports = "" if asset["reports"] else ", does not report"
    place = "not known"
    if asset["latitude"] is not None:
        place = f"{asset['latitude']}, {asset['longitude']}"
    if asset["shape"]:
        place += f", {asset['shape']['form']} of {len(asset['shape']['points'])} points"
    facts = [
        ("type", f"{asset['type']}, {asset['origin']}{reports}"),
        ("place", place),
        ("segment", asset["segment"]),
        ("ward", asset["ward"]),
        ("owner", asset["owner"]),
        ("contact", asset["contact"] or ""),
    ]
    return [(name, value) for name, value in facts if value]


def _links(title: str, links: list[dict[str, Any]], number: int) -> None:
    if not number:
        return
    console.print(headed(f"  {title}:", str(number), style="dim"))
    emit(
        links[:SHOWN],
        as_json=False,
        columns=("steps", "id", "type", "name_en", "name_vi"),
        folded=("name_en", "name_vi"),
        spare=("name_en",),
    )
    if number > SHOWN:
        console.print(f"… and {number - SHOWN} more: --json has them", style="dim")
