"""What the default city has, and how that is known: ``registry.yaml`` and ``wards.yaml``."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from models.documents import document

HERE = Path(__file__).parent
Form = Literal["ward", "commune", "special_zone"]
FORMS: dict[Form, str] = {"ward": "phường", "commune": "xã", "special_zone": "đặc khu"}


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many; published (``source``) or made up (``assumed``), never both."""

    count: int
    source: str = ""
    assumed: str = ""


class Unit(msgspec.Struct, frozen=True):
    """A ward, commune or special zone."""

    name: str
    form: Form
    latitude: float
    longitude: float
    weight: int
    is_new: bool
    """It came to the city in July 2025: figures of earlier years do not count what is there."""

    @property
    def committee(self) -> str:
        return f"UBND {FORMS[self.form]} {self.name}"


class _Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    figures: dict[str, Figure]
    agencies: dict[str, str]
    """Names in Vietnamese, and in English."""
    operators: dict[str, int]
    water: tuple[tuple[str, str, str, str, str, float, float], ...]
    terminals: tuple[tuple[str, str, str, float, float], ...]
    customs: tuple[tuple[str, str, str, str, float, float], ...]


@cache
def listed() -> _Listed:
    return msgspec.convert(document((HERE / "registry.yaml").read_text()), _Listed)


@cache
def units() -> tuple[Unit, ...]:
    """All of them, in the order of the file."""
    read = document((HERE / "wards.yaml").read_text())
    return tuple(
        msgspec.convert(
            {
                "name": name,
                "form": form,
                "latitude": latitude,
                "longitude": longitude,
                "weight": weight,
                "is_new": where == "hai_duong",
            },
            Unit,
        )
        for where, forms in read.items()
        for form, rows in forms.items()
        for name, latitude, longitude, weight in rows
    )


def shared(count: int, among: Sequence[Unit]) -> list[Unit]:
    """``count`` units, each as often as its weight asks for, in order; no other way rounds less."""
    whole = sum(unit.weight for unit in among)
    portions = [count * unit.weight // whole for unit in among]
    rest = [(-(count * unit.weight % whole), n) for n, unit in enumerate(among)]
    for _, n in sorted(rest)[: count - sum(portions)]:
        portions[n] += 1
    return [unit for unit, times in zip(among, portions, strict=True) for _ in range(times)]
