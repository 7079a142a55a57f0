"""The ``cityops`` command; what it can do is in ``services/commands``, one module a command."""

import sys

import typer

from services import commands
from services.commandline.discovery import mount
from streams.settings import SettingError


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="cityops",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="CityOps: an event stream processor for smart-city operations centres.",
        epilog="Example: cityops up && cityops alerts list --follow",
    )
    mount(app, commands)
    return app


def main() -> None:
    """Entry point; a wrong setting is one line on standard error."""
    app = build()
    try:
        app()
    except SettingError as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(2) from None
