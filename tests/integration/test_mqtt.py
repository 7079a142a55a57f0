"""Readings by MQTT, through a real broker to a real Kafka: none is lost, and none acknowledged that
Kafka does not have.
"""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec
import pytest

from services.receiver import outlet
from services.receiver.mqtt import mapping
from services.receiver.mqtt.line import Line
from services.receiver.mqtt.main import listening
from services.receiver.mqtt.taking import Taking
from streams.events import DeadLetter
from streams.secrets import write_secret
from streams.settings import Settings
from streams.topics import DEAD_LETTERS, READINGS
from tests.support.logs import read_log
from tests.support.mosquitto import PASSWORD, USER, Device, Mosquitto, running
from tests.support.reception import now, prepared, values_of
from tests.support.vandal import BATCH, CSV, EVENT, KINDS, NGSI, SENML, Vandal
from tests.support.waiting import PATIENCE_SECONDS, eventually

FORMS = {
    "application/json": "json",
    CSV: "csv",
    SENML: "senml",
    EVENT: "cloudevents",
    BATCH: "cloudevents-batch",
    NGSI: "ngsi-ld",
}
OF_FORMS = "\n".join(
    f"  - {{topic: ways/{form}, format: {form}, gateways: [gw-a]}}" for form in FORMS.values()
)
TOPICS = f"""
subscriptions:
  - {{topic: loops/+/flow, source: "{{1}}", metric: flow}}
{OF_FORMS}
"""


class Post(NamedTuple):
    """Where messages come in, a device that sends them, and what came of them."""

    settings: Settings
    broker: Mosquitto
    device: Device

    def values(self) -> list[float]:
        """In Kafka, each as often as it is there, in order of size."""
        packs = [one.event for one in read_log(self.settings, READINGS)]
        return sorted(value for *_, value in values_of(packs))

    def letters(self) -> list[DeadLetter]:
        return [one.event for one in read_log(self.settings, DEAD_LETTERS)]

    def send(self, value: float, source: str = "loop-1", qos: int = 1, **said: Any) -> None:
        body = {"value": value, "time": now(said.pop("ago_seconds", 0))}
        self.device.publish(f"loops/{source}/flow", json.dumps(body), qos, **said)


@pytest.fixture(scope="module")
def post(
    kafka_bootstrap: str,
    database_server: str,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Post]:
    state = tmp_path_factory.mktemp("mqtt")
    with (
        running(state / "mosquitto") as broker,
        prepared(kafka_bootstrap, database_server, template_database, state) as (settings, _),
    ):
        write_secret(settings.secret("mqtt-password"), PASSWORD)
        device = Device(broker)
        known = msgspec.structs.replace(settings, mqtt_broker=broker.address, mqtt_user=USER)
        yield Post(known, broker, device)
        device.close()


