"""Commands that reach past the API say in the audit log that they are given, before they are.

In whose name: as the API decides it. Where it does not answer, the line is left for it in the state
folder, in the name of the machine: who may write there holds the machine.
"""

from typing import Annotated

import typer

from services.commandline.output import CommandError
from streams.settings import Settings

Why = Annotated[str, typer.Option("--reason", help="Why, for the audit log.")]


def given(settings: Settings, action: str, subject: str, *, why: str = "", detail: str = "") -> str:
    """Records that a command is given; gives in whose name.

    Raises:
        CommandError: that cannot be recorded, or they may not: nothing is to be done then.
    """
    from services.api.client import Client, ClientError

    said = {"action": action, "subject": subject[:200], "why": why[:500], "detail": detail[:500]}
    try:
        with Client(settings) as client:
            return str(client.post("/api/commands", said).get("name", ""))
    except ClientError as error:
        if error.status and not error.away:
            raise CommandError(str(error)) from None
    if not settings.state_dir.exists():
        return MACHINE  # nothing has ever run here, so there is no log
    leave(settings, action, subject, why=why, detail=detail)
    return MACHINE


MACHINE = "machine"


def leave(
    settings: Settings,
    action: str,
    subject: str,
    *,
    actor: str = MACHINE,
    why: str = "",
    detail: str = "",
) -> None:
    """The line, for the service that starts next; raises CommandError."""
    from services.audit.anchors import folder_of
    from services.audit.entry import Entry, tidied
    from services.audit.spool import Spool, UnrecordedError
    from streams.stamps import wall_clock

    now = wall_clock()
    line = Entry(
        time=now,
        last=now,
        actor=actor,
        means="command line",
        action=action,
        subject=subject,
        why=why,
        detail=detail,
    )
    try:
        Spool(folder_of(settings)).leave(tidied(line))
    except UnrecordedError as error:
        said = f"it cannot be recorded, and was not done: {error}"
        raise CommandError(said) from None
