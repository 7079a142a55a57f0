"""Whatever stands in a name, a comment or an error, a terminal shows it and does not obey it.

Every command is run as its help says, against a service that answers by the API's own description
with the same hostile text in every field; a new command or field is tested without a line here.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import Result

from services.commandline import output
from streams.events import DeadLetter
from streams.kafka import dead_letters
from streams.kafka.dead_letters import Found
from streams.visible import exact, line, visible
from tests.contract.test_commands import COMMANDS, Words, bare, example, signed_in
from tests.contract.test_permissions import APP
from tests.support.commandline import cityops
from tests.support.threaded import serve

__all__ = ["bare", "signed_in"]

HOSTILE = "[/] [red]x[/red] :x: \x1b[2J\x1b]0;o\x07 \x9b \x7f \u202eab\u2066 🚦 \r\x00 cầu"
SHOWN = "[/] [red]x[/red] :x: ␛[2J␛]0;o␇ \\x9b ␡ \\u202eab\\u2066 🚦 ␍␀ cầu"
TIME = "2026-11-28T10:00:00.000000Z"
TIMES = re.compile(
    r"(.*_)?(time|at|since|start|begin|end|ended|hour|counted|newest|heard|began|until)"
)
"""Names of fields that the service itself fills with times."""
ROWS = {
    "alerts list", "alerts show", "incidents", "corrections", "camera list", "source list",
    "catalogue", "clock show", "clock accept", "status", "user list", "user sessions",
    "user token list", "audit list",
}  # fmt: skip
"""Commands that print what the service says; there may be others, which must print it as well."""


def filled(schema: dict[str, Any], name: str = "") -> Any:
    """An answer with every field of the schema."""
    if "$ref" in schema:
        return filled(document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]], name)
    if "anyOf" in schema:
        return filled(schema["anyOf"][0], name)
    if "enum" in schema or "const" in schema:
        return schema.get("const") or schema["enum"][0]
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {each: filled(fields[each], each) for each in fields} or {HOSTILE: 1}
        case "array":
            items = schema.get("prefixItems") or [schema.get("items", {})]
            return [filled(each, name) for each in items]
        case "number" | "integer":
            return 1
        case "boolean":
            return True
    if name == "next":
        return None
    return TIME if TIMES.fullmatch(name) else HOSTILE


@cache
def document() -> dict[str, Any]:
    """The API's own description."""
    return APP.openapi()


class Hostile(BaseHTTPRequestHandler):
    """Answers any question by the description, or refuses it in the same words."""

    refuses = False

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        status, answer = (409, filled(PROBLEM)) if self.refuses else (200, self._found())
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _found(self) -> Any:
        for path, methods in document()["paths"].items():
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), urlsplit(self.path).path):
                for status, said in methods[self.command.lower()]["responses"].items():
                    if status.startswith("2") and "content" in said:
                        return filled(said["content"]["application/json"]["schema"])
        return {}

    def log_message(self, *_: object) -> None:
        """Says nothing."""


PROBLEM = {"$ref": "#/components/schemas/ProblemBody"}


@pytest.fixture
def hostile(signed_in: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hostile]]:
    class Server(Hostile):
        pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        serve(server)
        monkeypatch.setenv("CITYOPS_HTTP_PORT", str(server.server_port))
        monkeypatch.setattr(output.console, "_width", 4000)
        monkeypatch.setattr(output.notes, "_width", 4000)
        yield Server
        server.shutdown()


def harmless(result: Result) -> bool:
    """Whether the terminal got nothing that it obeys."""
    return result.output.replace("\n", "").isprintable()


ASKING = [path for path in COMMANDS if path[0] not in ("evaluate", "run", "up", "down", "reset")]
"""Those that run the system, or compute for long, print nothing that others have written."""


AT_ONCE = {"channel test": ["--wait", "0"]}
"""Of commands that wait for what this service never says."""


def asked(path: Words) -> Words:
    """The words of the command's own example."""
    return (*example(path), *AT_ONCE.get(" ".join(path), ()))


@pytest.mark.parametrize("path", ASKING, ids=" ".join)
def test_what_the_service_says_is_shown_as_it_is(path: Words, hostile: type[Hostile]) -> None:
    words = asked(path)
    result = cityops(*(word for word in words if word != "--json"), typed="y\n")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert harmless(result), result.output
    if " ".join(path) in ROWS:
        assert result.exit_code == 0, result.output
        assert SHOWN in result.output, result.output


@pytest.mark.parametrize("path", ASKING, ids=" ".join)
def test_what_the_service_refuses_is_shown_as_it_is(path: Words, hostile: type[Hostile]) -> None:
    hostile.refuses = True
    result = cityops(*asked(path), typed="y\n")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert harmless(result), result.output


@pytest.mark.parametrize("path", [("camera", "list")], ids=" ".join)
def test_json_is_exact(path: Words, hostile: type[Hostile]) -> None:
    result = cityops(*path, "--json")
    (camera,) = json.loads(result.stdout)
    assert camera["name_vi"] == HOSTILE
    assert harmless(result)


@pytest.mark.parametrize("path", ASKING, ids=" ".join)
def test_json_is_shown_as_it_is_too(path: Words, hostile: type[Hostile]) -> None:
    """Where it has no JSON to say, that is said."""
    words = [*(word for word in asked(path) if word != "--json"), "--json"]
    result = cityops(*words, typed="y\n")
    assert harmless(result), result.output


@given(st.text())
def test_what_is_escaped_says_the_same(text: str) -> None:
    said = exact(json.dumps(text, ensure_ascii=False))
    assert json.loads(said) == text
    assert (
        said.isprintable() or set(said) & set("\u00a0\u1680\u2000\u3000") or not text.isprintable()
    )
    assert not any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") for each in said)


@pytest.mark.parametrize("path", [("dlq", "list"), ("dlq", "show")], ids=" ".join)
def test_dead_letters_are_shown_as_they_are(
    path: Words, hostile: type[Hostile], monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = DeadLetter(
        HOSTILE, HOSTILE, "readings", 1, 2, 3, ((HOSTILE, HOSTILE.encode()),), b"", (HOSTILE,)
    )
    found = Found(0, 1, letter, None, 3)
    monkeypatch.setattr(dead_letters, "fetch", lambda *_: found)
    monkeypatch.setattr(dead_letters, "latest", lambda *_: [found])
    result = cityops(*path, *(["0:1"] if path[1] == "show" else []))
    assert result.exit_code == 0, result.output
    assert harmless(result)
    assert SHOWN in result.output


def test_a_line_cannot_be_made_to_look_like_two() -> None:
    assert line("a\nerror: b") == "a␊error: b"
    assert visible("a\nb") == "a\nb"


def test_control_a_console_of_rich_obeys() -> None:
    assert not HOSTILE.isprintable()
    assert visible(HOSTILE) == SHOWN


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("path", [("alerts", "list")], ids=" ".join)
def test_a_list_of_alerts_says_how_many_consequences_each_has(path: Words) -> None:
    assert "with" in cityops(*path).output.splitlines()[0].split()
