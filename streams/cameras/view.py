"""Whether a camera still sees what its zones were drawn on.

Of a picture the outline is kept: the places at which brightness changes most, and of a camera
those at which it does so lastingly. Light, colour and what drives past change that little; one that
is turned, pushed aside or zoomed shows other places, or the same ones elsewhere. All of it is whole
numbers, and exact or correctly rounded operations on them: it falls the same way everywhere.

It errs on the good side: where there is little to see, as at night, nothing is said.
"""

from functools import cache
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.events import SECOND, FrameRef, Micros, Moved

ROWS, COLUMNS, SIDE = 36, 64, 4
"""Places, and points of the sample along each side of one."""
_PLACES = ROWS * COLUMNS
_PARTS = 3, 4
"""The picture's parts: in each the sharpest edges are taken, so that one lamp hides no street."""
_SHARPEST = _PLACES // (_PARTS[0] * _PARTS[1]) // 4
_FLOOR = 6 * SIDE * SIDE
"""Sums of grey levels, across and down, by which neighbours of a place differ: noise does not."""
_LEAST = _PLACES // 40
"""Places without which an outline says nothing."""
_BARE, _MANY = _PLACES // 100, _PLACES // 9
"""Where a picture has fewer, and the view lastingly had so many, something is before the lens …"""
_LIT = 40
"""… if it is so bright on average, of 255: by night there may be nothing to see."""

EVERY: Micros = 2 * SECOND
"""Between two pictures that are compared, at least: what is said rests on no rate."""
LEARNING = 20
"""Pictures by which a view is learned before anything is judged by it."""
LEARN_EVERY: Micros = 4 * SECOND
"""Then it is learned on so slowly: dusk takes longer, a lorry before the lens stays shorter."""
_FIRST, _LATER = (24, 12), (2, 1)
"""Votes, of 255, that a place gains with an edge, and loses without."""

_MATCHES = 350
"""Thousandths of correlation: from here on it is the view that was learned."""
_FOUND, _BETTER = 350, 150
"""It lies elsewhere in the picture, if it matches so well there, and so much better than here."""
_NOTHING = 200
"""Below, nothing is left of it where it was …"""
_STEADY = 400
"""… and another view has come, if that is the same from picture to picture …"""
_FULL = _PLACES * 2 // 9
"""… and has edges in so many places, nearly all that can be: by night a lamp has some in few."""
_STAYS = 250, 150
"""A camera that tours has not turned between two pictures that match so well; where they are over a
second apart, traffic may be all that they do not share. (Of nine films 398 was the least within 0.2
s, 80 within two; of pictures of different films 135 was the most.)"""
_NEAR = 1
"""Places by which wind and vibration may shift it."""
_OVERLAP = _PLACES // 2
"""Places of it that must lie in the picture, where it is looked for elsewhere."""
_ZOOMS = (700, 800, 900, 1100, 1250, 1400)
"""Thousandths of its size at which it is looked for …"""
_ASIDE = 5, 8
"""… and how many places down and to the right of where it was, at most: a lens that is zoomed still
points there."""
FOUND_AFTER, GONE_AFTER = (3, 4 * SECOND), (6, 10 * SECOND)
"""Pictures in a row, and the time from the first to the last, that prove that it lies elsewhere, or
is gone. A bus that stops before the lens is proof of neither."""

Votes = NDArray[np.int64]
Places = NDArray[np.int64]
Spectrum = NDArray[np.complex128]


class View(msgspec.Struct, frozen=True, array_like=True):
    """What a camera looks at, and since when it does not. 2.9 kB at the most."""

    accepted: int = 0
    """``Source.view`` under which it was learned: another one begins anew."""
    learned: bytes = b""
    """uint8 [36, 64]: votes of each place for an edge there."""
    pictures: int = 0
    """It was learned by, up to LEARNING."""
    learned_at: Micros = 0
    outline: bytes = b""
    """Of the last picture that was compared, packed bits."""
    time: Micros = 0
    """Of that one."""
    seen: Micros = 0
    frame: FrameRef | None = None
    """The newest picture that showed the view."""
    doubts: int = 0
    """Pictures in a row that do not."""
    since: Micros = 0
    """Time of the first of them."""
    shift: tuple[int, int, int] = (0, 0, 0)
    """By the last of them: places to the right and down, and thousandths of the size; 0: gone."""
    moved: Moved | None = None
    """Once that is proven, until the view is back."""
    turns: int = 0
    """Of a camera that tours: how often it has."""


class _Here(NamedTuple):
    """Thousandths."""

    score: int
    near: int
    """The best, where wind may shift it."""


class _Place(NamedTuple):
    score: int
    right: int
    down: int
    zoom: int


