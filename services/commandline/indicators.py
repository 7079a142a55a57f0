"""What the commands about indicators share: values and targets as people read them."""

from typing import Any


def value(indicator: dict[str, Any], period: dict[str, Any]) -> str:
    """With its unit; marked where it misses the target."""
    if period["value"] is None:
        return "–"
    missed = "" if period["met"] else " !"
    return f"{period['value']:g} {indicator['unit_en']}{missed}"


def target(indicator: dict[str, Any]) -> str:
    if indicator["target"] is None:
        return "–"
    bound = "≥" if indicator["direction"] == "up" else "≤"
    return f"{bound} {indicator['target']:g}"


def trend(series: dict[str, Any]) -> str:
    return "–" if series["trend"] is None else f"{series['trend']:+g}"
