"""What a simulation found, as pages and exports say it: the headline and the lines of its tables."""

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
from portal.regions.models import Region
from portal.workforce.models import SkillLevel

UNSETTLED, WITHOUT_MONEY, NOT_ON_RECORD = "标准未定", "不涉及金额", "未登记"

Rows = Sequence[Mapping[str, Any]]


def state_words(simulation: Simulation) -> tuple[str, str]:
    """(words, tone) of where a simulation stands."""
    if simulation.digest:
        return "完成", "good"
    if simulation.job is None:
        return "草案", "plain"
    if simulation.job.finished:
        return ("已取消", "warn") if simulation.job.state == JobState.CANCELLED else ("未完成", "bad")
    return f"进行中 {simulation.job.percent}%", "info"


def benefit_title(benefit: str) -> str:
    """A benefit that has left the catalogue is called by its code."""
    return BY_CODE[benefit].title if benefit in BY_CODE else benefit


# -- money ---------------------------------------------------------------------------------------------------
def cost_text(amount: str | None, paid: bool) -> str:
    if amount is not None:
        return yuan(amount)
    return UNSETTLED if paid else WITHOUT_MONEY


def cost_difference(row: Mapping[str, Any]) -> Decimal | None:
    """What the draft costs more, in yuan; none where a side is not known."""
    if row["cost_was"] is None or row["cost_now"] is None:
        return None
    return Decimal(row["cost_now"]) - Decimal(row["cost_was"])


def signed_amount(amount: Decimal | None) -> str:
    if amount is None:
        return "—"
    if amount == 0:
        return yuan(amount)
    return f"{'+' if amount > 0 else '−'}{yuan(abs(amount))}"


def _cost_change(total: Mapping[str, Any], paid: bool) -> str:
    if not paid:
        return "不涉及费用"
    was, now, difference = total["cost_was"], total["cost_now"], cost_difference(total)
    if difference == 0:
        return "费用不变"
    if difference is not None:
        return f"费用{'增加' if difference > 0 else '减少'}{yuan(abs(difference))}"
    if was is None and now is None:
        return "费用标准未定"
    if was is None:
        return f"现行标准未定，按草案费用为{yuan(now)}"
    return f"现行费用为{yuan(was)}，按草案没有标准"


# -- sentences -----------------------------------------------------------------------------------------------
def headline(people: Mapping[str, int], benefits: Rows) -> str:
    """新增3人，减少0人，费用增加6,000元: for lists."""
    change = _cost_change(sum_numbers(benefits), any(row["paid"] for row in benefits))
    return f"新增{people['gained']:,}人，减少{people['lost']:,}人，{change}"


def sentence(simulation: Simulation) -> str:
    """The result in one sentence."""
    result: Mapping[str, Any] = simulation.result or {}
    people, benefits = result["people"], result["benefits"]
    among = "、".join(benefit_title(row["benefit"]) for row in benefits)
    if people["gained"] or people["lost"]:
        who = f"{people['gained']:,}人新增享受、{people['lost']:,}人不再享受相关待遇（{among}）"
    else:
        who = f"没有人新增享受或不再享受相关待遇（{among}）"
    basis = f"按{date_cn(simulation.on)}的政策，对在册{simulation.inputs['people']:,}人的登记信息（含未核验的）测算"
    return f"{basis}：草案执行后，{who}，{_cost_sentence(benefits)}。"


def _cost_sentence(benefits: Rows) -> str:
    total = sum_numbers(benefits)
    change = _cost_change(total, any(row["paid"] for row in benefits))
    if not cost_difference(total):
        return change
    was, now = yuan(total["cost_was"]), yuan(total["cost_now"])
    return f"费用由{was}变为{now}，{change.removeprefix('费用')}"