def outline(blocks: NDArray[np.int32]) -> bytes:
    """Where a picture's sharpest edges are, packed bits [36, 64].

    Args:
        blocks: sums of the SIDE × SIDE points of each place.
    """
    slope = np.zeros((ROWS, COLUMNS), np.int32)
    slope[:, 1:-1] = np.abs(blocks[:, 2:] - blocks[:, :-2])
    slope[1:-1] += np.abs(blocks[2:] - blocks[:-2])
    down, right = _PARTS
    parts = slope.reshape(down, ROWS // down, right, COLUMNS // right).swapaxes(1, 2)
    flat = parts.reshape(down * right, -1)
    least = np.partition(flat, -_SHARPEST, axis=1)[:, -_SHARPEST].reshape(down, right)
    least = np.repeat(np.repeat(least, ROWS // down, 0), COLUMNS // right, 1)
    return np.packbits((slope >= least) & (slope > _FLOOR)).tobytes()


def begin_anew(view: View) -> View:
    """Where event time goes back: it is still known, and everything else begins."""
    return msgspec.structs.replace(
        view, learned_at=0, outline=b"", time=0, seen=0, doubts=0, since=0
    )


def is_covered(view: View, seen: bytes, light: int) -> bool:
    """Whether a picture shows nothing of a view that has much to show.

    Args:
        seen: its outline.
        light: its mean grey level.
    """
    if view.pictures < LEARNING or light < _LIT or int.from_bytes(seen).bit_count() >= _BARE:
        return False
    return int(np.count_nonzero(np.frombuffer(view.learned, np.uint8) > 127)) >= _MANY


def watch(before: View, seen: bytes, time: Micros, frame: FrameRef, accepted: int) -> View:
    """After one more good picture; the same object where it is not compared.

    Args:
        seen: its outline.
        accepted: ``Source.view`` now.
    """
    view = before if before.accepted == accepted else View(accepted)
    if view.time and time - view.time < EVERY:
        return view
    edges = np.unpackbits(np.frombuffer(seen, np.uint8)).reshape(ROWS, COLUMNS).astype(np.int64)
    last, view = view.outline, msgspec.structs.replace(view, outline=seen, time=time)
    if int(edges.sum()) < _LEAST:
        return view
    if view.pictures < LEARNING:
        return _learn(view, edges, time, frame)
    learned = np.frombuffer(view.learned, np.uint8).reshape(ROWS, COLUMNS).astype(np.int64)
    if np.count_nonzero(learned > 127) < _LEAST:
        return _learn(view, edges, time, frame)
    blurred = _blurred(edges)
    here, place = _search(learned, blurred)
    if _is_far(place) and place.score >= _FOUND and place.score - here.score >= _BETTER:
        shift = place.right, place.down, place.zoom
    elif here.near >= _MATCHES:
        return _learn(view, edges, time, frame)
    elif edges.sum() >= _FULL and here.near <= _NOTHING and _steady(last, blurred) >= _STEADY:
        shift = 0, 0, 0
    elif view.moved:
        return view
    else:
        # Another light: it is learned, and what may have begun is no proof any more.
        return _learn(view, edges, time, view.frame, view.seen)
    return _doubt(view, shift, time)


def tour(before: View, seen: bytes, time: Micros) -> View:
    """After one more good picture of a camera that tours: it has turned where the picture shows
    nothing of what the one before did. What it looks at is not learned, nor judged.

    Args:
        seen: its outline.
    """
    edges = np.unpackbits(np.frombuffer(seen, np.uint8)).reshape(ROWS, COLUMNS).astype(np.int64)
    if int(edges.sum()) < _LEAST:
        return before
    least = _STAYS[0] if time - before.time <= SECOND else _STAYS[1]
    turned = bool(before.outline) and _steady(before.outline, _blurred(edges)) < least
    return View(before.accepted, outline=seen, time=time, turns=before.turns + turned)


def _doubt(view: View, shift: tuple[int, int, int], time: Micros) -> View:
    goes_on = (
        view.doubts > 0 and bool(view.shift[2]) == bool(shift[2]) and _alike(view.shift, shift)
    )
    view = msgspec.structs.replace(
        view,
        shift=shift,
        doubts=min(view.doubts + 1, 255) if goes_on else 1,
        since=view.since if goes_on else time,
    )
    pictures, lasts = FOUND_AFTER if shift[2] else GONE_AFTER
    if view.doubts < pictures or time - view.since < lasts:
        return view
    right, down, zoom = shift
    told = Moved(right * 1000 // COLUMNS, down * 1000 // ROWS, zoom, view.seen, view.frame)
    return msgspec.structs.replace(view, moved=told)


def _learn(
    view: View, edges: Votes, time: Micros, frame: FrameRef | None, seen: Micros | None = None
) -> View:
    """The view, seen by this picture, and slowly learned by it."""
    view = msgspec.structs.replace(
        view, seen=time if seen is None else seen, frame=frame, doubts=0, since=0, moved=None
    )
    first = view.pictures < LEARNING
    if not first and time - view.learned_at < LEARN_EVERY:
        return view
    votes = np.zeros(edges.shape, np.int64)
    if view.learned:
        votes += np.frombuffer(view.learned, np.uint8).reshape(edges.shape)
    gain, loss = _FIRST if first else _LATER
    votes = np.clip(votes + np.where(edges > 0, gain, -loss), 0, 255)
    return msgspec.structs.replace(
        view,
        learned=votes.astype(np.uint8).tobytes(),
        pictures=min(view.pictures + 1, LEARNING),
        learned_at=time,
    )


def _blurred(edges: Votes) -> Votes:
    """[36, 64]: how many of the nine around a place."""
    wide = np.pad(edges, 1)
    tall = wide[:-2] + wide[1:-1] + wide[2:]
    blurred: Votes = tall[:, :-2] + tall[:, 1:-1] + tall[:, 2:]
    return blurred


def _steady(last: bytes, blurred: Votes) -> int:
    """How well the outline of the picture before matches, thousandths."""
    if not last:
        return 0
    before = np.unpackbits(np.frombuffer(last, np.uint8)).reshape(ROWS, COLUMNS).astype(np.int64)
    return _here(_match(before, _there(blurred), 1000)).near


def _is_far(place: _Place) -> bool:
    return max(abs(place.right), abs(place.down)) > _NEAR or place.zoom != 1000


def _alike(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return abs(one[0] - other[0]) <= _NEAR and abs(one[1] - other[1]) <= _NEAR


# --- where else it is --------------------------------------------------------------------------


def _search(learned: Votes, blurred: Votes) -> tuple[_Here, _Place]:
    """How well it matches where it was, and where in the picture it matches best."""
    there = _there(blurred)
    scores = _match(learned, there, 1000)
    here, best = _here(scores), _best(scores, 1000)
    if here.near < _MATCHES:
        for zoom in _ZOOMS:
            scores = _match(learned, there, zoom)
            down, right = _ASIDE
            scores[down + 1 : -down] = -1000
            scores[:, right + 1 : -right] = -1000
            found = _best(scores, zoom)
            best = max(best, found, key=lambda place: place.score)
    return here, best


def _there(blurred: Votes) -> tuple[Spectrum, Spectrum]:
    return _turned(blurred), _turned(blurred * blurred)


def _match(learned: Votes, there: tuple[Spectrum, Spectrum], zoom: int) -> Votes:
    """Thousandths of correlation at every shift, [72, 128]; -1000 where too little is left."""
    rows, columns, inside, n, ones = _frame(zoom)
    votes = learned[rows[:, None], columns] * inside
    one, two = np.conj(_turned(votes)), np.conj(_turned(votes * votes))
    mask = np.conj(_turned(inside))
    b, bb = _common(mask, there[0]), _common(mask, there[1])
    a, aa, ab = _common(one, ones), _common(two, ones), _common(one, there[0])
    spread_a, spread_b = n * aa - a * a, n * bb - b * b
    fits = (n >= _OVERLAP) & (spread_a > 0) & (spread_b > 0)
    scores = np.full(n.shape, -1000, np.int64)
    # Each operation is rounded as IEEE 754 says.
    spread = np.sqrt(spread_a[fits].astype(np.float64) * spread_b[fits].astype(np.float64))
    scores[fits] = np.floor(1000.0 * (n * ab - a * b)[fits] / spread)
    return scores


def _here(scores: Votes) -> _Here:
    around = range(-_NEAR, _NEAR + 1)
    return _Here(int(scores[0, 0]), max(int(scores[y, x]) for y in around for x in around))


def _best(scores: Votes, zoom: int) -> _Place:
    down, right = divmod(int(scores.argmax()), scores.shape[1])
    return _Place(
        int(scores[down, right]),
        _signed(right, scores.shape[1]),
        _signed(down, scores.shape[0]),
        zoom,
    )


@cache
def _frame(zoom: int) -> tuple[Places, Places, Votes, Votes, Spectrum]:
    """Of a former view of that size: rows and columns that places show, those that show any, how
    many are in the picture at every shift, and the picture."""
    rows, columns = _scaled(ROWS, zoom), _scaled(COLUMNS, zoom)
    inside = ((rows >= 0)[:, None] & (columns >= 0)).astype(np.int64)
    ones = _turned(np.ones((ROWS, COLUMNS), np.int64))
    return rows, columns, inside, _common(np.conj(_turned(inside)), ones), ones


def _scaled(length: int, zoom: int) -> Places:
    """Which place of the former view each one shows, about the middle; -1: one outside it."""
    middle = length - 1
    found = ((2 * np.arange(length) - middle) * 1000 // zoom + middle + 1) // 2
    return np.where((found >= 0) & (found < length), found, -1)


_SHAPE = 2 * ROWS, 2 * COLUMNS


def _turned(votes: Votes) -> Spectrum:
    return np.fft.rfft2(votes, _SHAPE)


def _common(here: Spectrum, there: Spectrum) -> Votes:
    """Sums of products at every shift: whole numbers, so that rounding makes them exact."""
    return np.rint(np.fft.irfft2(here * there, _SHAPE)).astype(np.int64)


def _signed(at: int, length: int) -> int:
    return at if at < length // 2 else at - length
