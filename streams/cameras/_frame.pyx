# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""What is done for every object of every frame, compiled; ``tracking`` and ``scene`` say why.

Matrices come and go as bytes, as they are stored: row r of n tracks begins at r * n. Arithmetic is
IEEE 754, one operation after the other and never fused (``-ffp-contract=off``), so that every
machine computes the same bits.

Nothing is checked by the language here, and the bytes come from snapshots, recordings and events.
So every function checks its lengths, and every value that is an index or that arithmetic could
overflow with, before it uses them. All raise ValueError with a reason where bytes are not what
they should be, and OverflowError where a number is larger than its type. What ``follow`` and
``tally`` return, they accept: one bad event cannot make a state that refuses all later ones.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.float cimport FLT_MAX
from libc.math cimport fabs, fabsf, llrint
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint16_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

cdef extern from "Python.h":
    const Py_ssize_t PY_SSIZE_T_MAX

import numpy as np

from models.labels import CLASSES

cdef enum:  # rows of the matrices, named in ``tracking``
    X0, Y0, X1, Y1, VX, VY, AX0, AY0, AX1, AY1, MOTION
cdef enum:
    ID, LABEL, VOTES, HITS, TALLIED, FACTS
cdef enum:
    SINCE, SEEN, PLACED, TIMES

cpdef enum:
    CONFIRMED = 3  # detections that make a track an object
    SPARSEST = 5_000_000  # frames further apart are no sequence: nothing is followed through them
    POINTS = 16  # to a tenth of a pixel: what zones are compared in
    FURTHEST = 1_000_000_000  # points from the picture's corner: products fit in 64 bits
cdef uint16_t STRONG = 500
"""Thousandths: a weaker detection continues a track, it never begins one."""
cdef float BUFFER = 0.3
"""Each side of a box is moved out by this part of its size before boxes are compared …"""
cdef float MARGIN = 20
"""… and by this many tenths of a pixel."""
cdef float ALIKE = 0.15
"""The least overlap of two enlarged boxes (intersection over union) of one object."""
cdef float SAME = 0.6
"""Overlap at which an unexplained detection is a second box on a tracked object, and what comes
where an unseen one stood is taken for it."""
cdef float STILL = 0.25
"""An object stands while its centre is within this part of its size from its anchor …"""
cdef float JITTER = 15
"""… plus this many tenths of a pixel."""
cdef double EDGE = 128
"""Part of a picture's size: nearer to its edge a detector cannot tell whether that cuts a box."""
cdef int64_t SECOND = 1_000_000
cdef int64_t STANDING = SECOND
"""An object that has stood this long has no velocity."""
cdef int64_t KEEP_TENTATIVE = SECOND // 2
cdef int64_t KEEP = 2 * SECOND
"""For so long, or at other rates until a second frame in a row has missed it (before it is confirmed:
the first), an unseen object is waited for …"""
cdef int64_t SETTLED = 5 * SECOND
cdef int64_t TIMES_STOOD = 4
cdef int64_t KEEP_STANDING = 30 * SECOND
"""… and one that had stood for ``SETTLED`` so many times as long as it had stood, at most for as long
as this: who stood for a moment has more likely gone than one who stood for long …"""
cdef int64_t PARKED = 120 * SECOND
cdef int64_t KEEP_PARKED = 600 * SECOND
"""… or this, if it was in its place for ``PARKED``, or came back to it: then it was hidden."""
cdef int64_t AWAY = 10 * SECOND
"""Who was not seen for longer was away: it did not stand meanwhile, and is known again only by a box
that is the same."""
cdef int64_t BLIND = 30 * SECOND
"""Nothing is followed through a longer time without frames."""
cdef Py_ssize_t MOST_GAPS = 5
"""The spacing of frames is the median of so many: a single pause is none."""
cdef int32_t MOST_VOTES = 20_000
"""Thousandths; bounds how long a wrong class is believed."""
cdef float[6] ALPHA = [1, 1, 1, 5 / 6., 0.7, 0.6]
cdef float[6] BETA = [0, 0, 1, 1 / 2., 0.3, 0.2]
"""Gains of the k-th detection: (4k - 2) / (k² + k) and 6 / (k² + k), up to the sixth."""
cdef int32_t PERSON = CLASSES.index("person")
cdef int32_t KINDS = len(CLASSES)
cdef Py_ssize_t MOST_TALLIED = 30
"""Zones: with the whole picture they have the bits of an int32 but its sign."""
cdef int32_t MOST_SCORE = 0xFFFF
"""Votes of a track that began with the highest score that an event can carry."""
cdef int64_t ALL_TIME = 1 << 61
"""Times are nearer to 1970 than this: twice the difference of two fits in 64 bits."""

