"""The description of the API as pages that need no script: every operation, what it takes and what it gives. A page tells
one part of the API, so that none is long to load.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView

from portal.api.description import PARTS, REFUSALS, ROOT
from portal.programmes import programmes

Schema = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One parameter or field: its name, what type it has, what it means, whether it must be there."""

    name: str
    kind: str
    said: str
    required: bool


@dataclass(frozen=True)
class Operation:
    """One operation of the API."""

    code: str
    method: str
    path: str
    summary: str
    said: str
    needs_account: bool
    parameters: list[Line]
    body: list[Line]
    fields: list[Line]
    # An operation above this one that answers with the same object, whose fields are told there.
    same_as: str
    # Every status, and of those that mean something of their own here what they mean.
    statuses: str
    meanings: list[tuple[str, str]]
    example: str


_making = threading.Lock()


@lru_cache(maxsize=1)
def _made() -> Schema:
    return SchemaGenerator().get_schema(request=None, public=True)


def schema() -> Schema:
    """The description, made once in each process: its generator cannot be asked twice at a time."""
    with _making:
        return _made()


class MadeOnce(SchemaGenerator):
    """Gives everybody the description that is made already."""

    def get_schema(self, request: Any = None, public: bool = False) -> Schema:
        return schema()


class Description(SpectacularAPIView):
    generator_class = MadeOnce


@dataclass(frozen=True)
class Part:
    """The operations below one address."""

    code: str
    title: str
    operations: list[Operation]


_CRUMBS = [("首页", "/")]
_TITLE = "数据接口说明"


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """All operations, a line each, and how they refuse."""
    context = {
        "title": _TITLE,
        "crumbs": [*_CRUMBS, (_TITLE, "")],
        "parts": parts(),
        "refusals": REFUSALS,
    }
    return render(request, "api/docs.html", context)


@require_safe
def docs_of_part(request: HttpRequest, code: str) -> HttpResponse:
    """The operations of one part in full."""
    part = next((part for part in parts() if part.code == code), None)
    if part is None:
        raise Http404
    context = {
        "title": f"数据接口：{part.title}",
        "crumbs": [*_CRUMBS, (_TITLE, reverse("api:docs")), (part.title, "")],
        "part": part,
    }
    return render(request, "api/docs_part.html", context)


@lru_cache(maxsize=1)
def parts() -> list[Part]:
    """Read from the same description that programs are given, by the first step of their addresses."""
    described = schema()
    schemas = described["components"]["schemas"]
    found: dict[str, list[Operation]] = {}
    # What the pages of one part need not tell twice: objects whose fields were told already, and where.
    told: dict[str, dict[str, str]] = {}
    for path, methods in described["paths"].items():
        code = path.removeprefix("/api/").partition("/")[0] or ROOT
        for method, operation in methods.items():
            made = _operation(path, method, operation, schemas, told.setdefault(code, {}))
            found.setdefault(code, []).append(made)
    titles = PARTS | {programme.address: str(programme.verbose_name) for programme in programmes()}
    return [Part(code, titles[code], operations) for code, operations in found.items()]


def _operation(path: str, method: str, operation: Schema, schemas: Schema, told: dict[str, str]) -> Operation:
    """`told` are the objects whose fields were told already, and where."""
    body = _content(operation.get("requestBody", {}))
    success: Schema = next((one for code, one in operation["responses"].items() if code.startswith("2")), {})
    answer = _content(success).get("schema", {})
    code = operation["operationId"]
    first = told.setdefault(answer["$ref"], code) if "$ref" in answer else code
    return Operation(
        code=code,
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        said=_in_chinese(operation.get("description", "")),
        needs_account={} not in operation.get("security", [{}]),
        parameters=[_parameter(one) for one in operation.get("parameters", [])],
        body=_fields(body.get("schema", {}), schemas),
        fields=_fields(answer, schemas, told=told, code=code) if first == code else [],
        same_as="" if first == code else first,
        statuses="、".join(sorted(operation["responses"])),
        meanings=[
            (status, one["description"])
            for status, one in sorted(operation["responses"].items())
            if one.get("description") and REFUSALS.get(status) != one["description"]
        ],
        example=_example(body),
    )


def _in_chinese(text: str) -> str:
    """What is written for readers of the page; notes for those who read the code are left out."""
    return text if re.search(r"[\u4e00-\u9fff]", text) else ""


def _content(part: Schema) -> Schema:
    content: Schema = part.get("content", {}).get("application/json", {})
    return content


def _example(body: Schema) -> str:
    for one in body.get("examples", {}).values():
        return json.dumps(one["value"], ensure_ascii=False, indent=2)
    return ""


def _parameter(parameter: Schema) -> Line:
    return Line(
        parameter["name"],
        _kind(parameter.get("schema", {})),
        parameter.get("description", ""),
        parameter.get("required", False),
    )


def _fields(
    schema: Schema,
    schemas: Schema,
    before: str = "",
    deep: int = 0,
    *,
    told: dict[str, str] | None = None,
    code: str = "",
) -> list[Line]:
    """The fields of an object and, behind points, of the objects in it; of those that an operation above has `told`, where."""
    schema = _resolved(schema, schemas)
    if schema.get("type") == "array":
        return _fields(schema.get("items", {}), schemas, before + "[]", deep, told=told, code=code)
    lines = []
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        inner = _resolved(field, schemas)
        full = f"{before}.{name}" if before else name
        said = _in_chinese(field.get("description") or inner.get("description", ""))
        first = _first_told(field, inner, told, code)
        elsewhere = f"各项见{first}" if first != code else ""
        lines.append(Line(full, _kind(inner), "；".join(filter(None, (said, elsewhere))), name in required))
        if elsewhere:
            continue
        if deep < 4 and name != "facts":
            lines += _fields(inner, schemas, full, deep + 1, told=told, code=code)
        elif name == "facts":
            lines += _fields(inner, schemas, full, 9, told=told, code=code)
    return lines


def _first_told(field: Schema, inner: Schema, told: dict[str, str] | None, code: str) -> str:
    """The operation that tells the fields of an object, or of the objects of a list, first: this one, if none did yet."""
    ref = _ref_of(field) or _ref_of(inner.get("items", {}))
    if told is None or not ref:
        return code
    return told.setdefault(ref, code)


def _ref_of(schema: Schema) -> str:
    """The name of the object that a field is, if it has one."""
    parts = [schema, *schema.get("allOf", []), *schema.get("oneOf", [])]
    return next((str(part["$ref"]) for part in parts if "$ref" in part), "")


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    ref = _ref_of(schema)
    if ref:
        resolved: Schema = schemas[ref.rsplit("/", 1)[1]]
        return resolved
    return schema


_KINDS = {
    "string": "文字",
    "integer": "整数",
    "number": "数字",
    "boolean": "是或否",
    "array": "列表",
    "object": "对象",
}


def _kind(schema: Schema) -> str:
    if schema.get("format") == "date":
        return "日期"
    kind = _KINDS.get(schema.get("type", ""), "")
    return f"{kind}，可为 null" if schema.get("nullable") else kind
