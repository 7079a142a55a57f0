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
    what = spoken(data["kind_vi"] or "sự việc").lower()
    where = spoken(data["place_vi"] or "")
    place = f"tại {where}" if where else ""
    if ward := spoken(", ".join(data["wards"])):
        place = f"{place}, {ward}" if place else f"tại {ward}"
    if over:
        said = f"Cảnh báo {what} {place} đã hết hiệu lực"
    else:
        said = f"Cảnh báo {what} {place}, lúc {_moment(data['time'])}"
    said = " ".join(said.split())
    if len(said) > LONGEST:
        said = said[:LONGEST].rpartition(" ")[0]
    return f"Thông báo khẩn. {said}. {AGAIN} {said}."


def _moment(time: str) -> str:
    moment = datetime.fromisoformat(time).astimezone(CITY_TIME)
    return spoken(f"{moment:%H:%M} {moment:%d/%m/%Y}")
