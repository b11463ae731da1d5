"""Which kinds of cases take evidence, and on whose word: each programme says so for its own when the
application starts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q


@dataclass(frozen=True)
class EvidenceRule:
    """`permission` lets staff hand in and remove; whose case it is may do so as well. `may_change` is told
    the locked case.

    `readers` gives, for a user, a condition over Evidence: who reads files beyond those who see the case
    (experts of a panel).
    """

    kind: str
    permission: str
    may_change: Callable[[Any], bool]
    readers: Callable[[Any], Q] | None = None


_RULES: dict[str, EvidenceRule] = {}


def register_evidence(
    kind: str,
    *,
    permission: str,
    may_change: Callable[[Any], bool],
    readers: Callable[[Any], Q] | None = None,
) -> None:
    """Let cases of `kind` take evidence. Called once for each kind when the application starts."""
    _RULES[kind] = EvidenceRule(kind, permission, may_change, readers)


def rule_of(kind: str) -> EvidenceRule | None:
    return _RULES.get(kind)


def read_beyond_the_case(user: Any) -> Q:
    """Evidence that programmes open to the user although the case is not."""
    condition = Q(pk__in=[])
    for rule in _RULES.values():
        if rule.readers is not None:
            condition |= Q(case__kind=rule.kind) & rule.readers(user)
    return condition
