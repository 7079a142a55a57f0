"""Vietnamese as it is read out: no digit is left, and numbers are said as people say them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.channels.public_address.speech import AGAIN, LONGEST, text_of
from services.notifier.spoken import number, spoken


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "không"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (14, "mười bốn"),
        (15, "mười lăm"),
        (20, "hai mươi"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (25, "hai mươi lăm"),
        (100, "một trăm"),
        (105, "một trăm linh năm"),
        (110, "một trăm mười"),
        (999, "chín trăm chín mươi chín"),
        (1000, "một nghìn"),
        (1005, "một nghìn không trăm linh năm"),
        (2026, "hai nghìn không trăm hai mươi sáu"),
        (20_000, "hai mươi nghìn"),
        (1_000_001, "một triệu không trăm linh một"),
        (1_234_567, "một triệu hai trăm ba mươi tư nghìn năm trăm sáu mươi bảy"),
        (3_000_000_000, "ba tỷ"),
    ],
)
def test_a_number_is_said_as_people_say_it(value: int, said: str) -> None:
    assert number(value) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lúc 14:05", "lúc mười bốn giờ năm phút"),
        ("06:00:31,200", "sáu giờ"),
        ("30/11/2026", "ngày ba mươi tháng mười một năm hai nghìn không trăm hai mươi sáu"),
        ("2026-04-05", "ngày mùng năm tháng tư năm hai nghìn không trăm hai mươi sáu"),
        ("Cầu tàu 3", "Cầu tàu ba"),
        ("Loa 001", "Loa không không một"),
        ("QL5", "QL năm"),
        ("2,5 m", "hai phẩy năm mét"),
        ("2.500 m", "hai nghìn năm trăm mét"),
        ("0,05 m", "không phẩy không năm mét"),
        ("-3 °C", "âm ba độ xê"),
        ("60 km/h", "sáu mươi ki lô mét trên giờ"),
        ("80%", "tám mươi phần trăm"),
        ("5 mái", "năm mái"),
        ("Lạch Tray · Cầu Rào", "Lạch Tray, Cầu Rào"),
        ("A & B", "A và B"),
        ("0912345678901", "không chín một hai ba bốn năm sáu bảy tám chín không một"),
        ("x\r\ny\x00\u202ez", "x y z"),
    ],
)
def test_a_text_is_read_out(text: str, said: str) -> None:
    assert spoken(text) == said


@given(st.integers(0, 10**12 - 1))
def test_no_two_words_of_a_number_are_lost(value: int) -> None:
    said = number(value)
    assert said == " ".join(said.split())
    assert not re.search(r"\d", said)
    assert number(value) == spoken(str(value))


@given(st.text(max_size=80))
def test_nothing_without_a_sound_is_left(text: str) -> None:
    said = spoken(text)
    assert all(each in " ,.!?" or each.isalpha() or not each.isascii() for each in said)
    assert not any(each.isdecimal() and each.isascii() for each in said)
    assert len(said.splitlines()) <= 1
    assert spoken(said) == said


def data(**changes: object) -> dict[str, object]:
    return {
        "kind_vi": "Ngập đường",
        "place_vi": "Cầu Rào 2",
        "wards": ["Hồng Bàng"],
        "time": "2026-11-30T07:05:00Z",
    } | changes


def test_what_is_said_is_short_and_said_twice() -> None:
    once = (
        "Cảnh báo ngập đường tại Cầu Rào hai, Hồng Bàng, lúc mười bốn giờ năm phút"
        " ngày ba mươi tháng mười một năm hai nghìn không trăm hai mươi sáu"
    )
    assert text_of(data(), over=False) == f"Thông báo khẩn. {once}. {AGAIN} {once}."
    over = text_of(data(), over=True)
    assert over.count("đã hết hiệu lực") == 2
    assert "giờ" not in over
    long = text_of(data(place_vi="Cầu " * 900), over=False)
    assert len(long) < 2 * LONGEST + 60
    bare = text_of(data(kind_vi="", place_vi="", wards=[]), over=True)
    assert "Cảnh báo sự việc đã hết hiệu lực" in bare


def test_of_how_many_wards_it_tells_it_says_that_it_is_over_and_when_it_was() -> None:
    many = [f"Phường Số {n}" for n in range(114)]
    over = text_of(data(wards=many), over=True)
    assert over.count("đã hết hiệu lực") == 2
    assert text_of(data(wards=many), over=False).count(", lúc ") == 2
    assert len(over) < 2 * LONGEST + 60
