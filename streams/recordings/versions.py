"""The kinds and feeds that a recording rests on, with their versions and whose time counts.

Whether they are here, and the same where a replay would differ otherwise.
"""

from collections.abc import Iterable, Mapping

from streams.control import KEY, Control
from streams.events import (
    DAY,
    SECOND,
    BadMessage,
    Change,
    ControlChange,
    Micros,
    Rule,
    Source,
    decode,
)
from streams.feeds.feed import Feed
from streams.feeds.registry import all_feeds, of_asset_type
from streams.kinds.registry import UnknownKindError, find
from streams.recordings import together
from streams.recordings.files import RecordingError
from streams.recordings.folder import Recording, Slice, Timing
from streams.runtime.partition import Partition
from streams.worktime.file import working_calendar

BEFORE, PROMISED = 60 * DAY, 366 * DAY
"""Days that may decide: from when what is told late began, to when what is promised is due."""
UNVERSIONED = 2
"""The last format whose index names no kinds and no feeds: they are those that its rules name."""


class Named:
    """Kinds that rules name and types that sources are of, in states and in recorded changes."""

    def __init__(self) -> None:
        self._kinds: set[str] = set()
        self._types: set[str] = set()

    def known(self, partitions: Iterable[Partition]) -> None:
        """Takes what partitions know of the configuration."""
        for partition in partitions:
            control = partition.states.get(KEY)
            if isinstance(control, Control):
                self._kinds.update(rule.kind for rule in control.rules.values())
                self._types.update(alike.kind for alike in control.alike.values())

    def told(self, piece: Slice) -> None:
        """Takes the changes of the configuration in a slice."""
        for _, _, headers, value in piece.records:
            if ("ce_type", b"cityops.control") in headers:
                try:
                    event, _ = decode(headers, value)
                except BadMessage:
                    continue
                if isinstance(event, ControlChange):
                    self._take(event.change)

    def kinds(self) -> dict[str, int]:
        """Id to version. A kind that is not here has decided nothing, and is left out."""
        there = {name: _kind_version(name) for name in self._kinds}
        present = {find(name).id: version for name, version in there.items() if version}
        return dict(sorted(present.items()))

    def feeds(self) -> dict[str, int]:
        """Id to version; of the types that no feed here declares, none."""
        return {feed.id: feed.version for feed in self._feeds()}

    def timings(self) -> dict[str, Timing]:
        """Of the same feeds."""
        return {feed.id: _timing(feed) for feed in self._feeds()}

    def calendar(self, after: Micros, end: Micros) -> str:
        """How days are worked about then, for a recording; empty where nothing rests on that."""
        kinds = [find(name) for name in self._kinds if _kind_version(name)]
        counted = [feed for feed in self._feeds() if feed.counts]
        return _calendar(after, end) if counted or any(kind.by_calendar for kind in kinds) else ""

    def absent(self) -> list[str]:
        """What is not here, in words."""
        kinds = [f"kind {name!r}" for name in sorted(self._kinds) if not _kind_version(name)]
        types = [f"source type {name!r}" for name in sorted(self._types) if not of_asset_type(name)]
        return kinds + types

    def _feeds(self) -> list[Feed]:
        """In order of their ids."""
        found = {feed.id: feed for name in self._types if (feed := of_asset_type(name))}
        return [found[name] for name in sorted(found)]

    def _take(self, change: Change) -> None:
        match change:
            case Rule():
                self._kinds.add(change.kind)
            case Source():
                self._types.add(change.kind)


def check(recording: Recording, partitions: Iterable[Partition]) -> None:
    """Refuses a recording that rests on a kind or a feed that is absent here, or newer.

    So is a feed that goes by another clock here, or waits longer or shorter: what was late in the
    live run would not be, or the other way round.

    Args:
        partitions: what is known at tick A; asked only of a format whose index does not say it.

    Raises RecordingError, which names it.
    """
    index = recording.index
    if index.format > UNVERSIONED:
        kinds = {name: _kind_version(name) for name in index.kind_versions}
        feeds = {name: feed.version for name, feed in all_feeds().items()}
        _compare(recording, "kind", index.kind_versions, kinds)
        _compare(recording, "feed", index.feed_versions, feeds)
        _time(recording, index.feed_timings)
        if index.calendar and index.calendar != _calendar(index.after, index.end):
            raise RecordingError(
                f"{recording.folder} was made with other days off or hours of offices than here:"
                " name that calendar by CITYOPS_WORKING_CALENDAR"
            )
        if index.together and index.together != together.digest(index.kind_versions):
            raise RecordingError(
                f"{recording.folder} was made with other tables of what is joined or combined than"
                " here: give kinds/joins.yaml and kinds/combinations.yaml in CITYOPS_EXTENSIONS as"
                " they were"
            )
        return
    named = Named()
    named.known(partitions)
    for piece in recording.slices():
        named.told(piece)
    for what in named.absent():
        raise _missing(recording, what)


def _compare(
    recording: Recording, what: str, recorded: Mapping[str, int], here: Mapping[str, int]
) -> None:
    for name, version in sorted(recorded.items()):
        present = here.get(name, 0)
        if not present:
            raise _missing(recording, f"{what} {name!r}")
        if present < version:
            raise RecordingError(
                f"{recording.folder} rests on {what} {name!r} in version {version}, and this has"
                f" version {present}: replay it with the release that recorded it, or a later one"
            )


def _time(recording: Recording, recorded: Mapping[str, Timing]) -> None:
    for name, timing in sorted(recorded.items()):
        if name not in all_feeds():
            raise _missing(recording, f"feed {name!r}")
        here = _timing(all_feeds()[name])
        if here != timing:
            raise RecordingError(
                f"{recording.folder} was made with feed {name!r} of {_said(timing)}, and here it is"
                f" of {_said(here)}: what is late would differ, so replay it with that feed.yaml"
            )


def _calendar(after: Micros, end: Micros) -> str:
    return working_calendar().digest(after - BEFORE, end + PROMISED)


def _timing(feed: Feed) -> Timing:
    return Timing(feed.clock, feed.lateness)


def _said(timing: Timing) -> str:
    return f"clock {timing.clock!r} and lateness_seconds {timing.lateness / SECOND:g}"


def _missing(recording: Recording, what: str) -> RecordingError:
    return RecordingError(
        f"{recording.folder} rests on {what}, which is not here: is CITYOPS_EXTENSIONS the folder"
        " that it was when this was recorded?"
    )


def _kind_version(name: str) -> int:
    """0: there is no such kind."""
    try:
        return find(name).version
    except UnknownKindError:
        return 0
