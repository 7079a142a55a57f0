"""``cityops audit verify``: whether the audit log is what was written."""

from pathlib import Path
from typing import Annotated

import typer

from services.commandline.audit import verdict_of
from services.commandline.output import CommandError, JsonObject, emit, notes
from services.commandline.servers import no_database
from streams.settings import SettingError, load


def command(
    *,
    anchors: Annotated[
        list[Path] | None,
        typer.Option(help="A copy of anchors that is kept elsewhere, besides this machine's."),
    ] = None,
    as_json: JsonObject = False,
) -> None:
    """Read the whole audit log and compare it with its anchors; exit 1 where it was altered.

    On the machine that runs the service. A copy of its anchors, or what a webhook was told (a line
    of JSON each), finds what somebody has done who holds this machine, too.

    Example: cityops audit verify
    """
    from psycopg import OperationalError

    settings = load()
    try:
        with notes.status("reading the audit log"):
            verdict = verdict_of(settings, anchors or [])
            if not verdict.whole:  # retention may just have cut its start
                verdict = verdict_of(settings, anchors or [])
    except OperationalError as error:
        raise no_database(error) from None
    except (OSError, SettingError) as error:
        raise CommandError(str(error)) from None
    if as_json:
        findings = [one._asdict() for one in verdict.findings]
        emit(
            {
                **verdict._asdict(),
                "findings": findings,
                "whole": verdict.whole,
                "head": verdict.head._asdict() | {"hash": verdict.head.hash.hex()},
            },
            as_json=True,
        )
    if not verdict.whole:
        raise CommandError(f"{verdict.said}: see docs/audit.md")
    if not as_json:
        notes.print(verdict.said, soft_wrap=True, highlight=False)
