"""What every command keeps, found by itself: a new one is tested as soon as its file is there.

The example in its help is what is run: without servers, and with ``--json`` against a service that
answers anything.
"""

import ast
import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from services import cli, commands
from tests.support.commandline import cityops
from tests.support.threaded import serve

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
Words = tuple[str, ...]


def leaves(group: Any, path: Words = ()) -> Iterator[tuple[Words, Any]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name), command


WHOLE = typer.main.get_command(cli.build())
COMMANDS = dict(leaves(WHOLE))
GROUPS = {name: each for name, each in WHOLE.commands.items() if isinstance(each, TyperGroup)}
EACH = pytest.mark.parametrize("path", COMMANDS, ids=" ".join)

NOTHING_TO_READ = {
    "up": "its result is a running stack; `status --json` describes it",
    "demo storm": "its result is a city in a storm; `alerts list --json` lists what it raised",
    "demo night": "it shows what happens; `notifications --json` lists who was told of what",
    "down": "its result is that nothing runs",
    "reset": "its result is that nothing is there",
    "run": "it is the part itself, and ends by a signal",
    "health": "the exit code is the answer",
    "simulate": "it publishes until it is stopped",
    "camera accept-view": "the exit code says it",
    "camera remove": "the exit code says it; `camera list --json` shows what is left",
    "camera mask add": "the exit code says it; `camera mask list --json` shows it",
    "camera mask remove": "the exit code says it; `camera mask list --json` shows what is left",
    "camera scenery confirm": "the exit code says it; `camera scenery list --json` shows it",
    "camera scenery deny": "the exit code says it; `camera scenery list --json` shows it",
    "camera scenery withdraw": "the exit code says it; `camera scenery list --json` shows it",
    "asset export": "what it writes is GeoJSON",
    "rule remove": "the exit code says it; `rule list --json` shows what is left",
    "zone remove": "the exit code says it; `zone list --json` shows what is left",
    "source key revoke": "the exit code says it; `source key list --json` shows it",
    "feed add": "the exit code says it; `catalogue --json` shows it",
    "source remove": "the exit code says it; `source list --json` shows what is left",
    "models fetch": "the exit code says it; `models list --json` has the path",
    "dlq retry": "the exit code says it",
    "channel remove": "the exit code says it; `channel list --json` shows what is left",
    "device remove": "the exit code says it; `device list --json` shows what is left",
    "station remove": "the exit code says it; `station list --json` shows what is left",
    "policy remove": "the exit code says it; `policy list --json` shows what is left",
    "oncall rotation remove": "the exit code says it; `oncall rotation list --json` shows the rest",
    "oncall override remove": "the exit code says it; `oncall rotation list --json` shows the rest",
    "oncall contact remove": "the exit code says it; `oncall contact list --json` shows the rest",
    "audit accept": "the exit code says it; `audit verify --json` goes on saying it",
    "keys renew": "the exit code says it",
    "clock accept": "the exit code says it; `clock show --json` shows what is believed",
    "replay remove": "the exit code says it",
    "sbom": "what it prints is CycloneDX, which is JSON",
    "signin": "the exit code says it; `GET /api/session` says who",
    "signout": "the exit code says it",
    "user disable": "the exit code says it; `user list --json` shows it",
    "user enable": "the exit code says it; `user list --json` shows it",
    "user role": "the exit code says it; `user list --json` shows it",
    "team remove": "the exit code says it; `team list --json` shows what is left",
    "user password": "the exit code says it",
    "user end": "the exit code says it; `user sessions --json` shows what is left",
    "user token end": "the exit code says it; `user token list --json` shows what is left",
    "role remove": "the exit code says it; `role list --json` shows what is left",
}
"""Commands without ``--json``, and why a program does not miss it."""
NEEDS_NO_SERVER = {
    "up": "starts servers",
    "down": "has nothing to stop",
    "reset": "deletes files",
    "status": "says which servers do not answer",
    "run": "waits for its servers, and the supervisor sees to it",
    "detect": "reads a video",
    "evaluate vision": "works in memory",
    "evaluate sensors": "works in memory",
    "evaluate video": "reads a video",
    "evaluate series": "reads files",
    "score": "reads a file",
    "models list": "reads files",
    "models fetch": "fetches from the internet",
    "replay compare": "reads files",
    "catalogue": "looks at the files itself",
    "deadline": "reads a file",
    "sbom": "reads what is installed",
    "feed add": "keeps a file",
    "signout": "removes a file",
}
"""Commands that do not fail where neither Kafka nor database nor alerts service is there."""
JSON_TESTED_IN = {
    "evaluate series": "tests/unit/test_novelty.py",
    "score": "tests/unit/test_novelty.py",
    "detect": "tests/e2e/test_detect_command.py",
    "evaluate sensors": "tests/unit/test_sensing.py",
    "evaluate video": "tests/e2e/test_evaluate_video.py",
    "record": "tests/e2e/test_recordings.py",
    "audit verify": "tests/integration/test_audit_commands.py",
    "dlq list": "tests/integration/test_dlq.py",
    "dlq show": "tests/integration/test_dlq.py",
    "export alerts": "tests/integration/test_export_commands.py",
    "export dispositions": "tests/integration/test_night.py",
    "export incidents": "tests/integration/test_export_commands.py",
    "import": "tests/integration/test_history_import.py",
    "export readings": "tests/integration/test_export_commands.py",
    "rule show": "tests/integration/test_configuration_api.py",
    "source list": "tests/integration/test_configuration_api.py",
    "channel test": "tests/integration/test_notifications.py",
    "zone list": "tests/integration/test_configuration_api.py",
    "user sql": "tests/security/test_sql_by_ward.py",
}
"""Where ``--json`` needs a real server, a model or minutes: in one call that names the command,
through a function of that file where this begins with the command's words.
"""


