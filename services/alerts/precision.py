"""How often a rule, a source or a model was right, by what people said when they closed. Pure.

``true`` and ``nuisance`` were right (a nuisance is true, and nothing is to be done about it),
``false`` was not; ``test`` and ``duplicate`` say nothing of it.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

from services.alerts.alert import Alert
from streams.shares import Share, share

By = Literal["rule", "source", "model", "kind"]
BYS: tuple[By, ...] = get_args(By)
RIGHT = ("true", "nuisance")
WRONG = ("false",)


class Precision(NamedTuple):
    name: str
    right: int
    wrong: int
    nuisance: int
    """Of those that were right."""
    share: Share
    """Of right ones, with its interval: of few it is wide."""


def models_of(alert: Alert) -> list[str]:
    """``name@version`` of each that its evidence rests on; none: no model was asked."""
    named = {f"{one.model_name}@{one.model_version}" for one in alert.evidence if one.model_name}
    return sorted(named)


def names(alert: Alert, by: By) -> list[str]:
    match by:
        case "rule":
            return [alert.rule]
        case "source":
            return [alert.source]
        case "kind":
            return [alert.kind]
        case "model":
            return models_of(alert)


def precision(alerts: Iterable[Alert], by: By) -> list[Precision]:
    """Of each name that was judged at all, the least precise first."""
    said: Counter[tuple[str, str]] = Counter(
        (name, alert.disposition) for alert in alerts for name in names(alert, by)
    )
    found = []
    for name in {name for name, _ in said}:
        right = sum(said[name, each] for each in RIGHT)
        wrong = sum(said[name, each] for each in WRONG)
        known = share(right, right + wrong)
        if known is not None:
            found.append(Precision(name, right, wrong, said[name, "nuisance"], known))
    return sorted(found, key=lambda one: (one.share.value, -one.wrong, one.name))
