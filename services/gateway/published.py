"""What the stages have been told is configured, kept beside the stamps, not in the database.

A database that is restored from a backup does not know what was published since. It would number
new changes as old ones were, and the stages would ignore them.
"""

import msgspec

from streams.configuration.configured import Configured
from streams.events import Configurable, Removed
from streams.settings import Settings
from streams.stamps import PUBLISHER, stamps_folder


class Told(msgspec.Struct, frozen=True):
    """Up to change ``sequence``, by ids."""

    topics: str = ""
    """Kafka's identifiers of the input topics; others were told nothing."""
    sequence: int = 0
    sources: list[str] = []
    zones: list[str] = []
    rules: list[str] = []
    masks: list[str] = []
    scenery: list[str] = []

    def removals(self) -> list[Removed]:
        """Of all that the stages may know."""
        kinds: tuple[tuple[Configurable, list[str]], ...] = (
            ("rule", self.rules),
            ("scenery", self.scenery),
            ("mask", self.masks),
            ("zone", self.zones),
            ("source", self.sources),
        )
        return [Removed(kind, name) for kind, names in kinds for name in names]


class Published:
    """The file; a missing one says that nothing was told.

    Raises:
        OSError, ValueError: the file cannot be read or written.
    """

    def __init__(self, settings: Settings, topics: str) -> None:
        self._path = stamps_folder(settings, PUBLISHER) / f"{settings.namespace}-published.json"
        self._topics = topics

    def load(self) -> Told:
        try:
            told = msgspec.json.decode(self._path.read_bytes(), type=Told)
        except FileNotFoundError:
            return Told()
        except msgspec.MsgspecError as error:
            raise ValueError(f"{self._path} cannot be read ({error})") from None
        return told if told.topics == self._topics else Told()

    def store(self, sequence: int, known: Configured) -> None:
        told = Told(
            self._topics,
            sequence,
            sorted(known.sources),
            sorted(known.zones),
            sorted(known.rules),
            sorted(known.masks),
            sorted(known.scenery),
        )
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(told))
        fresh.replace(self._path)
