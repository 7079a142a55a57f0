"""Which CityOps this is."""

import subprocess
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
GIT_SECONDS = 5.0


def said(root: Path = ROOT) -> str:
    """``cityops 1.2.0 (commit 0123456789)``; without the commit where the folder is no checkout."""
    known = commit(root)
    return f"cityops {metadata.version('cityops')}" + (f" (commit {known})" if known else "")


def commit(root: Path) -> str:
    """Empty: not known. Of a checkout that lies there itself, and not somewhere above."""
    if not (folder := root / ".git").exists():
        return ""
    # Named, since a hook of another checkout has GIT_DIR say where that one is.
    asked = ["git", "--git-dir", str(folder), "rev-parse", "--short=10", "HEAD"]
    try:
        found = subprocess.run(
            asked, capture_output=True, text=True, timeout=GIT_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()
