"""What becomes of one request: who sends it, what is in it, and word of it once Kafka has it."""

import asyncio
import hashlib
import json
import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple, TypeVar

import psycopg
from psycopg_pool import PoolTimeout
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive

from services.receiver import formats, keys, packs
from services.receiver import remembered as remembering
from services.receiver.check import Checked, checked
from services.receiver.following import FollowingKeys
from services.receiver.formats import ngsild
from services.receiver.keys import Key
from services.receiver.outlet import KafkaAwayError, Outlet, RefusedError, UnreadError
from services.receiver.remembered import Remembered, Stamps
from services.receiver.rows import Refused, Rows
from services.receiver.usage import Usage
from services.web import guard
from services.web.problems import RETRY_AFTER_SECONDS, ProblemError, answer
from streams.secrets import hash_of
from streams.stamps import StampClock, wall_clock

PART = "receiver"
MOST_ROWS = 10_000
"""Of a request."""
MOST_LISTED = 1_000
"""Refused rows that an answer lists; it says how many more there are."""
THREADS = 4
LOOKS_SECONDS = 3.0
"""For so long, at most, a key that nobody knows yet is waited for: three looks."""
STRICT = "handling=strict"
"""In the header ``Prefer`` (RFC 7240): all rows or none."""

log = logging.getLogger(__name__)

_Found = TypeVar("_Found")


class Sent(NamedTuple):
    """A request that could be read."""

    key: Key
    body_hash: bytes
    rows: Rows
    strict: bool


class Answer(NamedTuple):
    """What is answered, and kept where the request has an idempotency key."""

    status: int
    text: str
    again: bool = False
    """It was answered before."""

    def response(self) -> Response:
        kind = "application/json" if self.status < 300 else "application/problem+json"
        headers = {"Idempotency-Replayed": "true"} if self.again else None
        return Response(self.text, self.status, headers, kind)


