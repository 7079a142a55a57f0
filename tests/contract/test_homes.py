"""No kind's, feed's, asset type's or metric's name stands outside its home, scenarios and tests."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from streams.feeds.registry import all_feeds
from streams.kinds.registry import all_kinds

ROOT = Path(__file__).parents[2]
PRODUCT = ("deploy/", "models/", "services/", "streams/", "simulators/")
HOMES = ("streams/kinds/", "streams/feeds/", "simulators/feeds/")
"""A simulator is called as its feed; ``test_simulated_feeds`` holds it to that one's words."""
FROZEN = re.compile(r"deploy/database/00\d\d_")
"""Migrations that have been applied never change."""
ORDINARY = frozenset({"camera", "cameras", "flow", "loop", "speed"})
"""Words that say something else besides: a camera has a stage of its own, footage and threads have
loops, replays and vehicles a speed, Faust a flow. As a whole string, or a key, they are names."""

METRICS = ("flow", "occupancy", "speed")
CITY = "the simulated city is a scenario: "
PICTURES = "pictures have a stage and messages of their own, in which it is a field: "
TRAINED = "the model of these readings, its own training data and measurements: "

ALLOWED: dict[str, tuple[str, tuple[str, ...]]] = {
    "deploy/database/by_ward.py": (PICTURES + "a column", ("camera",)),
    "deploy/database/community/0001_compression.sql": (PICTURES + "a column", ("camera",)),
    "deploy/database/tables/camera_addresses.py": (PICTURES + "a setting", ("loop",)),
    "models/loop_anomaly/faults.py": (TRAINED + "what may fail in them", ("occupancy",)),
    "models/loop_anomaly/measure.py": (
        TRAINED + "which metric each public series is",
        ("anomaly", "occupancy", "speed", "travel_time"),
    ),
    "models/loop_anomaly/streets.py": (TRAINED + "streets that were made up", ("occupancy",)),
    "models/loop_anomaly/train.py": (TRAINED + "the folder that it is written to", ("anomaly",)),
    "models/manifest.py": ("a task of models, which feeds ask for by name", ("anomaly",)),
    "models/scorer.py": (
        "the order of what the models of the task take, to which test_feeds holds the feed",
        ("anomaly", *METRICS),
    ),
    "services/api/sql/readings_export.sql": (
        "a column: the score of any reading's model",
        ("anomaly",),
    ),
    "services/api/routes/assets.py": ("an example of a request", ("camera",)),
    "services/web/server.py": ("the server's setting: what its coroutines run in", ("loop",)),
    "services/commands/camera/add.py": ("footage that begins again at its end", ("loop",)),
    "services/commands/camera/list.py": ("footage that begins again at its end", ("loop",)),
    "services/commands/camera/scenery/list.py": (PICTURES + "a column", ("camera",)),
    "services/console/src/messages/en.json": (
        "what people call what sends pictures, and what speaks",
        ("cameras", "loudspeaker"),
    ),
    "services/console/src/messages/vi.json": ("what people call what sends pictures", ("camera",)),
    "services/console/src/components/map.tsx": (
        PICTURES + "what can be opened on the map",
        ("camera",),
    ),
    "services/console/src/pages.ts": (PICTURES + "the path of their page", ("cameras",)),
    "services/gateway/footage.py": (
        "one film's own configuration, as an installation's: what is to be seen on it",
        ("crowd", "intrusion"),
    ),
    "services/gateway/main.py": (PICTURES + "how many this process has opened", ("cameras",)),
    "services/gateway/orders.py": ("the type of what the gateway itself opens", ("camera",)),
    "simulators/city/assets.py": (
        CITY + "its own configuration, as an installation's",
        ("anomaly", "camera", "congestion", "induction_loop", "no_data", "silence",
         "stopped_vehicle"),
    ),
    "simulators/city/maker.py": (
        CITY + "what its assets hang on, and of which nothing comes",
        ("camera", "network_node", "transformer"),
    ),
    "simulators/city/make_network.py": (CITY + "an element of SUMO", ("induction_loop",)),
    "simulators/city/registry.py": (
        CITY + "what it has, as an installation's file of assets would say it",
        ("air_station", "base_station", "berth", "camera", "customs_office", "data_service",
         "dossier_office",
         "flood_gauge", "hospital", "loudspeaker", "loudspeaker_station", "network_link",
         "network_node", "one_stop_office", "payment_gateway", "port_gate", "power_feeder",
         "rain_gauge", "reported_place", "school", "security_monitor", "substation",
         "transformer", "travel_segment", "web_portal", "wifi_point"),
    ),
    "simulators/strangers.py": (
        CITY + "of which series another generator makes its own",
        ("base_station", "data_service", "dossiers_overdue", "energised", "error_rate",
         "flood_depth", "flood_gauge", "in_service", "lorries_waiting", "network_link",
         "one_stop_office", "payment_gateway", "payments_failed", "payments_made", "port_gate",
         "power_feeder", "response_time", "round_trip", "web_portal", "wifi_clients",
         "wifi_point"),
    ),
    "simulators/world/script.py": (
        CITY + "what it strikes",
        ("base_station", "flood_gauge", "network_link", "one_stop_office", "payment_gateway",
         "port_gate", "power_feeder", "travel_segment", "web_portal"),
    ),
    "simulators/world/state.py": (
        CITY + "what powers what, and what has a battery",
        ("base_station", "hospital", "network_node", "power_feeder", "substation", "transformer"),
    ),
    "simulators/world/truth.py": (
        CITY + "where water tells",
        ("flood_gauge", "reported_place", "travel_segment"),
    ),
    "simulators/scenario.py": (
        CITY + "what one may stage, by name",
        ("congestion", "crowd", "intrusion", "stopped_vehicle"),
    ),
    "simulators/traffic.py": (CITY + "what its detectors measure", ("occupancy",)),
    "streams/configuration/address.py": ("a parameter of cameras' addresses", ("camera",)),
    "streams/rules/camera.py": (PICTURES + "the tag of a stored state", ("camera",)),
    "streams/stages/detect.py": (PICTURES + "the tag of a stored state", ("camera",)),
    "streams/tables/camera_hours.py": (PICTURES + "a column", ("camera",)),
    "streams/tables/counts.py": (PICTURES + "a column", ("camera",)),
    "streams/tables/detections.py": (PICTURES + "a column", ("camera",)),
    "streams/tables/frames.py": (PICTURES + "a column", ("camera",)),
    "streams/tables/scenery.py": (PICTURES + "a column", ("camera",)),
    "streams/tables/sight.py": (PICTURES + "a column", ("camera",)),
    "services/commandline/series.py": ("a column, as benchmarks call it", ("anomaly",)),
    "streams/tables/readings.py": ("a column: the score of any reading's model", ("anomaly",)),
}  # fmt: skip
"""Each exception with its reason, file by file; one that is not needed any more fails."""


