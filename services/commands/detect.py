"""``cityops detect``: boxes and tracks of a video, offline, in MOTChallenge format."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline.output import CommandError, JsonObject, console, emit, notes
from streams.settings import load

if TYPE_CHECKING:
    from models.detector import Detector

FALLBACK_FPS = 25.0
"""Of a video that does not say how many frames it has a second."""


def command(
    video: Annotated[Path, typer.Argument(help="Any file that OpenCV reads.")],
    model: Annotated[str, typer.Option(help="NAME or NAME@VERSION, see `cityops models list`.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Text file to write.")],
    *,
    tracks: Annotated[
        bool, typer.Option("--tracks", help="Track objects; without it every id is -1.")
    ] = False,
    classes: Annotated[
        str, typer.Option(help="Only these classes, comma-separated: person, car, …; default: all.")
    ] = "",
    draw: Annotated[
        Path | None,
        typer.Option(help="Also write a film (.mp4 or .avi) with boxes, classes and scores."),
    ] = None,
    as_json: JsonObject = False,
) -> None:
    """Write a video's boxes, one line each: frame,id,left,top,width,height,confidence,class,-1,-1.

    Classes are numbers, which are printed with their names; -1 where --classes names only one.

    Example: cityops detect vtest.avi --model yolox_nano --tracks -o vtest.txt
    """
    import numpy as np

    from models.labels import VOCABULARIES
    from models.loader import load_detector
    from models.manifest import ModelError
    from services.commandline.drawn import Drawn, DrawnError
    from services.commandline.motchallenge import Follower, write
    from streams.models import registry

    _check_folders(output, draw)
    models = registry(load())
    try:
        task = models.find(model).task
        vocabulary = VOCABULARIES.get(task, ())
        wanted = [name.strip() for name in classes.split(",") if name.strip()] or list(vocabulary)
        if vocabulary and (unknown := sorted(set(wanted) - set(vocabulary))):
            known = ", ".join(vocabulary)
            raise CommandError(f"no class {unknown[0]!r}; classes are {known}", code=2)
        if tracks and task != "detection":
            raise CommandError(f"--tracks: what a model of {task} finds is not followed", code=2)
        detector: Detector = load_detector(models, model, task if vocabulary else "detection")
    except ModelError as error:
        raise CommandError(str(error)) from None
    meant = np.array([name in wanted for name in vocabulary])
    capture, fps, total = _open(video)
    numbers = _numbers(vocabulary, set(detector.manifest.classes.values()) & set(wanted))
    follower, frame = Follower(fps, tracks, named=bool(numbers)), 0
    try:
        drawn = Drawn(draw, fps) if draw else None
        for frame, picture in enumerate(_pictures(capture, total), 1):
            found = detector.detect(picture)
            kept = meant[found.classes]
            boxes, seen = found.tenths()[kept], found.classes[kept]
            scores = found.thousandths()[kept]
            follower.take(frame, boxes, seen, scores)
            if drawn:
                drawn.take(picture, boxes, [vocabulary[index] for index in seen], seen, scores)
        if drawn:
            drawn.close()
    except DrawnError as error:
        raise CommandError(str(error)) from None
    if not frame:
        raise CommandError(f"{video} has no picture that can be decoded")
    rows = follower.rows
    write(output, rows)
    counts = {"frames": frame, "boxes": len(rows), "tracks": len({row.id for row in rows} - {-1})}
    result = {"model": detector.manifest.id, **counts, "classes": numbers, "output": str(output)}
    if as_json:
        emit(result, as_json=True)
    else:
        console.print(_said(result, tracks), highlight=False)


def _check_folders(*files: Path | None) -> None:
    for file in filter(None, files):
        if not file.parent.is_dir():
            raise CommandError(f"there is no folder {file.parent} to write {file.name} to")


def _numbers(vocabulary: Sequence[str], told: set[str]) -> dict[str, str]:
    """Of the classes that are told apart; none where there is only one."""
    numbers = {str(at): name for at, name in enumerate(vocabulary, 1) if name in told}
    return numbers if len(numbers) > 1 else {}


def _said(result: dict[str, Any], tracks: bool) -> str:
    """For people, on one line."""
    followed = f", {result['tracks']} tracks" if tracks else ""
    names = ", ".join(f"{number} {name}" for number, name in result["classes"].items())
    classes = f"; classes: {names}" if names else ""
    return (
        f"{result['output']}: {result['frames']} frames, {result['boxes']} boxes{followed}{classes}"
    )


def _open(video: Path) -> tuple[Any, float, int]:
    """(OpenCV capture, frames per second, frames or 0 where unknown)."""
    import cv2

    if not video.is_file():
        raise CommandError(f"there is no file {video}")
    capture = cv2.VideoCapture(str(video))
    if not capture.isOpened():
        raise CommandError(f"OpenCV cannot read {video} as a video")
    total = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    said = float(capture.get(cv2.CAP_PROP_FPS))
    return capture, said if 0 < said <= 1000 else FALLBACK_FPS, max(total, 0)


def _pictures(capture: Any, total: int) -> Iterator[Any]:
    from rich.progress import track

    def read() -> Iterator[Any]:
        while True:
            there, picture = capture.read()
            if not there:
                return
            yield picture

    return iter(track(read(), "detecting", total=total or None, console=notes, transient=True))
