"""Closed alerts as a labelled set: of each only what whoever asks may see."""

from typing import Any, cast

import msgspec
import pytest

from services.alerts.alert import Alert, fold
from services.alerts.exhibits import Exhibit
from services.alerts.lifecycle import receive
from services.api.exports import dispositions
from services.api.exports.dispositions import COLUMNS, Filter
from streams.events import FrameRef
from tests.support.alerting import START, incident


class Stored:
    """A database of one alert."""

    def __init__(self, alert: Alert) -> None:
        self.alert = alert

    def execute(self, *_: Any) -> list[tuple[str]]:
        return [(msgspec.json.encode(self.alert).decode(),)]


def stored() -> Any:
    ours = Exhibit(source="cam-1", time=START, model="street@1", frame=FrameRef(0, 1, "a" * 64))
    theirs = Exhibit(source="cam-2", time=START, model="secret@2", frame=FrameRef(0, 2, "b" * 64))
    alert = fold(receive(None, incident(), None))
    wards = {"cam-1": "Hồng Bàng", "cam-2": "Lê Chân"}
    return Stored(
        msgspec.structs.replace(
            alert, wards=wards, sources=("cam-1", "cam-2"), evidence=(theirs, ours)
        )
    )


@pytest.mark.parametrize(
    ("area", "models"), [(None, True), (frozenset({"Hồng Bàng"}), False), (frozenset(), None)]
)
def test_what_another_wards_source_has_shown_is_left_out(
    area: frozenset[str] | None, models: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, asked = stored(), Filter(None, None, area)
    monkeypatch.setattr(dispositions, "read", lambda *_: database.execute())
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in dispositions.rows(database, asked)]
    judged = dispositions.alerts(database, asked)
    if models is None:
        assert (rows, judged) == ([], [])
        return
    assert ("secret@2" in cast("list[str]", rows[0]["models"])) is models
    assert ("cam-2" in {one.source for one in judged[0].evidence}) is models
    assert len(cast("list[str]", rows[0]["frame_sha256"])) == 1 + models
