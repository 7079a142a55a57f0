"""The ``cityops`` command: one subcommand a noun, each in ``services/commands``."""

import sys
from importlib import import_module

import typer

from streams.settings import SettingError

COMMANDS = (
    "stack",
    "run",
    "health",
    "simulate",
    "detect",
    "incidents",
    "evaluate",
    "record",
    "replay",
)
"""Modules of ``services.commands`` that register plain commands."""
GROUPS = ("camera", "alerts", "models", "dlq")
"""Modules whose ``app`` becomes a group of commands."""

app = typer.Typer(
    name="cityops",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="CityOps: an event stream processor for smart-city operations centres.",
    epilog="Example: cityops up && cityops alerts list --follow",
)


def mount() -> None:
    """Hangs every command under the root; what they need is imported when they run."""
    for name in COMMANDS:
        import_module(f"services.commands.{name}").register(app)
    for name in GROUPS:
        app.add_typer(import_module(f"services.commands.{name}").app, name=name)


def main() -> None:
    """Entry point; a wrong setting is one line on standard error."""
    mount()
    try:
        app()
    except SettingError as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(2) from None
