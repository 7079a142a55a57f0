"""A fault campaign: parts are killed and paused while a recording is replayed.

    make chaos ARGS="--faults 30 --seed 7"

Compares the digest, every stored row and every alert with those of a run that was left alone. Exits
with 1 where anything differs, and prints the seed, with which the same faults come again.
"""

import argparse
import sys
from collections import Counter

from rich.console import Console
from rich.progress import Progress

from streams.recordings import canonical
from tests.chaos.campaign import (
    CONTROL_SECONDS,
    PER_FAULT_SECONDS,
    Campaign,
    Fault,
    control_plan,
    differences,
    plan,
    spoilt,
    too_long,
)

NAMES = {"alerts": "transitions of alerts"}
console = Console(stderr=True, highlight=False)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make chaos", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--faults", type=int, default=30, help="how many; 30 if not given")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same faults")
    parser.add_argument(
        "--control",
        action="store_true",
        help="switch the marks off and kill workers: exits with 0 only where something differs",
    )
    arguments = parser.parse_args()
    if arguments.faults < 1:
        parser.error("--faults must be at least 1")
    control: bool = arguments.control
    number, seed = arguments.faults, arguments.seed
    faults = control_plan(number) if control else plan(number, seed)
    with Campaign() as campaign, Progress(console=console, transient=True) as progress:
        task = progress.add_task("left alone", total=len(faults))
        calm = campaign.play("calm", [], seed)
        wanted = campaign.wanted()

        def told(fault: Fault) -> None:
            progress.update(task, advance=1, description=f"{fault.what} {fault.victim}")

        pace = CONTROL_SECONDS if control else PER_FAULT_SECONDS
        played = campaign.play("chaos", faults, seed, marks=not control, pace=pace, told=told)
    without = spoilt(faults)
    found = differences(calm, played, without) + too_long(played)
    if calm.lines != wanted:
        found.append("the run that was left alone differs from the one in memory")
    done = Counter(f"{fault.what} {fault.victim}" for fault in faults)
    listed = ", ".join(f"{name} ×{n}" for name, n in sorted(done.items()))
    console.print(f"{len(faults)} faults, seed {seed}: {listed}", soft_wrap=True)
    for line in found:
        console.print(line, soft_wrap=True, markup=False)
    equal = ", ".join(
        f"{rows.total():,} {NAMES.get(name, name)}" for name, rows in calm.rows.items()
    )
    if control:
        print(f"control without marks: {len(found)} kinds of difference")
        return 0 if found else 1
    if found:
        print(f"failed: again with --faults {len(faults)} --seed {seed}")
        return 1
    digest = f"digest {canonical.digest(played.lines)[:16]} unchanged"
    if without:
        digest = f"but for {', '.join(sorted(without))}, which lost pictures, nothing is changed"
    if played.missed:
        longest = max(each.seconds for each in played.missed.values())
        digest += f"; at most {longest:.1f} s without a camera's pictures"
    if played.spared:
        digest += f"; {played.spared} faults found no decoder"
    print(
        f"{digest}, {len(played.lines)} incidents and amendments, "
        f"equal to the last row: {equal}; {played.restarts} restarts"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
