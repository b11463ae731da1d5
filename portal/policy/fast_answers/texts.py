"""What is known of one person as JSON, by name: it fills the holes of digests and answers alike.

A fact's name begins with a point and those of `hole` with a colon, so that none is a column's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from django.contrib.postgres.fields import ArrayField

from portal.policy.facts import FACTS
from portal.policy.fast_answers.templates import canonical_json, compact_json, text_json, text_list_json
from portal.policy.terms import DAY

HOLDS: Mapping[bool | None, bytes] = {True: b"true", False: b"false", None: b"null"}
# In the canonical form of jsonb, of which digests are taken.
CANONICAL = {name: f".{name}" for name in FACTS}
# As programs are sent it: a list has no blanks there, everything else is the same in both.
_LISTS = {name: f".{name}." for name, field in FACTS.items() if isinstance(field, ArrayField)}
DAY_SENT = f".{DAY}"
SENT = CANONICAL | _LISTS | {DAY: DAY_SENT}
_UNKNOWN = dict.fromkeys([*CANONICAL.values(), *_LISTS.values()], b"null")


@cache
def hole(what: str, benefit: str) -> str:
    """The name of what differs in the answers of one benefit."""
    return f":{what}:{benefit}"


def texts_of(
    facts: Mapping[str, Any], columns: Iterable[str], truths: Iterable[bool | None]
) -> dict[str, bytes]:
    """Of canonical facts, and of columns that are true, false or unknown."""
    texts = dict(_UNKNOWN)
    for name, value in facts.items():
        texts[CANONICAL[name]] = _WRITE[type(value)](value)
    for name, sent in _LISTS.items():
        if (value := facts.get(name)) is not None:
            texts[sent] = text_list_json(value).encode()
    texts.update(zip(columns, map(HOLDS.__getitem__, truths), strict=True))
    return texts


# An encoder takes many times as long over what is no list and no object. `type` tells what is true from what is 1.
_WRITE: Mapping[type, Callable[[Any], bytes]] = {
    str: lambda value: text_json(value).encode(),
    bool: HOLDS.__getitem__,
    int: b"%d".__mod__,
    float: lambda value: compact_json(value).encode(),
    list: lambda value: canonical_json(value).encode(),
    type(None): HOLDS.__getitem__,
}
