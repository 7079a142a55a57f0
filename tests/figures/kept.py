"""What is kept of runs in ``docs/figures``: whether the README says it, and of what code it is."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.benchmarks import report
from tests.benchmarks.report import Report
from tests.figures import bench, faults, readme, scenarios
from tests.figures.faults import Faults
from tests.figures.scenarios import Scenarios
from tests.support import sources
from tests.support.origin import Run, measured_at

AGAIN = "'make figures'"


class Section(NamedTuple):
    """One file of figures, and the part of the README that it gives."""

    name: str
    kind: type[msgspec.Struct]
    """As it is kept."""
    read: Callable[[Path], Any]
    """What a run wrote; raises FileNotFoundError where none has."""
    text: Callable[[Any], str]
    runs: Callable[[Any], dict[str, Run]]
    """What was measured at one go, by its name; the name is empty where that is all."""
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
    Section("bench", Report, report.read, bench.text, bench.runs, "make bench"),
    Section(
        "scenarios", Scenarios, scenarios.read, scenarios.text, scenarios.runs, "make evaluate"
    ),
    Section("faults", Faults, faults.read, faults.text, faults.runs, "make faults"),
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


def problems(root: Path, sections: Sequence[Section] = SECTIONS) -> list[str]:
    """Where the README says other than the files, or a file is no use; one line for each."""
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
    try:
        page = (root / "README.md").read_text()
        if readme.rewritten(page, _texts(root, sections)) != page:
            found.append(f"README.md says other than docs/figures: run {AGAIN}")
    except msgspec.MsgspecError:
        pass  # said above
    except ValueError as error:
        found.append(f"README.md: {error}")
    return found


def older(
    root: Path,
    digest: Callable[[str], str] = sources.digest,
    sections: Sequence[Section] = SECTIONS,
) -> list[str]:
    """Figures that were measured on other code than is here; one line for each.

    Args:
        digest: of the code that is here, by section; raises FileNotFoundError where a set of
            sources names what is gone, which makes all figures of that section older.

    Raises:
        msgspec.MsgspecError: a file in ``docs/figures`` holds something else.
    """
    found = []
    for section in sections:
        record = _kept(section, root)
        if record is None:
            found.append(f"{section.name}: not measured yet; {section.remedy}")
            continue
        try:
            here, gone = digest(section.name), ""
        except FileNotFoundError as error:
            here, gone = "", f" ({error})"
        for name, run in section.runs(record).items():
            if run.sources != here:
                whole = f"{section.name}, {name}" if name else section.name
                found.append(f"{whole}: of {measured_at(run)}{gone}; {section.remedy}")
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
