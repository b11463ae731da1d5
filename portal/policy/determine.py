"""Determinations: what was decided, written as evidence, for one subject or for a whole register in one
statement.
"""

# ruff: noqa: S608 - text is put together from compiled rules and the caller's relation; values are bound
from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from portal import locks
from portal.policy.engine import RuleSet, current_rules
from portal.policy.explain import Verdict, answer
from portal.policy.intake import validate_facts
from portal.policy.law import DayLaw, Figure, law_on
from portal.policy.models import LAW_LOCK, Determination, RuleVersion
from portal.policy.replay import parse
from portal.policy.sets import Relation, answers, typed_relation

_STANDING_LOCK = (
    7_108_201_907  # first key of the locks under which a benefit's determinations follow one another
)


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
WITH said AS MATERIALIZED ({answers}),
version(benefit, id) AS (SELECT * FROM unnest(%s::text[], %s::bigint[])),
written AS (
    INSERT INTO policy_determination
        (benefit, rule_version_id, subject_type, subject_id, "on", decided_at, facts, fact_sources, law, conditions,
         outcome, amount, fund, gives, digest, supersedes_id, batch)
    SELECT said.benefit, version.id, %s, said.subject_id, %s::date, %s, said.facts, said.fact_sources, said.law, said.conditions,
           said.outcome, said.amount, said.fund, said.gives, said.digest, before.id, %s
    FROM said JOIN version USING (benefit)
    LEFT JOIN LATERAL (
        SELECT d.id FROM policy_determination d
        WHERE d.subject_type = %s AND d.subject_id = said.subject_id AND d.benefit = said.benefit
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
    """Decide every row of a relation and keep the evidence; each new determination supersedes the subject's
    last one.

    `outcomes` writes only those (a search for the eligible need not keep a row per person who is not). The
    law is read and the moment taken under one lock with the confirmation of figures: a value confirmed later
    is never counted as known.
    """
    rules = current_rules(benefits)
    versions = _versions(rules)
    locks.share(LAW_LOCK)
    with connection.cursor() as cursor:
        for rule in sorted(rules.rules, key=lambda rule: rule.benefit):
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [rule.benefit, _STANDING_LOCK]
            )
        cursor.execute("SELECT clock_timestamp()")
        (decided_at,) = cursor.fetchone()
        said = answers(rules, source, law_on(on), outcomes)
        batch = uuid.uuid4()
        cursor.execute(
            _INSERT.format(answers=said.sql),
            [
                *said.params,
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


def determine_typed(
    facts: Any,
    on: dt.date,
    benefits: Iterable[str],
    *,
    subject_type: str,
    subject_id: int | None,
    sources: Mapping[str, str] | None = None,
) -> list[Determination]:
    """The same for one subject whose facts are given, in catalogue order. Raises `FactsRefused` for facts
    that cannot be used.
    """
    known = validate_facts(facts, on)
    batch = determine(typed_relation(known, subject_id, sources), on, benefits, subject_type=subject_type)
    order = {rule.benefit: place for place, rule in enumerate(current_rules().rules)}
    return sorted(Determination.objects.filter(batch=batch.number), key=lambda found: order[found.benefit])


def foresee_determination(source: Relation, on: dt.date, benefit: str) -> Determination:
    """What would be determined of the one subject of a relation, to look at before anything is done. It is
    not kept.
    """
    (found,) = answers(current_rules([benefit]), source, law_on(on)).rows()
    version = RuleVersion.objects.get(digest=current_rules([benefit]).rules[0].digest)
    kept = ("subject_id", "facts", "law", "conditions", "outcome", "amount", "fund", "gives", "digest")
    return Determination(benefit=benefit, rule_version=version, on=on, **{name: found[name] for name in kept})


def _versions(rules: RuleSet) -> dict[str, int]:
    """Ids of the recorded versions of these rules, found by digest: what runs is what was recorded."""
    recorded = dict(
        RuleVersion.objects.filter(digest__in=[rule.digest for rule in rules.rules]).values_list(
            "digest", "id"
        )
    )
    unrecorded = [rule.benefit for rule in rules.rules if rule.digest not in recorded]
    if unrecorded:
        raise UnrecordedRule(f"{', '.join(unrecorded)}: run install_database to record this release's rules")
    return {rule.benefit: recorded[rule.digest] for rule in rules.rules}


def explain_determination(determination: Determination) -> dict[str, Any]:
    """The answer as it was, from the stored evidence and the words recorded with the rule's version."""
    version = determination.rule_version
    law = DayLaw(determination.on, {code: Figure(**figure) for code, figure in determination.law.items()})
    eligible = {"eligible": True, "ineligible": False}.get(determination.outcome)
    verdict = Verdict(
        parse(version.definition),
        law,
        determination.facts,
        {condition["code"]: condition["holds"] for condition in determination.conditions},
        eligible,
        determination.amount,
        determination.gives,
        determination.digest,
    )
    return answer(verdict, version.wording)
