"""Asks a service all that its description (OpenAPI) allows and forbids, and says where an answer
is not as described.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""Not whether what the description allows is done: a name may be taken, and an id nobody's."""
EDGES = 0.6
"""Of the time: for the edges of the description, at most …"""
LEAST = 3
"""… after so many of each route, however slow the machine is."""
PROBLEM = "application/problem+json"


class Asked(NamedTuple):
    faults: list[str]
    """One line each, every sort of fault of a route once."""
    counts: dict[str, int]
    """Requests, by method and path."""


def ask_all(
    address: str,
    headers: Callable[[], Mapping[str, str]],
    *,
    seconds: float,
    examples: int,
    passed_over: frozenset[str] = frozenset(),
    known: Callable[[str], Mapping[str, str]] = lambda _path: {},
) -> Asked:
    """Asks every route: what lies on the edges of its description, then what hypothesis invents.

    Args:
        headers: for each request anew, as one may sign out whoever asks.
        seconds: for all of it; what is left to ask by then is passed over, of every route the last.
        examples: to invent for each route, half of them against its description.
        passed_over: paths.
        known: by path, values of its parameters that exist; every other request has them.
    """
    session, deadline = requests.Session(), time.monotonic() + seconds
    faults: dict[tuple[str, str], str] = {}
    counts: dict[str, int] = {}

    def ask(case: Case) -> None:
        label = case.operation.label
        counts[label] = counts.get(label, 0) + 1
        if counts[label] % 2:
            names = case.path_parameters or {}
            there = known(case.operation.path)
            case.path_parameters = {**names, **{n: there[n] for n in names if n in there}}
        answer = case.call(session=session, headers=dict(headers()), timeout=30)
        for sort, said in _faults(case, answer):
            faults.setdefault((label, sort), f"{label}: {said}: {case.as_curl_command()[:400]}")

    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    operations = [one for one in operations if one.path not in passed_over]
    edges = [
        schema.iter_coverage_cases(
            operation,
            generation_modes=list(GenerationMode),
            generation_config=schema.config.generation_for(operation=operation),
        )
        for operation in operations
    ]
    for turn, case in _in_turn(edges):
        if turn >= LEAST and time.monotonic() > deadline - seconds * (1 - EDGES):
            break
        ask(case)
    for operation in operations:
        for mode in GenerationMode if time.monotonic() < deadline else ():
            _invent(operation.as_strategy(generation_mode=mode), ask, examples // 2, deadline)
    session.close()
    return Asked([faults[key] for key in sorted(faults)], counts)


def _in_turn(several: list[Iterator[Case]]) -> Iterator[tuple[int, Case]]:
    """The first of each, then the second of each that has one, and so on; with its turn, from 0."""
    for turn in count():
        if not several:
            return
        left = []
        for one in several:
            found = next(one, None)
            if found is not None:
                yield turn, found
                left.append(one)
        several = left


def _invent(cases: Any, ask: Callable[[Case], None], examples: int, deadline: float) -> None:
    @settings_of_hypothesis(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def invented(case: Case) -> None:
        if time.monotonic() < deadline:
            ask(case)

    try:
        invented()
    except Unsatisfiable:
        return  # a route without parameters can be asked for nothing that is wrong


def _is_page(case: Case, answer: Any) -> bool:
    """Whether it is HTML, for people who are not signed in, and is described as that."""
    told = case.operation.definition.raw["responses"].get(str(answer.status_code), {})
    said = answer.headers.get("content-type", [""])
    return "text/html" in told.get("content", {}) and str(said[0]).startswith("text/html")


def _faults(case: Case, answer: Any) -> Iterator[tuple[str, str]]:
    """Sort and words of each."""
    status, said = answer.status_code, answer.text[:200]
    if status == 500 or (status >= 500 and _problem(answer).get("reason") != "no_gateway"):
        yield "fault", f"{status} {said}"
    if status >= 400 and not _problem(answer) and not _is_page(case, answer):
        yield "no problem document", f"{status}, which is no problem document: {said}"
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as found:
        for one in found.exceptions:
            yield type(one).__name__, f"{status} {str(one).splitlines()[0]}: {said}"
    except Failure as one:
        yield type(one).__name__, f"{status} {str(one).splitlines()[0]}: {said}"


def _problem(answer: Any) -> dict[str, Any]:
    """As RFC 9457 has it; empty: it is none."""
    if answer.headers.get("content-type") != [PROBLEM]:
        return {}
    found = answer.json()
    whole = {"type", "title", "status", "detail", "reason"} <= found.keys()
    return found if whole and found["status"] == answer.status_code else {}
