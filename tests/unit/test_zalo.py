"""The channel of a Zalo Official Account against a receiver that answers as documented."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Self

import pytest

from services.gateway.reach import Reach
from services.notifier.channel import (
    BadConfigurationError,
    FailedError,
    RefusedError,
    Way,
    Written,
)
from services.notifier.channels.zalo import channel, errors
from services.notifier.connecting import Connector
from services.notifier.registry import checked, kept_by
from services.notifier.stored import StoredChannel
from streams.networks import networks
from tests.support.zalo import FOLLOWER, Zalo, zalo

LINK = "https://city.example.vn/?alert=0f5e2a8c"


class Kept:
    """As the notifier's, without a database."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self.written: list[dict[str, str]] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def read(self) -> dict[str, str]:
        return self.found

    def write(self, found: dict[str, str]) -> None:
        self.found = found
        self.written.append(found)


@pytest.fixture
def there() -> Iterator[Zalo]:
    with zalo() as found:
        yield found


@pytest.fixture
def kept() -> Kept:
    return Kept()


def message(text: str = "Nguy cấp: Xâm nhập", *, exercise: bool = False) -> Written:
    mark = "[DIỄN TẬP] " if exercise else ""
    data = [{"test": False, "link": LINK}]
    return Written(mark + "Quay 3", text, "", data, exercise, "vi", datetime.now(UTC))


def way(there: Zalo, kept: Kept, address: str = FOLLOWER, **secrets: str) -> Way:
    configuration, secret = checked("zalo", there.configuration, there.secrets | secrets)
    connector = Connector(Reach((), networks("loopback")).order())
    return Way(configuration, secret, address, "key-1", connector, keep=kept)


def test_a_message_goes_with_a_token_that_the_refresh_token_buys_once(
    there: Zalo, kept: Kept
) -> None:
    for text in ("one", "two"):
        channel.send(way(there, kept), message(text))
    assert there.texts == [(FOLLOWER, "Quay 3\n\none"), (FOLLOWER, "Quay 3\n\ntwo")]
    assert there.refreshed == 1, "a token lasts a day"
    assert kept.written[0]["refresh"] == there.refresh


def test_the_new_pair_is_kept_before_it_is_used(there: Zalo, kept: Kept) -> None:
    there.statuses = [500]
    with pytest.raises(FailedError, match="500"):
        channel.send(way(there, kept), message())
    assert kept.found["refresh"] == there.refresh == "refresh-1"
    channel.send(way(there, kept), message())  # with what was kept: the first one is spent
    assert there.refreshed == 1
    forgotten = Kept()
    with pytest.raises(RefusedError, match=r"no more \(error -14020\): authorise"):
        channel.send(way(there, forgotten), message())  # control: without it none is sent


@pytest.mark.parametrize(
    "pair",
    [
        {"access_token": None, "refresh_token": None},
        {"access_token": "a", "refresh_token": ""},
        {"access_token": "a\nb", "refresh_token": "c"},
        {"access_token": "a", "refresh_token": "b", "expires_in": 1e999},
    ],
)
def test_what_is_no_pair_of_tokens_takes_the_place_of_none(
    there: Zalo, kept: Kept, pair: dict[str, object]
) -> None:
    there.odd = json.dumps({"expires_in": "90000"} | pair).replace("Infinity", "1e999").encode()
    with pytest.raises((FailedError, RefusedError)):
        channel.send(way(there, kept), message())
    there.odd = None
    there.refresh = there.secrets["refresh_token"]  # it was not spent
    channel.send(way(there, kept), message())
    assert len(there.texts) == 1


def test_a_token_that_is_over_or_taken_back_is_followed_by_another(there: Zalo, kept: Kept) -> None:
    there.lasts = 60  # less than the five minutes before its end at which it is taken for over
    channel.send(way(there, kept), message("one"))
    channel.send(way(there, kept), message("two"))
    assert there.refreshed == 2
    there.lasts = 90_000
    channel.send(way(there, kept), message("three"))
    there.access = "another"  # taken back
    channel.send(way(there, kept), message("four"))
    assert there.refreshed == 4
    assert len(there.texts) == 4


def test_a_token_that_is_refused_anew_ends_it(there: Zalo, kept: Kept) -> None:
    there.errors = [-220, -220]
    with pytest.raises(RefusedError, match="not even a new one"):
        channel.send(way(there, kept), message())
    assert there.refreshed == 2, "once more, and no more often"


