"""Typed-in facts are checked here, before the database sees them, and brought to one canonical form.

Canonical: `null` is dropped, numbers carry no trailing zeros, honours are sorted without doubles, levels are
codes, dates are ISO text, keys stand in catalogue order. Two payloads that say the same thing therefore have
the same digests.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from portal.policy.facts import LEVEL_FACTS, PERSON, REGION_FACTS, FactModel, choices_of, field_of

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,12})?", re.ASCII)
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,64}", re.ASCII)
_REGION = re.compile(r"\d{6}", re.ASCII)
HONOURS_MOST, TEXT_MOST = 50, 80
# Said of a day after the one the check is for; a page for people says it of today.
AFTER_THE_DAY = "晚于办理基准日"
_BORN_FROM = dt.date(1900, 1, 1)


class FactsRefused(ValueError):
    """Facts that cannot be used; `problems` says, per field, what is wrong and what is allowed."""

    def __init__(self, problems: list[dict[str, str]]) -> None:
        sentences = [
            f"{problem['field']}：{problem['problem']}（{problem['allowed']}）" for problem in problems
        ]
        super().__init__("；".join(sentences))
        self.problems = problems


class _WrongValue(ValueError):
    def __init__(self, problem: str, allowed: str) -> None:
        super().__init__(problem)
        self.problem, self.allowed = problem, allowed


def validate_facts(
    payload: Any, on: dt.date | None = None, *, typed: bool = False, model: FactModel = PERSON
) -> dict[str, Any]:
    """The canonical facts of `payload`, as known on `on` (today in Shanghai when not given).

    `typed` refuses numbers written as text, which only a form has to send. Raises `FactsRefused` naming every
    field that is unknown, malformed or impossible; nothing is guessed or corrected. Idempotent: canonical
    facts come back unchanged.
    """
    on = on or timezone.localdate()
    if not isinstance(payload, Mapping):
        raise FactsRefused([_problem("facts", _WrongValue("应为一组“事实名称：取值”", "JSON 对象"))])
    problems: list[dict[str, str]] = []
    facts: dict[str, Any] = {}
    checks = _checks_of(model)
    for key, value in payload.items():
        name = str(key)
        if name not in checks:
            problems.append(_unknown_fact(name, checks))
            continue
        if value is None:
            continue
        try:
            facts[name] = checks[name](value, on, typed)
        except _WrongValue as wrong:
            problems.append(_problem(name, wrong))
    if problems:
        raise FactsRefused(problems)
    return {name: facts[name] for name in checks if name in facts}


def _unknown_fact(name: str, facts: Iterable[str]) -> dict[str, str]:
    printable = name[:60].encode("utf-8", "replace").decode()
    return _problem(printable, _WrongValue("没有这项事实", "可用的事实：" + "、".join(facts)))


def _problem(field: str, wrong: _WrongValue) -> dict[str, str]:
    return {"field": field, "problem": wrong.problem, "allowed": wrong.allowed}


_Check = Callable[[Any, dt.date, bool], Any]


def _check_of(name: str) -> _Check:
    """How the values of one fact are checked and brought to their form; told by its field, once."""
    field = field_of(name)
    if isinstance(field, models.BooleanField):
        return _check_flag
    if isinstance(field, models.DateField):
        return lambda value, on, typed: _check_day(name, value, on)
    if isinstance(field, ArrayField):
        return lambda value, on, typed: _check_codes(value)
    if name in LEVEL_FACTS or field.choices:
        return lambda value, on, typed: _check_choice(name, value)
    if isinstance(field, models.IntegerField | models.DecimalField):
        return lambda value, on, typed: _check_number(field, value, typed)
    if name in REGION_FACTS:
        return lambda value, on, typed: _check_region(value)
    return lambda value, on, typed: _check_text(value)


def _check_flag(value: Any, on: dt.date, typed: bool) -> bool:
    if not isinstance(value, bool):
        raise _WrongValue("应为是或否", "true 或 false")
    return value


def _check_choice(name: str, value: Any) -> str:
    allowed = choices_of(name)
    if not isinstance(value, str) or value not in allowed:
        raise _WrongValue("没有这个取值", "、".join(allowed))
    return value


def _check_number(field: Any, value: Any, typed: bool) -> int | float:
    """Whole numbers as int, others as float with at most the field's decimal places: as JSON writes both."""
    least, most = field.bounds
    if type(value) is int and least <= value <= most:
        return value
    places = getattr(field, "decimal_places", 0)
    number = _read_number(value, typed)
    if number is None:
        problem = "应为数字" if places else "应为整数"
    elif not least <= number <= most:
        problem = "超出允许的范围"
    elif number != round(number, places):
        problem = "小数位数过多" if places else "应为整数"
    else:
        return int(number) if number == int(number) else float(number)
    kind = f"数字，至多 {places} 位小数" if places else "整数"
    raise _WrongValue(problem, f"{least} 至 {most} 的{kind}")


def _read_number(value: Any, typed: bool) -> Decimal | None:
    """None for what is no number: NaN and infinities, yes and no, digits of other scripts."""
    if isinstance(value, str):
        text = value.strip()
        if typed or not _NUMBER.fullmatch(text):
            return None
        return Decimal(text)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() else None


def _check_day(name: str, value: Any, on: dt.date) -> str:
    allowed = "形如 2024-01-31 的真实日期"
    if isinstance(value, dt.datetime) or not isinstance(value, str | dt.date):
        raise _WrongValue("应为日期", allowed)
    text = value.isoformat() if isinstance(value, dt.date) else value.strip()
    if not _DAY.fullmatch(text):
        raise _WrongValue("应为日期", allowed)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise _WrongValue("没有这一天", allowed) from error
    if day > on:
        raise _WrongValue(AFTER_THE_DAY, f"不晚于 {on.isoformat()} 的日期")
    if name == "birth_on" and day < _BORN_FROM:
        raise _WrongValue("日期过早", f"{_BORN_FROM.isoformat()} 及以后的日期")
    return day.isoformat()


def _check_codes(value: Any) -> list[str]:
    allowed = f"荣誉代码的列表，至多 {HONOURS_MOST} 项，每项由字母、数字、下划线或连字符组成"
    if not isinstance(value, list | tuple):
        raise _WrongValue("应为列表", allowed)
    if len(value) > HONOURS_MOST:
        raise _WrongValue("项数过多", allowed)
    if not all(isinstance(code, str) and _SLUG.fullmatch(code) for code in value):
        raise _WrongValue("列表中有不能识别的代码", allowed)
    return sorted(set(value))


def _check_region(value: Any) -> str:
    if not isinstance(value, str) or not _REGION.fullmatch(value.strip()):
        raise _WrongValue("应为行政区划代码", "GB/T 2260 的六位数字代码")
    return value.strip()


def _check_text(value: Any) -> str:
    allowed = f"1 至 {TEXT_MOST} 个字符的文字"
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > TEXT_MOST:
        raise _WrongValue("应为文字", allowed)
    # NUL and unpaired surrogates cannot be stored as text.
    if "\x00" in text or any(0xD800 <= ord(char) <= 0xDFFF for char in text):
        raise _WrongValue("含有不能保存的字符", allowed)
    return text


@cache
def _checks_of(model: FactModel) -> dict[str, _Check]:
    """How each fact of the model is checked, in its order."""
    return {name: _check_of(name) for name in model.fields}
