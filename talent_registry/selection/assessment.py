"""Everybody in the register, assessed as of the round's day: the conditions of nomination, and the score by
the round's scheme.

One statement reads the whole register, one writes it; conditions come from the compiled rule of
portal.policy. Measured shape: facts and scores written down once in between, the places numbered only over
those who have one, bits instead of texts.
"""

# ruff: noqa: S608 - text is put together from compiled rules, the scheme's numbers and names of columns; values are bound
from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from portal import audit
from portal.accounts.access import require
from portal.cases.actions import NotNow, lock_for
from portal.policy.engine import RuleSet, clause_of, current_rules
from portal.policy.law import DayLaw, law_on
from portal.policy.models import RuleVersion
from portal.policy.rules import Rule
from portal.policy.sets import Statement, condition_masks, conditions_present
from portal.workforce.models import HonourType, SkillLevel
from talent_registry.models import Assessment, AssessmentRun, Nomination, SelectionRound
from talent_registry.selection.register import CARRIED, Codes, codes_of_today, register_relation
from talent_registry.selection.scheme import Scheme, points_text, read
from talent_registry.selection.scoring import Facts, Part, parts_sql
from talent_registry.selection.scoring import breakdown as parts_of
from talent_registry.selection.workflow import RoundState

BENEFIT = "registry.nomination"
_TRIAL = (RoundState.OPEN,)
_FINAL = (RoundState.OPEN, RoundState.ASSESSED)

# In three statements: within one, what is decided would be handed on by a path that takes a third longer.
_DECIDE = """
CREATE TEMPORARY TABLE selection_decided ON COMMIT DROP AS
SELECT {kept}, {parts},
       CASE WHEN outcome = 'eligible' AND NOT on_registry THEN sha256(%s::bytea || id_digest) END AS draw
FROM ({answered}) AS answered
"""
_RUN = """
INSERT INTO talent_registry_assessmentrun
    (round_id, number, is_trial, as_of, rule_version_id, law, conditions, scheme, codes, assessed, eligible, by_id, at)
SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, count(*), count(*) FILTER (WHERE outcome = 'eligible'), %s, now() FROM selection_decided
RETURNING id
"""
_WRITE = """
INSERT INTO talent_registry_assessment (round_id, run_id, {columns}, score, place)
SELECT %s, %s, {columns}, {score}, place FROM (
    SELECT {columns}, row_number() OVER (
        PARTITION BY league_code COLLATE "C"
        ORDER BY {score} DESC, skill DESC, contribution DESC, achievement DESC, front_line DESC, draw
    ) AS place
    FROM selection_decided WHERE draw IS NOT NULL
    UNION ALL
    SELECT {columns}, NULL FROM selection_decided WHERE draw IS NULL
) AS placed
"""
_KEPT = (
    "worker_id",
    "region_code",
    "league_code",
    "skill_level",
    "on_front_line",
    "front_line_tenths",
    "honour_bits",
    "achievement_bits",
    "on_registry",
    "outcome",
    "failed",
    "unknown",
)


def nomination_rule() -> tuple[RuleSet, Rule, RuleVersion]:
    """The rule of the conditions of nomination as this release has it, and its recorded version."""
    rules = current_rules([BENEFIT])
    (rule,) = rules.rules
    return rules, rule, RuleVersion.objects.get(digest=rule.digest)


def law_used(rules: RuleSet, rule: Rule, law: DayLaw) -> dict[str, Any]:
    """The figures the rule reads on the day, as a determination keeps them."""
    return {code: figure.data() for code in rules.laws_of(rule) if (figure := law.figures.get(code))}


def conditions_of(rule: Rule, version: RuleVersion, law: DayLaw) -> list[dict[str, Any]]:
    """What bit n of a mask stands for: code, words and clause of the nth condition, with what to do about it."""
    words = version.wording["conditions"]
    found = []
    for need in conditions_present(rule, law.on):
        said = words.get(need.code, {})
        clause = clause_of(rule, need, law)
        cited = f"{clause['document']}（{clause['number']}）" if clause["number"] else clause["document"]
        found.append(
            {
                "code": need.code,
                "label": said.get("label", need.code),
                "clause": cited,
                "remedy": said.get("remedy", ""),
            }
        )
    return found


def assessed(
    round_: SelectionRound, scheme: Scheme, rules: RuleSet, law: DayLaw, codes: Codes, worker_ids: Any = None
) -> Statement:
    """A row a worker with facts, outcome and bits, read from the register as of the round's day; nothing is
    written.
    """
    return condition_masks(
        rules, register_relation(round_.as_of, scheme, codes, worker_ids=worker_ids), law, CARRIED
    )


