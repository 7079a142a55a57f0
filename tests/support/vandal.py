"""Readings from outside that nobody can take, made at random from ones that can."""

import json
import random
from datetime import datetime

from tests.support.reception import now

CSV, SENML = "text/csv", "application/senml+json"
EVENT, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
NGSI = "application/ld+json"
KINDS = ("application/json", CSV, SENML, EVENT, BATCH, NGSI)
WRONG_NAMES = (b"no-loop", b"", b"'; DROP TABLE", b"x" * 5000, b"made-up", b"cam-1", b"%00")
WRONG_VALUES = (
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"'7'",
    b"true",
    b"null",
    b"0x7",
    b"9" * 400,
    b"[7]",
)


class Vandal:
    """Requests none of which can be taken, made at random from ones that can."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._at = now()

    def good(self) -> tuple[str, bytes]:
        kind = self._chance.choice(KINDS)
        one = {"source": "loop-1", "metric": "speed", "value": 7, "time": self._at}
        event = {"specversion": "1.0", "id": "1", "source": "/x", "type": "x", "data": one}
        value = {"type": "Property", "value": 7, "observedAt": self._at}
        entity = {"id": "urn:x:loop-1", "type": "x", "speed": value}
        second = datetime.fromisoformat(self._at).timestamp()
        return kind, {
            "application/json": lambda: json.dumps([one]),
            CSV: lambda: f"time,source,metric,value\n{self._at},loop-1,speed,7\n",
            SENML: lambda: json.dumps([{"n": "loop-1/speed", "v": 7, "t": second}]),
            EVENT: lambda: json.dumps(event),
            BATCH: lambda: json.dumps([event]),
            NGSI: lambda: json.dumps({"type": "Notification", "data": [entity]}),
        }[kind]().encode()

    def bad(self) -> tuple[str, bytes]:
        kind, body = self.good()
        harms = (self._cut, self._bytes, self._value, self._name, self._deep, self._kind)
        return self._chance.choice(harms)(kind, body)

    def _cut(self, kind: str, body: bytes) -> tuple[str, bytes]:
        """Before its value."""
        ends = body.rindex(b"7") if kind == CSV else self._chance.randrange(len(body))
        return kind, body[:ends]

    def _bytes(self, kind: str, body: bytes) -> tuple[str, bytes]:
        place = self._chance.randrange(len(body) + 1)
        junk = self._chance.choice((b"\xff\xfe", b"\x00", b"\xed\xa0\x80", b"\xc3"))
        return kind, body[:place] + junk + body[place:]

    def _value(self, kind: str, body: bytes) -> tuple[str, bytes]:
        wrong = (
            b"NaN",
            b"-Infinity",
            b"1e999",
            b'"7"x',
            b"true",
            b"null",
            b"0x7",
            b"9" * 400,
            b"[7]",
        )
        found = self._chance.choice(wrong)
        return kind, (b",speed," + found).join(body.rsplit(b",speed,7", 1)) if kind == CSV else (
            body.replace(b": 7", b": " + found, 1)
        )

    def _name(self, kind: str, body: bytes) -> tuple[str, bytes]:
        return kind, body.replace(b"loop-1", self._chance.choice(WRONG_NAMES))

    def _deep(self, kind: str, body: bytes) -> tuple[str, bytes]:
        many = self._chance.choice((33, 1000, 20_000))
        return kind, b"[" * many + body + b"]" * many

    def _kind(self, _: str, body: bytes) -> tuple[str, bytes]:
        other = ("text/html", "", "application/xml", "image/png", "application/json+x", "a" * 200)
        return self._chance.choice(other), body
