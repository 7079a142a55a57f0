"""``cityops detect``: boxes and tracks of a video, offline, in MOTChallenge format."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline.output import CommandError, JsonObject, console, emit, notes
from streams.settings import load

if TYPE_CHECKING:
    from models.detector import Detector
    from models.registry import Registry
    from services.commandline.drawn import Drawn
    from services.commandline.film import Film
    from services.commandline.motchallenge import Row
    from services.privacy.masker import Masker

FALLBACK_FPS = 25.0
"""Of a video that does not say how many frames it has a second."""


def command(
    video: Annotated[
        Path,
        typer.Argument(
            help="A film, anywhere on this machine, of what cameras send: decoded as a camera's is."
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Text file to write.")],
    *,
    model: Annotated[
        str,
        typer.Option(
            help="NAME or NAME@VERSION, see `cityops models list`; default: that of a camera which"
            " names none."
        ),
    ] = "",
    tracks: Annotated[
        bool, typer.Option("--tracks", help="Track objects; without it every id is -1.")
    ] = False,
    classes: Annotated[
        str, typer.Option(help="Only these classes, comma-separated: person, car, …; default: all.")
    ] = "",
    draw: Annotated[
        Path | None,
        typer.Option(
            help="Also write a film (.mp4 or .avi) with boxes, classes and scores; people and"
            " number plates in it are masked."
        ),
    ] = None,
    unmasked: Annotated[
        bool,
        typer.Option("--unmasked", help="With --draw: nobody is; keep such a film to yourself."),
    ] = False,
    as_json: JsonObject = False,
) -> None:
    """Write a video's boxes, one line each: frame,id,left,top,width,height,confidence,class,-1,-1.

    Classes are numbers, which are printed with their names; -1 where --classes names only one.

    Example: cityops detect vtest.avi --model yolox_nano --tracks -o vtest.txt
    """
    from models.manifest import ModelError
    from services.commandline.drawn import DrawnError
    from services.commandline.film import FilmError
    from streams.models import registry

    _check_files(video, output, draw)
    models = registry(load())
    wanted = [name.strip() for name in classes.split(",") if name.strip()]
    try:
        detector, vocabulary, wanted = _detector(models, model, wanted, tracks)
    except ModelError as error:
        raise CommandError(str(error)) from None
    numbers = _numbers(vocabulary, set(detector.manifest.classes.values()) & set(wanted))
    masker = None
    if draw and not unmasked:
        from services.privacy.masker import Masker

        masker = Masker(models)
    meant = [name in wanted for name in vocabulary]
    try:
        frame, rows = _looked(
            video,
            detector,
            vocabulary,
            meant,
            draw=draw,
            masker=masker,
            tracks=tracks,
            named=bool(numbers),
        )
    except (DrawnError, FilmError) as error:
        raise CommandError(str(error)) from None
    _write(output, rows)
    counts = {"frames": frame, "boxes": len(rows), "tracks": len({row.id for row in rows} - {-1})}
    result = {"model": detector.manifest.id, **counts, "classes": numbers, "output": str(output)}
    if as_json:
        emit(result, as_json=True)
    else:
        console.print(_said(result, tracks), highlight=False)


def _detector(
    models: "Registry", model: str, wanted: list[str], tracks: bool
) -> "tuple[Detector, Sequence[str], list[str]]":
    """The detector, what its task can name, and what of that is wanted; raises ModelError."""
    from models.labels import VOCABULARIES
    from models.loader import load_detector
    from streams.models import for_footage

    model = model or for_footage(models)
    if not model:
        raise CommandError("no detector of real streets is here: cityops models fetch, or --model")
    task = models.find(model).task
    vocabulary = VOCABULARIES.get(task, ())
    if vocabulary and (unknown := sorted(set(wanted) - set(vocabulary))):
        known = ", ".join(vocabulary)
        raise CommandError(f"no class {unknown[0]!r}; classes are {known}", code=2)
    if tracks and task != "detection":
        raise CommandError(f"--tracks: what a model of {task} finds is not followed", code=2)
    detector = load_detector(models, model, task if vocabulary else "detection")
    return detector, vocabulary, wanted or list(vocabulary)


def _looked(
    video: Path,
    detector: "Detector",
    vocabulary: Sequence[str],
    meant: list[bool],
    *,
    draw: Path | None,
    masker: "Masker | None",
    tracks: bool,
    named: bool,
) -> "tuple[int, list[Row]]":
    """How many pictures there are, and what is in them; raises DrawnError, FilmError."""
    import numpy as np

    from services.commandline import film
    from services.commandline.drawn import Drawn
    from services.commandline.motchallenge import Follower

    frame, kinds = 0, np.array(meant)
    with film.opened(video) as source, film.bar() as progress:
        bar = progress.add_task("detecting", total=None)
        fps = source.opened.rate or FALLBACK_FPS
        follower = Follower(fps, tracks, named)
        drawn = Drawn(draw, fps, masker) if draw else None
        pictures = source.pictures(
            lambda done, whole: progress.update(bar, completed=done, total=whole or None)
        )
        for frame, picture in enumerate(pictures, 1):
            found = detector.detect(picture)
            kept = kinds[found.classes]
            boxes, seen = found.tenths()[kept], found.classes[kept]
            scores = found.thousandths()[kept]
            follower.take(frame, boxes, seen, scores)
            if drawn:
                drawn.take(picture, boxes, [vocabulary[index] for index in seen], seen, scores)
        if drawn:
            _close(drawn)
    _note(source)
    return frame, follower.rows


def _note(source: "Film") -> None:
    """What its numbers do not say by themselves."""
    if source.damaged:
        notes.print(f"{source.damaged} damaged pictures were left out and have no number")
    if source.shrunk:
        notes.print(
            "its pictures were made smaller, and boxes are in pixels of those", highlight=False
        )
    if source.stretched:
        notes.print("its pixels are not square; boxes are in pixels that are", highlight=False)


def _close(drawn: "Drawn") -> None:
    drawn.close()
    for why in sorted(drawn.whole):
        notes.print(f"pictures are masked whole: {why}", highlight=False)


def _check_files(video: Path, output: Path, draw: Path | None) -> None:
    """Nothing is written over the video, nor over the other."""
    taken = {video.resolve(): "the video that is read"}
    for file in filter(None, (output, draw)):
        if not file.parent.is_dir():
            raise CommandError(f"there is no folder {file.parent} to write {file.name} to")
        if file.is_dir():
            raise CommandError(f"{file} is a folder: name a file in it")
        if known := taken.get(file.resolve()):
            raise CommandError(f"{file} is {known}: give it another name")
        taken[file.resolve()] = "what -o names"


def _write(output: Path, rows: Sequence["Row"]) -> None:
    from services.commandline.motchallenge import write

    try:
        write(output, rows)
    except OSError as error:
        raise CommandError(f"{output}: {error.strerror}") from None


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
