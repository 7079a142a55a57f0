"""What becomes of what Kafka will never take, and of a thread that meets what nobody foresaw."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kafka import errors

from services.receiver import following, handing, outlet
from services.receiver.following import Following
from services.receiver.handing import MOST_REFUSALS, hand_over
from services.receiver.outlet import KafkaAwayError, Outlet, RefusedError
from streams.events import DeadLetter, Readings
from streams.kafka import heartbeat
from streams.kafka.clients import BrokerAwayError
from streams.kafka.heartbeat import HeartbeatFollower
from streams.kafka.publisher import PublishError, RejectedError
from streams.kafka.signing import SigningError
from streams.settings import Settings
from tests.support.waiting import eventually

PACK: Any = Readings
LETTER = DeadLetter("unpublishable", "", "mqtt", 0, -1, 0, (), b"")


def rejected(cause: Exception) -> Exception:
    found = RejectedError("not accepted")
    found.__cause__ = cause
    return found


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (errors.KafkaTimeoutError(), KafkaAwayError),
        (errors.NotLeaderForPartitionError(), KafkaAwayError),
        (errors.TopicAuthorizationFailedError(), KafkaAwayError),
        (BrokerAwayError(Settings(), ConnectionError()), KafkaAwayError),
        (PublishError("an earlier one"), KafkaAwayError),
        (rejected(errors.KafkaTimeoutError()), KafkaAwayError),
        (rejected(SigningError("no key")), KafkaAwayError),
        (OSError("no file"), KafkaAwayError),
        (errors.InvalidRecordError(), RefusedError),
        (errors.MessageSizeTooLargeError(), RefusedError),
        (rejected(errors.MessageSizeTooLargeError()), RefusedError),
        (rejected(ValueError("no such partition")), RefusedError),
        (ValueError("5 bytes, at most 4"), RefusedError),
        (TypeError("a defect"), RefusedError),
    ],
    ids=repr,
)
def test_only_what_may_pass_is_tried_again(error: Exception, raised: type[Exception]) -> None:
    class Failing:
        def publish_told(self, *_: Any) -> None:
            raise error

    async def run() -> None:
        found = Outlet(Settings(), "test")
        found._publisher = Failing()  # type: ignore[assignment]
        await found._publish([("readings", LETTER, "x")])

    with pytest.raises(raised):
        asyncio.run(run())


class Kafka:
    """As an outlet, with answers of its own."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers, self.tried = list(answers), [""]

    async def deliver(self, _: Sequence[Readings]) -> None:
        self._answer("packs")

    async def keep(self, _: DeadLetter, __: str) -> None:
        self._answer("letter")

    def _answer(self, what: str) -> None:
        self.tried.append(what)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "FIRST_SECONDS", 0.001)
    monkeypatch.setattr(following, "RETRY_SECONDS", 0.001)
    monkeypatch.setattr(outlet, "RETRY_SECONDS", 0.001)


def handed(kafka: Kafka, *, patient: bool = True) -> tuple[str, list[str]]:
    def spoilt(why: str) -> DeadLetter:
        kafka.tried.append(why)
        return LETTER

    found: Any = hand_over(kafka, [PACK], None, spoilt, patient=patient)  # type: ignore[arg-type]
    return asyncio.run(found), kafka.tried[1:]


def test_what_kafka_will_never_take_becomes_a_dead_letter_and_holds_up_nothing() -> None:
    poison = [RefusedError("too large")] * MOST_REFUSALS
    assert handed(Kafka(*poison)) == ("spoilt", ["packs"] * 3 + ["too large", "letter"])
    # And where its letter is not taken either it is left, and said to be.
    assert handed(Kafka(*poison, *poison))[0] == "spoilt"


def test_control_what_may_pass_is_waited_for_and_a_refusal_for_anothers_sake_is_none() -> None:
    away = [KafkaAwayError("away")] * 9
    assert handed(Kafka(*away, None)) == ("taken", ["packs"] * 10)
    assert handed(Kafka(RefusedError("with another"), None)) == ("taken", ["packs"] * 2)
    assert handed(Kafka(KafkaAwayError("away")), patient=False) == ("away", ["packs"])


def test_a_thread_that_follows_outlives_what_nobody_foresaw(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fault(_: Settings) -> str:
        raise LookupError("nobody thought of it")

    monkeypatch.setattr(following, "topics_id", fault)
    found = Following(Settings(state_dir=tmp_path), "mqtt")
    found.start()
    try:
        eventually(lambda: found.faults > 2)
        assert found._thread.is_alive()
        assert found.problem == "a fault: LookupError (its log says more)"
    finally:
        found.close(1)


def test_a_thread_that_looks_for_kafka_does_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tried: list[str] = []

    def fault(*_: Any, **__: Any) -> None:
        tried.append("")
        raise LookupError("nobody thought of it")

    monkeypatch.setattr(outlet, "Publisher", fault)
    found = Outlet(Settings(state_dir=tmp_path), "mqtt")
    found.start()
    try:
        eventually(lambda: len(tried) > 2)
        assert found.problem == "a fault: LookupError (its log says more)"
    finally:
        found.close(1)


def test_a_thread_that_hears_how_parts_are_does_too(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def gone(*_: Any) -> None:
        tried.append("")
        raise KeyError("the topic is not there")

    monkeypatch.setattr(heartbeat, "HeartbeatReader", gone)
    monkeypatch.setattr(heartbeat, "RETRY_SECONDS", 0.001)
    with closing(HeartbeatFollower(Settings())):
        eventually(lambda: len(tried) > 2)
