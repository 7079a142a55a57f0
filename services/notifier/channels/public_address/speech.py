"""What a loudspeaker says of an alert: short, in Vietnamese, twice, with no digit in it. Pure."""

from datetime import datetime
from typing import Any

from services.alerts.words import CITY_TIME
from services.notifier.spoken import spoken

LONGEST = 600
"""Characters of what is said once: about forty seconds."""
AGAIN = "Xin nhắc lại."


def text_of(data: dict[str, Any], *, over: bool) -> str:
    """Args:
    data: of one alert, as ``services.notifier.templates.data_of`` has it.
    over: what was said before holds no more.
    """
    what = f"Cảnh báo {spoken(data['kind_vi'] or 'sự việc').lower()}"
    rest = " đã hết hiệu lực" if over else f", lúc {_moment(data['time'])}"
    where = ", ".join(
        filter(None, (spoken(data["place_vi"] or ""), spoken(", ".join(data["wards"]))))
    )
    # Never what it is, nor that it is over: many wards are long to read out.
    where = _cut(where, max(0, LONGEST - len(what) - len(" tại ") - len(rest)))
    said = " ".join(f"{what}{f' tại {where}' if where else ''}{rest}".split())
    return f"Thông báo khẩn. {said}. {AGAIN} {said}."


def _cut(text: str, most: int) -> str:
    """At the end of a name, or else of a word."""
    if len(text) <= most:
        return text
    kept = text[:most]
    return (kept.rpartition(", ")[0] or kept.rpartition(" ")[0]).rstrip(" ,")


def _moment(time: str) -> str:
    moment = datetime.fromisoformat(time).astimezone(CITY_TIME)
    return spoken(f"{moment:%H:%M} {moment:%d/%m/%Y}")
