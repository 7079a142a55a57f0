"""A city of two wards for tests of areas: what is in the other one, and in none, says "secret"."""

import unicodedata
from typing import Any
from uuid import uuid4

import msgspec

from services.alerts import store
from services.alerts.exhibits import exhibit
from services.alerts.lifecycle import receive
from services.alerts.transitions import Names
from services.api.users import add_user
from streams.configuration.log import append
from streams.events import (
    HOUR,
    MINUTE,
    SECOND,
    Accounts,
    Booked,
    Change,
    Correction,
    Incident,
    Mask,
    Micros,
    Place,
    Rule,
    Scenery,
    Sight,
    Source,
    Zone,
    to_datetime,
)
from streams.incidents.identity import incident_id
from streams.stamps import wall_clock
from streams.tables import case_hours, corrections, positions, readings, source_hours
from streams.tables.positions import Progress
from streams.tables.rows import rows_of
from streams.tables.writer import PART, copy
from streams.topics import DETECTIONS, FRAMES
from tests.support.alerting import incident, jam
from tests.support.desk import Desk
from tests.support.people import PASSWORD

MINE, THEIRS = "Hồng Bàng", "Ngô Quyền"
SECRET = "secret"
CAMERAS = {"cam-mine": MINE, "cam-secret": THEIRS, "cam-secret-nowhere": ""}
LOOPS = {"loop-mine": MINE, "loop-secret": THEIRS}
WARDS = CAMERAS | LOOPS
LOOP_FEED = "induction_loops"
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))


class City:
    """Stored in a desk's database, as parts store it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.now: Micros = wall_clock() - HOUR
        with desk.database.transaction():
            append(desk.database, configuration(), "test")
        self.alerts = {name: self.alert(name) for name in WARDS}
        self.incidents: dict[str, Incident] = {}
        """Of each source, in the history."""
        self._history()

    def person(self, *wards: str, role: str = "operator") -> str:
        """The name of somebody who is limited to wards, or (none) is not; their password is
        PASSWORD."""
        name = f"{role} {uuid4().hex[:6]}"
        assert add_user(self.desk.database, name, role, PASSWORD)
        self.desk.database.execute(
            "UPDATE users SET wards = %s WHERE name = %s", [list(wards) or None, name]
        )
        return name

    def incident(self, source: str) -> Incident:
        """Of a camera, or of a loop with a chart of its readings."""
        subject = uuid4().hex[:6]
        made = incident(source=source, subject=f"{source}-{subject}", start=self.now)
        if source in LOOPS:
            made = jam(loop=source)
        return msgspec.structs.replace(
            made,
            id=incident_id("stopped", source, "", subject, self.now),
            sources=(source,),
            zone=f"z-{source}",
            rule=f"r-{source}",
            start=self.now,
            decided_at=self.now + 20 * SECOND,
            place=Place(20.86, 106.68, f"street-{source}"),
        )

    def alert(self, source: str, first: Incident | None = None) -> str:
        """A new one's id."""
        return self.raised(first or self.incident(source))

    def raised(self, first: Incident) -> str:
        transitions = receive(
            None,
            first,
            None,
            names=Names(*(f"{what} {first.sources[0]}" for what in ("Nguồn", "Source", "V", "Z"))),
            wards=WARDS,
            evidence=tuple(map(exhibit, first.evidence)),
        )
        return self._append(None, transitions)

    def amended(self, id: str, whole: Incident, revision: int) -> None:
        """What has become part of an incident that an alert holds."""
        alert = store.get(self.desk.database, id)
        new = [one for one in whole.evidence if one.source != alert.source]
        evidence = tuple(map(exhibit, new))
        self._append(alert, receive(alert, whole, revision, wards=WARDS, evidence=evidence))

    def _append(self, alert: Any, transitions: Any) -> str:
        database, channel = self.desk.database, store.channel(self.desk.settings.namespace)
        with database.transaction():
            store.lock(database)
            return store.append(database, alert, transitions, channel).id

    def _history(self) -> None:
        events: list[Any] = []
        hour = self.now // HOUR * HOUR
        for name in CAMERAS:
            events += [
                Scenery(
                    name, self.now, "live", f"ab{len(name):02d}", learned=True, group="person",
                    box=(640, 360, 1280, 1800), width=640, height=360, since=self.now,
                    model="street@1.0",
                ),
                Sight(name, self.now, "live", 0, "dark", self.now, self.now),
                Sight(name, self.now, "live", 0, "dark", self.now, self.now + 30 * MINUTE),
            ]  # fmt: skip
        for name in WARDS:
            row = Booked(name, hour, "accepted", "", 7)
            at = self.now
            self.incidents[name] = incident = self.incident(name)
            events += [
                incident,
                Accounts("gateway", FRAMES, 0, self.now, (row,)),
            ]
            correction = Correction(name, "occupancy", at, 1.0, 2.0, at, "live", f"gw-{name}")
            copy(self.desk.database, corrections.TABLE, [corrections.row(correction)])
            reading = (to_datetime(at), name, "occupancy", 2.0, None, False, "live", "", "gw", None)
            copy(self.desk.database, readings.TABLE, [reading])
            delivered = to_datetime(hour), name, LOOP_FEED, "gw", "live", 60, 60, 0, 0, 0
            copy(self.desk.database, source_hours.TABLE, [(*delivered, to_datetime(at))])
            office = to_datetime(hour), name, LOOP_FEED, "gw", "live", 17, 3, 2, 2, 1
            copy(self.desk.database, case_hours.TABLE, [(*office, to_datetime(at), 0)])
            self.desk.database.execute(
                "INSERT INTO imported_readings (time, source, metric, value, imported_by)"
                " VALUES (%s, %s, 'occupancy', 2.0, 'test')",
                [to_datetime(at), name],
            )
        database = self.desk.database
        for event in events:
            for table, rows in rows_of(event).items():
                copy(database, table, rows)
        positions.load(database, PART, DETECTIONS, 0)
        progress = Progress(next_offset=1, newest=self.now + 40 * MINUTE)
        positions.advance(database, PART, DETECTIONS, 0, before=0, progress=progress)
        for name in CAMERAS:
            database.execute(
                "INSERT INTO erasures (source, after, until, actor, reason)"
                " VALUES (%s, %s, %s, 'lan', 'a request of a passer-by')",
                [name, to_datetime(self.now), to_datetime(self.now + MINUTE)],
            )


def configuration() -> list[Change]:
    """Names of wards are typed in two ways."""
    changes: list[Change] = []
    for name, ward in WARDS.items():
        kind = "camera" if name in CAMERAS else "loop"
        typed = unicodedata.normalize("NFD", ward)
        parents = () if kind == "camera" else ("cam-mine", "cam-secret")
        changes.append(
            Source(
                name, kind, f"Nguồn {name}", f"Source {name}", "live", Place(20.8, 106.7),
                gateway="" if kind == "camera" else f"gw-{name}", period=5 * SECOND, ward=typed,
                parents=parents,
            )
        )  # fmt: skip
    for name in CAMERAS:
        changes += [
            Zone(f"z-{name}", name, "Vùng", "Zone", SQUARE),
            Mask(f"m-{name}", name, SQUARE),
            Rule(f"r-{name}", "crowd", "low", (name,), (f"z-{name}",)),
        ]
    return changes
