"""Determinations: what was decided, written as evidence, for one subject or a whole register at once."""

# ruff: noqa: S608 - text is put together from compiled rules and the caller's relation; values are bound
from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from portal import locks
from portal.policy.engine import RuleSet, current_rules
from portal.policy.explain import Verdict, answer
from portal.policy.intake import validate_facts
from portal.policy.law import DayLaw, Figure, law_book_at, law_on
from portal.policy.models import LAW_LOCK, Determination, RuleVersion
from portal.policy.replay import parse
from portal.policy.sets import Relation, answers, typed_relation

# First key of the locks under which a benefit's determinations follow one another.
_BENEFIT_LOCK = 7_108_201_907


class UnrecordedRule(Exception):
    """The catalogue's rule is not recorded as a version: `install_database` has not run for this release."""


@dataclass(frozen=True)
class Batch:
    """What one call wrote: its number, the moment of decision, and rows by (benefit, outcome)."""

    number: uuid.UUID
    decided_at: dt.datetime
    counts: Mapping[tuple[str, str], int]

    @property
    def written(self) -> int:
        return sum(self.counts.values())


_INSERT = """
WITH answer AS MATERIALIZED ({answers}),
version(benefit, id) AS (SELECT * FROM unnest(%s::text[], %s::bigint[])),
written AS (
    INSERT INTO policy_determination
        (benefit, rule_version_id, subject_type, subject_id, "on", decided_at, facts, fact_sources, law,
         conditions, outcome, amount, fund, gives, digest, supersedes_id, batch)
    SELECT answer.benefit, version.id, %s, answer.subject_id, %s::date, %s, answer.facts, answer.fact_sources,
           answer.law, answer.conditions, answer.outcome, answer.amount, answer.fund, answer.gives,
           answer.digest, before.id, %s
    FROM answer JOIN version USING (benefit)
    LEFT JOIN LATERAL (
        SELECT d.id FROM policy_determination d
        WHERE d.subject_type = %s AND d.subject_id = answer.subject_id AND d.benefit = answer.benefit
        ORDER BY d.id DESC LIMIT 1
    ) AS before ON true
    RETURNING benefit, outcome
)
SELECT benefit, outcome, count(*) FROM written GROUP BY benefit, outcome
"""


@transaction.atomic
def determine(
    source: Relation,
    on: dt.date,
    benefits: Iterable[str] | None = None,
    *,
    subject_type: str = "worker",
    outcomes: Iterable[str] | None = None,
) -> Batch:
    """Decide every row of a relation and keep the evidence; each supersedes the subject's last one.

    `outcomes` writes only those: a search for the eligible need not keep a row per person who is not. The law
    is read and the moment taken under one lock with the confirmation of figures: a value confirmed later is
    never counted as known.
    """
    rules = current_rules(benefits)
    versions = _recorded_versions(rules)
    batch = uuid.uuid4()
    decided_at = _moment_of_decision(rules)
    with connection.cursor() as cursor:
        decided = answers(rules, source, law_on(on), outcomes)
        cursor.execute(
            _INSERT.format(answers=decided.sql),
            [
                *decided.params,
                list(versions),
                list(versions.values()),
                subject_type,
                on,
                decided_at,
                batch,
                subject_type,
            ],
        )
        counts = {(benefit, outcome): count for benefit, outcome, count in cursor.fetchall()}
    return Batch(batch, decided_at, counts)


def _moment_of_decision(rules: RuleSet) -> dt.datetime:
    """Now, with all figures held as they are, and these benefits held for whoever decides about them, until the
    transaction ends.
    """
    locks.share(LAW_LOCK)
    with connection.cursor() as cursor:
        for rule in sorted(rules.rules, key=lambda rule: rule.benefit):
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [rule.benefit, _BENEFIT_LOCK]
            )
        cursor.execute("SELECT clock_timestamp()")
        (decided_at,) = cursor.fetchone()
    return decided_at


def decide(
    source: Relation, on: dt.date, benefits: Iterable[str], *, subject_type: str = "worker"
) -> list[Determination]:
    """Decide every row of a relation as `determine` does, and write nothing yet: `keep` does, in the same transaction,
    of those on which something came to rest.
    """
    benefits = list(benefits)
    decided_at = _moment_of_decision(current_rules(benefits))
    decided = foresee_determinations(source, on, benefits, subject_type=subject_type)
    for determination in decided:
        determination.decided_at = decided_at
    return decided


