"""What a feed is: what one kind of municipal system delivers. It is data, one ``feed.yaml``.

``file`` reads it, ``validity`` says what cannot be.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from streams.events import SECOND, Micros, Severity
from streams.settings import SettingError
from streams.words import Words

KEY_SEPARATOR = "\x1f"
"""Between a gateway's id and a feed's: no id contains it."""


EVENT_FIELDS = ("case", "step", "promised_hours", "promised_days", "procedure", "amount")
"""What an event says, where a feed ``counts`` or ``tallies``: numbers, as metrics are. ``step`` 1:
the case begins, with what is promised in working time; 2: it ends; 3: it waits for whoever asked,
and is not due meanwhile; 4: it goes on, with what is promised from then on; 5: it is forwarded. Of
what is over as it happens, 6: it was done; 7: it failed."""
MOST_CASE = 2**53 - 1
"""Beyond it a number as it is sent is several: 2^53 and the next one are the same."""
Clock = Literal["source", "gateway", "arrival"]


class FeedError(SettingError):
    """A feed's file says something that cannot be; the message names the file and the place."""


class AssetType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One type of thing that the feed's events are about."""

    name: Words
    formerly: tuple[str, ...] = ()
    """Former ids: configuration and recordings that carry them are read all the same."""
    period_seconds: float = 0.0
    """Time between its events when all is well; 0: it differs from one to the other."""
    reports: bool = True
    """False: nothing ever comes of it (a transformer, a berth); it is there to be depended on."""


class Metric(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is measured."""

    name: Words
    unit: Words
    range: tuple[float, float]
    """What a working sensor can say, both ends included, in the unit."""
    service: bool = False
    """Whether it says if its source works: 0 says that it is down."""
    supply: bool = False
    """Whether it is what the source gets from what it depends on, as mains: where that is down a
    low value follows, and says nothing of the source itself."""
    counter: bool = False
    """Whether it counts up, and begins at 0 again: at midnight, after a restart, where it is full.
    One that falls has begun again, and has not counted backwards."""
    varies: bool = False
    """Whether no two readings in a row are the same where all is well: one that repeats itself
    through a whole window is stuck."""


class Promise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the owner of a feed promises of each hour, in percent: of the readings that are to come
    so many do, and of those that come so many are right, clean and in time."""

    complete: float = 95.0
    """Đủ: of those that the periods ask for."""
    valid: float = 99.0
    """Đúng: no value of them is refused."""
    clean: float = 98.0
    """Sạch: not stuck, sent twice or corrected."""
    live: float = 95.0
    """Sống: not late."""


class Counts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which metrics of a feed are counted here, from events that tell of one case each."""

    begun: str
    """Cases that began since midnight."""
    ended: str
    """That ended since, of those that are known to have begun."""
    in_time: str
    """Of these, in the working time that was promised."""
    open: str
    """That have not ended."""
    overdue: str
    """Of these, those whose time is over."""
    around_the_clock: bool = False
    """Whether what is promised runs at any hour, and not in working time."""

    @property
    def metrics(self) -> tuple[str, ...]:
        return self.begun, self.ended, self.in_time, self.open, self.overdue


class Tallies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which metrics of a feed are made here of each minute, from events that tell of one thing each
    that is over as it happens, as a payment."""

    made: str
    """How many there were."""
    failed: str
    """Of these."""
    succeeded: str
    """The others, in percent."""
    amount: str
    """What those that were done add up to."""

    @property
    def metrics(self) -> tuple[str, ...]:
        return self.made, self.failed, self.succeeded, self.amount


class DefaultRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule for the feed's sources, put in force when somebody asks for it."""

    kind: str
    severity: Severity
    parameters: dict[str, float] = {}
    metric: str = ""
    """Which one a kind watches that asks for its place in the feed (its parameter ``metric``). A
    feed may have a rule of such a kind for each."""


class Feed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See the module."""

    id: str
    version: int
    name: Words
    carries: Literal["frames", "readings"]
    clock: Clock
    """Whose clock stamps its events; ``arrival``: nobody's, as none can be relied on. The time of
    a reading is then the tick at which it came, and the device's is kept beside it."""
    lateness_seconds: float
    """How far behind the tick an event may come and still be put in its place."""
    asset_types: dict[str, AssetType]
    metrics: dict[str, Metric] = {}
    """In the order of the columns of a window."""
    owner: Words | None = None
    """The agency that answers for it; None: nobody has said."""
    promise: Promise = Promise()
    missing: tuple[float, ...] = ()
    """Values that a sensor sends where it has measured nothing."""
    counts: Counts | None = None
    """Where its sources may tell of each case by itself: what is made of that."""
    tallies: Tallies | None = None
    """Where its sources may tell of each thing that is over as it happens: what is made of that."""
    scored_by: str = ""
    """Task of the models that say how unusual its readings are; empty: none does."""
    evidence: str = ""
    """The metric that is shown of a sensor of which nothing more is heard."""
    state_key: str | None = None
    """Under what its state is kept within a gateway's; None: under its id. A new feed has none."""
    default_rules: tuple[DefaultRule, ...] = ()

    @property
    def made_here(self) -> tuple[str, ...]:
        """Metrics that are made of events; none where it takes no events."""
        events = self.counts or self.tallies
        return events.metrics if events else ()

    def ranges(self, metrics: Sequence[str]) -> list[tuple[float, float] | None]:
        """Of each of them, what its sensors can say; None where the feed does not declare it."""
        return [found.range if (found := self.metrics.get(name)) else None for name in metrics]

    def parameters(self, rule: DefaultRule) -> dict[str, float]:
        """Of a default rule, with the place of its metric."""
        place = {"metric": 1.0 + list(self.metrics).index(rule.metric)} if rule.metric else {}
        return {**rule.parameters, **place}

    @property
    def lateness(self) -> Micros:
        return round(self.lateness_seconds * SECOND)

    @property
    def type_ids(self) -> dict[str, str]:
        """Every present and former id of its asset types, to the present one."""
        return {
            name: present
            for present, described in self.asset_types.items()
            for name in (present, *described.formerly)
        }

    @property
    def key(self) -> str:
        """What is added to a gateway's id."""
        return f"{KEY_SEPARATOR}{self.id}" if self.state_key is None else self.state_key
