"""Each format, from a body to rows: what is said, and what is refused with which reason."""

import base64
import json
from typing import Any

import pytest

from services.receiver import formats
from services.receiver.rows import Refused, Row, Rows
from services.receiver.units import UnitError, converted
from services.web.problems import ProblemError
from streams.events import from_rfc3339
from streams.words import Words

TIME = "2026-11-29T08:00:00+07:00"
AT = from_rfc3339(TIME)
JSON, CSV = "application/json", "text/csv"
SENML = "application/senml+json"
EVENT, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def read(kind: str, body: Any, headers: dict[str, str] | None = None) -> Rows:
    return formats.read(kind, headers or {}, body if isinstance(body, str) else json.dumps(body))


def one(kind: str, body: Any, headers: dict[str, str] | None = None) -> Row:
    (found,) = read(kind, body, headers)
    assert isinstance(found, Row), found
    return found


def told(row: Row) -> tuple[str, list[tuple[str, float, str]], int | None]:
    return row.source, [tuple(value) for value in row.values], row.time  # type: ignore[misc]


def event(**changes: Any) -> dict[str, Any]:
    whole = {
        "specversion": "1.0",
        "id": "1",
        "source": "/stations/7",
        "type": "vn.example.reading",
        "subject": "t1",
        "time": TIME,
        "data": {"metric": "level", "value": 2.5},
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


ENCODED = base64.b64encode(b'{"metric": "level", "value": 2.5}').decode()
SAME = [
    (JSON, {"source": "t1", "metric": "level", "value": 2.5, "time": TIME}),
    (JSON, [{"source": "t1", "values": {"level": 2.5}, "time_us": AT}]),
    (JSON, {"source": "t1", "metric": "level", "value": 2.5, "time_ms": AT // 1000}),
    (JSON, {"source": "t1", "metric": "level", "value": 2.5, "time_s": AT / 1e6}),
    (CSV, f"time,source,metric,value\n{TIME},t1,level,2.5\n"),
    (CSV, f"source,level,time_s\r\nt1,2.5,{AT // 10**6}\r\n"),
    (CSV, f'time,source,level,rain\n\n{TIME},"t1",2.5,\n'),
    (SENML, [{"n": "t1/level", "v": 2.5, "t": AT // 10**6}]),
    (SENML, [{"bn": "urn:dev:mac:t1:", "bt": AT / 1e6 - 5, "n": "level", "v": 2.5, "t": 5}]),
    (SENML, [{"bn": "t1/", "bt": AT // 10**6, "bv": 2, "n": "level", "v": 0.5}]),
    (EVENT, event()),
    (EVENT, event(data={"source": "t1", "metric": "level", "value": 2.5}, subject=None)),
    (EVENT, event(datacontenttype=SENML, data=[{"n": "t1/level", "v": 2.5}])),
    (EVENT, event(datacontenttype="text/csv; charset=utf-8", data="source,level\nt1,2.5")),
    (EVENT, event(data=None, data_base64=ENCODED)),
    (BATCH, [event()]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "body"), SAME, ids=str)
def test_all_formats_can_say_the_same(kind: str, body: Any) -> None:
    assert told(one(kind, body)) == ("t1", [("level", 2.5, "")], AT)


def test_an_event_in_binary_mode_has_its_attributes_in_headers() -> None:
    attributes = event()
    data = attributes.pop("data")
    headers = {f"ce-{name}": value for name, value in attributes.items()}
    assert told(one(JSON, data, headers)) == ("t1", [("level", 2.5, "")], AT)
    assert told(one(JSON, data, headers | {"ce-subject": "t%31"}))[0] == "t1"
    headers["ce-specversion"] = "0.3"
    (refused,) = read(JSON, data, headers)
    assert isinstance(refused, Refused)


def test_units_and_several_metrics_are_passed_on() -> None:
    several = {"source": "t1", "values": {"a": 1, "b": 2}, "units": {"b": "K"}, "time": TIME}
    assert told(one(JSON, several))[1] == [("a", 1.0, ""), ("b", 2.0, "K")]
    wide = f"time,source,a,b\n{TIME},t1,1,2\n"
    assert told(one(CSV, wide))[1] == [("a", 1.0, ""), ("b", 2.0, "")]
    assert told(one(SENML, [{"bn": "t1/", "bu": "Cel", "n": "a", "v": 1}]))[1] == [
        ("a", 1.0, "Cel")
    ]


def test_a_case_in_csv_is_another_than_those_that_are_written_otherwise() -> None:
    """Else the second is taken for a repeat of the first, and is lost."""
    written = ["12", "0012", "12E5", "1200000", "5E200", "GD-1", str(2**53), str(2**53 + 1)]
    written += ["20261130090007123456", "20261130090007123457"]
    body = "source,time,case,step\n" + "".join(f"p,{TIME},{case},6\n" for case in written)
    cases = [row.values[0].value for row in read(CSV, body) if isinstance(row, Row)]
    assert len(set(cases)) == len(written)
    assert cases[0] == 12
    assert all(case < 2**53 for case in cases)
    same = one(JSON, {"source": "p", "time": TIME, "values": {"case": "0012", "step": 6}})
    assert same.values[0].value == cases[1]
    floats = one(CSV, f"source,time,case,step\np,{TIME},12.0,6\n")
    assert floats.values[0].value == 12


def test_a_record_without_a_time_is_as_old_as_it_says() -> None:
    rows = [one(SENML, [{"n": "t1/a", "v": 1, "t": -10}]), one(SENML, [{"n": "t1/a", "v": 1}])]
    assert [(row.time, row.since) for row in rows] == [(None, -10_000_000), (None, 0)]
    assert one(JSON, {"source": "t1", "value": 1}).time is None


def test_an_event_in_a_batch_that_is_wrong_refuses_itself_only() -> None:
    found = read(BATCH, [event(), event(specversion="2"), "x", event(data="x"), event()])
    assert [type(row) for row in found] == [Row, Refused, Refused, Refused, Row]
    assert [row.at for row in found] == [0, 1, 2, 3, 4]


ROW = {"source": "t1", "metric": "level", "value": 2.5, "time": TIME}
WRONG: list[tuple[str, Any, str]] = [
    (JSON, ["x"], "wrong_type"),
    (JSON, ROW | {"source": ""}, "wrong_type"),
    (JSON, ROW | {"time": "2026-11-29T08:00:00+07:99"}, "wrong_time"),
    (JSON, ROW | {"source": 7}, "wrong_type"),
    (JSON, {"value": 1}, "wrong_type"),
    (JSON, ROW | {"timestamp": TIME}, "unknown_field"),
    (JSON, ROW | {"value": "2.5"}, "not_a_number"),
    (JSON, ROW | {"value": True}, "not_a_number"),
    (JSON, ROW | {"value": None}, "not_a_number"),
    (JSON, '{"source": "t1", "value": NaN}', "not_finite"),
    (JSON, '{"source": "t1", "value": 1e999}', "not_finite"),
    (JSON, '{"source": "t1", "value": -Infinity}', "not_finite"),
    (JSON, {"source": "t1"}, "no_value"),
    (JSON, ROW | {"values": {"a": 1}}, "no_value"),
    (JSON, {"source": "t1", "values": {}}, "no_value"),
    (JSON, {"source": "t1", "values": {"a": "1"}}, "not_a_number"),
    (JSON, {"source": "t1", "values": {"a": 1}, "units": {"b": "m"}}, "wrong_type"),
    (JSON, {"source": "t1", "values": {"a": 1}, "unit": "m"}, "unknown_field"),
    (JSON, ROW | {"time": "2026-11-29T08:00:00"}, "wrong_time"),
    (JSON, ROW | {"time": "2026-11-29"}, "wrong_time"),
    (JSON, ROW | {"time": "2026-13-29T08:00:00Z"}, "wrong_time"),
    (JSON, ROW | {"time": "0000-01-01T00:00:00Z"}, "wrong_time"),
    (JSON, ROW | {"time": 1_796_000_000}, "wrong_time"),
    (JSON, ROW | {"time_s": 1}, "wrong_time"),
    (JSON, {"source": "t1", "value": 1, "time_s": "1"}, "not_a_number"),
    (JSON, {"source": "t1", "value": 1, "time_us": 10**30}, "absurd_time"),
    (CSV, "source,case,step\np,2.02611E+19,6\n", "out_of_range"),
    (CSV, "source,case,step\np,-5,6\n", "out_of_range"),
    (CSV, "source,case,step\np,1.5,6\n", "out_of_range"),
    (CSV, "source,value\nt1,2.5,3\n", "wrong_type"),
    (CSV, "source,value\n,2.5\n", "wrong_type"),
    (CSV, "source,value\nt1,\n", "not_a_number"),
    (CSV, "source,value\nt1,1_000\n", "not_a_number"),
    (CSV, 'source,value\nt1,"2,5"\n', "not_a_number"),
    (CSV, "source,value\nt1,nan\n", "not_a_number"),
    (CSV, "source,value\nt1,1e999\n", "not_finite"),
    (CSV, "source,value\nt1,٢\n", "not_a_number"),
    (CSV, "source,a,b\nt1,,\n", "no_value"),
    (CSV, "time,source,value\nyesterday,t1,1\n", "wrong_time"),
    (CSV, "time_ms,source,value\n1e400,t1,1\n", "not_finite"),
    (SENML, [{"n": "t1/a", "vs": "on"}], "not_a_number"),
    (SENML, [{"n": "t1/a"}], "no_value"),
    (SENML, [{"v": 1}], "wrong_type"),
    (SENML, [{"n": "t1/a", "v": "1"}], "not_a_number"),
    (SENML, [{"n": "t1/a", "v": 1, "x": 1}], "unknown_field"),
    (SENML, [{"n": "t1/a", "v": 1, "bver": 11}], "unknown_field"),
    (SENML, '[{"n": "t1/a", "bv": 1e308, "v": 1e308}]', "not_finite"),
    (SENML, [{"n": "t1/a", "v": 1, "t": -1e12}], "absurd_time"),
    (EVENT, event(specversion=None), "wrong_type"),
    (EVENT, event(id=""), "wrong_type"),
    (EVENT, event(type=None), "wrong_type"),
    (EVENT, event(time="noon"), "wrong_time"),
    (EVENT, event(data=None), "no_value"),
    (EVENT, event(data_base64="AAAA"), "no_value"),
    (EVENT, event(data=None, data_base64="%"), "wrong_type"),
    (EVENT, event(datacontenttype="text/html"), "unknown_format"),
    (EVENT, event(Extension="x"), "unknown_field"),
]


@pytest.mark.parametrize(("kind", "body", "reason"), WRONG, ids=str)
def test_what_is_wrong_with_a_row_is_named(kind: str, body: Any, reason: str) -> None:
    (found,) = read(kind, body)
    assert isinstance(found, Refused), found
    assert found.reason == reason, found.detail
    assert found.detail.isprintable()


UNREADABLE = [
    (JSON, "", 400),
    (JSON, "{", 400),
    (JSON, '{"source": "t1", "source": "t2", "value": 1}', 400),
    (JSON, '"x"', 400),
    (JSON, '{"source": "t\\ud800", "value": 1}', 400),
    (JSON, "[" * 40 + "]" * 40, 422),
    (JSON, "9" * 41, 422),
    (CSV, 'source,value\nt1,"2', 400),
    (CSV, "value\n1\n", 400),
    (CSV, "source,source,value\n", 400),
    (CSV, "source,time,time_s,value\n", 400),
    (CSV, "source\nt1\n", 400),
    (CSV, "source,value,level\n", 400),
    (CSV, "source,Level %\nt1,2\n", 400),
    (SENML, '{"n": "t1/a", "v": 1}', 400),
    (SENML, '[{"n": "t1/a", "v": 1, "geo_": 1}]', 400),
    (SENML, "[1]", 400),
    (BATCH, "{}", 400),
    ("application/xml", "<a/>", 415),
    ("", "{}", 415),
]


def test_what_was_sent_is_said_again_as_it_was_sent() -> None:
    """By the words of JSON, whoever reads them: who sends knows no ``True`` and ``None``."""
    sent = {
        "true": True, "null": None, '[true, "độ"]': [True, "độ"], '{"a": null}': {"a": None},
        '["\\u202e"]': ["\u202e"],
    }  # fmt: skip
    rows = read(JSON, [{"source": "t1", "value": value} for value in sent.values()])
    assert [one.detail.rpartition("not ")[2] for one in rows if isinstance(one, Refused)] == [*sent]
    for kind in (JSON, CSV):
        with pytest.raises(ProblemError, match="it is empty"):
            read(kind, " ")


def test_a_whole_surrogate_pair_is_text() -> None:
    assert one(JSON, '{"source": "t\\ud83d\\ude00", "value": 1}').source == "t😀"


@pytest.mark.parametrize(("kind", "body", "status"), UNREADABLE)
def test_what_cannot_be_read_is_refused_as_a_whole(kind: str, body: str, status: int) -> None:
    with pytest.raises(ProblemError) as refused:
        read(kind, body)
    assert refused.value.status == status


@pytest.mark.parametrize(
    ("value", "given", "wanted", "found"),
    [
        (20, "°C", "°C", 20),
        (68, "°F", "°C", 20),
        (293.15, "K", "°C", 20),
        (20, "Cel", "°F", 68),
        (250, "cm", "m", 2.5),
        (10, "m/s", "km/h", 36),
        (0.5, "/", "%", 50),
        (55, "%RH", "%", 55),
        (1013.25, "hPa", "Pa", 101325),
        (3, "µg/m³", "ug/m3", 3),
        (12, "vehicles/h", "vehicles/h", 12),
    ],
)
def test_a_value_is_made_one_of_the_feeds_unit(
    value: float, given: str, wanted: str, found: float
) -> None:
    assert converted(value, given, Words(wanted, wanted)) == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize(("given", "wanted"), [("°C", "m"), ("furlong", "m"), ("m", "furlong")])
def test_what_measures_something_else_is_not_converted(given: str, wanted: str) -> None:
    with pytest.raises(UnitError):
        converted(1, given, Words(wanted, wanted))
