"""What is kept of runs in ``docs/figures``, and what is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.benchmarks import report
from tests.benchmarks.report import Report
from tests.figures import bench, faults, readme, scenarios
from tests.figures.faults import Faults
from tests.figures.scenarios import Scenarios

AGAIN = "'make figures'"


class Section(NamedTuple):
    """One file of figures, and the part of the README that it gives."""

    name: str
    kind: type[msgspec.Struct]
    """As it is kept."""
    read: Callable[[Path], Any]
    """What a run wrote; raises FileNotFoundError where none has."""
    text: Callable[[Any], str]
    digests: Callable[[Any], set[str]]
    command: str
    """Measures anew, into ``build/NAME.json``."""

    def fresh(self, root: Path) -> Path:
        return root / "build" / f"{self.name}.json"

    def kept(self, root: Path) -> Path:
        return root / "docs/figures" / f"{self.name}.json"

    @property
    def remedy(self) -> str:
        return f"run '{self.command}', then {AGAIN}"


SECTIONS = (
    Section("bench", Report, report.read, bench.text, bench.digests, "make bench"),
    Section(
        "scenarios", Scenarios, scenarios.read, scenarios.text, scenarios.digests, "make evaluate"
    ),
    Section("faults", Faults, faults.read, faults.text, faults.digests, "make faults"),
)


def take(root: Path, sections: Sequence[Section] = SECTIONS) -> list[str]:
    """Takes over what runs wrote, and writes the README anew; names of the sections taken.

    Raises:
        msgspec.MsgspecError: a run wrote something else than figures.
        ValueError: the README has not the sections that it should have.
    """
    taken = []
    for section in sections:
        try:
            record = section.read(section.fresh(root))
        except FileNotFoundError:
            continue
        section.kept(root).parent.mkdir(parents=True, exist_ok=True)
        encoded = msgspec.json.format(msgspec.json.encode(record))
        section.kept(root).write_bytes(encoded + b"\n")
        taken.append(section.name)
    page = root / "README.md"
    page.write_text(readme.rewritten(page.read_text(), _texts(root, sections)))
    return taken


def problems(
    root: Path, digests: Mapping[str, str], sections: Sequence[Section] = SECTIONS
) -> list[str]:
    """One line for each; ``digests``: of the code that is here, by section."""
    found = []
    for section in sections:
        name = section.kept(root).relative_to(root)
        try:
            record = _kept(section, root)
        except msgspec.MsgspecError as error:
            found.append(f"{name} cannot be read ({error}): {section.remedy}")
            continue
        if record is None:
            found.append(f"{name} is missing: {section.remedy}")
        elif section.digests(record) != {digests[section.name]}:
            found.append(f"{name} was measured on other code than this: {section.remedy}")
    try:
        page = (root / "README.md").read_text()
        if readme.rewritten(page, _texts(root, sections)) != page:
            found.append(f"README.md says other than docs/figures: run {AGAIN}")
    except msgspec.MsgspecError:
        pass  # said above
    except ValueError as error:
        found.append(f"README.md: {error}")
    return found


def _texts(root: Path, sections: Sequence[Section]) -> dict[str, str]:
    texts = {}
    for section in sections:
        record = _kept(section, root)
        missing = (
            f"Not measured yet: `{section.command}` does it, and `make figures` writes it here."
        )
        texts[section.name] = missing if record is None else section.text(record)
    return texts


def _kept(section: Section, root: Path) -> Any:
    """None where nothing has been measured yet."""
    try:
        content = section.kept(root).read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(content, type=section.kind)
