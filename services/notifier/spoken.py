"""Vietnamese as it is read out: numbers, times, dates and units as words. Pure.

For whoever speaks a text, a machine or a person: no digit is left in it, and no sign that has no
sound.
"""

import re
from unicodedata import category, normalize

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("", "nghìn", "triệu", "tỷ")
MOST_DIGITS = 12
"""What is longer, or begins with 0, is no quantity: it is read digit by digit."""
_UNITS = {
    "km/h": "ki lô mét trên giờ",
    "m/s": "mét trên giây",
    "mm/h": "mi li mét trên giờ",
    "m³/s": "mét khối trên giây",
    "°C": "độ xê",
    "%": "phần trăm",
    "kV": "ki lô vôn",
    "km": "ki lô mét",
    "cm": "xăng ti mét",
    "mm": "mi li mét",
    "m": "mét",
}
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_TIME = re.compile(r"\b([01]?\d|2[0-3])[:hH]([0-5]\d)(?::[0-5]\d(?:[,.]\d+)?)?(?!\d)")
_DATE = re.compile(r"\b(0?[1-9]|[12]\d|3[01])/(0?[1-9]|1[0-2])/(\d{4})\b")
_DAY_FIRST = re.compile(r"\b(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\b")
_NUMBER = re.compile(
    rf"(?P<minus>(?<![\w)])[-\u2212](?=\d))?"
    rf"(?P<whole>\d{{1,3}}(?:\.\d{{3}})+(?!\d)|\d+)"
    rf"(?:,(?P<part>\d+))?(?:\s*(?P<unit>{_UNIT})(?!\w))?"
)
_PAUSES = str.maketrans(dict.fromkeys("·•|/\\()[]{}<>;–—…\"“”‘’'*#=_~^", ", "))
_SAID = {"&": " và ", "+": " cộng ", "@": " a còng "}


def number(value: int) -> str:
    """``1005``: một nghìn không trăm linh năm. Of 0 to 999,999,999,999.

    Raises:
        ValueError: it is another.
    """
    if not 0 <= value < 10**MOST_DIGITS:
        raise ValueError("no number that is read as one")
    if value == 0:
        return _DIGITS[0]
    groups = []
    rest = value
    while rest:
        rest, group = divmod(rest, 1000)
        groups.append(group)
    said = []
    for place in range(len(groups) - 1, -1, -1):
        if groups[place]:
            said.append(_group(groups[place], whole=place < len(groups) - 1))
            said.append(_GROUPS[place])
    return " ".join(filter(None, said))


def _group(value: int, *, whole: bool) -> str:
    """Three digits; ``whole``: others come before, so that hundreds are said also where there are
    none."""
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    said = [f"{_DIGITS[hundreds]} trăm"] if hundreds or whole else []
    if tens == 0:
        if ones:
            said += (["linh"] if said else []) + [_DIGITS[ones]]
        return " ".join(said)
    said.append("mười" if tens == 1 else f"{_DIGITS[tens]} mươi")
    if ones == 5:
        said.append("lăm")
    elif ones == 1 and tens > 1:
        said.append("mốt")
    elif ones == 4 and tens > 1:
        said.append("tư")
    elif ones:
        said.append(_DIGITS[ones])
    return " ".join(said)


def spoken(text: str) -> str:
    """The text as it is read out, on one line."""
    said = normalize("NFC", text)
    said = _TIME.sub(lambda m: f" {_time(int(m[1]), int(m[2]))} ", said)
    said = _DATE.sub(lambda m: f" {_date(int(m[1]), int(m[2]), int(m[3]))} ", said)
    said = _DAY_FIRST.sub(lambda m: f" {_date(int(m[3]), int(m[2]), int(m[1]))} ", said)
    said = _NUMBER.sub(_quantity, said)
    for sign, word in _SAID.items():
        said = said.replace(sign, word)
    said = "".join(_heard(each) for each in said.translate(_PAUSES))
    return _tidy(said)


def _time(hour: int, minute: int) -> str:
    return f"{number(hour)} giờ" + (f" {number(minute)} phút" if minute else "")


def _date(day: int, month: int, year: int) -> str:
    first = "mùng " if day <= 10 else ""
    return f"ngày {first}{number(day)} tháng {_MONTHS.get(month, number(month))} năm {number(year)}"


_MONTHS = {4: "tư"}


def _quantity(found: re.Match[str]) -> str:
    whole, part = found["whole"].replace(".", ""), found["part"]
    said = _one_by_one(whole) if _is_a_name(whole) else number(int(whole))
    if found["minus"]:
        said = f"âm {said}"
    if part:
        said += f" phẩy {_one_by_one(part) if _is_a_name(part) else number(int(part))}"
    if found["unit"]:
        said += f" {_UNITS[found['unit']]}"
    return f" {said} "


def _is_a_name(digits: str) -> bool:
    return len(digits) > MOST_DIGITS or (digits.startswith("0") and len(digits) > 1)


def _one_by_one(digits: str) -> str:
    return " ".join(_DIGITS[int(each)] for each in digits)


def _heard(character: str) -> str:
    """Letters and what makes a pause; a digit of another script by its value."""
    if character.isspace() or character in ",.:!?-":
        return character if character in ",.!?" else {":": ","}.get(character, " ")
    kind = category(character)
    return character if kind[0] in "LM" else " "


def _tidy(text: str) -> str:
    said = re.sub(r"\s+", " ", text)
    said = re.sub(r"(?:\s*([,.!?]))+", lambda m: "." if "." in m[0] else m[1], said)
    return said.strip(" ,")
