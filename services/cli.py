"""The ``cityops`` command; what it can do is in ``services/commands``, one module a command."""

import errno
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from services import commands
from services.commandline.discovery import mount
from services.commandline.output import CommandError
from streams.settings import SettingError

UNUSABLE = frozenset(
    {
        errno.EACCES,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOSPC,
        errno.ENOTDIR,
        errno.EPERM,
        errno.EROFS,
    }
)
"""What is wrong with the place of a file, such as the state folder, and with no code of ours."""


class Root(TyperGroup):
    """All of it; a wrong setting, or a folder that cannot be used, is one line on standard error,
    whatever the command."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SettingError as error:
            raise CommandError(str(error), 2) from None
        except OSError as error:
            if error.filename is None or error.errno not in UNUSABLE:
                raise
            raise CommandError(f"{error.filename}: {error.strerror}") from None


def build(only: str = "") -> typer.Typer:
    """The whole command line; ``only``: of its commands and groups that one, where there is it.

    All of them together take a third of a second of processor time, and each part is a command.
    """
    app = typer.Typer(
        cls=Root,
        name="cityops",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="CityOps: an event stream processor for smart-city operations centres.",
        epilog="Example: cityops up && cityops alerts list --follow",
    )
    app.callback()(_nothing)  # or one command alone would be the whole of it
    mount(app, commands, only)
    return app


def _version(asked: bool) -> None:
    if asked:
        from services.commandline import version

        typer.echo(version.said())
        raise typer.Exit


def _nothing(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Says which release this is, with the commit of a checkout.",
        ),
    ] = False,
) -> None:
    """What comes before every command."""


def main() -> None:
    """Entry point."""
    build(*sys.argv[1:2])()
