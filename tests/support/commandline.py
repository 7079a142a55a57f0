"""The command line, run in this process."""

from collections.abc import Mapping

from typer.testing import CliRunner, Result

from services import cli


def cityops(
    *words: object, env: Mapping[str, str] | None = None, typed: str | None = None
) -> Result:
    """What ``cityops`` with these arguments said, and its exit code; ``typed``: standard input."""
    return CliRunner().invoke(cli.build(), [str(word) for word in words], env=env, input=typed)
