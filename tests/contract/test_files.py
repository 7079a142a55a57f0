"""Nothing reads a file that its user names but by ``models.files``, nor a film but by the decoder.

Every other place where a file is read is listed here, with what it reads: a new one either goes by
``read_file``, which bounds it, or says here whose file it is.
"""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("deploy", "models", "services", "simulators", "streams")
READS = frozenset(
    {"read_text", "read_bytes", "open", "readline", "VideoCapture", "imread", "fdopen"}
)
"""Calls by which files come in; of ``open`` those that may read."""
STATE = "the installation's own state folder, which its account alone may write"
SHIPPED = "a file of this repository"
KERNEL = "what the kernel says"
TOOL = "a tool of those who train or figure, no command"
ALLOWED = {
    "models/files.py": "the helper itself",
    "deploy/database/analyst.py": STATE,
    "deploy/database/migrate.py": SHIPPED,
    "deploy/database/roles.py": STATE,
    "deploy/local/health.py": STATE,
    "deploy/local/state.py": STATE,
    "deploy/local/users.py": STATE + "; and " + KERNEL,
    "deploy/supply/inventory.py": SHIPPED,
    "models/fetch.py": "writes",
    "models/loop_anomaly/measure.py": TOOL,
    "models/loop_anomaly/train.py": TOOL,
    "models/street_detector/train.py": TOOL,
    "models/tried.py": TOOL,
    "services/api/client.py": STATE,
    "services/api/signed_in.py": STATE,
    "services/api/static.py": "what the console's build has left beside it",
    "services/api/users.py": STATE,
    "services/audit/anchors.py": STATE,
    "services/audit/spool.py": STATE,
    "services/commandline/finished.py": SHIPPED + ", of which a digest is made",
    "services/commandline/mailbox.py": "a connection, a line and a message of so many bytes",
    "services/commandline/questions.py": "standard input, a line of so many characters",
    "services/commandline/truth.py": "lines of what was read within bounds",
    "services/commandline/written.py": "writes",
    "services/gateway/clockwatch.py": STATE,
    "services/gateway/decoder/body.py": "the decoder's process, which has bounds of its own",
    "services/gateway/decoder/process.py": KERNEL,
    "services/gateway/decoder/source.py": "the decoder's process, which has bounds of its own",
    "services/gateway/published.py": STATE,
    "services/gateway/reach.py": "opens a regular file for the decoder, and reads nothing",
    "services/privacy/keys.py": STATE,
    "services/poller/main.py": STATE,
    "services/receiver/mqtt/main.py": STATE,
    "services/receiver/main.py": "opens connections to the database",
    "simulators/city/assets.py": SHIPPED,
    "simulators/city/figures.py": SHIPPED,
    "simulators/city/make_network.py": TOOL,
    "simulators/scenario.py": SHIPPED,
    "simulators/world/script.py": SHIPPED,
    "streams/clock.py": KERNEL,
    "streams/database.py": STATE,
    "streams/kafka/access.py": STATE,
    "streams/kafka/signing_keys.py": STATE,
    "streams/queries.py": SHIPPED,
    "streams/recordings/files.py": "of recordings: bounded as well, and within their folder alone",
    "streams/recordings/machine.py": KERNEL,
    "streams/recordings/made.py": STATE,
    "streams/sealing.py": STATE,
    "streams/secrets.py": "writes",
    "streams/settings.py": STATE,
    "streams/stamps.py": STATE,
}


def reads(text: str) -> Iterator[int]:
    """Lines on which a file may be read."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = getattr(called, "attr", getattr(called, "id", ""))
        if name not in READS:
            continue
        if name == "open" and isinstance(called, ast.Attribute):
            within = called.value
            library = isinstance(within, ast.Name) and within.id in ("os", "io", "av", "gzip")
            modes = [each.value for each in node.args if isinstance(each, ast.Constant)]
            if not library and (node.args or _has_open(within)) and not _path_like(modes):
                continue
        yield node.lineno


def _has_open(within: ast.expr) -> bool:
    """Whether it is something of ours that is opened: a vault's keys, a pool, a film."""
    return isinstance(within, ast.Attribute) or (
        isinstance(within, ast.Name) and within.id == "film"
    )


def _path_like(modes: list[object]) -> bool:
    return any(isinstance(mode, str) and set(mode) <= set("rbt+") for mode in modes)


def modules() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *PRODUCT],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    return [name for name in listed if name.endswith(".py") and (ROOT / name).is_file()]


@cache
def found() -> dict[str, list[int]]:
    every = {name: list(reads((ROOT / name).read_text())) for name in modules()}
    return {name: lines for name, lines in every.items() if lines}


def test_no_file_is_read_but_within_bounds() -> None:
    strange = {name: lines for name, lines in found().items() if name not in ALLOWED}
    assert not strange, "read it by models.files.read_file, or say in ALLOWED whose file it is"


def test_every_exception_is_needed() -> None:
    assert not ALLOWED.keys() - found().keys()


@pytest.mark.parametrize(
    "call",
    ["path.read_text()", "path.read_bytes()", "open(path)", "path.open()", "path.open('rb')",
     "os.open(path, 0)", "cv2.VideoCapture(str(path))", "sys.stdin.readline()", "os.fdopen(1)"],
)  # fmt: skip
def test_control_a_read_is_found(call: str) -> None:
    assert list(reads(call)) == [1]


@pytest.mark.parametrize("call", ["path.open('ab')", "vault.open(place)", "read_file(path, SMALL)"])
def test_control_what_reads_none_is_not(call: str) -> None:
    assert not list(reads(call))
