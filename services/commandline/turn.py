"""When a part that is started early begins (decision 0128)."""

import os
import sys

import typer

Held = typer.Option("--held", hidden=True, help="Begin when standard input ends.")


def wait_for_turn(*, held: bool) -> None:
    """Returns when whoever started this process has let go of its standard input."""
    while held and os.read(sys.stdin.fileno(), 4096):
        pass
