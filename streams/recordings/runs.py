"""What a replay found, kept beside its recording: to be compared with another one."""

import re
from pathlib import Path
from typing import Annotated, Any

import msgspec

from streams.recordings import canonical
from streams.recordings.files import RecordingError
from streams.recordings.folder import INCIDENTS, Recording, Time
from streams.recordings.packing import unreadable

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
"""Of a replay, and so of its result: with what stands before it, fit for a schema too."""
FOLDER = "runs"
MAX_RUN = 256 * 2**20
"""Bytes of one that is kept."""
LIVE = "live"
"""The name of what the live run found."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    how: str
    """In words: offline or with how many workers, at which speed, with which rules and model."""
    machine: str = ""
    """What looked at the pictures; empty: none were looked at."""
    log: int = 1
    """Version of its canonical log: that of its recording's."""
    digest: str
    kinds: dict[str, int]
    lines: list[str]
    """The canonical log, without its header."""


def made(
    name: str, how: str, lines: list[bytes], machine: str = "", log: int = canonical.VERSION
) -> Run:
    return Run(
        name=name,
        how=how,
        machine=machine,
        log=log,
        digest=canonical.digest(lines, log, machine),
        kinds=canonical.kinds(lines),
        lines=[line.decode() for line in lines],
    )


class BadNameError(ValueError):
    """A name that no replay can have."""


def checked(name: str) -> str:
    """Raises BadNameError: the name has other signs than a-z, 0-9 and -, or too many."""
    if not NAME.fullmatch(name):
        raise BadNameError(f"--name {name!r}: give at most 32 of a-z, 0-9 and -")
    return name


def keep(recording: Recording, run: Run) -> Path:
    """Writes it; a run of the same name is replaced.

    Raises RecordingError, OSError: it cannot be written there.
    """
    name = f"{checked(run.name)}.json"
    folder = recording.files.inner(FOLDER, make=True)
    folder.write(name, msgspec.json.format(msgspec.json.encode(run)) + b"\n")
    return folder.path / name


def remove(recording: Recording, name: str) -> bool:
    """False where there was none of that name; raises as ``keep``."""
    file = f"{checked(name)}.json"
    try:
        return recording.files.inner(FOLDER).remove(file)
    except FileNotFoundError:
        return False


def load(recording: Recording, name: str) -> Run:
    """Raises RecordingError where there is none of that name, or it is none."""
    if name == LIVE:
        index, lines = recording.index, recording.incidents()
        try:
            return made(LIVE, "as it was recorded", lines, index.seen_by, index.log)
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
            raise unreadable(recording.folder / INCIDENTS, error) from None
    path = recording.folder / FOLDER / f"{name}.json"
    try:
        text = recording.files.inner(FOLDER).read(f"{checked(name)}.json", MAX_RUN)
        run = msgspec.json.decode(text, type=Run)
    except (FileNotFoundError, BadNameError):
        known = ", ".join([LIVE, *_names(recording)])
        raise RecordingError(f"no run {name!r} of {recording.folder}; there are: {known}") from None
    except (ValueError, RecursionError) as error:
        raise unreadable(path, error) from None
    if run.name != name or not 1 <= run.log <= canonical.VERSION:
        raise RecordingError(f"{path} is not run {name!r} of a log that is known here")
    return run


def _names(recording: Recording) -> list[str]:
    try:
        there = recording.files.inner(FOLDER).names()
    except FileNotFoundError:
        return []
    names = (name.removesuffix(".json") for name in there if name.endswith(".json"))
    return [name for name in names if NAME.fullmatch(name)]


class Difference(msgspec.Struct, frozen=True):
    """One incident that two runs do not have alike."""

    change: str
    """gained, lost or moved: from the first run to the second."""
    kind: str
    sources: list[str]
    zone: str
    first: dict[str, Any] | None
    """Start, decision and end in the first run; None: it has none."""
    second: dict[str, Any] | None
    evidence: list[Any]
    """Of the second run's where it has one: arrays of ``canonical.PROOF``."""


def compare(first: Run, second: Run) -> list[Difference]:
    """What the second has and the first has not, the other way round, and what has other times.

    An incident is the same where its id is; one of the same kind at the same place that overlaps
    it in time has moved. Raises RecordingError where a line of one is none.
    """
    one, two = _incidents(first), _incidents(second)
    found = [
        _difference("moved", one[id_], two[id_])
        for id_ in one.keys() & two.keys()
        if _times(one[id_]) != _times(two[id_])
    ]
    only = [one[id_] for id_ in sorted(one.keys() - two.keys())]
    for id_ in sorted(two.keys() - one.keys()):
        other = next((before for before in only if _overlap(before, two[id_])), None)
        if other:
            only.remove(other)
        found.append(_difference("moved" if other else "gained", other, two[id_]))
    found += [_difference("lost", before, None) for before in only]
    return sorted(found, key=lambda d: ((d.second or d.first or {})["decided_at"], d.kind))


class _Row(msgspec.Struct):
    """What is compared of a line, and shown of it."""

    id: str
    kind: str
    sources: list[str]
    zone: str
    start: Time
    decided_at: Time
    end: Time | None
    evidence: Annotated[list[list[Any]], msgspec.Meta(max_length=1000)]


def _row(run: Run, line: str) -> dict[str, Any]:
    try:
        row = canonical.row(line)
        msgspec.convert(row, _Row)
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise RecordingError(f"run {run.name!r} has a line that is none: {error}") from None
    return row


def _incidents(run: Run) -> dict[str, dict[str, Any]]:
    """By id: as it was announced, with its end where that is known."""
    found: dict[str, dict[str, Any]] = {}
    for line in run.lines:
        row = _row(run, line)
        found.setdefault(row["id"], row)["end"] = row["end"]
    return found


def _times(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("start", "decided_at", "end")}


def _overlap(one: dict[str, Any], two: dict[str, Any]) -> bool:
    same = all(one[name] == two[name] for name in ("kind", "sources", "zone"))
    ends = [float("inf") if row["end"] is None else row["end"] for row in (one, two)]
    return same and bool(one["start"] <= ends[1] and two["start"] <= ends[0])


def _difference(
    change: str, first: dict[str, Any] | None, second: dict[str, Any] | None
) -> Difference:
    row = second or first or {}
    return Difference(
        change,
        row["kind"],
        row["sources"],
        row["zone"],
        _times(first) if first else None,
        _times(second) if second else None,
        row["evidence"],
    )
