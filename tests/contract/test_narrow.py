"""In 80 columns every list can be read: nothing is cut, ids are whole, times are short."""

import re

import pytest
from rich.cells import cell_len

from services.commandline import output
from services.commands.evaluate import video
from services.commands.source.list import COLUMNS as SOURCE_COLUMNS
from streams.events import DeadLetter
from streams.kafka import dead_letters
from streams.kafka.dead_letters import Found
from tests.contract import test_terminal
from tests.contract.test_commands import COMMANDS, Words, bare, example, signed_in
from tests.contract.test_terminal import Hostile, hostile
from tests.support.commandline import cityops

__all__ = ["bare", "hostile", "signed_in"]

WIDTH = 80
ID = "loop-nguyen-binh-khiem-bac-2"
LISTS = [
    path
    for path in COMMANDS
    if path[-1] == "list" or path in [("incidents",), ("corrections",), ("catalogue",), ("status",)]
]
WHOLE = {
    "source list", "camera list", "incidents", "corrections", "camera mask list",
    "camera scenery list", "dlq list",
}  # fmt: skip
"""Lists in which somebody looks for a source by its id."""
REAL = {
    "kind": "stopped_vehicle",
    "severity": "critical",
    "origin": "simulated",
    "metric": "occupancy",
    "gateway": "gw-ngo-quyen",
    "fps": 5,
    "lag_ms": 1234,
}
"""Of what the fields have that name no source."""


@pytest.fixture
def narrow(hostile: type[Hostile], monkeypatch: pytest.MonkeyPatch) -> None:
    fill = test_terminal.filled
    monkeypatch.setattr(test_terminal, "HOSTILE", ID)
    monkeypatch.setattr(
        test_terminal, "filled", lambda schema, name="": REAL.get(name) or fill(schema, name)
    )
    monkeypatch.setattr(output.console, "_width", WIDTH)
    letters = [
        DeadLetter(
            "unknown_metric", "'junk', 'junk0' and 8 more: " + "long " * 12, "readings", 1,
            2_345_678, 1_795_900_000_000_000, (), b"", (ID, "loop-2"), "gw-ngo-quyen",
        )
    ]  # fmt: skip
    found = [Found(2, 1_234_567, one, None, one.time) for one in letters]
    monkeypatch.setattr(dead_letters, "latest", lambda *_: found)


def shown(path: Words) -> str:
    words = [word for word in example(path) if word not in ("--json", "--follow")]
    if path[0] == "dlq":
        words = list(path)
    result = cityops(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("path", LISTS, ids=" ".join)
@pytest.mark.usefixtures("narrow")
def test_nothing_is_cut_in_eighty_columns(path: Words) -> None:
    told = shown(path)
    table = told.partition("\n\n")[0] if path == ("status",) else told
    assert "…" not in table
    assert "2026-11-28T" not in table, "times are those of people"
    if path != ("status",):
        assert max(cell_len(line) for line in told.splitlines()) <= WIDTH
    if " ".join(path) in WHOLE:
        assert re.search(rf"\b{ID}\b", told), told


@pytest.mark.parametrize("path", [("source", "list")], ids=" ".join)
def test_where_there_is_room_every_column_is_shown(
    path: Words, narrow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.console, "_width", 400)
    assert all(column in shown(path) for column in SOURCE_COLUMNS)


def test_no_figure_of_an_evaluation_is_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.console, "_width", 80)
    row = dict.fromkeys(video.COLUMNS, "-12.533") | {"group": "two-wheeler", "found": 123_456}
    output.emit([row], as_json=False, columns=video.COLUMNS, folded=("group",), spare=video.SPARE)
    told = capsys.readouterr()
    shown = [name for name in video.COLUMNS if name not in told.err]
    assert {"group", "AP50", "MOTA", "IDF1", "HOTA"} < set(shown)
    assert told.out.split() == [*shown, *(str(row[name]) for name in shown)]


def test_standard_output_may_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("sys.stdout", None)
    assert output._columns() == output.UNBOUND


def test_what_is_left_out_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.console, "_width", 54)
    row = {"id": ID, "ward": "", "owner": "the city", "detail": "some words " * 5}
    output.emit([row], as_json=False, columns=list(row), spare=("owner", "ward"))
    told = capsys.readouterr()
    head = told.out.splitlines()[0].split()
    assert head == ["id", "detail"]
    assert ID in told.out
    assert "no room for owner" in told.err, "an empty column is not missed"
    assert told.out.count("words") == 5


def test_a_spare_column_that_this_list_lacks_is_no_matter(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of alerts of which none has consequences."""
    monkeypatch.setattr(output.console, "_width", 10)
    output.emit([{"id": ID, "owner": ""}], as_json=False, columns=("id",), spare=("owner",))
    told = capsys.readouterr()
    assert "".join(told.out.split()) == f"id{ID}"
    assert not told.err


@pytest.mark.parametrize("width", [10, 30, 60, 80, 200])
def test_no_letter_is_lost_in_any_width(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.console, "_width", width)
    output.emit([{"id": "x" * 50, "b": "y" * 50}], as_json=False, columns=("id", "b"))
    told = capsys.readouterr().out
    assert (told.count("x"), told.count("y")) == (50, 50)
    assert "…" not in told
