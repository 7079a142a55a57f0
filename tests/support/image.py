"""Reads a Dockerfile and runs its steps in folders, where no container engine is at hand.

A stage is built in ``FOLDER/here``, where its absolute paths lie, and moved away when the next one
begins; so a path that one stage writes into a file (a script's first line) holds in the last one
too. Steps that change the system (packages, users) are left out.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

SYSTEM = ("apt-get", "useradd")
"""A RUN step that begins with one of these is left out."""
OWNED = re.compile(r"(?<![\w./-])(?=/(?:app|var/lib/cityops)\b)")
"""Before an absolute path that belongs to the image rather than to the system."""


class Step(NamedTuple):
    instruction: str
    text: str


class Stage(NamedTuple):
    base: str
    name: str
    steps: list[Step]

    def of(self, instruction: str) -> list[str]:
        return [step.text for step in self.steps if step.instruction == instruction]


def stages(dockerfile: str) -> list[Stage]:
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    found: list[Stage] = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        instruction, _, text = line.strip().partition(" ")
        if instruction == "FROM":
            base, _, name = text.partition(" AS ")
            found.append(Stage(base, name, []))
        elif instruction:
            found[-1].steps.append(Step(instruction, " ".join(text.split())))
    return found


class Copy(NamedTuple):
    """A COPY step; ``stage`` is empty where it copies from the context."""

    stage: str
    sources: list[str]
    target: str


def copy(text: str) -> Copy:
    words = shlex.split(text)
    options = [word for word in words if word.startswith("--")]
    stage = next((word.removeprefix("--from=") for word in options), "")
    *sources, target = words[len(options) :]
    return Copy(stage, sources, target)


class Ignored:
    """Whether ``.dockerignore`` keeps a path out; the last rule that fits it decides."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        self._rules = [
            (not line.startswith("!"), _pattern(line.removeprefix("!")))
            for line in lines
            if line and not line.startswith("#")
        ]

    def __call__(self, path: str) -> bool:
        parts = PurePosixPath(path).parts
        folders = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        fitting = [ignores for ignores, rule in self._rules if any(map(rule.fullmatch, folders))]
        return bool(fitting) and fitting[-1]

    def kept(self, context: Path, source: str) -> Iterator[str]:
        """The files below ``source``, relative to it; ``""`` is ``source`` itself, a file."""
        top = context / source
        if top.is_file() and not self(source):
            yield ""
        for folder, folders, files in os.walk(top):
            inside = Path(folder).relative_to(context)
            folders[:] = [name for name in folders if not self(f"{inside / name}")]
            for name in files:
                if not self(f"{inside / name}"):
                    yield str(Path(folder, name).relative_to(top))


def _pattern(rule: str) -> re.Pattern[str]:
    text = re.escape(rule).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    return re.compile(text)


class Image:
    """What the steps have made, and the environment in which its commands run."""

    def __init__(self, context: Path, dockerfile: str, folder: Path) -> None:
        """Runs every step.

        Raises:
            CalledProcessError: a step fails.
            FileNotFoundError: there is nothing to copy.
        """
        self.here = folder / "here"
        self._context, self._folder = context, folder
        self._ignored = Ignored((context / ".dockerignore").read_text())
        *before, last = stages(dockerfile)
        for stage in before:
            self._build(stage)
            self.here.rename(folder / stage.name)
        self._build(last)
        for stage in before:
            shutil.rmtree(folder / stage.name)
        self.entrypoint: list[str] = [w for text in last.of("ENTRYPOINT") for w in json.loads(text)]

    def run(self, *words: str) -> str:
        """What a command prints; raises CalledProcessError where it fails."""
        program = shutil.which(words[0], path=self.environment["PATH"])
        command = [program or words[0], *words[1:]]
        done = subprocess.run(
            command, env=self.environment, cwd=self._work, check=True, stdout=subprocess.PIPE
        )
        return done.stdout.decode()

    def _build(self, stage: Stage) -> None:
        earlier = self._folder / stage.base
        if earlier.is_dir():
            shutil.copytree(earlier, self.here, symlinks=True)
        else:
            self.here.mkdir()
        self._work = self.here
        self.environment = _environment()
        for instruction, text in stage.steps:
            if instruction == "WORKDIR":
                self._work = self._inside(text)
                self._work.mkdir(parents=True, exist_ok=True)
            elif instruction == "COPY":
                self._copy(copy(text))
            elif instruction == "ENV":
                for word in shlex.split(self._rewritten(text)):
                    name, _, value = word.partition("=")
                    path = self.environment["PATH"]
                    self.environment[name] = value.replace("$PATH", path)
            elif instruction == "RUN" and not text.startswith(SYSTEM):
                command = ["sh", "-c", self._rewritten(text)]
                subprocess.run(command, env=self.environment, cwd=self._work, check=True)

    def _copy(self, step: Copy) -> None:
        target = self._inside(step.target)
        ignored = Ignored("") if step.stage else self._ignored
        root = self._folder / step.stage if step.stage else self._context
        for source in (source.lstrip("/") for source in step.sources):
            into = target / Path(source).name if step.target.endswith("/") else target
            files = list(ignored.kept(root, source))
            if not files:
                raise FileNotFoundError(f"nothing to copy: {source}")
            for name in files:
                (into / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / source / name, into / name, follow_symlinks=False)

    def _inside(self, path: str) -> Path:
        return self.here / path.lstrip("/") if path.startswith("/") else self._work / path

    def _rewritten(self, text: str) -> str:
        return OWNED.sub(str(self.here), text)


def _environment() -> dict[str, str]:
    """This machine's, in which ``python3`` is the one that the tests' own environment rests on."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CITYOPS_", "PYTHON", "VIRTUAL_ENV"))
    }
    base = Path(sys.base_prefix, "bin")
    return {**kept, "PATH": f"{base}{os.pathsep}{kept.get('PATH', os.defpath)}"}
