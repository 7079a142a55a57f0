"""``cityops models fetch``: downloads a third-party model."""

from typing import Annotated

import typer

from services.commandline.output import CommandError, notes
from services.commandline.privileged import given
from streams.settings import load


def command(
    name: Annotated[str, typer.Argument(help="NAME or NAME@VERSION, see `cityops models list`.")],
) -> None:
    """Download a third-party model from the address in its manifest and check its sha256.

    One that is there already, also in the data folder, is only checked. Where no address offers the
    file, it is said where it comes from and where to put it.

    Example: cityops models fetch yolox_nano
    """
    from models.fetch import fetch as fetch_model
    from models.manifest import ModelError
    from models.registry import ModelMissingError
    from streams.models import registry

    settings = load()
    models = registry(settings)
    try:
        models.find(name)
    except ModelError as error:
        unknown = isinstance(error, ModelMissingError)
        raise CommandError(str(error), code=2 if unknown else 1) from None
    given(settings, "model:fetch", name)
    with notes.status(f"fetching {name}") as status:
        try:
            path = fetch_model(
                models,
                name,
                lambda done, total: status.update(f"fetching {name}: {done} of {total} bytes"),
            )
        except (ModelError, OSError) as error:
            raise CommandError(str(error)) from None
    notes.print(f"{name}: {path}", highlight=False, soft_wrap=True)
