"""How a figure of the law is written for people: one line for a number, a line for each cell of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from portal.formats import yuan
from portal.policy.facts import LEVEL_BY_CODE
from portal.policy.models import Kind, Parameter, ParameterValue

# What the keys of parameter tables are called, in the order in which they are shown.
_KEY_LABELS: dict[str, str] = {code: str(level.label) for code, level in LEVEL_BY_CODE.items()} | {
    "gold": "金牌",
    "silver": "银牌",
    "bronze": "铜牌",
    "excellence": "优胜奖",
    "high_skilled_people": "高技能人才总量",
    "training_base": "培训基地",
    "master_studio": "技能大师工作室",
    "competition_base": "竞赛集训基地",
    "national": "国家级",
    "autonomous_region": "自治区级",
    "age": "一般年龄",
    "low_income_age": "低保家庭成员年龄",
    "landless_age": "失地农牧民年龄",
    "female": "女",
    "male": "男",
    "resident_months": "常住",
    "insured_months": "参保",
    "low_income_unemployed_months": "低保家庭登记失业",
    "graduate_months": "毕业后未就业",
    "competition_cost": "竞赛经费",
    "competition_prize": "竞赛奖金",
    "public_institution_payroll": "机关事业单位在编人员",
}
_ORDER = {key: place for place, key in enumerate(_KEY_LABELS)}
# Units of tables that hold more than one kind of quantity, by the end of the key.
_UNITS = (("_months", "个月"), ("age", "岁"), ("_people", "人"), ("_base", "个"), ("_studio", "个"))


NO_VALUE = "没有取值"
IS_LISTED = "列入"


@dataclass(frozen=True)
class Change:
    """One part of a figure in words, before and after; a single number has no name of a part."""

    part: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


def figure_lines(
    parameter: Parameter, figure: ParameterValue, names: Mapping[str, str]
) -> list[tuple[str, str]]:
    """(part, how much) of a value; no part for a single number. `names` are those of listed codes."""
    value: Any = figure.value
    if value is None:
        return [("", NO_VALUE)]
    if parameter.kind == Kind.CODES:
        return [("", "、".join(code_label(code, names) for code in value))]
    if parameter.kind == Kind.STEPS:
        return list(_step_lines(parameter, value))
    if parameter.kind == Kind.PLACES:
        return [(code_label(place, names), value[place]) for place in sorted(value)]
    if isinstance(value, Mapping):
        return list(_cell_lines(parameter, value))
    return [("", _amount_text(value, parameter.unit))]


def compare_values(
    parameter: Parameter,
    before: ParameterValue | None,
    after: ParameterValue | None,
    names: Mapping[str, str],
) -> list[Change]:
    """What another value makes of the one in force, part by part; of lists, code by code."""
    if parameter.kind == Kind.CODES:
        return _compare_lists(before, after, names)
    if parameter.kind == Kind.STEPS:
        bounds = _bounds(before) | _bounds(after)
        before, after = _cut_at(bounds, before), _cut_at(bounds, after)
    old, new = _lines_by_part(parameter, before, names), _lines_by_part(parameter, after, names)
    parts = dict.fromkeys([*old, *new])
    return [Change(part, old.get(part, NO_VALUE), new.get(part, NO_VALUE)) for part in parts]


def _compare_lists(
    before: ParameterValue | None, after: ParameterValue | None, names: Mapping[str, str]
) -> list[Change]:
    listed_before, listed_after = _listed_codes(before, names), _listed_codes(after, names)
    changes = []
    for code in dict.fromkeys([*listed_before, *listed_after]):
        changes.append(Change(code, _listed_text(code in listed_before), _listed_text(code in listed_after)))
    return changes


def _listed_text(listed: bool) -> str:
    return IS_LISTED if listed else "不列入"


def _bounds(value: ParameterValue | None) -> set[Any]:
    if value is None:
        return set()
    return {start for start, _ in value.value or []}


def _cut_at(bounds: set[Any], value: ParameterValue | None) -> ParameterValue | None:
    """The same steps cut at all these bounds, so that two of them can be compared span by span."""
    if value is None or value.value is None:
        return value
    steps = []
    for bound in sorted(bounds):
        reached = [result for start, result in value.value if start <= bound]
        if reached:
            steps.append([bound, reached[-1]])
    return ParameterValue(value=steps)


def _listed_codes(value: ParameterValue | None, names: Mapping[str, str]) -> list[str]:
    if value is None:
        return []
    return [code_label(code, names) for code in value.value or []]


def _lines_by_part(
    parameter: Parameter, value: ParameterValue | None, names: Mapping[str, str]
) -> dict[str, str]:
    if value is None or value.value is None:
        return {}
    return dict(figure_lines(parameter, value, names))


def source_text(figure: ParameterValue) -> str:
    """Document and article; the policy's own paragraphs are written in brackets, as it writes them."""
    if figure.article and set(figure.article) <= set("一二三四五六七八九十"):
        return f"{figure.document}（{figure.article}）"
    return f"{figure.document} {figure.article}".strip()


def _amount_text(value: Any, unit: str) -> str:
    if unit.startswith("元"):
        return yuan(value) + unit.removeprefix("元")
    number = Decimal(str(value))
    whole = number == number.to_integral_value()
    digits = f"{number:,.0f}" if whole else f"{number.normalize():,f}"
    return f"{digits}个月" if unit == "月" else f"{digits}{unit}"


def _cell_lines(
    parameter: Parameter, table: Mapping[str, Any], above: str = "", unit: str = ""
) -> Iterator[tuple[str, str]]:
    for key in sort_keys(table):
        label = f"{above} {_key_label(key)}".strip()
        unit_here = parameter.unit or _unit_of_key(key) or unit
        if isinstance(table[key], Mapping):
            yield from _cell_lines(parameter, table[key], label, unit_here)
        else:
            yield label, _amount_text(table[key], unit_here)


def _unit_of_key(key: str) -> str:
    for ending, unit in _UNITS:
        if key.endswith(ending):
            return unit
    return ""


def _step_lines(parameter: Parameter, steps: list[Any]) -> Iterator[tuple[str, str]]:
    """Steps are [[from, value], …], each valid from its bound of years up to the next one."""
    ends = [start for start, _ in steps[1:]]
    for (start, value), end in zip_longest(steps, ends):
        span = f"满{start}年" if start else ""
        if end is not None:
            span += f"不满{end}年"
        yield span, _amount_text(value, parameter.unit)


def sort_keys(keys: Iterable[str]) -> list[str]:
    """Keys of a table as they are read: levels and medals by rank, other keys behind them."""
    return sorted(keys, key=lambda key: (_ORDER.get(key, len(_ORDER)), key))


def code_label(code: str, names: Mapping[str, str]) -> str:
    """What a listed code is called."""
    return names.get(code) or _key_label(code)


def cell_label(path: Iterable[str]) -> str:
    """What a cell of a table is called, from its row and column: 培训基地 国家级."""
    return " ".join(_key_label(key) for key in path)


def unit_for(parameter: Parameter, path: Iterable[str] = ()) -> str:
    """The unit of a value or of a cell of a table that holds more than one kind of quantity."""
    if parameter.unit:
        return parameter.unit
    for key in path:
        if unit := _unit_of_key(key):
            return unit
    return ""


def _key_label(key: str) -> str:
    if key.isdigit():
        return f"第{key}届" if len(key) < 4 else f"{key}年"
    return _KEY_LABELS.get(key, key)
