"""A whole stack with its simulated city, for an hour: its clock is set, links are slow, values come
late, again, corrected and broken, and parts are killed all the time.

    make soak ARGS="--minutes 60 --seed 7"

At the end every value that was sent is in the accounts, what they say is stored is stored, no part
has found a difference, and memory has not grown. Prints what it measured as one JSON object; exits
with 1 where something does not hold.
"""

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import psutil
from rich.console import Console
from rich.progress import Progress

from deploy.local import kafka, state, timescale
from streams.events import MINUTE, SECOND, Micros, from_rfc3339
from streams.kafka.access import CITY
from streams.kafka.publisher import Publisher
from streams.sensors.lag import MOST_LATENESS
from tests.soak.devices import EVERY, GATEWAY, Devices
from tests.support import servers
from tests.support.pretended import Pretended
from tests.support.waiting import eventually

DAY = 86_400
SHIFTS = (40 * DAY, -21 * DAY, 600, -600, 7 * DAY, -3600, 45)
KILLED = ("detect", "streams", "writer", "gateway", "alerts", "city")
FAULT_SECONDS = (25.0, 60.0)
SHIFTED_SECONDS = (10.0, 50.0)
SETTLE_SECONDS = 900.0
GREW = 1.25
"""Of the median of the last third over that of the second: more is growth."""
console = Console(stderr=True, highlight=False)


