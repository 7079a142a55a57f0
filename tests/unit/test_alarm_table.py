"""The table of states in the docs is what the code does."""

from tests.support.state_table import DOC, written


def test_the_docs_say_what_the_code_does() -> None:
    text = DOC.read_text()
    assert written(text) == text, "run `python -m tests.support.state_table`"
    assert written(text.replace("| same |", "| other |")) == text, "control: a change is found"
