"""``.ci/run``: the tests run whatever the check says, and either failure fails it."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci/run"
MAKE = """#!/bin/sh
echo "$1 ran"
case "$1" in check) exit {check} ;; test) exit {test} ;; esac
"""


@pytest.mark.parametrize(("check", "test", "code"), [(0, 0, 0), (2, 0, 2), (0, 3, 3), (2, 3, 3)])
def test_tests_run_and_either_failure_is_the_exit_code(
    tmp_path: Path, check: int, test: int, code: int
) -> None:
    make = tmp_path / "make"
    make.write_text(MAKE.format(check=check, test=test))
    make.chmod(0o755)
    found = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run([SCRIPT], env=found, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert done.stdout.splitlines() == ["check ran", "test ran"], "nothing follows the tests"
    assert ("make check failed" in done.stderr) == bool(check)
