"""Units that readings come in, made those of the feed: exact factors of the SI and of RFC 8428.

What a symbol measures is told by its dimension: a unit becomes another of the same one only.
"""

import math
from typing import NamedTuple

from streams.words import Words


class Unit(NamedTuple):
    """``value * factor + offset`` is in the base unit of its dimension."""

    dimension: str
    factor: float
    offset: float = 0.0


def _units() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    by_dimension: dict[str, dict[str, float]] = {
        "ratio": {"1": 1, "/": 1, "%": 0.01, "‰": 0.001, "ppm": 1e-6},
        "relative humidity": {"%RH": 0.01},
        "length": {"m": 1, "km": 1000, "cm": 0.01, "mm": 0.001, "in": 0.0254, "ft": 0.3048},
        "velocity": {"m/s": 1, "km/h": 1 / 3.6, "mph": 0.44704, "kn": 1852 / 3600},
        "rain": {"mm/h": 1, "m/h": 1000, "in/h": 25.4},
        "time": {"s": 1, "ms": 0.001, "min": 60, "h": 3600, "d": 86400},
        "pressure": {"Pa": 1, "hPa": 100, "kPa": 1000, "mbar": 100, "bar": 1e5},
        "power": {"W": 1, "kW": 1000, "MW": 1e6},
        "energy": {"J": 1, "kJ": 1000, "Wh": 3600, "kWh": 3.6e6},
        "voltage": {"V": 1, "mV": 0.001, "kV": 1000},
        "current": {"A": 1, "mA": 0.001},
        "frequency": {"Hz": 1, "kHz": 1000, "MHz": 1e6},
        "mass": {"kg": 1, "g": 0.001, "t": 1000},
        "concentration": {"kg/m3": 1e9, "g/m3": 1e6, "mg/m3": 1000, "ug/m3": 1},
        "volume": {"m3": 1, "l": 0.001, "L": 0.001},
        "volume flow": {"m3/s": 1, "m3/h": 1 / 3600, "l/s": 0.001, "L/s": 0.001},
        "sound": {"dB": 1},
        "sound, weighted": {"dBA": 1, "dB(A)": 1},
        "illuminance": {"lx": 1, "lux": 1},
        "angle": {"deg": 1, "°": 1, "rad": 180 / math.pi},
        "count": {"count": 1},
        "rate": {"1/s": 1, "1/min": 1 / 60, "1/h": 1 / 3600},
    }
    for dimension, units in by_dimension.items():
        found |= {symbol: Unit(dimension, factor) for symbol, factor in units.items()}
    kelvin = {"K": Unit("temperature", 1)}
    celsius = Unit("temperature", 1, 273.15)
    fahrenheit = Unit("temperature", 5 / 9, 273.15 - 32 * 5 / 9)
    return (
        found
        | kelvin
        | dict.fromkeys(("°C", "Cel", "degC"), celsius)
        | dict.fromkeys(("°F", "degF"), fahrenheit)
    )


UNITS = _units()
_SPELLED = {"µ": "u", "μ": "u", "³": "3", "²": "2"}


class UnitError(ValueError):
    """The one unit cannot be made the other."""


def converted(value: float, given: str, wanted: Words) -> float:
    """The value in the feed's unit; raises UnitError."""
    if given in wanted:
        return value
    one, other = _of(given), _of(wanted.en)
    if one is None or other is None or one.dimension != other.dimension:
        # What the feed measures in per cent may be relative humidity, which RFC 8428 tells apart.
        if {given, wanted.en} == {"%RH", "%"}:
            return value
        raise UnitError(f"{given!r:.40} cannot be made {wanted.en}")
    if one == other:
        return value
    # Rounded, so that 20 °C is not 20.000000000000057.
    found = (value * one.factor + one.offset - other.offset) / other.factor
    return round(found, 9) if abs(found) < 1e6 else found


def _of(symbol: str) -> Unit | None:
    for written, plain in _SPELLED.items():
        symbol = symbol.replace(written, plain)
    return UNITS.get(symbol)
