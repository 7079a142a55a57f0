"""An installation's own kinds and feeds, in force within a test."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streams.feeds import registry as feeds
from streams.kinds import combination, combinations, joins
from streams.kinds import registry as kinds

FOLDER = Path(__file__).parents[1] / "extension"


@contextmanager
def extended(folder: Path = FOLDER) -> Iterator[None]:
    """As a process that was started with ``CITYOPS_EXTENSIONS``; for tests without threads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITYOPS_EXTENSIONS", str(folder))
        _forget()
        yield
    _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == kinds._OWN]:
        del sys.modules[name]
    importlib.invalidate_caches()
    for kept in (
        kinds.all_kinds,
        kinds._former,
        joins.events,
        joins.kinds,
        joins._parts,
        combination.written,
        combinations.combinations,
        combinations.kinds,
        combinations._parts,
        feeds.all_feeds,
        feeds.of_asset_type,
        feeds.asset_type,
        feeds.metrics,
        feeds.units,
        feeds.frame_lateness,
    ):
        kept.cache_clear()
