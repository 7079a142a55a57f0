"""What a replay found, kept beside its recording: to be compared with another one."""

from pathlib import Path
from typing import Any

import msgspec

from streams.recordings import canonical
from streams.recordings.folder import Recording, RecordingError

FOLDER = "runs"
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


def keep(recording: Recording, run: Run) -> Path:
    """Writes it; a run of the same name is replaced."""
    path = recording.folder / FOLDER / f"{run.name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(run)) + b"\n")
    return path


def load(recording: Recording, name: str) -> Run:
    """Raises RecordingError where there is none of that name."""
    if name == LIVE:
        index = recording.index
        return made(LIVE, "as it was recorded", recording.incidents(), index.seen_by, index.log)
    path = recording.folder / FOLDER / f"{name}.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Run)
    except FileNotFoundError:
        there = sorted(found.stem for found in path.parent.glob("*.json"))
        known = ", ".join([LIVE, *there])
        raise RecordingError(f"no run {name!r} of {recording.folder}; there are: {known}") from None
    except msgspec.MsgspecError as error:
        raise RecordingError(f"{path} cannot be read: {error}") from None


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
    it in time has moved.
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


def _incidents(run: Run) -> dict[str, dict[str, Any]]:
    """By id: as it was announced, with its end where that is known."""
    found: dict[str, dict[str, Any]] = {}
    for line in run.lines:
        row = canonical.row(line)
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
