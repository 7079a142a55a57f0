"""What a simulated gateway keeps while its readings are refused, and sends afterwards.

Kept in memory: what is left when the process ends is lost. Pure.
"""

from collections import deque
from collections.abc import Callable

from streams.events import Readings

MOST = 20_000
"""Packs, of all gateways: some 100 MiB. Then new ones are dropped, and counted."""
AT_ONCE = 4
"""Packs of a gateway in one step of the city: many times faster than they come, and yet not more
than what there is room for before it is measured again."""


class Backlog:
    """Packs pass in the order in which they came, each gateway's for itself."""

    def __init__(
        self,
        refuses: Callable[[str], bool],
        publish: Callable[[Readings], None],
        drop: Callable[[Readings], None],
    ) -> None:
        """``refuses``: whether packs of this gateway are refused now."""
        self._refuses, self._publish, self._drop = refuses, publish, drop
        self._kept: dict[str, deque[Readings]] = {}
        self.held = 0
        """Packs that are kept now."""
        self.dropped = 0

    def send(self, pack: Readings) -> None:
        """Publishes it, or keeps it where it is refused, or others wait before it."""
        kept = self._kept.setdefault(pack.gateway, deque())
        if not kept and not self._refuses(pack.gateway):
            self._publish(pack)
        elif self.held < MOST:
            kept.append(pack)
            self.held += 1
        else:
            self.dropped += 1
            self._drop(pack)

    def step(self) -> None:
        """Publishes some of what is kept and refused no more."""
        for gateway, kept in self._kept.items():
            if kept and not self._refuses(gateway):
                for _ in range(min(AT_ONCE, len(kept))):
                    self._publish(kept.popleft())
                    self.held -= 1
