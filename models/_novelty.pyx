# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The arithmetic of ``models.novelty``, which says what is computed and why; compiled.

IEEE 754, one operation after the other and never fused (``-ffp-contract=off``), and of functions
only those that are exact: every machine computes the same bits.

The state comes from snapshots and recordings. So its length is checked, and every number in it that
is an index or a divisor, before it is used; other numbers can make a score wrong and no more.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.float cimport DBL_MAX
from libc.math cimport fabs, frexp, isfinite, ldexp
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy, memset

cdef enum:
    VIEWS = 2  # what is measured, and what is left of it when its rhythm is taken away
    SIDES = 3  # the value, its mean over FAST rows, its mean over SLOW rows
    PLACES = 96
    RECENT = 40  # rows in which a place's visits count once
    HOURS = 24
    NOWHERE = 255
    SILENT = 5  # rows at the beginning without a score: nothing is known yet
    SETTLED = 20  # rows from which on one that is far off moves what is usual no more than others
    MEMORY = 1000  # rows after which an old one counts 1/e
    FIRST_MOVE = 32
    MOVES = 4096

cpdef enum:
    UNITS = 1_000_000  # of a score of 1

cdef int64_t HOUR = 3_600_000_000
cdef int64_t MOST = 1 << 60
cdef double FAST = 2.0
cdef double SLOW = 20.0
cdef double REACH = 0.06
cdef double SHRINKS = 1.5e-4
cdef double RARE = 0.05
cdef double LEAST = 0.08
cdef double USUAL = 1.5
cdef double YOUNG = 30.0
cdef double RHYTHM = 1.1
cdef double HALF = 0.887
cdef double REST = 0.01
cdef double LEAST_REST = 10.0
cdef double MOST_REST = 400.0
cdef double SAME = 0.7
cdef double DAY_SECONDS = 86_400.0
cdef double FURTHEST = 1e30


cdef struct Novelty:
    int64_t rows
    int64_t time
    int64_t reported
    double origin
    double unit
    double peak
    double level
    double spread
    double fast[VIEWS]
    double slow[VIEWS]
    double low[VIEWS][SIDES]
    double high[VIEWS][SIDES]
    double usual[VIEWS]
    float places[VIEWS][PLACES][SIDES]
    float of_hour[HOURS]
    uint16_t visits[VIEWS][PLACES]
    uint16_t count[VIEWS]
    uint8_t recent[VIEWS][RECENT]
    uint8_t hours[HOURS]


SIZE = sizeof(Novelty)


cdef double clipped(double value, double limit) noexcept:
    return -limit if value < -limit else limit if value > limit else value


cdef double apart(Novelty* n, int view, const double* scale, int a, int b) noexcept:
    cdef float* p = n.places[view][a]
    cdef float* q = n.places[view][b]
    return (
        scale[0] * fabs(<double>p[0] - <double>q[0])
        + scale[1] * fabs(<double>p[1] - <double>q[1])
        + scale[2] * fabs(<double>p[2] - <double>q[2])
    )


cdef void join_nearest(Novelty* n, int view, const double* scale, int* free) noexcept:
    """The two places that are nearest to each other become one."""
    cdef int a, b, kept = 1, gone = 0, row
    cdef double nearest = -1.0, distance
    cdef uint32_t visits
    for a in range(1, PLACES):
        for b in range(a):
            distance = apart(n, view, scale, a, b)
            if nearest < 0 or distance < nearest:
                nearest, kept, gone = distance, a, b
    if n.visits[view][kept] < n.visits[view][gone]:
        kept, gone = gone, kept
    visits = <uint32_t>n.visits[view][kept] + n.visits[view][gone]
    n.visits[view][kept] = <uint16_t>(visits if visits < 65535 else 65535)
    for row in range(RECENT):
        if n.recent[view][row] == gone:
            n.recent[view][row] = <uint8_t>kept
    free[0] = gone


