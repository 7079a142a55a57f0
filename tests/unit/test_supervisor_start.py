"""A start begins with these, and what they load keeps all the rest waiting."""

import subprocess
import sys

import pytest

HEAVY = ("numpy", "psycopg", "kafka", "shapely", "cv2", "fastapi")


@pytest.mark.parametrize("module", ["supervisor", "guard", "__main__"])
def test_it_loads_nothing_that_only_parts_need(module: str) -> None:
    assert _loaded(f"deploy.local.{module}") == []


def test_control_what_prepares_needs_them() -> None:
    assert {"psycopg", "kafka"} <= set(_loaded("deploy.local.prepare"))


def _loaded(module: str) -> list[str]:
    program = f"import {module}, sys; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return [name for name in HEAVY if name in run.stdout.split()]
