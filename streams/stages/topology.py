"""What depends on what, as the stage knows that explains: lean, packed, and indexed once.

Pure. A city has thousands of assets, and its state is written twice a second: so what is kept of
them is compressed, and unpacked only where it has changed.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from streams.dependencies import Links, children, closure
from streams.events import NOWHERE, ControlChange, Micros, Removed, Source, Topology
from streams.feeds.reporting import reports


class Node(msgspec.Struct, frozen=True, array_like=True):
    """One asset. Fields as in ``Source``."""

    parents: tuple[str, ...] = ()
    period: Micros = 0
    reports: bool = True
    """Whether anything comes of it now, so that it would be known to be down by itself."""


class Known(msgspec.Struct, frozen=True, tag="topology"):
    """As it is stored."""

    on: bool = False
    """Whether anything is explained: until somebody says so, nothing is. So what an earlier release
    recorded is decided as it was."""
    packed: bytes = b""
    """Of the nodes by id."""
    groups: bool = False
    """Whether what tells of one event is joined; likewise."""


NODES = msgspec.msgpack.Decoder(dict[str, Node])


MOST_BYTES = 64 * 2**20
"""Of all nodes; more than any city has, as a recording may be a stranger's."""


def unpacked(known: Known) -> dict[str, Node]:
    """By id; the caller's own. Raises ValueError where they are too large, or none."""
    if not known.packed:
        return {}
    stream = zlib.decompressobj()
    found = stream.decompress(known.packed, MOST_BYTES)
    if not stream.eof:
        raise ValueError("more nodes than any city has")
    return NODES.decode(found)


def packed(graph: "Graph") -> Known:
    """As it is stored."""
    nodes = graph.nodes
    encoded = zlib.compress(msgspec.msgpack.encode(nodes), 1) if nodes else b""
    return Known(graph.on, encoded, graph.groups)


def of_topology(event: ControlChange, tick: Micros) -> ControlChange | None:
    """What of a change has to be known city-wide, as said at ``tick``; None: nothing of it."""
    match event.change:
        case Source() as source:
            lean = Source(
                source.id,
                source.kind,
                "",
                "",
                source.origin,
                NOWHERE,
                gateway=source.gateway,
                period=source.period,
                address="x" if source.address else "",  # that it has one is asked, not which
                parents=source.parents,
                rests=source.rests,
            )
            return ControlChange(event.sequence, tick, lean)
        case Removed("source") | Topology():
            return ControlChange(event.sequence, tick, event.change)
    return None


class Graph:
    """The assets with their links in both directions."""

    def __init__(self, on: bool, nodes: Mapping[str, Node], *, groups: bool = False) -> None:
        self.on, self.groups = on, groups
        self.nodes = nodes
        self._mute: dict[str, tuple[str, ...]] = {}
        self._reporters: dict[str, frozenset[str]] = {}
        self._children = children({name: node.parents for name, node in nodes.items()})

    @classmethod
    def of(cls, known: Known) -> "Graph":
        return cls(known.on, unpacked(known), groups=known.groups)

    def parents(self, name: str) -> Sequence[str]:
        """Those that it depends on directly; none where it is not known."""
        node = self.nodes.get(name)
        return node.parents if node else ()

    def children(self, name: str) -> Sequence[str]:
        """Those that depend on it directly, in order."""
        return self._children.get(name, ())

    def below(self, names: Iterable[str]) -> dict[str, int]:
        """All that depend on one of them, however far, and in how many steps."""
        return closure(self.children, names)

    def mute(self, name: str) -> Sequence[str]:
        """What it depends on of which nothing comes, with nothing in between that reports; the
        nearest first."""
        if name not in self._mute:
            self._mute[name] = tuple(self._silent(name, self.parents))
        return self._mute[name]

    def reporters(self, name: str) -> frozenset[str]:
        """What depends on it and reports, with nothing in between that does."""
        if name not in self._reporters:
            self._reporters[name] = frozenset(
                other
                for mute in (name, *self._silent(name, self.children))
                for other in self.children(mute)
                if self.nodes[other].reports
            )
        return self._reporters[name]

    def _silent(self, name: str, links: Links) -> dict[str, int]:
        def further(one: str) -> list[str]:
            return [
                other
                for other in links(one)
                if other in self.nodes and not self.nodes[other].reports
            ]

        return closure(further, [name])

    def period(self, name: str) -> Micros:
        """Time between its events; 0: not known."""
        node = self.nodes.get(name)
        return node.period if node else 0


def changed(graph: Graph, events: Iterable[ControlChange]) -> Graph:
    """The graph after some changes, in their order."""
    on, groups, nodes = graph.on, graph.groups, dict(graph.nodes)
    for event in events:
        match event.change:
            case Topology() as said:
                on, groups = said.on, said.groups
            case Source() as source:
                nodes[source.id] = Node(
                    source.parents, source.period, reports(source) and not source.rests
                )
            case Removed("source", id):
                nodes.pop(id, None)
    return Graph(on, {name: nodes[name] for name in sorted(nodes)}, groups=groups)
