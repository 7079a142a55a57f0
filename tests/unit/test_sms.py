"""Text messages: how long they are, and what a template makes of them."""

from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

import pytest

from services.notifier.channel import BadConfigurationError, RefusedError, Written
from services.notifier.channels.sms import channel
from services.notifier.channels.sms.gsm import fitting, is_gsm, plain, segments
from services.notifier.registry import checked

LINK = "https://city.example.vn/?alert=0f5e2a8c-9a55-5d0f-8f0b-6a5b7f3a2c11&lang=en"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # two septets each
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # no character is parted: the escape begins the second
        ("ệ" * 70, 1),
        ("ệ" * 71, 2),
        ("ệ" * 134, 2),
        ("ệ" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 67, 3),  # 33 pairs a segment, as 67 is odd
    ],
)
def test_segments(text: str, expected: int) -> None:
    assert segments(text) == expected


def test_vietnamese_without_its_marks_fits_the_alphabet_of_gsm() -> None:
    said = plain("Nguy cấp: Xe dừng trên làn · Đường Cầu Rào… “3” ☃")
    assert said == 'Nguy cap: Xe dung tren lan - Duong Cau Rao... "3" ?'
    assert is_gsm(said)
    assert not is_gsm("ừ")


def test_what_is_too_long_is_cut_before_its_link() -> None:
    said = fitting("[EXERCISE] ", "a" * 500, f"\n{LINK}", 2)
    assert segments(said) == 2
    assert said.startswith("[EXERCISE] aaa")
    assert said.endswith(f"...\n{LINK}")
    assert fitting("", "short", "", 1) == "short"
    with pytest.raises(ValueError, match="fit"):
        fitting("", "x", "a" * 200, 1)


def message(
    subject: str = "Nguy cấp: Xâm nhập",
    *,
    test: bool = False,
    exercise: bool = False,
    link: str = LINK,
) -> Written:
    data: list[dict[str, Any]] = [{"test": test, "link": link}]
    return Written(subject, "", "", data, exercise, "vi", datetime.now(UTC))


@pytest.mark.parametrize("length", range(20, 75))
def test_what_marks_an_exercise_is_never_cut_whatever_is_left_beside_the_link(length: int) -> None:
    secrets = {"url": "https://sms.example.vn/send"}
    one, _ = checked("sms", {"accents": "true", "segments": "1"}, secrets)
    told = message("[DIỄN TẬP] Nguy cấp: Xâm nhập", exercise=True, link="x" * length)
    try:
        said = channel.text_of(one, told)
    except RefusedError:
        assert length > 57  # mark, dots, and the line's end
    else:
        assert said.startswith("[DIỄN TẬP] ")
        assert segments(said) == 1


def test_marks_that_come_on_their_own_cost_nothing_and_stay_with_their_letter() -> None:
    secrets = {"url": "https://sms.example.vn/send"}
    one, _ = checked("sms", {"accents": "true", "segments": "1"}, secrets)
    apart = normalize("NFD", "ồ" * 70)
    assert channel.text_of(one, message(apart, test=True)) == "ồ" * 70


def test_marks_of_vietnamese_are_sent_where_that_is_asked_for() -> None:
    url = {"url": "https://sms.example.vn/send"}
    without, _ = checked("sms", {}, url)
    assert channel.text_of(without, message()) == f"Nguy cap: Xam nhap\n{LINK}"
    accents, _ = checked("sms", {"accents": "true"}, url)
    assert channel.text_of(accents, message(test=True)) == "Nguy cấp: Xâm nhập"
    short, _ = checked("sms", {"segments": 1, "accents": True}, url)
    with pytest.raises(RefusedError, match="segments"):
        channel.text_of(short, message())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("+84912345678", "+84912345678"),
        ("0912 345 678", "+84912345678"),
        ("(091) 234-5678", "+84912345678"),
    ],
)
def test_numbers(given: str, kept: str) -> None:
    assert channel.check_address(given) == kept


@pytest.mark.parametrize("given", ["", "lan", "+84", "00849123456", "1" * 20, "+84912345678,+849"])
def test_what_is_no_number_is_refused(given: str) -> None:
    with pytest.raises(BadConfigurationError, match="number"):
        channel.check_address(given)


@pytest.mark.parametrize(
    ("configuration", "secrets"),
    [
        ({"body": "to={number}"}, {}),
        ({"body": '{"to": "{number}"}'}, {}),
        ({"method": "GET"}, {}),
        ({"segments": 0}, {}),
        ({"header": "X: y"}, {}),
        ({}, {"token": "a\r\nX: y"}),
        ({}, {"url": "https://{number}.example.vn/"}),
        ({}, {"url": "sms:+84"}),
    ],
)
def test_what_could_not_be_sent_is_refused(
    configuration: dict[str, Any], secrets: dict[str, str]
) -> None:
    with pytest.raises(BadConfigurationError):
        checked("sms", configuration, {"url": "https://sms.example.vn/send"} | secrets)
