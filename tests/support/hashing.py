"""A stage whose every result rests on every message before it: for testing the shell.

The state of a gateway is a rolling hash over its packs; every fifth pack emits the hash. A message
that is lost, doubled or taken out of order changes every later result.
"""

import asyncio
import hashlib
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from streams import control, settings
from streams.events import Incident, Readings, Tick
from streams.pipeline import Step
from streams.runtime import upgrades
from streams.runtime.faust import reading, worker
from streams.stage import Output, Position, Result
from streams.topics import CORRELATED, INCIDENTS, READINGS
from tests.support.dying import die_before_snapshots

EVERY = 5


class Chain(msgspec.Struct, frozen=True, tag="chain"):
    count: int = 0
    digest: str = ""


def extend(chain: Chain, pack: Readings) -> Chain:
    digest = hashlib.blake2b(f"{chain.digest}{pack.sequence}".encode(), digest_size=8)
    return Chain(chain.count + 1, digest.hexdigest())


def result(gateway: str, chain: Chain) -> Incident:
    return Incident(
        id=f"{gateway}/{chain.count}",
        kind="anomaly",
        rule="hashing",
        origin="simulated",
        severity="low",
        sources=(gateway,),
        zone="",
        subject=chain.digest,
        start=chain.count,
        decided_at=chain.count,
        end=None,
        revision=0,
        place=None,
    )


class Hashing:
    name = "hashing"
    reads = READINGS
    state_type = control.Control | Chain
    blocking = False
    prepare = None

    def step(self, state: Mapping[str, Any], event: Any, at: Position) -> Result:
        if isinstance(event, Tick):
            known = state.get(control.KEY, control.EMPTY)
            return Result({control.KEY: control.tick(known, event)})
        chain = extend(state.get(event.gateway, Chain()), event)
        outputs = ()
        if chain.count % EVERY == 0:
            outputs = (Output(INCIDENTS, result(event.gateway, chain), event.gateway),)
        return Result({event.gateway: chain}, outputs, {"accepted": 1})


class Slow(Hashing):
    """The same, run off the event loop as ``detect`` is."""

    blocking = True
    prepare = None


class Echo:
    """Reads the results of ``Hashing``: what has been dropped as repeated does not come out."""

    name = "echo"
    reads = INCIDENTS
    state_type = control.Control
    blocking = False
    prepare = None

    def step(self, state: Mapping[str, Any], event: Any, at: Position) -> Result:
        return Result(outputs=(Output(CORRELATED, event, event.sources[0]),))


STEPS = (
    Step("hashing", READINGS, (INCIDENTS,), "hashing", lambda _: Slow()),
    Step("echo", INCIDENTS, (CORRELATED,), "hashing", lambda _: Echo()),
)

SKIPPED = range(40, 60)
"""Offsets that ``skipping`` does not hand on."""
TIMES = 3
SLOW_SECONDS = 1.0


def skipping() -> None:
    """Makes every shell of this process skip messages, as Faust does on a rebalance: again and
    again, since what it had fetched before a re-read may still come after it.
    """
    handle, skipped = worker.Shell._handle, Counter[tuple[str, int, int]]()

    async def handle_some(shell: worker.Shell, stage: Any, message: Any) -> None:
        place = (message.topic, message.partition, message.offset)
        if message.offset in SKIPPED and skipped[place] < TIMES:
            skipped[place] += 1
            return
        await handle(shell, stage, message)

    worker.Shell._handle = handle_some  # type: ignore[method-assign]


def slow() -> None:
    """Lets time pass, as on a busy machine, between the last steps of Faust's recovery: it puts
    every partition in its place, and then empties the queues that messages are handed on to.
    """
    seek = reading.Consumer.perform_seek

    async def seek_slowly(consumer: reading.Consumer) -> None:
        await seek(consumer)
        await asyncio.sleep(SLOW_SECONDS)

    reading.Consumer.perform_seek = seek_slowly  # type: ignore[method-assign]


def starving(noted: Path) -> None:
    """Makes the stage run out of memory at one message, in the first process only."""
    step = Hashing.step

    def step_or_starve(self: Hashing, state: Mapping[str, Any], event: Any, at: Position) -> Result:
        if at.offset == SKIPPED.start and not noted.exists():
            noted.touch()
            raise MemoryError
        return step(self, state, event, at)

    Hashing.step = step_or_starve  # type: ignore[method-assign]


def later() -> None:
    """Makes the process one of a later release, whose stored form is another."""
    upgrades.UPGRADES["hashing", 1] = lambda states, _: states


if __name__ == "__main__":
    name, mode = sys.argv[1:]
    if mode == "skipping":
        skipping()
    if mode == "slow":
        slow()
    if mode == "starving":
        starving(settings.load().state_dir / "starved")
    if mode == "later":
        later()
    if mode == "none":  # or the control would depend on luck
        die_before_snapshots("hashing", settings.load().state_dir / f"{name}.deaths", least=2)
    worker.run(settings.load(), "hashing", name, STEPS, marks=mode != "none")
