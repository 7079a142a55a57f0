"""``cityops audit accept``: what is missing was lost when the database was restored."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.commandline.audit import verdict_of
from services.commandline.output import CommandError, notes
from services.commandline.privileged import given
from services.commandline.questions import confirmed
from services.commandline.servers import no_database
from streams.settings import SettingError, Settings, load

if TYPE_CHECKING:
    from services.audit.verification import Verdict


def command(
    reason: Annotated[str, typer.Option(help="Which backup was restored, and why.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Say that the audit log lacks lines since the database was restored from a backup. Asks first.

    It is recorded, and said whenever the log is verified. A line that was altered, or is missing
    from between others, is no restore's doing, and is not accepted.

    Example: cityops audit accept --reason 'the backup of Friday night was restored'
    """
    from psycopg import OperationalError

    settings = load()
    try:
        verdict = verdict_of(settings, [])
        if verdict.whole:
            raise CommandError(f"there is nothing to accept: {verdict.said}")
        if not verdict.restorable:
            raise CommandError(f"that is no restore's doing: {verdict.said}")
        if not yes and not confirmed(f"{verdict.said}. Was it a restore?"):
            raise CommandError("nothing was accepted")
        _accept(settings, verdict, reason)
    except OperationalError as error:
        raise no_database(error) from None
    except (OSError, SettingError) as error:
        raise CommandError(str(error)) from None
    notes.print("accepted; 'cityops audit verify' goes on saying so", highlight=False)


def _accept(settings: Settings, verdict: "Verdict", reason: str) -> None:
    from services.audit.anchors import Anchors, anchor, folder_of
    from streams.stamps import wall_clock

    name = given(settings, "audit:accept", "", why=reason, detail=verdict.said)
    anchors, now = Anchors(folder_of(settings)), wall_clock()
    anchors.end(now, name, but=verdict.head.log)
    if verdict.head.log:
        anchors.add(anchor(verdict.head, now, "restore", name))
