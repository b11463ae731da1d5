"""What if: some figures as a draft would set them, over the whole register. Nothing real is read from it or changed by it.

The same executor decides everybody twice, under the law of the day and under the draft; only what stands in FROM differs. What is
kept are numbers by league and by level, no row about a person.
"""
# ruff: noqa: S608 - text is put together from compiled rules and names of columns; values are bound
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import require
from portal.cases.actions import NotNow
from portal.entitlements.models import Simulation
from portal.jobs.models import Job
from portal.jobs.runner import Run, job_kind, start
from portal.policy import policy_version
from portal.policy.benefits import BY_CODE
from portal.policy.compile import quoted
from portal.policy.engine import RuleSet, current_rules
from portal.policy.law import DayLaw, law_on
from portal.policy.models import Parameter, ParameterValue
from portal.policy.rules import digest_of
from portal.policy.sets import Relation, Statement, source_of
from portal.policy.values import BadValue, canonical_value
from portal.workforce.known import refresh
from portal.workforce.models import KnownFacts, Refresh

KIND = "entitlements.simulate"
_FACTS = KnownFacts._meta.db_table
_STEPS = 3
_NUMBERS = ("was", "now", "gained", "lost", "unknown_was", "unknown_now")


def affected_by(codes: Sequence[str]) -> list[str]:
    """The benefits for persons whose rules read one of these figures, in order."""
    rules = current_rules()
    return [rule.benefit for rule in rules.rules if set(rules.laws_of(rule)) & set(codes)]


def readable_parameters() -> list[str]:
    """Codes of the figures that some rule reads: only a change of these changes anything here."""
    return sorted(current_rules().laws)


# -- drafts ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def draw_up(title: str, *, on: date, by: Any, value: ParameterValue | None = None) -> Simulation:
    """A new draft, empty or with a value that waits for its confirmation. Raises `Refused`, `ValidationError`."""
    require(by, "policy.simulate")
    title = title.strip()
    if not title:
        raise ValidationError({"title": "请填写测算名称。"})
    made = Simulation.objects.create(
        title=title[:80], on=on, by=by, value=value, draft={} if value is None else {value.parameter.code: value.value}
    )
    audit.record("simulation.draw_up", by=by, obj=made, detail={"on": on.isoformat(), "draft": made.draft})
    return made


@transaction.atomic
def set_figure(simulation_id: int, parameter: Parameter, value: Any, *, by: Any) -> Simulation:
    """Set a figure of the draft (None: no value). Raises `Refused`, `NotNow` once it was computed, `ValidationError`."""
    made = _draft(simulation_id, by)
    if parameter.code not in readable_parameters():
        raise ValidationError({"parameter": "没有待遇的条件或标准用到这项参数，调整它不会有测算结果。"})
    try:
        made.draft = {**made.draft, parameter.code: canonical_value(parameter.kind, value)}
    except BadValue as error:
        raise ValidationError({"value": str(error)}) from error
    made.save(update_fields=["draft"])
    return made


@transaction.atomic
def drop_figure(simulation_id: int, code: str, *, by: Any) -> Simulation:
    """Take a figure out of the draft again. Raises `Refused`, `NotNow`."""
    made = _draft(simulation_id, by)
    made.draft = {kept: value for kept, value in made.draft.items() if kept != code}
    made.save(update_fields=["draft"])
    return made


@transaction.atomic
def run(simulation_id: int, *, by: Any) -> Job:
    """Compute the draft in the background. Raises `Refused`; `NotNow` for an empty draft, or when it was started already."""
    made = _draft(simulation_id, by)
    if not made.draft:
        raise NotNow("草案还没有任何调整。请先选择参数并填写草案取值。")
    made.job = start(KIND, title=f"政策测算：{made.title}", by=by, params={"simulation": made.pk}, total=_STEPS)
    made.save(update_fields=["job"])
    audit.record("simulation.run", by=by, obj=made, detail={"on": made.on.isoformat(), "draft": made.draft})
    return made.job


@transaction.atomic
def again(simulation_id: int, *, by: Any) -> Simulation:
    """The same draft once more, to be computed anew: with the same inputs it gives the same digest. Raises `Refused`."""
    require(by, "policy.simulate")
    before = Simulation.objects.get(pk=simulation_id)
    made = Simulation.objects.create(title=before.title, on=before.on, draft=before.draft, value=before.value, by=by)
    audit.record("simulation.draw_up", by=by, obj=made, detail={"on": made.on.isoformat(), "again": before.pk})
    return made


def _draft(simulation_id: int, by: Any) -> Simulation:
    require(by, "policy.simulate")
    made = Simulation.objects.select_for_update().get(pk=simulation_id)
    if made.job_id is not None:
        raise NotNow("该测算已经开始，不能再修改。需要调整的，请另建一份测算。")
    return made


@job_kind(KIND)
def _work(job: Run) -> dict[str, Any]:
    """Computed again after a kill it gives the same; a result once kept stays."""
    made = Simulation.objects.get(pk=job.params["simulation"])
    if made.result is None:
        found = compute(made.draft, made.on, lambda done, words: job.progress(done, total=_STEPS, step=words))
        Simulation.objects.filter(pk=made.pk, result__isnull=True).update(
            inputs=found.inputs, result=found.result, digest=found.digest
        )
    return {"simulation": made.pk}


