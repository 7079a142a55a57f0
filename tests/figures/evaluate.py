"""``make evaluate``: the scripted scenarios on seeds that no training used.

The command itself judges; this puts beside its result what it rests on.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import msgspec

from services.commandline.evaluation import Score, SeedResult, Summary
from simulators.scenario import names
from tests.figures.scenarios import Scenarios
from tests.support.origin import here

UNSEEN = "2001-2004"
"""Pictures of seeds 1000-1010 trained the detector, and 1-3 chose its threshold."""
OUTPUT = Path("build/scenarios.json")


class Evaluation(msgspec.Struct):
    """What ``cityops evaluate -o`` writes, as far as it is needed here."""

    kinds: list[Summary]
    scores: list[Score]
    runs: list[SeedResult]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make evaluate", description=__doc__)
    parser.add_argument("--seeds", default=UNSEEN, help="first-last, or one")
    parser.add_argument(
        "--scenario", action="append", choices=names(), help="repeatable; default: all of these"
    )
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    asked = parser.parse_args()
    run = here("scenarios")
    cityops = Path(sys.executable).with_name("cityops")
    # Beside it are the runs that were done, with which an interrupted evaluation goes on.
    found = asked.output.with_name("evaluation.json")
    found.unlink(missing_ok=True)
    command = [cityops, "evaluate", "vision", "--seeds", asked.seeds, "-o", found]
    for name in asked.scenario or names():
        command += ["--scenario", name]
    status = subprocess.run(command, check=False).returncode
    if not found.exists():
        return status or 1
    evaluation = msgspec.json.decode(found.read_bytes(), type=Evaluation)
    scenarios = Scenarios(
        **msgspec.structs.asdict(run),
        seconds=evaluation.runs[0].seconds,
        kinds=evaluation.kinds,
        scores=tuple(evaluation.scores),
    )
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_bytes(msgspec.json.format(msgspec.json.encode(scenarios)) + b"\n")
    print(f"{asked.output}: 'make figures' puts it into the README", file=sys.stderr)
    # A missed incident is a result too; that there was none to miss is not.
    return 0 if any(kind.true for kind in evaluation.kinds) else 1


if __name__ == "__main__":
    sys.exit(main())
