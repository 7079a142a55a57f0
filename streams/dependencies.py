"""What depends on what: the graph of assets and their parents. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence

Parents = Mapping[str, Sequence[str]]
"""Of each asset, by id, those that it depends on directly."""
Links = Callable[[str], Sequence[str]]
"""The same, asked one by one; or those that depend on it. Of what is not known there are none."""


def told(cycle: Sequence[str]) -> str:
    """As people read it; a long one without its middle."""
    ids = [*cycle, cycle[0]]
    shown = [*ids[:6], "…", *ids[-2:]] if len(ids) > 9 else ids
    return " → ".join(shown)


def cycle(above: Links, start: str) -> list[str]:
    """The assets, each depending on the next, through which ``start`` depends on itself; empty: it
    does not. The shortest, of those the first in order of parents.
    """
    came_from: dict[str, str] = {}
    wave = [start]
    while wave:
        after: list[str] = []
        for name in wave:
            for parent in above(name):
                if parent == start:
                    path = [name]
                    while path[-1] != start:
                        path.append(came_from[path[-1]])
                    return path[::-1]
                if parent not in came_from:
                    came_from[parent] = name
                    after.append(parent)
        wave = after
    return []


def in_order(parents: Parents) -> tuple[list[str], list[str]]:
    """All assets that ``parents`` has, those that others depend on before them; and a cycle, empty
    where there is none (then the order is of no use).

    What is named as a parent, and is not there, is passed over.
    """
    order: list[str] = []
    done: set[str] = set()
    for first in parents:
        on_path: dict[str, None] = {}
        waiting: list[tuple[str, bool]] = [(first, False)]
        while waiting:
            name, left = waiting.pop()
            if left:
                on_path.pop(name)
                done.add(name)
                order.append(name)
                continue
            if name in done:
                continue
            if name in on_path:
                path = list(on_path)
                return order, path[path.index(name) :]
            on_path[name] = None
            waiting.append((name, True))
            waiting += [(one, False) for one in reversed(parents[name]) if one in parents]
    return order, []


def longest(links: Links, start: str) -> int:
    """Of assets, each depending on the next, the most there are behind ``start``; nothing may
    depend on itself.
    """
    found: dict[str, int] = {}
    waiting = [start]
    while waiting:
        name = waiting[-1]
        open_ones = [one for one in links(name) if one not in found]
        if open_ones:
            waiting += open_ones
            continue
        waiting.pop()
        found[name] = max((found[one] + 1 for one in links(name)), default=0)
    return found[start]


def children(parents: Parents) -> dict[str, list[str]]:
    """Of each asset that others depend on, those that do so directly."""
    found: dict[str, list[str]] = {}
    for name, above in parents.items():
        for parent in above:
            found.setdefault(parent, []).append(name)
    return found


def closure(links: Links, starts: Iterable[str]) -> dict[str, int]:
    """All that can be reached from ``starts`` by ``links``, and in how many steps; they themselves
    are left out unless they are reached, too. Ends whatever the links are.
    """
    found: dict[str, int] = {}
    wave, steps = list(starts), 0
    while wave:
        steps += 1
        after = []
        for name in wave:
            for other in links(name):
                if other not in found:
                    found[other] = steps
                    after.append(other)
        wave = after
    return found
