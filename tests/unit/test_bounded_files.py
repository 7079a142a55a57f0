"""What a user names is read within bounds, whatever it leads to."""

import os
import socket
import threading
from pathlib import Path

import pytest

from models import files
from models.files import FileError, insist_regular, read_file
from models.manifest import ModelError
from models.manifest import read as read_manifest
from services.commandline.truth import LONGEST_LINE, TruthError
from services.commandline.truth import read as read_truth
from simulators.scenario import ScenarioError
from simulators.scenario import load as load_scenario
from streams.feeds.feed import FeedError
from streams.feeds.file import read_feed
from streams.recordings.trial import RulesError, rules
from tests.support.commandline import cityops

MOST = 1000


@pytest.mark.parametrize("size", [0, 1, MOST])
def test_a_file_is_read_whole(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    assert read_file(path, MOST) == b"x" * size


def test_a_larger_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * (MOST + 1))
    with pytest.raises(FileError, match="has 1001 bytes, and may have 1000"):
        read_file(path, MOST)


@pytest.mark.parametrize(
    ("name", "why"),
    [("/dev/zero", "device"), ("/dev/null", "device"), ("/dev/tty", "device"), ("/", "folder")],
)
def test_what_is_no_file_is_not_opened(
    name: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("a device may act on that"))
    with pytest.raises(FileError, match=f"it is a {why}"):
        read_file(Path(name), MOST)
    with pytest.raises(FileError, match=f"it is a {why}"):
        insist_regular(Path(name))


def test_a_socket_is_none(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "door"))
        with pytest.raises(FileError, match="it is a socket"):
            read_file(tmp_path / "door", MOST)


def test_what_the_kernel_makes_up_is_not_waited_for() -> None:
    assert read_file(Path("/proc/kmsg"), MOST) == b""
    with pytest.raises(FileError, match="empty"):
        insist_regular(Path("/proc/kmsg"))


def piped(*parts: bytes) -> tuple[Path, threading.Thread]:
    """As a shell's ``<(…)``."""
    out, into = os.pipe()

    def give() -> None:
        with os.fdopen(into, "wb", buffering=0) as pipe:
            for part in parts:
                try:
                    pipe.write(part)
                except BrokenPipeError:
                    return

    writer = threading.Thread(target=give)
    writer.start()
    return Path(f"/dev/fd/{out}"), writer


def test_a_pipe_is_read_to_its_end_or_bound() -> None:
    for size in (1, 200_000):
        path, writer = piped(b"x" * size, b"y")
        assert read_file(path, size + 1) == b"x" * size + b"y"
        writer.join()
        os.close(int(path.name))
    path, writer = piped(b"x" * 200_000)
    with pytest.raises(FileError, match="has more"):
        read_file(path, MOST)
    os.close(int(path.name))
    writer.join()


def test_a_pipe_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files, "SILENT_SECONDS", 0.05)
    monkeypatch.setattr(files, "NOBODY_SECONDS", 0.05)
    out, into = os.pipe()
    with pytest.raises(FileError, match="nothing came"):
        read_file(Path(f"/dev/fd/{out}"), MOST)
    os.close(out)
    os.close(into)
    os.mkfifo(tmp_path / "pipe")
    assert read_file(tmp_path / "pipe", MOST) == b""
    with pytest.raises(FileError, match="it is a pipe"):
        insist_regular(tmp_path / "pipe")


@pytest.mark.parametrize(
    ("read", "error"),
    [
        (read_truth, TruthError),
        (rules, RulesError),
        (load_scenario, ScenarioError),
        (read_feed, FeedError),
        (read_manifest, ModelError),
    ],
)
def test_whoever_reads_says_it_in_one_line(read: object, error: type[Exception]) -> None:
    assert callable(read)
    with pytest.raises(error, match="it is a device") as said:
        read(Path("/dev/zero"))
    assert "\n" not in str(said.value)
    assert "Errno" not in str(said.value)


LAUGHS = "".join(
    f"- {{id: &a{n} [{','.join([f'*a{n - 1}' if n else 'ha'] * 10)}]}}\n" for n in range(9)
)
"""Nine lines that stand for thousands of millions."""


@pytest.mark.parametrize(
    ("read", "error"),
    [(rules, RulesError), (load_scenario, ScenarioError), (read_manifest, ModelError)],
)
@pytest.mark.parametrize(
    "text", ["[" * 5000, "a: 2024-13-45", "a: [", "\udcff", LAUGHS, "- &a [*a]", "&a {a: *a}"]
)
def test_yaml_that_cannot_be_is_one_error(
    read: object, error: type[Exception], text: str, tmp_path: Path
) -> None:
    assert callable(read)
    path = tmp_path / "it.yaml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(error) as said:
        read(path)
    assert "it.yaml" in str(said.value)


def test_a_truth_has_lines_of_a_length_and_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gt.txt"
    path.write_bytes(b"\xef\xbb\xbf1,1,2,3,4,5\r\n1,2,2,3,4,5\r2,1,2,3,4,5\n\n3,1,2,3,4,5")
    assert sorted(read_truth(path).frames) == [1, 2, 3]
    path.write_text("1,1,2,3,4,5\n" + "," * (LONGEST_LINE + 1))
    with pytest.raises(TruthError, match="line 2: a truth has at most 1000 characters"):
        read_truth(path)
    monkeypatch.setattr("services.commandline.truth.MOST_LINES", 3)
    path.write_text("\n" * 4)
    with pytest.raises(TruthError, match="line 4: a truth has at most 3 lines"):
        read_truth(path)


HANG = (
    ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\n/etc/hostname\n#EXT-X-ENDLIST\n"),
    ("list.avi", b"ffconcat version 1.0\nfile '/etc/hostname'\n"),
    ("none.avi", b""),
)


@pytest.mark.parametrize(("name", "content"), HANG)
@pytest.mark.parametrize("words", [("detect", "-o", "out.txt"), ("evaluate", "video")])
def test_a_film_names_no_other_and_is_on_a_disk(
    name: str,
    content: bytes,
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(content)
    (tmp_path / "gt.txt").write_text("1,1,2,3,4,5\n")
    more = ("--truth", "gt.txt") if words[0] == "evaluate" else ()
    result = cityops(*words, *more, name, "--model", "street_detector")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"error: {name}: it ")
    assert not capfd.readouterr().err, "FFmpeg says nothing of its own"
    for device in ("/dev/zero", "/proc/kmsg"):
        result = cityops(*words, *more, device, "--model", "street_detector")
        assert result.exit_code == 1
        assert result.stderr.startswith(f"error: {device}: it is ")
