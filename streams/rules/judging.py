"""Every rule over what one gateway delivers of one feed."""

import logging
from collections import Counter
from collections.abc import Mapping

from streams.events import Incident
from streams.kinds.kind import Watches
from streams.rules.duties import Duty
from streams.rules.sensors import Sensors
from streams.rules.watching import Heard, Seen, listen, miss, watch, withdraw
from streams.sensors.rosters import Roster

log = logging.getLogger(__name__)


def judge(
    duties: Mapping[str, Duty], roster: Roster, sensors: Sensors, heard: Heard, seen: Seen | None
) -> tuple[Sensors, list[Incident], Counter[str]]:
    """What is remembered and announced after a tick; kinds that failed are counted by name.

    What a rule of such a kind remembers stays as it was.
    """
    sensors, incidents = withdraw(sensors, duties, roster, heard)
    by_rule = dict(sensors.watches)
    failed: Counter[str] = Counter()
    for rule, duty in duties.items():
        own = by_rule.get(rule, {})
        try:
            if duty.kind.watches is Watches.SOURCE:
                own, news = listen(duty, roster, own, heard)
            else:
                own, news = watch(duty, roster, own, seen) if seen else (own, [])
                own, missed = miss(duty, roster, own, heard)
                news += missed
        except (MemoryError, OSError):
            raise  # these are the machine's: elsewhere, or later, it would have gone well
        except Exception:
            log.exception("kind %s failed on %s", duty.kind.id, roster.feed.id)
            failed[f"failed {duty.kind.id}"] += 1
            continue
        incidents += news
        by_rule[rule] = own
    return Sensors({name: own for name, own in by_rule.items() if own}), incidents, failed
