"""What is decided about: kinds of subject, each with its facts and the relation that gathers them.

A programme registers its kinds when the application starts. The executor, the evidence, deriving again and what-if
are the same for all: only what stands in FROM differs.

    CERTIFICATE = register_subject(SubjectKind("certificate", "技能证书", PERSON, gather_certificates))
    determine_subjects(CERTIFICATE.code, [credential.pk], on=today, benefits=["training.skill-upgrade"])
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from portal.policy.determine import decide, determine, foresee_determinations
from portal.policy.facts import FactModel
from portal.policy.models import Determination
from portal.policy.sets import Relation

# The facts of these subjects on a day: those that are verified, or everything recorded.
Gather = Callable[[Collection[int], dt.date, bool], Relation]


@dataclass(frozen=True)
class SubjectKind:
    """`code` stands with whatever is kept about such a subject; `gather` draws the facts of those numbered."""

    code: str
    label: str
    facts: FactModel
    gather: Gather


_KINDS: dict[str, SubjectKind] = {}


def register_subject(kind: SubjectKind) -> SubjectKind:
    """Make a kind of subject known. ValueError when another one has its code."""
    if _KINDS.setdefault(kind.code, kind) is not kind:
        raise ValueError(f"two kinds of subject are called {kind.code}")
    return kind


def subject_kind(code: str) -> SubjectKind:
    """KeyError for a kind that nobody registered."""
    return _KINDS[code]


def determine_subjects(
    kind: str,
    numbers: Collection[int],
    *,
    on: dt.date,
    benefits: Iterable[str],
    verified: bool = True,
) -> dict[tuple[int, str], Determination]:
    """Decide these benefits of every subject, keep the evidence, and give it by (number, benefit).

    A number that stands for nothing any more (merged away, entered by mistake) is not among them.
    """
    relation = subject_kind(kind).gather(numbers, on, verified)
    batch = determine(relation, on, benefits, subject_type=kind)
    written = Determination.objects.filter(batch=batch.number).select_related("rule_version")
    decided = {}
    for determination in written:
        if determination.subject_id is not None:
            decided[determination.subject_id, determination.benefit] = determination
    return decided


def decide_subjects(
    kind: str,
    numbers: Collection[int],
    *,
    on: dt.date,
    benefits: Iterable[str],
    verified: bool = True,
) -> dict[tuple[int, str], Determination]:
    """Decide the same of every subject, to be kept in the same transaction where something comes to rest on it
    (portal.policy.determine.keep).
    """
    relation = subject_kind(kind).gather(numbers, on, verified)
    decided = {}
    for determination in decide(relation, on, benefits, subject_type=kind):
        if determination.subject_id is not None:
            decided[determination.subject_id, determination.benefit] = determination
    return decided


def foresee_subjects(
    kind: str,
    numbers: Collection[int],
    *,
    on: dt.date,
    benefits: Iterable[str],
    verified: bool = True,
) -> dict[tuple[int, str], Determination]:
    """What would be determined of these subjects, to look at before anything is done. Nothing is kept."""
    relation = subject_kind(kind).gather(numbers, on, verified)
    foreseen = {}
    for determination in foresee_determinations(relation, on, benefits, subject_type=kind):
        if determination.subject_id is not None:
            foreseen[determination.subject_id, determination.benefit] = determination
    return foreseen


def foresee_subject(
    kind: str, number: int, *, on: dt.date, benefit: str, verified: bool = True
) -> Determination | None:
    """The same of one; None when it stands for nothing on the day."""
    return foresee_subjects(kind, [number], on=on, benefits=[benefit], verified=verified).get(
        (number, benefit)
    )
