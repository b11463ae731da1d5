"""What a simulation found, as pages and exports say it: the headline, rows by benefit, league and level, what
it rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.entitlements.models import Simulation
from portal.entitlements.simulation import sum_numbers
from portal.formats import date_cn, yuan
from portal.jobs.models import JobState
from portal.policy.benefits import BY_CODE
from portal.policy.law import law_on
from portal.policy.models import Kind, Parameter, ParameterValue
from portal.regions.models import Region
from portal.window.law.figures import IS_LISTED, Change, changes
from portal.workforce.models import SkillLevel

UNSETTLED, WITHOUT_MONEY, NOT_ON_RECORD = "标准未定", "不涉及金额", "未登记"
_SAME = "与现行相同"
Rows = Sequence[Mapping[str, Any]]


def state_of(one: Simulation) -> tuple[str, str]:
    """(words, tone) of where a simulation stands."""
    if one.digest:
        return "完成", "good"
    if one.job is None:
        return "草案", "plain"
    if one.job.finished:
        return ("已取消", "warn") if one.job.state == JobState.CANCELLED else ("未完成", "bad")
    return f"进行中 {one.job.percent}%", "info"


def title_of(benefit: str) -> str:
    """A benefit that has left the catalogue is called by its code."""
    return BY_CODE[benefit].title if benefit in BY_CODE else benefit


# -- money ---------------------------------------------------------------------------------------------------
def cost(amount: str | None, paid: bool) -> str:
    return yuan(amount) if amount is not None else UNSETTLED if paid else WITHOUT_MONEY


def difference(row: Mapping[str, Any]) -> Decimal | None:
    """What the draft costs more, in yuan; none where a side is not known."""
    if row["cost_was"] is None or row["cost_now"] is None:
        return None
    return Decimal(row["cost_now"]) - Decimal(row["cost_was"])


def signed(amount: Decimal | None) -> str:
    if amount is None:
        return "—"
    return f"{'+' if amount > 0 else '−' if amount < 0 else ''}{yuan(abs(amount))}"


def _cost_change(total: Mapping[str, Any], paid: bool) -> str:
    was, now, more = total["cost_was"], total["cost_now"], difference(total)
    if not paid:
        return "不涉及费用"
    if more is not None:
        return f"费用{'增加' if more > 0 else '减少'}{yuan(abs(more))}" if more else "费用不变"
    if was is None and now is None:
        return "费用标准未定"
    return (
        f"现行标准未定，按草案费用为{yuan(now)}" if was is None else f"现行费用为{yuan(was)}，按草案没有标准"
    )


# -- sentences -----------------------------------------------------------------------------------------------
def headline(people: Mapping[str, int], benefits: Rows) -> str:
    """新增3人，减少0人，费用增加6,000元: for lists."""
    change = _cost_change(sum_numbers(benefits), any(row["paid"] for row in benefits))
    return f"新增{people['gained']:,}人，减少{people['lost']:,}人，{change}"


def sentence(one: Simulation) -> str:
    """The result in one sentence."""
    result: Mapping[str, Any] = one.result or {}
    people, benefits = result["people"], result["benefits"]
    total, paid = sum_numbers(benefits), any(row["paid"] for row in benefits)
    more = difference(total)
    if more:
        money = f"费用由{yuan(total['cost_was'])}变为{yuan(total['cost_now'])}，{_cost_change(total, paid).removeprefix('费用')}"
    else:
        money = _cost_change(total, paid)
    among = "、".join(title_of(row["benefit"]) for row in benefits)
    if people["gained"] or people["lost"]:
        who = f"{people['gained']:,}人新增享受、{people['lost']:,}人不再享受相关待遇（{among}）"
    else:
        who = f"没有人新增享受或不再享受相关待遇（{among}）"
    return f"按{date_cn(one.on)}的政策，对在册{one.inputs['people']:,}人测算：草案执行后，{who}，{money}。"


# -- rows ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """A row of a table: what it is about, the numbers (see portal.entitlements.simulation), costs in words."""

    name: str
    numbers: Mapping[str, Any]
    paid: bool

    @property
    def cost_was(self) -> str:
        return cost(self.numbers["cost_was"], self.paid)

    @property
    def cost_now(self) -> str:
        return cost(self.numbers["cost_now"], self.paid)

    @property
    def change(self) -> str:
        return signed(difference(self.numbers))


def by_benefit(benefits: Rows) -> list[Line]:
    return [Line(title_of(row["benefit"]), row, row["paid"]) for row in benefits]


def total_of(benefits: Rows) -> Line:
    return Line("合计", sum_numbers(benefits), any(row["paid"] for row in benefits))


def by_league(rows: Rows, paid: bool, names: Mapping[str, str]) -> list[Line]:
    return _grouped(rows, "league", paid, lambda code: names.get(code, code) if code else NOT_ON_RECORD)


def by_level(rows: Rows, paid: bool) -> list[Line]:
    return _grouped(rows, "level", paid, level_name)


def level_name(level: int | None) -> str:
    return NOT_ON_RECORD if level is None else str(SkillLevel(level).label) if level else "无等级"


def league_names() -> dict[str, str]:
    """Of leagues, and of the autonomous region for who works in none of them."""
    return {region.code: region.name for region in Region.objects.all() if region.code.endswith("00")}


def _grouped(rows: Rows, key: str, paid: bool, name: Callable[[Any], str]) -> list[Line]:
    """Added up by a column, in its order; what is not on record comes last."""
    found: dict[Any, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    ordered = sorted(
        found,
        key=lambda value: (value is None, value or 0) if key == "level" else (value is None, value or ""),
    )
    return [Line(name(value), sum_numbers(found[value]), paid) for value in ordered]


def charts(leagues: Sequence[Line], levels: Sequence[Line], paid: bool) -> dict[str, Any]:
    """The figures of the tables for the charts beside them. Without amounts the second one shows people
    instead of costs.

    Where nobody gains or loses anything there is no chart of it: an empty one says less than the table.
    """

    def series(name: str, colour: str, values: Iterable[Any]) -> dict[str, Any]:
        return {"name": name, "colour": f"--{colour}", "values": list(values)}

    if paid:
        costs = [[Decimal(line.numbers[side] or 0) for line in levels] for side in ("cost_was", "cost_now")]
        large = max((amount for side in costs for amount in side), default=Decimal(0)) >= 1_000_000
        unit, by = ("万元", 10_000) if large else ("元", 1)
        second = [
            series(f"{words}（{unit}）", colour, (round(float(amount / by), 2) for amount in side))
            for words, colour, side in zip(
                ("现行费用", "草案费用"), ("action-line", "action"), costs, strict=True
            )
        ]
    else:
        second = [
            series(words, colour, (line.numbers[side] for line in levels))
            for words, colour, side in (
                ("现行（人次）", "action-line", "was"),
                ("草案（人次）", "action", "now"),
            )
        ]
    return {
        "leagues": {
            "names": [line.name for line in leagues],
            "series": [
                series("新增", "action", (line.numbers["gained"] for line in leagues)),
                series("减少", "warn-line", (line.numbers["lost"] for line in leagues)),
            ],
        }
        if any(line.numbers["gained"] or line.numbers["lost"] for line in leagues)
        else None,
        "levels": {"names": [line.name for line in levels], "series": second},
    }


# -- the draft -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Drafted:
    """A figure of a draft beside the one of the law: the parts that differ, each as a line before and after."""

    parameter: Parameter
    before: Sequence[str]
    after: Sequence[str]


def _differing(parameter: Parameter, rows: Iterable[Change]) -> Drafted:
    rows = list(rows)
    changed = [row for row in rows if row.differs]
    if parameter.kind == Kind.CODES:
        # A list is told by what comes and what goes.
        listed = IS_LISTED
        goes, comes = (
            [row.what for row in changed if getattr(row, side) == listed] for side in ("before", "after")
        )
        after = [
            f"{words}：{'、'.join(codes)}"
            for words, codes in (("不再列入", goes), ("新列入", comes))
            if codes
        ]
        counts = [
            f"列入{sum(getattr(row, side) == listed for row in rows)}项" for side in ("before", "after")
        ]
        return Drafted(parameter, counts[:1], [*after, counts[1]] if after else [_SAME])
    if not changed:
        return Drafted(parameter, ["—"], [_SAME])
    before, after = (
        [f"{row.what} {getattr(row, side)}".strip() for row in changed] for side in ("before", "after")
    )
    return Drafted(parameter, before, after)


def drafted_figures(one: Simulation, names: Mapping[str, str]) -> list[Drafted]:
    """What the draft makes of the law of its day; of a computed one, of the law as it was read then."""
    law = law_on(one.on)
    found = []
    for parameter in Parameter.objects.filter(code__in=one.draft).select_related("clause").in_order():
        # A computed one keeps the figures it read: later law changes nothing about what it said.
        before = one.inputs["law"].get(parameter.code) if one.inputs else law.value(parameter.code)
        held = None if before is None else ParameterValue(parameter=parameter, value=before)
        drafted = ParameterValue(parameter=parameter, value=one.draft[parameter.code])
        found.append(_differing(parameter, changes(parameter, held, drafted, names)))
    return found


# -- what it rests on ----------------------------------------------------------------------------------------
_INPUTS = {
    "people": "在册人数",
    "facts": "人员信息",
    "facts_on": "人员信息汇总日期",
    "law": "现行标准",
    "rules": "待遇规则",
    "policy_version": "政策版本",
}


@dataclass(frozen=True)
class Earlier:
    """The computation before of the same draft: whether it gave the same, or which inputs are others now."""

    one: Simulation
    same: bool
    differing: Sequence[str]


def earlier_of(one: Simulation, seen: Any) -> Earlier | None:
    """The last one computed before this of the same draft and day, among those `seen` (a queryset)."""
    found = (
        seen.filter(pk__lt=one.pk, on=one.on, draft=one.draft)
        .exclude(digest="")
        .defer("result")
        .order_by("-pk")
        .first()
    )
    if found is None:
        return None
    differing = [words for name, words in _INPUTS.items() if found.inputs.get(name) != one.inputs.get(name)]
    return Earlier(found, found.digest == one.digest, differing)