cdef double look(Novelty* n, int view, double value) noexcept:
    """How far off the view is from where it has been, in what is usual; and it is learned."""
    cdef double now[SIDES]
    cdef double scale[SIDES]
    cdef double width, distance, nearest = -1.0, off = -1.0, rows = <double>n.rows, found = 0.0
    cdef int side, place, at = 0, count = n.count[view], row
    cdef bint visited
    if n.rows == 1:
        n.fast[view] = value
        n.slow[view] = value
    n.fast[view] += (value - n.fast[view]) / (rows if rows < FAST else FAST)
    n.slow[view] += (value - n.slow[view]) / (rows if rows < SLOW else SLOW)
    now[0], now[1], now[2] = value, n.fast[view], n.slow[view]
    for side in range(SIDES):
        if n.rows == 1:
            n.low[view][side] = now[side]
            n.high[view][side] = now[side]
        width = n.high[view][side] - n.low[view][side]
        n.low[view][side] += SHRINKS * width
        n.high[view][side] -= SHRINKS * width
        if now[side] < n.low[view][side]:
            n.low[view][side] = now[side]
        if now[side] > n.high[view][side]:
            n.high[view][side] = now[side]
        width = n.high[view][side] - n.low[view][side]
        scale[side] = 1.0 / (SIDES * width) if width > 0 else 0.0
    for place in range(count):
        distance = (
            scale[0] * fabs(now[0] - <double>n.places[view][place][0])
            + scale[1] * fabs(now[1] - <double>n.places[view][place][1])
            + scale[2] * fabs(now[2] - <double>n.places[view][place][2])
        )
        if nearest < 0 or distance < nearest:
            nearest, at = distance, place
        distance += RARE / <double>n.visits[view][place]
        if off < 0 or distance < off:
            off = distance
    if n.rows > SILENT + 1:
        found = off / (LEAST + USUAL * n.usual[view])
        width = 4.0 * n.usual[view] if n.rows > SETTLED + 1 else 1.0
        if off < width:
            width = off
        n.usual[view] += (width - n.usual[view]) / (rows if rows < MEMORY else MEMORY)
    row = <int>(n.rows % RECENT)
    n.recent[view][row] = NOWHERE
    if count > 0 and nearest <= REACH:
        visited = False
        for side in range(RECENT):
            if n.recent[view][side] == at:
                visited = True
                break
        if not visited:
            n.recent[view][row] = <uint8_t>at
            if n.visits[view][at] < 65535:
                n.visits[view][at] += 1
    else:
        if count < PLACES:
            at = count
            n.count[view] = <uint16_t>(count + 1)
        else:
            join_nearest(n, view, scale, &at)
        for side in range(SIDES):
            n.places[view][at][side] = <float>now[side]
        n.visits[view][at] = 1
        n.recent[view][row] = <uint8_t>at
    return found


cdef double without_rhythm(Novelty* n, int64_t time, double value) noexcept:
    """What is left of a value when its slow level and what is usual at its hour are taken away."""
    cdef double rows = <double>n.rows, off, rest, limit, gap, rate, counted
    cdef int64_t hour = time // HOUR
    cdef int day
    if hour * HOUR > time:
        hour -= 1
    day = <int>(hour % HOURS)
    if day < 0:
        day += HOURS
    if n.rows == 1:
        n.level = value
        n.time = time
    off = value - n.level
    rest = off - n.of_hour[day] * (n.hours[day] / (n.hours[day] + 2.0))
    limit = 4.0 * n.spread if n.rows > 51 else FURTHEST
    counted = fabs(rest)
    n.spread += ((counted if counted < limit else limit) - n.spread) / (
        rows if rows < MEMORY else MEMORY
    )
    if n.hours[day] < 100:
        n.hours[day] += 1
    n.of_hour[day] += <float>(clipped(off - n.of_hour[day], limit) / n.hours[day])
    gap = (<double>time - <double>n.time) / 1e6
    if gap < 0:
        gap = 0.0
    rate = gap / (gap + DAY_SECONDS)
    if rate < 1.0 / rows:
        rate = 1.0 / rows
    if rate > 0.2:
        rate = 0.2
    n.level += rate * off
    n.time = time
    return rest


