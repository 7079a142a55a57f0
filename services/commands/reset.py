"""``cityops reset``: deletes the local stack's data."""

from typing import Annotated

import typer

from services.commandline.output import CommandError, notes
from streams.settings import load


def command(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Stop the stack and delete its data; downloaded software stays. Asks first.

    Example: cityops reset --yes
    """
    from deploy.local import stack
    from deploy.local.errors import StackError

    settings = load()
    what = f"every event, incident and alert of {settings.namespace!r} in {settings.state_dir}"
    if not yes and not typer.confirm(f"Delete {what}?", err=True):
        raise CommandError("nothing was deleted")
    try:
        stack.stop(settings)
        deleted = stack.delete_data(settings)
    except StackError as error:
        raise CommandError(str(error)) from None
    notes.print(f"deleted: {', '.join(deleted) or 'nothing was there'}", soft_wrap=True)
