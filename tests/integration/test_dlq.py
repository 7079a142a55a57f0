"""``cityops dlq`` on a real broker."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import Result

from streams.events import DeadLetter, Mark, from_rfc3339
from streams.settings import Settings
from streams.stamps import wall_clock
from streams.topics import DEAD_LETTERS, FRAMES, READINGS
from tests.support.commandline import cityops
from tests.support.fleet import environment
from tests.support.upstream import START, Upstream, mark, read_all

HEADERS = (("ce_type", b"cityops.frame"), ("ce_source", b"cam-\xff"))


def letter(
    number: int, *, reason: str = "checksum", headers: tuple[tuple[str, bytes], ...] = HEADERS
) -> DeadLetter:
    return DeadLetter(
        reason, "it is bad", FRAMES, 2, number, START + number, headers, b"\xff\xd8%d" % number
    )


@pytest.fixture
def sent(settings: Settings) -> Settings:
    """Four letters in two partitions; the second of them was sent twice."""
    upstream = Upstream(settings)
    upstream.send(DEAD_LETTERS, 0, [(letter(1), mark(1)), (letter(2), mark(2))])
    upstream.send(DEAD_LETTERS, 0, [(letter(2), mark(2)), (letter(4, reason="oversized"), mark(4))])
    ours = (*HEADERS, ("ce_mark", str(Mark("detect", FRAMES, 0, 1, 0)).encode()))
    upstream.send(DEAD_LETTERS, 2, [(letter(3, reason="wrong_type", headers=ours), mark(3))])
    upstream.close()
    return settings


def dlq(settings: Settings, *arguments: str) -> Result:
    return cityops("dlq", *arguments, env=environment(settings))


def test_lists_each_letter_once(sent: Settings) -> None:
    rows = msgspec.json.decode(dlq(sent, "list", "--json").stdout)
    assert [(row["id"], row["reason"], row["offset"]) for row in rows] == [
        ("0:0", "checksum", 1),
        ("0:1", "checksum", 2),
        ("2:0", "wrong_type", 3),
        ("0:3", "oversized", 4),
    ]
    assert rows[0]["time"] == "2026-11-18T11:06:40.000001Z"
    assert rows[0] | {"topic": FRAMES, "partition": 2, "bytes": 3, "stage": "stage"} == rows[0]


def test_before_the_first_tick_it_has_the_time_at_which_it_was_written(settings: Settings) -> None:
    began = wall_clock() // 1000 * 1000
    upstream = Upstream(settings)
    early = msgspec.structs.replace(letter(1), time=0)
    upstream.send(DEAD_LETTERS, 0, [(early, mark(1)), (letter(2), mark(2))])
    upstream.close()
    rows = msgspec.json.decode(dlq(settings, "list", "--json").stdout)
    assert [row["offset"] for row in rows] == [2, 1], "in the order of their times"
    assert began <= from_rfc3339(rows[1]["time"]) <= wall_clock()


def test_filters_and_limits(sent: Settings) -> None:
    rows = msgspec.json.decode(
        dlq(sent, "list", "--json", "--reason", "checksum", "--limit", "1").stdout
    )
    assert [row["id"] for row in rows] == ["0:1"]
    assert msgspec.json.decode(dlq(sent, "list", "--json", "--topic", READINGS).stdout) == []
    unknown = dlq(sent, "list", "--topic", "x")
    assert unknown.exit_code == 1
    assert unknown.stderr.startswith("error: there is no topic 'x': one of ")


def test_a_reason_that_no_letter_can_have_is_an_error(sent: Settings) -> None:
    unknown = dlq(sent, "list", "--reason", "cheksum")
    assert unknown.exit_code == 1
    assert unknown.stderr.startswith("error: there is no reason 'cheksum': one of absurd_tick, ")
    assert "checksum" in unknown.stderr
    assert msgspec.json.decode(dlq(sent, "list", "--json", "--reason", "overload").stdout) == []


def test_a_reason_that_another_release_had_is_found(settings: Settings) -> None:
    upstream = Upstream(settings)
    upstream.send(DEAD_LETTERS, 0, [(letter(1, reason="of_old"), mark(1))])
    upstream.close()
    rows = msgspec.json.decode(dlq(settings, "list", "--json", "--reason", "of_old").stdout)
    assert [row["offset"] for row in rows] == [1]


def test_says_whose_a_letter_is_and_finds_those_of_one_source(settings: Settings) -> None:
    whose = {
        1: {"sources": ("loop-1",), "gateway": "gw-1", "account": "mqtt"},
        2: {"sources": ("loop-1", "loop-2"), "gateway": "gw-1", "left_out": {"checksum": 7}},
        3: {"sources": ("cam-1",)},
    }
    letters = [msgspec.structs.replace(letter(n), **fields) for n, fields in whose.items()]
    upstream = Upstream(settings)
    upstream.send(DEAD_LETTERS, 0, [(one, mark(one.offset)) for one in letters])
    upstream.close()

    def found(*arguments: str) -> list[int]:
        rows = msgspec.json.decode(dlq(settings, "list", "--json", *arguments).stdout)
        return [row["offset"] for row in rows]

    assert found() == [1, 2, 3]
    assert found("--source", "loop-1") == [1, 2]
    assert found("--source", "loop-2") == [2]
    assert found("--gateway", "gw-1", "--reason", "checksum") == [1, 2]
    assert found("--source", "loop") == [], "the control: no part of a name"
    row = msgspec.json.decode(dlq(settings, "show", "0:1", "--json").stdout)
    assert (
        row
        | {
            "source": "loop-1 +1",
            "sources": ["loop-1", "loop-2"],
            "gateway": "gw-1",
            "account": "",
            "left_out": {"checksum": 7},
        }
        == row
    )
    assert "loop-1" in dlq(settings, "list").stdout


def test_lists_for_people(sent: Settings) -> None:
    shown = dlq(sent, "list")
    assert shown.exit_code == 0
    assert "checksum" in shown.stdout
    assert "2:0" in shown.stdout


def test_an_empty_topic_is_an_empty_list(settings: Settings) -> None:
    assert msgspec.json.decode(dlq(settings, "list", "--json").stdout) == []
    assert "no dead letters" in dlq(settings, "list").stdout


def test_shows_headers_and_keeps_the_original_bytes(sent: Settings, tmp_path: Path) -> None:
    shown = dlq(sent, "show", "0:1", "-o", str(tmp_path / "message"))
    assert shown.exit_code == 0
    assert "  ce_source: cam-\\xff\n" in shown.stdout
    assert (tmp_path / "message").read_bytes() == b"\xff\xd82"
    row = msgspec.json.decode(dlq(sent, "show", "0:1", "--json").stdout)
    assert row["headers"] == {"ce_type": "cityops.frame", "ce_source": "cam-\\xff"}


def test_says_what_there_is(sent: Settings) -> None:
    for wrong, line in (
        ("0:9", "no dead letter 0:9: partition 0 holds dead letters 0 to 3"),
        ("7:0", "no dead letter 7:0: the dead letters have no partition 7"),
        ("last", "'last' is not PARTITION:OFFSET: see 'cityops dlq list'"),
    ):
        shown = dlq(sent, "show", wrong)
        assert shown.exit_code == 1
        assert line in shown.stderr


def test_retry_sends_the_original_message_to_where_it_came_from(sent: Settings) -> None:
    assert dlq(sent, "retry", "0:1").exit_code == 0
    assert read_all(sent, FRAMES, 2) == [(list(HEADERS), b"\xff\xd82")]


def test_retry_refuses_what_would_not_count(sent: Settings) -> None:
    for refused in ("0:3", "2:0"):
        assert dlq(sent, "retry", refused).exit_code == 1
    assert all(read_all(sent, FRAMES, partition) == [] for partition in range(3))
