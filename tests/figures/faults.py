"""Faults survived: what fault tests did and compared, written by the tests when they pass."""

import fcntl
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import msgspec

from streams.settings import Settings
from tests.figures.tables import table
from tests.support.fleet import Fleet
from tests.support.nursery import Nursery
from tests.support.origin import Run, said

OUTPUT = Path(__file__).parents[2] / "build/faults.json"

Done = Counter[tuple[str, str]]
"""(fault, process) to how often it was done."""


class Fault(msgspec.Struct, frozen=True, order=True):
    what: str
    target: str
    times: int


class Experiment(Run, frozen=True, kw_only=True):
    """One test of reliability that passed."""

    about: str
    """What was done to what, and what had to be the same afterwards."""
    faults: list[Fault]
    compared: dict[str, int]
    """Table, or kind of result, to the rows that were compared."""
    differences: int
    control: int | None = None
    """Differences where the same is done without the protection; None: there is no such run."""


class Faults(msgspec.Struct, frozen=True):
    experiments: dict[str, Experiment]


class NotedFleet(Fleet):
    """A fleet that remembers in ``done`` what was done to it."""

    def __init__(
        self,
        settings: Settings,
        logs: Path,
        done: Done | None = None,
        nursery: Nursery | None = None,
    ) -> None:
        super().__init__(settings, logs, nursery)
        self.done: Done = Counter() if done is None else done

    def kill(self, name: str) -> None:
        super().kill(name)
        self.done["SIGKILL", name] += 1

    def pause(self, name: str, seconds: float) -> None:
        super().pause(name, seconds)
        self.done[f"SIGSTOP for {seconds:g} s", name] += 1


def record(
    name: str,
    run: Run,
    *,
    about: str,
    done: Mapping[tuple[str, str], int],
    compared: Mapping[str, int],
    differences: int = 0,
    control: int | None = None,
    output: Path = OUTPUT,
) -> None:
    """Puts one experiment among those that the file has already."""
    experiment = Experiment(
        **msgspec.structs.asdict(run),
        about=about,
        faults=sorted(Fault(*which, times) for which, times in done.items()),
        # Of a table without rows nothing was compared, whatever the test meant to do.
        compared={table: rows for table, rows in compared.items() if rows},
        differences=differences,
        control=control,
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # tests run in several processes
        file.seek(0)
        try:
            known = msgspec.json.decode(file.read(), type=Faults).experiments
        except msgspec.MsgspecError:
            known = {}
        faults = Faults(dict(sorted({**known, name: experiment}.items())))
        file.truncate(0)
        file.write(msgspec.json.format(msgspec.json.encode(faults)) + b"\n")


def read(path: Path) -> Faults:
    return msgspec.json.decode(path.read_bytes(), type=Faults)


def text(faults: Faults) -> str:
    """One row for each experiment; the machine below, once where it is the same."""
    rows = [
        (
            each.about,
            _done(each.faults),
            ", ".join(f"{rows:,} {table}" for table, rows in each.compared.items()),
            each.differences,
            "–" if each.control is None else f"{each.control:,}",
        )
        for each in faults.experiments.values()
    ]
    columns = ("test", "faults", "rows compared", ">differences", ">differences of the control")
    origins = dict.fromkeys(said(each) for each in faults.experiments.values())
    return (
        f"{table(columns, rows)}\n\n"
        "The control kills too, without the marks by which repetitions are recognised: it has to "
        f"differ, or the comparison proves nothing. {'; '.join(origins)}."
    )


def runs(faults: Faults) -> dict[str, Run]:
    return dict(faults.experiments)


def _done(faults: list[Fault]) -> str:
    by_what: dict[str, list[str]] = {}
    for fault in faults:
        times = f" ×{fault.times}" if fault.times > 1 else ""
        by_what.setdefault(fault.what, []).append(f"{fault.target}{times}")
    return "; ".join(f"{what}: {', '.join(targets)}" for what, targets in by_what.items())
