"""A polygon or a line as people type it: 'x,y x,y x,y', in fractions of the picture."""

from itertools import chain
from math import isfinite

from services.commandline.output import CommandError


def polygon(what: str, text: str) -> list[tuple[float, float]]:
    """Its corners.

    Raises:
        CommandError: it is not written so; ``what`` says what it was to be.
    """
    try:
        corners = [tuple(map(float, corner.split(","))) for corner in text.split()]
        if not all(map(isfinite, chain(*corners))):
            raise ValueError
        return [(x, y) for x, y in corners]
    except ValueError:
        raise CommandError(
            f"{what} {text!r}: give 'x,y x,y x,y', or 'x,y x,y' for a line, in fractions, 0 to 1", 2
        ) from None
