"""How long a text message is: characters as GSM 03.38 and UCS-2 count them, and segments. Pure.

A message in the alphabet of GSM has 160 characters, or 153 in each of several segments; any other
has 70, or 67 (3GPP TS 23.038, 23.040). No character is parted between segments.
"""

from unicodedata import normalize

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
"""Of two septets each: the escape, and what it makes of the next."""
ALONE, TOGETHER = (160, 153), (70, 67)
_PLAIN = {"đ": "d", "Đ": "D", "…": "...", "·": "-", "–": "-", "—": "-", "“": '"', "”": '"'}


def is_gsm(text: str) -> bool:
    return all(each in BASIC or each in EXTENDED for each in text)


def segments(text: str) -> int:
    """How many a text needs; 0: it is empty."""
    gsm = is_gsm(text)
    costs = [_cost(each, gsm) for each in text]
    alone, room = ALONE if gsm else TOGETHER
    if sum(costs) <= alone:
        return 1 if text else 0
    found, left = 0, 0
    for cost in costs:
        if cost > left:
            found, left = found + 1, room
        left -= cost
    return found


def _cost(character: str, gsm: bool) -> int:
    """Septets, or code units of UTF-16."""
    if gsm:
        return 2 if character in EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1


def plain(text: str) -> str:
    """Without marks, so that Vietnamese fits the alphabet of GSM: four times as much in a segment.

    What has no such letter becomes a question mark.
    """
    without = "".join(_PLAIN.get(each, each) for each in text)
    letters = (each for each in normalize("NFD", without) if not 0x300 <= ord(each) <= 0x36F)
    return "".join(each if each in BASIC or each in EXTENDED else "?" for each in letters)


def fitting(mark: str, head: str, tail: str, most: int) -> str:
    """All, the head cut where it takes more segments than that; mark and tail stay whole.

    Raises:
        ValueError: these alone take more.
    """
    whole = f"{mark}{head}{tail}"
    if segments(whole) <= most:
        return whole
    dots = "..." if is_gsm(whole) else "…"
    if segments(f"{mark}{dots}{tail}") > most:
        raise ValueError("what must stay does not fit")
    low, high = 0, len(head)
    while low < high:
        middle = (low + high + 1) // 2
        if segments(f"{mark}{head[:middle]}{dots}{tail}") <= most:
            low = middle
        else:
            high = middle - 1
    return f"{mark}{head[:low].rstrip()}{dots}{tail}"