def assess(
    round_: SelectionRound,
    *,
    trial: bool,
    by: Any,
    on: date,
    progress: Callable[[int, int], None] | None = None,
) -> AssessmentRun:
    """Assess everybody and put the rows in the place of an earlier run's, in one transaction: killed, it has
    not happened.

    A trial decides nothing and is made while nominations are taken. `progress(done, total)` is told of the
    steps. The caller's transition moves the round. Raises `Refused`, and `NotNow` in a state in which nothing
    is assessed.
    """
    tell = progress or (lambda done, total: None)
    if by is not None:
        require(by, "selection.manage")
    with transaction.atomic():
        lock_for(f"selection {round_.pk} assessment")
        # Without a lock: the transition that may stand around this holds it.
        state = SelectionRound.objects.values_list("case__state", flat=True).get(pk=round_.pk)
        if state not in (_TRIAL if trial else _FINAL):
            label = RoundState(state).label
            raise NotNow(
                f"{round_}当前为“{label}”，不能{'试评' if trial else '评价'}：评价在申报期间和申报截止时进行。"
            )
        tell(0, 3)
        rules, rule, version = nomination_rule()
        law = law_on(round_.as_of)
        scheme = read(round_.scheme)
        number = (round_.runs.order_by("-number").values_list("number", flat=True).first() or 0) + 1
        codes = codes_of_today()
        answered = assessed(round_, scheme, rules, law, codes)
        kept = [law_used(rules, rule, law), conditions_of(rule, version, law), scheme.data(), codes.data()]
        parts = parts_sql(scheme)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '256MB'")
            cursor.execute("DELETE FROM talent_registry_assessment WHERE round_id = %s", [round_.pk])
            tell(1, 3)
            cursor.execute(
                _DECIDE.format(
                    answered=answered.sql,
                    kept=", ".join(_KEPT),
                    parts=", ".join(f"{sql} AS {part}" for part, sql in parts.items()),
                ),
                [str(round_.year).encode(), *answered.params],
            )
            cursor.execute(
                _RUN,
                [
                    round_.pk,
                    number,
                    trial,
                    round_.as_of,
                    version.pk,
                    *(json.dumps(one, ensure_ascii=False) for one in kept),
                    getattr(by, "pk", None),
                ],
            )
            (run_id,) = cursor.fetchone()
            # The sum is taken from the parts as written down: put into the first statement, every part would
            # be computed twice.
            cursor.execute(
                _WRITE.format(columns=", ".join((*_KEPT, *parts)), score=" + ".join(parts)),
                [round_.pk, run_id],
            )
            cursor.execute("DROP TABLE selection_decided")
        tell(2, 3)
        run = round_.runs.get(pk=run_id)
        audit.record(
            "selection.assess",
            by=by,
            obj=run,
            region=round_.case.region_id,
            detail={
                "year": round_.year,
                "trial": trial,
                "on": on.isoformat(),
                "assessed": run.assessed,
                "eligible": run.eligible,
            },
        )
    tell(3, 3)
    return run


def overlooked(round_: SelectionRound, user: Any) -> QuerySet[Assessment]:
    """Whom the user may see, eligible and not on the registry, whom nobody has nominated: the best of each
    league first.
    """
    nominated = Nomination.objects.valid().filter(round=round_, worker=OuterRef("worker"))
    found = Assessment.objects.visible_to(user).filter(~Exists(nominated), round=round_, place__isnull=False)
    shown = found.select_related("worker__employer", "run").defer(
        "run__law", "run__conditions", "run__scheme"
    )
    return shown.order_by("league_code", "place")


# -- one person's, in words ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Explained:
    """`conditions` as components/conditions.html shows them; `parts` with what each adds up from; points in
    hundredths.
    """

    conditions: list[dict[str, Any]]
    parts: list[Part]
    score: int

    @property
    def score_text(self) -> str:
        return points_text(self.score)


def breakdown(assessment: Assessment, names: Mapping[str, str] | None = None) -> Explained:
    """Every condition with its clause and whether it holds, and how the score adds up, by the run's own rule
    and scheme.

    `names` are the kinds of honours in words, read once by whoever explains many.
    """
    facts = Facts.of(assessment)
    names = honour_names() if names is None else names
    conditions = explained_conditions(assessment.run.conditions, assessment.failed, assessment.unknown, facts)
    parts = parts_of(facts, read(assessment.run.scheme), names)
    return Explained(conditions, parts, sum(part.points for part in parts))


def honour_names() -> dict[str, str]:
    return dict(HonourType.objects.values_list("code", "name"))


def explained_conditions(
    conditions: list[dict[str, Any]], failed: int, unknown: int, facts: Facts
) -> list[dict[str, Any]]:
    """The bits as conditions with their words; `observed` says what the register has about them."""
    level = SkillLevel(facts.skill_level).label if facts.skill_level is not None else ""
    line = "" if facts.on_front_line is None else "在一线岗位" if facts.on_front_line else "不在一线岗位"
    observed = {"senior-or-above": level, "front-line": line}
    return [
        {
            **condition,
            "holds": None if unknown >> place & 1 else not failed >> place & 1,
            "observed": observed.get(condition["code"], ""),
        }
        for place, condition in enumerate(conditions)
    ]
