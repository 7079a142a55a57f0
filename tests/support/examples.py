"""How many examples property tests try: half of what each says, unless ``--slow`` is given."""

import pytest
from hypothesis import settings

SETTINGS = "_hypothesis_internal_use_settings"
"""Where hypothesis keeps what a test says; there is no other way to it."""
FEW = 10
"""What says no more than that keeps them all."""


def halve(item: pytest.Item) -> None:
    """Of a test with several parameters once."""
    test = getattr(item, "function", None)
    said = getattr(test, SETTINGS, None)
    if said is not None and not hasattr(test, "halved"):
        half = max(min(FEW, said.max_examples), said.max_examples // 2)
        setattr(test, SETTINGS, settings(said, max_examples=half))
        test.halved = True  # type: ignore[union-attr]
