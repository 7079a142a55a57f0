"""What a message says, in either language. Pure.

Names, kinds and places come from anybody who configures, and from sources: in a text no character
of theirs is more than a character, in HTML all of it is escaped, and a subject is one line.
"""

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

from services.alerts import kinds
from services.alerts.area import OUTSIDE
from services.alerts.issued import Issue
from services.alerts.outlines import Outline
from services.alerts.words import Language, local_time
from services.notifier.channel import LONGEST_TEXT, Written
from services.oncall.deciding import Facts
from services.oncall.floods import Group, Summary
from streams.events import SEVERITIES, Severity, to_datetime, to_rfc3339
from streams.visible import line
from streams.words import Words

SEVERITY: dict[Severity, Words] = {
    "informational": Words("Thông tin", "Informational"),
    "low": Words("Thấp", "Low"),
    "medium": Words("Trung bình", "Medium"),
    "high": Words("Cao", "High"),
    "critical": Words("Nguy cấp", "Critical"),
}
ORIGIN = {
    "simulated": Words("MÔ PHỎNG", "SIMULATED"),
    "recorded": Words("BẢN GHI", "RECORDED"),
    "replayed": Words("PHÁT LẠI", "REPLAYED"),
}
EXERCISE = Words("DIỄN TẬP", "EXERCISE")
TEST = Words("THỬ KÊNH", "CHANNEL TEST")
LONGEST_NAME = 200
_WORDS = {
    "time": Words("Thời gian", "Time"),
    "place": Words("Địa điểm", "Place"),
    "ward": Words("Phường, xã", "Ward"),
    "severity": Words("Mức độ", "Severity"),
    "why": Words("Lý do", "Why"),
    "count": Words("Số lần", "Occurrences"),
    "origin": Words("Nguồn gốc", "Origin"),
    "acknowledge": Words("Xác nhận", "Acknowledge"),
    "open": Words("Mở cảnh báo", "Open the alert"),
    "map": Words("Bản đồ", "Map"),
    "alerts": Words("cảnh báo", "alerts"),
    "flood": Words("Dồn cảnh báo", "Flood of alerts"),
    "since": Words("Từ lúc", "Since"),
    "first": Words("Đầu tiên", "First"),
    "list": Words("Mở danh sách", "Open the list"),
    "exercise": Words(
        "Đây là diễn tập: không phải sự việc thật.", "This is an exercise: nothing real happened."
    ),
    "test": Words(
        "Đây là tin thử kênh; không cần làm gì.", "This tries the channel; there is nothing to do."
    ),
}


class Line(NamedTuple):
    """One alert, as its recipient may be told of it."""

    key: str
    facts: Facts
    partial: bool
    """Of its first source nothing is said."""
    why: Words | None
    step: int
    test: bool
    issue: Issue | None = None
    """As which message about the alert the world outside is told; None: as the first."""
    acknowledge: str = ""
    """Where its recipient acknowledges it by a click; empty: nowhere."""
    summary: Summary | None = None
    """It stands for several, in a flood."""
    within: frozenset[str] | None = None
    """The wards of which its recipient may hear; None: all."""
    outline: Outline = ()
    """Of its first source, where that is an area."""


def write(lines: Sequence[Line], language: Language, base: str, *, exercise: bool) -> Written:
    """A message of one alert or several, the gravest first.

    Args:
        base: address of the console, without a slash at its end.
        exercise: it is marked as one, in every form.
    """
    ordered = sorted(
        lines, key=lambda one: (-SEVERITIES.index(one.facts.severity), one.facts.time, one.key)
    )
    first, test = ordered[0], ordered[0].test
    mark = f"[{_say(TEST if test else EXERCISE, language)}] " if exercise or test else ""
    subject = mark + _head(first, language)
    if len(ordered) > 1:
        subject = f"{mark}{len(ordered)} {_word('alerts', language)}: {_head(first, language)}"
    note = _word("test" if test else "exercise", language) if exercise or test else ""
    blocks = [_block(one, language, base) for one in ordered]
    return Written(
        subject=_short(subject),
        text=_text(note, blocks),
        html=_html(note, blocks, language),
        data=[data_of(one, base, exercise=exercise) for one in _in_turn(ordered)],
        exercise=exercise,
        language=language,
        time=to_datetime(max(one.facts.time for one in ordered)),
        brief=_brief(note, blocks),
        acknowledge=(
            (_word("acknowledge", language), first.acknowledge)
            if len(ordered) == 1 and first.acknowledge
            else None
        ),
    )


