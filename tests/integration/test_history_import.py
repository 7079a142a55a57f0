"""History comes in by a file: it is stored once and scored, and nothing else happens."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from psycopg import sql

from models import novelty
from tests.support.commandline import cityops
from tests.support.desk import Desk, open_desk
from tests.support.fleet import environment

QUIET = {"imported_readings", "audit_log", "sessions", "browsers"}
"""What an import, and signing in for it, may write."""


@pytest.fixture(scope="module")
def desk(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    state = tmp_path_factory.mktemp("history")
    with open_desk(database_server, template_database, state) as desk:
        machine = desk.machine()
        for name in ("loop-1", "loop-2"):
            sensor = {"id": name, "kind": "induction_loop", "gateway": "gw", "name_vi": name}
            assert machine.post("/api/sources", json=sensor).status_code == 201
        yield desk


def rows(desk: Desk) -> dict[str, int]:
    """Of every table."""
    names = "SELECT relname FROM pg_stat_user_tables WHERE schemaname = current_schema()"
    return {
        name: desk.database.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
        ).fetchall()[0][0]
        for (name,) in desk.database.execute(names).fetchall()
    }


def stored(desk: Desk, source: str) -> list[tuple[float, float]]:
    """Values and scores, in order of time."""
    asked = "SELECT value, score FROM imported_readings WHERE source = %s ORDER BY time"
    return desk.database.execute(asked, [source]).fetchall()


def run(desk: Desk, *words: str) -> tuple[int, Any]:
    done = cityops("import", *words, "--json", env=environment(desk.settings))
    return done.exit_code, json.loads(done.stdout)


def test_a_file_of_any_age_is_stored_once_scored_and_raises_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    draw = random.Random(3)
    values = [round(50 + draw.gauss(0, 2), 2) for _ in range(3_000)]
    values[2_500] = 290.0
    lines = [f"2003-01-{1 + n // 288:02d} {n % 288 // 12:02d}:{n % 12 * 5:02d},{value}"
             for n, value in enumerate(values)]  # fmt: skip
    file, broken = tmp_path / "old.csv", tmp_path / "broken.csv"
    file.write_text("\n".join(["timestamp,speed", *lines]))
    broken.write_text("\n".join(["timestamp,speed", *lines[:2_999], "yesterday,1", "1"]))
    words = ("--source", "loop-1", "--offset", "+07:00")
    before = rows(desk)
    code, answer = run(desk, str(broken), *words)
    assert (code, answer["added"], answer["refused"]) == (1, 2_999, 2)
    assert [(row["line"], row["reason"]) for row in answer["rows"]] == [
        (3_001, "wrong_time"),
        (3_002, "wrong_type"),
    ]
    code, answer = run(desk, str(file), *words)
    assert (code, answer["added"], answer["unchanged"], answer["scored"]) == (0, 1, 2_999, 1)
    found = stored(desk, "loop-1")
    minutes = 300_000_000 * np.arange(len(values)) + 1_041_354_000_000_000
    _, scores = novelty.follow(novelty.NEW, minutes, np.array(values))
    assert [value for value, _ in found] == values
    assert [score for _, score in found] == pytest.approx(scores / novelty.UNITS)
    assert found[2_500][1] > 0.5, "it would have been an alarm"
    assert run(desk, str(file), *words)[1] == {
        "added": 0, "changed": 0, "unchanged": 3_000, "scored": 0, "refused": 0, "rows": [],
    }  # fmt: skip
    after = rows(desk)
    assert {name for name in after if after[name] != before.get(name)} - QUIET == set()
    line = "SELECT action, subject FROM audit_log ORDER BY sequence DESC LIMIT 1"
    assert desk.database.execute(line).fetchall() == [("history:import", "loop-1")]


def test_scores_do_not_depend_on_the_order_of_files(desk: Desk, tmp_path: Path) -> None:
    lines = [f"2004-02-01T{n // 60:02d}:{n % 60:02d}:00Z,loop-2,flow,{n % 7}" for n in range(600)]
    for name, part in (("late", lines[300:]), ("early", lines[:300])):
        (tmp_path / name).write_text("\n".join(["time,source,metric,value", *part]))
        assert run(desk, str(tmp_path / name))[0] == 0
    minutes = 60_000_000 * np.arange(600) + 1_075_593_600_000_000
    _, scores = novelty.follow(novelty.NEW, minutes, np.arange(600) % 7 * 1.0)
    assert [score for _, score in stored(desk, "loop-2")] == pytest.approx(scores / novelty.UNITS)


def test_who_may_not_configure_may_not_import(desk: Desk) -> None:
    body = {"csv": "time,source,speed\n2003-01-01T00:00:00Z,loop-1,1\n"}
    client = desk.signed_in(desk.person("operator"))
    assert client.post("/api/history", json=body).status_code == 403
    assert desk.machine().post("/api/history", json={"csv": "a,b\n"}).status_code == 400
