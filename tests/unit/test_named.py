"""A filter by a name that nothing has, or had, is an error; of all others the list says it."""

from typing import Any

import pytest
import typer

from services.api.client import ClientError
from services.commandline import named

CATALOGUE = {
    "kinds": [{"id": "no_data", "formerly": ["silence"]}],
    "feeds": [{"metrics": [{"name": "flow"}]}],
}


class Service:
    """One alert of a camera that was removed since; ``may``: whoever asks may read the rest."""

    def __init__(self, *, may: bool = True) -> None:
        self.may = may

    def get(self, path: str, **asked: Any) -> Any:
        match path:
            case "/api/corrections":
                return {"corrections": []}
            case "/api/alerts":
                names = {asked.get("source", "old"), asked.get("kind", "gone")}
                return {"alerts": [{}] if names == {"old", "gone"} else []}
            case _ if not self.may:
                raise ClientError("you may not", status=403)
            case "/api/sources":
                return {"sources": [{"id": "quay-3"}]}
            case "/api/catalogue":
                return CATALOGUE


def check(rows: str = "alerts", *, may: bool = True, **filters: list[str] | None) -> None:
    named.check(Service(may=may), f"/api/{rows}", rows, filters)  # type: ignore[arg-type]


def test_what_is_known_or_was_is_no_error() -> None:
    check(source=["quay-3", "old"], kind=["no_data", "silence", "gone"], state=["normal"])
    check("corrections", source=None, metric=["flow"])


@pytest.mark.parametrize(
    ("rows", "what", "known", "name"),
    [
        ("alerts", "source", "old", "quay-4"),
        ("alerts", "kind", "gone", "no-data"),
        ("corrections", "metric", "flow", "flwo"),
    ],
)
def test_what_nothing_has_is_one_line_that_says_where_names_are(
    rows: str, what: str, known: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        check(rows, **{what: [known, name]})
    assert ended.value.exit_code == 1
    said = capsys.readouterr().err
    assert said.startswith(f"error: there is no {what} '{name}': `cityops ")
    assert said.count("\n") == 1


def test_whoever_may_not_know_the_names_is_shown_the_empty_list() -> None:
    check(may=False, source=["quay-4"])
