"""Topics and messages by MQTT: which sources they are of, and what of them counts."""

import asyncio
import re
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from services.receiver.mqtt import main as mqtt
from services.receiver.mqtt import mapping, taking
from services.receiver.mqtt.line import Line
from services.receiver.mqtt.mapping import (
    MappingError,
    Subscription,
    asked_for,
    includes,
    is_copy,
    matched,
    numbers,
    parsed,
)
from services.receiver.mqtt.messages import MOST_BYTES, Found, Message, found_in, mapped
from services.receiver.mqtt.taking import Taking
from streams.configuration.configured import NOTHING, folded
from streams.events import MINUTE, ControlChange, Place, Source, from_rfc3339, to_rfc3339
from streams.settings import SettingError, Settings, load
from tests.support.certificates import Authority

NOW = from_rfc3339("2026-11-29T00:00:00Z")
SOURCES = [
    Source(name, "induction_loop", "", "", "live", Place(20.8, 106.7), gateway)
    for name, gateway in (("loop-1", "gw-a"), ("loop-2", "gw-a"), ("loop-9", "gw-b"))
]
KNOWN = folded((ControlChange(n, 0, one) for n, one in enumerate(SOURCES, 1)), NOTHING)
TOPICS = parsed("""
subscriptions:
  - {topic: loops/+/speed, format: number, source: "{1}", metric: speed, unit: "m/s"}
  - {topic: loops/+/json, source: "{1}"}
  - {topic: packs/#, format: senml, gateways: [gw-a]}
""")


@pytest.mark.parametrize(
    ("pattern", "topic", "found"),
    [
        ("a/b", "a/b", ()),
        ("a/+/c", "a/b/c", ("b",)),
        ("+/+", "a/b", ("a", "b")),
        ("a/#", "a/b/c", ("b/c",)),
        ("a/#", "a", ("",)),
        ("+/#", "a/b/c", ("a", "b/c")),
        ("a/+", "a/b/c", None),
        ("a/+/c", "a/b", None),
        ("#", "$SYS/x", None),
        ("a", "A", None),
    ],
)
def test_a_filter_is_of_topics_as_mqtt_says(
    pattern: str, topic: str, found: tuple[str, ...] | None
) -> None:
    assert matched(pattern, topic) == found


@pytest.mark.parametrize(
    ("wide", "narrow", "within"),
    [
        ("a/#", "a/b/c", True),
        ("a/#", "a", True),
        ("a/#", "a/+/#", True),
        ("+/b", "a/b", True),
        ("#", "+/+", True),
        ("+/+", "a/#", False),
        ("a/+", "+/b", False),
        ("a/b", "a/+", False),
        ("+", "a/b", False),
        ("#", "$SYS/x", False),
        ("a/+", "a", False),
    ],
)
def test_one_filter_includes_another(wide: str, narrow: str, within: bool) -> None:
    assert includes(wide, narrow) is within


def test_a_filter_within_another_is_not_asked_for_and_its_quality_is() -> None:
    listed = parsed("""
subscriptions:
  - {topic: a/b, format: number, source: x, qos: 1}
  - {topic: a/#, format: number, source: y, qos: 0}
  - {topic: +/b, format: number, source: z, qos: 0}
""")
    assert [(one.topic, one.qos) for one in asked_for(listed)] == [("a/#", 1), ("+/b", 1)]


def test_a_copy_is_what_comes_for_a_filter_behind_the_first() -> None:
    listed = parsed("""
subscriptions:
  - {topic: a/+, format: number, source: x}
  - {topic: +/b, format: number, source: y}
""")
    known = numbers(listed)
    first, second = known.values()

    def copied(topic: str, told: Sequence[int], granted: Sequence[Subscription] = listed) -> bool:
        return is_copy(granted, known, topic, told)

    assert not copied("a/b", ())
    assert not copied("a/b", [first])
    assert not copied("a/b", [second, first]), "once for both"
    assert copied("a/b", [second])
    assert not copied("c/b", [second])
    assert not copied("a/b", [second, 7]), "of an earlier file: nobody knows"
    assert not copied("a/b", [second], listed[1:]), "the first one was refused"
    weaker = [msgspec.structs.replace(listed[0], qos=0), listed[1]]
    assert not copied("a/b", [second], weaker), "the broker keeps it, and not the first one's"
    assert copied("a/b", [first], weaker)


