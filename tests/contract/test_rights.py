"""Every table and view has somebody who says who may do what with it, and every part a role."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.database import rights
from deploy.database.layouts import ALL
from deploy.database.migrate import read
from streams.database import ANALYST, OWNER, PARTS, ROLES

ROOT = Path(__file__).parents[2]
RUNNING = ("services", "simulators", "streams")
VERBS = {"INSERT", "UPDATE", "DELETE"}
APPEND_ONLY = (
    "accounts",
    "alert_transitions",
    "audit_log",
    "camera_hours",
    "case_hours",
    "control_log",
    "corrections",
    "counts",
    "detections",
    "frames",
    "handbook",
    "incidents",
    "indicators",
    "messages",
    "oncall_log",
    "scenery",
    "shift_log",
    "sight",
    "source_hours",
)
WATCHING = ("alerts", "writer")
NAMES = frozenset(described.name for described in ALL)


def missing(names: frozenset[str]) -> dict[str, str]:
    """What is to be said in deploy/database/rights.py, by table or view."""
    said = rights.OPEN | rights.HIDDEN.keys()
    return {
        name: f'add "{name}" in deploy/database/rights.py: to OPEN where analysts and all parts'
        f' may read it, else to HIDDEN as "{name}": (…), with the roles that read without writing;'
        f" and to WRITTEN under each role ({', '.join(PARTS)}) that adds (ADD), changes (CHANGE)"
        " or deletes (DROP, ALL) rows"
        for name in sorted(names - said)
    }


def test_each_table_and_view_is_open_or_hidden() -> None:
    assert missing(NAMES) == {}
    assert rights.OPEN & rights.HIDDEN.keys() == set(), "it is one or the other"


def test_control_a_table_of_nobodys_is_named_with_what_to_add() -> None:
    found = missing(frozenset({"users", "diary"}))
    assert list(found) == ["diary"]
    assert 'add "diary" in deploy/database/rights.py: to OPEN' in found["diary"]
    assert "(alerts, command, gateway, mqtt, notifier, poller, receiver, writer)" in found["diary"]


def test_nothing_is_given_of_what_is_not_there() -> None:
    written = {table for tables in rights.WRITTEN.values() for table in tables}
    assert (rights.OPEN | rights.HIDDEN.keys() | written) - NAMES == set()
    assert rights.WRITTEN.keys() <= set(PARTS)
    assert {role for roles in rights.HIDDEN.values() for role in roles} <= set(PARTS)
    verbs = {
        v for tables in rights.WRITTEN.values() for may in tables.values() for v in may.split()
    }
    assert verbs <= VERBS


@pytest.mark.parametrize("name", sorted(NAMES))
def test_analysts_write_nothing(name: str) -> None:
    assert rights.of(name).get(ANALYST, frozenset()) <= {"SELECT"}
    assert (ANALYST in rights.of(name)) == (name in rights.OPEN)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_is_only_added_to_is_so_for_every_part(table: str) -> None:
    for role, may in rights.of(table).items():
        assert may <= {"SELECT", "INSERT"}, role


def test_functions_that_run_as_the_owner_are_closed_and_say_whose_they_are() -> None:
    text = "\n".join(migration.text for migration in read(community=True))
    made = re.findall(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\(.*?\$\$;", text, re.DOTALL)
    bodies = re.findall(r"CREATE (?:OR REPLACE )?FUNCTION .*?\$\$;", text, re.DOTALL)
    definers = {name for name, body in zip(made, bodies, strict=True) if "SECURITY DEFINER" in body}
    assert definers == rights.CALLED.keys(), "say in CALLED who may call it"
    for name, body in zip(made, bodies, strict=True):
        if name in definers:
            assert "SET search_path = pg_catalog, pg_temp" in body, name
            assert f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC;" in text, name


def names_of_parts(folder: Path) -> Iterator[tuple[Path, int, str]]:
    """What the code gives to ``connect`` and ``conninfo`` as part."""
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or len(node.args) < 2:
                continue
            if getattr(node.func, "id", "") not in ("connect", "conninfo"):
                continue
            given = node.args[1]
            if isinstance(given, ast.Constant):
                yield path, node.lineno, str(given.value)
            elif isinstance(given, ast.Name) and given.id in constants:
                yield path, node.lineno, str(constants[given.id])
            elif isinstance(given, ast.JoinedStr) and isinstance(given.values[-1], ast.Constant):
                for part in WATCHING:  # f"{part}-watchdog"
                    yield path, node.lineno, f"{part}{given.values[-1].value}"


@pytest.mark.parametrize("room", RUNNING)
def test_each_part_that_runs_signs_in_by_a_role_of_its_own(room: str) -> None:
    for path, line, part in names_of_parts(ROOT / room):
        where = f"{path.relative_to(ROOT)}:{line}"
        assert part in ROLES, f"{where}: add {part!r} to ROLES in streams/database.py"
        assert ROLES[part] != OWNER, f"{where}: {part!r} is the owner, for migrations only"


def test_control_parts_are_found() -> None:
    found = {part for room in RUNNING for _, _, part in names_of_parts(ROOT / room)}
    assert {"alerts", "alerts-api", "gateway", "writer", "hours", "control", "footage"} <= found


def test_nobody_who_runs_asks_for_the_administrator() -> None:
    """``settings.database`` is for ``deploy/``, which makes the roles."""
    for room in RUNNING:
        for path in sorted((ROOT / room).rglob("*.py")):
            if path != ROOT / "streams/database.py":
                text = path.read_text("utf-8")
                assert not re.search(r"settings\.database\b", text), path
