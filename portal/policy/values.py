"""What a parameter's value may look like, by kind, and the one form it is stored in."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from portal.policy.models import Kind


class BadValue(ValueError):
    """A value does not fit its parameter's kind; the text says what is allowed, in Chinese."""


def canonical_value(kind: str, value: Any) -> Any:
    """`value` in the one form it is stored in, or `BadValue`.

    Amounts are text with two decimals, tables map codes to amounts or numbers at any depth, code lists are sorted, steps are
    `[[from, value], …]` rising from the lowest.
    """
    if value is None:
        return None
    if kind == Kind.INTEGER:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
            raise BadValue("应为不小于 0 的整数")
        return value
    if kind == Kind.NUMBER:
        number = _decimal(value, "应为不小于 0 的数字")
        return int(number) if number == int(number) else float(number)
    if kind == Kind.MONEY:
        return _amount(value)
    if kind == Kind.CODES:
        if not isinstance(value, list) or not value or not all(isinstance(code, str) and code for code in value):
            raise BadValue("应为代码的列表，且不能为空")
        return sorted(set(value))
    return _table(value) if kind == Kind.TABLE else _steps(value)


def _decimal(value: Any, allowed: str) -> Decimal:
    try:
        number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except ArithmeticError as error:
        raise BadValue(allowed) from error
    if not number.is_finite() or not 0 <= number < 10**10:
        raise BadValue(allowed)
    return number


def _amount(value: Any) -> str:
    allowed = "应为不小于 0、至多两位小数的金额"
    number = _decimal(value, allowed)
    if number != round(number, 2):
        raise BadValue(allowed)
    return f"{number:.2f}"


def _table(value: Any) -> Any:
    if isinstance(value, dict):
        if not value or not all(isinstance(key, str) and key for key in value):
            raise BadValue("对照表的每一项须有名称")
        return {key: _table(value[key]) for key in sorted(value)}
    if isinstance(value, str):
        return _amount(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadValue("对照表的取值应为金额（文本）或整数")
    return value


def _steps(value: Any) -> list[list[Any]]:
    allowed = "应为由低到高的 [起点, 取值] 列表"
    if not isinstance(value, list) or not value or not all(isinstance(step, list) and len(step) == 2 for step in value):
        raise BadValue(allowed)
    found = [[canonical_value(Kind.NUMBER, start), canonical_value(Kind.INTEGER, result)] for start, result in value]
    if [start for start, _ in found] != sorted({start for start, _ in found}):
        raise BadValue(allowed)
    return found
