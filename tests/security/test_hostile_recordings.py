"""A recording that a stranger hands over: it is replayed, or refused in one line that names the
file. It reads, writes and deletes nothing elsewhere, waits for nothing and costs little.
"""

import hashlib
import json
import os
import re
import resource
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from streams.recordings import canonical, namespace, path, runs, versions
from streams.recordings.files import Folder, RecordingError
from streams.recordings.folder import (
    FORMAT,
    INCIDENTS,
    INDEX,
    STATES,
    Index,
    Recording,
    Slice,
    State,
    Writer,
)
from streams.recordings.packing import FREE_BYTES, MAX_CONTENT, MAX_RATIO, unpacked
from streams.recordings.rerun import Rerun, begin
from streams.settings import Settings
from tests.support.commandline import cityops

PINNED = Path(__file__).parents[1] / "pinned" / "unusual"
SLICES = 12
"""Of the pinned recording, so that one run takes a moment."""
SEGMENT = "000001.zst"
FILES = (INDEX, STATES, INCIDENTS, SEGMENT)
MEMORY = 3 * 2**30
"""Bytes of address space, most of them libraries."""


@cache
def short() -> tuple[Index, list[Slice], list[State], list[bytes]]:
    """What the beginning of a pinned recording says."""
    recording = Recording(PINNED)
    return (
        recording.index,
        list(recording.slices())[:SLICES],
        recording.states(),
        recording.incidents(),
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = tmp_path / "recording"
    index, pieces, states, lines = short()
    writer = Writer(made)
    for piece in pieces:
        writer.add(piece)
    whole = msgspec.structs.replace(
        index, states=writer.states(states), incidents=writer.incidents(lines)
    )
    writer.close(whole)
    return made


@cache
def stages() -> Any:
    index = short()[0]
    built = Settings(partitions=index.partitions)
    return [step.build(built) for step in path.steps(index.from_stage)]


def replayed(folder: Path) -> str:
    """As ``replay run --offline``, but for stages that are made once; its digest."""
    recording = Recording(folder)
    index, inputs = recording.index, path.inputs("interpret")
    recording.incidents()
    partitions = begin(stages(), index.partitions, recording.states(), inputs)
    versions.check(recording, partitions)
    run = Rerun(partitions)
    found = []
    for piece in recording.slices():
        records = [record for record in piece.records if record[0] in inputs]
        found += run.feed(msgspec.structs.replace(piece, records=records))
    runs.compare(runs.load(recording, runs.LIVE), runs.load(recording, runs.LIVE))
    return canonical.digest(canonical.log(found, index.after, index.until, index.log), index.log)


def refused(folder: Path) -> str:
    """The line that says why."""
    with pytest.raises(RecordingError) as error:
        replayed(folder)
    said = str(error.value)
    assert len(said.splitlines()) == 1
    assert str(folder) in said or STATES in said or INCIDENTS in said or "run 'live'" in said
    return said


def read(folder: Path) -> None:
    """All that it has."""
    recording = Recording(folder)
    recording.states()
    recording.incidents()
    for _ in recording.slices():
        pass


def outcome(folder: Path, use: Callable[[Path], Any] = replayed) -> str:
    """The line that says why it is refused; empty: it is not."""
    try:
        use(folder)
    except RecordingError as error:
        return str(error)
    return ""


def packed(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


def seal(folder: Path, name: str, file: bytes, **more: int) -> None:
    """Puts a file in place of another one, and has the index say that it belongs there."""
    (folder / name).write_bytes(file)
    index = json.loads((folder / INDEX).read_bytes())
    for entry in (index["states"], index["incidents"], *index["segments"]):
        if entry["name"] == name:
            sum_ = hashlib.sha256(file).hexdigest()
            entry.update({"bytes": len(file), "sha256": sum_, **more})
    (folder / INDEX).write_text(json.dumps(index))


def content(folder: Path, name: str) -> bytes:
    return unpacked(folder / name, (folder / name).read_bytes())


def test_control_an_untouched_one_is_replayed(place: Path) -> None:
    assert re.fullmatch("[0-9a-f]{64}", replayed(place))


# --- files that are none ------------------------------------------------------------------------


def linked(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")


def linked_hard(file: Path) -> None:
    file.with_name("elsewhere").hardlink_to(file)


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def device(file: Path) -> None:
    file.unlink()
    try:
        os.mknod(file, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # as /dev/zero
    except PermissionError:
        pytest.skip("only root makes devices")


def endless(file: Path) -> None:
    file.unlink()
    file.symlink_to("/dev/zero")


def missing(file: Path) -> None:
    file.unlink()


def empty(file: Path) -> None:
    file.write_bytes(b"")


def sparse(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(2**40)


def grown(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\0")


def half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def circular(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.name)


SPOILERS: list[Callable[[Path], None]] = [
    linked, linked_hard, pipe, folder, device, endless, missing, empty, sparse, grown, half,
    circular,
]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("spoil", SPOILERS, ids=lambda spoil: spoil.__name__)
@pytest.mark.timeout(20)
def test_what_is_no_regular_file_of_its_own_is_refused(
    place: Path, name: str, spoil: Callable[[Path], None]
) -> None:
    spoil(place / name)
    assert name in refused(place) or spoil is missing


@pytest.mark.parametrize("name", FILES)
def test_control_without_the_check_a_link_would_be_read(place: Path, name: str) -> None:
    linked(place / name)
    assert (place / name).read_bytes()


def test_a_folder_that_is_a_link_is_refused(place: Path) -> None:
    other = place.with_name("other")
    other.symlink_to(place)
    assert "is a link" in refused(other)
    assert "is no folder" in refused(place / INDEX)


def test_what_is_swapped_after_it_was_opened_is_not_followed(place: Path, tmp_path: Path) -> None:
    recording = Recording(place)
    place.rename(tmp_path / "away")
    place.mkdir()
    for name in FILES:
        (place / name).symlink_to("/etc/passwd")
    assert recording.states()
    assert len(list(recording.slices())) == SLICES


def test_what_changes_between_check_and_use_is_found(place: Path) -> None:
    recording = Recording(place)
    recording.check()
    grown(place / SEGMENT)
    with pytest.raises(RecordingError, match="altered"):
        list(recording.slices())


def _first_refusal(folder: Path) -> str:
    for _ in range(1000):
        if said := outcome(folder):
            return said
    return ""


def test_a_file_that_grows_while_it_is_read_is_refused(place: Path) -> None:
    ended = threading.Event()

    def grow() -> None:
        with (place / STATES).open("ab") as file:
            while not ended.is_set():
                file.write(b"\0")
                file.flush()

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        said = _first_refusal(place)
    finally:
        ended.set()
        thread.join()
    assert re.search("changed|altered|may have", said)


# --- the index ----------------------------------------------------------------------------------

VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 2**53, 2**63, 2**64, 10**400, -(2**63), 1e308, 0.5, "", "x" * 10_000, "\0",
    "../../etc/passwd", "/etc/passwd", "000002.zst", "recording.json", [], {}, [[]], [None],
    {"a": 1}, "detect", "score", "9" * 20, "\ud800", "\u202e",
)  # fmt: skip


def parts(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    within: Any = ()
    if isinstance(value, dict):
        within = value.items()
    elif isinstance(value, list):
        within = enumerate(value)
    for name, part in within:
        yield from parts(part, (*at, name))


def test_no_value_in_an_index_does_harm(place: Path) -> None:
    whole = json.loads((place / INDEX).read_bytes())
    harmless = 0
    for at in [at for at in parts(whole) if at]:
        for value in VALUES:
            changed = json.loads(json.dumps(whole))
            holder = changed
            for name in at[:-1]:
                holder = holder[name]
            holder[at[-1]] = value
            (place / INDEX).write_text(json.dumps(changed))
            refusal = outcome(place, read)
            harmless += not refusal
            assert len(refusal.splitlines()) <= 1
    assert harmless > 0, "what nothing rests on, such as the version of the software"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe{\0}\0",
        b"\xef\xbb\xbf{}",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"1" * 100_000,
        b"{" + b'"format":2,' * 2 + b'"cityops":""}',
        b"[]",
        b"null",
        b'"\\ud800"',
        b" " * (9 * 2**20),
    ],
    ids=lambda text: repr(text[:8]),
)
def test_an_index_that_is_none_is_refused(place: Path, text: bytes) -> None:
    (place / INDEX).write_bytes(text)
    assert INDEX in refused(place)


def test_two_values_of_one_name_are_refused(place: Path) -> None:
    text = (place / INDEX).read_text()
    (place / INDEX).write_text(text.replace('"partitions"', '"partitions": 3, "partitions"', 1))
    assert "two values have one name" in refused(place)


@pytest.mark.parametrize(
    "change",
    [
        {"partitions": 10**9},
        {"partitions": 0},
        {"from_stage": "score"},
        {"format": 1},
        {"format": FORMAT + 1},
        {"log": canonical.VERSION + 1},
        {"log": 0},
        {"end": 10**17},
        {"until": 0},
        {"digest": "0" * 64},
        {"models": ["x"] * 200_000},
    ],
    ids=str,
)
def test_an_index_that_cannot_be_is_refused(place: Path, change: dict[str, Any]) -> None:
    index = json.loads((place / INDEX).read_bytes())
    (place / INDEX).write_text(json.dumps({**index, **change}))
    refused(place)


def test_a_segment_that_is_named_twice_or_elsewhere_is_refused(place: Path) -> None:
    index = json.loads((place / INDEX).read_bytes())
    (entry,) = index["segments"]
    for names in ((SEGMENT, SEGMENT), ("../" + place.name + "/" + SEGMENT,), ("000002.zst",)):
        index["segments"] = [{**entry, "name": name} for name in names]
        (place / INDEX).write_text(json.dumps(index))
        assert "names a file" in refused(place)


# --- what is in the files -----------------------------------------------------------------------


def frame(size: int) -> bytes:
    """So many zeros, packed, without having them."""
    made = zstandard.ZstdCompressor().compressobj(size=size)
    return b"".join([*(made.compress(b"\0" * 2**20) for _ in range(size // 2**20)), made.flush()])


def said(size: int, content: bytes) -> bytes:
    """A frame that says another size than it has."""
    made = zstandard.ZstdCompressor(level=1).compress(content)
    header = zstandard.frame_header_size(made)
    return b"\x28\xb5\x2f\xfd\xe0" + size.to_bytes(8, "little") + made[header:]


BOMBS: dict[str, Callable[[], bytes]] = {
    "much from little": lambda: frame(2**28),
    "more than any": lambda: said(2**62, b"\xc0"),
    "more than it says": lambda: said(1, b"\xc0" * 1000),
    "less than it says": lambda: said(1000, b"\xc0"),
    "no size": lambda: zstandard.ZstdCompressor(write_content_size=False).compress(b"\x90"),
    "two frames": lambda: packed(b"\x90") * 2,
    "something behind": lambda: packed(b"\x90") + b"\0",
    "skipped": lambda: b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + packed(b"\x90"),
    "no frame": lambda: b"\x1f\x8b\x08\0" + b"\0" * 50,
    "another dictionary": lambda: b"\x28\xb5\x2f\xfd\x21\x07\x01\x01\0\0\x90",
    "nothing": lambda: packed(b""),
    "deep": lambda: packed(b"\x91" * 500_000),
    "deep in a slice": lambda: packed(b"\x91\x92\x01" + b"\x91" * 500_000),
    "deep behind a slice": lambda: packed(b"\x91\x93\x01\x90" + b"\x91" * 500_000),
    "a list that goes on": lambda: packed(b"\xdd\xff\xff\xff\xff"),
    "a text that goes on": lambda: packed(b"\x91\x92\xdb\xff\xff\xff\xff"),
    "many slices": lambda: packed(b"\xdd" + (2**23).to_bytes(4, "big") + os.urandom(2**23)),
    "many parts": lambda: packed(
        b"\x91\x92\x01\xdd" + (2**21).to_bytes(4, "big") + b"\x94\xa0\0\x90\xc4\0" * 2**21
    ),
    "many headers": lambda: packed(
        b"\x91\x92\x01\x91\x94\xa8readings\0\xdd"
        + (2**22).to_bytes(4, "big")
        + b"\x92\xa0\xc4\0" * 2**22
        + b"\xc4\0"
    ),
    "a map": lambda: packed(b"\x81\xa1a\xc0"),
    "an extension": lambda: packed(b"\xc7\x00\x05"),
    "never used": lambda: packed(b"\xc1"),
    "no text": lambda: packed(b"\x91\x94\xa1\xff\xa1\xff\0\xc4\0"),
}


@pytest.mark.parametrize("name", [STATES, INCIDENTS, SEGMENT])
def test_what_stands_for_too_much_is_refused_and_costs_little(place: Path, name: str) -> None:
    """All of them in one process that has little memory, and a control."""
    for number, make in enumerate(BOMBS.values()):
        copied = place.with_name(f"bomb-{number}")
        shutil.copytree(place, copied)
        seal(copied, name, make())
    program = f"""
import re, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
from streams.recordings.files import RecordingError
from streams.recordings.folder import Recording
for number in range({len(BOMBS)}):
    try:
        found = Recording(Path(sys.argv[1]).with_name(f"bomb-{{number}}"))
        found.states(); found.incidents()
        for piece in found.slices(): pass
        print("read")
    except RecordingError as error:
        print(error)
# Its own: what getrusage says begins with that of the process which started this one.
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
try:
    bytearray({MEMORY})
except MemoryError:
    print("control: no memory")
"""
    ran = subprocess.run(
        [sys.executable, "-c", program, str(place)],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    *lines, peak, control = ran.stdout.splitlines()
    assert len(lines) == len(BOMBS)
    passed = [kind for kind, line in zip(BOMBS, lines, strict=True) if line == "read"]
    assert not passed
    assert all(name in line for line in lines)
    assert int(peak) < 2**20, "KiB"
    assert control == "control: no memory"


def test_control_without_the_check_little_becomes_much() -> None:
    bomb = frame(2**28)
    assert len(zstandard.ZstdDecompressor().decompress(bomb)) > MAX_RATIO * len(bomb)
    assert len(bomb) < FREE_BYTES < 2**28 <= MAX_CONTENT


def test_messages_of_no_input_are_refused(place: Path) -> None:
    (_, *_), index = short()[1], short()[0]
    record = ("readings", 0, [("ce_type", b"cityops.tick")], b"")
    for topic, partition, tick in (
        ("incidents", 0, 1),
        ("../readings", 0, 1),
        ("readings", -1, 1),
        ("readings", index.partitions, 1),
        ("readings", 2**63, 1),
        ("readings", 0, -(2**70)),
        ("readings", 0, 2**60),
    ):
        piece = [index.after + tick, [(topic, partition, *record[2:])]]
        try:
            coded = msgspec.msgpack.encode([piece])
        except OverflowError:
            continue
        last = json.loads((place / INDEX).read_bytes())["segments"][0]["last"]
        seal(place, SEGMENT, packed(coded), messages=1, first=index.after + 1, last=last)
        assert SEGMENT in refused(place)


def test_a_count_of_messages_that_is_another_is_refused(place: Path) -> None:
    seal(place, SEGMENT, (place / SEGMENT).read_bytes(), messages=7)
    assert "7 by recording.json" in refused(place)


def test_states_of_stages_that_are_none_are_refused(place: Path) -> None:
    states = short()[2]
    first = states[0]
    for changed in (
        [*states, State("wiretap", "frames", 0, b"")],
        [*states, first],
        [State(first.stage, "incidents", 0, first.snapshot)],
        [State(first.stage, first.topic, -1, first.snapshot)],
        [State(first.stage, first.topic, 10**6, first.snapshot)],
        [State(first.stage, first.topic, 0, b"")],
        [State(first.stage, first.topic, 0, b"\x91" * 100_000)],
        [State(first.stage, first.topic, 0, first.snapshot[:-1])],
    ):
        seal(place, STATES, packed(msgspec.msgpack.encode(changed)))
        refused(place)


@pytest.mark.parametrize("line", [b"", b"\xff", b"[" * 100_000, b"{}", b"[]", b'{"kind":1}'])
def test_lines_that_are_none_are_refused(place: Path, line: bytes) -> None:
    seal(place, INCIDENTS, packed(msgspec.msgpack.encode([line])))
    index = json.loads((place / INDEX).read_bytes())
    index["digest"] = canonical.digest([line], index["log"])
    (place / INDEX).write_text(json.dumps(index))
    refused(place)


# --- anything -----------------------------------------------------------------------------------


@st.composite
def mutations(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    where, what = draw(st.floats(0, 1)), draw(st.binary(min_size=1, max_size=6))
    length = draw(st.integers(0, 40))
    how = draw(st.sampled_from(["over", "in", "out", "end", "again"]))

    def mutate(whole: bytes) -> bytes:
        at = int(where * len(whole))
        match how:
            case "over":
                return whole[:at] + what + whole[at + len(what) :]
            case "in":
                return whole[:at] + what + whole[at:]
            case "out":
                return whole[:at] + whole[at + length :]
            case "end":
                return whole[:at]
            case _:
                return whole[:at] + whole[at : at + length] * 2 + whole[at + length :]

    return mutate


@pytest.mark.parametrize("sealed", [False, True], ids=["as it is", "with its sum"])
@pytest.mark.parametrize("name", FILES)
@pytest.mark.timeout(120)
def test_whatever_is_changed_it_is_replayed_or_refused(
    place: Path, name: str, sealed: bool
) -> None:
    if sealed and name == INDEX:
        pytest.skip("its sum stands nowhere")
    before = {each: (place / each).read_bytes() for each in FILES}
    ended = {"replayed": 0, "refused": 0}

    @settings_of_hypothesis(
        max_examples=60, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(mutations())
    def tried(mutate: Callable[[bytes], bytes]) -> None:
        for each, whole in before.items():
            (place / each).write_bytes(whole)
        if sealed:
            seal(place, name, packed(mutate(content(place, name))))
        else:
            (place / name).write_bytes(mutate(before[name]))
        refusal = outcome(place)
        assert len(refusal.splitlines()) <= 1
        ended["refused" if refusal else "replayed"] += 1

    tried()
    assert ended["refused"] > 0


# --- what is written and removed ----------------------------------------------------------------


def a_run(name: str = "stricter") -> runs.Run:
    return runs.made(name, "offline", [])


def test_files_are_their_owners_whatever_others_may(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        index, pieces, states, lines = short()
        writer = Writer(tmp_path / "made")
        for piece in pieces:
            writer.add(piece)
        writer.close(
            msgspec.structs.replace(
                index, states=writer.states(states), incidents=writer.incidents(lines)
            )
        )
        runs.keep(Recording(tmp_path / "made"), a_run())
    finally:
        os.umask(before)
    for found in (tmp_path / "made", *(tmp_path / "made").rglob("*")):
        mode = stat.S_IMODE(found.stat().st_mode)
        assert mode == (0o700 if found.is_dir() else 0o600), found


def test_nothing_is_kept_or_removed_behind_a_link(place: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    theirs = other / "stricter.json"
    theirs.write_text("theirs")
    (place / runs.FOLDER).symlink_to(other)
    recording = Recording(place)
    for ask in (
        lambda: runs.keep(recording, a_run()),
        lambda: runs.remove(recording, "stricter"),
        lambda: runs.load(recording, "stricter"),
    ):
        with pytest.raises(RecordingError, match="runs is a link"):
            ask()
    assert theirs.read_text() == "theirs"
    (place / runs.FOLDER / "stricter.json").unlink()
    assert not theirs.exists(), "control: through the path it is deleted"


def test_a_result_that_is_a_link_is_replaced_and_not_what_it_leads_to(
    place: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.json"
    theirs.write_text("theirs")
    (place / runs.FOLDER).mkdir()
    (place / runs.FOLDER / "stricter.json").symlink_to(theirs)
    recording = Recording(place)
    with pytest.raises(RecordingError, match="is a link"):
        runs.load(recording, "stricter")
    runs.keep(recording, a_run())
    assert runs.load(recording, "stricter") == a_run()
    assert runs.remove(recording, "stricter")
    assert not runs.remove(recording, "stricter")
    assert theirs.read_text() == "theirs"


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "x" * 33, "X", "a\n", "\0", "a\u202e"])
def test_a_name_is_no_path(place: Path, name: str) -> None:
    recording = Recording(place)
    for ask in (
        lambda: runs.keep(recording, a_run(name)),
        lambda: runs.remove(recording, name),
    ):
        with pytest.raises(runs.BadNameError):
            ask()
    with pytest.raises(RecordingError, match="no run"):
        runs.load(recording, name)


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"[" * 100_000, b'{"name": "x"}', b'{"name":"other","how":"","digest":"",'
    b'"kinds":{},"lines":[]}', b'{"name":"x","how":"","digest":"","kinds":{},"lines":["{}"]}'],
    ids=lambda text: repr(text[:20]),
)  # fmt: skip
def test_a_result_that_is_none_is_refused(place: Path, text: bytes) -> None:
    (place / runs.FOLDER).mkdir()
    (place / runs.FOLDER / "x.json").write_bytes(text)
    recording = Recording(place)
    with pytest.raises(RecordingError):
        runs.compare(runs.load(recording, "x"), runs.load(recording, runs.LIVE))


def test_nothing_is_recorded_behind_a_link_or_over_something(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "link").symlink_to(other)
    with pytest.raises(RecordingError, match="is a link"):
        Writer(tmp_path / "link")
    (other / "theirs").write_text("theirs")
    with pytest.raises(RecordingError, match="is not empty"):
        Writer(other)
    assert [found.name for found in other.iterdir()] == ["theirs"]


def test_a_large_tick_is_written_as_several_and_reads_as_one(tmp_path: Path) -> None:
    index, _, states, lines = short()
    record = ("readings", 0, [("ce_type", b"cityops.frame")], b"x" * 2**20)
    pieces = [Slice(index.after + 1, [record] * 40), Slice(index.after + 2, [record])]
    writer = Writer(tmp_path / "made")
    for piece in pieces:
        writer.add(piece)
    writer.close(
        msgspec.structs.replace(
            index, states=writer.states(states), incidents=writer.incidents(lines)
        )
    )
    recording = Recording(tmp_path / "made")
    assert len(recording.index.segments) > 2
    read = list(recording.slices())
    assert [r for piece in read for r in piece.records] == [record] * 41
    assert {piece.tick for piece in read} == {index.after + 1, index.after + 2}


def test_a_folder_is_closed_with_what_holds_it(place: Path) -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    for _ in range(min(soft, 2000) + 10):
        Folder(place)


def test_what_a_replay_left_is_not_removed_behind_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(namespace.broker, "delete_topics", lambda _settings: [])
    settings = namespace.named(Settings(state_dir=tmp_path / "state"), "stricter")
    other = tmp_path / "other"
    other.mkdir()
    (other / "theirs").write_text("theirs")
    for folder in (namespace.logs(settings), settings.state_dir / "faust" / settings.namespace):
        folder.parent.mkdir(parents=True)
        folder.symlink_to(other)
    namespace.remove(settings)
    assert (other / "theirs").read_text() == "theirs"


@pytest.mark.parametrize("spoil", [linked, pipe, half, missing], ids=lambda spoil: spoil.__name__)
def test_the_command_says_it_in_one_line(
    place: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(place / STATES)
    for words in (("run", place, "--offline"), ("run", place, "--offline", "--digest")):
        said = cityops("replay", *words, env={"CITYOPS_STATE_DIR": str(tmp_path / "state")})
        assert said.exit_code == 1
        assert said.stdout == ""
        (line,) = said.stderr.splitlines()
        assert line.startswith("error: ")
        assert STATES in line
