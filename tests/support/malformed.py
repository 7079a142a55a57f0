"""Messages that no working source would send, each with the reasons it may be refused for."""

import random
from collections.abc import Callable

import cv2
import msgspec
import numpy as np

from streams.events import (
    DAY,
    MAX_VALUE_BYTES,
    Frame,
    Headers,
    Micros,
    Readings,
    encode,
    new_frame,
)

Malformed = tuple[Headers, bytes | None, frozenset[str]]
Maker = Callable[[random.Random], Malformed]

STRANGER = "unknown_source", "wrong_partition"
"""Of a camera that nobody knows; which one depends on the partition that its frame came to."""
PICTURE = frozenset({"undecodable", "truncated", "picture_too_large"})


def picture(chance: random.Random, width: int = 320, height: int = 180) -> bytes:
    """A JPEG of noise over a gradient, so that damage to it shows."""
    noise = np.random.default_rng(chance.getrandbits(32)).integers(0, 64, (height, width, 3))
    ramp = np.linspace(0, 190, width).astype(np.int64)[None, :, None]
    done, jpeg = cv2.imencode(".jpg", (noise + ramp).astype(np.uint8))
    assert done
    return bytes(jpeg)


def frames(camera: str, time: Micros) -> list[Maker]:
    """Makers of malformed frames of ``camera`` around ``time``."""

    def frame(jpeg: bytes, *, at: Micros = time, source: str = camera) -> Frame:
        return new_frame(source, at, 1, "simulated", jpeg)

    def sent(event: Frame, *reasons: str) -> Malformed:
        headers, value = encode(event)
        return headers, value, frozenset(reasons)

    def changed(chance: random.Random, name: str, value: bytes | None, *reasons: str) -> Malformed:
        headers, body = encode(frame(picture(chance)))
        kept = [(key, old) for key, old in headers if key != name]
        if value is not None:
            kept.append((name, value))
        return kept, body, frozenset(reasons)

    def damaged(chance: random.Random, jpeg: bytes) -> Malformed:
        headers, value = encode(frame(jpeg))
        return headers, value, PICTURE

    def truncated(chance: random.Random) -> Malformed:
        whole = picture(chance)
        return damaged(chance, whole[: chance.randrange(2, len(whole) - 2)])

    def half_random(chance: random.Random) -> Malformed:
        whole = picture(chance)
        return damaged(chance, whole[: len(whole) // 2] + chance.randbytes(len(whole) // 2))

    def huge(chance: random.Random) -> Malformed:
        whole = bytearray(picture(chance))
        at = whole.index(b"\xff\xc0") + 5
        whole[at : at + 4] = (20000).to_bytes(2, "big") * 2
        headers, value = encode(frame(bytes(whole)))
        return headers, value, frozenset({"picture_too_large"})

    def wrong_checksum(chance: random.Random) -> Malformed:
        headers, value = encode(frame(picture(chance)))
        return headers, value[:-9] + b"corrupted", frozenset({"checksum"})

    def oversized(chance: random.Random) -> Malformed:
        jpeg = picture(chance) + bytes(MAX_VALUE_BYTES)
        return sent(frame(jpeg), "oversized")

    names = ("ce_type", "ce_source", "ce_time", "ce_sequence", "ce_origin", "ce_sha256")
    return [
        truncated,
        half_random,
        huge,
        wrong_checksum,
        oversized,
        lambda chance: sent(frame(chance.randbytes(chance.randrange(1, 3000))), *PICTURE),
        lambda _: sent(frame(b""), *PICTURE),
        lambda chance: sent(frame(picture(chance), source="camera-nobody-knows"), *STRANGER),
        lambda chance: sent(frame(picture(chance), at=time + 400 * DAY), "absurd_time"),
        lambda chance: sent(frame(picture(chance), at=1_000_000), "absurd_time"),
        lambda chance: changed(chance, chance.choice(names), None, "missing_header"),
        lambda chance: changed(chance, "ce_time", b"yesterday", "wrong_type"),
        lambda chance: changed(chance, "ce_time", b"2026-11-22T10:00:00", "wrong_type"),
        lambda chance: changed(chance, "ce_sequence", b"one", "wrong_type"),
        lambda chance: changed(chance, "ce_origin", b"rumour", "wrong_type"),
        lambda chance: changed(chance, "ce_type", b"cityops.gossip", "wrong_type"),
        lambda chance: changed(chance, "ce_source", b"\xff\xfe", "wrong_type"),
        lambda chance: (encode(frame(picture(chance)))[0], None, frozenset({"undecodable"})),
    ]


def readings(gateway: str, source: str, time: Micros) -> list[Maker]:
    """Makers of malformed packs of ``gateway``."""

    def pack(rows: int = 1, **changes: object) -> Readings:
        good = Readings(
            gateway,
            time,
            1,
            "simulated",
            (source,),
            ("flow", "occupancy", "speed"),
            np.zeros(rows, "<u2").tobytes(),
            np.full(rows, time, "<i8").tobytes(),
            np.ones((rows, 3), "<f8").tobytes(),
        )
        return msgspec.structs.replace(good, **changes)

    def sent(event: Readings, *reasons: str) -> Malformed:
        headers, value = encode(event)
        return headers, value, frozenset(reasons)

    def truncated(chance: random.Random) -> Malformed:
        headers, value = encode(pack(chance.randrange(1, 50)))
        return headers, value[: chance.randrange(1, len(value) - 1)], frozenset({"undecodable"})

    def wrong_types(chance: random.Random) -> Malformed:
        headers, _ = encode(pack())
        fields = [gateway, time, 1, "simulated", [source], ["flow"], b"\0\0", b"\0" * 8, b"\0" * 8]
        fields[chance.randrange(len(fields))] = {"not": "this"}
        return headers, msgspec.msgpack.encode(fields), frozenset({"wrong_type"})

    def noise(chance: random.Random) -> Malformed:
        headers, _ = encode(pack())
        value = b"\xc1" + chance.randbytes(chance.randrange(0, 300))  # 0xC1 is never msgpack
        return headers, value, frozenset({"undecodable"})

    return [
        truncated,
        wrong_types,
        noise,
        lambda _: sent(pack(values=b"\0" * 7), "wrong_type"),
        lambda _: sent(pack(source=b"\x09\x00"), "wrong_type"),
        lambda _: sent(pack(times=b""), "wrong_type"),
        lambda chance: (encode(pack())[0][:1], b"", frozenset({"missing_header"})),
        lambda chance: (encode(pack())[0], None, frozenset({"undecodable"})),
    ]
