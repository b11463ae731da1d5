"""What a list rests on: scheme, quotas, rule and law, as they are today or as a list has frozen them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.policy.engine import RuleSet
from portal.policy.law import DayLaw, Figure, law_on
from portal.policy.models import RuleVersion
from portal.policy.replay import parse
from talent_registry.models import Nomination, QuotaKind, SelectionList, SelectionRound
from talent_registry.selection.assessment import assessed, law_used, nomination_rule
from talent_registry.selection.register import codes_of_today
from talent_registry.selection.scheme import Scheme, read
from talent_registry.selection.scoring import Facts

# Beside the facts of `Facts`: what the conditions came to.
OUTCOME_FACTS = ("outcome", "failed", "unknown")


@dataclass(frozen=True)
class ListBasis:
    """`figures` are those of the law that the rule reads, as a list keeps them."""

    scheme: Scheme
    quotas: dict[str, dict[str, int]]
    rules: RuleSet
    rule_version: RuleVersion
    law: DayLaw
    figures: dict[str, Any]

    @classmethod
    def of_today(cls, round_: SelectionRound) -> ListBasis:
        """The round's own scheme and quotas, and the rule and law as known today of the round's day."""
        rules, rule, version = nomination_rule()
        law = law_on(round_.as_of)
        return cls(
            scheme=read(round_.scheme),
            quotas=_limits_of(round_),
            rules=rules,
            rule_version=version,
            law=law,
            figures=law_used(rules, rule, law),
        )

    @classmethod
    def of_list(cls, selection_list: SelectionList) -> ListBasis:
        """Everything from the list itself; nothing is looked up."""
        return cls(
            scheme=read(selection_list.scheme),
            quotas=selection_list.quotas,
            rules=RuleSet([parse(selection_list.rule_version.definition)]),
            rule_version=selection_list.rule_version,
            law=frozen_law(selection_list),
            figures=selection_list.law,
        )


def frozen_law(selection_list: SelectionList) -> DayLaw:
    """The law of the list's day with the figures that the list has kept."""
    figures = {code: Figure(**figure) for code, figure in selection_list.law.items()}
    return DayLaw(selection_list.as_of, figures)


def _limits_of(round_: SelectionRound) -> dict[str, dict[str, int]]:
    """How many may be selected of a league and of an industry; places to recommend are no limit of a list."""
    quotas: dict[str, dict[str, int]] = {"league": {}, "industry": {}}
    rows = round_.quotas.order_by("kind", "key").values_list("kind", "key", "places")
    for kind, key, places in rows:
        if kind != QuotaKind.RECOMMENDATION:
            quotas[kind][key] = places
    return quotas


def facts_from_register(
    round_: SelectionRound, nominations: Sequence[Nomination], basis: ListBasis
) -> dict[int, dict[str, Any]]:
    """Facts and conditions of the nominees as the register has them of the round's day, by nomination."""
    nomination_of = {nomination.worker_id: nomination.pk for nomination in nominations}
    if not nomination_of:
        return {}
    codes = codes_of_today()
    workers = list(nomination_of)
    assessment = assessed(round_, basis.scheme, basis.rules, basis.law, codes, workers)
    facts = {}
    for row in assessment.rows():
        known = Facts.read(codes.named(row)).data()
        outcome = {name: row[name] for name in OUTCOME_FACTS}
        facts[nomination_of[row["worker_id"]]] = {**known, **outcome}
    return facts
