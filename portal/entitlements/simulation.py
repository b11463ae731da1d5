"""What if: some figures as a draft would set them, over the whole register. Nothing real is changed by it.

The same executor decides everybody twice, under the law of the day and under the draft; only what stands in
FROM differs. What is kept are numbers by league and by level, no row about a person.

Facts are the stated ones, confirmed or not (docs/decisions/12): a draft of law says what the money would have to
suffice for once everybody has shown their papers. What is verified today grows with the work of the windows, and
would take that for an effect of the law. `FACTS_READ` says so wherever a result is told.
"""

# ruff: noqa: S608 - text is put together from compiled rules and names of columns; values are bound
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import WHOLE_REGION, require
from portal.cases.actions import NotNow
from portal.entitlements.models import Simulation
from portal.jobs.models import Job
from portal.jobs.runner import Run, job_kind, start
from portal.policy import policy_version
from portal.policy.compile import quoted
from portal.policy.engine import RuleSet, current_rules
from portal.policy.law import DayLaw, law_on
from portal.policy.models import Parameter, ParameterValue
from portal.policy.rules import digest_of
from portal.policy.sets import Statement, law_row
from portal.policy.values import BadValue, canonical_value
from portal.workforce.fact_table import refresh, standing_still
from portal.workforce.models import KnownFacts

KIND = "entitlements.simulate"
FACTS_READ = (
    "在册人员的登记信息，包括尚未核验的：测算的是全部登记属实时的人数和费用上限，实际拨付以核验后的信息为准"
)
DIGEST_COVERS = "基准日、草案、政策版本、规则、人员信息（登记信息，含未核验）和测算结果"
_FACTS = KnownFacts._meta.db_table
_STEPS = 3
_LONGEST_TITLE = 80
_NOT_READ = "没有待遇的条件或标准用到这项参数，调整它不会有测算结果。"
_NUMBERS = ("was", "now", "gained", "lost", "unknown_was", "unknown_now", "unpriced_was", "unpriced_now")
_COSTS = ("cost_was", "cost_now")


def benefits_reading(codes: Sequence[str]) -> list[str]:
    """The benefits for persons whose rules read one of these figures, in order."""
    rules = current_rules()
    return [rule.benefit for rule in rules.rules if set(rules.laws_of(rule)) & set(codes)]


def readable_parameters() -> list[str]:
    """Codes of the figures that some rule reads: only a change of these changes anything here."""
    return sorted(current_rules().laws)


# -- drafts --------------------------------------------------------------------------------------------------
# Before it there was no policy; and nobody drafts law for the next generation.
FIRST_DAY = date(2019, 2, 20)
YEARS_AHEAD = 10
_STARTED = "该测算已经开始，不能再修改。需要调整的，请复制为新草案。"


@transaction.atomic
def draw_up(title: str, *, on: date, by: Any, value: ParameterValue | None = None) -> Simulation:
    """A new draft, empty or with a value that waits to be confirmed. Raises `Refused`, `ValidationError`."""
    require(by, "policy.simulate", WHOLE_REGION)
    title = title.strip()
    problems = _problems_of_draft(title, on, value)
    if problems:
        raise ValidationError(problems)
    draft = {} if value is None else {value.parameter.code: value.value}
    simulation = Simulation.objects.create(title=title, on=on, by=by, value=value, draft=draft)
    audit.record(
        "simulation.draw_up", by=by, obj=simulation, detail={"on": on.isoformat(), "draft": simulation.draft}
    )
    return simulation


def _problems_of_draft(title: str, on: date, value: ParameterValue | None) -> dict[str, str]:
    problems = {}
    if not 0 < len(title) <= _LONGEST_TITLE:
        problems["title"] = f"请填写测算名称，不超过{_LONGEST_TITLE}个字。"
    last_day = date(timezone.localdate().year + YEARS_AHEAD, 12, 31)
    if not FIRST_DAY <= on <= last_day:
        problems["on"] = f"基准日应在{FIRST_DAY}至{last_day}之间。"
    if value is not None:
        if value.confirmed_at is not None:
            problems["value"] = "该取值已复核，现行标准已包含它，不必按草案测算。"
        elif value.parameter.code not in readable_parameters():
            problems["value"] = _NOT_READ
    return problems