def option(command: Any, name: str) -> Any:
    return next((each for each in command.params if name in each.opts), None)


def example(path: Words) -> list[str]:
    """Words behind ``cityops`` of the example in a command's help, without ``--follow``."""
    (line,) = re.findall(r"^ *Example: cityops (.+)$", COMMANDS[path].help, re.MULTILINE)
    return [word for word in shlex.split(line) if word != "--follow"]


def errors(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("error: ")]


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: Words) -> Iterator[Path]:
    """A folder where nothing has run, closed ports, and what the examples name."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # it is ours, and as it does not listen, nobody answers
        port = closed.getsockname()[1]
        monkeypatch.setenv("CITYOPS_STATE_DIR", str(tmp_path / "state"))
        monkeypatch.setenv("CITYOPS_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("CITYOPS_KAFKA_BOOTSTRAP", f"127.0.0.1:{port}")
        monkeypatch.setenv("CITYOPS_HTTP_PORT", str(port))
        monkeypatch.setenv("CITYOPS_DATABASE_URL", f"postgresql://nobody@127.0.0.1:{port}/none")
        if path[0] == "replay":
            shutil.copytree(ROOT / "tests/pinned/town", tmp_path / "rush-hour")
        collection = '{"type": "FeatureCollection", "features": []}'
        (tmp_path / "assets.geojson").write_text(collection)
        (tmp_path / "stricter.yaml").write_text("- {id: c, kind: crowd, severity: high}\n")
        (tmp_path / "priorities.json").write_text('{"rows": []}')
        for language in ("vi", "en"):
            (tmp_path / f"crowd.{language}.md").write_text("- [ ] look")
        shutil.copy(ROOT / "docs/examples/temperatures.yaml", tmp_path)
        (tmp_path / "temperatures-2019.csv").write_text("time,value\n2019-05-01 07:00,28\n")
        monkeypatch.chdir(tmp_path)
        yield tmp_path


@pytest.fixture
def signed_in(bare: Path) -> Path:
    (bare / "state/secrets").mkdir(parents=True)
    (bare / "state/secrets/token").write_text("token")
    return bare


def test_each_module_is_one_command_and_nothing_is_registered_besides() -> None:
    modules = {
        tuple(found.name.removeprefix("services.commands.").split("."))
        for found in walk_packages(commands.__path__, "services.commands.")
        if not found.ispkg
    }
    assert {tuple(word.replace("-", "_") for word in path) for path in COMMANDS} == modules
    callbacks = [
        import_module(".".join(("services.commands", *module))).command for module in modules
    ]
    assert len(set(callbacks)) == len(modules)


def test_no_name_is_registered_twice() -> None:
    def check(app: typer.Typer) -> None:
        names = [each.name for each in (*app.registered_commands, *app.registered_groups)]
        assert len(set(names)) == len(names), names
        for group in app.registered_groups:
            assert group.typer_instance
            check(group.typer_instance)

    check(cli.build())


def test_exceptions_are_of_commands_that_exist() -> None:
    known = {" ".join(path) for path in COMMANDS}
    assert known >= {*NOTHING_TO_READ, *NEEDS_NO_SERVER, *JSON_TESTED_IN}


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_says_what_it_is_of(name: str) -> None:
    result = cityops(name, "--help")
    assert result.exit_code == 0
    assert GROUPS[name].help.count("\n\n") == 0
    assert all(word in result.stdout for word in GROUPS[name].commands)


@pytest.mark.parametrize("name", ["camera", "dlq", "export", "feed", "replay", "source", "zone"])
def test_a_group_whose_summary_lists_its_commands_lists_all(name: str) -> None:
    """What stands in ``cityops --help``: what is not in it is looked for elsewhere."""
    summary = GROUPS[name].help
    assert [each for each in GROUPS[name].commands if each.split("-")[0] not in summary] == []


def squeezed(text: str) -> str:
    """Without what a table of a terminal puts between words."""
    return re.sub(r"[\s│]", "", text)


@EACH
def test_help_has_a_summary_of_one_line_and_an_example(path: Words) -> None:
    result = cityops(*path, "--help", env={"COLUMNS": "200"})
    assert result.exit_code == 0
    summary, *_ = COMMANDS[path].help.split("\n\n")
    assert "\n" not in summary
    assert len(summary) <= 96
    assert summary.endswith(".")
    assert " ".join(("Example: cityops", *path)) in result.stdout
    assert [each.name for each in COMMANDS[path].params if not each.help] == []
    # Square brackets are taken for marks of colours, and go with what is in them.
    shown = [COMMANDS[path].help, *(e.help for e in COMMANDS[path].params if not e.hidden)]
    assert [text for text in shown if squeezed(text) not in squeezed(result.stdout)] == []


@EACH
def test_the_example_is_one_that_is_understood(path: Words) -> None:
    words = example(path)
    assert tuple(words[: len(path)]) == path
    COMMANDS[path].make_context(path[-1], words[len(path) :]).close()


@EACH
def test_the_readme_names_it_in_its_table(path: Words) -> None:
    (table,) = re.findall(r"^\| command \|.*\n\|[-|]+\n((?:\|.*\n)+)", README, re.MULTILINE)
    name = " ".join(path)
    assert re.search(rf"`cityops {name}[` ]", table), f"add `cityops {name}` to README.md's table"


@EACH
def test_an_unknown_option_is_one_clear_line_and_code_2(path: Words) -> None:
    result = cityops(*path, "--no-such-option", env={"COLUMNS": "200"})
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = (line for line in result.stderr.splitlines() if "--no-such-option" in line)
    assert "No such option" in line


@pytest.mark.parametrize("path", sorted(COMMANDS.keys() - {("replay", "compare")}), ids=" ".join)
def test_a_wrong_setting_is_one_clear_line_and_code_2(
    path: Words, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYOPS_PARTITIONS", "many")
    result = cityops(*example(path))
    (line,) = errors(result.stderr)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert "CITYOPS_PARTITIONS" in line


@EACH
def test_it_has_json_or_nothing_that_a_program_would_read(path: Words) -> None:
    has, name = option(COMMANDS[path], "--json") is not None, " ".join(path)
    assert has != (name in NOTHING_TO_READ), (
        f"cityops {name} has {'' if has else 'no '}--json: give it one, or say in NOTHING_TO_READ"
        " why a program does not miss it; not both"
    )


@pytest.mark.parametrize("words", [("status",), ("down",), ("alerts", "list"), ("reset", "--yes")])
@pytest.mark.parametrize(
    ("folder", "why"),
    [("/dev/null/state", "Not a directory"), (f"/tmp/{'x' * 300}", "File name too long")],
)
def test_a_state_folder_that_cannot_be_used_is_one_clear_line(
    words: Words, folder: str, why: str
) -> None:
    refused = cityops(*words, env={"CITYOPS_STATE_DIR": folder})
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert re.fullmatch(f"error: {folder}.*: {why}\n", refused.stderr), refused.stderr


WITH_SERVERS = [path for path in COMMANDS if " ".join(path) not in NEEDS_NO_SERVER]


def says_what_to_do(path: Words) -> None:
    result = cityops(*example(path))
    assert result.exit_code == 1, (
        f"cityops {' '.join(path)} needs a server and ends with {result.exit_code} without one:"
        " raise a CommandError that says what to do (services/commandline/servers.py), or name it"
        f" in NEEDS_NO_SERVER\n{result.output}{result.exception!r}"
    )
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    (line,) = errors(result.stderr)
    assert re.search(r"'make up'|'cityops status'|--force", line), line


@pytest.mark.parametrize("path", WITH_SERVERS, ids=" ".join)
def test_where_nothing_has_run_it_says_what_to_do(path: Words, bare: Path) -> None:
    says_what_to_do(path)


@pytest.mark.parametrize("path", WITH_SERVERS, ids=" ".join)
def test_where_no_server_answers_it_says_what_to_do(path: Words, signed_in: Path) -> None:
    says_what_to_do(path)


class Anything(BaseHTTPRequestHandler):
    """Answers as the alerts service does, to any question, with an alert that says little."""

    ANSWER = json.dumps(
        {
            "id": "3f6c2a34",
            "alerts": [],
            "incidents": [],
            "indicators": [],
            "series": [],
            "feeds": [],
            "corrections": [],
            "sources": [{"id": "loop-1"}],
            "assets": [{"id": "loop-1"}],
            "matching": 1,
            "kinds": [{"id": "stopped_vehicle", "formerly": []}],
            "lines": [],
            "accounts": [],
            "counted": None,
            "differences": 0,
            "unsaid": [],
            "earlier": 0,
            "earlier_since": None,
            "event_time": "2026-11-29T00:00:00Z",
            "hours": [],
            "rows": [],
            "next": None,
            "last_event_id": 0,
            "stalled": False,
            "version": 1,
            "name": "lan",
            "password": "p",
            "token": "t",
            "erasures": [],
        }
    ).encode()

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.ANSWER)))
        self.end_headers()
        self.wfile.write(self.ANSWER)

    def do_POST(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def served(signed_in: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Anything) as server:
        serve(server)
        monkeypatch.setenv("CITYOPS_HTTP_PORT", str(server.server_port))
        yield signed_in
        server.shutdown()


READERS = [
    pytest.param(path, marks=pytest.mark.slow if path == ("evaluate", "vision") else ())
    for path in COMMANDS
    if " ".join(path) not in NOTHING_TO_READ
]
BESIDES = {
    "camera add": ["--force"],
    "replay run": ["--offline"],
    "evaluate vision": [
        *("--scenario", "quiet", "--seeds", "1001"),
        *("--seconds", "1", "--workers", "1"),
    ],
}
"""What makes an example quick, or possible here."""


def literals(call: ast.Call) -> Words:
    """Its arguments that are texts, in order."""
    return tuple(
        each.value
        for each in call.args
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )


def asked_for_json(text: str) -> list[Words]:
    """Texts of each call with ``--json``, behind those that a function of the file puts first."""
    tree = ast.parse(text)
    first = {
        function.name: literals(call)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and any(isinstance(each, ast.Starred) for each in call.args)
        if literals(call)
    }
    calls = [
        (getattr(call.func, "id", getattr(call.func, "attr", "")), literals(call))
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
    ]
    return [(*first.get(name, ()), *words) for name, words in calls if "--json" in words]


def test_control_a_command_is_not_taken_for_another() -> None:
    text = """
