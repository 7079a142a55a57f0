"""The ``cityops`` command: one subcommand a noun, each in ``services/commands``."""

import sys

import typer

from streams.settings import SettingError

app = typer.Typer(
    name="cityops",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="CityOps: an event stream processor for smart-city operations centres.",
    epilog="Example: cityops up && cityops alerts list --follow",
)


def mount() -> None:
    """Hangs every command under the root; their heavy imports wait until they run."""
    from services.commands import (
        alerts,
        camera,
        detect,
        dlq,
        evaluate,
        incidents,
        models,
        run,
        simulate,
        stack,
    )

    for module in (stack, run, simulate, detect, evaluate, incidents):
        module.register(app)
    for name, module in (("camera", camera), ("alerts", alerts), ("models", models), ("dlq", dlq)):
        app.add_typer(module.app, name=name)


def main() -> None:
    """Entry point; a wrong setting is one line on standard error."""
    mount()
    try:
        app()
    except SettingError as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(2) from None