@transaction.atomic
def set_figure(simulation_id: int, parameter: Parameter, value: Any, *, by: Any) -> Simulation:
    """Set a figure of the draft (None: no value). Raises `Refused`, `NotNow`, `ValidationError`."""
    simulation = _lock_draft(simulation_id, by, to_change=True)
    if parameter.code not in readable_parameters():
        raise ValidationError({"parameter": _NOT_READ})
    try:
        draft = {**simulation.draft, parameter.code: canonical_value(parameter.kind, value)}
    except BadValue as error:
        raise ValidationError({"value": str(error)}) from error
    return _save_draft(simulation, draft, by)


@transaction.atomic
def remove_figure(simulation_id: int, code: str, *, by: Any) -> Simulation:
    """Take a figure out of the draft again. Raises `Refused`, `NotNow`."""
    simulation = _lock_draft(simulation_id, by, to_change=True)
    return _save_draft(
        simulation, {kept: value for kept, value in simulation.draft.items() if kept != code}, by
    )


def _save_draft(simulation: Simulation, draft: dict[str, Any], by: Any) -> Simulation:
    if draft != simulation.draft:
        simulation.draft = draft
        simulation.save(update_fields=["draft"])
        audit.record("simulation.change", by=by, obj=simulation, detail={"draft": draft})
    return simulation


@transaction.atomic
def run(simulation_id: int, *, by: Any) -> Job:
    """Compute the draft in the background. Raises `Refused`; `NotNow` when it is empty or was started."""
    simulation = _lock_draft(simulation_id, by)
    if not simulation.draft:
        raise NotNow("草案还没有任何调整。请先选择参数并填写草案取值。")
    simulation.job = start(
        KIND, title=f"政策测算：{simulation.title}", by=by, params={"simulation": simulation.pk}, total=_STEPS
    )
    simulation.save(update_fields=["job"])
    audit.record(
        "simulation.run",
        by=by,
        obj=simulation,
        detail={"on": simulation.on.isoformat(), "draft": simulation.draft},
    )
    return simulation.job


@transaction.atomic
def repeat(simulation_id: int, *, by: Any, begin: bool = True) -> Simulation:
    """The same draft once more: computed anew at once, or, without `begin`, to be changed first.

    With the same inputs it gives the same digest. Raises `Refused`; `NotNow` while it is computed.
    """
    require(by, "policy.simulate", WHOLE_REGION)
    before = Simulation.objects.select_for_update(of=("self",)).get(pk=simulation_id)
    same = Simulation.objects.filter(
        pk__gte=before.pk, on=before.on, draft=before.draft, job__in=Job.objects.unfinished()
    )
    if begin and same.exists():
        raise NotNow("同一草案的测算正在进行，请等待结果。")
    simulation = Simulation.objects.create(
        title=before.title, on=before.on, draft=before.draft, value=before.value, by=by
    )
    audit.record(
        "simulation.draw_up",
        by=by,
        obj=simulation,
        detail={"on": simulation.on.isoformat(), "again": before.pk},
    )
    if begin:
        simulation.job = run(simulation.pk, by=by)
    return simulation


def _lock_draft(simulation_id: int, by: Any, *, to_change: bool = False) -> Simulation:
    """A draft is changed by who drew it up; a colleague makes a copy."""
    require(by, "policy.simulate", WHOLE_REGION)
    simulation = Simulation.objects.select_for_update(of=("self",)).get(pk=simulation_id)
    if simulation.job_id is not None:
        raise NotNow(_STARTED)
    if to_change and simulation.by_id != by.pk:
        raise NotNow(f"草案由{simulation.by}起草，请复制为新草案后修改。")
    return simulation


@job_kind(KIND)
def _compute_job(job: Run) -> dict[str, Any]:
    """Computed again after a kill it gives the same; a result once kept stays."""
    simulation = Simulation.objects.get(pk=job.params["simulation"])
    if simulation.result is None:

        def tell(done: int, words: str) -> None:
            job.progress(done, total=_STEPS, step=words)

        computed = compute(simulation.draft, simulation.on, tell)
        Simulation.objects.filter(pk=simulation.pk, result__isnull=True).update(
            inputs=computed.inputs, result=computed.result, digest=computed.digest
        )
    return {"simulation": simulation.pk}


