"""Which names users may have: in any script, and none that may be taken for another's."""

import unicodedata

import pytest

from services.api.users import RefusedError, checked_name

OURS = ("Nguyễn Thị Ánh", "Đặng Hữu Phước", "Y Ơr Êban", "H'Hen Niê", "Ksor Phước", "K'Să")
OTHERS = (
    "Łukasz",
    "Þór",
    "İbrahim",
    "Иван-1",
    "Καίσαρ",
    "山田 taro",
    "김철수",
    "อำนาจ",
    "ลำใย",
    "محمد",
)


@pytest.mark.parametrize("name", [*OURS, *OTHERS])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_people_are_called_as_they_are_in_either_form(name: str, form: str) -> None:
    assert checked_name(unicodedata.normalize(form, name)) == name  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    [
        "\u0430dmin",
        "\u13aadmin",
        "\ua4eedmin",
        "\u2c9fps",
        "\u0585ps",
        "\ufb01n",
        "a\u00b2",
        "\uff76",
    ],
)
def test_what_may_be_taken_for_another_is_refused(name: str) -> None:
    with pytest.raises(RefusedError):
        checked_name(name)
