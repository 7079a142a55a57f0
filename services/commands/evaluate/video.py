"""``cityops evaluate video``: detector and tracker on anybody's footage, against its truth."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from services.commandline.output import CommandError, JsonObject, emit, notes
from streams.settings import load

if TYPE_CHECKING:
    from services.commandline.quality import Quality

COLUMNS = (
    "group", "pictures", "true", "found", "AP50", "MOTA", "IDF1", "HOTA", "recall", "precision",
    "switches",
)  # fmt: skip
SPARE = ("found", "true", "switches", "precision", "recall", "pictures")


def command(
    video: Annotated[
        Path,
        typer.Argument(
            help="A film, anywhere on this machine, of what cameras send: decoded as a camera's is."
        ),
    ],
    truth: Annotated[
        Path,
        typer.Option(
            help="Text in MOTChallenge's format, such as gt.txt, or a pipe; 64 MiB at most."
        ),
    ],
    *,
    model: Annotated[
        str, typer.Option(help="NAME or NAME@VERSION; default: that of a camera which names none.")
    ] = "",
    fps: Annotated[
        float,
        typer.Option(min=0, max=1000, help="Pictures a second that are looked at; 0: every one."),
    ] = 5.0,
    truth_fps: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            max=1000,
            help="Frames a second that the truth counts in, which go by time then; default: they"
            " are numbers of the video's pictures.",
        ),
    ] = None,
    frames: Annotated[
        str,
        typer.Option(
            help="FIRST-LAST, numbers that the truth covers, also where nothing is; default: from"
            " its first to its last."
        ),
    ] = "",
    labelled: Annotated[
        bool,
        typer.Option(
            "--labelled", help="Only frames with a line: the truth has some here and there."
        ),
    ] = False,
    classes: Annotated[
        str,
        typer.Option(
            help="Only person, two-wheeler, vehicle, comma-separated; default: what the truth has."
        ),
    ] = "",
    name: Annotated[
        list[str] | None,
        typer.Option(
            help="CLASS=NAME, what a class of the truth is: one of ours, ignored or other;"
            " repeatable; default: as MOT16 to MOT20 number them."
        ),
    ] = None,
    as_json: JsonObject = False,
) -> None:
    """Measure what is found and followed in a video against its truth: AP50, MOTA, IDF1, HOTA.

    A car, a bus and a truck are vehicles here. Boxes for AP50 are all that the detector hands
    over; those for the rest are of confirmed tracks.

    Example: cityops evaluate video --truth gt.txt --fps 5 street.mp4
    """
    from models.loader import load_detector
    from models.manifest import ModelError
    from services.commandline import compared
    from services.commandline import truth as truths
    from services.commandline.film import FilmError, bar
    from services.commandline.looked import look
    from streams.models import for_footage, registry

    models = registry(load())
    try:
        known = truths.read(truth, _names(name or []))
        covered = _covered(frames)
        wanted = [each.strip() for each in classes.split(",")]
        groups = compared.groups(known, list(filter(None, wanted)))
    except truths.TruthError as error:
        raise CommandError(str(error)) from None
    if not video.exists():
        raise CommandError(f"there is no file {video}")
    chosen = model or for_footage(models)
    if not chosen:
        raise CommandError("no detector of real streets is here: cityops models fetch, or --model")
    try:
        detector = load_detector(models, chosen, "detection")
        with bar() as progress:
            task = progress.add_task("looking", total=None)
            seen = look(
                video,
                detector,
                fps or None,
                lambda done, whole: progress.update(task, completed=done, total=whole or None),
            )
        pairs = compared.pairs(known, seen, truth_fps, covered, labelled)
    except (ModelError, FilmError, truths.TruthError) as error:
        raise CommandError(str(error)) from None
    found = [compared.quality(group, known, seen, pairs) for group in groups]
    lines = sum(pair.frame in known.frames for pair in pairs)
    said = {
        "model": detector.manifest.id,
        "fps": fps or None,
        "pictures": len(seen.pictures),
        "compared": len(pairs),
        "labelled": lines,
        "damaged": seen.damaged,
    }
    rows = [_row(each, as_json) for each in found]
    if as_json:
        emit({**said, "groups": rows}, as_json=True)
    else:
        emit(rows, as_json=False, columns=COLUMNS, folded=("group",), spare=SPARE)
    notes.print(f"{detector.manifest.id}, {len(pairs)} of {len(seen.pictures)} pictures compared")
    if lines < len(pairs) / 2:
        notes.print(
            f"of those, {lines} have a line in the truth; in the others everything that is found"
            " counts as false: --labelled, if the truth does not cover them"
        )
    if seen.damaged and truth_fps is None:
        notes.print(
            f"{seen.damaged} damaged pictures were left out and have no number: --truth-fps goes by"
            " time"
        )
    if not known.tracked:
        notes.print("the truth has boxes without an id: MOTA, IDF1 and HOTA have no meaning")


def _names(told: list[str]) -> dict[str, str]:
    """The truth's class, as it is written, to what it is."""
    from services.commandline.truth import GROUPS, IGNORED, OTHER, group_of

    kinds = {"ignored": IGNORED, "other": OTHER}
    names = {}
    for each in told:
        theirs, equals, ours = (part.strip() for part in each.partition("="))
        kind = kinds.get(ours, group_of(ours))
        if not theirs or not equals or kind not in {*GROUPS, *kinds.values()}:
            raise CommandError(
                f"--name {each!r}: give CLASS=NAME, such as 3=car; names are"
                f" {', '.join(GROUPS)}, ignored, other",
                code=2,
            )
        names[theirs] = kind
    return names


def _covered(text: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"(\d+)-(\d+)", text)
    if text and (not found or not 1 <= int(found[1]) <= int(found[2])):
        raise CommandError(f"--frames {text!r}: give FIRST-LAST, such as 1-600", code=2)
    return (int(found[1]), int(found[2])) if found else None


def _row(found: "Quality", exact: bool) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.structs.asdict(found)
    if exact:
        return row
    shown = {
        name: f"{value:.3f}" if isinstance(value, float) else value for name, value in row.items()
    }
    upper = {name.upper(): shown[name] for name in ("ap50", "mota", "idf1", "hota")}
    return {**shown, **upper, "pictures": found.frames}
