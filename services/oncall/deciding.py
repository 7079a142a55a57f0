"""Who is told of an alert, decided from what happened in its recorded order. Pure.

``decide`` is a fold: from a situation and an event come the next situation and the messages that
are due. There is no clock and no database in it, so a replay of the record decides the same. Of
what origin an alert is plays no part here: that is asked last, by whoever sends (``law``).
"""

from collections.abc import Iterable, Iterator
from uuid import UUID, uuid5

import msgspec

from services.oncall.floods import Flood, Seen, Summary
from services.oncall.plans import (
    Audience,
    Override,
    Plans,
    Policy,
    Recipient,
    Rotation,
    Sort,
    on_call,
    split,
)
from services.oncall.sight import Area, sight
from streams.events import MINUTE, SEVERITIES, Micros, Origin, Severity

SUMMARY_AFTER: Micros = MINUTE
"""So long what is held back in a flood is gathered before it is said."""
SUMMARY_EVERY: Micros = 10 * MINUTE
"""No recipient gets two summaries sooner."""
_MESSAGES = UUID("5b1c1f0a-0f57-5d9e-9b43-5b7c5cf7a6d1")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a message can say of an alert."""

    alert: str
    version: int
    kind: str
    severity: Severity
    origin: Origin
    rule: str
    source: str
    subject: str
    source_vi: str
    source_en: str
    zone_vi: str
    zone_en: str
    place: tuple[float, float] | None
    """Latitude and longitude in degrees; None: nobody has said where."""
    wards: dict[str, str]
    """Each of its sources, to the ward that it is in; empty: in none."""
    time: Micros
    """Start of the latest occurrence."""
    decided_at: Micros
    count: int
    asks: bool
    """Whether it asks to be acknowledged."""
    active: bool
    priority: int = 0
    """1: at once … 4; 0: recorded by an earlier release, which had none."""
    closed: bool = False
    """It is resolved: to those outside it is over, whether its condition is there or not."""
    into: str = ""
    """The alert that goes on in its place: it is closed, and not over."""


class Told(msgspec.Struct, frozen=True):
    recipient: Recipient
    """``user:NAME`` or ``channel:NAME``."""
    partial: bool = False
    """The alert's first source is outside their area, and only another one inside: of that source
    they are told nothing."""


class Warned(msgspec.Struct, frozen=True):
    """Who says that the public is to be told, which no policy can."""

    proposed_by: str
    confirmed_by: str
    id: str = ""
    """Of the warning; empty: recorded by an earlier release."""
    over: bool = False
    """It is the end of what they have had the public told, which needs no other two."""

    @property
    def by_two(self) -> bool:
        """Whether they are two persons."""
        return "" != self.proposed_by.casefold() != self.confirmed_by.casefold() != ""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What one recipient is to be told, and who is told instead where it cannot reach them."""

    id: str
    """Idempotency key: the same in every replay."""
    policy: str
    step: int
    told: tuple[Told, ...]
    """Whom it is for, then those whom it falls back on, in order; nobody: there is nobody to be
    told, which is shown."""
    facts: Facts
    time: Micros
    """Event time at which it was decided."""
    test: bool = False
    warning: Warned | None = None
    """Of a public warning."""
    summary: Summary | None = None
    """In a flood: it stands for several alerts, ``facts`` being the gravest's."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What one recipient is spared in a flood, until it is said at once."""

    flood: Flood = Flood()
    gravest: Message | None = None
    """Of those held back."""
    due: Micros | None = None
    """When they are to be said; None: none is held back."""
    said: Micros | None = None
    """When the last summary was."""


