"""The terms in which shapes of requests and answers are described, in JSON Schema as OpenAPI has it."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def object_schema(properties: Schema, *, optional: tuple[str, ...] = (), **more: Any) -> Schema:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
        **more,
    }


def text_list(description: str, **items: Any) -> Schema:
    return {"type": "array", "items": {"type": "string", **items}, "description": description}


def text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def day(description: str) -> Schema:
    return text(description, format="date", nullable=True)
