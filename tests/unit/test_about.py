"""Who a message that cannot be used is from."""

import msgspec
import pytest

from streams.events import (
    BadMessage,
    Correction,
    DeadLetter,
    Headers,
    Mark,
    Tick,
    dead_letter,
    decode,
    encode,
    new_frame,
)
from streams.events.about import KEPT_NAMES, About, about
from streams.recordings.rerun import take
from streams.runtime.partition import Partition
from streams.settings import Settings
from streams.stages.detect import Detect
from streams.topics import FRAMES, READINGS, SCORED
from tests.support.loops import START, pack

BAD = BadMessage("absurd_time")


def by(account: str, headers: Headers) -> Headers:
    return [*headers, ("ce_account", account.encode())]


def test_a_pack_is_of_the_sources_that_have_a_row_in_it() -> None:
    rows = [(name, START, 1.0, 2.0, 3.0) for name in "abc"]
    whole = pack(rows, 1)
    headers, value = encode(whole)
    assert about(headers, value) == About(("a", "b", "c"), "gw-1", "")
    remnant = msgspec.structs.replace(
        whole, source=whole.source[2:4], times=whole.times[8:16], values=whole.values[24:48]
    )
    assert about(*encode(remnant)) == About(("b",), "gw-1", "")
    assert about(by("mqtt", headers), b"\xc1") == About((), "gw-1", "mqtt"), "cannot be decoded"


def test_a_correction_is_of_its_sensor_also_where_it_cannot_be_decoded() -> None:
    event = Correction("loop-1", "flow", START, 600.0, 700.0, START, "live", "gw-1")
    headers, value = encode(event, Mark("writer", SCORED, 0, 7, 1))
    assert decode(headers, value) == (event, Mark("writer", SCORED, 0, 7, 1))
    assert about(headers, b"junk") == About(("loop-1",), "", "writer")


def test_a_frame_is_of_its_camera_also_where_it_cannot_be_decoded() -> None:
    headers, _ = encode(new_frame("cam-1", START, 1, "live", b"jpeg"))
    assert about(by("city", headers), b"junk") == About(("cam-1",), "city", "city")
    nameless = [one for one in headers if one[0] != "ce_type"]
    assert about(nameless, b"junk") == About(("cam-1",), "", "")
    assert about([("ce_source", b"cam-\xff")], None).sources == ("cam-\ufffd",)
    assert about([("ce_source", None)], None) == About((), "", "")  # type: ignore[list-item]


def test_what_a_stage_made_is_by_its_account_whatever_a_header_says() -> None:
    headers, value = encode(
        new_frame("cam-1", START, 1, "live", b""), Mark("detect", FRAMES, 0, 1, 0)
    )
    assert about(by("liar", headers), value).account == "detect"
    assert about(*encode(Tick(START))) == About((), "gateway", "")


@pytest.mark.parametrize("length", [3, 200, 20_000])
def test_names_are_kept_whole_or_not_at_all(length: int) -> None:
    names = tuple(f"{number:0{length}}" for number in range(100))
    sent = msgspec.structs.replace(pack([], 1), sources=names)
    kept = about(*encode(sent)).sources
    assert kept == names[: len(kept)]
    assert len(kept) == min(100, KEPT_NAMES // length)


def test_a_dead_letter_says_whose_it_is() -> None:
    headers, value = encode(pack([("a", START, 1.0, 2.0, 3.0)], 1))
    letter = dead_letter(BAD, (READINGS, 0, 7), START, by("mqtt", headers), value)
    assert (letter.sources, letter.gateway, letter.account) == (("a",), "gw-1", "mqtt")


@pytest.mark.parametrize("nameless", [(), ("ce_type", "ce_source", "ce_account", "ce_mark")])
def test_headers_without_a_value_make_a_dead_letter(nameless: tuple[str, ...]) -> None:
    """Kafka lets them be; whoever may write an input stopped its reader for good by one."""
    partition = Partition(Detect.from_settings(Settings()), 0, 1)
    headers = [("anything", None), *((name, None) for name in nameless)]
    outcome = take(partition, headers, b"x")  # type: ignore[arg-type]
    (letter,) = [out.event for out in outcome.outputs if isinstance(out.event, DeadLetter)]
    assert {value for _, value in letter.headers} == {b""}
    assert partition.next_offset == 1