# -- rows ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """A row of a table: its name, the numbers of portal.entitlements.simulation, costs in words."""

    name: str
    numbers: Mapping[str, Any]
    paid: bool

    @property
    def cost_was(self) -> str:
        return cost_text(self.numbers["cost_was"], self.paid)

    @property
    def cost_now(self) -> str:
        return cost_text(self.numbers["cost_now"], self.paid)

    @property
    def change(self) -> str:
        return signed_amount(cost_difference(self.numbers))


def lines_by_benefit(benefits: Rows) -> list[Line]:
    return [Line(benefit_title(row["benefit"]), row, row["paid"]) for row in benefits]


def total_line(benefits: Rows) -> Line:
    return Line("合计", sum_numbers(benefits), any(row["paid"] for row in benefits))


def lines_by_league(rows: Rows, paid: bool, names: Mapping[str, str]) -> list[Line]:
    def league_name(code: str | None) -> str:
        return names.get(code, code) if code else NOT_ON_RECORD

    return _lines_by(rows, "league", paid, league_name)


def lines_by_level(rows: Rows, paid: bool) -> list[Line]:
    return _lines_by(rows, "level", paid, level_name)


def level_name(level: int | None) -> str:
    if level is None:
        return NOT_ON_RECORD
    return str(SkillLevel(level).label) if level else "无等级"


def league_names() -> dict[str, str]:
    """Of leagues, and of the autonomous region for who works in none of them."""
    return {region.code: region.name for region in Region.objects.all() if region.code.endswith("00")}


def _lines_by(rows: Rows, key: str, paid: bool, name_of: Callable[[Any], str]) -> list[Line]:
    """Added up by a column, in its order; what is not on record comes last."""
    groups: dict[Any, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    ordered = sorted(value for value in groups if value is not None)
    if None in groups:
        ordered.append(None)
    return [Line(name_of(value), sum_numbers(groups[value]), paid) for value in ordered]


# -- charts --------------------------------------------------------------------------------------------------
def chart_series(leagues: Sequence[Line], levels: Sequence[Line], paid: bool) -> dict[str, Any]:
    """The numbers of the tables for the charts beside them; people by level where nothing is paid."""
    return {
        "leagues": _people_by_league(leagues),
        "levels": _costs_by_level(levels) if paid else _people_by_level(levels),
    }


def _series(name: str, colour: str, values: Iterable[Any]) -> dict[str, Any]:
    return {"name": name, "colour": f"--{colour}", "values": list(values)}


def _column(lines: Sequence[Line], number: str) -> list[Any]:
    return [line.numbers[number] for line in lines]


def _people_by_league(leagues: Sequence[Line]) -> dict[str, Any] | None:
    """None where nobody gains or loses anything: an empty chart says less than the table."""
    gained, lost = _column(leagues, "gained"), _column(leagues, "lost")
    if not any(gained) and not any(lost):
        return None
    return {
        "names": [line.name for line in leagues],
        "series": [_series("新增", "action", gained), _series("减少", "warn-line", lost)],
    }


def _people_by_level(levels: Sequence[Line]) -> dict[str, Any]:
    return {
        "names": [line.name for line in levels],
        "series": [
            _series("现行（人次）", "action-line", _column(levels, "was")),
            _series("草案（人次）", "action", _column(levels, "now")),
        ],
    }


def _costs_by_level(levels: Sequence[Line]) -> dict[str, Any]:
    was = [Decimal(cost or 0) for cost in _column(levels, "cost_was")]
    now = [Decimal(cost or 0) for cost in _column(levels, "cost_now")]
    in_ten_thousands = max([*was, *now], default=Decimal(0)) >= 1_000_000
    unit, divisor = ("万元", 10_000) if in_ten_thousands else ("元", 1)
    return {
        "names": [line.name for line in levels],
        "series": [
            _series(f"现行费用（{unit}）", "action-line", _rounded(was, divisor)),
            _series(f"草案费用（{unit}）", "action", _rounded(now, divisor)),
        ],
    }


def _rounded(amounts: Iterable[Decimal], divisor: int) -> list[float]:
    return [round(float(amount / divisor), 2) for amount in amounts]
