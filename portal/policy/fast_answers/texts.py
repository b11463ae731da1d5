"""What is known of one person as JSON, by name: it fills the holes of digests and answers alike.

A fact's name begins with a point and those of `hole` with a colon, so that none is a column's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField

from portal.policy.facts import FactModel
from portal.policy.fast_answers.templates import canonical_json, compact_json, text_json, text_list_json
from portal.policy.terms import DAY

HOLDS: Mapping[bool | None, bytes] = {True: b"true", False: b"false", None: b"null"}
DAY_SENT = f".{DAY}"


class FactNames(NamedTuple):
    """The names of a kind's facts: in the canonical form of jsonb, of which digests are taken, and as programs are
    sent them. A list has no blanks there, everything else is the same in both.
    """

    canonical: Mapping[str, str]
    lists: Mapping[str, str]
    unknown: Mapping[str, bytes]

    def sent(self, fact: str) -> str:
        return self.lists.get(fact) or self.canonical[fact]


@cache
def fact_names(model: FactModel) -> FactNames:
    canonical = {name: f".{name}" for name in model.fields}
    lists = {name: f".{name}." for name, field in model.fields.items() if isinstance(field, ArrayField)}
    return FactNames(canonical, lists, dict.fromkeys([*canonical.values(), *lists.values()], b"null"))


@cache
def hole(what: str, benefit: str) -> str:
    """The name of what differs in the answers of one benefit."""
    return f":{what}:{benefit}"


def texts_of(
    facts: Mapping[str, Any], model: FactModel, columns: Iterable[str], truths: Iterable[bool | None]
) -> dict[str, bytes]:
    """Of canonical facts, and of columns that are true, false or unknown."""
    names = fact_names(model)
    texts = dict(names.unknown)
    for fact, value in facts.items():
        texts[names.canonical[fact]] = _WRITE[type(value)](value)
    for fact, name in names.lists.items():
        if (value := facts.get(fact)) is not None:
            texts[name] = text_list_json(value).encode()
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
