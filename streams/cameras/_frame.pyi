CONFIRMED: int
SPARSEST: int
POINTS: int
FURTHEST: int

def in_order(boxes: bytes) -> bool: ...
def follow(
    time: int,
    last: int,
    next_id: int,
    motion: bytes,
    facts: bytes,
    times: bytes,
    gaps: bytes,
    boxes: bytes,
    classes: bytes,
    scores: bytes,
) -> tuple[int, bytes, bytes, bytes, bytes, bytes]: ...
def step(gaps: bytes) -> int: ...
def inside(motion: bytes, areas: tuple[bytes, ...], width: int, height: int) -> bytes: ...
def meant(
    facts: bytes, times: bytes, within: bytes, zone: int, classes: bytes, seen: int, since: int
) -> bytes: ...
def hidden(times: bytes, chosen: bytes, time: int) -> bytes: ...
def earliest(times: bytes, chosen: bytes) -> int: ...
def tally(
    facts: bytes, match: bytes, within: bytes, zones: int, numbers: bytes, fresh: bool
) -> tuple[bytes, bytes]: ...