def test_what_waited_for_an_earlier_file_is_no_copy() -> None:
    """It came when there was the one filter; the one that counts now was not asked for yet."""
    now = parsed("""
subscriptions:
  - {topic: a/+, format: number, source: x}
  - {topic: +/b, format: number, source: y}
""")
    assert not is_copy(now, numbers(now), "a/b", [numbers(now[1:])["+/b"]])
    assert numbers(now) == {"a/+": 259561275, "+/b": 225797658}, "the same at each start"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("subscriptions: []", "1 to 1000"),
        ("topics: []", "list of subscriptions"),
        ("{", "no YAML"),
        ("subscriptions: [{topic: a, source: x, colour: red}]", "1: .*colour"),
        ("subscriptions: [{topic: a/#/b, source: x}]", "whole level"),
        ("subscriptions: [{topic: a+, source: x}]", "whole level"),
        ("subscriptions: [{topic: '', source: x}]", "characters"),
        ("subscriptions: [{topic: a}]", "give source"),
        ("subscriptions: [{topic: a, source: x, gateways: [g]}]", "give source"),
        ("subscriptions: [{topic: a/+, source: 'x{2}'}]", "1 wildcards"),
        ("subscriptions: [{topic: a/+, source: 'x{one}'}]", "1 wildcards"),
        ("subscriptions: [{topic: a, format: xml, source: x}]", "format"),
        ("subscriptions: [{topic: a, format: number, gateways: [g]}]", "give source"),
        ("subscriptions: [{topic: a, format: csv, source: x}]", "say it"),
        ("subscriptions: [{topic: a, qos: 2, source: x}]", "qos"),
        ("subscriptions: [{topic: a, source: x}, {topic: a, source: y}]", "twice"),
        ("subscriptions: [{topic: $share/g/a, source: x}]", "shared"),
        ('subscriptions: [{topic: "a\\ud800", source: x}]', "printable"),
        ("subscriptions: [{topic: a, source: 2026-13-45}]", "no YAML"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_with_where_and_why(text: str, why: str) -> None:
    with pytest.raises(MappingError, match=why):
        parsed(text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"mqtt\.yaml"):
        mapping.read(tmp_path / "mqtt.yaml")


def take(topic: str, payload: bytes | str, **said: bool) -> tuple[list[str], list[str], int]:
    """Sources with values that are taken, reasons of what is refused, and what is left out."""
    raw = payload.encode() if isinstance(payload, str) else payload
    message = Message(topic, raw, 1, said.get("retained", False), said.get("again", False))
    where = mapped(TOPICS, topic)
    assert where is not None
    found = found_in(message, *where, KNOWN, NOW)
    taken = [
        f"{one.source} {metric}={value:g}"
        for one in found.readings
        for metric, value in one.values.items()
    ]
    return taken, [one.reason for one in found.refused], found.left_out


def timed(value: float, minutes: float = 0) -> str:
    at = to_rfc3339(NOW - round(minutes * MINUTE))
    return f'{{"metric": "flow", "value": {value}, "time": "{at}"}}'


def test_what_the_topic_says_need_not_stand_in_the_message() -> None:
    assert take("loops/loop-1/json", timed(3)) == (["loop-1 flow=3"], [], 0)
    both = f"[{timed(3)}, {timed(4, 1)}]"
    assert take("loops/loop-2/json", both)[0] == ["loop-2 flow=3", "loop-2 flow=4"]
    taken = take("packs/x", f'[{{"n": "loop-1/flow", "v": 1, "t": {NOW / 1e6}}}]')
    assert taken == (["loop-1 flow=1"], [], 0)


def test_a_topic_speaks_for_its_sources_and_no_others() -> None:
    other = timed(3).replace("{", '{"source": "loop-2", ', 1)
    assert take("loops/loop-1/json", other) == ([], ["unknown_source"], 0)
    assert take("loops/nobody/json", timed(3)) == ([], ["unknown_source"], 0)
    assert take("packs/x", f'[{{"n": "loop-9/flow", "v": 1, "t": {NOW / 1e6}}}]')[1] == [
        "unknown_source"
    ]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("hot", "malformed"),
        ("true", "not_a_number"),
        ("NaN", "not_finite"),
        ("41.5", "no_time"),
        (b"\xff", "malformed"),
        (b"1" * (MOST_BYTES + 1), "oversized"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(payload: bytes | str, reason: str) -> None:
    taken, reasons, _ = take("loops/loop-1/speed", payload)
    assert (taken, len(reasons)) == ([], 1)
    assert reasons[0] == reason or (payload == b"\xff" and reasons)


def test_what_is_retained_counts_only_where_it_says_that_it_is_new() -> None:
    topic = "loops/loop-1/json"
    assert take(topic, timed(3, 60))[0] == ["loop-1 flow=3"], "the control"
    assert take(topic, timed(3, 60), retained=True) == ([], [], 1)
    assert take(topic, timed(3, 1), retained=True) == (["loop-1 flow=3"], [], 0)
    assert take("loops/loop-1/speed", "4", retained=True) == ([], [], 1)
    assert take(topic, "[", retained=True)[1] == ["malformed"]


def test_messages_arrive_in_the_order_in_which_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    arrived: dict[bytes, int] = {}
    waits = [0.05, 0.0, 0.02, 0.0]
    given: list[int] = []

    def now() -> int:
        time.sleep(waits[len(given) % 4])
        given.append(len(given))
        return given[-1]

    def found(message: Message, *rest: Any) -> Found:
        arrived[message.payload] = rest[-1]
        return Found([], [], 0)

    monkeypatch.setattr(taking, "found_in", found)
    following: Any = SimpleNamespace(known=KNOWN, problem="")
    clock: Any = SimpleNamespace(now=now)

    async def run() -> None:
        taker = Taking(TOPICS, following, clock, clock)
        sent = [Message("loops/loop-1/speed", str(n).encode(), 1, False, False) for n in range(8)]
        assert all(await asyncio.gather(*map(taker.take, sent)))

    asyncio.run(run())
    assert arrived == {str(n).encode(): n for n in range(8)}


@pytest.mark.parametrize(
    ("ca", "secret", "said"),
    [
        (b"no certificate", b"", "CITYOPS_MQTT_CA='.*ca.pem': give a file with certificates"),
        (b"\xff\xfe", b"", "CITYOPS_MQTT_CA"),
        (None, b"", "CITYOPS_MQTT_CA"),
        (b"", b"s3cret\xff", "mqtt-password is no text in UTF-8: write it again"),
        (b"", b"s3cret" * 2**14, "mqtt-password cannot be read: it has 98304 bytes"),
    ],
)
def test_files_that_cannot_be_used_are_one_line_and_tried_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ca: bytes | None,
    secret: bytes,
    said: str,
) -> None:
    topics, file = tmp_path / "mqtt.yaml", tmp_path / "ca.pem"
    topics.write_text("subscriptions: [{topic: a, source: x}]")
    given = {"mqtt_ca": str(file) if ca != b"" else "", "mqtt_user": "u"}
    settings = Settings(
        state_dir=tmp_path, mqtt_broker="mqtts://h", mqtt_topics=str(topics), **given
    )
    password = settings.secret("mqtt-password")
    password.parent.mkdir()
    password.write_bytes(secret)
    if ca:
        file.write_bytes(ca)
    told: list[str] = []
    authority = Authority(tmp_path / "authority").file

    class Recorder:
        def __init__(self, *_: Any) -> None: ...

        def beat(self, ok: bool, detail: str) -> None:
            told.append(detail)
            assert not ok
            if len(told) == 2:  # somebody mends it
                file.write_bytes(authority.read_bytes())
                password.write_text("s3cret")

        def close(self) -> None: ...

    async def listened(settings: Settings, _: Any, __: Any, stop: asyncio.Event, ___: Any) -> None:
        Line(settings, TOPICS, Taking(TOPICS, *([None] * 3)), asyncio.get_running_loop())  # type: ignore[arg-type]
        stop.set()

    monkeypatch.setattr(mqtt, "Beat", Recorder)
    monkeypatch.setattr(mqtt, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(mqtt, "_listen", listened)
    asyncio.run(mqtt._run(settings))
    assert len(told) == 2
    assert re.search(said, told[0])
    assert "s3cret" not in told[0]
    assert "\n" not in told[0]


class Broker:
    """What a line asks of one, in order."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []

    def subscribe(self, given: tuple[str, Any], properties: Any = None) -> tuple[int, int]:
        self.asked.append(("subscribe", given[0], properties))
        return 0, len(self.asked)

    def unsubscribe(self, topic: str) -> None:
        self.asked.append(("unsubscribe", topic, None))


async def connected(broker: Any, listed: Any, answer: Any = None, version: str = "5") -> Line:
    taker = Taking(listed, *([None] * 3))  # type: ignore[arg-type]
    settings = Settings(mqtt_broker="mqtt://h", mqtt_version=version)
    line = Line(settings, listed, taker, asyncio.get_running_loop())
    line._connected(broker, None, None, SimpleNamespace(is_failure=False), answer)
    return line


@pytest.mark.parametrize(
    ("version", "takes", "numbered"),
    [("5", None, True), ("5", 1, True), ("5", 0, False), ("3.1.1", None, False)],
)
def test_subscriptions_have_numbers_where_the_broker_takes_them(
    version: str, takes: int | None, *, numbered: bool
) -> None:
    """One that does not would end the connection, each time."""
    broker = Broker()
    answer = Properties(PacketTypes.CONNACK) if version == "5" else None  # type: ignore[no-untyped-call]
    if takes is not None:
        answer.SubscriptionIdentifierAvailable = takes  # type: ignore[union-attr]
    asyncio.run(connected(broker, TOPICS, answer, version))
    assert [properties is not None for *_, properties in broker.asked] == [numbered] * len(TOPICS)


@pytest.mark.parametrize("refused", [False, True])
def test_what_a_kept_session_has_goes_only_when_a_wider_filter_is_granted(*, refused: bool) -> None:
    listed = parsed("""
subscriptions:
  - {topic: a/b, format: number, source: x}
  - {topic: a/#, format: number, source: y}
""")
    broker = Broker()

    async def answered() -> None:
        line = await connected(broker, listed)
        assert [one[:2] for one in broker.asked] == [("subscribe", "a/#")]
        line._subscribed(broker, None, 1, [SimpleNamespace(value=135 if refused else 1)], None)

    asyncio.run(answered())
    assert [one[:2] for one in broker.asked[1:]] == [
        ("subscribe" if refused else "unsubscribe", "a/b")
    ]


def test_a_broker_that_is_refused_shows_no_password() -> None:
    given = {"CITYOPS_MQTT_BROKER": "mqtts://u:s3cret@mqtt.example.vn"}
    with pytest.raises(SettingError, match="MQTT_BROKER") as refused:
        load(given)
    assert "s3cret" not in str(refused.value)