cdef enum:
    PAUSED = 1  # no frame has missed it, as none came for longer than it is waited for
    MISSED = 2  # it was not seen for long

cdef struct Box:
    float x0, y0, x1, y1


cdef inline bint _is_parked(const int64_t* when, Py_ssize_t n) noexcept nogil:
    """Whether a track was in its place for long, or came back to it."""
    return when[PLACED * n] < when[SINCE * n] or when[SEEN * n] - when[PLACED * n] >= PARKED


cdef inline Box enlarged(Box box) noexcept nogil:
    cdef float x = (box.x1 - box.x0) * BUFFER + MARGIN
    cdef float y = (box.y1 - box.y0) * BUFFER + MARGIN
    return Box(box.x0 - x, box.y0 - y, box.x1 + x, box.y1 + y)


cdef inline float shared(Box a, Box b) noexcept nogil:
    """The area that two boxes have in common."""
    cdef float x = min(a.x1, b.x1) - max(a.x0, b.x0)
    cdef float y = min(a.y1, b.y1) - max(a.y0, b.y0)
    return x * y if x > 0 and y > 0 else 0


cdef inline float area(Box box) noexcept nogil:
    return (box.x1 - box.x0) * (box.y1 - box.y0)


cdef inline bint is_same(Box a, Box b) noexcept nogil:
    """Whether two boxes are so alike that they are on one object."""
    cdef float both = shared(a, b)
    return both >= SAME * (area(a) + area(b) - both)


cdef int _check_motion(bytes motion, Py_ssize_t n) except -1:
    cdef const float* move = <const float*> PyBytes_AS_STRING(motion)
    cdef Py_ssize_t i
    cdef bint finite = True
    if len(motion) != 4 * MOTION * n:
        raise ValueError("motion and the other parts differ in length")
    for i in range(MOTION * n):
        finite &= fabsf(move[i]) <= FLT_MAX  # false where it is NaN, too
    if not finite:
        raise ValueError("motion that is no finite number")
    return 0


cdef Py_ssize_t _check_facts(bytes facts) except -1:
    """The number of tracks."""
    cdef Py_ssize_t n = len(facts) // (4 * FACTS), i
    cdef const int32_t* fact = <const int32_t*> PyBytes_AS_STRING(facts)
    cdef bint known = True, seen = True, voted = True
    if len(facts) != 4 * FACTS * n:
        raise ValueError("facts that differ in length")
    for i in range(n):
        known &= 0 <= fact[LABEL * n + i] < KINDS
        seen &= fact[HITS * n + i] >= 1
        voted &= 0 <= fact[VOTES * n + i] <= MOST_SCORE
    if not known:
        raise ValueError("a track's class that is not in the vocabulary")
    if not seen:
        raise ValueError("a track that was never detected")
    if not voted:
        raise ValueError("a track's votes out of bounds")
    return n


cdef int _check_times(bytes times, Py_ssize_t n) except -1:
    if len(times) != 8 * TIMES * n:
        raise ValueError("times and the other parts differ in length")
    return 0


cdef int _check_history(
    int64_t time, int64_t last, int64_t next_id, const int32_t* ids, bytes times, Py_ssize_t n
) except -1:
    """That tracks are older than the frame, which is later than the last."""
    cdef const int64_t* when = <const int64_t*> PyBytes_AS_STRING(times)
    cdef Py_ssize_t i
    cdef bint known = True, past = True
    if not -ALL_TIME < last < time < ALL_TIME:
        raise ValueError("a frame that is not later than the last, or out of all time")
    for i in range(TIMES * n):
        past &= -ALL_TIME < when[i] <= last
    if not past:
        raise ValueError("a track that is later than its last frame, or out of all time")
    for i in range(n):
        known &= 0 < ids[i] < next_id
    if not known:
        raise ValueError("a track's id that has not been given yet")
    return 0


