"""The console is built on the types of the API as it is, and those say all that is sent."""

from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from pydantic import BaseModel

from services.alerts.transitions import AlertEvent, TransitionKind
from services.api.routes.configuration import CameraBody, RuleBody, ZoneBody
from services.api.typescript import UnknownSchemaError, description, module, ranks
from streams.events import Rule, Source, Zone

WRITTEN = Path(__file__).parents[2] / "services/console/src/api-types.ts"


def test_the_types_are_not_stale() -> None:
    fresh = module(description()) + ranks()
    assert WRITTEN.read_text(encoding="utf-8") == fresh, "run `npm run types` in services/console"


def test_every_answer_in_json_has_a_model() -> None:
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            for status in operation["responses"].values():
                for name, media in status.get("content", {}).items():
                    if (schema := media.get("schema")) and "json" in name:
                        assert "$ref" in schema.get("items", schema), (
                            f"{method} {path}: no model: declare a pydantic body for what it"
                            " answers, then `npm run types` in services/console"
                        )


@pytest.mark.parametrize(
    ("body", "event", "more"),
    [
        (CameraBody, Source, {"fps", "loop", "verified", "zones"}),
        (ZoneBody, Zone, set()),
        (RuleBody, Rule, set()),
    ],
)
def test_what_is_configured_is_sent_whole(
    body: type[BaseModel], event: type[msgspec.Struct], more: set[str]
) -> None:
    assert set(body.model_fields) == set(event.__struct_fields__) | more


def test_every_kind_of_transition_is_named() -> None:
    assert {event.__struct_config__.tag for event in get_args(AlertEvent)} == set(
        get_args(TransitionKind)
    )


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer"}, "number"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        ({"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}, '("a" | "b")[]'),
        ({"type": "array", "prefixItems": [{"type": "number"}] * 2}, "[number, number]"),
        ({"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Up"}},
         "Record<string, Up>"),
        ({"type": "object", "additionalProperties": True}, "Record<string, unknown>"),
    ],
)  # fmt: skip
def test_schemas_become_types(schema: dict[str, Any], expected: str) -> None:
    thing = {"properties": {"one": schema, "two": schema}, "required": ["one"]}
    text = module({"components": {"schemas": {"Thing": thing}}})
    assert f"  one: {expected};\n  two?: {expected};\n" in text


def test_a_choice_has_a_name_of_its_own() -> None:
    chosen = {"enum": ["a", "b"], "type": "string", "description": "One of two."}
    text = module({"components": {"schemas": {"Choice": chosen}}})
    assert text.endswith('\n/** One of two. */\nexport type Choice = "a" | "b";\n')


def test_a_schema_that_is_not_known_is_refused() -> None:
    thing = {"properties": {"one": {"not": {}}}}
    with pytest.raises(UnknownSchemaError):
        module({"components": {"schemas": {"Thing": thing}}})