class Pursuit(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that nobody has acknowledged, on its way through a policy's steps."""

    alert: str
    policy: str
    version: int
    """Of the alert when it began."""
    since: Micros
    step: int
    """The next one; past the last: all have been told."""
    due: Micros | None
    """When, by event time; None: all have been told."""
    facts: Facts
    followers: tuple[Told, ...] = ()
    """Channels that have been told, and are told what becomes of it (``Audience.follows``)."""
    answered: bool = False
    """It asks no more: only who follows is told of it."""
    warning: Warned | None = None
    """The public was told: its followers hear the end, and nothing else by itself. ``facts`` stay
    those of what they were told, where another alert goes on in its place (``alert``)."""


class People(msgspec.Struct, frozen=True):
    """Who there is: what deciding knows of accounts."""

    areas: dict[str, tuple[str, ...] | None] = {}
    """Everybody who may sign in, to the wards that they may see; None: everywhere."""
    teams: dict[str, tuple[str, ...]] = {}


Key = tuple[str, str]
"""Alert and policy."""


class Situation(msgspec.Struct, frozen=True):
    plans: Plans = Plans()
    people: People = People()
    pursuits: dict[Key, Pursuit] = {}
    held: dict[str, Held] = {}
    """By recipient; what is live and what is not never go in one message."""


class Planned(msgspec.Struct, frozen=True, tag="planned"):
    """Somebody has changed a plan; ``plan`` None: it is gone."""

    sort: Sort
    name: str
    rotation: Rotation | None = None
    override: Override | None = None
    policy: Policy | None = None
    channel: Audience | None = None


class Peopled(msgspec.Struct, frozen=True, tag="peopled"):
    """Accounts, areas or teams are not as they were."""

    people: People


class Alerted(msgspec.Struct, frozen=True, tag="alerted"):
    """An alert is as it is now; ``time`` is event time, as far as it had come."""

    facts: Facts
    time: Micros


class Ticked(msgspec.Struct, frozen=True, tag="ticked"):
    """Event time has come this far, and something is due."""

    time: Micros


class Proclaimed(msgspec.Struct, frozen=True, kw_only=True, tag="proclaimed"):
    """Two persons have said that the public is to be told of an alert."""

    warning: Warned
    channel: str
    told: tuple[Told, ...]
    """The channel itself."""
    facts: Facts
    time: Micros


class Stood(msgspec.Struct, frozen=True, tag="stood"):
    """How all stood: what a record begins with whose earlier lines were removed."""

    plans: Plans
    people: People
    pursuits: tuple[Pursuit, ...]
    held: dict[str, Held] = {}


Happened = Planned | Peopled | Alerted | Ticked | Proclaimed | Stood
Decided = tuple[Situation, tuple[Message, ...]]


def decide(situation: Situation, event: Happened) -> Decided:
    """The situation after it, and the messages that are due, in order."""
    match event:
        case Planned():
            return _plan(situation, event), ()
        case Peopled():
            return msgspec.structs.replace(situation, people=event.people), ()
        case Alerted():
            return _spared(*_alert(situation, event), event.time)
        case Ticked():
            return _summed(*_spared(*_tick(situation, event.time), event.time), event.time)
        case Proclaimed():
            return _proclaim(situation, event)
        case Stood():
            pursuits = {(one.alert, one.policy): one for one in event.pursuits}
            plans = event.plans.ordered()  # jsonb keeps no order
            return Situation(plans, event.people, pursuits, dict(event.held)), ()


def _proclaim(situation: Situation, event: Proclaimed) -> Decided:
    """Each is told, and will be told the end, also of what was told there before."""
    facts, warning = event.facts, event.warning
    messages = tuple(
        Message(
            id=_warning_id(warning, one.recipient, event.channel),
            policy="",
            step=0,
            told=(one,),
            facts=facts,
            time=event.time,
            warning=warning,
        )
        for one in event.told
    )
    # A policy's name has no slash.
    key = (facts.alert, f"warning/{event.channel}")
    before = situation.pursuits.get(key)
    told = dict.fromkeys((*(before.followers if before else ()), *event.told))
    begun = Pursuit(
        alert=facts.alert,
        policy=key[1],
        version=facts.version,
        since=event.time,
        step=0,
        due=None,
        facts=facts,
        followers=tuple(told),
        answered=True,
        warning=warning,
    )
    return msgspec.structs.replace(situation, pursuits=situation.pursuits | {key: begun}), messages


def _warning_id(warning: Warned, recipient: Recipient, channel: str) -> str:
    """The warning's own, where it goes to the channel; the end's is another."""
    if recipient == f"channel:{channel}" and not warning.over:
        return warning.id
    named = ("warned", warning.id, recipient, warning.over)
    return str(uuid5(_MESSAGES, msgspec.json.encode(named).decode()))


def _ended(pursuit: Pursuit, warning: Warned, facts: Facts, time: Micros) -> Iterator[Message]:
    """What the public is told once an alert is closed of which it was told."""
    over, channel = msgspec.structs.replace(warning, over=True), pursuit.policy.split("/")[1]
    for told in pursuit.followers:
        yield Message(
            id=_warning_id(over, told.recipient, channel),
            policy="",
            step=0,
            told=(told,),
            facts=facts,
            time=time,
            warning=over,
        )


def stood(events: Iterable[Happened]) -> Stood:
    """After these nothing else is known of them."""
    situation = Situation()
    for event in events:
        situation, _ = decide(situation, event)
    pursuits = tuple(situation.pursuits[key] for key in sorted(situation.pursuits))
    return Stood(situation.plans, situation.people, pursuits, situation.held)


def _spared(situation: Situation, messages: tuple[Message, ...], time: Micros) -> Decided:
    """Without those that come in a flood of a person's, which are held back for a summary.
    What is critical, or of the highest priority, never is."""
    held, told = dict(situation.held), []
    for message in messages:
        person = bool(message.told) and split(message.told[0].recipient)[0] == "user"
        if not person or message.warning is not None:
            told.append(message)
            continue
        key = _whose(message)
        before, seen = held.get(key, Held()), _seen(message, time)
        flood = before.flood.came(seen)
        if flood.since is None or _pressing(message.facts):
            told.append(message)
            held[key] = msgspec.structs.replace(before, flood=flood)
            continue
        soonest = time + SUMMARY_AFTER
        if before.said is not None:
            soonest = max(soonest, before.said + SUMMARY_EVERY)
        held[key] = msgspec.structs.replace(
            before,
            flood=flood.holding(seen),
            gravest=_graver(before.gravest, message),
            due=before.due or soonest,
        )
    return msgspec.structs.replace(situation, held=held), tuple(told)


def _summed(situation: Situation, messages: tuple[Message, ...], time: Micros) -> Decided:
    """And the summaries that are due."""
    held, told = dict(situation.held), list(messages)
    for key in sorted(held):
        one = held[key]
        if one.due is None or time < one.due or one.gravest is None:
            continue
        who, flood = _may_read(situation, one.gravest, one.flood)
        if summary := flood.summary():
            told.append(
                msgspec.structs.replace(
                    one.gravest,
                    id=str(uuid5(_MESSAGES, msgspec.json.encode(("flood", key, time)).decode())),
                    time=time,
                    told=who,
                    summary=summary,
                )
            )
        rest = msgspec.structs.replace(one.flood, groups=())
        held[key] = Held(flood=rest, said=time)
    return msgspec.structs.replace(situation, held=held), tuple(told)


def _may_read(
    situation: Situation, gravest: Message, flood: Flood
) -> tuple[tuple[Told, ...], Flood]:
    """Who is told of a flood, and what of it, by what they may see when it is said: its first
    recipient, of their area, and others instead who may see all."""
    first, *others = gravest.told
    instead = tuple(one for one in others if _area(situation, one.recipient) == (None,))
    match _area(situation, first.recipient):
        case None:  # they are gone meanwhile
            return instead, flood
        case (None,):
            return (first, *instead), flood
        case (wards,):
            facts = gravest.facts
            partial = first.partial or facts.wards.get(facts.source, "") not in wards
            return (Told(first.recipient, partial), *instead), flood.within(wards)


def _whose(message: Message) -> str:
    exercise = "" if message.facts.origin == "live" else " (exercise)"
    return message.told[0].recipient + exercise


def _pressing(facts: Facts) -> bool:
    return facts.severity == "critical" or facts.priority == 1


def _graver(one: Message | None, other: Message) -> Message:
    """The first of the gravest."""
    if one is None:
        return other
    rank = SEVERITIES.index
    return other if rank(other.facts.severity) > rank(one.facts.severity) else one


def _seen(message: Message, time: Micros) -> Seen:
    facts, partial = message.facts, message.told[0].partial
    return Seen(
        time=time,
        alert=facts.alert,
        kind=facts.kind,
        severity=facts.severity,
        ward="" if partial else facts.wards.get(facts.source, ""),
        source_vi="" if partial else facts.source_vi,
        source_en="" if partial else facts.source_en,
    )


def matches(policy: Policy, facts: Facts) -> bool:
    """Whether the policy is for such alerts."""
    grave = SEVERITIES.index(facts.severity) >= SEVERITIES.index(policy.severity)
    of_kind = not policy.kinds or facts.kind in policy.kinds
    urgent = not policy.priority or 0 < facts.priority <= policy.priority
    return (
        grave and of_kind and urgent and (not policy.wards or bool({*policy.wards} & _wards(facts)))
    )


def _wards(facts: Facts) -> set[str]:
    return {ward for ward in facts.wards.values() if ward}


def _plan(situation: Situation, event: Planned) -> Situation:
    plan = getattr(event, event.sort)
    pursuits = situation.pursuits
    held = situation.held
    if event.sort == "policy" and plan is None:
        pursuits = {key: one for key, one in pursuits.items() if one.policy != event.name}
        held = {
            key: Held(flood=msgspec.structs.replace(one.flood, groups=()), said=one.said)
            if one.gravest and one.gravest.policy == event.name
            else one
            for key, one in held.items()
        }
    plans = situation.plans.changed(event.sort, event.name, plan)
    return msgspec.structs.replace(situation, plans=plans, pursuits=pursuits, held=held)


def _alert(situation: Situation, event: Alerted) -> Decided:
    facts, pursuits = event.facts, dict(situation.pursuits)
    own = [key for key in pursuits if key[0] == facts.alert]
    messages: list[Message] = []
    follow = [
        message for key in own for message in _followed(situation, pursuits[key], facts, event.time)
    ]
    if not facts.asks:
        for key in own:
            if pursuits[key].warning is not None and facts.into:
                moved = _moved(pursuits.pop(key), facts)
                pursuits[moved.alert, moved.policy] = moved
            elif kept := _answered(pursuits[key], facts):
                pursuits[key] = kept
            else:
                del pursuits[key]
        return msgspec.structs.replace(situation, pursuits=pursuits), tuple(follow)
    for key in own:
        # What is told later is told as it is then; what only its version tells apart is the same.
        if _own(pursuits[key], facts) and _said(pursuits[key].facts) != _said(facts):
            pursuits[key] = msgspec.structs.replace(pursuits[key], facts=facts)
    for name, policy in situation.plans.policies.items():
        before = pursuits.get((facts.alert, name))
        if before is not None and not before.answered:
            continue
        # What is over when it is first heard of wakes nobody.
        if not facts.active or not matches(policy, facts):
            continue
        begun = Pursuit(
            alert=facts.alert,
            policy=name,
            version=facts.version,
            since=event.time,
            step=0,
            due=event.time + policy.steps[0].after * MINUTE,
            facts=facts,
            followers=before.followers if before else (),
        )
        pursuit, told = _advance(situation, begun, event.time)
        pursuits[facts.alert, name] = pursuit
        messages += told
    # Who is asked anew by a policy is told what has changed by that.
    asked = {(one.policy, one.told[0]) for one in messages if one.told}
    follow = [one for one in follow if (one.policy, one.told[0]) not in asked]
    return msgspec.structs.replace(situation, pursuits=pursuits), (*follow, *messages)


def _own(pursuit: Pursuit, facts: Facts) -> bool:
    """Whether it was told of the alert itself, and not of one in whose place that goes on."""
    return pursuit.facts.alert == facts.alert


def _moved(pursuit: Pursuit, facts: Facts) -> Pursuit:
    """What the public was told of an alert is over once that is which goes on in its place: that
    they are one is no all-clear."""
    if not _own(pursuit, facts):
        return msgspec.structs.replace(pursuit, alert=facts.into)
    policy = f"{pursuit.policy}/{facts.alert}"
    return msgspec.structs.replace(pursuit, alert=facts.into, policy=policy, facts=facts)


def _said(facts: Facts) -> Facts:
    return msgspec.structs.replace(facts, version=0)


def changed_outside(before: Facts, now: Facts) -> bool:
    """Whether others than who works with the alert see that it is not as it was."""
    return _outside(before) != _outside(now)


def _outside(facts: Facts) -> Facts:
    return msgspec.structs.replace(facts, version=0, asks=False, priority=0)


def _followed(
    situation: Situation, pursuit: Pursuit, facts: Facts, time: Micros
) -> Iterator[Message]:
    """What those are told who follow what becomes of it."""
    if pursuit.warning is not None:
        # More, or worse, is for two persons to say again; only the end follows by itself.
        if facts.closed and not facts.into:
            of = facts if _own(pursuit, facts) else pursuit.facts
            yield from _ended(pursuit, pursuit.warning, of, time)
        return
    if not changed_outside(pursuit.facts, facts):
        return
    for told in pursuit.followers:
        if _area(situation, told.recipient) is None:
            continue
        named = ("follows", facts.alert, facts.version, pursuit.policy, told.recipient)
        yield Message(
            id=str(uuid5(_MESSAGES, msgspec.json.encode(named).decode())),
            policy=pursuit.policy,
            step=max(pursuit.step - 1, 0),
            told=(told,),
            facts=facts,
            time=time,
        )


def _answered(pursuit: Pursuit, facts: Facts) -> Pursuit | None:
    """Nobody is asked any more; None: nobody is to be told of it, either."""
    if not pursuit.followers or facts.closed:
        return None
    if not _own(pursuit, facts):
        return pursuit
    if pursuit.answered and not changed_outside(pursuit.facts, facts):
        return pursuit
    return msgspec.structs.replace(pursuit, due=None, answered=True, facts=facts)


def _tick(situation: Situation, time: Micros) -> Decided:
    pursuits, messages = dict(situation.pursuits), []
    for key in sorted(pursuits):
        pursuits[key], told = _advance(situation, pursuits[key], time)
        messages += told
    return msgspec.structs.replace(situation, pursuits=pursuits), tuple(messages)


def _advance(situation: Situation, pursuit: Pursuit, time: Micros) -> tuple[Pursuit, list[Message]]:
    """The next step, where it is due; one at a time, so that there is time to answer to each also
    where event time has leapt."""
    policy = situation.plans.policies.get(pursuit.policy)
    if pursuit.due is None or time < pursuit.due or policy is None:
        return pursuit, []
    if pursuit.step >= len(policy.steps):  # it has fewer than it had
        return msgspec.structs.replace(pursuit, due=None), []
    step, following = policy.steps[pursuit.step], policy.steps[pursuit.step + 1 :]
    due = time + (following[0].after - step.after) * MINUTE if following else None
    messages = list(_messages(situation, pursuit, policy, time))
    after = msgspec.structs.replace(
        pursuit,
        step=pursuit.step + 1,
        due=due,
        followers=_followers(situation, pursuit.followers, messages),
    )
    return after, messages


def _followers(
    situation: Situation, known: tuple[Told, ...], messages: Iterable[Message]
) -> tuple[Told, ...]:
    """With those of the channels that are told now which are to hear what becomes of it."""
    found = {one.recipient: one for one in known}
    for message in messages:
        for one in message.told[:1]:
            who, name = split(one.recipient)
            channel = situation.plans.channels.get(name) if who == "channel" else None
            if channel is not None and channel.follows:
                found.setdefault(one.recipient, one)
    return tuple(found.values())


def _messages(
    situation: Situation, pursuit: Pursuit, policy: Policy, time: Micros
) -> Iterator[Message]:
    facts = pursuit.facts
    told = list(_told(situation, policy.steps[pursuit.step].tell, facts, time))
    instead = list(_told(situation, policy.fallback, facts, time))
    for one in told or (None,):
        routes = ([one] if one else []) + [each for each in instead if each != one]
        # Where a step finds nobody the message is the fallback's.
        yield Message(
            id=key_of(pursuit, one.recipient if one else ""),
            policy=policy.name,
            step=pursuit.step,
            told=tuple(routes),
            facts=facts,
            time=time,
        )


def key_of(pursuit: Pursuit, recipient: Recipient) -> str:
    """UUIDv5 of what makes a message this one."""
    named = (pursuit.alert, pursuit.version, pursuit.policy, pursuit.step, recipient)
    return str(uuid5(_MESSAGES, msgspec.json.encode(named).decode()))


def _told(
    situation: Situation, recipients: Iterable[Recipient], facts: Facts, time: Micros
) -> Iterator[Told]:
    """Each once: who there is, and may see something of it."""
    seen: set[Recipient] = set()
    for recipient in (each for one in recipients for each in _each(situation, one, time)):
        found = _area(situation, recipient)
        if recipient in seen or found is None:
            continue
        seen.add(recipient)
        (area,) = found
        if seeing := sight(facts.source, facts.wards, area):
            yield Told(recipient, seeing.partial)


def _area(situation: Situation, recipient: Recipient) -> tuple[Area] | None:
    """What somebody may see (None: everything); None: there is nobody of that name."""
    who, name = split(recipient)
    if who == "channel":
        channel = situation.plans.channels.get(name)
        return None if channel is None else (channel.wards,)
    return (situation.people.areas[name],) if name in situation.people.areas else None


def _each(situation: Situation, recipient: Recipient, time: Micros) -> list[Recipient]:
    who, name = split(recipient)
    if who == "rotation":
        found = on_call(situation.plans, name, time)
        return [f"user:{found}"] if found else []
    if who == "team":
        return [f"user:{member}" for member in situation.people.teams.get(name, ())]
    return [recipient]


def replay(events: Iterable[Happened]) -> Iterator[Message]:
    """All that was decided, again, from the record alone."""
    situation = Situation()
    for event in events:
        situation, messages = decide(situation, event)
        yield from messages
