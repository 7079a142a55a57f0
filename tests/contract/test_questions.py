"""Nothing reads standard input but ``services.commandline.questions``, which bounds it."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOME = "services/commandline/questions.py"
WAITS = {
    "services/commandline/halting.py": "waits until there is a line, and has it read there",
    "services/commandline/turn.py": "waits until it ends, and reads no word of it",
    "services/notifier/channels/apprise/child.py": "a question of ours in a pipe, bounded",
}
ASKING = frozenset({"confirm", "prompt", "input", "getpass", "confirmation_option"})
"""Names by which something else would ask, of its own or of one of these."""
LIBRARIES = frozenset({"typer", "click", "getpass", "console", "notes"})
OPTIONS = frozenset({"prompt", "confirmation_prompt", "hide_input"})
"""Of an option that asks for itself."""


def asks(text: str) -> Iterator[int]:
    """Lines on which standard input may be read, or somebody asked."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and node.attr in ("stdin", "__stdin__"):
            if isinstance(node.value, ast.Name) and node.value.id == "sys":
                yield node.lineno
        elif isinstance(node, ast.Call):
            within, _, name = ast.unparse(node.func).rpartition(".")
            asking = name in ASKING and (not within or within in LIBRARIES)
            if asking or any(given.arg in OPTIONS for given in node.keywords):
                yield node.lineno


def test_nothing_else_asks() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "services", "simulators"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    paths = [name for name in listed if name.endswith(".py") and (ROOT / name).is_file()]
    found = {name: list(asks((ROOT / name).read_text())) for name in paths}
    assert found.pop(HOME)
    strange = {name: lines for name, lines in found.items() if lines and name not in WAITS}
    assert not strange, "ask by services.commandline.questions"
    assert all(found[name] for name in WAITS), "an exception that is not needed"


@pytest.mark.parametrize(
    "text",
    ["typer.confirm('?')", "typer.prompt('?')", "input()", "getpass.getpass()", "getpass('?')",
     "notes.input()",
     "for line in sys.stdin: pass", "sys.stdin.buffer.read()",
     "typer.Option('--yes', prompt='?')"],
)  # fmt: skip
def test_control_a_question_is_found(text: str) -> None:
    assert list(asks(text)) == [1]
