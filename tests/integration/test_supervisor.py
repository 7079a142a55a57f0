"""The supervisor with real processes; `sleep` and `sh` stand for the parts."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import stack, state
from deploy.local.child import BEHIND, Child, gives_back
from deploy.local.parts import PREPARE, Part
from deploy.local.supervisor import LOG_BYTES, rotate
from streams.settings import Settings
from tests.support.supervised import Supervised


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    supervised = Supervised(Settings(state_dir=tmp_path))
    yield supervised
    supervised.end()


def _sleep(name: str, *after: str) -> Part:
    return Part(name=name, command=("sleep", "600"), after=after)


def test_what_is_killed_is_back_and_counted(supervised: Supervised) -> None:
    supervised.start(_sleep("one"), _sleep("two"))
    first, other = supervised.running("one"), supervised.running("two")
    os.kill(first, signal.SIGKILL)
    supervised.until(lambda: supervised.part("one").restarts == 1)
    assert supervised.running("one") != first
    assert supervised.part("one").last_exit == -signal.SIGKILL
    assert supervised.part("two").pid == other
    assert supervised.part("two").restarts == 0


def test_told_to_renew_it_starts_the_processors_parts_again_and_no_server(
    supervised: Supervised, tmp_path: Path
) -> None:
    """What is done once, before them, is done once more."""
    done = tmp_path / "done"
    prepare = Part(name=PREPARE, command=("sh", "-c", f"echo x >> {done}"), once=True)
    supervised.start(_sleep("server"), prepare, _sleep("worker", PREPARE))
    server, worker = supervised.running("server"), supervised.running("worker")
    assert stack.renew(supervised.settings)
    supervised.until(lambda: supervised.part("worker").restarts == 1)
    assert supervised.running("worker") != worker
    assert supervised.running("server") == server
    assert done.read_text() == "x\nx\n"


def test_stopping_ends_every_process_and_says_so(supervised: Supervised) -> None:
    supervised.start(_sleep("one"), _sleep("two", "one"))
    pids = [supervised.running("one"), supervised.running("two")]
    assert supervised.stop() == 0
    assert [state.created(pid) for pid in pids] == [None, None]
    assert supervised.part("one").state == "stopped"
    assert not state.is_running(supervised.settings)


def test_parts_stop_in_reverse_order(supervised: Supervised, tmp_path: Path) -> None:
    order = tmp_path / "order"
    parts = []
    for name, after in (("base", ()), ("middle", ("base",)), ("top", ("middle",))):
        script = f"trap 'echo {name} >> {order}; exit 0' TERM; while :; do sleep 0.1; done"
        parts.append(Part(name=name, command=("sh", "-c", script), after=after))
    supervised.start(*parts)
    supervised.running("top")
    # The trap is set by the shell's first command, which may come after "running".
    time.sleep(0.5)
    supervised.stop()
    assert order.read_text().split() == ["top", "middle", "base"]


def test_what_does_not_heed_the_signal_is_killed(supervised: Supervised) -> None:
    deaf = ("sh", "-c", "trap '' TERM; while :; do sleep 0.1; done")
    supervised.start(Part(name="deaf", command=deaf, grace_seconds=0.5))
    pid = supervised.running("deaf")
    time.sleep(0.5)
    assert supervised.stop() == 0
    assert state.created(pid) is None
    assert supervised.part("deaf").last_exit == -signal.SIGKILL


def test_what_comes_after_waits_for_what_is_done_once(
    supervised: Supervised, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    once = Part(name="once", command=("sh", "-c", f"test -e {gate}"), once=True)
    supervised.start(once, _sleep("then", "once"))
    supervised.until(lambda: supervised.part("once").restarts >= 2)
    assert supervised.part("then").state == "waiting"
    gate.touch()
    supervised.running("then")
    assert supervised.part("once").state == "done"


def test_one_that_is_held_begins_when_it_is_its_turn_and_each_time_it_is_started(
    supervised: Supervised, tmp_path: Path
) -> None:
    gate, told = tmp_path / "gate", tmp_path / "told"
    once = Part(name="once", command=("sh", "-c", f"test -e {gate}"), once=True)
    script = f"echo here >> {told}; cat; echo begins >> {told}; exec sleep 600"
    held = Part(name="then", command=("sh", "-c", script), after=("once",), held=True)
    supervised.start(once, held)
    # It lets all others go before it, on a machine that may have much to do.
    supervised.until(lambda: told.exists() and told.read_text() == "here\n")
    supervised.until(lambda: supervised.part("once").restarts >= 2)
    now = supervised.part("then")
    assert (now.state, told.read_text()) == ("waiting", "here\n")
    assert now.pid is not None, "it runs, and waits"
    if gives_back():
        assert os.getpriority(os.PRIO_PROCESS, now.pid) == BEHIND
    os.kill(now.pid, signal.SIGKILL)
    supervised.until(lambda: told.read_text() == "here\nhere\n")
    assert supervised.part("then").state in ("restarting", "waiting"), "still not its turn"
    gate.touch()
    pid = supervised.running("then")
    supervised.until(lambda: told.read_text() == "here\nhere\nbegins\n")
    assert os.getpriority(os.PRIO_PROCESS, pid) == os.getpriority(os.PRIO_PROCESS, 0)
    os.kill(pid, signal.SIGKILL)
    supervised.until(lambda: told.read_text().endswith("begins\nhere\nbegins\n"))


def test_where_no_priority_is_given_back_none_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def setpriority(which: int, who: int, niceness: int) -> None:
        """As for root of a container without CAP_SYS_NICE."""
        if niceness < os.getpriority(which, who):
            raise PermissionError
        set_anyway(which, who, niceness)

    set_anyway = os.setpriority
    monkeypatch.setattr(os, "setpriority", setpriority)
    part = Part(name="one", command=("sh", "-c", "cat; exec sleep 600"), held=True)
    child = Child(part, tmp_path / "log")
    child.start(held=True)
    try:
        assert child.state.pid is not None
        assert os.getpriority(os.PRIO_PROCESS, child.state.pid) == os.getpriority(
            os.PRIO_PROCESS, 0
        )
        child.release()
        assert child.state.state == "running"
    finally:
        child.stop()
        child.wait_stopped(time.monotonic() + 10)


def test_one_that_is_held_ends_with_its_supervisor(supervised: Supervised) -> None:
    never = Part(name="never", command=("false",), once=True)
    held = Part(
        name="then", command=("sh", "-c", "cat; exec sleep 600"), after=("never",), held=True
    )
    supervised.start(never, held)
    supervised.until(lambda: supervised.part("then").pid is not None)
    pid = supervised.part("then").pid
    assert pid is not None
    assert supervised.stop() == 0
    assert state.created(pid) is None


def test_children_of_a_killed_supervisor_end_and_the_next_one_starts_clean(
    supervised: Supervised,
) -> None:
    supervised.start(_sleep("one"))
    orphan = supervised.running("one")
    # Until then the kernel has not been told to end it; the next supervisor would.
    supervised.until(lambda: Path(f"/proc/{orphan}/cmdline").read_bytes().startswith(b"sleep\0"))
    supervised.kill()
    supervised.until(lambda: state.created(orphan) is None)
    assert not state.is_running(supervised.settings)
    supervised.start(_sleep("one"))
    supervised.until(lambda: supervised.part("one").pid not in (None, orphan))


def test_leftovers_that_outlived_their_supervisor_are_ended(supervised: Supervised) -> None:
    supervised.start(Part(name="one", command=("sleep", "600"), outlives=True))
    orphan = supervised.running("one")
    supervised.kill()
    assert state.created(orphan) is not None
    assert state.end_leftovers(supervised.settings) == ["one"]
    supervised.until(lambda: state.created(orphan) is None)


def test_a_later_process_with_the_same_id_is_not_taken_for_the_part() -> None:
    began = state.created(os.getpid())
    assert began is not None
    assert state.lives(os.getpid(), began)
    assert not state.lives(os.getpid(), began - 60)


def test_only_one_supervisor_runs(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    held = state.lock(settings)
    assert held is not None
    assert state.lock(settings) is None
    assert state.is_running(settings)
    held.close()
    assert not state.is_running(settings)


def test_a_log_is_bounded(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    log.write_bytes(b"x" * (LOG_BYTES + 1))
    rotate(log)
    assert log.stat().st_size == 0
    assert (tmp_path / "part.log.1").stat().st_size == LOG_BYTES + 1
    rotate(log)
    assert (tmp_path / "part.log.1").stat().st_size == LOG_BYTES + 1
