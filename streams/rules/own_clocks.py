"""Incidents of sensors' own clocks: found wrong, right again, or not heard any more."""

import msgspec

from streams.events import Incident
from streams.incidents.hold import UNKNOWN_GAP, gap_limit
from streams.incidents.life import conclude, expire
from streams.kinds.registry import wrong_clocks
from streams.sensors.clocks import NONE, Wrong, fall_silent, last_proof, proven, right_again
from streams.sensors.intake import Intake
from streams.sensors.reordering import Passage
from streams.sensors.rosters import Roster


def judge_clocks(intake: Intake, roster: Roster, passage: Passage) -> tuple[Intake, list[Incident]]:
    """What is found of the sensors' own clocks, and what of it is over."""
    if intake.clocks == NONE:
        return intake, []
    tick = passage.control.tick
    present = [slot for slot, there in enumerate(roster.present) if there]
    unheard = [
        slot
        for slot, clock in intake.clocks.suspect.items()
        if tick - clock.last > max(gap_limit(int(roster.period[slot])), UNKNOWN_GAP)
        or passage.skipped > gap_limit(int(roster.period[slot]))
    ]
    silent, clocks = fall_silent(intake.clocks, unheard)
    incidents = [expire(wrong.incident, last_proof(intake.clocks, wrong), tick) for wrong in silent]
    over, clocks = right_again(clocks, present)
    incidents += [conclude(wrong.incident, tick, tick) for wrong in over]
    for found in proven(clocks, present):
        sources = tuple(roster.known[roster.sources[slot]] for slot in found.slots)
        incident = wrong_clocks(sources, found.off, found.since, tick)
        incidents.append(incident)
        opened = Wrong(found.slots, found.off, incident)
        clocks = msgspec.structs.replace(clocks, wrong=(*clocks.wrong, opened))
    if clocks is intake.clocks:
        return intake, []
    return msgspec.structs.replace(intake, clocks=clocks), incidents
