"""Words that messages share."""

from typing import Literal

Origin = Literal["live", "recorded", "simulated", "replayed"]


Severity = Literal["informational", "low", "medium", "high", "critical"]
"""As in the Smart Data Models ``Alert``."""
