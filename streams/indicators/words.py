"""An indicator's value and target in a sentence, in both languages."""

from streams.indicators.catalogue import all_indicators
from streams.indicators.indicator import THOUSANDTHS, Indicator
from streams.words import Words

SEPARATOR = "="
"""Between an indicator's id and a value in thousandths, in the subject of an incident."""


def subject(name: str, value: int) -> str:
    """Of an incident that is about that value of an indicator."""
    return f"{name}{SEPARATOR}{value}"


def said(subject: str) -> Words:
    """``base_stations_up=97300`` as people read it; itself where there is no such indicator."""
    name, _, value = subject.partition(SEPARATOR)
    indicator = all_indicators().get(name)
    if indicator is None or not value.lstrip("-").isdigit():
        return Words(subject, subject)
    found = [
        f"{name}: {number(int(value), mark)} {unit}{_target(indicator, words, mark)}"
        for name, unit, words, mark in zip(
            indicator.name, indicator.unit, ("mục tiêu", "target"), ",.", strict=True
        )
    ]
    return Words(*found)


def _target(indicator: Indicator, words: str, mark: str) -> str:
    if indicator.goal is None:
        return ""
    bound = "≥" if indicator.direction == "up" else "≤"
    return f" ({words} {bound} {number(indicator.goal, mark)})"


def number(value: int, mark: str = ".") -> str:
    """Thousandths as a decimal number of at most three places."""
    whole, rest = divmod(abs(value), THOUSANDTHS)
    places = f"{rest:03d}".rstrip("0")
    return f"{'-' if value < 0 else ''}{whole}{mark + places if places else ''}"
