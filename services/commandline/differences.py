"""What two replays differ in, as a page that stands alone: times, and the picture that proves each.

Pictures are those of the recording, found by the SHA-256 that the evidence names; a recording that
begins behind ``detect`` has none, and the page says so. People and plates in them are masked.
"""

import html as markup
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from models.measured import NOT_MEASURED
from services.alerts.charts import chart
from services.alerts.exhibits import Exhibit, exhibit, seen_in
from services.alerts.pictures import Caption, render
from services.alerts.words import local_time
from services.privacy.masker import Masked, Masker
from streams.events import BadMessage, Evidence, Origin
from streams.recordings.folder import Recording
from streams.recordings.runs import Difference
from streams.topics import FRAMES
from streams.visible import line

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; color: #1f2328 }
article { border-top: 1px solid #d0d7de; padding: 1rem 0 }
h2 { font-size: 1.1rem; margin: 0 }
table { border-collapse: collapse; margin: .5rem 0 }
td, th { text-align: left; padding: .1rem 1.5rem .1rem 0; font-weight: normal }
th { color: #57606a }
img { max-width: 100%; border-radius: 4px }
p { color: #57606a }
"""


def photographs(
    recording: Recording, found: Sequence[Difference], masker: Masker
) -> dict[str, Masked]:
    """SHA-256 to the picture, masked, of every frame that proves a difference and was recorded.

    Raises streams.recordings.files.RecordingError where a segment cannot be read.
    """
    proofs = [proof for proof in map(_proof, found) if proof and proof.frame]
    wanted = {proof.frame.sha256: proof for proof in proofs if proof.frame}
    pictures: dict[str, Masked] = {}
    if not wanted:
        return pictures
    for piece in recording.slices():
        for topic, _, headers, value in piece.records:
            sha256 = (
                dict(headers).get("ce_sha256", b"").decode(errors="replace")
                if topic == FRAMES
                else ""
            )
            if sha256 in wanted:
                drawn = ("ce_origin", b"simulated") in headers
                origin: Origin = "simulated" if drawn else "recorded"
                with suppress(BadMessage):  # shown as one that was not recorded
                    pictures[sha256] = masker.mask(value, origin, seen_in(wanted[sha256]))
    return pictures


def html(
    title: str,
    names: tuple[str, str],
    found: Sequence[Difference],
    pictures: Mapping[str, Masked],
) -> str:
    """The page; ``names`` are those of the first and the second run."""
    articles = "".join(_article(difference, names, pictures) for difference in found)
    counts = dict.fromkeys(("gained", "lost", "moved"), 0)
    for difference in found:
        counts[difference.change] += 1
    summary = ", ".join(f"{n} {change}" for change, n in counts.items())
    heading = f"{_text(title)}: {_text(names[0])} and {_text(names[1])}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{heading}</title>'
        f"<style>{_STYLE}</style><h1>{heading}</h1><p>{summary}</p>{articles}</html>\n"
    )


def _text(text: str) -> str:
    """Text from outside in HTML: no markup, and nothing that turns around what is beside it."""
    return markup.escape(line(text))


def _article(difference: Difference, names: tuple[str, str], pictures: Mapping[str, Masked]) -> str:
    where = " ".join([*difference.sources, difference.zone]).strip()
    head = f"{difference.change}: {difference.kind.replace('_', ' ')}, {where}"
    rows = "".join(
        f"<tr><th>{_text(name)}<td>{_times(times)}"
        for name, times in zip(names, (difference.first, difference.second), strict=True)
    )
    proof = _proof(difference)
    shown = "<p>nothing was shown for it" if proof is None else _shown(proof, head, pictures)
    return f"<article><h2>{_text(head)}</h2><table>{rows}</table>{shown}</article>"


def _times(times: Mapping[str, Any] | None) -> str:
    if times is None:
        return "not found"
    end = local_time(times["end"], "en") if times["end"] else "still going on"
    start, decided = (local_time(times[name], "en") for name in ("start", "decided_at"))
    return f"from {start}, decided {decided}, until {end}"


def _shown(proof: Exhibit, title: str, pictures: Mapping[str, Masked]) -> str:
    caption = Caption(title, "REPLAYED", proof.time, proof.model, "en")
    if proof.frame and proof.frame.sha256 in pictures:
        kind, image = "jpeg", render(pictures[proof.frame.sha256], proof, caption)
    elif any(sample.value is not None for sample in proof.series):
        kind, image = "png", chart(proof, caption)
    elif proof.frame:
        return "<p>its picture was not recorded (record with --from-stage detect)"
    else:
        return "<p>no data, so no picture"
    data = b64encode(image).decode()
    return f'<img alt="{_text(title)}" src="data:image/{kind};base64,{data}">'


def _proof(difference: Difference) -> Exhibit | None:
    """The first piece of evidence, from its spelling in the canonical log."""
    if not difference.evidence:
        return None
    source, time, model, sha256, boxes, zone, metric, series, *between = difference.evidence[0]
    measured = [
        (at, NOT_MEASURED if value is None else value, score) for at, value, score in series
    ]
    frame = [0, 0, sha256] if sha256 else None
    return exhibit(
        msgspec.convert(
            [source, time, model, frame, boxes, zone, metric, measured, *between], Evidence
        )
    )
