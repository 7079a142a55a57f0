"""Where root starts the stack the gateway is another user, and asks a launcher for decoders.

Who has taken the gateway over can have decoders of it, and nothing else: no other program, no other
user, no other process's end.
"""

import errno
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import pytest

from deploy.local import folders, users
from deploy.local.passage import passage
from services.gateway.cameras import CameraReader
from services.gateway.capture import Capture, DecoderGoneError
from services.gateway.decoder import launcher
from services.gateway.decoder.confine import FIRST_USER, NOBODY
from services.gateway.decoder.leash import ANSWER, REQUEST, Launcher, LauncherGoneError
from services.gateway.decoder.start import PROGRAM, ROOT, Given
from streams.configuration.camera_addresses import CameraAddress
from tests.support.films import Clock, film
from tests.support.outside import Outside
from tests.support.reach import EVERYWHERE
from tests.support.waiting import eventually

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes others")
GATEWAY = users.numbered(0x7200_0002)
Serve = Callable[[socket.socket], object]


@contextmanager
def heard(serve: Serve) -> Iterator[socket.socket]:
    """A line to one that serves it."""
    line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    thread = threading.Thread(target=serve, args=(theirs,))
    thread.start()
    with line, theirs:
        try:
            yield line
        finally:
            line.shutdown(socket.SHUT_RDWR)
            thread.join()


def serve(line: socket.socket) -> None:
    launcher.Launcher(line).run()


@pytest.fixture
def line() -> Iterator[socket.socket]:
    with heard(serve) as line:
        yield line


@pytest.fixture
def files() -> Iterator[list[int]]:
    """What belongs to a request for a stream: orders, messages and room; it stays open."""
    with ExitStack() as opened:
        found = [*os.pipe(), *os.pipe(), os.memfd_create("room")]
        for each in found:
            opened.callback(os.close, each)
        os.ftruncate(found[4], 2**20)
        yield [found[0], found[3], found[4]]


def ask(line: socket.socket, request: bytes, files: list[int]) -> tuple[int, int, int]:
    """Why not, the process, and its leash."""
    line.settimeout(60)
    socket.send_fds(line, [request], files)
    answer, leashes, _, _ = socket.recv_fds(line, ANSWER.size, 1)
    fault, pid = ANSWER.unpack(answer)
    return fault, pid, leashes[0] if leashes else -1


