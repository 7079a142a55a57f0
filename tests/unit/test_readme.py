"""What the README and the architecture page show is what the repository holds."""

import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from services import cli
from simulators.announced import assets
from simulators.city.assets import changes
from simulators.feeds.registry import all_simulated
from streams.events import Source
from streams.feeds.reporting import reports
from streams.indicators.catalogue import all_indicators
from streams.indicators.catalogue import computed as computed_ones

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()
CAMERAS, CAMERAS_VI = (ROOT / f"docs/cameras{page}.md" for page in ("", ".vi"))
QUERIES = sorted((ROOT / "services/history/queries").glob("*.sql"))
CODE = re.compile(r"^```\w*\n(.*?)^```$|`([^`\n]+)`", re.DOTALL | re.MULTILINE)
SUFFIXES = "md|onnx|png|py|sql|svg|ts|tsx|yaml"


def written(text: str = README) -> list[str]:
    """Every line of code in a page, continued lines joined."""
    pieces = [found[1] or found[2] for found in CODE.finditer(text)]
    return "\n".join(pieces).replace("\\\n", " ").splitlines()


def commands(text: str) -> list[str]:
    """Each once."""
    lines = [line for line in written(text) if re.match(r"(\.venv/bin/)?cityops ", line)]
    return list(dict.fromkeys(lines))


COMMANDS = commands(README)
ON_CAMERAS = commands(CAMERAS.read_text())


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_each_query_is_linked(query: Path) -> None:
    assert f"({query.relative_to(ROOT)})" in README


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "docs/architecture.md",
        "CONTRIBUTING.md",
        "docs/cameras.md",
        "docs/cameras.vi.md",
        "docs/privacy.md",
        "docs/privacy.vi.md",
    ],
)
def test_every_link_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (ROOT / page).parent.joinpath(target).exists(), target


def test_every_decision_that_is_named_anywhere_is_there() -> None:
    asked = ["git", "grep", "-hoE", r"\bdecisions? [0-9]{4}"]
    named = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    there = {path.name[:4] for path in (ROOT / "docs/decisions").glob("*.md")}
    assert len(there) > 100
    assert {line.split()[1] for line in named.splitlines()} <= there


@pytest.mark.parametrize("text", [README, ARCHITECTURE], ids=["README", "architecture"])
def test_every_file_that_is_named_exists(text: str) -> None:
    named = set(re.findall(rf"`([\w./-]+/[\w.-]+\.(?:{SUFFIXES})|[\w-]+(?:/[\w-]+)*/)`", text))
    assert len(named) >= 4
    # What a machine has of its own is not in the repository.
    missing = [name for name in named if not (ROOT / name).exists() and name not in OWN]
    assert missing == []


OWN = {"video/", "models/"}
"""Folders of ``CITYOPS_DATA_DIR``."""


def test_what_is_counted_of_the_code_is_what_is_there() -> None:
    found, computed = len(all_indicators()), len(computed_ones())
    assert f"{found - computed} of {found} have no feed yet" in README
    assert f"The systems of\n{len(all_simulated())} feeds report" in README
    part, whole = (sum(map(reports, assets(which, 7))) for which in ("part", "whole"))
    counted = f"about {round(part, -1)} sources that report in `part`, {round(whole, -2):,} in"
    assert counted in (ROOT / "docs/feeds.md").read_text()


def test_examples_ask_for_what_is_there_or_was_made_before() -> None:
    """Whoever copies them: a source of the default city or of a line above, people with a turn."""
    made = {found for line in COMMANDS for found in re.findall(r" add .*--id ([\w-]+)", line)}
    asked = {one for line in COMMANDS for one in re.findall(r" export .*--source ([\w-]+)", line)}
    assert asked
    assert asked <= made | {each.id for each in changes() if isinstance(each, Source)}
    for page in ("README.md", "docs/notifications.md", "docs/notifications.vi.md"):
        text = (ROOT / page).read_text()
        people = set(re.findall(r"oncall contact set (\w+) --channel mail", text))
        assert people >= {"lan", "minh"}
        assert set(re.findall(r"(?:user:|-person )(\w+)", text)) <= people, page
        assert set(re.findall(r"=(?:rotation|team):(\w+)", text)) <= {"desk"}, page


