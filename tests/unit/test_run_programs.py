"""A program that fails is one line that says what it said."""

import sys

import pytest

from deploy.local.commands import run
from deploy.local.errors import StackError

TRACE = "\tat java.base/java.util.stream.Pipeline.evaluate(Pipeline.java:234)\n"


def test_a_trace_of_java_does_not_push_out_what_is_wrong() -> None:
    said = f"Exception: config\n{TRACE * 9}Caused by: each listener must have a port\n{TRACE * 9}"
    program = f"import sys; sys.exit({said + chr(9) + '... 8 more'!r})"
    with pytest.raises(StackError) as caught:
        run("formatting", [sys.executable, "-c", program])
    assert "Exception: config / Caused by: each listener must have a port" in str(caught.value)
    assert "Pipeline" not in str(caught.value)


def test_what_it_printed_is_handed_on() -> None:
    assert run("printing", [sys.executable, "-c", "print(1)"]) == "1\n"