def ended(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    return True


def status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_what_is_asked_for_is_a_decoder_that_may_do_little(
    line: socket.socket, files: list[int]
) -> None:
    fault, pid, leash = ask(line, REQUEST.pack(-1), files)
    assert fault == 0
    decoder = psutil.Process(pid)
    assert decoder.cmdline()[:-1] == PROGRAM
    assert set(decoder.environ()) == {"PYTHONPATH", "LANG", "MALLOC_ARENA_MAX"}
    eventually(lambda: status(pid)["NoNewPrivs"] == "1")
    if os.geteuid() == 0:
        (user,) = set(decoder.uids())
        assert user in (FIRST_USER + pid, NOBODY)
        assert not status(pid)["Groups"]
        assert int(status(pid)["CapEff"], 16) == int(status(pid)["CapPrm"], 16) == 0
    os.close(leash)
    eventually(lambda: ended(pid))


def obeying(line: socket.socket) -> None:
    """The control: one that does as it is told."""
    while asked := line.recv(4096):
        order = json.loads(asked)
        subprocess.run(order["command"], user=order["user"], check=True)
        os.kill(order["kill"], signal.SIGKILL)
        line.send(ANSWER.pack(0, 1))


@pytest.mark.parametrize(("server", "obeys"), [(serve, False), (obeying, True)])
def test_a_request_starts_no_other_program_and_ends_no_other_process(
    server: Serve, obeys: bool, tmp_path: Path
) -> None:
    mark = tmp_path / "was-here"
    with subprocess.Popen(["sleep", "600"]) as other, heard(server) as line:
        order = {"command": ["touch", str(mark)], "user": os.geteuid(), "kill": other.pid}
        try:
            fault, _, _ = ask(line, json.dumps(order).encode(), [])
            if fault == 0:
                other.wait(60)
            assert (fault == 0) == mark.exists() == ended(other.pid) == obeys
        finally:
            other.kill()


def test_no_request_is_more_than_a_request(
    line: socket.socket, files: list[int], tmp_path: Path
) -> None:
    right = REQUEST.pack(-1)
    with ExitStack() as opened:
        folder, device = os.open(tmp_path, os.O_RDONLY), os.open("/dev/full", os.O_RDWR)
        for each in (folder, device):
            opened.callback(os.close, each)
        wrong: list[tuple[bytes, list[int]]] = [
            (right, []),
            (right, files[:2]),
            (right, [*files, folder]),
            (right, [*files, device]),
            (right, [*files, line.fileno()]),
            (right, [line.fileno(), *files[1:]]),
            (right, [files[2], *files[1:]]),
            (right, [*files[:2], device]),
            (right, [*files, files[2], files[2]]),
            (right + b"\0", files),
            (right[:1], files),
            (b"x" * 60_000, files),
            (REQUEST.pack(-2), files),
            (REQUEST.pack(1000), files),
        ]
        sent = {identity(each) for _, with_it in wrong for each in with_it}
        before = descriptors(sent)
        for request, with_it in wrong:
            assert ask(line, request, with_it) == (errno.EINVAL, 0, -1), (request[:9], with_it)
        eventually(lambda: descriptors(sent) == before)  # what came with them is closed
        opened.callback(os.close, os.dup(folder))
        assert descriptors(sent) == before + 1, "the control: one that is left open is counted"
    fault, pid, leash = ask(line, right, files)
    os.close(leash)
    assert (fault, pid > 0) == (0, True), "the control: what is right is done"


def identity(descriptor: int) -> tuple[int, int]:
    of = os.fstat(descriptor)
    return of.st_dev, of.st_ino


def descriptors(sent: set[tuple[int, int]]) -> int:
    """This process's descriptors of what was sent: other tests' threads open files too."""
    found = 0
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            found += identity(int(each.name)) in sent
    return found


def test_a_leash_ends_its_own_decoder_only(line: socket.socket, files: list[int]) -> None:
    (_, one, held), (_, other, kept) = (ask(line, REQUEST.pack(-1), files) for _ in range(2))
    with socket.socket(fileno=held) as leash:
        leash.send(str(other).encode())  # whatever is said
        eventually(lambda: ended(one))
    assert not ended(other)
    os.close(kept)
    eventually(lambda: ended(other))


def test_there_are_so_many_decoders(
    line: socket.socket, files: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "MOST", 2)
    asked = Launcher(line)
    held = [asked.begin(Given(*files)) for _ in range(2)]
    with pytest.raises(OSError, match=os.strerror(errno.EAGAIN)):
        asked.begin(Given(*files))
    held[0].end()
    asked.begin(Given(*files)).end()
    held[1].end()
    held[1].end()  # which is nothing new


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_one_that_dies_or_hangs_is_noticed_and_ended(
    line: socket.socket, tmp_path: Path, number: int
) -> None:
    asked, video = Launcher(line), film(tmp_path / "film.avi", 20, 10.0)
    whole = Capture(str(video), EVERYWHERE, begin=asked.begin)
    assert len(list(whole.pictures(10.0, Clock().wait))) == 20
    whole.close()
    assert ended(whole.pid)
    capture = Capture(str(video), EVERYWHERE, begin=asked.begin)
    pictures = capture.pictures(10.0, lambda _: False)
    next(pictures)
    os.kill(capture.pid, number)
    with pytest.raises(DecoderGoneError):
        list(pictures)
    capture.close()
    assert ended(capture.pid)


def test_a_camera_whose_launcher_is_gone_ends_the_gateway(tmp_path: Path) -> None:
    with heard(lambda line: line.recv(1)) as line:
        line.send(b"x")
        outside, asked = Outside(), Launcher(line)
        outlet = outside.outlet._replace(begin=asked.begin)
        video = film(tmp_path / "film.avi", 5, 10.0)
        reader = CameraReader(CameraAddress("cam", str(video)), outlet)
        line.shutdown(socket.SHUT_RDWR)
        eventually(lambda: outside.failures)
        assert isinstance(outside.failures[0], LauncherGoneError)
        assert asked.gone
        assert reader.join(10)


# --- as root, in processes of their own --------------------------------------------------------

DOUBLE = """
import json, os, signal, sys, time
from pathlib import Path
from services.gateway.decoder.leash import Launcher
from services.gateway.decoder.process import Decoder
from services.gateway.decoder.wire import Place

asked = Launcher.inherited()
video, secret, stranger = sys.argv[1:]
closed = {"networks": [], "own": [], "closed": []}
decoders = [Decoder(Place("", os.open(video, os.O_RDONLY)), closed, asked.begin) for _ in "ab"]
for each in decoders:
    each.opened()
(launcher,) = map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
tries = {
    "reads": lambda: open(secret).read(),
    "ends another": lambda: os.kill(int(stranger), signal.SIGKILL),
    "ends a decoder by itself": lambda: os.kill(decoders[0].pid, 0),
    "looks into the launcher": lambda: open(f"/proc/{launcher}/mem", "rb").close(),
    "ends the launcher": lambda: os.kill(launcher, 0),
    "is root": lambda: os.setuid(0),
}
done = []
for name, attempt in tries.items():
    try:
        attempt()
        done.append(name)
    except OSError:
        pass
print(json.dumps([launcher, [each.pid for each in decoders], done]), flush=True)
while not asked.gone:
    time.sleep(0.05)
"""
"""A gateway that somebody has taken over."""


class Taken:
    """What it says of itself, once it has tried everything."""

    def __init__(self, process: "subprocess.Popen[bytes]", stranger: int) -> None:
        assert process.stdout
        said: Any = json.loads(process.stdout.readline())
        self.process, self.stranger = process, stranger
        self.launcher: int = said[0]
        self.decoders: list[int] = said[1]
        self.done: list[str] = said[2]


@contextmanager
def taken_over(user: users.User | None) -> Iterator[Taken]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        video = film(folder / "film.avi", 20, 10.0)
        secret = folder / "secret"
        secret.touch(mode=stat.S_IRUSR)
        way = passage([ROOT, Path(sys.base_prefix)], GATEWAY)
        if not folders.reachable(Path(sys.executable), GATEWAY, tuple(way)):
            pytest.skip("clone or Python are in a folder that is closed to others")
        with subprocess.Popen(["sleep", "600"]) as stranger:
            command = [
                *(*way, sys.executable, "-m", "services.gateway.decoder.launcher"),
                *folders.as_user(user),
                *(sys.executable, "-c", DOUBLE, str(video), str(secret), str(stranger.pid)),
            ]
            with subprocess.Popen(command, stdout=subprocess.PIPE, process_group=0) as process:
                try:
                    yield Taken(process, stranger.pid)
                finally:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    stranger.kill()


@as_root
def test_a_gateway_that_is_taken_over_gains_no_rights_by_its_launcher() -> None:
    with taken_over(GATEWAY) as taken:
        assert set(psutil.Process(taken.process.pid).uids()) == {GATEWAY.pw_uid}
        own = status(taken.process.pid)
        assert {int(own[f"Cap{kind}"], 16) for kind in ("Eff", "Prm", "Inh", "Amb", "Bnd")} == {0}
        beside = status(taken.launcher)
        kept = 1 << 5 | 1 << 6 | 1 << 7  # CAP_KILL, CAP_SETGID, CAP_SETUID
        assert {int(beside[f"Cap{kind}"], 16) for kind in ("Eff", "Prm", "Bnd")} == {kept}
        assert beside["NoNewPrivs"] == "1"
        assert taken.done == []
        assert not ended(taken.stranger)
        assert {psutil.Process(each).uids().real for each in taken.decoders} == {
            FIRST_USER + each for each in taken.decoders
        }


@as_root
def test_control_one_that_is_root_gains_everything() -> None:
    with taken_over(None) as taken:
        assert len(taken.done) == DOUBLE.count(": lambda")
        eventually(lambda: ended(taken.stranger))


@as_root
def test_nothing_outlives_a_gateway_that_is_killed() -> None:
    with taken_over(GATEWAY) as taken:
        os.kill(taken.decoders[0], signal.SIGSTOP)
        os.kill(taken.process.pid, signal.SIGTERM)  # not the launcher's to obey
        os.kill(taken.launcher, signal.SIGTERM)
        eventually(lambda: all(map(ended, (*taken.decoders, taken.launcher))))


@as_root
def test_a_gateway_whose_launcher_is_killed_knows_and_its_decoders_end() -> None:
    with taken_over(GATEWAY) as taken:
        os.kill(taken.launcher, signal.SIGKILL)
        assert taken.process.wait(60) == 0
        eventually(lambda: all(map(ended, taken.decoders)))