def _in_turn(ordered: Sequence[Line]) -> list[Line]:
    """What is said of one alert stands in the order in which it became so."""
    first: dict[str, int] = {}
    for place, one in enumerate(ordered):
        first.setdefault(one.facts.alert, place)
    return sorted(ordered, key=lambda one: (first[one.facts.alert], one.facts.version))


class _Block(NamedTuple):
    head: str
    rows: list[tuple[str, str]]
    links: list[tuple[str, str]]
    brief: list[str]
    """What the head does not say, without the rows' names."""


def _block(one: Line, language: Language, base: str) -> _Block:
    if one.summary is not None:
        return _flood(one.summary, one, language, base)
    facts = one.facts
    rows = [
        ("time", local_time(facts.time, language)),
        ("place", _place(one, language)),
        ("ward", ", ".join(_wards(one) + _elsewhere(one, language))),
        ("severity", _say(SEVERITY[facts.severity], language)),
        ("why", "" if one.why is None or one.partial else _say(one.why, language)),
        ("count", str(facts.count) if facts.count > 1 else ""),
        ("origin", _origin(facts, language)),
    ]
    links = [("acknowledge", one.acknowledge)] if one.acknowledge else []
    links += [] if one.test else [("open", link(base, facts.alert, language))]
    if facts.place is not None and not one.partial:
        links.append(("map", map_of(*facts.place)))
    said = dict(rows)
    brief = [said["why"], " · ".join(filter(None, (said["time"], said["ward"]))), said["origin"]]
    return _Block(
        _head(one, language),
        [(_word(name, language), _short(value, LONGEST_TEXT)) for name, value in rows if value],
        [(_word(name, language), address) for name, address in links],
        [] if one.test else [_short(value) for value in brief if value],
    )


def _flood(summary: Summary, one: Line, language: Language, base: str) -> _Block:
    """What came first, and what of which kind came where."""
    first = summary.first
    source = first.source_vi if language == "vi" else first.source_en
    rows = [
        (_word("since", language), local_time(summary.since, language)),
        (_word("first", language), " · ".join(filter(None, (_kind(first.kind, language), source)))),
    ]
    rows += [(str(group.count), _group(group, language)) for group in summary.groups]
    origin = _origin(one.facts, language)
    if origin:
        rows.append((_word("origin", language), origin))
    links = [(_word("list", language), f"{base}/" + ("?lang=en" if language == "en" else ""))]
    said = [(name, _short(value)) for name, value in rows]
    return _Block(_head(one, language), said, links, [f"{name}: {value}" for name, value in said])


def _group(group: Group, language: Language) -> str:
    """``Low value · Hồng Bàng (High)``."""
    where = " · ".join(filter(None, (_kind(group.kind, language), group.ward)))
    return f"{where} ({_say(SEVERITY[group.severity], language)})"


def _kind(name: str, language: Language) -> str:
    kind = kinds.of(name)
    return kind.name_vi if language == "vi" else kind.name_en


def _head(one: Line, language: Language) -> str:
    """``Critical: Intrusion · Quay 3``; of a flood ``Flood of alerts: 37``."""
    if one.test:
        return "CityOps"
    if one.summary is not None:
        return f"{_word('flood', language)}: {one.summary.count}"
    name = _kind(one.facts.kind, language)
    severity = _say(SEVERITY[one.facts.severity], language)
    return _short(f"{severity}: {name} · {_place(one, language)}")


def _place(one: Line, language: Language) -> str:
    facts = one.facts
    if one.partial:
        return _short(OUTSIDE.source_vi if language == "vi" else OUTSIDE.source_en)
    if language == "vi":
        names = (facts.source_vi, facts.zone_vi)
    else:
        names = (facts.source_en, facts.zone_en)
    return _short(", ".join(filter(None, names)))


def _wards(one: Line) -> list[str]:
    """Those that its recipient may hear of."""
    if one.partial:
        return []
    there = {ward for ward in one.facts.wards.values() if ward}
    return sorted(there if one.within is None else there & one.within)


def _is_elsewhere(one: Line) -> bool:
    """Whether it lies in wards, too, that its recipient may not hear of."""
    return one.within is not None and not one.within.issuperset(one.facts.wards.values())


def _elsewhere(one: Line, language: Language) -> list[str]:
    named = OUTSIDE.source_vi if language == "vi" else OUTSIDE.source_en
    return [named] if _is_elsewhere(one) and not one.partial else []


