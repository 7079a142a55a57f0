"""A file of history: cut into pieces, each row known by its line, and times made whole."""

import json
from pathlib import Path

import pytest

from services.commandline import past
from services.commandline.past import Given, PastError, pieces
from services.receiver.check import history
from services.receiver.formats import table
from services.receiver.rows import Row, with_offset
from services.web.guard import check_size
from services.web.problems import ProblemError
from streams.configuration.configured import NOTHING, folded
from streams.events import ControlChange, Place, Source, from_rfc3339

NOW = from_rfc3339("2026-11-29T00:00:00Z")


def sensor(name: str, **changes: str) -> Source:
    given = {"kind": "induction_loop", "origin": "live", "gateway": "gw"} | changes
    return Source(
        name,
        given["kind"],
        "",
        "",
        given["origin"],  # type: ignore[arg-type]
        Place(20.8, 106.7),
        given["gateway"],
    )


SOURCES = (
    sensor("loop-1"),
    sensor("loose", gateway=""),
    sensor("made-up", origin="simulated"),
    sensor("cam-1", kind="camera"),
)
KNOWN = folded((ControlChange(n, 0, one) for n, one in enumerate(SOURCES, 1)), NOTHING)


def test_what_a_file_does_not_say_is_added_and_lines_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "t.csv"
    text = 'timestamp,value\n2019-05-01 07:00,28\n\n2019-05-01 08:00:30,"29"\nlater,1\n1,2,3\n'
    file.write_text("\ufeff" + text)
    monkeypatch.setattr(past, "PIECE_ROWS", 3)
    first, second = pieces(file, Given("t1", "temperature", "+07:00"))
    assert first.text.splitlines() == [
        "source,metric,time,value",
        "t1,temperature,2019-05-01T07:00:00+07:00,28",
        "t1,temperature,2019-05-01T08:00:30+07:00,29",
        "t1,temperature,later,1",
    ]
    assert (first.lines, second.lines) == ([2, 4, 5], [6])
    assert first.done <= second.done == second.whole
    row, *_ = table.read(first.text)
    assert isinstance(row, Row)
    assert row.time == from_rfc3339("2019-05-01T00:00:00Z")


def test_a_time_is_only_made_whole_where_it_is_asked_for() -> None:
    assert with_offset("2019-05-01 07:00", "") == "2019-05-01 07:00"
    assert with_offset("2019-05-01T07:00:00Z", "+07:00") == "2019-05-01T07:00:00Z"
    assert with_offset("07:00", "+07:00") == "07:00"


def test_a_piece_is_what_the_service_takes_whatever_stands_in_its_cells(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("source,value,unit\n" + f't1,1,"{"[" * 99}"\n' * 1_000)
    for piece in pieces(file, Given()):
        check_size(json.dumps({"csv": piece.text}))


@pytest.mark.parametrize("content", [b"time,value\n\xff,1\n", b'time,value\n1,"2\n'])
def test_a_file_that_breaks_off_is_refused_before_anything_of_it_goes(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(PastError, match=r"t\.csv(, line 2| is no text)"):
        next(pieces(tmp_path / "t.csv", Given()))
    with pytest.raises(PastError, match=r"no\.csv"):
        next(pieces(tmp_path / "no.csv", Given()))


@pytest.mark.parametrize("content", ["", "time,value\n", "\ufeff\n\n"])
def test_a_file_without_any_row_is_refused(tmp_path: Path, content: str) -> None:
    """Nobody means to import nothing: what writes the file has failed."""
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(PastError, match=r"t\.csv has no row"):
        next(pieces(tmp_path / "t.csv", Given()))


def test_history_is_of_any_age_and_of_sensors_that_are_real() -> None:
    rows = table.read(
        "time,source,speed\n"
        "1970-01-01T00:00:00Z,loop-1,1\n"
        "2026-11-29T00:00:00Z,loose,2\n"
        "1969-12-31T23:59:59Z,loop-1,3\n"
        "2026-11-29T00:00:01Z,loop-1,4\n"
        ",loop-1,5\n"
        "2019-01-01T00:00:00Z,nobody,6\n"
        "2019-01-01T00:00:00Z,made-up,7\n"
        "2019-01-01T00:00:00Z,cam-1,8\n"
        "2019-01-01T00:00:00Z,loop-1,x\n"
    )
    found = history(rows, KNOWN, NOW)
    assert [(one.at, one.source) for one in found.readings] == [(0, "loop-1"), (1, "loose")]
    assert [(one.at, one.reason) for one in sorted(found.refused)] == [
        (2, "absurd_time"),
        (3, "absurd_time"),
        (4, "no_time"),
        (5, "unknown_source"),
        (6, "not_live"),
        (7, "no_readings"),
        (8, "not_a_number"),
    ]


def test_a_value_that_no_sensor_can_say_is_no_history_but_the_rest_of_its_row_is() -> None:
    rows = table.read(
        "time,source,speed,flow\n"
        "2019-01-01T00:00:00Z,loop-1,50,1e6\n"
        "2019-01-01T00:01:00Z,loop-1,-1,-1\n"
        "2019-01-01T00:02:00Z,loop-1,50,7\n"
    )
    found = history(rows, KNOWN, NOW)
    assert [(one.at, dict(one.values)) for one in found.readings] == [
        (0, {"speed": 50.0}),
        (2, {"speed": 50.0, "flow": 7.0}),
    ]
    assert [(one.at, one.reason) for one in found.refused] == [
        (0, "out_of_range"),
        (1, "out_of_range"),
    ]
    assert found.refused[0].detail == "flow: 1e+06 is no value of induction_loops"


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_another_separator_than_the_comma_is_named(tmp_path: Path, mark: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text("time,value\n2019-05-01T00:00:00Z,28\n".replace(",", mark))
    with pytest.raises(PastError, match=r"t\.csv, header: .* separate them by commas"):
        list(pieces(file, Given("t1", "temperature")))
    with pytest.raises(ProblemError, match="separate them by commas"):
        table.read(file.read_text())
