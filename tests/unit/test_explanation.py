"""What is said of an incident does not contradict what the stage has decided of it."""

from datetime import UTC, datetime

import pytest

from services.api.explanation import Other, Revision, explanation
from streams.configuration.configured import Configured
from streams.events import NOWHERE, Source

AT = datetime(2026, 11, 29, tzinfo=UTC)


def station(name: str, *parents: str) -> Source:
    return Source(name, "base_station", "", name, "live", NOWHERE, parents=parents)


@pytest.mark.parametrize("kind", ["not_in_service", "low_value", "no_data"])
def test_its_cause_was_down_whatever_proved_that(kind: str) -> None:
    known = Configured(
        sources={"a": station("a"), "b": station("b", "a")}, switches={"topology": True}
    )
    told = Revision("2", 1, AT, "no_data", "live", ["b"], AT, None, "1", ["b", "a"], "depends")
    found = explanation([told], [Other("1", kind, ["a"], AT, None, None)], known)
    assert "a consequence" in found.told.en
    (considered,) = found.considered
    assert considered.verdict != "not_down"
