"""How much traffic an hour of the day has, as a share of the busiest one's."""

import math

PEAKS = ((7.2, 1.1, 0.52), (11.6, 1.3, 0.28), (17.3, 1.4, 0.58))
"""Hour, width in hours, height: to work, the midday break, home again."""
NIGHT, DAY = 0.4, 0.7


def demand_at(hour: float) -> float:
    """Of a local time in hours, 0–24; continuous, 0.4–1."""
    awake = 1 / (1 + math.exp(-(hour - 5.6) * 2.4)) - 1 / (1 + math.exp(-(hour - 21.8) * 1.6))
    level = NIGHT + (DAY - NIGHT) * awake
    for peak, width, height in PEAKS:
        away = abs(hour - peak)
        level += height * (1 - level) * math.exp(-((min(away, 24 - away) / width) ** 2)) * 1.5
    return round(min(1.0, max(NIGHT, level)), 3)