def test_architecture_names_every_step_and_topic_of_the_path() -> None:
    from streams.pipeline import PATH

    for step in PATH:
        assert f"`streams/stages/{step.stage}.py`" in ARCHITECTURE
        for topic in (step.reads, *step.writes):
            assert f"`{topic}`" in ARCHITECTURE, topic


def test_the_rooms_of_the_house_are_the_layers_that_make_check_holds() -> None:
    """Read from the bottom of the page's table to its top, as imports run."""
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = {
        each["name"].partition(":")[0]: each.get("layers") for each in configured["contracts"]
    }
    services, around, streams, models = layers["Dependencies point one way"]
    assert (streams, models) == ("streams", "models")
    wanted = [services, around, *layers["The house"], models]
    (table,) = re.findall(r"^\| room \|.*\n\|[-|]+\n((?:\|.*\n)+)", ARCHITECTURE, re.MULTILINE)
    cells = [re.findall(r"`([^`]+)`", row.split("|")[1]) for row in table.splitlines()]
    rooms = [{re.sub(r"/$|\.py$", "", name).replace("/", ".") for name in cell} for cell in cells]
    assert rooms[::-1] == [set(layer.split(" | ")) for layer in wanted]


@pytest.fixture(scope="module")
def root() -> Any:
    """The whole command line, as the library that reads it sees it."""
    return typer.main.get_command(cli.build())


