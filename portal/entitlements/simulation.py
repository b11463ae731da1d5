"""What if: some figures as a draft would set them, over the whole register. Nothing real is read from it or
changed by it.

The same executor decides everybody twice, under the law of the day and under the draft; only what stands in
FROM differs. What is kept are numbers by league and by level, no row about a person.
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
from portal.accounts.access import require
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
    """A new draft, empty or with a value that waits for its confirmation. Raises `Refused`, `ValidationError`
    by field.
    """
    require(by, "policy.simulate")
    title, last = title.strip(), timezone.localdate().year + YEARS_AHEAD
    problems = {}
    if not 0 < len(title) <= _LONGEST_TITLE:
        problems["title"] = f"请填写测算名称，不超过{_LONGEST_TITLE}个字。"
    if not FIRST_DAY <= on <= date(last, 12, 31):
        problems["on"] = f"基准日应在{FIRST_DAY}至{last}-12-31之间。"
    if value is not None and value.confirmed_at is not None:
        problems["value"] = "该取值已复核，现行标准已包含它，不必按草案测算。"
    elif value is not None and value.parameter.code not in readable_parameters():
        problems["value"] = _NOT_READ
    if problems:
        raise ValidationError(problems)
    made = Simulation.objects.create(
        title=title,
        on=on,
        by=by,
        value=value,
        draft={} if value is None else {value.parameter.code: value.value},
    )
    audit.record("simulation.draw_up", by=by, obj=made, detail={"on": on.isoformat(), "draft": made.draft})
    return made


@transaction.atomic
def set_figure(simulation_id: int, parameter: Parameter, value: Any, *, by: Any) -> Simulation:
    """Set a figure of the draft (None: no value). Raises `Refused`, `NotNow` once it was started,
    `ValidationError`.
    """
    made = _draft(simulation_id, by)
    if parameter.code not in readable_parameters():
        raise ValidationError({"parameter": _NOT_READ})
    try:
        draft = {**made.draft, parameter.code: canonical_value(parameter.kind, value)}
    except BadValue as error:
        raise ValidationError({"value": str(error)}) from error
    return _change(made, draft, by)


@transaction.atomic
def remove_figure(simulation_id: int, code: str, *, by: Any) -> Simulation:
    """Take a figure out of the draft again. Raises `Refused`, `NotNow`."""
    made = _draft(simulation_id, by)
    return _change(made, {kept: value for kept, value in made.draft.items() if kept != code}, by)


def _change(made: Simulation, draft: dict[str, Any], by: Any) -> Simulation:
    if draft != made.draft:
        made.draft = draft
        made.save(update_fields=["draft"])
        audit.record("simulation.change", by=by, obj=made, detail={"draft": draft})
    return made


@transaction.atomic
def run(simulation_id: int, *, by: Any) -> Job:
    """Compute the draft in the background. Raises `Refused`; `NotNow` for an empty draft, or when it was
    started already.
    """
    made = _draft(simulation_id, by)
    if not made.draft:
        raise NotNow("草案还没有任何调整。请先选择参数并填写草案取值。")
    made.job = start(
        KIND, title=f"政策测算：{made.title}", by=by, params={"simulation": made.pk}, total=_STEPS
    )
    made.save(update_fields=["job"])
    audit.record("simulation.run", by=by, obj=made, detail={"on": made.on.isoformat(), "draft": made.draft})
    return made.job


@transaction.atomic
def again(simulation_id: int, *, by: Any, begin: bool = True) -> Simulation:
    """The same draft once more: computed anew at once, or, without `begin`, to be changed first.

    With the same inputs it gives the same digest. Raises `Refused`; `NotNow` while the same draft is still
    being computed.
    """
    require(by, "policy.simulate")
    before = Simulation.objects.select_for_update(of=("self",)).get(pk=simulation_id)
    same = Simulation.objects.filter(
        pk__gte=before.pk, on=before.on, draft=before.draft, job__in=Job.objects.unfinished()
    )
    if begin and same.exists():
        raise NotNow("同一草案的测算正在进行，请等待结果。")
    made = Simulation.objects.create(
        title=before.title, on=before.on, draft=before.draft, value=before.value, by=by
    )
    audit.record(
        "simulation.draw_up", by=by, obj=made, detail={"on": made.on.isoformat(), "again": before.pk}
    )
    if begin:
        made.job = run(made.pk, by=by)
    return made


def _draft(simulation_id: int, by: Any) -> Simulation:
    require(by, "policy.simulate")
    made = Simulation.objects.select_for_update(of=("self",)).get(pk=simulation_id)
    if made.job_id is not None:
        raise NotNow(_STARTED)
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


# -- the computation -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """`result` is {"people": …, "benefits": [...], "rows": [...]}.

    `people` counts persons who gain or lose anything, `benefits` has the totals of each benefit, `rows` the
    same by league and level (null: not on record). Costs are yuan as text: everybody entitled, once. Null
    where an amount is not settled or there is none; `unpriced` counts who is entitled to an amount that is
    not settled.
    """

    inputs: dict[str, Any]
    result: dict[str, Any]
    digest: str


def compute(
    draft: Mapping[str, Any], on: date, tell: Callable[[int, str], None] = lambda done, words: None
) -> Found:
    """How many people gain or lose each benefit under the draft, and what it costs in yuan, by league and
    level.

    The facts are those of the register as gathered today; the law is that of `on`.
    """
    tell(0, "汇总人员信息")
    refresh(timezone.localdate())
    rules, law, version = current_rules(benefits_reading(list(draft))), law_on(on), policy_version(on)
    tell(1, "按现行标准和草案逐人比对")
    with standing_still() as gathered:
        groups = _groups(rules, law, law.with_draft(draft))
    tell(2, "汇总结果")
    rows = _rows(rules, groups)
    inputs = {
        "policy_version": version,
        "rules": {rule.benefit: rule.digest for rule in rules.rules},
        "law": {code: law.value(code) for code in sorted(rules.laws)},
        "facts_on": gathered.on.isoformat() if gathered else "",
        "people": sum(group.people for group in groups),
        "facts": f"{sum(group.facts for group in groups) % 2**128:032x}",
    }
    result = {
        "people": {
            "gained": sum(group.gained for group in groups),
            "lost": sum(group.lost for group in groups),
        },
        "benefits": [
            {
                "benefit": rule.benefit,
                "paid": rule.amount is not None,
                **sum_numbers(
                    (row for row in rows if row["benefit"] == rule.benefit), paid=rule.amount is not None
                ),
            }
            for rule in rules.rules
        ],
        "rows": rows,
    }
    digest = digest_of({"on": on.isoformat(), "draft": dict(draft), "inputs": inputs, "result": result})
    tell(_STEPS, "")
    return Found(inputs, result, digest)


@dataclass(frozen=True)
class _Group:
    """Everybody of one league and level: how many, a number over what is known of them, and per benefit the
    cells of `_CELLS`.
    """

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


def _groups(rules: RuleSet, law: DayLaw, drafted: DayLaw) -> list[_Group]:
    """One pass over the gathered facts: everybody decided under both laws, and counted.

    The facts make a number that does not depend on the order of the rows.
    """
    if not rules.rules:
        return []
    was, now = _decided(rules, law, "was"), _decided(rules, drafted, "now")
    known = ", ".join(
        f"facts.{quoted(name)}"
        for name in dict.fromkeys(("worker_id", "work_region", "skill_level", *rules.facts))
    )
    places = range(len(rules.rules))
    inner = (
        f"SELECT facts.work_region, facts.skill_level AS level, hash_record_extended(ROW({known}), 0) AS number, was.*, now.*"
        # A layer of its own: merged into the statement around it, every count would decide everybody anew.
        f" FROM {_FACTS} AS facts CROSS JOIN LATERAL ({was.sql}) AS was CROSS JOIN LATERAL ({now.sql}) AS now OFFSET 0"
    )
    names = [{"b": f"was_e{n}", "a": f"was_a{n}", "d": f"now_e{n}", "c": f"now_a{n}"} for n in places]
    gained, lost = (
        " OR ".join(f"({new} AND {old} IS NOT TRUE)" for new, old in pairs)
        for pairs in (
            [(f"now_e{n}", f"was_e{n}") for n in places],
            [(f"was_e{n}", f"now_e{n}") for n in places],
        )
    )
    cells = [cell.format(**name) for name in names for cell in _CELLS]
    sql = (
        f"SELECT left(work_region, 4) || '00' AS league, level, count(*), sum(number), count(*) FILTER (WHERE {gained}),"
        f" count(*) FILTER (WHERE {lost}), {', '.join(cells)} FROM ({inner}) AS decided GROUP BY 1, 2 ORDER BY 1, 2"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*was.params, *now.params])
        return [
            _Group(league, level, people, int(facts), gains, loses, rest)
            for league, level, people, facts, gains, loses, *rest in cursor
        ]


def _decided(rules: RuleSet, law: DayLaw, side: str) -> Statement:
    """Of one person: per benefit whether it holds under this law, and the amount it would give."""
    columns = []
    for place, rule in enumerate(rules.rules):
        columns += [
            f"{rules.verdict_sql(rule)} AS {side}_e{place}",
            f"round({rules.result_sql(rule, 'amount')}, 2) AS {side}_a{place}",
        ]
    row = law_row(rules, law)
    return Statement(f"SELECT {', '.join(columns)} FROM ({row.sql}) AS law", row.params)


def _rows(rules: RuleSet, groups: Sequence[_Group]) -> list[dict[str, Any]]:
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
            rows.append(
                {
                    "benefit": rule.benefit,
                    "league": group.league,
                    "level": group.level,
                    **_settled(counted, costs),
                }
            )
    return rows


def sum_numbers(rows: Iterable[Mapping[str, Any]], *, paid: bool = False) -> dict[str, Any]:
    """The numbers of several rows together. A cost is null where nobody has an amount; of a `paid` benefit
    nobody gets it is 0.
    """
    rows = list(rows)
    counted = {name: sum(row[name] for row in rows) for name in _NUMBERS}
    costs: dict[str, Decimal | None] = {}
    for name in _COSTS:
        known = [Decimal(row[name]) for row in rows if row[name] is not None]
        costs[name] = sum(known, Decimal(0)) if known or paid else None
    return _settled(counted, costs)


def _settled(counted: Mapping[str, int], costs: Mapping[str, Decimal | None]) -> dict[str, Any]:
    """Costs as text; null where all who are entitled have an amount that is not settled."""
    found: dict[str, Any] = dict(counted)
    for side in ("was", "now"):
        cost = costs[f"cost_{side}"]
        unsettled = counted[side] > 0 and counted[side] == counted[f"unpriced_{side}"]
        found[f"cost_{side}"] = None if cost is None or unsettled else f"{cost:.2f}"
    return found
