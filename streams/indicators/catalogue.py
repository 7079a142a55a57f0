"""All indicators: those of this package, and those of an installation's own folder.

``CITYOPS_EXTENSIONS`` names a folder whose ``indicators/*.yaml`` are read as these are. One of the
same id takes the place of ours: so a city sets its own targets.
"""

from functools import cache
from pathlib import Path

from streams import extensions
from streams.indicators.file import read_indicators
from streams.indicators.indicator import Indicator, IndicatorError


@cache
def all_indicators() -> dict[str, Indicator]:
    """By id, in the order of the files.

    Raises:
        SettingError: a file cannot be used, or an id is taken twice.
    """
    found: dict[str, Indicator] = {}
    for folder in (Path(__file__).parent, extensions.own("indicators")):
        given: dict[str, Path] = {}
        for path in extensions.entries(folder) if folder else ():
            if path.suffix == ".yml":
                raise IndicatorError(f"{path} is not looked into: call it {path.stem}.yaml")
            if path.suffix != ".yaml":
                continue
            for indicator in read_indicators(path):
                if indicator.id in given:
                    taken = given[indicator.id]
                    raise IndicatorError(f"{path}: id {indicator.id!r} is taken in {taken}")
                given[indicator.id] = path
                found[indicator.id] = indicator
    return found


@cache
def computed() -> dict[str, Indicator]:
    """Those that have a formula, by id."""
    return {name: each for name, each in all_indicators().items() if each.formula}


@cache
def of_feed(feed: str) -> tuple[Indicator, ...]:
    """Those that are computed from that feed's readings, in order of their ids."""
    return tuple(
        each for _, each in sorted(computed().items()) if each.formula and each.formula.feed == feed
    )