def test_of_many_at_once_one_spends_the_refresh_token(there: Zalo, kept: Kept) -> None:
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(lambda n: channel.send(way(there, kept), message(str(n))), range(8)):
            pass
    assert (there.refreshed, len(there.texts)) == (1, 8)


def test_another_refresh_token_that_is_set_counts_for_more_than_what_was_kept(
    there: Zalo, kept: Kept
) -> None:
    channel.send(way(there, kept), message())
    there.access, there.refresh = "", "authorised-anew"
    kept.found["refresh"] = "lost"
    with pytest.raises(RefusedError, match="authorise the Official Account again"):
        channel.send(way(there, kept), message())
    channel.send(way(there, kept, refresh_token="authorised-anew"), message("again"))
    assert there.texts[-1][1].endswith("again")


@pytest.mark.parametrize("code", sorted(errors.AGAIN))
def test_what_is_over_by_itself_is_tried_again(there: Zalo, kept: Kept, code: int) -> None:
    there.errors = [code]
    with pytest.raises(FailedError, match=rf"error {code}"):
        channel.send(way(there, kept), message())
    channel.send(way(there, kept), message())


@pytest.mark.parametrize("code", sorted({*errors.QUOTA, *errors.REFUSED, -9999}))
def test_what_no_other_try_mends_is_given_up_and_said_without_an_id(code: int) -> None:
    with pytest.raises(RefusedError, match=f"error {code}") as told:
        errors.raise_for(code)
    assert FOLLOWER not in str(told.value)


def test_every_code_means_one_thing() -> None:
    sets = (errors.TOKEN, {*errors.AGAIN}, {*errors.QUOTA}, {*errors.REFUSED})
    assert sum(map(len, sets)) == len(frozenset().union(*sets))
    errors.raise_for(0)


def test_quota_and_follower_are_said_as_the_receiver_answers(there: Zalo, kept: Kept) -> None:
    there.errors = [-211]
    with pytest.raises(RefusedError, match="quota of messages is used up"):
        channel.send(way(there, kept), message())
    with pytest.raises(RefusedError, match="does not follow"):
        channel.send(way(there, kept, address="99999"), message())
    assert there.texts == []


@pytest.mark.parametrize(
    "odd", [b"<html>", b"[]", b"{}", b'{"error": "0"}', b'{"error": false}', b""]
)
def test_what_does_not_say_that_it_is_there_is_not(there: Zalo, kept: Kept, odd: bytes) -> None:
    channel.send(way(there, kept), message())
    there.odd = odd
    with pytest.raises(FailedError):
        channel.send(way(there, kept), message())


def test_what_is_too_long_keeps_its_mark_and_its_link(there: Zalo, kept: Kept) -> None:
    channel.send(way(there, kept), message("ệ" * 5000, exercise=True))
    ((_, text),) = there.texts
    assert len(text) == channel.LONGEST
    assert text.startswith("[DIỄN TẬP] ")
    assert text.endswith(f"…\n{LINK}")


@pytest.mark.parametrize(
    "changes",
    [
        {"app_id": ""},
        {"app_id": "an app"},
        {"api": "ftp://x"},
        {"api": "https://openapi.zalo.me/"},
        {"oauth": "https://u:p@x"},
        {"app_secret": ""},
        {"refresh_token": "a b"},
        {"refresh_token": "a\r\nX: y"},
    ],
)
def test_what_could_not_be_used_is_refused(there: Zalo, changes: dict[str, str]) -> None:
    fields = channel.Secrets.__struct_fields__
    open_ = {name: value for name, value in changes.items() if name not in fields}
    closed = {name: value for name, value in changes.items() if name in fields}
    with pytest.raises(BadConfigurationError):
        checked("zalo", there.configuration | open_, there.secrets | closed)
    checked("zalo", there.configuration, there.secrets)  # control


def test_secrets_stay_with_the_place_that_they_were_given_for(there: Zalo) -> None:
    before = StoredChannel("z", "zalo", there.configuration, False, None, "vi", None)
    assert kept_by(before, "zalo", there.configuration)
    moved: dict[str, Any] = there.configuration | {"oauth": "https://elsewhere.example"}
    assert not kept_by(before, "zalo", moved)


@pytest.mark.parametrize("address", ["", "0912 345 678", "lan@example.vn", "+84912345678", "12"])
def test_a_recipient_is_an_id_and_no_telephone_number(address: str) -> None:
    with pytest.raises(BadConfigurationError):
        channel.check_address(address)
    assert channel.check_address(f" {FOLLOWER} ") == FOLLOWER