# -- the computation -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Computed:
    """`result` is {"people": …, "benefits": [...], "rows": [...]}.

    `people` counts persons who gain or lose anything, `benefits` has the totals of each benefit, `rows` the
    same by league and level (null: not on record). Costs are yuan as text, everybody entitled once; null
    where an amount is not settled or there is none. `unpriced` counts who is entitled to an amount that is
    not settled.
    """

    inputs: dict[str, Any]
    result: dict[str, Any]
    digest: str


def _tell_nobody(done: int, words: str) -> None:
    pass


def compute(draft: Mapping[str, Any], on: date, tell: Callable[[int, str], None] = _tell_nobody) -> Computed:
    """How many people gain or lose each benefit under the draft, and what it costs in yuan.

    The facts are those of the register as gathered today; the law is that of `on`.
    """
    tell(0, "汇总人员信息")
    refresh(timezone.localdate())
    rules = current_rules(benefits_reading(list(draft)))
    law = law_on(on)
    version = policy_version(on)
    tell(1, "按现行标准和草案逐人比对")
    with standing_still() as gathered:
        groups = _count_groups(rules, law, law.with_draft(draft))
    tell(2, "汇总结果")
    inputs = {
        "policy_version": version,
        "rules": {rule.benefit: rule.digest for rule in rules.rules},
        "law": {code: law.value(code) for code in sorted(rules.laws)},
        "facts_on": gathered.on.isoformat() if gathered else "",
        "people": sum(group.people for group in groups),
        "facts": f"{sum(group.facts for group in groups) % 2**128:032x}",
    }
    result = _result_of(rules, groups)
    digest = digest_of({"on": on.isoformat(), "draft": dict(draft), "inputs": inputs, "result": result})
    tell(_STEPS, "")
    return Computed(inputs, result, digest)


@dataclass(frozen=True)
class _Group:
    """Everybody of one league and level: how many, a number over their facts, the `_CELLS` by benefit."""

    league: str | None
    level: int | None
    people: int
    facts: int
    gained: int
    lost: int
    cells: Sequence[Any]


# What is counted of one benefit: b and a are the verdict and the amount before, d and c under the draft.
_CELLS = (
    "count(*) FILTER (WHERE {b})",
    "count(*) FILTER (WHERE {d})",
    "count(*) FILTER (WHERE {d} AND {b} IS NOT TRUE)",
    "count(*) FILTER (WHERE {b} AND {d} IS NOT TRUE)",
    "count(*) FILTER (WHERE {b} IS NULL)",
    "count(*) FILTER (WHERE {d} IS NULL)",
    "count(*) FILTER (WHERE {b} AND {a} IS NULL)",
    "count(*) FILTER (WHERE {d} AND {c} IS NULL)",
    "coalesce(sum({a}) FILTER (WHERE {b}), 0)",
    "coalesce(sum({c}) FILTER (WHERE {d}), 0)",
)


def _count_groups(rules: RuleSet, law: DayLaw, drafted: DayLaw) -> list[_Group]:
    """One pass over the gathered facts: everybody decided under both laws, and counted."""
    if not rules.rules:
        return []
    decided = _decided_register(rules, law, drafted)
    cells, gains, losses = [], [], []
    for place in range(len(rules.rules)):
        columns = {"b": f"was_e{place}", "a": f"was_a{place}", "d": f"now_e{place}", "c": f"now_a{place}"}
        cells += [cell.format(**columns) for cell in _CELLS]
        gains.append(f"(now_e{place} AND was_e{place} IS NOT TRUE)")
        losses.append(f"(was_e{place} AND now_e{place} IS NOT TRUE)")
    sql = f"""
SELECT left(work_region, 4) || '00' AS league, level, count(*), sum(number),
       count(*) FILTER (WHERE {" OR ".join(gains)}), count(*) FILTER (WHERE {" OR ".join(losses)}),
       {", ".join(cells)}
FROM ({decided.sql}) AS decided GROUP BY 1, 2 ORDER BY 1, 2
"""
    groups = []
    with connection.cursor() as cursor:
        cursor.execute(sql, decided.params)
        for league, level, people, facts, gained, lost, *counted in cursor:
            groups.append(_Group(league, level, people, int(facts), gained, lost, counted))
    return groups