@pytest.mark.parametrize("line", list(dict.fromkeys(COMMANDS + ON_CAMERAS)))
def test_every_command_and_option_that_is_named_exists(root: Any, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    found = root
    while (commands := getattr(found, "commands", None)) and words[:1] != ["--version"]:
        assert words, f"{line!r} is only a group of commands"
        assert words[0] in commands, line
        found = commands[words.pop(0)]
    options = {option for parameter in found.params for option in parameter.opts} | {"--help"}
    assert {word for word in words if word.startswith("-")} <= options, line


def test_the_page_on_cameras_says_the_same_in_both_languages() -> None:
    """Commands, files, pictures and headings; that it names every verdict and kind of fault."""
    from streams.events import VERDICTS
    from streams.kinds.registry import fault_of

    pages = [page.read_text() for page in (CAMERAS, CAMERAS_VI)]
    for found in (
        commands,
        lambda text: re.findall(r"\]\((cameras/[^)]+)\)", text),
        lambda text: re.findall(r"^#+", text, re.MULTILINE),
        lambda text: sorted(set(re.findall(r"`([a-z_]+)`", text))),
        lambda text: re.findall(r"^```\n(looking .*?)^```$", text, re.DOTALL | re.MULTILINE),
    ):
        english, vietnamese = (found(page) for page in pages)
        assert english == vietnamese
        assert english
    for verdict in VERDICTS:
        kind = "–" if verdict == "good" else f"`{fault_of(verdict).id}`"
        assert re.search(rf"^\| `{verdict}` \|.*\| {kind} \|", pages[0], re.MULTILINE), verdict
    for picture in (ROOT / "docs/cameras").iterdir():
        assert picture.stat().st_size < 200_000
        assert f"(cameras/{picture.name})" in pages[0]


def test_the_page_on_privacy_says_the_same_in_both_languages_and_what_is_in_force() -> None:
    from services.privacy.retention import kept
    from streams.settings import Settings

    pages = [(ROOT / f"docs/privacy{page}.md").read_text() for page in ("", ".vi")]
    for found in (
        commands,
        lambda text: re.findall(r"^#+", text, re.MULTILINE),
        lambda text: sorted(set(re.findall(r"`([^`\n]+)`", text))),
        lambda text: len(re.findall(r"^\|.*\|", text, re.MULTILINE)),
        lambda text: re.findall(r"\d+ MiB|\d+ GiB|\| *(\d+) *\|", text),
    ):
        english, vietnamese = (found(page) for page in pages)
        assert english == vietnamese
        assert english
    table = re.findall(r"^<!-- kept -->$(.*?)^<!-- end -->$", pages[0], re.DOTALL | re.MULTILINE)[0]
    cells = [row.split("|") for row in table.strip().splitlines()[2:]]
    days = {row[1].strip(): re.match(r"\d*", row[3].strip())[0] for row in cells}  # type: ignore[index]
    names = {
        "frames": "frames, in the clear",
        "originals": "evidence as cameras sent it, sealed",
        "pictures": "evidence as people see it, masked and sealed",
        "dead_letters": "messages that could not be used, frames among them",
        "detections": "boxes of what was seen",
        "incidents": "incidents",
        "recordings": "recordings that somebody made, in the clear",
    }
    for one in kept(Settings()):
        if one.what in names:
            assert days[names[one.what]] == str(one.days or ""), one.what


def test_every_command_is_named(root: Any) -> None:
    named = {shlex.split(line)[1] for line in COMMANDS}
    assert named >= set(root.commands)


def test_every_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {found[1] for line in written() if (found := re.match(r"make ([a-z-]+)", line))}
    assert {"up", "test", "down", "bench"} <= named
    assert named <= targets


def test_every_setting_that_is_named_exists() -> None:
    from streams.settings import Settings

    named = {
        name.removeprefix("CITYOPS_").lower() for name in re.findall(r"CITYOPS_[A-Z_]+", README)
    }
    named.discard("")
    assert named
    assert named <= set(Settings.__struct_fields__)


def test_the_sensor_that_is_connected_can_be() -> None:
    """Its feed, its type, its rule's parameters, and the reading that is sent of it."""
    from services.receiver import formats
    from streams.feeds.file import read_feed
    from streams.kinds.registry import find

    (file,) = re.findall(r"cityops feed add (\S+yaml)", README)
    (asset_type,) = re.findall(r"cityops source add --id t1 --type (\w+)", README)
    feed = read_feed(ROOT / file)
    assert asset_type in feed.asset_types
    ((kind, given),) = re.findall(r"cityops rule add --id t1-hot --kind (\w+) (.*)", README)
    assert set(re.findall(r"--set (\w+)=", given)) <= find(kind).parameters.keys()
    (shown,) = re.findall(r"--json '(.*)'", README)
    (row,) = formats.read("application/json", {}, shown)
    assert getattr(row, "source", "") == "t1", row
    assert len(feed.metrics) == 1, "which is why none is named"
    assert feed.clock == "arrival", "which is why no time is"


def test_what_is_shown_of_make_up_fits_a_terminal_and_names_its_parts() -> None:
    from deploy.local.parts import parts
    from streams.settings import Settings

    (shown,) = re.findall(r"^```\n(creating .*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert max(map(len, shown.splitlines())) <= 80
    healthy = re.findall(r"^  (\S+) +healthy ", shown, re.MULTILINE)
    assert set(healthy) == {part.name for part in parts(Settings(detect_workers=1))}


def test_people_and_wards_that_it_names_are_there_when_it_names_them() -> None:
    wards = {change.ward for change in changes() if isinstance(change, Source)}
    people: set[str] = set()
    for words in map(shlex.split, COMMANDS):
        match words[1:4]:
            case ["user", "add", name]:
                people.add(name)
            case ["user", "area", name]:
                assert name in people
            case ["team", "member", _]:
                assert words[4] in people
        if "--ward" in words and words[1] in ("user", "team"):
            assert words[words.index("--ward") + 1] in wards
    assert people
