"""Recordings that an earlier commit made decide the same with this code: see tests/pinned."""

import re
from pathlib import Path

import msgspec
import pytest

from streams.recordings import canonical, machine, path
from streams.recordings.folder import Recording
from streams.recordings.rerun import Rerun, begin
from streams.settings import Settings

PINNED = Path(__file__).parent.parent / "pinned"
DIGESTS = {
    "town": "464a09cb390c23bc38905c378a19b1b8063773d12139bb5606aa0f8c4a9cbb9a",
    "unusual": "99402d3f9b58ddf20d2f42075418284c0ac4a48929c3da539a82f659ef88cddf",
    "pictures": "1079148b12e4d495cd2b9e4d1510043c3fff22c88863e000a367b52411134f2b",
}
"""As tests/pinned/README.md has them: nobody makes these again."""
SINCE = {
    "town": "e274be31162c24e3d7561d8d4144c0968d42afe3f5e1c5a265a964a8792de844",
    "unusual": "4158f86ee397b32ace752a5f0313cbad8064f8e0ef3a327468ce4cc76d2c4853",
}
"""Of those that decide otherwise since decision 0025, by input that is late, doubled or broken,
since decision 0023, by sources that fall silent while something is open, and since decision 0032,
by vehicles that are away for longer than ten seconds and come back to their place."""
MET = {"market", "south-1"}
"""A camera and a loop on one road: the jam becomes part of a vehicle that stands there, and not of
the crowd that was the only thing open."""
LOOP = re.compile(r"(east|west)-\d")
UNHEARD = {"depot", "tram"}
"""Cameras from which no frame comes for longer than half a minute."""
PICTURES_SEEN_BY = "onnxruntime 1.32.0 on AMD EPYC"


@pytest.mark.parametrize("name", DIGESTS)
def test_a_pinned_recording_decides_the_same(name: str) -> None:
    if name == "pictures" and machine.seen_by() != PICTURES_SEEN_BY:
        pytest.skip(f"its pictures were seen by {PICTURES_SEEN_BY}, not {machine.seen_by()}")
    recording = Recording(PINNED / name)
    index = recording.index
    assert index.digest == DIGESTS[name]
    settings = Settings(partitions=index.partitions)
    stages = [step.build(settings) for step in path.steps(index.from_stage)]
    inputs = path.inputs(index.from_stage)
    run = Rerun(begin(stages, index.partitions, recording.states(), inputs))
    found = []
    for piece in recording.slices():
        records = [record for record in piece.records if record[0] in inputs]
        found += run.feed(msgspec.structs.replace(piece, records=records))
    lines = canonical.log(found, index.after, index.until, index.log)
    told, recorded = ([line.decode() for line in log] for log in (lines, recording.incidents()))
    if name in SINCE:
        differing = set(told) ^ set(recorded)
        assert 0 < len(differing) < len(recorded) * 0.6
        for row in map(canonical.row, differing):
            known = any(LOOP.match(one) or one in UNHEARD | MET for one in row["sources"])
            assert known or row["kind"] == "stopped_vehicle"
    else:
        assert told == recorded
    assert canonical.digest(lines, index.log) == SINCE.get(name, index.digest)
