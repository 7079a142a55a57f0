"""The registry over the API and the command line: in, out, by filter, in parts; and in SQL."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.database.analyst import ROLE
from services.commands.simulate import leave_out
from simulators import announced
from simulators.city import assets
from simulators.city.registry import changes, part
from streams import dependencies
from streams.configuration.log import append_missing, current
from streams.events import Source
from streams.feeds.reporting import reports
from streams.kafka.access import CITY
from tests.support.commandline import cityops
from tests.support.desk import Desk, open_desk
from tests.support.fleet import environment


@pytest.fixture(scope="module")
def desk(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    with open_desk(database_server, template_database, tmp_path_factory.mktemp("state")) as desk:
        yield desk


@pytest.fixture(scope="module")
def machine(desk: Desk) -> httpx.Client:
    return desk.machine()


@pytest.fixture(scope="module")
def city(desk: Desk) -> dict[str, Source]:
    """The default part of the city, announced."""
    append_missing(desk.settings, changes("part", 7), "city")
    return current(desk.settings).sources


def command(desk: Desk, *words: object) -> Any:
    result = cityops("asset", *words, env=environment(desk.settings) | {"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result


def feature(id: str, **properties: Any) -> dict[str, Any]:
    given = {"type": "transformer", **properties}
    return {"type": "Feature", "id": id, "geometry": None, "properties": given}


def features(*each: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(each)}


def test_a_second_start_announces_nothing(desk: Desk, city: dict[str, Source]) -> None:
    before = current(desk.settings)
    assert append_missing(desk.settings, changes("part", 7), "city") == before.sequence
    assert [city[one.id] for one in part(7)] == list(part(7))
    rows = desk.database.execute("SELECT count(*) FROM assets WHERE removed_at IS NULL")
    assert rows.fetchone() == (len(city),)


def test_a_smaller_city_has_what_it_leaves_out_rest(desk: Desk, city: dict[str, Source]) -> None:
    append_missing(desk.settings, announced.changes("part", 7), CITY)
    connected = {one.id for one in announced.assets("part", 7) if reports(one)}
    wanted = {one.id for one in assets.changes() if isinstance(one, Source)}
    left_out = connected - wanted
    assert len(left_out) > 500
    assert leave_out(desk.settings, connected) == 0
    assert leave_out(desk.settings, wanted) == len(left_out)
    known = current(desk.settings).sources
    assert {name for name, one in known.items() if one.rests == "off" and one.gateway} == left_out
    append_missing(desk.settings, announced.changes("part", 7), CITY)
    known = current(desk.settings).sources
    assert not any(known[name].rests for name in connected), "and speak again when they are back"
    append_missing(desk.settings, [*changes("part", 7)], CITY)  # as the others here have it


def test_what_does_not_report_is_no_source_and_nobody_misses_it(
    desk: Desk, machine: httpx.Client, city: dict[str, Source]
) -> None:
    listed = {one["id"] for one in machine.get("/api/sources").json()["sources"]}
    assert listed == {name for name, one in city.items() if reports(one)}
    status = machine.get("/api/status").json()
    assert {one["id"] for one in status["silent"]} <= listed
    assert sum(kind["all"] for kind in status["sources"].values()) == len(listed)
    assert len(city) > 500 > 100 > len(listed) > 0


def test_analysts_ask_in_sql_what_depends_on_what(desk: Desk, city: dict[str, Source]) -> None:
    above = {
        (name, other, steps)
        for name, one in city.items()
        for other, steps in dependencies.closure(lambda each: city[each].parents, [one.id]).items()
    }
    rows = desk.database.execute("SELECT asset, depends_on, steps FROM asset_dependencies")
    assert set(rows.fetchall()) == above
    (row,) = desk.database.execute(
        "SELECT has_table_privilege(%s, 'asset_dependencies', 'SELECT'),"
        " has_table_privilege(%s, 'asset_contacts', 'SELECT')",
        (ROLE, ROLE),
    ).fetchall()
    assert row == (True, False)


def test_the_view_ends_also_where_parents_go_round(desk: Desk, city: dict[str, Source]) -> None:
    with desk.database.transaction(force_rollback=True):
        desk.database.execute("UPDATE assets SET parents = '{node-02}' WHERE id = 'node-01'")
        rows = desk.database.execute(
            "SELECT steps FROM asset_dependencies WHERE asset = 'node-01' AND depends_on = asset"
        )
        assert rows.fetchall() == [(3,)]


def of(*kinds: str) -> Callable[[Source], bool]:
    return lambda asset: asset.kind in kinds


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"type": "network_node"}, of("network_node")),
        ({"type": ["network_node", "substation"]}, of("network_node", "substation")),
        ({"type": "loop"}, of("induction_loop")),
        ({"ward": "Lê Chân"}, lambda asset: asset.ward == "Lê Chân"),
        ({"owner": "Viettel"}, lambda asset: asset.owner == "Viettel"),
        ({"type": "school", "text": "le chan"}, lambda asset: asset.name_vi[-7:] == "Lê Chân"),
        ({"type": "school", "text": "LÊ CHÂN"}, lambda asset: asset.name_vi[-7:] == "Lê Chân"),
        ({"text": "no such thing"}, lambda _: False),
        ({"depends_on": "nothing"}, lambda _: False),
        ({"depends_on": "node-01", "type": "payment_gateway"}, of("payment_gateway")),
    ],
    ids=lambda each: None if callable(each) else str(each),
)
def test_a_list_has_what_matches_all(
    machine: httpx.Client, city: dict[str, Source], asked: Any, wanted: Callable[[Source], bool]
) -> None:
    page = machine.get("/api/assets", params=asked | {"limit": 1000}).json()
    kinds = {asked["type"]} if isinstance(asked.get("type"), str) else None
    names = sorted(
        name
        for name, asset in city.items()
        if wanted(asset) and (kinds is None or "loop" in kinds or asset.kind in kinds)
    )
    assert [one["id"] for one in page["assets"]] == names
    assert (page["matching"], page["next"]) == (len(names), None)


def test_pages_have_each_asset_once(machine: httpx.Client, city: dict[str, Source]) -> None:
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = machine.get(
            "/api/assets", params={"type": "base_station", "limit": 70, "cursor": cursor}
        )
        found += [one["id"] for one in page.json()["assets"]]
        cursor = page.json()["next"]
    assert found == sorted(name for name, one in city.items() if one.kind == "base_station")
    assert machine.get("/api/assets", params={"cursor": "?"}).status_code == 400


def test_one_is_shown_with_all_that_it_depends_on_and_all_that_depends_on_it(
    desk: Desk, machine: httpx.Client, city: dict[str, Source]
) -> None:
    shown = machine.get("/api/assets/node-01").json()
    assert (shown["type"], shown["feed"], shown["reports"]) == (
        "network_node",
        "data_network",
        False,
    )
    kinds = [one["type"] for one in shown["above"]]
    assert kinds == ["transformer", "power_feeder", "substation"]
    assert shown["dependants"] == len(shown["below"]) > 200
    assert {one["steps"] for one in shown["above"]} == {1, 2, 3}
    assert machine.get("/api/assets/nothing").json()["reason"] == "no_asset"
    said = command(desk, "show", "node-01").stdout
    assert "network_node" in said
    assert "depends on" in said
    assert f"what depends on it: {shown['dependants']}" in said
    assert json.loads(command(desk, "show", "node-01", "--json").stdout) == shown


def test_the_city_goes_out_and_in_again_and_nothing_has_changed(
    desk: Desk, city: dict[str, Source], tmp_path: Path
) -> None:
    before = current(desk.settings)
    file, again = tmp_path / "city.geojson", tmp_path / "again.geojson"
    command(desk, "export", "-o", file)
    written = json.loads(file.read_text())
    assert len(written["features"]) == len(before.sources)
    done = json.loads(command(desk, "import", file, "--json").stdout)
    assert (done["done"], done["added"], done["changed"]) == (True, 0, 0)
    assert done["unchanged"] == done["received"] == len(before.sources)
    assert current(desk.settings) == before
    command(desk, "export", "-o", again)
    assert again.read_bytes() == file.read_bytes()
    refused = cityops("asset", "export", "-o", tmp_path, env=environment(desk.settings))
    assert (refused.exit_code, refused.stderr) == (1, f"error: {tmp_path}: Is a directory\n")


def test_what_is_listed_can_be_read_by_people_and_programs(
    desk: Desk, city: dict[str, Source]
) -> None:
    said = command(desk, "list", "--type", "berth")
    assert "berth-hoang-dieu-1" in said.stdout
    rows = json.loads(command(desk, "list", "--type", "loudspeaker", "--json").stdout)
    assert len(rows) == sum(one.kind == "loudspeaker" for one in city.values()) > 100
    cut = command(desk, "list", "--type", "loudspeaker", "--limit", "3")
    assert f"3 of {len(rows)}; --limit 0 shows all" in cut.stderr


def test_a_file_is_looked_at_before_anything_is_done(desk: Desk, tmp_path: Path) -> None:
    before = current(desk.settings).sequence
    file = tmp_path / "poles.geojson"
    file.write_text(json.dumps(features(feature("pole-1"), feature("pole-2", parents=["pole-1"]))))
    said = command(desk, "import", file, "--dry-run")
    assert "2 assets: 2 would be added, 0 changed, 0 are as the file says" in said.stdout
    assert current(desk.settings).sequence == before
    assert "2 are added" in command(desk, "import", file).stdout
    assert current(desk.settings).sequence == before + 2
    assert "2 are as the file says" in command(desk, "import", file).stdout
    assert current(desk.settings).sequence == before + 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (feature("pole-9", colour="red"), "feature 1 (pole-9): there is no property 'colour'"),
        (feature("pole-9", parents=["nowhere"]), "feature 1 (pole-9): its parent 'nowhere'"),
        (feature("pole-9", parents=["pole-9"]), "it would depend on itself: pole-9 → pole-9"),
        (feature("a/b"), "feature 1 (a/b): source id 'a/b'"),
    ],
    ids=["property", "parent", "cycle", "id"],
)
def test_one_feature_that_cannot_be_leaves_everything_as_it_was(
    desk: Desk, machine: httpx.Client, tmp_path: Path, wrong: dict[str, Any], said: str
) -> None:
    before = current(desk.settings)
    file = tmp_path / "wrong.geojson"
    file.write_text(json.dumps(features(feature("pole-8"), wrong)))
    result = cityops("asset", "import", file, env=environment(desk.settings))
    assert result.exit_code in (1, 2)
    assert said in " ".join(result.stderr.split())
    answer = machine.post("/api/assets/import", json=json.loads(file.read_text()))
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert current(desk.settings) == before


def test_a_collection_may_come_in_parts_in_their_order(desk: Desk, machine: httpx.Client) -> None:
    def send(part: int, *each: Any, parts: int = 3, upload: str = "u") -> httpx.Response:
        query = {"upload": upload, "part": part, "parts": parts}
        return machine.post("/api/assets/import", params=query, json=features(*each))

    before = current(desk.settings).sequence
    assert send(2, feature("part-2")).json()["reason"] == "no_upload"
    first = send(1, feature("part-1", parents=["part-3"]))
    assert (first.status_code, first.json()["done"]) == (200, False)
    assert send(2, feature("part-2"), upload="another").json()["reason"] == "no_upload"
    assert send(2, feature("part-2")).json()["reason"] == "no_upload", "begun anew by what failed"
    assert send(1, feature("part-1", parents=["part-3"])).is_success
    assert send(2, feature("part-2")).is_success
    assert current(desk.settings).sequence == before
    last = send(3, feature("part-3"))
    assert (last.json()["done"], last.json()["added"]) == (True, 3)
    assert current(desk.settings).sequence == before + 3
    wrong = send(1, feature("part-1"), parts=2), send(2, feature("part-2", type="pigeon"), parts=2)
    assert [answer.status_code for answer in wrong] == [200, 422]
    assert "feature 1 (part-2): there is no type" in wrong[1].json()["detail"]


def test_whom_to_call_is_seen_by_who_calls_and_goes_with_the_asset(
    desk: Desk, machine: httpx.Client
) -> None:
    number = "0225 3 842 322"
    answer = machine.post("/api/assets/import", json=features(feature("pole-7", contact=number)))
    assert answer.is_success
    operator = desk.client(desk.token(desk.person("operator")))
    analyst = desk.client(desk.token(desk.person("analyst")))
    assert operator.get("/api/assets/pole-7").json()["contact"] == number
    assert analyst.get("/api/assets/pole-7").json()["contact"] is None
    told = analyst.get("/api/assets/geojson", params={"text": "pole-7"}).json()["features"]
    assert "contact" not in told[0]["properties"]
    logged = desk.database.execute("SELECT change::text FROM control_log").fetchall()
    assert not any(number in change for (change,) in logged), "it can be forgotten"
    assert operator.post("/api/assets/import", json=features()).status_code == 403
    assert machine.delete("/api/sources/pole-7").is_success
    rows = desk.database.execute("SELECT FROM asset_contacts WHERE asset = 'pole-7'")
    assert rows.fetchall() == []


def test_a_sensor_is_added_with_its_gateway_or_as_an_asset(machine: httpx.Client) -> None:
    body = {"id": "bts-new", "kind": "base_station", "gateway": ""}
    refused = machine.post("/api/sources", json=body)
    assert (refused.status_code, "gateway id ''" in refused.json()["detail"]) == (422, True)
    assert machine.post("/api/sources", json=body | {"gateway": "nms"}).status_code == 201
    (listed,) = (
        one for one in machine.get("/api/sources").json()["sources"] if one["id"] == "bts-new"
    )
    assert listed["gateway"] == "nms"
