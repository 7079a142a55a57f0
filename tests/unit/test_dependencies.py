"""What depends on what: cycles are found and named, orders can stand, and everything ends."""

from hypothesis import given
from hypothesis import strategies as st

from streams.dependencies import children, closure, cycle, in_order, longest, told

Graph = dict[str, list[str]]
NAMES = [f"a{number}" for number in range(8)]
GRAPHS = st.fixed_dictionaries(
    {name: st.lists(st.sampled_from([*NAMES, "gone"]), max_size=3, unique=True) for name in NAMES}
)


def reached(graph: Graph, start: str) -> set[str]:
    """All behind ``start``, as one would write it first."""
    found: set[str] = set()
    while True:
        more = {p for name in {start, *found} for p in graph.get(name, ())} - found
        if not more:
            return found
        found |= more


def links(graph: Graph, name: str) -> list[str]:
    return graph.get(name, [])


@given(GRAPHS)
def test_a_cycle_is_found_where_there_is_one_and_is_one(graph: Graph) -> None:
    for name in NAMES:
        path = cycle(lambda one: links(graph, one), name)
        assert bool(path) == (name in reached(graph, name))
        if path:
            assert path[0] == name
            for one, other in zip(path, [*path[1:], name], strict=True):
                assert other in graph[one]


@given(GRAPHS)
def test_an_order_has_what_others_depend_on_before_them_or_there_is_a_cycle(graph: Graph) -> None:
    order, round_trip = in_order(graph)
    assert bool(round_trip) == any(name in reached(graph, name) for name in NAMES)
    if round_trip:
        for one, other in zip(round_trip, [*round_trip[1:], round_trip[0]], strict=True):
            assert other in graph[one]
        return
    assert sorted(order) == sorted(graph)
    for name, parents in graph.items():
        for parent in set(parents) & set(graph):
            assert order.index(parent) < order.index(name)


@given(GRAPHS)
def test_all_that_is_behind_is_found_in_the_fewest_steps(graph: Graph) -> None:
    for name in NAMES:
        found = closure(lambda one: links(graph, one), [name])
        assert set(found) == reached(graph, name)
        assert all(found[parent] == 1 for parent in graph[name])
        back = closure(lambda one: children(graph).get(one, []), [name])
        assert set(back) == {other for other in NAMES if name in reached(graph, other)}


def test_the_longest_chain_is_counted_and_not_the_nearest() -> None:
    graph = {"a": ["c", "b"], "b": ["c"], "c": ["d"], "d": []}
    assert [longest(lambda one: links(graph, one), name) for name in "abcd"] == [3, 2, 1, 0]


def test_a_cycle_is_told_as_people_read_it() -> None:
    assert told(["a", "b"]) == "a → b → a"
    assert told([f"a{n}" for n in range(40)]) == "a0 → a1 → a2 → a3 → a4 → a5 → … → a39 → a0"
