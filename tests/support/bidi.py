"""Firefox as Debian has it, driven over its own WebDriver BiDi: no driver stands between.

What a test needs, and no more: open a page, look, press keys, and what the page has complained of.
"""

import base64
import json
import os
import re
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.waiting import eventually

PATIENCE_SECONDS = 60.0
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class _Line:
    """A WebSocket's client (RFC 6455), over loopback."""

    def __init__(self, port: int, path: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
        self._come = self._socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        status = self._come.readline()
        if b" 101 " not in status:
            raise ConnectionError(status.decode(errors="replace"))
        while self._come.readline().strip():
            pass

    def send(self, data: bytes, kind: int = TEXT) -> None:
        size = len(data)  # it has to be said in as few bytes as it can be
        if size < 126:
            length = struct.pack(">BB", 0x80 | kind, 0x80 | size)
        else:
            length = struct.pack(">BBH", 0x80 | kind, 0x80 | 126, size)
        mask = os.urandom(4)
        masked = bytes(one ^ mask[n % 4] for n, one in enumerate(data))
        self._socket.sendall(length + mask + masked)

    def take(self) -> bytes:
        """The next message; raises ConnectionError where there is none."""
        message = b""
        while True:
            first, size = self._read(2)
            size &= 0x7F
            if size > 125:
                size = int.from_bytes(self._read(2 if size == 126 else 8), "big")
            data, kind = self._read(size), first & 0x0F
            if kind == PING:
                self.send(data, PONG)
            elif kind == CLOSE:
                raise ConnectionError("closed")
            elif kind != PONG:
                message += data
                if first & 0x80:
                    return message

    def _read(self, size: int) -> bytes:
        data = self._come.read(size)
        if len(data) < size:
            raise ConnectionError("the browser has gone")
        return data

    def close(self) -> None:
        self._come.close()
        self._socket.close()


class Firefox:
    """One window."""

    def __init__(self, line: _Line) -> None:
        self._line, self._commands = line, 0
        self.complaints: list[str] = []
        """What was said to the console as an error, and what nobody has caught."""
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded"])
        self._window = self.ask("browsingContext.create", type="tab")["context"]

    def ask(self, method: str, **params: Any) -> Any:
        """What a command comes to; raises RuntimeError where it fails."""
        self._commands += 1
        wanted = self._commands
        said = {"id": wanted, "method": method, "params": params}
        self._line.send(json.dumps(said).encode())
        while True:
            answer = json.loads(self._line.take())
            if answer["type"] == "event":
                entry = answer["params"]
                if answer["method"] == "log.entryAdded" and entry["level"] == "error":
                    self.complaints.append(str(entry["text"]))
            elif answer.get("id") == wanted:
                if answer["type"] == "error":
                    raise RuntimeError(f"{method}: {answer['error']}: {answer['message']}")
                return answer["result"]

    def size(self, width: int, height: int) -> None:
        viewport = {"width": width, "height": height}
        self.ask("browsingContext.setViewport", context=self._window, viewport=viewport)

    def open(self, address: str) -> None:
        asked = {"context": self._window, "url": address, "wait": "complete"}
        self.ask("browsingContext.navigate", **asked)

    def see(self, expression: str) -> Any:
        """Of JavaScript what can be said in JSON."""
        found = self.ask(
            "script.evaluate",
            expression=f"JSON.stringify(({expression}) ?? null)",
            target={"context": self._window},
            awaitPromise=True,
        )
        if found["type"] != "success":
            raise RuntimeError(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])

    def type(self, text: str) -> None:
        """Key by key, where the focus is."""
        presses = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        keys = [{"type": "key", "id": "keys", "actions": presses}]
        self.ask("input.performActions", context=self._window, actions=keys)

    def picture(self, path: Path) -> None:
        data = self.ask("browsingContext.captureScreenshot", context=self._window)["data"]
        path.write_bytes(base64.b64decode(data))


@contextmanager
def firefox(program: str, profile: Path) -> Iterator[Firefox]:
    """Without a window on any screen; ``profile``: an empty folder of its own."""
    asked = [program, "--headless", "--remote-debugging-port=0", "--profile", str(profile)]
    said = profile / "said.txt"
    with said.open("w") as file, subprocess.Popen(asked, stderr=file, stdout=file) as process:
        try:
            listens = re.compile(r"BiDi listening on ws://127\.0\.0\.1:(\d+)")
            eventually(lambda: listens.search(said.read_text()))
            (port,) = listens.findall(said.read_text())
            line = _Line(int(port), "/session")
            try:
                yield Firefox(line)
            finally:
                line.close()
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
