"""The numbers and the days of an answer in words: what is required, what one has, what is missing, and when.

Pages, sheets, offers and calendar files all say it from here; `portal.policy.prospects` has worked it out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.calendar_file import DayEntry
from portal.formats import date_cn
from portal.policy.facts import LEVEL_BY_CODE, LEVEL_FACTS

# From so many days before its end on a time limit is close.
CLOSE_DAYS = 30
_MONTHS = frozenset({"unemployment_insured_months", "continuous_months"})
_UNITS = {
    "front_line_years": "{}年",
    "worked_years": "{}年",
    "unemployment_insured_months": "{}个月",
    "continuous_months": "{}个月",
    "claims_this_year": "{}次",
    "scarce_claims_this_year": "{}次",
    "competition_edition": "第{}届",
    "competition_rank": "第{}名",
}

# What a benefit gives, as a number is said.
_GIVEN = {"days": "{}天"}


def has_unit(fact: str) -> bool:
    return fact in _UNITS


def number_in_words(fact: str, value: Any) -> str:
    """A number with its unit, never with an exponent: 12.5年, 第2名."""
    text = f"{Decimal(str(value)):f}"
    return _UNITS[fact].format(text)


def years_of_months(fact: str, value: Any) -> str:
    """Of a year's months and more, the years: whoever says 10年 reads it again. Nothing of anything else."""
    if fact not in _MONTHS or value < 12:
        return ""
    years, months = divmod(int(value), 12)
    return f"{years}年{months}个月" if months else f"{years}年"


# -- measures -------------------------------------------------------------------------------------------------


def measure_in_words(measure: Mapping[str, Any] | None, on: dt.date) -> str:
    """需要36个月，现有30个月，还差6个月；如继续按月缴费，2027年5月22日达到. Nothing without a measure."""
    if measure is None or measure["required"] is None:
        return ""
    if measure["comparison"] == "within_months":
        return _term_in_words(measure, on)
    if measure["comparison"] == "below":
        return _count_in_words(measure)
    fact = measure["fact"]
    parts = []
    # That a level is required the condition says itself.
    if fact not in LEVEL_FACTS:
        demand = "不超过" if measure["comparison"] == "at_most" else "需要"
        parts.append(f"{demand}{_amount(fact, measure['required'])}")
    if measure["has"] is not None:
        years = years_of_months(fact, measure["has"])
        parts.append(f"现有{_amount(fact, measure['has'])}" + (f"，合{years}" if years else ""))
    if measure["missing"]:
        unit = f"{measure['missing']}级" if fact in LEVEL_FACTS else _amount(fact, measure["missing"])
        parts.append(f"还差{unit}")
    text = "，".join(parts)
    if measure["reached_on"]:
        text += f"；{measure['assumes']}，{_day(measure['reached_on'])}达到"
    return text


def _amount(fact: str, value: Any) -> str:
    if fact in LEVEL_FACTS:
        return str(LEVEL_BY_CODE[value].label)
    return number_in_words(fact, value)


def _term_in_words(measure: Mapping[str, Any], on: dt.date) -> str:
    months = measure["required"]
    if measure["until"] is None:
        return f"须在{months}个月内"
    last = dt.date.fromisoformat(measure["until"])
    text = f"{_day(measure['has'])}起{months}个月内，到{date_cn(last)}止"
    if last < on:
        return f"{text}，已超过{(on - last).days}天"
    return f"{text}，{days_left_in_words((last - on).days)}"


def days_left_in_words(left: int) -> str:
    return f"还有{left}天" if left else "今天是最后一天"


def _count_in_words(measure: Mapping[str, Any]) -> str:
    fact = measure["fact"]
    text = f"上限{_amount(fact, measure['required'])}"
    if measure["has"] is None:
        return text
    text += f"，已有{_amount(fact, measure['has'])}"
    if measure["left"]:
        return f"{text}，还可{_amount(fact, measure['left'])}"
    if measure["reached_on"]:
        return f"{text}；{_day(measure['reached_on'])}起重新计算"
    return text


def _day(text: str) -> str:
    return date_cn(dt.date.fromisoformat(text))


def rise_in_words(rise: Mapping[str, Any]) -> str:
    """累计工作年限满10年后为10天；如继续工作，预计从2027年5月22日起."""
    reached = number_in_words(rise["fact"], rise["required"])
    given = _GIVEN.get(rise["gives"], "{}").format(rise["value"])
    return f"满{reached}后为{given}；{rise['assumes']}，预计从{_day(rise['on'])}起"


