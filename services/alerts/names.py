"""What sources and zones are called, from the configuration's log."""

from services.alerts.lifecycle import Names
from services.alerts.store import Connection
from streams.configuration import log as control_log
from streams.control import EMPTY, Control
from streams.events import Incident


class NameBook:
    """Follows the log; ``refresh`` reads only what is new."""

    def __init__(self) -> None:
        self.control: Control = EMPTY

    def refresh(self, connection: Connection) -> None:
        changes = control_log.read(connection, after=self.control.sequence)
        self.control = control_log.folded(changes, self.control)

    def of(self, incident: Incident) -> Names:
        """Ids stand in for what has no name."""
        source = self.control.sources.get(incident.sources[0])
        zone = self.control.zones.get(incident.zone)
        return Names(
            source_vi=source.name_vi if source else incident.sources[0],
            source_en=source.name_en if source else incident.sources[0],
            zone_vi=zone.name_vi if zone else incident.zone,
            zone_en=zone.name_en if zone else incident.zone,
        )