@contextmanager
def part(
    settings: Settings, problem: str = "", topics: str = TOPICS
) -> Iterator[tuple[Line, Taking]]:
    """The part, in a thread, from when it is subscribed (or has this problem) until the end of the
    context."""
    found: list[tuple[Line, Taking]] = []
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def run() -> None:
        async with listening(settings, mapping.parsed(topics)) as both:
            found.append(both)
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    try:
        eventually(lambda: found and not found[0][1].problem)
        eventually(lambda: problem in (said := found[0][0].problem) and bool(problem) == bool(said))
        yield found[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(PATIENCE_SECONDS)
        loop.close()


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_what_devices_send_is_in_kafka_and_what_cannot_be_is_kept_with_its_reason(
    post: Post, version: str
) -> None:
    settings = msgspec.structs.replace(post.settings, mqtt_version=version)
    first = 6000 if version == "5" else 6100
    letters = len(post.letters())
    if version == "3.1.1":  # the first to come: later the broker knows us, and keeps it for us
        post.send(first, "loop-2", retain=True, ago_seconds=3600)
    with part(settings) as (_, taking):
        post.send(first + 1)
        post.send(first + 2, qos=0)
        post.send(first + 3, source="loop-9")
        post.send(first + 4, source="nobody")
        at = now()
        post.device.publish("ways/csv", f"time,source,flow\n{at},loop-1,{first + 5}\n")
        post.device.publish("ways/csv", f"time,source,flow\n{at},loop-9,{first + 6}\n")
        post.device.publish("ways/json", b"\xff")
        eventually(lambda: len(post.letters()) >= letters + 3)
        wanted = {first + each for each in (1, 2, 3, 5)}
        eventually(lambda: wanted <= set(post.values()))
        eventually(lambda: taking.counts["retained"] >= (version == "3.1.1"))
    assert {each for each in post.values() if first <= each < first + 100} == wanted
    assert taking.counts["retained"] == (version == "3.1.1"), "it was said an hour ago"
    found = post.letters()[letters:]
    assert [one.reason for one in found].count("unknown_source") == 2
    assert {(one.topic, one.account) for one in found} == {("mqtt", "mqtt")}
    assert {dict(one.headers)["mqtt_topic"] for one in found} == {
        b"loops/nobody/flow", b"ways/csv", b"ways/json",
    }  # fmt: skip
    post.device.publish("loops/loop-2/flow", b"", retain=True)


OVERLAPPING = """
subscriptions:
  - {topic: over/loop-1/+, source: loop-1, metric: flow}
  - {topic: over/+/flow, source: "{1}", metric: flow, qos: 0}
  - {topic: over/+/+, source: "{1}", metric: flow, qos: 0}
  - {topic: across/+/flow, source: "{1}", metric: flow}
  - {topic: across/loop-1/+, source: loop-1, metric: flow}
"""
"""The first two are within the third; of the last two neither includes the other."""


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_what_several_filters_are_of_counts_once(post: Post, version: str) -> None:
    settings = msgspec.structs.replace(post.settings, mqtt_version=version)
    first = 6300 if version == "5" else 6400
    topics = ["over/loop-1/flow", "over/loop-2/other"]
    topics += ["across/loop-1/flow"] if version == "5" else []
    with part(settings, topics=OVERLAPPING) as (_, taking):
        for number, topic in enumerate([*topics, "over/loop-2/last"]):
            if topic.endswith("last"):
                eventually(lambda: taking.counts["accepted"] >= len(topics))
            body = {"value": first + number, "time": now()}
            post.device.publish(topic, json.dumps(body), 1)
        eventually(lambda: first + len(topics) in post.values())
        found = sorted(value for value in post.values() if first <= value < first + 100)
        assert found == [first + number for number in range(len(topics) + 1)]
        assert taking.counts["copies"] == (version == "5"), "the control: the broker sends two"


def test_what_kafka_does_not_have_is_not_acknowledged_and_comes_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    with part(post.settings) as (_, taking), monkeypatch.context() as patched:
        patched.setattr(outlet, "BACKLOG_BYTES", -1)  # it takes nothing any more
        for number in range(7000, 7020):
            post.send(number)
        post.send(7999, qos=0)
        eventually(lambda: taking.counts["messages"] >= 21 and taking.counts["lost"] == 1)
        assert not {value for value in post.values() if 7000 <= value < 8000}
    post.send(7020)  # while nobody listens
    with part(post.settings):
        eventually(lambda: {*range(7000, 7021)} <= set(post.values()))
    assert 7999 not in post.values(), "who sends at QoS 0 does not send again"
    with part(post.settings) as (_, taking):
        post.send(7021)
        eventually(lambda: 7021 in post.values())
        assert taking.counts["messages"] == 1, "the control: what was acknowledged does not"


def test_a_broker_that_went_away_is_found_again(post: Post) -> None:
    with part(post.settings) as (line, _):
        post.broker.stop()
        eventually(lambda: "away" in line.problem or "no MQTT broker" in line.problem)
        post.broker.start()
        eventually(lambda: not line.problem)
        post.send(8000)
        eventually(lambda: 8000 in post.values())


def test_who_may_not_subscribe_is_told_so(post: Post) -> None:
    wrong = msgspec.structs.replace(post.settings, mqtt_user="nobody")
    with part(wrong, "refuses") as (line, _):
        assert "uthor" in line.detail


@pytest.mark.parametrize("number", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_malformed_messages_are_kept_with_a_reason_and_none_is_taken(
    post: Post, number: int
) -> None:
    vandal = Vandal(number)
    before = post.values()
    with part(post.settings) as (_, taking):
        for _ in range(number):
            kind, body = vandal.bad()
            if kind not in FORMS:  # as a message has no type: what another topic takes
                kind, body = vandal.good()
                kind = KINDS[(KINDS.index(kind) + 1) % len(KINDS)]
            post.device.publish(f"ways/{FORMS[kind]}", body)
        counts = taking.counts
        eventually(lambda: counts["dead_lettered"] + counts["empty"] >= number)
        assert counts["dead_lettered"] > number * 0.9
        assert (counts["messages"], counts["accepted"], counts["faults"]) == (number, 0, 0)
        assert post.values() == before
        for _ in range(20):
            kind, body = vandal.good()
            post.device.publish(f"ways/{FORMS[kind]}", body)
        eventually(lambda: taking.counts["accepted"] == 20)
    assert all(one.reason and one.detail for one in post.letters())