# -- days of an answer ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AnswerDays:
    """From when one qualifies, until when one may apply; `on` is the day on which this is read.

    When `sure` is false, something else is still unknown. `said` is what the programme says of its own times.
    `later` are the stretches after this one, each with its first and its last day.
    """

    on: dt.date
    begin: dt.date | None = None
    end: dt.date | None = None
    sure: bool = True
    assumes: tuple[str, ...] = ()
    said: str = ""
    later: tuple[Stretch, ...] = ()

    @classmethod
    def read(cls, answer: Mapping[str, Any], on: dt.date) -> AnswerDays:
        """From an answer of the check, which may be of an earlier day."""
        sure = not (answer["possible_from"] or answer["possible_until"])
        stretches = [(_day_of(one["from"]), _read(one["until"])) for one in answer["windows"]]
        # What is over is told where nothing comes after it.
        while len(stretches) > 1 and stretches[0][1] is not None and stretches[0][1] < on:
            del stretches[0]
        if not stretches:
            return cls(on)
        (begin, end), *later = stretches
        return cls(on, begin if begin > on else None, end, sure, tuple(answer["assumes"]), later=tuple(later))

    @property
    def any(self) -> bool:
        return bool(self.begin or self.end)

    @property
    def days_left(self) -> int | None:
        """Until the last day to apply, for those who may apply now."""
        if self.end is None or self.begin is not None:
            return None
        return (self.end - self.on).days

    @property
    def close(self) -> bool:
        """The end is near, or past."""
        return self.days_left is not None and self.days_left <= CLOSE_DAYS

    @property
    def over(self) -> bool:
        return self.days_left is not None and self.days_left < 0

    @property
    def sentence(self) -> str:
        """One sentence without its full stop."""
        if self.said:
            return self.said
        if self.begin is not None:
            end = f"，到{date_cn(self.end)}止" if self.end else ""
            condition = "预计" if self.sure else "其他条件也符合的，预计"
            return f"{self._assumed}{condition}从{date_cn(self.begin)}起符合条件{end}{self._afterwards}"
        if self.end is None or self.days_left is None:
            return ""
        term = "申请期限" if self.sure else "如果符合，申请期限"
        if self.over:
            return f"{term}到{date_cn(self.end)}止，已经过期{self._afterwards}"
        hurry = ""
        if self.close:
            hurry = "，即将到期，请尽快办理" if self.days_left else "，请今天办理"
        return f"{term}到{date_cn(self.end)}止，{days_left_in_words(self.days_left)}{hurry}{self._afterwards}"

    @property
    def _assumed(self) -> str:
        return "".join(f"{one}，" for one in self.assumes)

    @property
    def _afterwards(self) -> str:
        """；如继续按月缴费，2026年6月1日至2026年10月1日又可以申请."""
        if not self.later:
            return ""
        assumed = self._assumed if self.begin is None else ""
        spans = "、".join(stretch_in_words(*stretch) for stretch in self.later)
        return f"；{assumed}{'' if self.sure else '如果符合，'}{spans}又可以申请"


# The first and the last day, both included; without a last one where none is foreseen.
Stretch = tuple[dt.date, dt.date | None]


def stretch_in_words(begin: dt.date, end: dt.date | None) -> str:
    return f"{date_cn(begin)}至{date_cn(end)}" if end else f"{date_cn(begin)}起"


def _day_of(day: str) -> dt.date:
    return dt.date.fromisoformat(day)


def _read(day: str | None) -> dt.date | None:
    return _day_of(day) if day else None


def entries_of(benefit: str, title: str, days: AnswerDays, *, basis: str = "") -> list[DayEntry]:
    """The days of an answer for a calendar. `basis` tells one claim to a benefit from another."""
    entries = []
    if days.begin is not None:
        text = f"{days.sentence}。是否符合以窗口受理、审核为准。"
        entries.append(DayEntry(f"{benefit} from {basis}", days.begin, f"{title}：预计符合条件", text))
    if days.end is not None and not days.over:
        entries.append(_last_day_entry(f"{benefit} until {basis}", title, days.end))
    for place, (begin, end) in enumerate(days.later, start=2):
        text = f"{days.sentence}。是否符合以窗口受理、审核为准。"
        entries.append(DayEntry(f"{benefit} from {basis} {place}", begin, f"{title}：又可以申请", text))
        if end is not None:
            entries.append(_last_day_entry(f"{benefit} until {basis} {place}", title, end))
    return entries


def _last_day_entry(key: str, title: str, day: dt.date) -> DayEntry:
    text = f"“{title}”按现行规定到这一天为止可以申请，请提前带齐材料到服务窗口办理。"
    return DayEntry(key, day, f"{title}：申请截止", text, remind_before=14)
