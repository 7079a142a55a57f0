"""Words that messages share."""

from typing import Literal, get_args

Origin = Literal["live", "recorded", "simulated", "replayed"]


Severity = Literal["informational", "low", "medium", "high", "critical"]
"""As in the Smart Data Models ``Alert``; from least to most."""

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From least to most: the index is the rank that lists are ordered by."""
