"""What is downloaded is checked before it is kept, and kept whole or not at all."""

import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from models import registry as module
from models.fetch import fetch
from models.manifest import FILE_NAME
from models.registry import ModelChangedError, ModelMissingError, Registry
from tests.support.threaded import serve

CONTENT = (module.OWN / "street_detector" / "model.onnx").read_bytes()


class Publisher(BaseHTTPRequestHandler):
    """Serves a model under several names, not all of them honest."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/right")
            self.end_headers()
            return
        bodies = {"/right": CONTENT, "/changed": CONTENT[:-1] + b"x", "/endless": CONTENT * 3}
        body = bodies.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        try:
            self.wfile.write(body or b"")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client had enough

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    thread = serve(server)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "street_detector"
    folder.mkdir(parents=True)
    shutil.copy(module.OWN / "street_detector" / FILE_NAME, folder)
    return tmp_path


def registry_at(folder: Path, address: str) -> Registry:
    with (folder / "models" / "street_detector" / FILE_NAME).open("a") as file:
        file.write(f"address: {address}\n")
    return Registry((folder / "kept",), folder / "models")


@pytest.mark.parametrize("path", ["/right", "/moved"])
def test_the_right_file_is_kept_and_loads(folder: Path, address: str, path: str) -> None:
    registry = registry_at(folder, address + path)
    told: list[tuple[int, int]] = []
    kept = fetch(registry, "street_detector", lambda done, total: told.append((done, total)))
    assert kept == folder / "kept" / "street_detector" / "model.onnx"
    assert kept.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    registry.load("street_detector")


@pytest.mark.parametrize("path", ["/changed", "/endless"])
def test_another_file_is_not_kept(folder: Path, address: str, path: str) -> None:
    with pytest.raises(ModelChangedError, match=r"sha256 is .* By hand"):
        fetch(registry_at(folder, address + path), "street_detector")
    assert not (folder / "kept").exists()


def test_an_address_that_is_gone_says_what_to_do(folder: Path, address: str) -> None:
    with pytest.raises(ModelMissingError, match=r"404.*By hand"):
        fetch(registry_at(folder, address + "/gone"), "street_detector")


def test_a_disk_that_refuses_leaves_nothing_behind(
    folder: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError("read-only")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="read-only"):
        fetch(registry_at(folder, address + "/right"), "street_detector")
    assert list((folder / "kept" / "street_detector").iterdir()) == []
