"""Plans, and what deciding knows of an alert, for tests of who is told."""

from collections.abc import Iterable
from typing import Any

import msgspec

from services.oncall.deciding import Alerted, Facts, Happened, Message, People, Peopled, Planned
from services.oncall.plans import Audience, Override, Plan, Policy, Rotation, Sort, Step
from streams.events import HOUR, MINUTE, SECOND, Micros

NIGHT: Micros = 1_795_000_000 * SECOND
"""2026-11-18 in event time."""
SORTS: dict[type[Plan], Sort] = {
    Rotation: "rotation",
    Override: "override",
    Policy: "policy",
    Audience: "channel",
}


def facts(alert: str = "a-1", **changes: Any) -> Facts:
    """Of an intruder at a quay, live and critical, that nobody has acknowledged."""
    made = Facts(
        alert=alert,
        version=1,
        kind="intrusion",
        severity="critical",
        origin="live",
        rule="quay-intruder",
        source="quay-3",
        subject="",
        source_vi="Cầu tàu 3",
        source_en="Quay 3",
        zone_vi="Hàng rào",
        zone_en="Fence",
        place=(20.86, 106.68),
        wards={"quay-3": "Hồng Bàng"},
        time=NIGHT,
        decided_at=NIGHT,
        count=1,
        asks=True,
        active=True,
    )
    return msgspec.structs.replace(made, **changes)


def planned(*plans: Plan) -> list[Happened]:
    return [
        msgspec.structs.replace(Planned(SORTS[type(one)], one.name), **{SORTS[type(one)]: one})
        for one in plans
    ]


def peopled(*everywhere: str, **areas: tuple[str, ...]) -> Happened:
    """Who may sign in, and of some of them to which wards they are limited."""
    return Peopled(People(dict.fromkeys(everywhere) | areas))


def raised(one: Facts, time: Micros = NIGHT) -> Happened:
    return Alerted(one, time)


ROTATION = Rotation(name="desk", people=("lan", "minh"), start=NIGHT - HOUR, hours=8)
POLICY = Policy(
    name="night",
    severity="high",
    steps=(Step(0, ("rotation:desk",)), Step(5, ("user:duc",)), Step(15, ("channel:room",))),
)
ROOM = Audience(name="room")


def whom(messages: Iterable[Message]) -> list[tuple[str, int, int]]:
    """(recipient, step, minutes after NIGHT) of each."""
    return [
        (one.told[0].recipient if one.told else "", one.step, (one.time - NIGHT) // MINUTE)
        for one in messages
    ]
