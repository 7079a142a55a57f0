"""The console calls each row of the default table of priorities by name, in both languages."""

import json
import re
from pathlib import Path

from services.alerts.priority import DEFAULT

SRC = Path(__file__).parents[2] / "services" / "console" / "src"
ROW = re.compile(r'^  "?([\w ]+)"?: "(priority\.row\.\w+)",$', re.MULTILINE)


def test_each_row_has_its_words() -> None:
    rows = dict(ROW.findall((SRC / "components" / "priority.tsx").read_text()))
    assert set(rows) == {row.name for row in DEFAULT.rows}
    for language in ("vi", "en"):
        words = json.loads((SRC / "messages" / f"{language}.json").read_text())
        assert all(words[key] for key in rows.values()), language
