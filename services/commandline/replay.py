"""What a replay runs: the stages and what they knew at tick A, what is tried, what they are fed."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from services.commandline.halting import Halting
from services.commandline.output import notes
from services.commandline.recordings import FromStage, unseen
from streams.settings import Settings

if TYPE_CHECKING:
    from models.manifest import Manifest
    from models.registry import Registry
    from streams.events import Incident
    from streams.recordings.folder import Index, Recording, Slice
    from streams.recordings.runs import Run
    from streams.runtime.partition import Partition


class Replay:
    """What is to be run: the stages with what they knew at tick A, changed where that is wished."""

    def __init__(
        self,
        settings: Settings,
        recording: "Recording",
        from_stage: FromStage | None,
        rules: Path | None,
        model: str,
    ) -> None:
        from streams.models import registry
        from streams.recordings import path, rerun, trial, versions
        from streams.recordings.files import RecordingError
        from streams.stages.detect import TASK as DETECTION

        index = recording.index
        wanted = from_stage.value if from_stage else index.from_stage
        if wanted == "detect" and index.from_stage != "detect":
            raise RecordingError(
                f"{recording.folder} has no pictures: it was recorded from {index.from_stage} on"
                " ('cityops record --from-stage detect')"
            )
        models = registry(settings)
        tried = models.find(model) if model else None
        if tried and tried.task == DETECTION and wanted != "detect":
            raise RecordingError(
                f"{model} sees pictures, so the replay has to begin with detect:"
                " record and replay with --from-stage detect"
            )
        if wanted == "detect":
            _require(models, index, tried)
        self.settings = msgspec.structs.replace(settings, partitions=index.partitions)
        self.recording, self.from_stage = recording, wanted
        self.steps = path.steps(wanted)
        self.inputs = path.inputs(wanted)
        stages = [step.build(self.settings) for step in self.steps]
        self.partitions: list[Partition] = rerun.begin(
            stages, index.partitions, recording.states(), self.inputs
        )
        versions.check(recording, self.partitions)
        self._trial = trial.Trial(trial.rules(rules) if rules else (), tried)
        self._trial.apply(self.partitions)
        self._tried = [f"rules {rules}"] if rules else []
        self._tried += [f"model {model}"] if model else []

    def made(self, name: str, how: str, found: "Iterable[Incident]") -> "Run":
        """The result, of what was found; ``how`` in words."""
        from streams.models import providers
        from streams.recordings import canonical, machine, runs

        index = self.recording.index
        lines = canonical.log(found, index.after, index.until, index.log)
        # Behind detect a replay takes the detections that the live run made.
        seen_by = index.seen_by
        if self.from_stage == "detect":
            seen_by = machine.seen_by(providers(self.settings))
        said = [how, f"from {self.from_stage}", *self._tried]
        if self._trial.passed_over:
            said.append(f"recorded changes passed over: {self._trial.passed_over}")
        return runs.made(name, ", ".join(said), lines, seen_by, index.log)

    def slices(self, step: float | None) -> "Iterator[Slice]":
        """Those of the topics that are fed, with a progress bar, halting where that is wished."""
        from rich.progress import Progress

        index = self.recording.index
        halt = Halting(index.after, step)
        with Progress(console=notes, transient=True, disable=step is not None) as progress:
            task = progress.add_task("replaying", total=index.end - index.after)
            for piece in self.recording.slices():
                fed = (record for record in piece.records if record[0] in self.inputs)
                records = [under for record in fed if (under := self._trial.under(record))]
                yield msgspec.structs.replace(piece, records=records)
                progress.update(task, completed=min(piece.tick, index.end) - index.after)
                halt(piece.tick)


def _require(models: "Registry", index: "Index", tried: "Manifest | None") -> None:
    """Refuses a replay that would see less than the live run; says where it may see more.

    Raises models.manifest.ModelError: a model that is needed is not on this machine.
    """
    from streams.stages.detect import TASK as DETECTION

    if tried and tried.task == DETECTION:
        models.path(tried)
    elif index.unseen:
        notes.print(unseen(index), highlight=False, soft_wrap=True)
    else:
        for name in index.models:
            models.path(models.find(name))
