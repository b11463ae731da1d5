"""What a parameter's value may look like, by kind, and the one form it is stored in."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from portal.policy.models import Kind

# Of a name of a place.
LONGEST_NAME = 60


class BadValue(ValueError):
    """A value does not fit its parameter's kind; the text says what is allowed, in Chinese.

    `path` leads to what is wrong: the keys of a table, or a step and then 0 for its bound or 1 for its value.
    """

    def __init__(self, text: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(text)
        self.path = path


def canonical_value(kind: str, value: Any) -> Any:
    """`value` in the one form it is stored in, or `BadValue`.

    Amounts are text with two decimals, tables map codes to amounts or numbers at any depth, code lists are
    sorted, steps are `[[from, value], …]` rising from the lowest, names by place stand under codes of regions.
    """
    if value is None:
        return None
    return _CANONICAL[Kind(kind)](value)


def _canonical_integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadValue("应为不小于 0 的整数")
    if value >= 2**31:
        raise BadValue("数值过大，请核对单位")
    return value


def _canonical_number(value: Any) -> int | float:
    number = _read_decimal(value, "应为不小于 0 的数字")
    return int(number) if number == int(number) else float(number)


def _canonical_codes(value: Any) -> list[str]:
    allowed = "应为代码的列表，且不能为空"
    if not isinstance(value, list) or not value:
        raise BadValue(allowed)
    if not all(isinstance(code, str) and code for code in value):
        raise BadValue(allowed)
    return sorted(set(value))


def _read_decimal(value: Any, allowed: str) -> Decimal:
    if isinstance(value, bool):
        raise BadValue(allowed)
    try:
        number = Decimal(str(value))
    except ArithmeticError as error:
        raise BadValue(allowed) from error
    if not number.is_finite() or number < 0:
        raise BadValue(allowed)
    if number >= 10**10:
        raise BadValue("数值过大，请核对单位")
    return number


def _canonical_amount(value: Any) -> str:
    allowed = "应为不小于 0、至多两位小数的金额"
    number = _read_decimal(value, allowed)
    if number != round(number, 2):
        raise BadValue(allowed)
    return f"{number:.2f}"


def _canonical_table(value: Any, path: tuple[str | int, ...] = ()) -> Any:
    if isinstance(value, dict):
        if not value or not all(isinstance(key, str) and key for key in value):
            raise BadValue("对照表的每一项须有名称", path)
        return {key: _canonical_table(value[key], (*path, key)) for key in sorted(value)}
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadValue("对照表的取值应为金额（文本）或整数", path)
    kind = Kind.MONEY if isinstance(value, str) else Kind.INTEGER
    return _canonical_part(path, kind, value)


def _canonical_steps(value: Any) -> list[list[Any]]:
    allowed = "应为由低到高的 [起点, 取值] 列表"
    if not isinstance(value, list) or not value:
        raise BadValue(allowed)
    if not all(isinstance(step, list) and len(step) == 2 for step in value):
        raise BadValue(allowed)
    steps: list[list[Any]] = []
    for place, (start, result) in enumerate(value):
        start = _canonical_part((place, 0), Kind.NUMBER, start)
        result = _canonical_part((place, 1), Kind.INTEGER, result)
        if steps and start <= steps[-1][0]:
            raise BadValue("起点须由低到高，不能重复", (place, 0))
        steps.append([start, result])
    return steps


def _canonical_places(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not value:
        raise BadValue("应为各地区的名称，且不能为空")
    places = {}
    for place in sorted(value):
        if not re.fullmatch(r"\d{6}", str(place)):
            raise BadValue("应按行政区划代码填写")
        name = value[place].strip() if isinstance(value[place], str) else ""
        if not 0 < len(name) <= LONGEST_NAME:
            raise BadValue(f"应为1至{LONGEST_NAME}字的名称", (place,))
        places[place] = name
    return places


def _canonical_part(path: tuple[str | int, ...], kind: str, value: Any) -> Any:
    """A value inside another; what is wrong with it is said of its place."""
    if value is None:
        raise BadValue("不能为空", path)
    try:
        return canonical_value(kind, value)
    except BadValue as problem:
        raise BadValue(str(problem), path) from problem


_CANONICAL: dict[Kind, Callable[[Any], Any]] = {
    Kind.INTEGER: _canonical_integer,
    Kind.NUMBER: _canonical_number,
    Kind.MONEY: _canonical_amount,
    Kind.CODES: _canonical_codes,
    Kind.TABLE: _canonical_table,
    Kind.STEPS: _canonical_steps,
    Kind.PLACES: _canonical_places,
}
