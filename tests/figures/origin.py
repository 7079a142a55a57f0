"""What a run's figures rest on: the commit, the code that counts, the machine."""

from tests.benchmarks import report
from tests.benchmarks.report import Run
from tests.figures import sources


def here(name: str) -> Run:
    """Of this checkout, for the set ``name``; to be taken before the run that it is about."""
    return Run(commit=report.commit(), sources=sources.digest(name), machine=report.machine())


def said(machine: dict[str, str], commit: str) -> str:
    """Machine and commit in one phrase; ``+`` at a commit: files were changed since."""
    parts = dict(machine)
    named = [parts.pop("processor", "")]
    if cores := parts.pop("cores", ""):
        named.append(f"{cores} cores")
    if memory := parts.pop("memory", ""):
        named.append(f"{memory} of memory")
    named += [f"{name.capitalize()} {value}" for name, value in parts.items()]
    state = "commit" if not commit.endswith("+") else "changed files on top of commit"
    return f"{', '.join(filter(None, named))}; {state} `{commit.removesuffix('+')}`"
