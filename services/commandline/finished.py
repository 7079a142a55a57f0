"""Results of an evaluation's runs, each on a line as it ends: one that was interrupted goes on.

A result is that of a run with the same scenario, seed, length, code and models; nothing else is
used again.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from models.files import read_file
from services.commandline import evaluation
from services.commandline.evaluation import SeedResult
from services.commandline.output import CommandError
from simulators import scenario
from streams.settings import Settings

ROOT = Path(__file__).parents[2]
CODE = (".py", ".pyx", ".yaml", ".xml", ".gz", ".onnx")
RUNS_ON = ("models", "streams", "simulators", Path(evaluation.__file__).relative_to(ROOT))
"""What a result rests on; folders, and files."""
MOST_BYTES = 2**28
"""Of the file: a run takes some kilobytes."""


class _Line(msgspec.Struct):
    key: str
    result: SeedResult


class Finished:
    """The file of finished runs; lines that cannot be read are as if they were not there.

    Args:
        path: written to as runs end; made with its folder where it is not there.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        self._rests_on = _digest(settings)
        self._found = {line.key: line.result for line in self._read()}

    def get(self, name: str, seed: int, seconds: float) -> SeedResult | None:
        """The result of that run, if it has been done."""
        return self._found.get(self._key(name, seed, seconds))

    def add(self, result: SeedResult) -> None:
        """Is on the disk when this returns, whole or not at all."""
        key = self._key(result.scenario, result.seed, result.seconds)
        self._found[key] = result
        line = msgspec.json.encode(_Line(key, result))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                # What an interrupted write left has no end: it becomes a line of its own.
                file.write(b"\n" + line + b"\n" if file.tell() else line + b"\n")
        except OSError as error:
            raise CommandError(f"{self._path}: {error.strerror}") from None

    def _key(self, name: str, seed: int, seconds: float) -> str:
        told = msgspec.json.encode(scenario.load(name)), seed, float(seconds), self._rests_on
        return hashlib.sha256(repr(told).encode()).hexdigest()[:24]

    def _read(self) -> Iterator[_Line]:
        if not self._path.is_file():
            return
        try:
            content = read_file(self._path, MOST_BYTES)
        except OSError as error:
            said = f"{self._path}: {error.strerror}: remove it, or give another --output"
            raise CommandError(said) from None
        for line in content.splitlines():
            try:
                yield msgspec.json.decode(line, type=_Line)
            except msgspec.MsgspecError:
                continue


def _digest(settings: Settings) -> str:
    whole = hashlib.sha256(settings.onnx_providers.encode())
    for place in RUNS_ON:
        path = ROOT / place
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in CODE and "__pycache__" not in file.parts:
                whole.update(f"{file.relative_to(ROOT)}\0".encode())
                whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()
