"""``cityops sbom``: what the product is made of, for programs that look for known faults."""

import os
from pathlib import Path
from typing import Annotated

import typer

from services.commandline.output import CommandError
from streams.settings import load


def command(
    output: Annotated[
        str, typer.Option("--output", help="File to write; left out: standard output.")
    ] = "",
    developing: Annotated[
        bool, typer.Option("--developing", help="With what only tests and checks use.")
    ] = False,
) -> None:
    """Print a bill of materials (CycloneDX 1.6, JSON) of all that others wrote.

    Python packages as they are installed, the console's packages, the local stack's servers, and
    networks, with versions, licences and the checksums that pin them.

    Example: cityops sbom --output sbom.json
    """
    from deploy.supply.bom import bill
    from deploy.supply.inventory import parts
    from models.manifest import ModelError
    from streams.models import registry

    try:
        text = bill(parts(registry(load()), developing=developing))
    except ModelError as error:
        raise CommandError(str(error)) from None
    if not output:
        typer.echo(text, nl=False)
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{output}: {os.strerror(error.errno or 0)}") from None
