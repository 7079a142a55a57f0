"""Files that need all of the machine take turns, and every file is run once."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from xdist.scheduler import LoadFileScheduling

from tests.support.turns import (
    LONGEST_FIRST,
    ONE_AT_A_TIME,
    WITHOUT_SERVERS,
    Turns,
    choose,
    fills,
)

ROOT = Path(__file__).parents[2]
HEAVY = ONE_AT_A_TIME[:3]
LIGHT = ("tests/integration/test_worker.py", "tests/unit/test_a.py", "tests/unit/test_b.py")


class Process:
    """Stands for one of pytest's processes; runs what it was given in that order."""

    def __init__(self, number: int) -> None:
        self.gateway = SimpleNamespace(id=f"gw{number}")
        self.shutting_down = False
        self.waiting: list[int] = []

    def send_runtest_some(self, indexes: list[int]) -> None:
        self.waiting += indexes

    def shutdown(self) -> None:
        self.shutting_down = True


def test_what_is_named_is_there() -> None:
    for name in (*ONE_AT_A_TIME, *LONGEST_FIRST, *WITHOUT_SERVERS):
        assert (ROOT / name).exists(), name


def test_the_turn_stays_with_one_process_and_others_take_what_is_left() -> None:
    files = [*LIGHT, *HEAVY]
    assert choose(files, turn_is_taken=False) == HEAVY[0]
    assert choose(files, turn_is_taken=True) == LIGHT[0]
    assert choose(HEAVY, turn_is_taken=True) is None
    assert choose([], turn_is_taken=False) is None


def test_the_last_of_four_takes_only_what_needs_no_servers() -> None:
    files = [*HEAVY, *LIGHT]
    assert choose(files, turn_is_taken=False, fills=True) == LIGHT[1]
    assert choose([*HEAVY, LIGHT[0]], turn_is_taken=False, fills=True) is None
    assert [fills(f"gw{n}", 4) for n in range(4)] == [False, False, False, True]
    assert [fills(f"gw{n}", 5) for n in range(5)] == [False, False, False, False, True]
    assert not any(fills(f"gw{n}", 3) for n in range(3))


def test_of_heavy_files_never_two_are_begun_and_all_tests_are_run_once() -> None:
    tests = [f"{file}::test_{n}" for file in (*LIGHT, *HEAVY) for n in range(4)]
    for lengths in ((1, 2, 3), (7, 1, 1), (1, 9, 9), (2, 2, 2, 1), (9, 9, 9, 1), (1, 1, 1, 9)):
        ran, together = _run(Turns, tests, lengths)
        assert sorted(ran) == sorted(tests), lengths
        assert together == 1, lengths
    assert _run(LoadFileScheduling, [*reversed(tests)], lengths)[1] > 1, "so it is without turns"


def _run(
    kind: type[LoadFileScheduling], tests: list[str], lengths: tuple[int, ...]
) -> tuple[list[str], int]:
    """Process ``n`` takes ``lengths[n]`` for a test; what was run, and the most heavy files at a
    time."""
    option: Any = SimpleNamespace(loadscopereorder=False, tx=["popen"] * len(lengths))
    config: Any = SimpleNamespace(
        option=option, getvalue=lambda name: getattr(option, name), rootpath=ROOT
    )
    scheduler, processes = kind(config), [Process(number) for number in range(len(lengths))]
    for process in processes:
        scheduler.add_node(process)
        scheduler.add_node_collection(process, tests)
    scheduler.schedule()
    ran, together = [], 0
    for now in range(1000):
        begun = {
            tests[process.waiting[0]].split("::")[0] for process in processes if process.waiting
        }
        together = max(together, len(begun & set(HEAVY)))
        for process, length in zip(processes, lengths, strict=True):
            # The last that it has begins only when it knows what follows.
            knows = len(process.waiting) > 1 or process.shutting_down
            if process.waiting and knows and now % length == 0:
                index = process.waiting.pop(0)
                ran.append(tests[index])
                scheduler.mark_test_complete(process, index)
    return ran, together
