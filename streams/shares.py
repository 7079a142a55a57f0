"""Parts of a whole, with how sure one can be of them. Pure."""

import msgspec


class Share(msgspec.Struct, frozen=True):
    """With its 95 % interval (Wilson, 1927)."""

    value: float
    low: float
    high: float


def share(good: int, of: int) -> Share | None:
    """None of nothing."""
    if not of:
        return None
    z, part = 1.96, good / of
    middle = (part + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * (part * (1 - part) / of + z * z / (4 * of * of)) ** 0.5
    return Share(
        round(part, 4), round(max(middle - half, 0.0), 4), round(min(middle + half, 1.0), 4)
    )
