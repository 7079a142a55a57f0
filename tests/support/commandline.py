"""The command line, run in this process."""

from collections.abc import Mapping
from functools import cache

import typer
from click import Command
from click.testing import CliRunner, Result

from services import cli


def cityops(
    *words: object, env: Mapping[str, str | None] | None = None, typed: str | None = None
) -> Result:
    """What ``cityops`` with these arguments said, and its exit code.

    Args:
        env: what differs from this process's environment; None: what is not set.
        typed: standard input.
    """
    return CliRunner().invoke(_command(), [str(word) for word in words], env=env, input=typed)


@cache
def _command() -> Command:
    """Built once: all commands together take longer than most tests of one."""
    return typer.main.get_command(cli.build())
