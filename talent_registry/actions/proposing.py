"""Proposing: everybody whom clause 一 includes for a verified recognition, found by the one executor in sets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from portal import locks
from portal.accounts.access import require
from portal.cases.actions import NewCase, NotNow, open_cases
from portal.cases.models import Case
from portal.cases.workflow import Duty
from portal.workforce.facts import honour_in_force
from portal.workforce.models import Honour
from talent_registry import benefits
from talent_registry.models import Basis, InclusionProposal
from talent_registry.workflow import DIRECT_INCLUSION

# Workers of one transaction: long enough that the statements are shared, short enough that a kill repeats
# little.
_TOGETHER = 500
_LOCK = "registry.propose"

# Verified recognitions of the listed kinds in force on the day, of workers neither on the registry nor
# proposed, the weightiest one of each worker. One that was declined, or that stood behind an entry since
# removed, does not come back by itself.
_IN_FORCE = honour_in_force("h", on="%(on)s", year="extract(year FROM %(on)s::date)")
_CANDIDATES = f"""
SELECT DISTINCT ON (h.worker_id) h.worker_id, h.id, t.category
FROM workforce_honour h JOIN workforce_honourtype t ON t.code = h.type_id
WHERE {_IN_FORCE}
  AND (t.category <> 'honour' OR h.type_id = ANY(%(codes)s))
  AND h.worker_id > %(after)s AND (%(workers)s::bigint[] IS NULL OR h.worker_id = ANY(%(workers)s))
  AND (%(honour)s::bigint IS NULL OR h.id = %(honour)s)
  AND NOT EXISTS (SELECT 1 FROM talent_registry_registryentry e WHERE e.worker_id = h.worker_id AND e.status <> 'removed')
  AND NOT EXISTS (SELECT 1 FROM talent_registry_inclusionproposal p WHERE p.worker_id = h.worker_id AND p.settled_on IS NULL)
  AND (%(again)s OR NOT EXISTS (
        SELECT 1 FROM talent_registry_inclusionproposal p JOIN cases_case c ON c.id = p.case_id
        WHERE p.honour_id = h.id AND c.state IN ('declined', 'confirmed')))
ORDER BY h.worker_id, array_position(ARRAY['honour', 'special_allowance', 'scarce_talent'], t.category::text),
         array_position(ARRAY['national', 'autonomous_region'], t.grade::text) NULLS LAST, h.year DESC, h.id
LIMIT %(limit)s
"""  # noqa: S608  the condition is a constant


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
            _CANDIDATES,
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
        return [
            _Candidate(worker, honour_id, Basis(category))
            for worker, honour_id, category in cursor.fetchall()
        ]


def propose(worker_ids: Collection[int] | None = None, *, by: Any, on: date) -> list[Case]:
    """Open a case for everybody who is to be included and is not yet; of the given workers, or of the whole
    register.

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
            found = _candidates(on, after=after, workers=workers)
            opened += _open(found, by=by, on=on)
        if len(found) < _TOGETHER:
            return opened
        after = found[-1].worker_id


@transaction.atomic
def propose_again(honour_id: int, *, by: Any, on: date, reason: str) -> Case:
    """Open a case for a recognition that was declined, or that stood behind a removed entry: a person decides
    that, and says why.

    Raises Refused, or NotNow when there is nothing to propose.
    """
    if not reason.strip():
        raise NotNow("再次提出纳入建议须写明理由。")
    locks.hold(_LOCK)
    honour = Honour.objects.select_related("worker").get(pk=honour_id)
    require(by, "registry.propose", honour.worker.work_region_id)
    found = _candidates(on, workers=[honour.worker_id], honour=honour.pk, again=True)
    cases = _open(found, by=by, on=on, reason=reason.strip())
    if not cases:
        raise NotNow(
            "不能提出：该荣誉未经核实或不属于直接纳入的荣誉，或者本人已在名录中、已有正在办理的建议。"
        )
    return cases[0]


def _open(found: Sequence[_Candidate], *, by: Any, on: date, reason: str = "") -> list[Case]:
    """Cases and proposals for those of the candidates for whom the benefit is determined to hold, by their
    own recognition.
    """
    if not found:
        return []
    determined = benefits.determine([one.worker_id for one in found], on=on)
    found = [
        one
        for one in found
        if one.worker_id in determined and benefits.holds_by(determined[one.worker_id], one.basis)
    ]
    honours = Honour.objects.select_related("worker", "type").in_bulk([one.honour_id for one in found])
    if by is not None:
        for region in {honour.worker.work_region_id for honour in honours.values()}:
            require(by, "registry.propose", region)
    new = [_new_case(honours[one.honour_id], determined[one.worker_id].pk) for one in found]
    cases = open_cases(DIRECT_INCLUSION, new, by=by, on=on, reason=reason)
    InclusionProposal.objects.bulk_create(
        [
            InclusionProposal(
                case=case,
                worker_id=one.worker_id,
                basis=one.basis,
                honour_id=one.honour_id,
                determination=determined[one.worker_id],
                proposed_on=on,
            )
            for case, one in zip(cases, found, strict=True)
        ]
    )
    return cases


def _new_case(honour: Honour, determination_id: int) -> NewCase:
    """Who wrote the honour down has prepared the case, who verified it has reviewed it: neither can confirm
    it.
    """
    duties = {Duty.PREPARE: honour.recorded_by_id, Duty.REVIEW: honour.verified_by_id}
    return NewCase(
        region_id=honour.worker.work_region_id,
        worker_id=honour.worker_id,
        subject=f"{honour.type.name}（{honour.year}年）",
        duties={duty: person for duty, person in duties.items() if person is not None},
        detail={"honour": honour.pk, "determination": determination_id},
    )
