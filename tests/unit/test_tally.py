"""A stored tally that cannot be closed is refused when it is read: closing it would stop time."""

import msgspec
import numpy as np
import pytest

from models.labels import CLASSES
from streams.cameras.tally import Tally, begin
from streams.events import MINUTE
from streams.runtime.partition import Partition, SnapshotError
from streams.stages.interpret import Interpret
from tests.support.watchman import Watchman, at, camera, zone


@pytest.mark.parametrize("zones", [(), ("a",), ("a", "b")])
def test_one_that_was_begun_is_read_again(zones: tuple[str, ...]) -> None:
    tally = begin(MINUTE, zones)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(tally), type=Tally) == tally


def test_one_of_before_there_were_vehicles_is_read_with_none() -> None:
    counted = np.arange(2 * 2 * 5, dtype=np.int32)
    tally = Tally(MINUTE, ("a",), counted.tobytes())
    wide = np.frombuffer(tally.numbers, np.int32).reshape(2, 2, len(CLASSES))
    assert np.array_equal(wide[:, :, :5].ravel(), counted)
    assert not wide[:, :, 5:].any()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(tally), type=Tally) == tally
    with pytest.raises(ValueError, match="as many zones"):
        Tally(MINUTE, ("a",), counted[:-1].tobytes())


@pytest.mark.parametrize("cut", [1, 4, 40])
def test_one_of_another_size_is_refused_with_its_snapshot(cut: int) -> None:
    man = Watchman(camera(), zone())
    for _ in range(5):
        man.see(at("car", 300, 200))
    good = man.partition.encode()
    assert Partition.decode(Interpret(1), 0, 1, good).states["cam"].tally.numbers
    seen = man.partition.states["cam"]
    tally = msgspec.msgpack.encode(seen.tally)
    short = msgspec.msgpack.decode(tally)
    short[2] = short[2][:-cut]
    bad = good.replace(tally, msgspec.msgpack.encode(short))
    assert bad != good
    with pytest.raises(SnapshotError, match="as many zones"):
        Partition.decode(Interpret(1), 0, 1, bad)
