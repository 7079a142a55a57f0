"""Assets as GeoJSON: what is written is read as the same; what cannot be is said with its index."""

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.configuration.check import MAX_DEPTH, check, whole
from streams.configuration.configured import NOTHING, Configured, copied, folded, take
from streams.configuration.geojson import GeoJsonError, collection, read
from streams.configuration.importing import Plan, planned
from streams.events import ControlChange, Place, Rule, Shape, Source
from streams.feeds.registry import carries_frames

NAME = st.text("aăâđêôơư ợẫỹ'-/&<é", min_size=1, max_size=12).filter(lambda text: text.strip())
LATITUDE = st.floats(-89, 89, allow_nan=False).filter(lambda value: value != 0)
POINT = st.tuples(LATITUDE, st.floats(-179, 179, allow_nan=False))
SQUARE = POINT.map(lambda at: _square(*at))
LINE = (
    st.tuples(POINT, POINT).filter(lambda ends: ends[0] != ends[1]).map(lambda e: Shape("line", e))
)


def _square(latitude: float, longitude: float) -> Shape:
    corners = [(0.0, 0.0), (0.0, 0.5), (0.5, 0.5), (0.5, 0.0)]
    return Shape("area", tuple((latitude + north, longitude + east) for north, east in corners))


@st.composite
def assets(draw: st.DrawFn) -> Source:
    kind = draw(st.sampled_from(["base_station", "transformer", "network_link", "camera"]))
    gateway = draw(st.sampled_from(["", "gw-1"])) if kind != "transformer" else ""
    period = draw(st.integers(1, 10**12)) if gateway else 0
    shape = draw(st.none() | SQUARE | LINE)
    place = draw(POINT | st.just((None, None)))
    asset = Source(
        *("asset-1", kind, draw(NAME), draw(NAME)),
        draw(st.sampled_from(["live", "recorded", "simulated"])),
        Place(*place, draw(st.sampled_from(["", "le-hong-phong"]))),
        gateway="" if kind == "camera" else gateway,
        period=0 if kind == "camera" else period,
        shape=shape,
        ward=draw(NAME | st.just("")),
        owner=draw(NAME | st.just("")),
        parents=tuple(draw(st.lists(st.sampled_from(["p-1", "p-2"]), unique=True))),
        rests="off" if kind == "camera" else "",
    )
    stored = whole(asset)
    assert isinstance(stored, Source)
    return stored


@given(assets(), NAME)
def test_what_is_written_is_read_as_the_same(asset: Source, contact: str) -> None:
    written = json.loads(json.dumps(collection([asset], {asset.id: contact})))
    (described,) = read(written)
    assert whole(described.merged(None)) == asset
    assert whole(described.merged(asset)) == asset
    assert described.properties.contact == contact
    again = whole(described.merged(None))
    assert isinstance(again, Source)
    assert collection([again], {asset.id: contact}) == written


def feature(id: str = "tr-1", geometry: Any = None, **properties: Any) -> dict[str, Any]:
    given = {"type": "transformer", **properties}
    return {"type": "Feature", "id": id, "geometry": geometry, "properties": given}


def features(*each: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(each)}


def point(longitude: Any = 106.68, latitude: Any = 20.86) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [longitude, latitude]}