cdef void move(Novelty* n) noexcept:
    """Numbers are kept relative to the middle and the width of what there was: others take over."""
    cdef double width = n.high[0][0] - n.low[0][0], middle = n.low[0][0] + 0.5 * width
    cdef double factor, shift
    cdef int view, side, place, power = 0
    if not width > 0:
        return
    frexp(width, &power)
    if n.unit * ldexp(1.0, -power) < 1e-300 or n.unit * ldexp(1.0, -power) > 1e300:
        power = 0
    factor = ldexp(1.0, -power)
    n.origin += middle / n.unit
    n.unit *= factor
    n.level = (n.level - middle) * factor
    n.spread *= factor
    for view in range(VIEWS):
        shift = middle if view == 0 else 0.0
        n.fast[view] = (n.fast[view] - shift) * factor
        n.slow[view] = (n.slow[view] - shift) * factor
        for side in range(SIDES):
            n.low[view][side] = (n.low[view][side] - shift) * factor
            n.high[view][side] = (n.high[view][side] - shift) * factor
            for place in range(n.count[view]):
                n.places[view][place][side] = <float>clipped(
                    (<double>n.places[view][place][side] - shift) * factor, FURTHEST
                )
    for place in range(HOURS):
        n.of_hour[place] = <float>clipped(n.of_hour[place] * factor, FURTHEST)


cdef uint32_t follow_one(Novelty* n, int64_t time, double measured) noexcept:
    cdef double value, found, other, score, rest, rows
    cdef int power = 0
    cdef uint32_t units
    if n.rows == 0:
        n.origin = measured
    value = clipped(measured - n.origin, DBL_MAX)
    if n.unit == 0 and value != 0:
        frexp(value, &power)
        power = 1000 if power > 1000 else -1000 if power < -1000 else power
        n.unit = ldexp(1.0, -power)
    value = clipped(value * n.unit, FURTHEST)
    n.rows += 1
    rest = without_rhythm(n, time, value)
    found, other = look(n, 0, value), RHYTHM * look(n, 1, rest)
    if other > found:
        found = other
    rows = <double>(n.rows - 1)
    found *= rows / (rows + YOUNG)
    score = found / (found + HALF)
    rest = REST * rows
    rest = LEAST_REST if rest < LEAST_REST else MOST_REST if rest > MOST_REST else rest
    if <double>(n.rows - n.reported) > rest:
        n.peak = 0.0
    units = 0
    if score > n.peak:
        units = <uint32_t>(score * UNITS + 0.5)
    if score >= SAME * n.peak:
        n.reported = n.rows
    if score > n.peak:
        n.peak = score
    if n.rows >= FIRST_MOVE and (n.rows % MOVES == 0 or n.rows & (n.rows - 1) == 0):
        move(n)
    return units


cdef int load(Novelty* n, bytes state) except -1:
    cdef int view, place
    cdef bint good
    if not state:
        memset(n, 0, sizeof(Novelty))
        memset(n.recent, NOWHERE, sizeof(n.recent))
        return 0
    if len(state) != sizeof(Novelty):
        raise ValueError(f"a state has {sizeof(Novelty)} bytes, this has {len(state)}")
    memcpy(n, PyBytes_AS_STRING(state), sizeof(Novelty))
    good = 0 <= n.rows < MOST and 0 <= n.reported <= n.rows and isfinite(n.unit)
    for view in range(VIEWS):
        good = good and n.count[view] <= PLACES
        for place in range(PLACES):
            good = good and (n.visits[view][place] > 0 or place >= n.count[view])
    if not good:
        raise ValueError("these bytes are no state")
    return 0


def follow(bytes state, bytes times, bytes values):
    """(state, scores) after some rows.

    Args:
        state: empty at the beginning.
        times: int64, microseconds since 1970, of each row.
        values: float64, finite where something was measured.

    Returns:
        The state, and uint32 in ``UNITS`` of each row; 0 where nothing was measured.

    Raises:
        ValueError: the lengths differ, or the state is none.
    """
    cdef Novelty n
    cdef Py_ssize_t rows = len(values) // 8, row
    cdef const char* time = PyBytes_AS_STRING(times)
    cdef const char* value = PyBytes_AS_STRING(values)
    cdef int64_t when
    cdef double measured
    cdef uint32_t score
    if len(values) % 8 or len(times) != len(values):
        raise ValueError("times and values are not of as many rows")
    load(&n, state)
    scores = PyBytes_FromStringAndSize(NULL, rows * 4)
    cdef char* out = PyBytes_AS_STRING(scores)
    for row in range(rows):
        memcpy(&when, time + row * 8, 8)
        memcpy(&measured, value + row * 8, 8)
        score = follow_one(&n, when, measured) if isfinite(measured) else 0
        memcpy(out + row * 4, &score, 4)
    return PyBytes_FromStringAndSize(<char*>&n, sizeof(Novelty)), scores