cdef int _check_gaps(bytes gaps) except -1:
    cdef const int64_t* gap = <const int64_t*> PyBytes_AS_STRING(gaps)
    cdef Py_ssize_t i
    if len(gaps) % 8 or len(gaps) > 8 * MOST_GAPS:
        raise ValueError("more gaps between frames than are kept, or half a one")
    for i in range(len(gaps) // 8):
        if not 0 < gap[i] < 2 * ALL_TIME:
            raise ValueError("a gap between frames that is none, or longer than all time")
    return 0


def step(bytes gaps not None) -> int:
    """How long one frame and the next may be apart, with one missed between."""
    _check_gaps(gaps)
    return _spacing(gaps) * 5 // 2


cdef bytes _one_more(bytes gaps, int64_t gap):
    """The last of the gaps, with another one after them."""
    cdef Py_ssize_t n = min(len(gaps) // 8, MOST_GAPS - 1)
    cdef bytes more = PyBytes_FromStringAndSize(NULL, 8 * (n + 1))
    cdef char* to = PyBytes_AS_STRING(more)
    memcpy(to, PyBytes_AS_STRING(gaps) + len(gaps) - 8 * n, 8 * n)
    memcpy(to + 8 * n, &gap, 8)
    return more


cdef int64_t _spacing(bytes gaps):
    """The spacing of frames, at most ``SPARSEST``: the median of the gaps, int64 [at most 5] (of an
    even number the lower); 0 where there are none yet."""
    cdef const int64_t* gap = <const int64_t*> PyBytes_AS_STRING(gaps)
    cdef Py_ssize_t n = len(gaps) // 8, i, j, below
    for i in range(n):
        below = 0
        for j in range(n):
            below += gap[j] < gap[i] or (gap[j] == gap[i] and j < i)
        if below == (n - 1) // 2:
            return min(gap[i], <int64_t> SPARSEST)
    return 0


cdef int _check_mask(bytes within, Py_ssize_t zones, Py_ssize_t n) except -1:
    """That the mask, bool [any number, n], has rows for so many zones."""
    if len(within) % n if n else len(within):
        raise ValueError("the mask and the tracks differ in length")
    if n and len(within) // n < zones:
        raise ValueError("a zone that the mask does not have")
    return 0


def in_order(bytes boxes not None) -> bool:
    """Whether no box, int32 [m, 4], ends before it begins."""
    if len(boxes) % 16:
        raise ValueError("boxes that differ in length")
    cdef const int32_t* box = <const int32_t*> PyBytes_AS_STRING(boxes)
    cdef Py_ssize_t at
    for at in range(0, len(boxes) // 4, 4):
        if box[at + 2] < box[at] or box[at + 3] < box[at + 1]:
            return False
    return True


def follow(
    int64_t time,
    int64_t last,
    int64_t next_id,
    bytes motion not None,
    bytes facts not None,
    bytes times not None,
    bytes gaps not None,
    bytes boxes not None,
    bytes classes not None,
    bytes scores not None,
) -> tuple[int, bytes, bytes, bytes, bytes, bytes]:
    """(next id, motion, facts, times, gaps, match int32 [n]) after a frame, as
    ``tracking.follow``."""
    cdef Py_ssize_t before = _check_facts(facts), seen = len(classes), j
    cdef const uint8_t* label = <const uint8_t*> PyBytes_AS_STRING(classes)
    _check_times(times, before)
    _check_motion(motion, before)
    _check_history(
        time, last, next_id, <const int32_t*> PyBytes_AS_STRING(facts) + ID * before, times, before
    )
    _check_gaps(gaps)
    if len(boxes) != 16 * seen or len(scores) != 2 * seen:
        raise ValueError("boxes, classes and scores differ in length")
    for j in range(seen):
        if label[j] >= KINDS:
            raise ValueError("a class that is not in the vocabulary")
    if not 0 < next_id <= INT32_MAX - seen:
        raise ValueError("ids out of bounds")
    cdef Py_ssize_t most = before + seen
    cdef size_t each = 2 * sizeof(Box) + 3 * sizeof(int32_t)
    cdef char* room = <char*> malloc(max(most, 1) * each)
    if room == NULL:
        raise MemoryError
    cdef Box* known = <Box*> room  # predicted, and then as the frame corrects it
    cdef Box* shown = known + before
    cdef Box* wide = shown + seen  # both enlarged
    cdef int32_t* column = <int32_t*> (wide + most)  # of a track in the matrices before
    cdef int32_t* found = column + most  # the detection of a track; -1: none
    cdef int32_t* away = found + most  # PAUSED, MISSED or neither: known by the same box only
    gaps = _one_more(gaps, time - last)
    try:
        return _follow(
            time, last, next_id, motion, facts, times, gaps, boxes, classes, scores,
            known, shown, wide, column, found, away,
        )
    finally:
        free(room)


cdef tuple _follow(
    int64_t time, int64_t last, int64_t next_id, bytes motion, bytes facts, bytes times,
    bytes gaps, bytes boxes, bytes classes, bytes scores,
    Box* known, Box* shown, Box* wide, int32_t* column, int32_t* found, int32_t* away,
):
    cdef Py_ssize_t before = len(facts) // (4 * FACTS)
    cdef Py_ssize_t m = len(classes)
    cdef const float* old_motion = <const float*> PyBytes_AS_STRING(motion)
    cdef const int32_t* old_facts = <const int32_t*> PyBytes_AS_STRING(facts)
    cdef const int64_t* old_times = <const int64_t*> PyBytes_AS_STRING(times)
    cdef const int32_t* corner = <const int32_t*> PyBytes_AS_STRING(boxes)
    cdef const uint8_t* label = <const uint8_t*> PyBytes_AS_STRING(classes)
    cdef const uint16_t* score = <const uint16_t*> PyBytes_AS_STRING(scores)
    cdef Py_ssize_t n = 0, born = 0, i, j, k
    cdef int64_t unseen, stood, most, patience, apart = _spacing(gaps), gap = time - last
    cdef int64_t tentative = max(KEEP_TENTATIVE, apart * 7 // 4), wait = max(KEEP, apart * 5 // 2)
    cdef bint sparse = apart > STANDING, paused
    cdef float moved, drift = <float> ((time - last) / <double> SECOND)

    for i in range(before):
        unseen = time - old_times[SEEN * before + i]
        patience = wait if old_facts[HITS * before + i] >= CONFIRMED else tentative
        stood = old_times[SEEN * before + i] - old_times[SINCE * before + i]
        if stood >= SETTLED:
            most = KEEP_PARKED if _is_parked(old_times + i, before) else KEEP_STANDING
            patience = max(wait, min(TIMES_STOOD * stood, most))
        # What no frame has missed is waited for through a pause, as camera and network make them.
        paused = unseen == gap <= SPARSEST and old_facts[HITS * before + i] >= CONFIRMED
        if (unseen > patience and not paused) or gap > BLIND:
            continue
        column[n] = i
        away[n] = MISSED if unseen > max(wait, AWAY) else PAUSED if unseen > patience else 0
        # After a pause only who stands is known again, of whom a velocity is noise.
        moved = 0 if away[n] == PAUSED else drift
        known[n] = Box(
            old_motion[X0 * before + i] + old_motion[VX * before + i] * moved,
            old_motion[Y0 * before + i] + old_motion[VY * before + i] * moved,
            old_motion[X1 * before + i] + old_motion[VX * before + i] * moved,
            old_motion[Y1 * before + i] + old_motion[VY * before + i] * moved,
        )
        wide[n] = enlarged(known[n])
        found[n] = -1
        n += 1
    for j in range(m):
        shown[j] = Box(corner[4 * j], corner[4 * j + 1], corner[4 * j + 2], corner[4 * j + 3])
        wide[n + j] = enlarged(shown[j])

    cdef const int32_t* labels = old_facts + LABEL * before
    _associate(found, n, m, known, shown, wide, column, away, labels, label, score, True)
    _associate(found, n, m, known, shown, wide, column, away, labels, label, score, False)
    cdef bytes news = _unexplained(found, n, m, shown, score)
    cdef const char* new = PyBytes_AS_STRING(news)
    for j in range(m):
        born += new[j]

    cdef Py_ssize_t all = n + born
    motion = PyBytes_FromStringAndSize(NULL, 4 * MOTION * all)
    facts = PyBytes_FromStringAndSize(NULL, 4 * FACTS * all)
    times = PyBytes_FromStringAndSize(NULL, 8 * TIMES * all)
    cdef bytes match = PyBytes_FromStringAndSize(NULL, 4 * all)
    cdef float* move = <float*> PyBytes_AS_STRING(motion)
    cdef int32_t* fact = <int32_t*> PyBytes_AS_STRING(facts)
    cdef int64_t* when = <int64_t*> PyBytes_AS_STRING(times)
    cdef int32_t* matched = <int32_t*> PyBytes_AS_STRING(match)
    for i in range(n):
        for k in range(MOTION):
            move[k * all + i] = old_motion[k * before + column[i]]
        for k in range(FACTS):
            fact[k * all + i] = old_facts[k * before + column[i]]
        for k in range(TIMES):
            when[k * all + i] = old_times[k * before + column[i]]
        matched[i] = j = found[i]
        if j >= 0:
            _correct(move + i, fact + i, when[SEEN * all + i], all, time, &known[i], shown[j])
            _vote(fact + i, all, label[j], score[j])
            if away[i] == MISSED:  # it has not stood unseen
                when[SINCE * all + i] += time - when[SEEN * all + i]
                if when[SEEN * all + i] == last:  # nor has it been hidden from any frame
                    when[PLACED * all + i] += gap
            when[SEEN * all + i] = time
        _settle(move + i, when + i, all, time, known[i], sparse)
    i = n
    for j in range(m):
        if new[j]:
            _begin(move + i, fact + i, when + i, all, time, shown[j])
            fact[ID * all + i] = <int32_t> next_id
            fact[LABEL * all + i] = label[j]
            fact[VOTES * all + i] = score[j]
            matched[i] = j
            next_id += 1
            i += 1
    _check_motion(motion, all)
    return next_id, motion, facts, times, gaps, match


cdef int _associate(
    int32_t* found, Py_ssize_t n, Py_ssize_t m, const Box* known, const Box* shown, const Box* wide,
    const int32_t* column, const int32_t* away, const int32_t* labels, const uint8_t* classes,
    const uint16_t* scores, bint strong,
) except -1:
    """Gives tracks that have none a detection: of all ways one with the greatest total likeness.

    Where no two tracks want the same detection most, that is what each wants most; else SciPy
    decides.
    """
    cdef Py_ssize_t i, j, best, wanted = 0
    cdef float like, most
    cdef bint contested = False
    cdef bytearray taken = bytearray(m)
    for i in range(n):
        if found[i] >= 0:
            continue
        best, most = -1, 0
        for j in range(m):
            if (scores[j] >= STRONG) == strong and not (away[i] and not is_same(known[i], shown[j])):
                like = _likeness(wide[i], wide[n + j], labels[column[i]], classes[j])
                if like > most:
                    best, most = j, like
        if best >= 0:
            if taken[best]:
                contested = True
                break
            taken[best] = True
            wanted += 1
            found[i] = -2 - best  # not had yet: it may be contested
    for i in range(n):
        if found[i] < -1:
            found[i] = -1 if contested else -2 - found[i]
    if not contested:
        return 0
    # Only here: SciPy takes a third of a second to load, and most processes never need it.
    from scipy.optimize import linear_sum_assignment

    free = [i for i in range(n) if found[i] < 0]
    chosen = [j for j in range(m) if (scores[j] >= STRONG) == strong]
    likeness = np.array(
        [
            [
                0 if away[i] and not is_same(known[i], shown[j])
                else _likeness(wide[i], wide[n + j], labels[column[i]], classes[j])
                for j in chosen
            ]
            for i in free
        ],
        np.float32,
    )
    rows, columns = linear_sum_assignment(likeness, maximize=True)
    for row, place in zip(rows.tolist(), columns.tolist()):
        if likeness[row, place] > 0:
            found[<Py_ssize_t> free[row]] = chosen[place]
    return 0


cdef inline float _likeness(Box a, Box b, int32_t label, uint8_t cls) noexcept nogil:
    """Overlap of enlarged boxes; 0 where it is too little, and between a person and a vehicle."""
    cdef float both, overlap
    if (label == PERSON) != (cls == PERSON):
        return 0
    both = shared(a, b)
    overlap = both / (area(a) + area(b) - both)
    return overlap if overlap >= ALIKE else 0


cdef bytes _unexplained(
    const int32_t* found, Py_ssize_t n, Py_ssize_t m, const Box* shown, const uint16_t* score
):
    """[m] 1: a strong detection that is no track's, and no second box on what a track explains."""
    cdef bytes news = PyBytes_FromStringAndSize(NULL, m)
    cdef char* new = PyBytes_AS_STRING(news)
    cdef Py_ssize_t i, j
    if not m:
        return news
    for j in range(m):
        new[j] = score[j] >= STRONG
    for i in range(n):
        if found[i] >= 0:
            new[found[i]] = 0
    for j in range(m):
        for i in range(n):
            if not new[j]:
                break
            if found[i] >= 0 and is_same(shown[j], shown[found[i]]):
                new[j] = 0
    return news


cdef inline void _correct(
    float* move, int32_t* fact, int64_t seen, Py_ssize_t n, int64_t time, Box* known, Box shown
) noexcept nogil:
    """Moves a track from where it was predicted towards what the frame shows."""
    if fact[HITS * n] < INT32_MAX:
        fact[HITS * n] += 1
    cdef int order = min(fact[HITS * n], 5)
    cdef float alpha = ALPHA[order]
    cdef float beta = <float> (BETA[order] / (2 * (time - seen) / <double> SECOND))
    cdef Box away = Box(
        shown.x0 - known.x0, shown.y0 - known.y0, shown.x1 - known.x1, shown.y1 - known.y1
    )
    move[VX * n] += (away.x0 + away.x1) * beta
    move[VY * n] += (away.y0 + away.y1) * beta
    known.x0 += away.x0 * alpha
    known.y0 += away.y0 * alpha
    known.x1 += away.x1 * alpha
    known.y1 += away.y1 * alpha


cdef inline void _vote(int32_t* fact, Py_ssize_t n, int32_t label, int32_t weight) noexcept nogil:
    """Majority vote weighted by score (Boyer and Moore 1991)."""
    cdef int32_t votes = fact[VOTES * n]
    if fact[LABEL * n] == label:
        votes += weight
    else:
        votes -= weight
        if votes < 0:
            fact[LABEL * n], votes = label, -votes
    fact[VOTES * n] = min(votes, MOST_VOTES)


cdef inline void _settle(
    float* move, int64_t* when, Py_ssize_t n, int64_t time, Box box, bint sparse
) noexcept nogil:
    """Stores where a track is; the anchor comes after what has left it, and what stands stops.

    Where frames are sparse nobody sees who comes and goes between them: another one in its place
    is told from it by a box that is not the same.
    """
    cdef float x0 = move[AX0 * n], y0 = move[AY0 * n], x1 = move[AX1 * n], y1 = move[AY1 * n]
    cdef bint far = (
        fabsf(box.x0 + box.x1 - x0 - x1) > (x1 - x0) * (2 * STILL) + 2 * JITTER
        or fabsf(box.y0 + box.y1 - y0 - y1) > (y1 - y0) * (2 * STILL) + 2 * JITTER
    )
    if sparse and not is_same(box, Box(x0, y0, x1, y1)):
        far = True
    _place(move + X0 * n, n, box)
    if far:
        _place(move + AX0 * n, n, box)
        when[SINCE * n] = when[PLACED * n] = time
    if when[SINCE * n] <= time - STANDING:
        move[VX * n] = move[VY * n] = 0


cdef inline void _begin(
    float* move, int32_t* fact, int64_t* when, Py_ssize_t n, int64_t time, Box box
) noexcept nogil:
    _place(move + X0 * n, n, box)
    _place(move + AX0 * n, n, box)
    move[VX * n] = move[VY * n] = 0
    fact[HITS * n], fact[TALLIED * n] = 1, 0
    when[SINCE * n] = when[SEEN * n] = when[PLACED * n] = time


cdef inline void _place(float* row, Py_ssize_t n, Box box) noexcept nogil:
    row[0], row[n], row[2 * n], row[3 * n] = box.x0, box.y0, box.x1, box.y1


def inside(bytes motion not None, tuple areas not None, int64_t width, int64_t height) -> bytes:
    """bool [areas, n]: whether the middle of a track's lower side lies in the area.

    A point on the border does not. What the picture's edge cuts stands further out, where nobody
    sees: a point within ``EDGE`` of the edge is taken for one so far in, which lies in whatever area
    reaches the edge there. Even-odd rule over the sign of a determinant of integers, which
    is exact.

    Args:
        areas: int64 [corners, 2] each, in ``POINTS`` of a tenth of a pixel, at most ``FURTHEST``.
        width, height: of the picture, tenths of a pixel.
    """
    cdef bytes area
    cdef Py_ssize_t n = len(motion) // (4 * MOTION), i, zone
    for area in areas:
        _check_area(area)
    cdef const float* move = <const float*> PyBytes_AS_STRING(motion)
    cdef bytes mask = PyBytes_FromStringAndSize(NULL, n * len(areas))
    cdef char* within = PyBytes_AS_STRING(mask)
    cdef const int64_t* corner
    cdef double right = <double> width * POINTS, bottom = <double> height * POINTS, left, top
    _check_motion(motion, n)
    for zone in range(len(areas)):
        area = areas[zone]
        corner = <const int64_t*> PyBytes_AS_STRING(area)
        for i in range(n):
            left = (<double> move[X0 * n + i] + <double> move[X1 * n + i]) * (POINTS // 2)
            top = <double> move[Y1 * n + i] * POINTS
            left = min(max(left, right / EDGE), right - right / EDGE)
            top = min(max(top, bottom / EDGE), bottom - bottom / EDGE)
            within[zone * n + i] = _contains(corner, len(area) // 16, left, top)
    return mask


cdef int _check_area(bytes area) except -1:
    if area is None or len(area) % 16:
        raise ValueError("an area that has half a corner")
    cdef const int64_t* corner = <const int64_t*> PyBytes_AS_STRING(area)
    cdef Py_ssize_t i
    for i in range(len(area) // 8):
        if not -FURTHEST <= corner[i] <= FURTHEST:
            raise ValueError("an area that is out of all bounds")
    return 0


cdef bint _contains(const int64_t* corner, Py_ssize_t corners, double left, double top) noexcept nogil:
    if fabs(left) > FURTHEST or fabs(top) > FURTHEST:
        return False
    cdef int64_t x = llrint(left), y = llrint(top), ax, ay, bx, by, side
    cdef bint odd = False
    cdef Py_ssize_t i
    if not corners:
        return False
    bx, by = corner[2 * corners - 2], corner[2 * corners - 1]
    for i in range(corners):
        ax, ay = bx, by
        bx, by = corner[2 * i], corner[2 * i + 1]
        side = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if side == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return False
        if (ay > y) != (by > y) and (side > 0) == (by > ay):
            odd = not odd
    return odd


def meant(
    bytes facts not None,
    bytes times not None,
    bytes within not None,
    Py_ssize_t zone,
    bytes classes not None,
    int64_t seen,
    int64_t since,
) -> bytes:
    """bool [n]: objects in a zone, of the classes, not seen before ``seen``, standing ``since``.

    Args:
        within: bool [zones, n].
        classes: bool [classes].
    """
    cdef Py_ssize_t n = _check_facts(facts), i
    _check_times(times, n)
    if not 0 <= zone < PY_SSIZE_T_MAX:
        raise ValueError("a zone that the mask does not have")
    _check_mask(within, zone + 1, n)
    if len(classes) != KINDS:
        raise ValueError("classes that are not the vocabulary")
    cdef const int32_t* fact = <const int32_t*> PyBytes_AS_STRING(facts)
    cdef const int64_t* when = <const int64_t*> PyBytes_AS_STRING(times)
    cdef const char* inside = PyBytes_AS_STRING(within) + (zone * n if n else 0)
    cdef const char* means = PyBytes_AS_STRING(classes)
    cdef bytes mask = PyBytes_FromStringAndSize(NULL, n)
    cdef char* chosen = PyBytes_AS_STRING(mask)
    for i in range(n):
        chosen[i] = (
            inside[i]
            and fact[HITS * n + i] >= CONFIRMED
            and means[fact[LABEL * n + i]]
            and when[SEEN * n + i] >= seen
            and when[SINCE * n + i] <= since
        )
    return mask


def hidden(bytes times not None, bytes chosen not None, int64_t time) -> bytes:
    """bool [n]: those of the chosen tracks, bool [n], that are parked and that the frame of ``time``
    does not show."""
    cdef Py_ssize_t n = len(chosen), i
    _check_times(times, n)
    cdef const int64_t* when = <const int64_t*> PyBytes_AS_STRING(times)
    cdef const char* among = PyBytes_AS_STRING(chosen)
    cdef bytes mask = PyBytes_FromStringAndSize(NULL, n)
    cdef char* unseen = PyBytes_AS_STRING(mask)
    for i in range(n):
        unseen[i] = among[i] and when[SEEN * n + i] < time and _is_parked(when + i, n)
    return mask


def earliest(bytes times not None, bytes chosen not None) -> int:
    """Since when the first of the chosen tracks, bool [n], at least one, has stood."""
    cdef Py_ssize_t n = len(chosen), i
    _check_times(times, n)
    cdef const int64_t* when = <const int64_t*> PyBytes_AS_STRING(times)
    cdef const char* among = PyBytes_AS_STRING(chosen)
    cdef bint any = False
    cdef int64_t first = 0x7FFFFFFFFFFFFFFF
    for i in range(n):
        if among[i]:
            any = True
            first = min(first, when[SINCE * n + i])
    if not any:
        raise ValueError("no track is chosen")
    return first


def tally(
    bytes facts not None,
    bytes match not None,
    bytes within not None,
    Py_ssize_t zones,
    bytes numbers not None,
    bint fresh,
) -> tuple[bytes, bytes]:
    """(facts, numbers) after a frame was counted: int32 [5, n] and int32 [2, 1 + zones, classes].

    Args:
        within: bool [at least ``zones``, n].
        fresh: whether a minute begins, in which no track has been counted yet.
    """
    cdef Py_ssize_t n = _check_facts(facts), i, row, place
    cdef const int32_t* matched = <const int32_t*> PyBytes_AS_STRING(match)
    if len(match) != 4 * n:
        raise ValueError("facts and match differ in length")
    for i in range(n):
        if matched[i] < -1:
            raise ValueError("a match that is no detection")
    if not 0 <= zones <= MOST_TALLIED:
        raise ValueError("more zones than can be tallied")
    _check_mask(within, zones, n)
    cdef Py_ssize_t places = KINDS * (1 + zones)
    _check_numbers(numbers, places, n)
    cdef const char* inside = PyBytes_AS_STRING(within)
    cdef bytes marked = PyBytes_FromStringAndSize(PyBytes_AS_STRING(facts), len(facts))
    cdef int32_t* fact = <int32_t*> PyBytes_AS_STRING(marked)
    cdef bytes sums = PyBytes_FromStringAndSize(PyBytes_AS_STRING(numbers), len(numbers))
    cdef int32_t* total = <int32_t*> PyBytes_AS_STRING(sums)
    cdef bytes frame = PyBytes_FromStringAndSize(NULL, 4 * places)
    cdef int32_t* now = <int32_t*> PyBytes_AS_STRING(frame)
    cdef int32_t bit
    memset(now, 0, 4 * places)
    for i in range(n):
        if fresh:
            fact[TALLIED * n + i] = 0
        if matched[i] < 0 or fact[HITS * n + i] < CONFIRMED:
            continue
        for row in range(1 + zones):
            if row == 0 or inside[(row - 1) * n + i]:
                place = row * KINDS + fact[LABEL * n + i]
                now[place] += 1
                bit = 1 << row
                if not fact[TALLIED * n + i] & bit:
                    fact[TALLIED * n + i] |= bit
                    total[place] += 1
    for place in range(places):
        total[places + place] = max(total[places + place], now[place])
    return marked, sums


cdef int _check_numbers(bytes numbers, Py_ssize_t places, Py_ssize_t n) except -1:
    """That a frame of so many tracks can be added."""
    cdef const int32_t* number = <const int32_t*> PyBytes_AS_STRING(numbers)
    cdef Py_ssize_t i
    if len(numbers) != 8 * places:
        raise ValueError("numbers that are not of these zones and classes")
    for i in range(2 * places):
        if not 0 <= number[i] <= INT32_MAX - n:
            raise ValueError("a number out of bounds")
    return 0