def _origin(facts: Facts, language: Language) -> str:
    return _say(ORIGIN[facts.origin], language) if facts.origin in ORIGIN else ""


def link(base: str, alert: str, language: Language) -> str:
    """To the alert in the console."""
    return f"{base}/?alert={alert}" + ("&lang=en" if language == "en" else "")


def acknowledging(base: str, token: str) -> str:
    """Where a link of ``services.oncall.links`` leads."""
    return f"{base}/api/acknowledge?t={token}"


def map_of(latitude: float, longitude: float) -> str:
    """A ``geo:`` address (RFC 5870), which telephones open in whatever map they have."""
    return f"geo:{latitude:.6f},{longitude:.6f}"


def _text(note: str, blocks: Sequence[_Block]) -> str:
    parts = [note] if note else []
    for block in blocks:
        rows = [f"{name}: {value}" for name, value in (*block.rows, *block.links)]
        parts.append("\n".join([block.head, *rows]))
    return "\n\n".join(parts) + "\n"


def _brief(note: str, blocks: Sequence[_Block]) -> str:
    """Of one alert what it is about; of several what each is."""
    lines = [note] if note else []
    lines += blocks[0].brief if len(blocks) == 1 else [block.head for block in blocks]
    return "\n".join(lines)


def _html(note: str, blocks: Sequence[_Block], language: Language) -> str:
    body = f"<p><strong>{escape(note)}</strong></p>" if note else ""
    for block in blocks:
        rows = "".join(
            f"<tr><th align='left'>{escape(name)}</th><td>{escape(value)}</td></tr>"
            for name, value in block.rows
        )
        links = " · ".join(
            f"<a href='{escape(address, quote=True)}'>{escape(name)}</a>"
            for name, address in block.links
        )
        body += f"<h2>{escape(block.head)}</h2><table>{rows}</table><p>{links}</p>"
    return f"<!DOCTYPE html><html lang='{language}'><body>{body}</body></html>\n"


def data_of(one: Line, base: str, *, exercise: bool) -> dict[str, Any]:
    """For programs: names in both languages, times in RFC 3339, degrees of latitude and longitude
    (``outline``: of an area's corners, closed),
    and which message about the alert this is (``issue``), with those that it takes the place of."""
    facts, kind = one.facts, kinds.of(one.facts.kind)
    place = None if one.partial or facts.place is None else list(facts.place)
    # A summary takes the place of no alert's message, not even the gravest's.
    about = None if one.summary else one.issue
    issue = about or Issue("Alert", facts.version, facts.decided_at, ())
    return {
        "key": one.key,
        "alert": facts.alert,
        "version": facts.version,
        "kind": facts.kind,
        "kind_vi": kind.name_vi,
        "kind_en": kind.name_en,
        "severity": facts.severity,
        "origin": facts.origin,
        "exercise": exercise,
        "test": one.test,
        "source": None if one.partial else facts.source,
        "place_vi": _place(one, "vi"),
        "place_en": _place(one, "en"),
        "location": place,
        "outline": None if one.partial or not one.outline else [list(each) for each in one.outline],
        "wards": _wards(one),
        "elsewhere": one.partial or _is_elsewhere(one),
        "time": to_rfc3339(facts.time),
        "decided_at": to_rfc3339(facts.decided_at),
        "count": facts.count,
        "step": one.step + 1,
        "why_vi": None if one.why is None or one.partial else one.why.vi,
        "why_en": None if one.why is None or one.partial else one.why.en,
        "headline_vi": _head(one, "vi"),
        "headline_en": _head(one, "en"),
        "issue": {
            "type": issue.type,
            "version": issue.version,
            "sent": to_rfc3339(issue.sent),
            "references": [[version, to_rfc3339(sent)] for version, sent in issue.references],
        },
        "flood": None
        if one.summary is None
        else {
            "since": to_rfc3339(one.summary.since),
            "count": one.summary.count,
            "first": one.summary.first.alert,
            "groups": [
                {"kind": each.kind, "ward": each.ward or None, "count": each.count}
                for each in one.summary.groups
            ],
        },
        "link": link(base, facts.alert, "vi"),
    }


def _say(words: Words, language: Language) -> str:
    return words.vi if language == "vi" else words.en


def _word(name: str, language: Language) -> str:
    return _say(_WORDS[name], language)


def _short(text: str, longest: int = LONGEST_NAME) -> str:
    """One line, with what cannot be seen written out."""
    text = line(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"
