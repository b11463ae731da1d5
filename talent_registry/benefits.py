"""What the registry asks of the law: its two benefits, for many workers, for one, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from portal.accounts.access import NotNow
from portal.entitlements.wording import determination_conditions
from portal.policy.benefits import BY_CODE
from portal.policy.determine import determine as determine_rows
from portal.policy.determine import foresee_determination
from portal.policy.law import law_on
from portal.policy.models import Determination, Outcome
from portal.policy.sets import Relation, evaluate
from portal.workforce.facts import relation
from talent_registry.models import Basis

BENEFIT = "registry.direct-inclusion"
# The conditions of a nomination in the annual selection.
NOMINATION = "registry.nomination"
_HONOURS = "registry.inclusion-honours"
# The condition that each basis answers to.
_CONDITION_OF = {
    Basis.HONOUR: "inclusion-honour",
    Basis.SPECIAL_ALLOWANCE: "special-allowance",
    Basis.SCARCE_TALENT: "scarce-talent",
}
# Kept beside the facts of a determination: the records and documents they rest on.
_WITH_SOURCES = """
SELECT facts.*, coalesce(recorded.sources, '{{}}'::jsonb) AS fact_sources
FROM ({facts}) AS facts
LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(fact, records) AS sources FROM (
        SELECT CASE t.category WHEN 'honour' THEN 'honours' WHEN 'special_allowance' THEN 'special_allowance'
                               ELSE 'recognised_scarce_talent' END AS fact,
               string_agg(
                   concat_ws('，', h.named_as, h.year || '年', nullif(h.document, ''), h.source),
                   '；' ORDER BY h.id
               ) AS records
        FROM workforce_honour h JOIN workforce_honourtype t ON t.code = h.type_id
        WHERE h.worker_id = facts.worker_id AND h.state = 'verified' GROUP BY 1
    ) AS by_fact
) AS recorded ON true
"""


def basis_in_law() -> tuple[str, str]:
    """(number of the document, number of the clause) on which inclusion and publication rest."""
    clause = BY_CODE[BENEFIT].clause
    assert clause.number is not None  # noqa: S101  the catalogue names it
    return clause.document, clause.number


def inclusion_honours(on: date) -> list[str]:
    """Codes of the honours that include directly on a day: a figure of the law, with its document."""
    return list(law_on(on).value(_HONOURS) or [])


def _facts_of(worker_ids: Sequence[int], on: date) -> Relation:
    facts = relation(on, workers=worker_ids)
    return Relation(_WITH_SOURCES.format(facts=facts), sources="fact_sources")


def determine(
    worker_ids: Sequence[int], *, on: date, only_eligible: bool = True, benefit: str = BENEFIT
) -> dict[int, Determination]:
    """Decide for these workers in one statement and keep the evidence, by worker.

    By default only of those who are entitled.
    """
    outcomes = [Outcome.ELIGIBLE.value] if only_eligible else None
    batch = determine_rows(_facts_of(worker_ids, on), on, [benefit], outcomes=outcomes)
    determinations = Determination.objects.filter(batch=batch.number).select_related("rule_version")
    by_worker = {}
    for determination in determinations:
        if determination.subject_id is not None:
            by_worker[determination.subject_id] = determination
    return by_worker


def determine_again(worker_id: int, *, on: date, benefit: str = BENEFIT) -> Determination:
    """The decision as of `on`, whatever it is; it supersedes the worker's last one.

    Of a record that was merged into another it is that of the person who stands for it; NotNow of one that was
    entered by mistake.
    """
    determined = determine([worker_id], on=on, only_eligible=False, benefit=benefit)
    if not determined:
        raise NotNow("该档案已作废，不能据此认定。")
    (determination,) = determined.values()
    return determination


def foreseen(worker_id: int, *, on: date, benefit: str) -> Determination:
    """What would be determined today, for people to look at before they hand anything in. It is not kept."""
    return foresee_determination(_facts_of([worker_id], on), on, benefit)


def holds(worker_id: int, *, on: date) -> bool:
    """Whether the worker is entitled on the day. Nothing is kept."""
    rows = evaluate(_facts_of([worker_id], on), on=on, benefits=[BENEFIT]).rows()
    return any(row["eligible"] for row in rows)


def holds_by(determination: Determination, basis: str) -> bool:
    """Whether the determination is in favour, and by the condition that this basis answers to."""
    if determination.outcome != Outcome.ELIGIBLE:
        return False
    code = _CONDITION_OF[Basis(basis)]
    return any(
        condition["code"] == code and condition["holds"] is True for condition in determination.conditions
    )


def explain(determination: Determination) -> list[dict[str, Any]]:
    """The conditions in words, as components/conditions.html shows them."""
    return determination_conditions(determination)