def keep(decided: Sequence[Determination]) -> None:
    """Write what `decide` gave in this transaction; each supersedes the subject's last one. One that is written already
    stays as it is.
    """
    new = [determination for determination in decided if determination.pk is None]
    if not new:
        return
    last = Determination.objects.filter(
        subject_type__in={one.subject_type for one in new},
        subject_id__in={one.subject_id for one in new},
        benefit__in={one.benefit for one in new},
    ).order_by("subject_type", "subject_id", "benefit", "-id")
    last = last.distinct("subject_type", "subject_id", "benefit")
    before = {
        (subject_type, subject_id, benefit): pk
        for pk, subject_type, subject_id, benefit in last.values_list(
            "pk", "subject_type", "subject_id", "benefit"
        )
    }
    batch = uuid.uuid4()
    for one in new:
        one.batch = batch
        one.supersedes_id = before.get((one.subject_type, one.subject_id, one.benefit))
    Determination.objects.bulk_create(new)


def determine_typed(
    facts: Any,
    on: dt.date,
    benefits: Iterable[str],
    *,
    subject_type: str,
    subject_id: int | None,
    sources: Mapping[str, str] | None = None,
) -> list[Determination]:
    """`determine` for one subject whose facts are given, in catalogue order; raises `FactsRefused`."""
    relation = typed_relation(validate_facts(facts, on), subject_id, sources)
    batch = determine(relation, on, benefits, subject_type=subject_type)
    by_benefit = {written.benefit: written for written in Determination.objects.filter(batch=batch.number)}
    return [by_benefit[rule.benefit] for rule in current_rules().rules if rule.benefit in by_benefit]


def foresee_determination(source: Relation, on: dt.date, benefit: str) -> Determination:
    """What would be determined of the one subject of a relation, to look at before anything is done."""
    (foreseen,) = foresee_determinations(source, on, [benefit])
    return foreseen


def foresee_determinations(
    source: Relation, on: dt.date, benefits: Iterable[str], *, subject_type: str = "worker"
) -> list[Determination]:
    """What would be determined of every row of a relation. Nothing is kept."""
    rules = current_rules(benefits)
    versions = RuleVersion.objects.in_bulk([rule.digest for rule in rules.rules], field_name="digest")
    by_benefit = {rule.benefit: versions[rule.digest] for rule in rules.rules}
    kept = (
        "subject_id",
        "facts",
        "fact_sources",
        "law",
        "conditions",
        "outcome",
        "amount",
        "fund",
        "gives",
        "digest",
    )
    foreseen = []
    for row in answers(rules, source, law_on(on)).rows():
        values = {name: row[name] for name in kept}
        version = by_benefit[row["benefit"]]
        foreseen.append(
            Determination(
                benefit=row["benefit"], rule_version=version, subject_type=subject_type, on=on, **values
            )
        )
    return foreseen


def _recorded_versions(rules: RuleSet) -> dict[str, int]:
    """Ids of the recorded versions of these rules, found by digest: what runs is what was recorded."""
    versions = RuleVersion.objects.filter(digest__in=[rule.digest for rule in rules.rules])
    recorded = dict(versions.values_list("digest", "id"))
    unrecorded = [rule.benefit for rule in rules.rules if rule.digest not in recorded]
    if unrecorded:
        raise UnrecordedRule(f"{', '.join(unrecorded)}: run install_database to record this release's rules")
    return {rule.benefit: recorded[rule.digest] for rule in rules.rules}


def explain_determination(determination: Determination) -> dict[str, Any]:
    """The answer as it was, from the stored evidence and the words recorded with the rule's version.

    Days that lie ahead of it are told by the law as this process knows it now.
    """
    version = determination.rule_version
    figures = {code: Figure(**figure) for code, figure in determination.law.items()}
    verdict = Verdict(
        rule=parse(version.definition),
        law=DayLaw(determination.on, figures, book=law_book_at(None)),
        facts=determination.facts,
        holds={condition["code"]: condition["holds"] for condition in determination.conditions},
        eligible={"eligible": True, "ineligible": False}.get(determination.outcome),
        amount=determination.amount,
        gives=determination.gives,
        digest=determination.digest,
    )
    return answer(verdict, version.wording)
