"""The console's types: what the API takes and sends, from its OpenAPI description.

``python -m services.api.typescript FILE`` writes them (``npm run types`` in ``services/console``);
no server and no database are needed. What is written depends on the routes' models, and on the
order of the severities, which a description in OpenAPI cannot tell.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.api.app import create_app
from streams.events import SEVERITIES
from streams.settings import Settings

HEADER = "// Written by `npm run types` from the API's description; change services/api instead.\n"
REFERENCE = "#/components/schemas/"
FOREIGN = ("HTTPValidationError", "ValidationError")
"""FastAPI's own, which our API never sends: its errors are ``ProblemBody``."""
_PLAIN = {
    "boolean": "boolean",
    "integer": "number",
    "null": "null",
    "number": "number",
    "string": "string",
}


class UnknownSchemaError(ValueError):
    """A schema that has no type here yet."""


def description() -> dict[str, Any]:
    """The API's OpenAPI description, of an app that is never started."""
    settings = Settings(state_dir=Path("absent"), database_url="postgresql://")
    whole: dict[str, Any] = create_app(settings).openapi()
    return whole


def module(described: dict[str, Any]) -> str:
    """A TypeScript module with one type for each schema of an OpenAPI description.

    Raises:
        UnknownSchemaError
    """
    schemas = described["components"]["schemas"]
    written = [_named(name, schemas[name]) for name in sorted(schemas) if name not in FOREIGN]
    return HEADER + "".join(written)


def ranks() -> str:
    """The severities as a TypeScript constant; alerts and lists are ranked by it."""
    listed = ", ".join(json.dumps(severity) for severity in SEVERITIES)
    return f"\n/** From least to most. */\nexport const SEVERITIES = [{listed}] as const;\n"


def _named(name: str, schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return (
            "\n"
            + "\n".join([*_comment(schema, ""), f"export type {name} = {_type(schema)};"])
            + "\n"
        )
    lines = [*_comment(schema, ""), f"export interface {name} {{"]
    required = schema.get("required", [])
    for key, inner in schema.get("properties", {}).items():
        lines += _comment(inner, "  ")
        lines.append(f"  {key}{'' if key in required else '?'}: {_type(inner)};")
    return "\n" + "\n".join([*lines, "}"]) + "\n"


def _comment(schema: dict[str, Any], indent: str) -> Iterator[str]:
    text = " ".join(schema.get("description", "").replace("*/", "* /").split())
    if text:
        yield f"{indent}/** {text} */"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REFERENCE)
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return _array(schema)
    if kind == "object" and "properties" not in schema:
        values = schema.get("additionalProperties", True)
        return f"Record<string, {_type(values) if isinstance(values, dict) else 'unknown'}>"
    if kind not in _PLAIN:
        raise UnknownSchemaError(f"no TypeScript type for {json.dumps(schema)}")
    return _PLAIN[kind]


def _array(schema: dict[str, Any]) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(_type(one) for one in schema['prefixItems'])}]"
    inner = _type(schema["items"])
    return f"({inner})[]" if "|" in inner else f"{inner}[]"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(module(description()) + ranks(), encoding="utf-8")
