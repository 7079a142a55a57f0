"""Of whose quota a dead letter is: only sources that the partition knows have one of their own."""

from streams.control import Control
from streams.events import UNTRUSTED, DeadLetter
from streams.quotas import UNKNOWN


def whose(letter: DeadLetter, control: object) -> str:
    """Of one source where it names just that; of its gateway where it names several.

    Args:
        control: what the partition knows of the city; of one that knows nothing, nobody is known.
    """
    if not isinstance(control, Control) or letter.reason in UNTRUSTED:
        return UNKNOWN
    known = [found for name in letter.sources if (found := control.source(name))]
    if not known:
        return UNKNOWN
    first = min(known, key=lambda source: source.id)
    return first.id if len(letter.sources) == 1 else f"gateway {first.gateway or first.id}"
