"""Everybody in the register, assessed as of the round's day: the conditions of nomination, and the score by
the round's scheme.

What is verified of everybody is gathered beforehand (selection.gathering). One statement reads it, one writes
it; conditions come from the compiled rule of portal.policy. Measured shape: facts and scores written down once
in between, the places numbered only over those who have one, bits instead of texts.
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

# In three statements: within one, what is decided would be handed on by a path that takes a third longer.
_DECIDE = """
CREATE TEMPORARY TABLE selection_decided ON COMMIT DROP AS
SELECT {kept}, {parts},
       CASE WHEN outcome = 'eligible' AND NOT on_registry THEN sha256(%s::bytea || id_digest) END AS draw
FROM ({answered}) AS answered
"""
_RUN = """
INSERT INTO talent_registry_assessmentrun
    (round_id, number, is_trial, as_of, rule_version_id, law, conditions, scheme, codes,
     assessed, eligible, by_id, at)
SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s,
       count(*), count(*) FILTER (WHERE outcome = 'eligible'), %s, now()
FROM selection_decided
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
    """Assess everybody and put the rows in the place of an earlier run's, in one transaction.

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
            _decide_everybody(cursor, register, parts, round_.year)
            run_id = _keep_run(cursor, new_run)
            _keep_assessments(cursor, round_, run_id, parts)
        report(2, 3)
        run = round_.runs.get(pk=run_id)
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


def _decide_everybody(cursor: Any, register: Statement, parts: Mapping[str, str], year: int) -> None:
    """Facts, outcome, points and draw of everybody, into a table of this transaction."""
    statement = _DECIDE.format(
        answered=register.sql,
        kept=", ".join(_KEPT),
        parts=", ".join(f"{sql} AS {part}" for part, sql in parts.items()),
    )
    cursor.execute(statement, [str(year).encode(), *register.params])


def _keep_run(cursor: Any, run: AssessmentRun) -> int:
    """The run with its counts; its id."""
    documents = (run.law, run.conditions, run.scheme, run.codes)
    cursor.execute(
        _RUN,
        [
            run.round_id,
            run.number,
            run.is_trial,
            run.as_of,
            run.rule_version_id,
            *(json.dumps(document, ensure_ascii=False) for document in documents),
            run.by_id,
        ],
    )
    (run_id,) = cursor.fetchone()
    return int(run_id)


def _keep_assessments(cursor: Any, round_: SelectionRound, run_id: int, parts: Mapping[str, str]) -> None:
    """A row for everybody, with the place in their league."""
    # The sum is taken from the parts as written down: put into the first statement, every part would be
    # computed twice.
    statement = _WRITE.format(columns=", ".join((*_KEPT, *parts)), score=" + ".join(parts))
    cursor.execute(statement, [round_.pk, run_id])
    cursor.execute("DROP TABLE selection_decided")


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
