"""Every page of the console is in its table, and every line of the table has its module."""

import json
import re
from pathlib import Path

SRC = Path(__file__).parents[2] / "services" / "console" / "src"
LINE = re.compile(
    r'path: "([a-z-]+)",\n\s+name: "([\w.]+)",\n.*?load: \(\) => import\("\./pages/([a-z-]+)"\)',
    re.DOTALL,
)


def test_pages_and_table_agree() -> None:
    lines = LINE.findall((SRC / "pages.ts").read_text())
    assert lines, "the table is written in another way than this test reads"
    modules = {path.stem for path in (SRC / "pages").glob("*.tsx")}
    assert {path for path, _, _ in lines} == modules, "pages.ts against pages/"
    for path, name, module in lines:
        assert module == path, f"/{path} loads {module}"
        for language in ("vi", "en"):
            words = json.loads((SRC / "messages" / f"{language}.json").read_text())
            assert name in words, f"{language}: {name}"


def test_what_rests_is_not_said_to_be_a_recording() -> None:
    """Also what a demonstration has left rests, sensors most of it."""
    for language in ("vi", "en"):
        words = json.loads((SRC / "messages" / f"{language}.json").read_text())
        said = " ".join(words[name] for name in ("wall.ended", "health.resting", "header.resting"))
        assert re.findall("recording|video|film|bản ghi", said) == [], language