class Receiving:
    """Holds what requests share; its answers are written in its event loop."""

    def __init__(
        self,
        following: FollowingKeys,
        outlet: Outlet,
        usage: Usage,
        remembered: Remembered,
        clock: StampClock,
    ) -> None:
        self._following, self._outlet, self._usage = following, outlet, usage
        self._remembered, self._clock = remembered, clock
        self._threads = ThreadPoolExecutor(THREADS, "receiving")
        self.counts = Counter[str]()

    @property
    def problem(self) -> str:
        return self._following.problem or self._outlet.problem

    async def receive(
        self,
        headers: Headers,
        receive: Receive,
        whole: Callable[[], None],
        names: ngsild.Names | None = None,
    ) -> Response:
        """Args:
        whole: called when the body has been read to its end.
        names: of a notification of NGSI-LD.

        Raises:
            ProblemError
            services.web.guard.Left
        """
        key = await self._key(headers)
        self._usage.enter(key, wall_clock(), time.monotonic())
        taken = refused = 0
        try:
            body = await guard.read(headers, receive, guard.MAX_BODY)
            whole()
            try:
                sent = await self._in_thread(_read, key, headers, body, names)
            except ProblemError:
                refused = 1
                raise
            given = headers.get("idempotency-key")
            if given is None:
                found, checked_ = await self._publish(sent, None)
            else:
                found, checked_ = await self._once(sent, remembering.given(given))
            taken, refused = len(checked_.readings), len(checked_.refused)
            return found.response()
        finally:
            self._usage.leave(key)
            self._usage.note(key, taken, refused, time.monotonic())
            self.counts.update(requests=1, accepted=taken, refused=refused)

    async def _key(self, headers: Headers) -> Key:
        """Whose request it is; raises ProblemError."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if self._following.known is None:
            raise _away("not_ready", self.problem)
        key = None
        if scheme.lower() == "bearer" and token:
            key = self._find(token)
            if key is None:  # it may have been made just now
                await self._looked_again()
                key = self._find(token)
        if key is None:
            how = {"WWW-Authenticate": "Bearer"}
            said = "give a valid key: Authorization: Bearer KEY (cityops source key add)"
            raise ProblemError(401, "no_key", said, headers=how)
        return key

    def _find(self, token: str) -> Key | None:
        return keys.find(self._following.keys, hash_of(token.strip()), wall_clock())

    async def _looked_again(self) -> None:
        """Returns once what is known is of now, or has not come to be so in time."""
        asked = time.monotonic()
        while self._following.began <= asked and time.monotonic() < asked + LOOKS_SECONDS:
            await asyncio.sleep(0.1)

    async def _once(self, sent: Sent, named: str) -> tuple[Answer, Checked]:
        """With an idempotency key; raises ProblemError."""
        nothing = Checked([], [])
        self._remembered.enter(sent.key, named)
        try:
            try:
                known = await self._in_thread(
                    self._remembered.find, sent.key, named, sent.body_hash
                )
                if known is not None and known.status is not None and known.answer is not None:
                    return Answer(known.status, known.answer, again=True), nothing
                return await self._publish(sent, named, known)
            except (psycopg.OperationalError, PoolTimeout):
                said = "the database is away, which remembers requests with an Idempotency-Key"
                raise _away("database_away", said) from None
        finally:
            self._remembered.leave(sent.key, named)

    async def _publish(
        self, sent: Sent, named: str | None, before: remembering.Known | None = None
    ) -> tuple[Answer, Checked]:
        known = self._following.known
        assert known is not None
        arrived = before.arrived if before else await self._in_thread(self._clock.now)
        found = await self._in_thread(checked, sent.rows, sent.key.covers, known, arrived)
        if not found.readings or (sent.strict and found.refused):
            kept = Checked([], found.refused)
            return _refusal(found.refused, len(sent.rows), strict=bool(found.readings)), kept
        groups = packs.grouped(found.readings)
        try:
            self._outlet.check([gateway for gateway, _ in groups])
            stamps = before.stamps if before and len(before.stamps) == len(groups) else []
            stamps = stamps or await self._in_thread(self._stamps, len(groups))
            if named is not None and before is None:
                begin = self._remembered.begin
                await self._in_thread(begin, sent.key, named, sent.body_hash, arrived, stamps)
            await self._outlet.deliver(packs.packed(groups, stamps))
        except UnreadError as error:
            raise _away("unread", str(error), 30) from None
        except KafkaAwayError:
            said = "Kafka is away, and may not have it: send it again"
            raise _away("kafka_away", said) from None
        except RefusedError as error:  # sent again, it would be the same
            log.error("Kafka will never take it: %s", error)
            said = f"Kafka does not take it: {type(error.__cause__).__name__}"
            raise ProblemError(500, "unpublishable", said) from None
        result = _accepted(found)
        if named is not None:
            await self._in_thread(self._remembered.end, sent.key, named, result.status, result.text)
        return result, found

    def _stamps(self, number: int) -> Stamps:
        return [self._clock.stamp(PART) for _ in range(number)]

    async def _in_thread(self, work: Callable[..., _Found], *given: Any) -> _Found:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(work, *given))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _read(key: Key, headers: Headers, body: bytes, names: ngsild.Names | None) -> Sent:
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise ProblemError(415, "unknown_format", "Content-Encoding: send it as it is")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    strict = STRICT in headers.get("prefer", "").replace(" ", "").lower()
    events = {name: value for name, value in headers.items() if name.startswith("ce-")}
    rows = formats.read(kind, events, guard.text_of(body), names)
    if not rows:
        raise ProblemError(422, "no_rows", "body: there is no reading in it")
    if len(rows) > MOST_ROWS:
        raise ProblemError(413, "too_many_rows", f"body: give at most {MOST_ROWS} readings")
    told = [kind, strict, sorted(events.items())]
    if names is not None:
        told += [names.source, sorted(names.metrics.items())]
    how = json.dumps(told).encode()
    return Sent(key, hashlib.sha256(how + b"\n" + body).digest(), rows, strict)


def _accepted(found: Checked) -> Answer:
    told = {"accepted": len(found.readings), **_listed(found.refused)}
    return Answer(207 if found.refused else 200, json.dumps(told))


def _refusal(refused: list[Refused], rows: int, *, strict: bool) -> Answer:
    first = refused[0]
    said = f"row {first.at}: {first.detail}"
    reason = first.reason if rows == 1 else "rows_refused"
    detail = (
        f"none of {rows} rows was taken, as {len(refused)} cannot be; {said}"
        if strict
        else (said if rows == 1 else f"none of {rows} rows can be taken; {said}")
    )
    problem = ProblemError(422, reason, detail, accepted=0, **_listed(refused))
    return Answer(422, bytes(answer(problem).body).decode())


def _listed(refused: list[Refused]) -> dict[str, Any]:
    ordered = sorted(refused, key=lambda each: each.at)
    listed = [_plain(each) for each in ordered[:MOST_LISTED]]
    return {"refused": len(refused), "rows": listed}


def _plain(one: Refused) -> dict[str, Any]:
    return {"index": one.at, "reason": one.reason, "detail": one.detail}


def _away(reason: str, detail: str, seconds: int = RETRY_AFTER_SECONDS) -> ProblemError:
    return ProblemError(503, reason, detail, headers={"Retry-After": str(seconds)})