def area(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


RING = [[0, 1], [1, 1], [1, 2], [0, 1]]


@pytest.mark.parametrize(
    ("each", "said"),
    [
        (7, "feature 1: give a Feature"),
        ({"type": "Feature"}, "feature 1: id: give"),
        (feature(id=7), "feature 1: id: give"),  # type: ignore[arg-type]
        ({**feature(), "geometry": ...}, None),
        (feature(type="pigeon"), r"feature 1 \(tr-1\): there is no type 'pigeon'"),
        (feature(colour="red"), "there is no property 'colour'; properties are type, name_vi"),
        (feature(name_vi=7), r"feature 1 \(tr-1\): properties: Expected `str`"),
        (feature(parents="sub-1"), "properties: Expected `array`"),
        (feature(origin="replayed"), "properties: Invalid enum value 'replayed'"),
        (feature(type="camera", gateway="gw"), "a camera has no gateway"),
        (feature(period_seconds=-1), "period_seconds: give 0 to"),
        (feature(point=[106.0, 20.0]), "point: only a line or an area"),
        (feature(geometry=point(20.86, 106.68)), r"\[20.86, 106.68\] is no \[longitude"),
        (feature(geometry=point("106")), r"give each position as \[longitude, latitude\]"),
        (feature(geometry=point(True)), r"give each position as \[longitude, latitude\]"),
        (feature(geometry={"type": "Point", "coordinates": [106, 20, 3]}), "give each position"),
        (feature(geometry={"type": "MultiPoint", "coordinates": [[1, 2]]}), "give a Point, a Line"),
        (feature(geometry=area(RING, RING)), "without holes"),
        (feature(geometry=area(RING[:3])), "ring ends where it begins"),
        (feature(geometry={"type": "GeometryCollection"}), "give a Point, a LineString"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_index(each: Any, said: str | None) -> None:
    if said is None:
        each = {name: value for name, value in each.items() if name != "geometry"}
        said = r"feature 1 \(tr-1\): geometry: give one, or null"
    with pytest.raises(GeoJsonError, match=said):
        read(features(feature("tr-0"), each))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "give a GeoJSON FeatureCollection"),
        ({"type": "Feature"}, "give a GeoJSON FeatureCollection"),
        ({"type": "FeatureCollection", "features": {}}, "features: give a list"),
        ({**features(), "features": [None] * 20_001}, "20001 of them; give at most 20000"),
        (
            {**features(), "crs": {"type": "name", "properties": {"name": "EPSG:9210"}}},
            "crs: give coordinates in WGS 84",
        ),
    ],
)
def test_what_is_no_collection_is_refused(data: Any, said: str) -> None:
    with pytest.raises(GeoJsonError, match=re.escape(said)):
        read(data)


def test_the_reference_system_may_be_named_where_it_is_the_one_there_is() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert read({**features(), "crs": crs, "name": "assets", "bbox": [0, 0, 1, 1]}) == []


# --- what an import does ------------------------------------------------------------------------


def plan(known: Configured, *each: dict[str, Any], contacts: dict[str, str] | None = None) -> Plan:
    return planned(known, contacts or {}, read(features(*each)))


def after(known: Configured, plan: Plan) -> Configured:
    """As the log would have it, each checked under those before it."""
    draft = copied(known)
    for change in plan.changes:
        check(draft, change)
        take(draft, change)
    return draft


def refused(known: Configured, *each: dict[str, Any]) -> str:
    with pytest.raises(GeoJsonError) as error:
        plan(known, *each)
    return str(error.value)


def chain(*ids: str) -> list[dict[str, Any]]:
    """Each depends on the next; in a file the first comes first."""
    above: Sequence[list[str]] = [*([one] for one in ids[1:]), []]
    return [feature(name, parents=each) for name, each in zip(ids, above, strict=True)]


def test_parents_may_come_later_in_the_file_and_a_second_import_changes_nothing() -> None:
    first = plan(NOTHING, *chain("c", "b", "a"))
    assert [each.id for each in first.changes] == ["a", "b", "c"]
    assert (first.added, first.changed, first.unchanged) == (["a", "b", "c"], [], 0)
    there = after(NOTHING, first)
    again = plan(there, *chain("c", "b", "a"))
    assert (again.changes, again.added, again.changed, again.unchanged) == ([], [], [], 3)


def test_dependencies_may_be_turned_round_in_one_import() -> None:
    there = after(NOTHING, plan(NOTHING, *chain("c", "b", "a")))
    turned = after(there, plan(there, *chain("a", "b", "c")))
    assert {name: each.parents for name, each in turned.sources.items()} == {
        "a": ("b",), "b": ("c",), "c": (),
    }  # fmt: skip


def test_a_cycle_is_named_with_the_feature_that_is_in_it() -> None:
    there = after(NOTHING, plan(NOTHING, *chain("c", "b", "a")))
    loops = refused(there, feature("x"), feature("a", parents=["c"]))
    assert loops == "feature 1 (a): it would depend on itself: a → c → b → a"
    assert refused(NOTHING, feature("x", parents=["x"])) == (
        "feature 0 (x): it would depend on itself: x → x"
    )


@given(st.permutations(range(6)), st.integers(0, 5))
def test_no_file_brings_a_cycle_in_whatever_its_order(order: list[int], back: int) -> None:
    each = chain(*(f"a{number}" for number in range(6)))
    shuffled = [each[number] for number in order]
    assert len(plan(NOTHING, *shuffled).changes) == 6
    each[5]["properties"]["parents"] = [f"a{back}"]
    assert "it would depend on itself: " in refused(NOTHING, *shuffled)


def test_chains_have_an_end() -> None:
    long = [f"a{number}" for number in range(MAX_DEPTH + 1)]
    there = after(NOTHING, plan(NOTHING, *chain(*long)))
    said = f"{MAX_DEPTH + 1} assets would depend on one another in a row"
    assert said in refused(there, feature("below", parents=["a0"]))
    top = long[-1]
    assert said in refused(there, feature("above"), feature(top, parents=["above"]))


def test_a_parent_that_is_nowhere_is_refused() -> None:
    said = refused(NOTHING, feature("x", parents=["y"]))
    assert said == "feature 0 (x): its parent 'y' does not exist"


def test_an_id_comes_once() -> None:
    said = refused(NOTHING, feature("x"), feature("y"), feature("x"))
    assert said == "feature 2 (x): feature 0 has this id, too"


def test_what_a_feature_says_nothing_of_stays() -> None:
    loop = Source(
        *("loop-1", "induction_loop", "Vòng", "Loop", "live", Place(20.8, 106.6, "s")),
        gateway="gw", period=5_000_000, ward="Gia Viên", owner="Sở Xây dựng",
    )  # fmt: skip
    known = folded([ControlChange(1, 0, loop)])
    moved = feature("loop-1", point(106.7, 20.9), type="loop", name_en="Another")
    (change,) = plan(known, moved).changes
    wanted = msgspec.structs.replace(loop, place=Place(20.9, 106.7, "s"), name_en="Another")
    assert change == wanted
    bare = feature("loop-1", point(106.6, 20.8), type="induction_loop", gateway="")
    (change,) = plan(known, bare).changes
    assert (change.gateway, change.period) == ("", 0)
    rule = Rule("r", "no_data", "low", ("loop-1",))
    under_a_rule = folded([ControlChange(2, 0, rule)], known)
    assert "feature 0 (loop-1): rule r names it" in refused(under_a_rule, bare)


def test_a_gateway_brings_the_usual_period_with_it() -> None:
    (change,) = plan(NOTHING, feature("b-1", type="base_station", gateway="nms")).changes
    assert (change.gateway, change.period) == ("nms", 60_000_000)
    said = refused(NOTHING, feature("t-1", gateway="nms"))
    assert said == "feature 0 (t-1): a transformer never reports: no gateway"
    said = refused(NOTHING, feature("b-1", type="base_station", period_seconds=5))
    assert said == "feature 0 (b-1): without a gateway nothing comes of it: give one, or no period"


def test_a_camera_keeps_what_only_its_address_decides() -> None:
    (new,) = plan(NOTHING, feature("cam-1", type="camera")).changes
    assert (new.rests, new.address, new.name_en) == ("off", "", "cam-1")
    camera = msgspec.structs.replace(new, rests="", address="rtsp://10.0.0.5/1", period=200_000)
    known = folded([ControlChange(1, 0, camera)])
    (change,) = plan(known, feature("cam-1", type="camera", ward="Lê Chân")).changes
    assert change == msgspec.structs.replace(camera, ward="Lê Chân")
    assert carries_frames(change.kind)


def test_contacts_are_beside_what_is_logged() -> None:
    there = after(NOTHING, plan(NOTHING, feature("x")))
    told = plan(there, feature("x", contact="0225 3 842 322"))
    assert (told.changes, told.contacts, told.changed) == ([], {"x": "0225 3 842 322"}, ["x"])
    book = {"x": "0225 3 842 322"}
    assert plan(there, feature("x", contact="0225 3 842 322"), contacts=book).unchanged == 1
    assert plan(there, feature("x"), contacts=book).contacts == {}
    assert plan(there, feature("x", contact=""), contacts=book).contacts == {"x": ""}
    assert "contact: give at most 200" in refused(there, feature("x", contact="9" * 201))
    assert "contact: give at most 200" in refused(there, feature("x", contact="a\nb"))


def test_a_ward_that_people_were_limited_to_before_is_spelled_as_theirs() -> None:
    said = feature("x", ward="hồng bàng")
    first = planned(NOTHING, {}, read(features(said)), ["Hồng Bàng"])
    assert [each.ward for each in first.changes] == ["Hồng Bàng"]
    there = after(NOTHING, first)
    assert planned(there, {}, read(features(said)), ["Hồng Bàng"]).unchanged == 1
