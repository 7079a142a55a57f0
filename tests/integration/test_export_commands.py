"""``cityops export``, against the real service: a file that is whole, or is not there."""

import csv
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.alerts.transitions import Names
from services.api.exports import alerts, incidents
from streams.events import to_datetime
from streams.stamps import wall_clock
from streams.tables import readings
from streams.tables.writer import copy
from tests.support.commandline import cityops
from tests.support.desk import Desk, open_desk


@pytest.fixture(scope="module")
def service(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    state = tmp_path_factory.mktemp("state")
    with open_desk(database_server, template_database, state) as desk:
        desk.alert(Names(source_vi="=1+1"))
        desk.alert()
        now = to_datetime(wall_clock())
        row = (now, "loop-1", "speed", -5.3, None, False, "live", "", "gw", None)
        copy(desk.database, readings.TABLE, [row])
        yield desk


@pytest.fixture(autouse=True)
def desk(service: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("CITYOPS_STATE_DIR", str(service.settings.state_dir))
    monkeypatch.setenv("CITYOPS_HTTP_PORT", str(service.settings.http_port))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return service


def refused(*words: str) -> str:
    result = cityops(*words)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    return result.stderr


def test_alerts_go_into_a_file_of_ones_own(tmp_path: Path) -> None:
    result = cityops("export", "alerts", "-o", "a.csv")
    assert (result.exit_code, result.stdout) == (0, "2 alerts in a.csv\n"), result.output
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert tuple(rows[0]) == tuple(alerts.COLUMNS)
    assert sorted(row["source_vi"] for row in rows) == ["", "'=1+1"]


def said(*words: str) -> Any:
    result = cityops(*words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_programs_are_told_how_many(tmp_path: Path) -> None:
    found = said("export", "alerts", "--json", "--severity", "high", "-o", "a.csv")
    assert found == {"rows": 2, "bytes": (tmp_path / "a.csv").stat().st_size, "output": "a.csv"}
    assert said("export", "incidents", "--json", "-o", "i.csv")["rows"] == 0
    head = (tmp_path / "i.csv").read_text("utf-8-sig")
    assert head == ",".join(f'"{name}"' for name in incidents.COLUMNS) + "\n"
    assert said("export", "readings", "--json", "--since", "1h", "-o", "r.csv")["rows"] == 1
    assert ",-5.3," in (tmp_path / "r.csv").read_text("utf-8")


def test_a_file_that_is_there_is_left_alone_unless_that_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("mine")
    assert "--force" in refused("export", "alerts", "-o", "a.csv")
    refused("export", "alerts", "-o", "a.csv", "--force", "--state", "x")
    assert file.read_text() == "mine", "a failure leaves it, too"
    assert cityops("export", "alerts", "-o", "a.csv", "--force").exit_code == 0
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(tmp_path.iterdir()) == [file]


def test_where_there_is_none_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "there is no kind 'crwod'" in refused("export", "alerts", "--kind", "crwod", "-o", "a")
    assert "there is no metric" in refused(
        "export", "readings", "--since", "1h", "--metric", "sped", "-o", "a"
    )
    assert "folder" in refused("export", "alerts", "-o", "gone/a.csv")
    assert "folder" in refused("export", "alerts", "-o", ".")
    monkeypatch.setattr(alerts, "MOST", 1)
    assert "more than 1 rows: narrow" in refused("export", "alerts", "-o", "a.csv")
    assert list(tmp_path.iterdir()) == []
