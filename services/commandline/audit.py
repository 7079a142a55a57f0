"""What the commands about the audit log share."""

from pathlib import Path
from typing import TYPE_CHECKING

from services.commandline.output import CommandError
from streams.settings import Settings

if TYPE_CHECKING:
    from services.audit.verification import Verdict


def verdict_of(settings: Settings, copies: list[Path]) -> "Verdict":
    """Reads all of it.

    Raises:
        psycopg.OperationalError, SettingError: no database answers, or there is none.
        OSError: anchors cannot be read.
        CommandError: there is no audit log.
    """
    from psycopg.errors import UndefinedTable

    from services.audit import log
    from services.audit.anchors import Anchors, folder_of
    from services.audit.verification import verify
    from streams.database import connect

    anchored = Anchors(folder_of(settings)).read(*copies)  # first: lines may be added meanwhile
    with connect(settings, "audit") as connection:
        try:
            return verify(log.lines(connection), anchored)
        except UndefinedTable:
            said = f"namespace {settings.namespace} has no audit log: run 'make up' first"
            raise CommandError(said) from None
