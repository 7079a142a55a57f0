"""What is written on pictures and charts, in the reader's language. Pure."""

from datetime import timedelta, timezone
from decimal import Decimal
from typing import Literal

from streams.events import Micros, to_datetime

Language = Literal["vi", "en"]

CITY_TIME = timezone(timedelta(hours=7))
"""Viet Nam has one time zone and no summer time."""
_SWAPPED = str.maketrans(",.", ".,")
_ENGLISH = {
    "no_model": "masked whole: there is no detector of people",
    "not_good": "masked whole: by such a picture nobody can tell who is in it",
    "failed": "masked whole: the detector of people failed",
}
_VIETNAMESE = {
    "no_model": "che toàn bộ: không có bộ phát hiện người",
    "not_good": "che toàn bộ: ảnh như thế này không cho biết có ai trong đó",
    "failed": "che toàn bộ: bộ phát hiện người bị lỗi",
    "person": "người",
    "two-wheeler": "xe hai bánh",
    "car": "ô tô",
    "bus": "xe buýt",
    "truck": "xe tải",
    "vehicle": "xe bốn bánh trở lên",
    "value": "giá trị",
    "unusual": "bất thường",
}


def word(english: str, language: Language) -> str:
    """An unknown word stays as it is, so that nothing is hidden for lack of a translation."""
    return (_VIETNAMESE if language == "vi" else _ENGLISH).get(english, english)


def decimal(text: str, language: Language) -> str:
    """A number as Python writes it, with the decimal sign of the language."""
    return text.replace(".", ",") if language == "vi" else text


def number(value: float, language: Language) -> str:
    """All its digits, thousands apart: ``2,592,000.5``, ``2.592.000,5``."""
    text = f"{Decimal(str(value)).normalize():,f}"
    return text.translate(_SWAPPED) if language == "vi" else text


def local_time(time: Micros, language: Language) -> str:
    """``2026-11-22 18:40:07.200 +07``, ``22/11/2026 18:40:07,200 +07``."""
    moment = to_datetime(time).astimezone(CITY_TIME)
    day = f"{moment:%d/%m/%Y}" if language == "vi" else f"{moment:%Y-%m-%d}"
    thousandths = decimal(f".{moment.microsecond // 1000:03d}", language)
    return f"{day} {moment:%H:%M:%S}{thousandths} +07"
