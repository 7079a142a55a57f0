"""Links that acknowledge: nobody but who has the key makes one, nor makes another of one."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.tries import MOST_KNOWN, Tries
from services.oncall.links import Claim, LinkError, read, sign
from streams.events import HOUR
from tests.support.oncall import NIGHT

KEY, OTHER = b"k" * 32, b"o" * 32
CLAIM = Claim("lan", "a-1", 3, NIGHT + HOUR)
TOKEN = sign(KEY, CLAIM)


def refused(token: str, now: int = NIGHT, key: bytes = KEY) -> str:
    with pytest.raises(LinkError) as found:
        read(key, token, now)
    return found.value.reason


def test_a_link_says_what_it_was_made_of() -> None:
    assert read(KEY, TOKEN, NIGHT) == CLAIM
    assert read(KEY, sign(KEY, msgspec.structs.replace(CLAIM, user="Phạm Bình")), NIGHT)


def test_it_expires() -> None:
    assert read(KEY, TOKEN, CLAIM.until - 1) == CLAIM
    assert refused(TOKEN, CLAIM.until) == "expired"


def test_another_key_made_no_link() -> None:
    assert refused(sign(OTHER, CLAIM)) == "forged"
    assert refused(TOKEN, key=OTHER) == "forged"


@given(place=st.integers(0, len(TOKEN) - 1), letter=st.sampled_from("AZaz09-_.=/+ \u00e9\u0131"))
def test_no_letter_of_it_may_be_another(place: int, letter: str) -> None:
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if changed != TOKEN:
        assert refused(changed) == "forged"


@given(st.text(max_size=700))
def test_whatever_is_no_link_is_none(text: str) -> None:
    assert refused(text) == "forged"


def test_the_parts_of_two_links_are_none_together() -> None:
    other = sign(KEY, msgspec.structs.replace(CLAIM, alert="a-2"))
    assert refused(f"{other.partition('.')[0]}.{TOKEN.partition('.')[2]}") == "forged"
    for spelt in (f"{TOKEN}=", f"{TOKEN}.", f" {TOKEN}", TOKEN.replace(".", ".."), TOKEN * 9):
        assert refused(spelt) == "forged"


def test_tries_are_counted_by_address_and_forgotten() -> None:
    now = [0.0]
    tries = Tries(3, 60.0, lambda: now[0])
    assert [tries.wait("a") for _ in range(4)] == [0.0, 0.0, 0.0, 60.0]
    assert tries.wait("b") == 0.0
    now[0] = 60.0
    assert tries.wait("a") == 0.0
    for number in range(MOST_KNOWN + 5):
        tries.wait(str(number))
    assert len(tries._known) == MOST_KNOWN