@cache
def names() -> frozenset[str]:
    kinds, feeds = all_kinds().values(), all_feeds().values()
    found = {name for kind in kinds for name in (kind.id, *kind.formerly)}
    found |= {name for feed in feeds for name in (feed.id, *feed.type_ids, *feed.metrics)}
    return frozenset(found)


@cache
def _inside() -> re.Pattern[str]:
    """Those that can only be names, as whole words of a text or an identifier."""
    longest_first = sorted(names() - ORDINARY, key=len, reverse=True)
    listed = "|".join(name.replace("_", "[_-]") for name in longest_first)
    return re.compile(rf"(?<![a-z0-9])(?:{listed})(?![a-z0-9])")


@cache  # sources repeat most of their words
def named(text: str) -> frozenset[str]:
    """What a text or an identifier names."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()
    return frozenset(found.group().replace("-", "_") for found in _inside().finditer(spaced))


def files(*suffixes: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return [
        name
        for name in listed
        if name.endswith(suffixes)
        and name.startswith(PRODUCT)
        and not name.startswith(HOMES)
        and not FROZEN.match(name)
        and (ROOT / name).is_file()
    ]


@cache
def folders(*suffixes: str) -> dict[str, list[str]]:
    """By the two outermost folders: a test for each file would take longer than what it finds."""
    found: dict[str, list[str]] = {}
    for name in files(*suffixes):
        found.setdefault("/".join(name.split("/")[:-1][:2]), []).append(name)
    return found


def in_python(text: str) -> set[str]:
    """In identifiers and strings; not in comments, nor in docstrings, which give examples."""
    said = {
        (node.value.lineno, node.value.col_offset)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    found: set[str] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE) or token.start in said:
            continue
        found |= named(token.string)
        if token.type == tokenize.STRING:
            found |= ORDINARY & {token.string.lstrip("rbufRBUF").strip("\"'")}
    return found


def in_others(text: str) -> set[str]:
    """In all but comments; ordinary words where they are quoted, or a key of JSON."""
    text = re.sub(r"(?m)(--|//).*$|/\*[\s\S]*?\*/", "", text)
    quoted: Iterator[tuple[str, ...]] = iter(
        re.findall(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`", text)
    )
    return {*named(text), *(each for found in quoted for each in found if each in ORDINARY)}


def strangers(name: str, found: set[str]) -> set[str]:
    """What a file names and may not."""
    return found - set(ALLOWED.get(name, ("", ()))[1])


READERS: dict[str, Callable[[str], set[str]]] = {
    ".py": in_python, ".sql": in_others, ".ts": in_others, ".tsx": in_others, ".json": in_others,
    ".css": in_others,
}  # fmt: skip


def read(name: str) -> set[str]:
    return READERS[Path(name).suffix]((ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", folders(*READERS))
def test_no_file_of_a_folder_names_any(folder: str) -> None:
    found = {name: strangers(name, read(name)) for name in folders(*READERS)[folder]}
    assert {name: names for name, names in found.items() if names} == {}


@pytest.mark.parametrize("name", ALLOWED)
def test_every_exception_is_needed(name: str) -> None:
    reason, allowed = ALLOWED[name]
    assert reason
    assert set(allowed) <= read(name), "it names these no more: leave them out of ALLOWED"


@pytest.mark.parametrize("name", sorted(names()))
def test_control_a_name_is_found(name: str) -> None:
    assert in_python(f'x = "{name}"') == {name}
    assert in_others(f"const x = '{name}' // why") == {name}
    assert in_others(f'{{ "{name}": 1 }}') == {name}
    for said in (f'"""About {name}."""', f"x = 1  # {name}", f'def f():\n    """{name}"""'):
        assert in_python(said) == set()
    assert in_others(f"-- {name}\nSELECT 1") == set()


@pytest.mark.parametrize("name", sorted(names() - ORDINARY))
def test_control_a_name_is_found_within_others(name: str) -> None:
    camel = "".join(part.title() for part in name.split("_"))
    for code in (
        f"from streams.kinds.{name} import KIND",
        f"def of_{name}(): ...",
        f"{name.upper()}_ID = 1",
        f"f(my_{name}=1)",
        f'help = "E.g. {name}."',
        f'help = f"{{x}} of {name}"',
        f'x = "city-{name.replace("_", "-")}"',
        f"class {camel}Rule: ...",
    ):
        assert in_python(code) == {name}, code
    assert in_others(f"SELECT 1 WHERE kind LIKE '%{name}%'") == {name}
    assert in_others(f"function is{camel}() {{}}") == {name}
    for other in (f"x{name} = 1", f"{name}ing = 1"):
        assert name not in in_python(other)