class Soak:
    """One stack, and what is done to it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.system = Pretended(folder)
        self.faults: Counter[str] = Counter()
        self.memory: dict[str, list[int]] = defaultdict(list)
        """By part: resident bytes, once in ten seconds."""

    def run(self, minutes: float) -> list[str]:
        system = self.system
        servers.fetch(system.settings, kafka, timescale)
        system.up()
        for name in Devices.names():
            done = system.run(
                *("source", "add", "--id", name, "--type", "induction_loop"),
                *("--gateway", GATEWAY, "--period", f"{EVERY // SECOND}", "--origin", "simulated"),
            )
            assert done.returncode == 0, done.stderr
        settings = msgspec.structs.replace(system.settings, kafka_user=CITY)  # who may say so
        publisher = Publisher(settings, "soak")
        devices = Devices(publisher, 1, event_time())
        try:
            self._disturb(minutes * 60, devices)
            devices.finish(event_time())
        finally:
            system.shift(0)
            publisher.close()
        return self._wrong(devices.sent)

    def _disturb(self, seconds: float, devices: Devices) -> None:
        began = sampled = spoken = time.monotonic()
        fault_at, shift_back = began + 30, 0.0
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("soaking", total=seconds)
            while (now := time.monotonic()) < began + seconds:
                progress.update(task, completed=now - began)
                if now - spoken >= EVERY / SECOND:
                    spoken += EVERY / SECOND
                    devices.step(event_time())
                if now - sampled >= 10:
                    sampled = now
                    self._sample()
                if shift_back and now >= shift_back:
                    self.system.shift(0)
                    shift_back = 0.0
                if now >= fault_at:
                    fault_at = now + self.random.uniform(*FAULT_SECONDS)
                    if not shift_back and self.random.random() < 0.3:
                        by = self.random.choice(SHIFTS)
                        self.system.shift(by)
                        self.faults["clock set"] += 1
                        shift_back = now + self.random.uniform(*SHIFTED_SECONDS)
                    else:
                        self._kill(self.random.choice(KILLED))
                time.sleep(0.2)

    def _kill(self, what: str) -> None:
        found = [(name, pid) for name, pid in self._pids().items() if name.startswith(what)]
        if found:
            name, pid = self.random.choice(found)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.faults[f"SIGKILL {name}"] += 1

    def _pids(self) -> dict[str, int]:
        now = state.current(self.system.settings)
        return {} if now is None else {part.name: part.pid for part in now.parts if part.pid}

    def _sample(self) -> None:
        for name, pid in self._pids().items():
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                whole = [process, *process.children(recursive=True)]
                self.memory[name].append(sum(one.memory_info().rss for one in whole))

    def _wrong(self, sent: Counter[str]) -> list[str]:
        """Once everything has been added up that waits for its time; the city goes on."""
        until = event_time() + MOST_LATENESS + MINUTE

        def added_up() -> bool:
            state = self.system.json("status", "--accounts", "--limit", "1")
            return state["counted"] is not None and from_rfc3339(state["counted"]) > until

        eventually(added_up, SETTLE_SECONDS)
        wrong = []
        ours = f"source LIKE '{GATEWAY}-%' OR source = ''"
        came = self._sums(f"SELECT source, sum(number) FROM accounts WHERE {ours} GROUP BY 1")
        if came != sent:
            wrong.append(f"sent {sent - came}, and booked {came - sent} that nobody sent")
        stored = self._sums(
            "SELECT source || date_trunc('hour', time), count(*) FROM readings"
            f" WHERE source LIKE '{GATEWAY}-%' GROUP BY 1"
        )
        booked = self._sums(
            "SELECT source || time, sum(number) FROM accounts WHERE fate IN ('accepted', 'late')"
            f" AND source LIKE '{GATEWAY}-%' GROUP BY 1"
        )
        if stored != booked:
            wrong.append(f"stored {stored - booked} more, and {booked - stored} fewer")
        differ = self.system.query(
            "SELECT coalesce(sum((counts->>'unaccounted')::int), 0) FROM positions"
        )
        if differ != [(0,)]:
            wrong.append(f"parts have found {differ[0][0]} differences")
        doubled = self.system.query(
            "SELECT count(*) FROM (SELECT FROM readings GROUP BY source, metric, time"
            " HAVING count(*) > 1) AS twice"
        )
        if doubled != [(0,)]:
            wrong.append(f"{doubled[0][0]} values are stored twice")
        for name, (early, late) in self.growth().items():
            if late > GREW * early:
                wrong.append(f"{name} grew from {early >> 20} to {late >> 20} MiB")
        return wrong

    def _sums(self, query: str) -> Counter[str]:
        return Counter({key: int(number) for key, number in self.system.query(query) if number})

    def growth(self) -> dict[str, tuple[int, int]]:
        """By part: median resident bytes of the second third, and of the last."""
        found = {}
        for name, samples in sorted(self.memory.items()):
            third = len(samples) // 3
            if third:
                middle, last = samples[third : 2 * third], samples[2 * third :]
                found[name] = int(statistics.median(middle)), int(statistics.median(last))
        return found

    def told(self) -> dict[str, Any]:
        fates = self._sums("SELECT fate, sum(number) FROM accounts GROUP BY 1")
        rows = {
            table: self.system.query(f"SELECT count(*) FROM {table}")[0][0]
            for table in ("readings", "frames", "quality", "corrections", "incidents", "accounts")
        }
        clocks = "SELECT count(*) FROM incidents WHERE kind = 'system_clock' AND revision = 0"
        return {
            "faults": dict(self.faults),
            "fates": dict(fates),
            "rows": rows,
            "clock_incidents": self.system.query(clocks)[0][0],
            "memory_mib": {
                name: [early >> 20, late >> 20] for name, (early, late) in self.growth().items()
            },
        }


def event_time() -> Micros:
    """By the true clock, which the stack's processes do not see."""
    return time.time_ns() // 1000


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make soak", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60, help="how long; 60 if not given")
    parser.add_argument("--seed", type=int, default=7, help="of the faults")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="soak"))
    soak = Soak(folder, arguments.seed)
    try:
        wrong = soak.run(arguments.minutes)
        print(json.dumps(soak.told() | {"minutes": arguments.minutes, "wrong": wrong}, indent=1))
        return 1 if wrong else 0
    finally:
        soak.system.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