# -- the computation ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """`result` is {"benefits": [...], "rows": [...]}: totals of each benefit, and the same numbers by league and level."""

    inputs: dict[str, Any]
    result: dict[str, Any]
    digest: str


def compute(draft: Mapping[str, Any], on: date, tell: Callable[[int, str], None] = lambda done, words: None) -> Found:
    """How many people gain or lose each benefit under the draft, and what it costs in yuan, by league and level.

    The facts are those of the register as gathered today; the law is that of `on`.
    """
    tell(0, "汇总人员信息")
    refresh(timezone.localdate())
    benefits = affected_by(list(draft))
    rules, law = current_rules(benefits), law_on(on)
    tell(1, "按现行标准和草案逐人比对")
    rows = _rows(rules, law, law.with_draft(draft)) if benefits else []
    tell(2, "核对依据")
    gathered = Refresh.objects.order_by("-id").first()
    inputs = {
        "policy_version": policy_version(on), "rules": {rule.benefit: rule.digest for rule in rules.rules},
        "law": {code: law.value(code) for code in sorted(rules.laws)}, "facts_on": gathered.on.isoformat() if gathered else "",
        **_register(rules),
    }  # fmt: skip
    result = {"benefits": [_total(benefit, rows, rules) for benefit in benefits], "rows": rows}
    digest = digest_of({"on": on.isoformat(), "draft": dict(draft), "inputs": inputs, "result": result})
    tell(_STEPS, "")
    return Found(inputs, result, digest)


def _side(rules: RuleSet, law: DayLaw, keep: Sequence[str] = ()) -> Statement:
    """Everybody under one law: per benefit whether it holds, and the amount."""
    columns = ["facts.worker_id", *keep]
    for place, rule in enumerate(rules.rules):
        columns += [f"{rules.verdict_sql(rule)} AS e{place}", f"{rules.granted_sql(rule)} AS a{place}"]
    source = source_of(rules, Relation(f"SELECT * FROM {_FACTS}"), law)
    return Statement(f"SELECT {', '.join(columns)} FROM {source.sql}", source.params)


def _rows(rules: RuleSet, law: DayLaw, drafted: DayLaw) -> list[dict[str, Any]]:
    """One row for each benefit, league and level where there is anybody to count."""
    was = _side(rules, law, ["left(facts.work_region, 4) || '00' AS league", "coalesce(facts.skill_level, 0) AS level"])
    now = _side(rules, drafted)
    columns = []
    for place, _ in enumerate(rules.rules):
        before, after = f"was.e{place}", f"now.e{place}"
        columns += [
            f"count(*) FILTER (WHERE {before})", f"count(*) FILTER (WHERE {after})",
            f"count(*) FILTER (WHERE {after} AND {before} IS NOT TRUE)", f"count(*) FILTER (WHERE {before} AND {after} IS NOT TRUE)",
            f"count(*) FILTER (WHERE {before} IS NULL)", f"count(*) FILTER (WHERE {after} IS NULL)",
            f"sum(was.a{place})", f"sum(now.a{place})",
        ]  # fmt: skip
    sql = (
        f"SELECT was.league, was.level, {', '.join(columns)} FROM ({was.sql}) AS was JOIN ({now.sql}) AS now"
        " ON now.worker_id = was.worker_id GROUP BY was.league, was.level ORDER BY was.league, was.level"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute(sql, [*was.params, *now.params])
        groups = cursor.fetchall()
    width = len(_NUMBERS) + 2
    rows = []
    for place, rule in enumerate(rules.rules):
        for league, level, *cells in groups:
            of_rule = cells[place * width : (place + 1) * width]
            if any(of_rule[: len(_NUMBERS)]):
                numbers = dict(zip(_NUMBERS, of_rule[: len(_NUMBERS)], strict=True))
                rows.append({
                    "benefit": rule.benefit, "league": league, "level": level, **numbers,
                    "cost_was": _yuan(of_rule[-2]), "cost_now": _yuan(of_rule[-1]),
                })  # fmt: skip
    return rows


def _total(benefit: str, rows: Sequence[Mapping[str, Any]], rules: RuleSet) -> dict[str, Any]:
    return {"benefit": benefit, "title": BY_CODE[benefit].title, **add_up([row for row in rows if row["benefit"] == benefit])}


def add_up(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The numbers of several rows together. A cost is null where nobody has an amount."""
    found: dict[str, Any] = {name: sum(row[name] for row in rows) for name in _NUMBERS}
    for name in ("cost_was", "cost_now"):
        known = [Decimal(row[name]) for row in rows if row[name] is not None]
        found[name] = _yuan(sum(known, Decimal(0))) if known else None
    return found


def _yuan(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _register(rules: RuleSet) -> dict[str, Any]:
    """How many people, and a number over the facts that these rules read, whatever order the rows stand in."""
    columns = ", ".join(quoted(name) for name in ("work_region", "skill_level", *rules.facts))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), sum(hashtextextended(ROW(worker_id, {columns})::text, 0)::numeric) FROM {_FACTS}")
        count, number = cursor.fetchone()
    return {"people": count, "facts": str(number or 0)}
