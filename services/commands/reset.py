"""``cityops reset``: deletes the local stack's data."""

from typing import Annotated

import typer

from services.commandline.output import CommandError, notes
from services.commandline.privileged import Why, given, leave
from services.commandline.questions import confirmed
from streams.settings import Settings, load


def command(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    reason: Why = "",
) -> None:
    """Stop the stack and delete its data; software and the audit log's anchors stay. Asks first.

    Example: cityops reset --yes
    """
    from deploy.local import stack
    from deploy.local.errors import StackError

    settings = load()
    what = f"every event, incident and alert of {settings.namespace!r} in {settings.state_dir}"
    if not yes and not confirmed(f"Delete {what}?"):
        raise CommandError("nothing was deleted")
    name = given(settings, "stack:reset", settings.namespace, why=reason)
    try:
        stack.stop(settings)
        _end_audit(settings, name, reason)
        deleted = stack.delete_data(settings)
    except (StackError, OSError) as error:
        raise CommandError(str(error)) from None
    notes.print(f"deleted: {', '.join(deleted) or 'nothing was there'}", soft_wrap=True)


def _end_audit(settings: Settings, name: str, reason: str) -> None:
    """Says outside the database that its audit log is meant to be gone, and in the next one whose
    doing that was.
    """
    from services.audit.anchors import Anchors, folder_of
    from streams.stamps import wall_clock

    Anchors(folder_of(settings)).end(wall_clock(), name)
    leave(settings, "stack:reset", settings.namespace, actor=name, why=reason)
