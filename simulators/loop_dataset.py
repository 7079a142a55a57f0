"""Readings of the city's loops for training and judging a scorer, with the stops that were staged.

    python -m simulators.loop_dataset --seeds 1000-1009 --minutes 30 --stops 0 -o quiet.npz

Each seed is a run of its own demand. With ``--stops N`` the road is blocked N times, for
``--hold`` s, just beyond a loop: one vehicle is held in each of one, several or all lanes. The
file holds ``values`` float32 [runs, steps, loops, metrics] (one step is a pack), ``loops`` and
``metrics`` (names), ``seeds`` [runs], ``demand`` [runs], and ``stops``: JSON, a list of {run,
edge, lanes (blocked), loops (upstream on that edge), start, end}, in steps.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import libsumo
import numpy as np
from numpy.typing import NDArray

from models.scorer import METRICS
from simulators.city.assets import PACK_PERIOD_S, Loop, read
from simulators.city.streets import street_of
from simulators.traffic import STEPS_PER_S, Traffic

SETTLE_S = 200
"""Before the first stop, and between the end of one and the next."""
BEYOND_M = (10.0, 40.0)
"""How far after its loop a vehicle is held."""
DEMAND = (0.4, 1.0)
"""Share of the busiest hour's traffic, drawn for each run."""
STEPS_PER_PACK = PACK_PERIOD_S * STEPS_PER_S


class Stop:
    """Holds the next wide vehicle in each of some lanes; ``start`` is None until one is held."""

    def __init__(self, edge: str, position_m: float, lanes: frozenset[int]) -> None:
        self.edge = edge
        self.position_m = position_m
        self.lanes = lanes
        self.start: int | None = None
        self._held: dict[int, str] = {}
        """By lane."""

    def hold(self, pack: int) -> None:
        """To be called after each step: takes what comes along in the lanes not yet blocked."""
        for vehicle in sorted(libsumo.edge.getLastStepVehicleIDs(self.edge)):
            lane = libsumo.vehicle.getLaneIndex(vehicle)
            away = self.position_m - libsumo.vehicle.getLanePosition(vehicle)
            wide = libsumo.vehicle.getVehicleClass(vehicle) != "motorcycle"
            if lane in self.lanes - self._held.keys() and 0 <= away < 15 and wide:
                libsumo.vehicle.setSpeed(vehicle, 0.0)
                libsumo.vehicle.setLaneChangeMode(vehicle, 0)
                self._held[lane] = vehicle
                self.start = pack if self.start is None else self.start

    def release(self) -> None:
        for vehicle in set(self._held.values()) & set(libsumo.vehicle.getIDList()):
            libsumo.vehicle.setSpeed(vehicle, -1.0)
            libsumo.vehicle.setLaneChangeMode(vehicle, 1621)  # SUMO's default


def run(
    seed: int, minutes: float, stops: int, hold_s: int, loops: tuple[Loop, ...]
) -> tuple[NDArray[np.float32], list[dict[str, Any]], float]:
    """(values [steps, loops, metrics], stops, demand) of one seed."""
    random = np.random.default_rng(seed)
    demand = float(random.uniform(*DEMAND))
    packs = round(minutes * 60 / PACK_PERIOD_S)
    values = np.empty((packs, len(loops), len(METRICS)), np.float32)
    sites = sorted({(loop.edge, loop.position_m) for loop in loops})
    done: list[dict[str, Any]] = []
    stop: Stop | None = None
    next_at = SETTLE_S // PACK_PERIOD_S
    with Traffic(seed, demand) as traffic:
        for pack in range(packs):
            if stop is None and len(done) < stops and pack >= next_at:
                edge, position = sites[int(random.integers(len(sites)))]
                lanes = street_of(edge).lanes
                number = lanes if random.random() < 0.5 else int(random.integers(1, lanes + 1))
                blocked = random.permutation(lanes)[:number]
                beyond = float(random.uniform(*BEYOND_M))
                stop = Stop(edge, position + beyond, frozenset(blocked.tolist()))
            for _ in range(STEPS_PER_PACK):
                traffic.step()
                if stop:
                    stop.hold(pack)
            values[pack] = [traffic.reading(loop) for loop in loops]
            if stop and stop.start is not None and pack >= stop.start + hold_s // PACK_PERIOD_S:
                stop.release()
                near = [loop.id for loop in loops if loop.edge == stop.edge]
                done.append(
                    {
                        "edge": stop.edge,
                        "lanes": len(stop.lanes),
                        "loops": near,
                        "start": stop.start,
                        "end": pack + 1,
                    }
                )
                stop, next_at = None, pack + SETTLE_S // PACK_PERIOD_S
    return values, done, demand


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", required=True, help="A-B, both included")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--stops", type=int, default=0, help="staged in each run")
    parser.add_argument("--hold", type=int, default=60, help="seconds that a stop lasts")
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    first, last = map(int, arguments.seeds.split("-"))
    loops = read().loops
    runs, stops, demands = [], [], []
    for place, seed in enumerate(range(first, last + 1)):
        values, done, demand = run(seed, arguments.minutes, arguments.stops, arguments.hold, loops)
        runs.append(values)
        demands.append(demand)
        stops += [{"run": place, **stop} for stop in done]
        sys.stderr.write(f"seed {seed}: {len(values)} packs, {len(done)} stops\n")
    np.savez_compressed(
        arguments.output,
        values=np.stack(runs),
        loops=[loop.id for loop in loops],
        metrics=list(METRICS),
        seeds=np.arange(first, last + 1),
        demand=np.array(demands),
        stops=json.dumps(stops),
    )


if __name__ == "__main__":
    main()
