"""Everybody in the register, assessed as of the round's day: the conditions of nomination, and the score by
the round's scheme.

What is verified of everybody is gathered beforehand (selection.gathering). One statement reads it, one writes
what comes of it; conditions come from the compiled rule of portal.policy. Measured shape: rows of those alone who
could be on a list, numbers of everybody else, bits instead of texts.
"""

# Text is put together from compiled rules, the scheme's numbers and names of columns; values are bound.
# ruff: noqa: S608
from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from portal import audit, locks
from portal.accounts.access import require
from portal.cases.actions import NotNow
from portal.policy.engine import RuleSet, clause_of, current_rules
from portal.policy.law import DayLaw, law_on
from portal.policy.models import RuleVersion
from portal.policy.rules import Rule
from portal.policy.sets import Statement, condition_masks, conditions_present
from portal.workforce.models import HonourType, SkillLevel
from talent_registry.models import Assessment, AssessmentRun, Nomination, SelectionRound
from talent_registry.selection.gathering import gather
from talent_registry.selection.register import CARRIED, Codes, codes_of_today, register_relation
from talent_registry.selection.scheme import Scheme, points_text, read
from talent_registry.selection.scoring import Facts, Part, parts_sql
from talent_registry.selection.scoring import breakdown as parts_of
from talent_registry.selection.workflow import RoundState

BENEFIT = "registry.nomination"
_TRIAL = (RoundState.OPEN,)
_FINAL = (RoundState.OPEN, RoundState.ASSESSED)

# One statement, so that who is placed, what is written of them and how many there are is of one moment. Writing a
# row takes ten times what deciding about it does: of everybody else there are only numbers.
_ASSESS = """
WITH counted AS MATERIALIZED (
    SELECT outcome, failed, unknown, on_registry, count(*)::int AS people
    FROM ({answered}) AS answered GROUP BY 1, 2, 3, 4
), kept AS MATERIALIZED (
    SELECT {kept}, id_digest, {parts} FROM ({answered}) AS answered WHERE {whom}
), run AS (
    INSERT INTO talent_registry_assessmentrun
        (round_id, number, is_trial, as_of, rule_version_id, law, conditions, scheme, codes,
         assessed, eligible, outcomes, by_id, at)
    SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s,
           coalesce(sum(people), 0), coalesce(sum(people) FILTER (WHERE outcome = 'eligible'), 0),
           coalesce(jsonb_agg(to_jsonb(counted) ORDER BY outcome, failed, unknown, on_registry), '[]'),
           %s, now()
    FROM counted
    RETURNING id, round_id
)
INSERT INTO talent_registry_assessment (round_id, run_id, {columns}, score, place)
SELECT run.round_id, run.id, {columns}, {score}, CASE WHEN {placed} THEN row_number() OVER (
        PARTITION BY {placed}, league_code COLLATE "C"
        ORDER BY {score} DESC, skill DESC, contribution DESC, achievement DESC, front_line DESC,
                 sha256(%s::bytea || id_digest)
    ) END
FROM kept CROSS JOIN run
ORDER BY worker_id
"""
_PLACED = "(outcome = 'eligible' AND NOT on_registry)"
# Who could be on a list, and who was nominated for it.
_WHOM = """(outcome = 'eligible' OR worker_id IN (
    SELECT worker_id FROM talent_registry_nomination
    WHERE round_id = {round} AND outcome NOT IN ('withdrawn', 'refused')))"""
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
_FRONT_LINE_WORDS = {None: "", True: "在一线岗位", False: "不在一线岗位"}


def nomination_rule() -> tuple[RuleSet, Rule, RuleVersion]:
    """The rule of the conditions of nomination as this release has it, and its recorded version."""
    rules = current_rules([BENEFIT])
    (rule,) = rules.rules
    return rules, rule, RuleVersion.objects.get(digest=rule.digest)


def law_used(rules: RuleSet, rule: Rule, law: DayLaw) -> dict[str, Any]:
    """The figures the rule reads on the day, as a determination keeps them."""
    figures = {}
    for code in rules.laws_of(rule):
        figure = law.figures.get(code)
        if figure:
            figures[code] = figure.data()
    return figures


def conditions_of(rule: Rule, version: RuleVersion, law: DayLaw) -> list[dict[str, Any]]:
    """What bit n of a mask is: code, words, clause and remedy of the nth condition."""
    wording = version.wording["conditions"]
    conditions = []
    for need in conditions_present(rule, law.on):
        words = wording.get(need.code, {})
        clause = clause_of(rule, need, law)
        cited = clause["document"]
        if clause["number"]:
            cited = f"{cited}（{clause['number']}）"
        conditions.append(
            {
                "code": need.code,
                "label": words.get("label", need.code),
                "clause": cited,
                "remedy": words.get("remedy", ""),
            }
        )
    return conditions


def assessed(
    round_: SelectionRound, scheme: Scheme, rules: RuleSet, law: DayLaw, codes: Codes, worker_ids: Any = None
) -> Statement:
    """A row a worker with facts, outcome and bits as of the round's day: of everybody from what is gathered, of
    the workers named from their records.

    Nothing is written.
    """
    register = register_relation(round_.as_of, scheme, codes, worker_ids=worker_ids)
    return condition_masks(rules, register, law, CARRIED)


