"""How a figure of the law is written for people: one line for a number, a line for each cell of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.formats import yuan
from portal.policy.facts import LEVEL_BY_CODE
from portal.policy.models import Kind, Parameter, ParameterValue

# What the keys of parameter tables are called, in the order in which they are shown.
_WORDS: dict[str, str] = {code: str(level.label) for code, level in LEVEL_BY_CODE.items()} | {
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
_ORDER = {key: place for place, key in enumerate(_WORDS)}
# Units of tables that hold more than one kind of quantity, by the end of the key.
_UNITS = (("_months", "个月"), ("age", "岁"), ("_people", "人"), ("_base", "个"), ("_studio", "个"))


NO_VALUE = "没有取值"
IS_LISTED = "列入"


@dataclass(frozen=True)
class Change:
    """One figure before and after: what (empty for a single number), the words of both, whether they differ."""

    what: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


def lines(parameter: Parameter, figure: ParameterValue, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """(what, how much) of a value; what is empty for a single number. `names` are the names of listed codes."""
    value: Any = figure.value
    if value is None:
        return [("", NO_VALUE)]
    if parameter.kind == Kind.CODES:
        return [("", "、".join(word(code, names) for code in value))]
    if parameter.kind == Kind.STEPS:
        return list(_steps(parameter, value))
    if isinstance(value, Mapping):
        return list(_cells(parameter, value))
    return [("", _amount(value, parameter.unit))]


def changes(
    parameter: Parameter,
    before: ParameterValue | None,
    after: ParameterValue | None,
    names: Mapping[str, str],
) -> list[Change]:
    """What another value makes of the one in force (None: nothing was), figure by figure; of lists, code by
    code.
    """
    if parameter.kind == Kind.CODES:
        were, are = (_listed(value, names) for value in (before, after))
        return [
            Change(code, _is_listed(code in were), _is_listed(code in are))
            for code in dict.fromkeys([*were, *are])
        ]
    if parameter.kind == Kind.STEPS:
        before, after = (_cut(value, _bounds(before) | _bounds(after)) for value in (before, after))
    old, new = (_written(parameter, value, names) for value in (before, after))
    return [
        Change(what, old.get(what, NO_VALUE), new.get(what, NO_VALUE)) for what in dict.fromkeys([*old, *new])
    ]


def _is_listed(listed: bool) -> str:
    return IS_LISTED if listed else "不列入"


def _bounds(value: ParameterValue | None) -> set[Any]:
    return {start for start, _ in value.value or []} if value else set()


def _cut(value: ParameterValue | None, bounds: set[Any]) -> ParameterValue | None:
    """The same steps cut at all these bounds, so that two of them can be compared span by span."""
    if value is None or value.value is None:
        return value
    steps = [
        [bound, reached[-1]]
        for bound in sorted(bounds)
        if (reached := [much for start, much in value.value if start <= bound])
    ]
    return ParameterValue(value=steps)


def _listed(value: ParameterValue | None, names: Mapping[str, str]) -> list[str]:
    return [word(code, names) for code in (value.value or [])] if value else []


def _written(parameter: Parameter, value: ParameterValue | None, names: Mapping[str, str]) -> dict[str, str]:
    return dict(lines(parameter, value, names)) if value is not None and value.value is not None else {}


def source_of(figure: ParameterValue) -> str:
    """Document and article; the policy's own paragraphs are written in brackets, as it writes them."""
    if figure.article and set(figure.article) <= set("一二三四五六七八九十"):
        return f"{figure.document}（{figure.article}）"
    return f"{figure.document} {figure.article}".strip()


def _amount(value: Any, unit: str) -> str:
    if unit.startswith("元"):
        return yuan(value) + unit.removeprefix("元")
    number = Decimal(str(value))
    plain = f"{number:,.0f}" if number == number.to_integral_value() else f"{number.normalize():,f}"
    return f"{plain}个月" if unit == "月" else f"{plain}{unit}"


def _cells(
    parameter: Parameter, table: Mapping[str, Any], above: str = "", unit: str = ""
) -> Iterator[tuple[str, str]]:
    for key in in_order(table):
        label = f"{above} {_word(key)}".strip()
        here = parameter.unit or next((words for end, words in _UNITS if key.endswith(end)), unit)
        if isinstance(table[key], Mapping):
            yield from _cells(parameter, table[key], label, here)
        else:
            yield label, _amount(table[key], here)


def _steps(parameter: Parameter, steps: list[Any]) -> Iterator[tuple[str, str]]:
    """[[from, value], …], each valid from its bound of years up to the next one."""
    for place, (start, value) in enumerate(steps):
        end = steps[place + 1][0] if place + 1 < len(steps) else None
        span = f"满{start}年" if start else ""
        span += f"不满{end}年" if end is not None else ""
        yield span, _amount(value, parameter.unit)


def in_order(keys: Iterable[str]) -> list[str]:
    """Keys of a table as they are read: levels and medals by rank, what is unknown or a number behind them."""
    return sorted(keys, key=lambda key: (_ORDER.get(key, len(_ORDER)), key))


def word(code: str, names: Mapping[str, str]) -> str:
    """What a listed code is called."""
    return names.get(code) or _word(code)


def cell_label(path: Iterable[str]) -> str:
    """What a cell of a table is called, from its row and column: 培训基地 国家级."""
    return " ".join(_word(key) for key in path)


def unit_of(parameter: Parameter, path: Iterable[str] = ()) -> str:
    """The unit of a value or of a cell of a table that holds more than one kind of quantity."""
    if parameter.unit:
        return parameter.unit
    return next((words for key in path for end, words in _UNITS if key.endswith(end)), "")


def _word(key: str) -> str:
    if key.isdigit():
        return f"第{key}届" if len(key) < 4 else f"{key}年"
    return _WORDS.get(key, key)