def dlq(*words): return cityops("dlq", *words)
dlq("list", "--json"), dlq("show"), town.cityops("record", "-o", folder)
"""
    assert asked_for_json(text) == [("dlq", "list", "--json")]


@pytest.mark.parametrize("path", READERS, ids=" ".join)
def test_json_is_json_and_nothing_else(path: Words, served: Path) -> None:
    name = " ".join(path)
    if name in JSON_TESTED_IN:
        asked = asked_for_json((ROOT / JSON_TESTED_IN[name]).read_text())
        assert any(words[: len(path)] == path for words in asked), (
            f'{JSON_TESTED_IN[name]} has no call with {path} and "--json": JSON_TESTED_IN promises'
            " a test there that reads what it prints"
        )
        return
    if name == "replay compare":
        assert cityops("replay", "run", "rush-hour", "--offline", "--name", "stricter").stdout
    result = cityops(*example(path), "--json", *BESIDES.get(name, []))
    assert result.exit_code == 0, (
        f"cityops {name} --json does not take the answer of this file's server: add what it lacks"
        " to Anything.ANSWER; or test it with a real service, and name that file in JSON_TESTED_IN"
        f"\n{result.output}{result.exception!r}"
    )
    assert result.stdout.count("\n") == 1
    json.loads(result.stdout)


def test_the_command_line_starts_without_what_its_commands_need() -> None:
    """Help and completion are asked for often; numpy alone is a tenth of a second."""
    program = "import sys; from services.cli import build; build(); print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", program], text=True, cwd=ROOT).split()
    heavy = {"numpy", "kafka", "psycopg", "httpx", "fastapi", "cv2", "onnxruntime", "faust"}
    assert heavy & set(loaded) == set()


def test_one_command_starts_without_the_others() -> None:
    """Each part is a command, and a start waits for all of them."""
    program = (
        "import sys; from services.cli import build; build('run');"
        "print(*(name for name in sys.modules if name.startswith('services.commands.')))"
    )
    loaded = subprocess.check_output([sys.executable, "-c", program], text=True, cwd=ROOT).split()
    assert loaded == ["services.commands.run"]
    group = typer.main.get_command(cli.build("run"))
    assert isinstance(group, TyperGroup)
    assert list(group.commands) == ["run"]
    program = "import sys, services.api.main; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", program], text=True, cwd=ROOT).split()
    few = {"authlib", "httpx", "icalendar", "joserfc"}
    assert few & set(loaded) == set(), "what few ask the alerts service for it loads then"
    anything = typer.main.get_command(cli.build("no-such-command"))
    assert isinstance(anything, TyperGroup)
    assert len(anything.commands) > 20


@pytest.mark.parametrize("path", [("status",)], ids=" ".join)
def test_status_says_what_its_numbers_are_of(path: Words, signed_in: Path) -> None:
    told = " ".join(cityops("status").output.split())
    assert "counts (pictures, and rows of readings as they came; the last two: messages): " in told
    assert "stored (values of sensors): readings" in told
