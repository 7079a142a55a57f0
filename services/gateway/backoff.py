"""How long a camera waits before its source is opened again; pure."""

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds: after the first, second, … failure in a row, then the last."""
LONGEST_OF_SHORT = 5.0
"""Seconds, behind a source that gave pictures: what ends soon is seen now and then all the same."""
STEADY_SECONDS = 5.0
"""What gave pictures for so long was all right. Each start takes 0.2 s of a processor:
those that die sooner again and again would take it from all other cameras."""


class Backoff:
    """Counts failures in a row."""

    def __init__(self) -> None:
        self._failures = 0

    def pause(self, lasted: float, *, lost: bool) -> float:
        """Seconds to wait after a failure.

        Args:
            lasted: seconds from the first picture to the failure; 0: there was no picture.
            lost: whether the decoder died or hung, and not the source.
        """
        self._failures = 1 if lasted >= STEADY_SECONDS else self._failures + 1
        # The source may be all right: the first loss of a decoder costs no more than it must.
        pauses: tuple[float, ...] = (0.0, *PAUSES) if lost else PAUSES
        if lasted and not lost:
            pauses = tuple(each for each in PAUSES if each <= LONGEST_OF_SHORT)
        return pauses[min(self._failures, len(pauses)) - 1]
