"""JSON text that is the same for everybody but for a few holes, made once as a %-template.

In the form programs are sent (nothing between, keys as written), or in the canonical form of PostgreSQL's
`jsonb`, over which digests are taken (`, ` and `: ` between, keys by length and then by bytes).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

# One of each for all: json.dumps with these settings makes a new one each time.
compact_json: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
canonical_json: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False).encode
_CONSTANTS = {None: "null", True: "true", False: "false"}


def plain_json(value: Any, encode: Callable[[Any], str] = compact_json) -> str:
    """As `encode` writes it: an encoder takes many times as long over anything but a text."""
    kind = type(value)
    if kind is bool or value is None:
        return _CONSTANTS[value]
    if kind is int:
        return repr(value)
    return encode(value) if value or kind is not list else "[]"


def text_list_json(texts: Iterable[str]) -> str:
    """As `compact_json` writes a list of texts."""
    return "[" + ",".join(map(compact_json, texts)) + "]"


@dataclass(frozen=True)
class Hole:
    """Where the text of that name goes; between quotation marks when it is the inside of a string."""

    name: str
    quoted: bool = False


@dataclass(frozen=True)
class ReadyText:
    """JSON text that was made elsewhere."""

    text: str


@dataclass(frozen=True)
class Template:
    """`fill(texts)` is the JSON text, with the holes filled from the texts by name."""

    text: str
    pick: Callable[[Mapping[str, str]], tuple[str, ...]]

    def fill(self, texts: Mapping[str, str]) -> str:
        return self.text % self.pick(texts)


def build_template(data: Any, *, canonical: bool = False) -> Template:
    """The template of data in which `Hole` and `ReadyText` may stand for any value; at least two holes."""
    names: list[str] = []
    text = _template_text(data, names, canonical=canonical)
    # itemgetter gives no tuple for one name.
    if len(names) < 2:
        raise ValueError(f"{text[:60]}: a template has at least two holes")
    return Template(text, itemgetter(*names))


def _template_text(part: Any, names: list[str], *, canonical: bool) -> str:
    """The text of a part; the names of its holes are added to `names` as they come."""

    def text_of(part: Any) -> str:
        return _template_text(part, names, canonical=canonical)

    comma, colon = (", ", ": ") if canonical else (",", ":")
    if isinstance(part, Hole):
        names.append(part.name)
        return '"%s"' if part.quoted else "%s"
    if isinstance(part, ReadyText):
        return part.text.replace("%", "%%")
    if isinstance(part, Mapping):
        keys = sorted(part, key=_in_order_of_jsonb) if canonical else part
        return "{" + comma.join(f"{text_of(key)}{colon}{text_of(part[key])}" for key in keys) + "}"
    if isinstance(part, list | tuple):
        return "[" + comma.join(map(text_of, part)) + "]"
    return compact_json(part).replace("%", "%%")


def canonical_json_object(values: Mapping[str, str]) -> str:
    """The canonical text of an object, from the texts of its values."""
    keys = sorted(values, key=_in_order_of_jsonb)
    return "{" + ", ".join(f"{canonical_json(key)}: {values[key]}" for key in keys) + "}"


def _in_order_of_jsonb(key: str) -> tuple[int, bytes]:
    name = key.encode()
    return len(name), name
