"""Proposing everybody whom clause 一 includes for a verified recognition, found in sets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from portal import locks
from portal.accounts.access import require
from portal.cases.actions import NewCase, NotNow, open_cases
from portal.cases.models import Case
from portal.cases.workflow import Duty
from portal.policy.models import Determination
from portal.reasons import reason_in
from portal.workforce.facts import honour_in_force
from portal.workforce.merged import records_of
from portal.workforce.merged_tables import in_one
from portal.workforce.models import Honour, MergedPerson
from talent_registry import benefits
from talent_registry.models import Basis, InclusionProposal, RegistryEntry
from talent_registry.workflow import DIRECT_INCLUSION

# Workers of one transaction: long enough that the statements are shared, short enough that a kill repeats
# little.
_TOGETHER = 500
_LOCK = "registry.propose"

# Verified recognitions of the listed kinds in force on the day, of workers neither on the registry nor
# proposed, the weightiest one of each worker. One that was declined, or that was behind an entry since
# removed, does not come back by itself.
_IN_FORCE = honour_in_force("h", on="%(on)s", year="extract(year FROM %(on)s::date)")
_CANDIDATES = f"""
SELECT DISTINCT ON (h.worker_id) h.worker_id, h.id, t.category
FROM workforce_honour h JOIN workforce_honourtype t ON t.code = h.type_id
WHERE {_IN_FORCE}
  AND (t.category <> 'honour' OR h.type_id = ANY(%(codes)s))
  AND h.worker_id > %(after)s AND (%(workers)s::bigint[] IS NULL OR h.worker_id = ANY(%(workers)s))
  AND (%(honour)s::bigint IS NULL OR h.id = %(honour)s)
  AND NOT EXISTS (
        SELECT 1 FROM talent_registry_registryentry e
        WHERE e.worker_id = h.worker_id AND e.status <> 'removed')
  AND NOT EXISTS (
        SELECT 1 FROM talent_registry_inclusionproposal p
        WHERE p.worker_id = h.worker_id AND p.settled_on IS NULL)
  AND (%(again)s OR NOT EXISTS (
        SELECT 1 FROM talent_registry_inclusionproposal p JOIN cases_case c ON c.id = p.case_id
        WHERE p.honour_id = h.id AND c.state IN ('declined', 'confirmed')))
ORDER BY h.worker_id, array_position(ARRAY['honour', 'special_allowance', 'scarce_talent'], t.category::text),
         array_position(ARRAY['national', 'autonomous_region'], t.grade::text) NULLS LAST, h.year DESC, h.id
LIMIT %(limit)s
"""  # noqa: S608  the condition is a constant


def _candidates_sql() -> str:
    """The question, in which merged people are one where any were merged."""
    if not MergedPerson.objects.exists():
        return _CANDIDATES
    tables = in_one(
        "workforce_honour", *(model._meta.db_table for model in (RegistryEntry, InclusionProposal))
    )
    return f"WITH {tables} {_CANDIDATES}"


@dataclass(frozen=True)
class _Candidate:
    worker_id: int
    honour_id: int
    basis: Basis


def _candidates(
    on: date, *, workers: Sequence[int] | None, after: int = 0, honour: int | None = None, again: bool = False
) -> list[_Candidate]:
    with connection.cursor() as cursor:
        cursor.execute(
            _candidates_sql(),
            {
                "codes": benefits.inclusion_honours(on),
                "on": on,
                "after": after,
                "honour": honour,
                "again": again,
                "workers": list(workers) if workers is not None else None,
                "limit": _TOGETHER,
            },
        )
        rows = cursor.fetchall()
    return [_Candidate(worker_id, honour_id, Basis(category)) for worker_id, honour_id, category in rows]


def propose(worker_ids: Collection[int] | None = None, *, by: Any, on: date) -> list[Case]:
    """Open a case for everybody, or for those of the given workers, who is to be included and is not yet.

    `by` is None for the system (import, verification, daily job). Running it twice, or twice at once,
    proposes nobody twice. Each few hundred workers are committed on their own unless the caller holds a
    transaction: a kill repeats little. Raises Refused when `by` may not propose in the region of one of the
    workers.
    """
    workers = sorted(set(worker_ids)) if worker_ids is not None else None
    opened: list[Case] = []
    after = 0
    while True:
        with transaction.atomic():
            locks.hold(_LOCK)
            candidates = _candidates(on, after=after, workers=workers)
            opened += _open_cases(candidates, by=by, on=on)
        if len(candidates) < _TOGETHER:
            return opened
        after = candidates[-1].worker_id


@transaction.atomic
def propose_again(honour_id: int, *, by: Any, on: date, reason: str) -> Case:
    """Open a case for a recognition that was declined, or that was behind a removed entry.

    A person decides that, and says why. Raises Refused, or NotNow when there is nothing to propose.
    """
    if not reason_in(reason):
        raise NotNow("再次提出纳入建议须写明理由。")
    locks.hold(_LOCK)
    honour = Honour.objects.select_related("worker").get(pk=honour_id)
    require(by, "registry.propose", honour.worker.work_region_id)
    candidates = _candidates(on, workers=records_of(honour.worker_id)[:1], honour=honour.pk, again=True)
    cases = _open_cases(candidates, by=by, on=on, reason=reason.strip())
    if not cases:
        raise NotNow(
            "不能提出：该荣誉未经核实或不属于直接纳入的荣誉，或者本人已在名录中、已有正在办理的建议。"
        )
    return cases[0]


def _open_cases(candidates: Sequence[_Candidate], *, by: Any, on: date, reason: str = "") -> list[Case]:
    """Cases and proposals for the candidates whom the benefit includes by their own recognition."""
    if not candidates:
        return []
    determined = benefits.determine([candidate.worker_id for candidate in candidates], on=on)
    entitled = [candidate for candidate in candidates if _is_entitled(candidate, determined)]
    honours = Honour.objects.select_related("worker", "type")
    honour_of = honours.in_bulk([candidate.honour_id for candidate in entitled])
    if by is not None:
        for region in {honour.worker.work_region_id for honour in honour_of.values()}:
            require(by, "registry.propose", region)
    new_cases = []
    for candidate in entitled:
        honour = honour_of[candidate.honour_id]
        new_cases.append(_new_case(honour, candidate.worker_id, determined[candidate.worker_id].pk))
    cases = open_cases(DIRECT_INCLUSION, new_cases, by=by, on=on, reason=reason)
    proposals = []
    for case, candidate in zip(cases, entitled, strict=True):
        proposals.append(
            InclusionProposal(
                case=case,
                worker_id=candidate.worker_id,
                basis=candidate.basis,
                honour_id=candidate.honour_id,
                determination=determined[candidate.worker_id],
                proposed_on=on,
            )
        )
    InclusionProposal.objects.bulk_create(proposals)
    return cases


def _is_entitled(candidate: _Candidate, determined: Mapping[int, Determination]) -> bool:
    determination = determined.get(candidate.worker_id)
    return determination is not None and benefits.holds_by(determination, candidate.basis)


def _new_case(honour: Honour, worker_id: int, determination_id: int) -> NewCase:
    """Who wrote the honour down has prepared the case, who verified it has reviewed it: neither confirms."""
    duties = {Duty.PREPARE: honour.recorded_by_id, Duty.REVIEW: honour.verified_by_id}
    return NewCase(
        region_id=honour.worker.work_region_id,
        worker_id=worker_id,
        subject=f"{honour.type.name}（{honour.year}年）",
        duties={duty: person for duty, person in duties.items() if person is not None},
        detail={"honour": honour.pk, "determination": determination_id},
    )
