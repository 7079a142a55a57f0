"""What a run's figures rest on: commit and date, the code that counts, the machine."""

from tests.benchmarks import report
from tests.benchmarks.report import Run
from tests.figures import sources


def here(name: str) -> Run:
    """Of this checkout, for the set ``name``; to be taken before the run that it is about."""
    return Run(
        commit=report.commit(),
        date=report.today(),
        sources=sources.digest(name),
        machine=report.machine(),
    )


def said(run: Run) -> str:
    """Machine, commit and date in one phrase."""
    parts = dict(run.machine)
    named = [parts.pop("processor", "")]
    if cores := parts.pop("cores", ""):
        named.append(f"{cores} cores")
    if memory := parts.pop("memory", ""):
        named.append(f"{memory} of memory")
    named += [f"{name.capitalize()} {value}" for name, value in parts.items()]
    return f"{', '.join(filter(None, named))}; {measured_at(run)}"


def measured_at(run: Run) -> str:
    """Commit and date; ``+`` at a commit: files were changed since."""
    state = "changed files on top of commit" if run.commit.endswith("+") else "commit"
    when = f", {run.date}" if run.date else ""
    return f"{state} `{run.commit.removesuffix('+')}`{when}"
