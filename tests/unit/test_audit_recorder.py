"""Acts alike become one line, nothing that was said is lost unseen, and no flood fills the disk."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from services.audit import log, recorder
from services.audit.anchors import folder_of
from services.audit.chain import Head
from services.audit.entry import Entry
from services.audit.recorder import Recorder
from services.audit.repeats import FREE, OTHERS, Repeats
from services.audit.spool import Spool, UnrecordedError
from streams import logs
from streams.events import SECOND
from streams.settings import Settings
from tests.support.audit import START, entry


def view(second: int) -> Entry:
    return entry(second, subject="cam-1", action="picture:view")


def test_a_live_picture_that_is_looked_at_for_hours_is_a_line_every_ten_minutes() -> None:
    repeats, lines = Repeats(), []
    for second in range(3601):
        taken = repeats.take(view(second), float(second))
        lines += [taken] if taken else []
        lines += repeats.due(float(second))
    assert [line.times for line in lines] == [1, 600, 600, 600, 600, 600, 600]
    assert sum(line.times for line in lines) == 3601
    assert (lines[1].time, lines[1].last) == (START + SECOND, START + 600 * SECOND)
    assert len({line.id for line in lines}) == len(lines)


def test_whoever_looks_at_something_else_or_is_another_has_a_line_of_their_own() -> None:
    repeats = Repeats()
    for changes in ({}, {"subject": "x"}, {"actor": "an"}, {"address": "::1"}, {"means": "api"}):
        assert repeats.take(entry(**changes), 0.0) is not None
    assert repeats.take(entry(), 0.0) is None


def test_what_is_counted_is_written_when_the_process_ends() -> None:
    repeats = Repeats()
    for second in range(3):
        repeats.take(view(second), float(second))
    assert [line.times for line in repeats.due(float("inf"))] == [2]
    assert repeats.due(float("inf")) == []


def test_a_flood_of_strangers_becomes_a_few_lines_whose_numbers_add_up() -> None:
    """Each from an address of its own."""
    repeats, lines, flood = Repeats(), [], 20_000
    for n in range(flood):
        failed = entry(n, actor="", address=f"2001:db8::{n:x}", outcome="failed", subject="lan")
        taken = repeats.take(failed, n / 1000)  # a thousand a second
        lines += [taken] if taken else []
        lines += repeats.due(n / 1000)
    lines += repeats.due(float("inf"))
    assert sum(line.times for line in lines) == flood
    assert len(lines) <= FREE + flood / 1000 + 3
    assert [line.times for line in lines if line.subject == OTHERS and line.times > 1]


def test_what_is_done_is_never_only_counted_among_others() -> None:
    repeats = Repeats()
    kept = [repeats.take(entry(n), 0.0) for n in range(5000)]
    assert all(kept)


def test_the_spool_gives_what_it_was_given_in_order_and_for_its_owner_only(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    given = [entry(n) for n in range(3)]
    for one in given:
        spool.add(one)
    (file,) = (tmp_path / "spool").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    with file.open("ab") as torn:
        torn.write(b'{"time": 17')
    taken = spool.take()
    spool.add(entry(3))
    assert (taken.entries, taken.damaged) == (given, 1)
    spool.drop(taken.files)
    Spool(tmp_path).leave(entry(4))
    assert [one.subject for one in spool.take().entries] == ["alert-3", "alert-4"]


def test_a_spool_that_is_full_takes_no_more(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=1000)
    while spool.bytes <= 1000:
        spool.add(entry())
    with pytest.raises(UnrecordedError, match="too many lines"):
        spool.add(entry())


class Database:
    """In place of the real one; it can be away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lines: list[Entry] = []
        self.away = False
        monkeypatch.setattr(log, "append", self._append)
        monkeypatch.setattr(log, "newest", lambda _: Head("log", len(self.lines), bytes(32)))
        monkeypatch.setattr(recorder.keeping, "cut", lambda *_: 0)

    def _append(self, _connection: Any, entries: list[Entry]) -> None:
        known = {one.id for one in self.lines}
        self.lines += [one for one in entries if one.id not in known]

    @contextmanager
    def connection(self) -> Iterator[Any]:
        if self.away:
            raise psycopg.OperationalError("away\nand more")
        yield self

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    return Database(monkeypatch)


def recorder_with(database: Database, tmp_path: Path) -> Recorder:
    settings = Settings(state_dir=tmp_path)
    return Recorder(settings, database.connection, lambda: START)


def test_what_comes_while_the_database_is_away_is_in_it_once_it_is_back(
    database: Database, tmp_path: Path
) -> None:
    one = recorder_with(database, tmp_path)
    database.away = True
    for n in range(5):
        one.note(entry(n))
    one._step()
    assert one.problem == "the database does not take it: away"
    again = recorder_with(database, tmp_path)  # the process was killed, and another one started
    database.away = False
    again._step()
    again._step()
    assert [line.subject for line in database.lines] == [f"alert-{n}" for n in range(5)]
    assert again.problem == ""


def test_what_can_be_kept_nowhere_is_not_done_and_the_loss_is_said(
    database: Database, tmp_path: Path
) -> None:
    one = recorder_with(database, tmp_path)
    folder = folder_of(Settings(state_dir=tmp_path))
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way: as a full disk or a folder of somebody else's")
    for n in range(3):
        with pytest.raises(UnrecordedError):
            one.note(entry(n))
    one._step()
    assert "cannot be written" in one.problem
    folder.unlink()
    one._step()
    (line,) = database.lines
    assert (line.action, line.times, line.outcome) == ("audit:lose", 3, "failed")


def test_threads_lose_nothing_between_them(database: Database, tmp_path: Path) -> None:
    one = recorder_with(database, tmp_path)
    one.start()

    def act(number: int) -> None:
        for n in range(40):
            one.note(entry(n, actor=f"person {number}"))
            one.note(view(n))

    threads = [threading.Thread(target=act, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one.close()
    acts = [line for line in database.lines if line.actor]
    assert sum(line.times for line in acts) == 4 * 80
    own = [line.action for line in database.lines if not line.actor]
    assert own == ["audit:start", "audit:stop"]


def test_a_webhook_is_told_the_head_and_nothing_else(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    answers = [200, 500, None]

    def post(address: str, **how: Any) -> httpx.Response:
        told.append({"address": address} | json.loads(how["content"]))
        status = answers[len(told) - 1]
        if status is None:
            raise httpx.ConnectError(f"no way to {address}")
        return httpx.Response(status)

    monkeypatch.setattr(httpx, "post", post)
    monkeypatch.setattr(recorder, "TELL_SECONDS", 0.0)
    address = "https://witness.example/heads?key=geheim"
    settings = Settings(state_dir=tmp_path, audit_webhook=address)
    one = Recorder(settings, database.connection, lambda: START)
    said = []
    for n in range(3):
        one.note(entry(n))
        one._step()
        said.append(one.said)
    assert [sorted(each) for each in told] == [
        ["address", "by", "event", "hash", "log", "sequence", "time"]
    ] * 3
    assert [each["sequence"] for each in told] == [1, 2, 3]
    assert said == [
        "",
        "audit log: its webhook is not told (it answers 500)",
        "audit log: its webhook is not told (ConnectError)",
    ]


def test_the_webhooks_address_does_not_enter_the_log_either() -> None:
    logs.configure(logging.INFO)
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
