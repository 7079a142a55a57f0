"""What a feed, a kind and what they name may be called."""

import re

ID = re.compile(r"[a-z][a-z0-9_]{1,39}")
ID_RULE = "give 2 to 40 of a-z, 0-9 and _, a letter first"

METRIC = re.compile(r"[a-z][a-z0-9_]{0,31}")
METRIC_RULE = "give 1 to 32 of a-z, 0-9 and _, a letter first"


def id_fault(name: object) -> str | None:
    """Why it cannot be the id of a feed, an asset type, a kind or a parameter."""
    return None if isinstance(name, str) and ID.fullmatch(name) else f"{name!r}: {ID_RULE}"


def metric_fault(name: object) -> str | None:
    """Why it cannot be a metric's id."""
    return None if isinstance(name, str) and METRIC.fullmatch(name) else f"{name!r}: {METRIC_RULE}"
