"""What opens an address or a file: the library, or ``Pictures`` where that knows no better."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from services.gateway.decoder.body import is_web
from services.gateway.decoder.pictures import Pictures
from services.gateway.decoder.source import SourceError, SourceFile, UnknownFormatError
from services.gateway.decoder.wire import Opened, Place

Source = SourceFile | Pictures
NOTHING = Opened("stream", "", "mjpeg", 0, 0, 0.0, 0.0)


def open_source(place: Place, within: Callable[[], AbstractContextManager[None]]) -> Source:
    """To be closed by the caller.

    Args:
        within: entered for each attempt.

    Raises:
        SourceError: it cannot be opened.
    """
    unknown: UnknownFormatError | None = None
    told = NOTHING
    with within():
        try:
            source = SourceFile(place)
        except UnknownFormatError as error:
            unknown = error
        else:
            told = source.opened
            single = told.codec == "mjpeg" and told.nature == "still"
            if not is_web(place.address) or not (single or told.container == "mpjpeg"):
                return source
            source.close()
    if unknown and not is_web(place.address):
        raise unknown
    with within():
        try:
            pictures = Pictures(place, told)
        except SourceError:
            if unknown:
                raise unknown from None
            raise
    if not pictures.is_film:
        return pictures
    pictures.close()
    with within():
        return SourceFile(place, "mjpeg")


def again(source: Source, place: Place) -> Source:
    """A picture that was opened before, asked for once more. Raises SourceError."""
    if isinstance(source, Pictures):
        return Pictures(place, source.opened, polled=True)
    return SourceFile(place)