def assess(
    round_: SelectionRound,
    *,
    trial: bool,
    by: Any,
    on: date,
    progress: Callable[[int, int], None] | None = None,
) -> AssessmentRun:
    """Assess everybody, keep the rows of who could be on a list or is nominated, and the numbers of all, in the
    place of an earlier run's, in one transaction.

    A trial decides nothing and is made while nominations are taken. `progress(done, total)` is called after
    each part. The caller's transition moves the round. Raises `Refused`, and `NotNow` in a state in which
    nothing is assessed.
    """
    report = progress or (lambda done, total: None)
    if by is not None:
        require(by, "selection.manage")
    with transaction.atomic():
        locks.hold(f"selection {round_.pk} assessment")
        _require_assessable(round_, trial)
        report(0, 3)
        scheme = read(round_.scheme)
        parts = parts_sql(scheme)
        law = law_on(round_.as_of)
        codes = codes_of_today()
        gather(round_.as_of, codes)
        rules, rule, version = nomination_rule()
        new_run = _new_run(round_, trial=trial, by=by)
        new_run.rule_version = version
        new_run.law = law_used(rules, rule, law)
        new_run.conditions = conditions_of(rule, version, law)
        new_run.scheme = scheme.data()
        new_run.codes = codes.data()
        register = assessed(round_, scheme, rules, law, codes)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '256MB'")
            cursor.execute("DELETE FROM talent_registry_assessment WHERE round_id = %s", [round_.pk])
            report(1, 3)
            _assess_everybody(cursor, new_run, register, parts)
        report(2, 3)
        run = round_.runs.get(number=new_run.number)
        _record_in_audit(round_, run, by=by, on=on)
    report(3, 3)
    return run


def _require_assessable(round_: SelectionRound, trial: bool) -> None:
    # Without a lock: the transition that may stand around this holds it.
    state = SelectionRound.objects.values_list("case__state", flat=True).get(pk=round_.pk)
    allowed = _TRIAL if trial else _FINAL
    if state not in allowed:
        verb = "试评" if trial else "评价"
        raise NotNow(
            f"{round_}当前为“{RoundState(state).label}”，不能{verb}：评价在申报期间和申报截止时进行。"
        )


def _new_run(round_: SelectionRound, *, trial: bool, by: Any) -> AssessmentRun:
    last = round_.runs.order_by("-number").values_list("number", flat=True).first()
    return AssessmentRun(
        round=round_,
        number=(last or 0) + 1,
        is_trial=trial,
        as_of=round_.as_of,
        by=by,
    )


def _assess_everybody(cursor: Any, run: AssessmentRun, register: Statement, parts: Mapping[str, str]) -> None:
    """The run with what everybody came to in numbers, and the rows of those who meet the conditions or are
    nominated: facts, outcome, points and the place in their league.
    """
    statement = _ASSESS.format(
        answered=register.sql,
        kept=", ".join(_KEPT),
        parts=", ".join(f"{sql} AS {part}" for part, sql in parts.items()),
        whom=_WHOM.format(round=int(run.round_id)),
        columns=", ".join((*_KEPT, *parts)),
        score=" + ".join(parts),
        placed=_PLACED,
    )
    documents = (run.law, run.conditions, run.scheme, run.codes)
    about_run = [
        run.round_id,
        run.number,
        run.is_trial,
        run.as_of,
        run.rule_version_id,
        *(json.dumps(document, ensure_ascii=False) for document in documents),
        run.by_id,
    ]
    year = str(run.round.year).encode()
    cursor.execute(statement, [*register.params, *register.params, *about_run, year])


def _record_in_audit(round_: SelectionRound, run: AssessmentRun, *, by: Any, on: date) -> None:
    audit.record(
        "selection.assess",
        by=by,
        obj=run,
        region=round_.case.region_id,
        detail={
            "year": round_.year,
            "trial": run.is_trial,
            "on": on.isoformat(),
            "assessed": run.assessed,
            "eligible": run.eligible,
        },
    )


def overlooked(round_: SelectionRound, user: Any) -> QuerySet[Assessment]:
    """Whom nobody has nominated although they are eligible and not on the registry.

    Only those the user may see; the best of each league come first.
    """
    nominations = Nomination.objects.valid().filter(round=round_, worker=OuterRef("worker"))
    placed = Assessment.objects.visible_to(user).filter(round=round_, place__isnull=False)
    people = placed.filter(~Exists(nominations)).select_related("worker__employer", "run")
    people = people.defer("run__law", "run__conditions", "run__scheme")
    return people.order_by("league_code", "place")


# -- one person's, in words ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Explained:
    """What an assessment came to; `conditions` are as components/conditions.html shows them.

    Points are hundredths.
    """

    conditions: list[dict[str, Any]]
    parts: list[Part]
    score: int

    @property
    def score_text(self) -> str:
        return points_text(self.score)


def breakdown(assessment: Assessment, names: Mapping[str, str] | None = None) -> Explained:
    """Every condition and how the score adds up, by the run's own rule and scheme.

    `names` are the kinds of honours in words, read once by whoever explains many.
    """
    if names is None:
        names = honour_names()
    run = assessment.run
    facts = Facts.of(assessment)
    conditions = explained_conditions(run.conditions, assessment.failed, assessment.unknown, facts)
    parts = parts_of(facts, read(run.scheme), names)
    return Explained(conditions, parts, sum(part.points for part in parts))


def honour_names() -> dict[str, str]:
    """The kinds of honours in words, by code."""
    return dict(HonourType.objects.values_list("code", "name"))


def explained_conditions(
    conditions: list[dict[str, Any]], failed: int, unknown: int, facts: Facts
) -> list[dict[str, Any]]:
    """The bits as conditions with their words; `observed` is what the register has about them."""
    level = ""
    if facts.skill_level is not None:
        level = str(SkillLevel(facts.skill_level).label)
    observed = {"senior-or-above": level, "front-line": _FRONT_LINE_WORDS[facts.on_front_line]}
    explained = []
    for place, condition in enumerate(conditions):
        holds: bool | None = not failed >> place & 1
        if unknown >> place & 1:
            holds = None
        explained.append({**condition, "holds": holds, "observed": observed.get(condition["code"], "")})
    return explained
