"""JSON text that is the same for everybody but for a few holes, cut once into the pieces between them.

As bytes, as it is sent and as digests are taken of it: putting pieces together takes a quarter of formatting
text and encoding it. In the form programs are sent (nothing between, keys as written), or in the canonical form of PostgreSQL's
`jsonb`, over which digests are taken (`, ` and `: ` between, keys by length and then by bytes).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any

# One of each for all: json.dumps with these settings makes a new one each time.
compact_json: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
canonical_json: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False).encode
# What both make of a text.
text_json: Callable[[str], str] = encode_basestring
_CONSTANTS = {None: "null", True: "true", False: "false"}


def plain_json(value: Any, encode: Callable[[Any], str] = compact_json) -> str:
    """As `encode` writes it: an encoder takes many times as long over what is no list and no object."""
    kind = type(value)
    if kind is str:
        return text_json(value)
    if kind is bool or value is None:
        return _CONSTANTS[value]
    if kind is int:
        return repr(value)
    return encode(value) if value or kind is not list else "[]"


def text_list_json(texts: Iterable[str]) -> str:
    """As `compact_json` writes a list of texts."""
    return "[" + ",".join(map(text_json, texts)) + "]"


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

    # What stands fast, with an empty place for each hole in between.
    pieces: tuple[bytes, ...]
    pick: Callable[[Mapping[str, bytes]], tuple[bytes, ...]]
    names: tuple[str, ...]

    def fill(self, texts: Mapping[str, bytes]) -> bytes:
        pieces = [*self.pieces]
        pieces[1::2] = self.pick(texts)
        return b"".join(pieces)


@dataclass(frozen=True)
class JoinedTemplates:
    """`fill_each(texts)` are the texts of several templates; what fills their holes is looked up at once."""

    pieces: tuple[bytes, ...]
    pick: Callable[[Mapping[str, bytes]], tuple[bytes, ...]]
    places: tuple[slice, ...]

    def fill_each(self, texts: Mapping[str, bytes]) -> list[bytes]:
        pieces = [*self.pieces]
        pieces[1::2] = self.pick(texts)
        return [b"".join(pieces[place]) for place in self.places]


def join_templates(templates: Iterable[Template], any_hole: str) -> JoinedTemplates:
    """A hole is filled between two templates as well, with whatever: so that every second piece is one."""
    pieces: list[bytes] = []
    names: list[str] = []
    places = []
    for template in templates:
        if pieces:
            pieces.append(b"")
            names.append(any_hole)
        places.append(slice(len(pieces), len(pieces) + len(template.pieces)))
        pieces += template.pieces
        names += template.names
    return JoinedTemplates(tuple(pieces), itemgetter(*names), tuple(places))


def build_template(data: Any, *, canonical: bool = False) -> Template:
    """The template of data in which `Hole` and `ReadyText` may stand for any value; at least two holes."""
    parts = list(_parts_of(data, canonical=canonical))
    names = [part.name for part in parts if isinstance(part, Hole)]
    # itemgetter gives no tuple for one name.
    if len(names) < 2:
        raise ValueError(f"{str(data)[:60]}: a template has at least two holes")
    pieces = [""]
    for part in parts:
        if isinstance(part, Hole):
            pieces += ["", ""]
        else:
            pieces[-1] += part
    return Template(tuple(_shared(piece.encode()) for piece in pieces), itemgetter(*names), tuple(names))


@lru_cache(maxsize=16384)
def _shared(piece: bytes) -> bytes:
    """The same object for the same piece: the law of another day says almost all of it in the same words, and what lies
    in memory once is found in the processor's cache more often.
    """
    return piece


def _parts_of(data: Any, *, canonical: bool) -> Iterator[str | Hole]:
    """Text and holes as they follow one another."""
    comma, colon = (", ", ": ") if canonical else (",", ":")
    if isinstance(data, Hole):
        yield from ('"', data, '"') if data.quoted else (data,)
    elif isinstance(data, ReadyText):
        yield data.text
    elif isinstance(data, Mapping):
        keys = sorted(data, key=_in_order_of_jsonb) if canonical else data
        yield "{"
        for place, key in enumerate(keys):
            yield f"{comma if place else ''}{compact_json(key)}{colon}"
            yield from _parts_of(data[key], canonical=canonical)
        yield "}"
    elif isinstance(data, list | tuple):
        yield "["
        for place, item in enumerate(data):
            yield comma if place else ""
            yield from _parts_of(item, canonical=canonical)
        yield "]"
    else:
        yield compact_json(data)


def canonical_json_object(values: Mapping[str, str]) -> str:
    """The canonical text of an object, from the texts of its values."""
    keys = sorted(values, key=_in_order_of_jsonb)
    return "{" + ", ".join(f"{canonical_json(key)}: {values[key]}" for key in keys) + "}"


def _in_order_of_jsonb(key: str) -> tuple[int, bytes]:
    name = key.encode()
    return len(name), name
