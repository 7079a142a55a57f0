"""Reads a file of indicators; what is wrong with it is one line that names the file and place."""

from pathlib import Path
from typing import Any

from models.files import SMALL, read_file
from streams.feeds.feed import FeedError
from streams.feeds.file import Wrong, converted, document, with_words
from streams.indicators.indicator import Formula, Indicator, IndicatorError
from streams.indicators.validity import faults

_WORDS = ("name", "unit", "responsible", "legal", "needs")


def read_indicators(path: Path) -> list[Indicator]:
    """Those of that file, in its order.

    Raises:
        IndicatorError: as of ``read``, or it cannot be read, or is no UTF-8.
    """
    try:
        return read(read_file(path, SMALL).decode("utf-8"), str(path))
    except OSError as error:
        raise IndicatorError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise IndicatorError(f"{path}: it is not UTF-8: save it as that") from None


def read(text: str, where: str) -> list[Indicator]:
    """The indicators that a file describes, as a list.

    Raises:
        IndicatorError: it is no YAML, lacks a field, has one too many or of the wrong type, or says
            what cannot be; also where the feeds cannot be read.
    """
    try:
        data = document(text)
        if not isinstance(data, list) or not data:
            raise Wrong("give a list of indicators: begin with a copy of another file's")
        found = [_indicator(each, number) for number, each in enumerate(data, start=1)]
        for indicator in found:
            for fault in faults(indicator):
                raise Wrong(f"indicator {indicator.id}: {fault}")
    except (Wrong, FeedError) as wrong:
        raise IndicatorError(f"{where}: {wrong}") from None
    return found


def _indicator(data: Any, number: int) -> Indicator:
    named = data.get("id") if isinstance(data, dict) else None
    label = f"indicator {named or number}: "
    taken = with_words(data, _WORDS, label)
    if isinstance(taken, dict) and "formula" in taken:
        converted(taken["formula"], Formula, f"{label}formula: ")
    found: Indicator = converted(taken, Indicator, label)
    return found
