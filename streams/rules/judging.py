"""Every rule over what one gateway delivers of one feed."""

import logging
from collections import Counter
from collections.abc import Mapping

from streams.events import Incident
from streams.kinds.kind import Watches
from streams.rules.comparing import compare
from streams.rules.duties import Duty
from streams.rules.following import follow
from streams.rules.sensors import Sensors
from streams.rules.watching import NOTHING_TOLD, Heard, Seen, Told, listen, miss, watch, withdraw
from streams.sensors.rosters import Roster

log = logging.getLogger(__name__)


def judge(
    duties: Mapping[str, Duty], roster: Roster, sensors: Sensors, heard: Heard, seen: Seen | None
) -> tuple[Sensors, list[Incident], Counter[str]]:
    """What is remembered and announced after a tick; kinds that failed are counted by name.

    What a rule of such a kind remembers stays as it was.
    """
    sensors, incidents = withdraw(sensors, duties, roster, heard)
    by_rule, learned = dict(sensors.watches), _still_followed(sensors, duties, roster)
    failed: Counter[str] = Counter()
    for rule, duty in duties.items():
        own = by_rule.get(rule, {})
        try:
            if duty.kind.watches is Watches.SOURCE:
                own, news = listen(duty, roster, own, heard)
            else:
                news, known, told = list[Incident](), learned.get(rule, {}), NOTHING_TOLD
                if seen and duty.kind.follows:
                    known, scores = follow(duty, roster, seen.views, known)
                    told = Told(scores, known)
                elif seen and duty.kind.compares:
                    scores, between = compare(duty, roster, seen.views, heard.windows)
                    told = Told(scores, between=between)
                if seen:
                    own, news = watch(duty, roster, own, seen, told)
                own, missed = miss(duty, roster, own, heard)
                news += missed
                if known:
                    learned[rule] = known
        except (MemoryError, OSError):
            raise  # these are the machine's: elsewhere, or later, it would have gone well
        except Exception:
            log.exception("kind %s failed on %s", duty.kind.id, roster.feed.id)
            failed[f"failed {duty.kind.id}"] += 1
            continue
        incidents += news
        by_rule[rule] = own
    kept = {name: own for name, own in by_rule.items() if own}
    return Sensors(kept, learned), incidents, failed


def _still_followed(
    sensors: Sensors, duties: Mapping[str, Duty], roster: Roster
) -> dict[str, dict[str, bytes]]:
    """What was learned by rules, and of sensors, that are still there."""
    found = {}
    for rule, known in sensors.learned.items():
        duty = duties.get(rule)
        if duty is None or duty.kind.follows is None:
            continue
        kept = {
            source: past
            for source, past in known.items()
            if source in roster.slots and duty.applies[roster.slots[source]]
        }
        if kept:
            found[rule] = kept
    return found
