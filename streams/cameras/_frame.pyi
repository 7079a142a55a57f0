CONFIRMED: int
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
    boxes: bytes,
    classes: bytes,
    scores: bytes,
) -> tuple[int, bytes, bytes, bytes, bytes]: ...
def inside(motion: bytes, areas: tuple[bytes, ...]) -> bytes: ...
def meant(
    facts: bytes, times: bytes, within: bytes, zone: int, classes: bytes, seen: int, since: int
) -> bytes: ...
def earliest(times: bytes, chosen: bytes) -> int: ...
def tally(
    facts: bytes, match: bytes, within: bytes, zones: int, numbers: bytes, fresh: bool
) -> tuple[bytes, bytes]: ...
