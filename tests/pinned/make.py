"""Makes the pinned recordings: input to Kafka, real workers, ``cityops record``, a replay to check.

Runs only with the code of the commit that README.md names, from a checkout of it in which the
compiled module has been built:

    cd CHECKOUT; PYTHONPATH=CHECKOUT python .../tests/pinned/make.py NAME FOLDER

NAME is town, unusual or pictures. FOLDER must not exist. Prints what is in the recording.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
import pictures
import unusual
from streams.publisher import Publisher
from streams.stages.cameras.camera import Camera
from streams.stages.loops.alarms import Alarms
from streams.stages.loops.intake import Intake

from streams import broker, events
from streams.events import SECOND, Event, Headers, Micros, Tick, encode, to_rfc3339
from streams.recordings import canonical, machine, outcome, path, rerun
from streams.recordings.folder import Recording, Slice
from streams.recordings.namespace import Workers, environment
from streams.settings import Settings
from streams.stages.correlate import Segment
from tests.support import town
from tests.support.servers import Servers

COMMIT = "bb89791"
CITYOPS = [sys.executable, "-c", "from services.cli import main; main()"]
Message = tuple[str, int, Headers, bytes, Event | None]


class Plan(NamedTuple):
    messages: Callable[[], Iterator[Message]]
    partitions: int
    after: Micros
    until: Micros
    last: Micros
    """The tick up to which is published."""
    pause: Micros = 5 * SECOND
    """So long before A the workers are waited for, so that a checkpoint lies before it."""
    from_stage: str = "interpret"


def town_messages() -> Iterator[Message]:
    for topic, partition, event, mark in town.messages(town.events(), 3):
        yield topic, partition, *encode(event, mark), event


PLANS = {
    "town": Plan(town_messages, 3, town.AFTER, town.UNTIL, town.START + town.SECONDS * SECOND),
    "unusual": Plan(
        unusual.messages,
        unusual.PARTITIONS,
        unusual.AFTER,
        unusual.UNTIL,
        unusual.START + unusual.SECONDS * SECOND,
        pause=25 * SECOND,
    ),
    "pictures": Plan(
        pictures.messages,
        pictures.PARTITIONS,
        pictures.AFTER,
        pictures.UNTIL,
        pictures.START + pictures.SECONDS * SECOND,
        from_stage="detect",
    ),
}


def main(name: str, folder: Path) -> None:
    root = Path(events.__file__).parents[1]
    git = ["git", "-C", str(root)]
    head = _output([*git, "rev-parse", "HEAD"])
    changed = _output([*git, "status", "--porcelain", "--untracked-files=no"])
    if not head.startswith(COMMIT) or changed:
        raise SystemExit(f"the code that would run is not that of {COMMIT}")
    plan, servers = PLANS[name], Servers()
    with TemporaryDirectory() as state:
        settings = Settings(
            state_dir=Path(state),
            kafka_bootstrap=servers.kafka().bootstrap,
            namespace=f"pinned-{name}",
            partitions=plan.partitions,
        )
        try:
            broker.create_topics(settings)
            _live(settings, plan, folder)
        finally:
            servers.stop()
        _check(settings, folder, Path(state) / "copy")
    _say(plan, folder)


def _live(settings: Settings, plan: Plan, folder: Path) -> None:
    steps = path.steps(plan.from_stage)
    messages = plan.messages()
    with Workers(settings, steps, 1) as workers:
        _publish(settings, plan, messages, plan.after - plan.pause)
        outcome.settle(settings, steps)
        _publish(settings, plan, messages, plan.last)
        times = ["--from", to_rfc3339(plan.after), "--to", to_rfc3339(plan.until)]
        command = ["record", "-o", str(folder), *times, "--from-stage", plan.from_stage]
        subprocess.run([*CITYOPS, *command], env=environment(settings), check=True)
        if workers.restarts:
            raise SystemExit("a worker ended on the way")


def _publish(settings: Settings, plan: Plan, messages: Iterator[Message], until: Micros) -> None:
    """Goes on with the messages, up to a tick in the last partition."""
    publisher = Publisher(settings, "pinned")
    last = path.recorded(plan.from_stage)[-1], settings.partitions - 1
    for topic, partition, headers, value, event in messages:
        publisher.publish_raw(topic, partition, headers, value)
        if isinstance(event, Tick) and event.time >= until and (topic, partition) == last:
            break
    publisher.close(30)


def _check(settings: Settings, folder: Path, copy: Path) -> None:
    """Replays a copy, since a replay leaves what it found beside the recording."""
    shutil.copytree(folder, copy)
    command = [*CITYOPS, "replay", str(copy), "--offline", "--json"]
    run = json.loads(_output(command, env=environment(settings)))
    print("replayed:", {key: run[key] for key in ("same_as_live", "digest", "kinds", "how")})
    if not run["same_as_live"]:
        raise SystemExit("a replay gives another digest")


def _output(command: Sequence[str], **how: Any) -> str:
    return subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, **how
    ).stdout.strip()


def _say(plan: Plan, folder: Path) -> None:
    recording = Recording(folder)
    recording.check()
    index = recording.index
    print(f"{folder.name}: {sum(file.stat().st_size for file in folder.iterdir())} bytes")
    print("digest", index.digest, index.kinds, f"{sum(index.kinds.values())} lines")
    settings = Settings(partitions=index.partitions)
    stages = [step.build(settings) for step in path.steps(plan.from_stage)]
    inputs = path.inputs(plan.from_stage)
    parts = rerun.begin(stages, index.partitions, recording.states(), inputs)
    known = Counter(
        what for part in parts for state in part.states.values() for what in _known(state)
    )
    for what, count in sorted(known.items()):
        print(f"  at A: {count} {what}")
    again = rerun.begin(stages, index.partitions, recording.states(), inputs)
    run = rerun.Rerun(again)
    found = []
    for piece in recording.slices():
        found += run.feed(Slice(piece.tick, [each for each in piece.records if each[0] in inputs]))
    assert canonical.log(found, index.after, index.until) == recording.incidents()
    counts: dict[str, Counter[str]] = {}
    for part in run.parts:
        counts.setdefault(part.stage.name, Counter()).update(part.counts)
    print("counts of a run from A:", {name: dict(of) for name, of in counts.items()})
    revision, end, part_of = map(canonical.FIELDS.index, ("revision", "end", "part_of"))
    lines: Counter[str] = Counter()
    for line in map(msgspec.json.decode, recording.incidents()):
        if line[revision] == 0:
            lines["announced"] += 1
        elif line[part_of]:
            lines["became part of another"] += 1
        else:
            lines["ended" if line[end] is not None else "amended"] += 1
    print("lines:", dict(lines))
    versions = {
        name: version(name) for name in ("numpy", "onnxruntime", "msgspec", "opencv-python")
    }
    print("Python", platform.python_version(), versions, machine.seen_by(), os.uname().machine)


def _known(state: Any) -> Iterator[str]:
    match state:
        case Camera():
            for watch in state.watches.values():
                if watch.incident:
                    yield f"open on a camera: {watch.incident.kind}"
                elif watch.since or watch.dwellers or watch.last or watch.floor:
                    yield "watches of a camera without an incident, not idle"
                if watch.dwellers:
                    yield "watches with dwellers"
            if state.tally.minute:
                yield "tallies of a camera"
        case Alarms():
            for own in state.by_rule.values():
                for alarm in own.values():
                    if alarm.open:
                        yield f"open on a loop: {alarm.open.kind}"
                    if alarm.since:
                        yield "alarms of a loop on the way to open or to end"
        case Intake():
            if state.waiting:
                yield "gateways with waiting readings"
        case Segment():
            if state.waiting:
                yield "segments with waiting incidents"
            for group in state.groups:
                yield f"groups of {len(group.parts)}"


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
