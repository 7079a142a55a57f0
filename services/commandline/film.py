"""A film that somebody names on the command line: all its pictures, decoded as a camera's are.

The process that decodes is that of a camera (decision 0030): it is nobody, has this one file open
and nothing else, and limits to memory and time. Only nothing waits until a picture is due.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import Progress

from models.files import insist_regular
from services.commandline.output import notes
from services.gateway.capture import Capture, CaptureError, Picture
from services.gateway.decoder.wire import MAX_PIXELS
from services.gateway.reach import Reach

EVERY = 1000.0
"""Pictures a second: more than a film has."""


class FilmError(Exception):
    """It cannot be decoded; names the file and says why."""


class Film:
    """An open film; ``time`` and ``damaged`` are as of the last picture."""

    def __init__(self, path: Path, capture: Capture) -> None:
        self._path, self._capture = path, capture
        self.opened = capture.opened
        self._first = (0, 0)
        """Height and width of the first picture, as it was handed over."""

    @property
    def time(self) -> float:
        """Seconds since the first picture."""
        return self._capture.given

    @property
    def damaged(self) -> int:
        """Pictures that the decoder called damaged and left out."""
        return self._capture.damaged

    @property
    def shrunk(self) -> bool:
        """Whether its pictures are larger than they are handed over."""
        return self.opened.width * self.opened.height > MAX_PIXELS

    @property
    def stretched(self) -> bool:
        """Whether its pixels are not square, so that its pictures were given their shape."""
        told = {self.opened.width, self.opened.height}
        return not self.shrunk and all(self._first) and 0 not in told and {*self._first} != told

    def pictures(self, told: Callable[[float, float], None]) -> Iterator[Picture]:
        """Every one that is not damaged, in order and upright. To be called once.

        Args:
            told: called with seconds of the film that are done, and in all (0: unknown).

        Raises:
            FilmError: it has none, or no more than what came can be decoded.
        """
        try:
            for picture in self._capture.pictures(EVERY, lambda _: False):
                told(self.time, self.opened.seconds)
                self._first = self._first if all(self._first) else picture.shape[:2]
                yield picture
        except CaptureError as error:
            raise FilmError(f"{self._path}: {error}") from None
        if self.time < 0:
            raise FilmError(f"{self._path} has no picture that can be decoded")


def bar() -> Progress:
    """How far it is; nothing where nobody looks at a terminal."""
    return Progress(console=notes, transient=True, disable=not notes.is_terminal)


@contextmanager
def opened(path: Path) -> Iterator[Film]:
    """Raises FilmError where it is no regular file, or not one that cameras' decoder takes."""
    try:
        insist_regular(path)
        capture = Capture(str(path.absolute()), Reach.only(path))
    except FileNotFoundError:
        raise FilmError(f"there is no file {path}") from None
    except OSError as error:
        raise FilmError(f"{path}: {error.strerror}") from None
    except CaptureError as error:
        raise FilmError(f"{path}: {error}") from None
    try:
        yield Film(path, capture)
    finally:
        capture.close()
