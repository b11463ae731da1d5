"""The kinds of letters. Each programme registers its own in its `letters.py`; what was issued keeps its
version's template.

A kind with a changed template is registered again with the next version beside the old one: letters that were
issued under version 1 are built from version 1 for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal


class UnknownKind(LookupError):
    """No such kind or version is registered."""


@dataclass(frozen=True)
class Standing:
    """What became since of that which a letter says: told to whoever verifies it, about nobody by name."""

    title: str
    text: str


@dataclass(frozen=True)
class Kind:
    """A kind of letter.

    `needs` names what the template takes from the context: a letter without it is not issued. `public` are
    the facts that the verification page shows to anybody, as (key of the context, label): never a name, a
    number or an employer of a person. `standing` is asked, when a letter is verified, whether what it says still
    stands; it gets the letter.
    """

    code: str
    label: str
    title: str
    template: str
    version: int = 1
    style: Literal["letter", "certificate"] = "letter"
    adverse: bool = False
    needs: tuple[str, ...] = ()
    public: tuple[tuple[str, str], ...] = ()
    standing: Callable[[Any], Standing | None] | None = None


_kinds: dict[str, dict[int, Kind]] = {}


def register(kind: Kind) -> Kind:
    """Adds a kind. Registering another one under the same code and version is an error."""
    registered = _kinds.setdefault(kind.code, {}).setdefault(kind.version, kind)
    if registered != kind:
        raise ValueError(f"{kind.code} version {kind.version} is registered already and differs")
    return kind


def current(code: str) -> Kind:
    """The kind as letters are issued now: its newest version."""
    versions = _kinds.get(code)
    if not versions:
        raise UnknownKind(code)
    return versions[max(versions)]


def get(code: str, version: int) -> Kind:
    """The kind as a letter was issued."""
    try:
        return _kinds[code][version]
    except KeyError as error:
        raise UnknownKind(f"{code} version {version}") from error


def labels() -> dict[str, str]:
    """Code and label of every kind, for filters."""
    return {code: current(code).label for code in sorted(_kinds)}
