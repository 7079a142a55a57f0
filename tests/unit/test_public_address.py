"""A loudspeaker station has what it has acknowledged, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.gateway.reach import Reach
from services.notifier import templates
from services.notifier.channel import (
    BadConfigurationError,
    FailedError,
    RefusedError,
    Way,
    Written,
)
from services.notifier.channels.public_address import channel
from services.notifier.connecting import Connector
from services.notifier.registry import checked, stationed
from services.notifier.stations import answer
from services.notifier.stored import StoredChannel, StoredStation
from services.notifier.templates import Line
from streams.networks import networks
from tests.support.oncall import facts
from tests.support.station import Station, station


@pytest.fixture
def there() -> Iterator[Station]:
    with station() as found:
        yield found


def way(there: Station, token: str = "") -> Way:
    configuration, secrets = checked(
        "public_address", {"authorized": bool(token)}, {"token": token} if token else {}
    )
    connector = Connector(Reach((), networks("loopback")).order())
    return Way(configuration, secrets, there.url, "key-1", connector, public=True)


def message() -> Written:
    line = Line("key-1", facts(), False, None, 0, False)
    return templates.write([line], "vi", "https://city.example.vn", exercise=False)


def test_a_station_is_handed_a_message_that_is_valid_and_has_what_it_is_to_say(
    there: Station,
) -> None:
    channel.send(way(there, "Bearer s3cret"), message())
    (taken,) = there.taken
    assert (taken.one("scope"), taken.one("status")) == ("Public", "Actual")
    (said,) = there.said
    assert said.startswith("Thông báo khẩn. Cảnh báo ")
    assert "Cầu tàu ba" in said
    assert there.token == "Bearer s3cret"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"OK",
        b"<alert/>",
        b"<!DOCTYPE x><alert/>",
        b"<?xml version='1.0' encoding='none'?><alert/>",
        b"<?xml version='1.0' encoding='big5'?><alert/>",
    ],
)
def test_what_it_does_not_acknowledge_it_has_not(there: Station, answer: bytes) -> None:
    there.answer = answer
    with pytest.raises(FailedError, match="its answer"):
        channel.send(way(there), message())


def test_an_acknowledgement_of_something_else_is_none(there: Station) -> None:
    there.refers = False
    with pytest.raises(FailedError, match="refer"):
        channel.send(way(there), message())
    there.refers, there.kind = True, "Update"
    with pytest.raises(FailedError, match="no acknowledgement"):
        channel.send(way(there), message())


def test_what_it_says_it_cannot_do_is_given_up_with_its_reason(there: Station) -> None:
    there.kind = "Error"
    with pytest.raises(RefusedError, match="the station: amplifier"):
        channel.send(way(there), message())
    there.status = 503
    with pytest.raises(FailedError, match="503"):
        channel.send(way(there), message())


def test_it_is_asked_whether_it_is_there_with_nothing_to_say(there: Station) -> None:
    probe = stationed("public_address")
    assert probe is not None
    probe(way(there))
    assert (there.probes, there.taken) == (1, [])
    there.status = 500
    with pytest.raises(FailedError):
        probe(way(there))
    assert stationed("cap") is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"type": "cap"}, "no type with stations"),
        ({"type": "gone"}, "a defect: BadConfigurationError"),
        ({"configuration": {"of_another_release": 1}}, "a defect: ValidationError"),
        ({"secrets": None}, "set it again"),
    ],
)
def test_a_station_that_cannot_be_asked_is_dead_and_in_nobodys_way(
    there: Station, changes: dict[str, Any], said: str
) -> None:
    public = StoredChannel("loud", "public_address", {}, True, None, "vi", None, {})
    one = StoredStation("pa-1", "loud", "Hồng Bàng", "127.0.0.1", there.url)
    found = answer(public._replace(**changes), one, way(there).connector)
    assert said in found
    assert bool(found) is bool(said)


@pytest.mark.parametrize("address", ["", "pa-001", "ftp://10.0.0.1/", "http://u:p@10.0.0.1/"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(BadConfigurationError):
        channel.check_address(address)
