"""What sources and zones are called, and in which wards they are, from the configuration's log."""

from services.alerts.store import Connection
from services.alerts.transitions import Names
from streams.configuration.configured import NOTHING, Configured, folded
from streams.configuration.log import read
from streams.events import Incident
from streams.feeds.registry import all_feeds
from streams.indicators.catalogue import all_indicators
from streams.wards import spelled
from streams.words import Words


class NameBook:
    """Follows the log; ``refresh`` reads only what is new."""

    def __init__(self) -> None:
        self._known: Configured = NOTHING
        self._children: dict[str, set[str]] = {}

    def refresh(self, connection: Connection) -> None:
        known = folded(read(connection, after=self._known.sequence), self._known)
        if known is not self._known:
            self._known, self._children = known, _children(known)

    def of(self, incident: Incident) -> Names:
        """Ids stand in for what has no name."""
        source = self._known.sources.get(incident.sources[0])
        called = Words(source.name_vi, source.name_en) if source else _called(incident.sources[0])
        zone = self._known.zones.get(incident.zone)
        return Names(
            source_vi=called.vi,
            source_en=called.en,
            zone_vi=zone.name_vi if zone else incident.zone,
            zone_en=zone.name_en if zone else incident.zone,
        )

    def wards(self, incident: Incident) -> dict[str, str]:
        """Of its sources; one that is in no ward that is known, or not configured, is left out."""
        known = self._known.sources
        return {
            source: spelled(known[source].ward)
            for source in incident.sources
            if source in known and known[source].ward
        }

    def dependents(self, incident: Incident) -> int:
        """How many others depend on its sources, directly or through others."""
        found, ahead = set(incident.sources), list(incident.sources)
        while ahead:
            for child in self._children.get(ahead.pop(), ()):
                if child not in found:
                    found.add(child)
                    ahead.append(child)
        return len(found) - len(set(incident.sources))


def _called(id: str) -> Words:
    """What stands among an incident's sources without being one: an indicator, or a whole feed."""
    of, _, name = id.partition("/")
    if of == "indicator" and name in all_indicators():
        return all_indicators()[name].name
    if of == "feed" and name in all_feeds():
        return all_feeds()[name].name
    return Words(id, id)


def _children(known: Configured) -> dict[str, set[str]]:
    """Each source to those that name it among their parents."""
    found: dict[str, set[str]] = {}
    for source in known.sources.values():
        for parent in source.parents:
            found.setdefault(parent, set()).add(source.id)
    return found