def _decided_register(rules: RuleSet, law: DayLaw, drafted: DayLaw) -> Statement:
    """Everybody with the verdicts under both laws, and a number of their facts."""
    was, now = _decide_person(rules, law, "was"), _decide_person(rules, drafted, "now")
    names = dict.fromkeys(("worker_id", "work_region", "skill_level", *rules.facts))
    known = ", ".join(f"facts.{quoted(name)}" for name in names)
    # OFFSET 0 makes a layer of its own: merged into the statement around it, every count would decide
    # everybody anew.
    sql = f"""
SELECT facts.work_region, facts.skill_level AS level, hash_record_extended(ROW({known}), 0) AS number,
       was.*, now.*
FROM {_FACTS} AS facts CROSS JOIN LATERAL ({was.sql}) AS was CROSS JOIN LATERAL ({now.sql}) AS now OFFSET 0
"""
    return Statement(sql, (*was.params, *now.params))


def _decide_person(rules: RuleSet, law: DayLaw, side: str) -> Statement:
    """Of one person: per benefit whether it holds under this law, and the amount it would give."""
    columns = []
    for place, rule in enumerate(rules.rules):
        columns += [
            f"{rules.verdict_sql(rule)} AS {side}_e{place}",
            f"round({rules.result_sql(rule, 'amount')}, 2) AS {side}_a{place}",
        ]
    row = law_row(rules, law)
    return Statement(f"SELECT {', '.join(columns)} FROM ({row.sql}) AS law", row.params)


def _result_of(rules: RuleSet, groups: Sequence[_Group]) -> dict[str, Any]:
    rows = _result_rows(rules, groups)
    benefits = []
    for rule in rules.rules:
        paid = rule.amount is not None
        totals = sum_numbers((row for row in rows if row["benefit"] == rule.benefit), paid=paid)
        benefits.append({"benefit": rule.benefit, "paid": paid, **totals})
    return {
        "people": {
            "gained": sum(group.gained for group in groups),
            "lost": sum(group.lost for group in groups),
        },
        "benefits": benefits,
        "rows": rows,
    }


def _result_rows(rules: RuleSet, groups: Sequence[_Group]) -> list[dict[str, Any]]:
    """One row for each benefit, league and level where there is anybody to count."""
    rows = []
    for place, rule in enumerate(rules.rules):
        for group in groups:
            cells = group.cells[place * len(_CELLS) : (place + 1) * len(_CELLS)]
            counted = dict(zip(_NUMBERS, cells[: len(_NUMBERS)], strict=True))
            if not any(counted.values()):
                continue
            costs: dict[str, Decimal | None] = dict(zip(_COSTS, cells[len(_NUMBERS) :], strict=True))
            if rule.amount is None:
                counted |= {"unpriced_was": 0, "unpriced_now": 0}
                costs = dict.fromkeys(_COSTS)
            about = {"benefit": rule.benefit, "league": group.league, "level": group.level}
            rows.append({**about, **_with_costs(counted, costs)})
    return rows


def sum_numbers(rows: Iterable[Mapping[str, Any]], *, paid: bool = False) -> dict[str, Any]:
    """The numbers of several rows together; a cost nobody has an amount of is null, or 0 if `paid`."""
    rows = list(rows)
    counted = {name: sum(row[name] for row in rows) for name in _NUMBERS}
    costs: dict[str, Decimal | None] = {}
    for name in _COSTS:
        known = [Decimal(row[name]) for row in rows if row[name] is not None]
        costs[name] = sum(known, Decimal(0)) if known or paid else None
    return _with_costs(counted, costs)


def _with_costs(counted: Mapping[str, int], costs: Mapping[str, Decimal | None]) -> dict[str, Any]:
    """Costs as text; null where all who are entitled have an amount that is not settled."""
    numbers: dict[str, Any] = dict(counted)
    for side in ("was", "now"):
        cost = costs[f"cost_{side}"]
        unsettled = counted[side] > 0 and counted[side] == counted[f"unpriced_{side}"]
        numbers[f"cost_{side}"] = None if cost is None or unsettled else f"{cost:.2f}"
    return numbers
