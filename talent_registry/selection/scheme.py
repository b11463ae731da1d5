"""The scheme of a year's selection: what each fact of a person is worth, and what the panel may give.

Clause 一 asks for high skill, achievements, outstanding contribution and long work on the front line; it says
nothing of points. A scheme does, for one round, and is fixed when the round opens. Points are whole
hundredths, so that every machine adds them up to the same sum; people write them with up to two decimals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.policy.facts import LEVEL_BY_CODE, SkillLevel
from portal.policy.rules import digest_of
from portal.typed_fields import narrow_number
from portal.workforce.models.facts import Attested, Competition

CRITERIA: dict[str, str] = {
    "skill": "技能水平",
    "achievement": "业绩成果",
    "contribution": "突出贡献",
    "front_line": "一线年限",
    "panel": "专家评审",
}
LEVELS: dict[str, str] = {level.code: str(level.label) for level in SkillLevel if level != SkillLevel.NONE}
# A competitor's result: the prize where one was given, else the rank of the first three.
_RESULTS = {
    "gold": "金牌",
    "silver": "银牌",
    "bronze": "铜牌",
    "excellence": "优胜奖",
    "first": "第一名",
    "second": "第二名",
    "third": "第三名",
}
COMPETITIONS: dict[str, str] = {
    f"{competition.value}-{result}": f"{competition.label}{label}"
    for competition in Competition
    for result, label in _RESULTS.items()
}
CONTRIBUTIONS: dict[str, str] = {
    fact.value: str(fact.label)
    for fact in (Attested.SOLVED_PROBLEM, Attested.INNOVATION_AWARD, Attested.MENTOR, Attested.CONTRIBUTION)
}
# Codes in `Assessment.achievements` and in frozen facts, in words. Honours have theirs in the table of honour
# types.
FACT_LABELS: dict[str, str] = {**LEVELS, **COMPETITIONS, **CONTRIBUTIONS}
TABLES: dict[str, str] = {
    "levels": "技能等级",
    "honours": "荣誉",
    "competitions": "技能竞赛成绩",
    "contributions": "突出贡献事项",
}
_CODES: dict[str, Mapping[str, str]] = {
    "levels": LEVELS,
    "competitions": COMPETITIONS,
    "contributions": CONTRIBUTIONS,
}

MOST = 1_000_00
MOST_PANEL_CRITERIA = 10
_POINTS = re.compile(r"(\d{1,4})(?:\.(\d{1,2}))?\Z", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,59}\Z", re.ASCII)
RANGE = "0至1000分，最多两位小数"


class SchemeRefused(ValueError):
    """What was given is no scheme; `problems` are (field, what is wrong, what is allowed) in form order."""

    def __init__(self, problems: Iterable[tuple[str, str, str]]) -> None:
        self.problems = list(problems)
        super().__init__("；".join(f"{name}：{problem}" for name, problem, _ in self.problems))


@dataclass(frozen=True)
class PanelCriterion:
    """What experts score, and the most they may give, in hundredths of a point."""

    code: str
    label: str
    most: int

    def data(self) -> dict[str, Any]:
        return {"code": self.code, "label": self.label, "most": self.most}


@dataclass(frozen=True)
class Field:
    """A number of the editing form: `name` as `from_form` reads it, points in hundredths."""

    name: str
    label: str
    group: str
    points: int

    @property
    def text(self) -> str:
        return points_text(self.points)


@dataclass(frozen=True)
class Scheme:
    """What facts and panel are worth, in hundredths of a point.

    What is not listed is worth nothing; what adds up to more than its criterion's most counts as the most.
    """

    most: Mapping[str, int]
    levels: Mapping[str, int]
    honours: Mapping[str, int]
    competitions: Mapping[str, int]
    contributions: Mapping[str, int]
    front_line_year: int
    panel: tuple[PanelCriterion, ...] = field(default=())

    def data(self) -> dict[str, Any]:
        """As JSON; `read` gives the same scheme back."""
        return {
            "most": dict(self.most),
            "levels": dict(self.levels),
            "honours": dict(self.honours),
            "competitions": dict(self.competitions),
            "contributions": dict(self.contributions),
            "front_line_year": self.front_line_year,
            "panel": [criterion.data() for criterion in self.panel],
        }

    def digest(self) -> str:
        """SHA-256 over codes and points in canonical JSON, never over words."""
        panel = [[criterion.code, criterion.most] for criterion in self.panel]
        return digest_of({**self.data(), "panel": panel})

    @property
    def total(self) -> int:
        """The most anybody can reach."""
        return sum(self.most.values())

    def fields(self, honours: Mapping[str, str]) -> list[Field]:
        """The numbers of the editing form, in its order. `honours` are the kinds of honours: {code: name}."""
        fields = []
        for code, label in CRITERIA.items():
            fields.append(Field(f"most.{code}", label, "各项最高分", self.most[code]))
        for table, group in TABLES.items():
            points = getattr(self, table)
            for code, label in codes_of(table, honours).items():
                fields.append(Field(f"{table}.{code}", label, group, points.get(code, 0)))
        fields.append(Field("front_line_year", "每满一年", "一线年限", self.front_line_year))
        return fields


def points_text(points: int) -> str:
    """Hundredths as people write them: 1250 is 12.5."""
    sign = "-" if points < 0 else ""
    whole, rest = divmod(abs(points), 100)
    if not rest:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{rest:02d}".rstrip("0")


def points_of(text: str) -> int | None:
    """12.5 as 1250, whatever input method wrote it; None for what is no number of points."""
    number = _POINTS.match(narrow_number(text))
    if number is None:
        return None
    whole, decimals = number[1], number[2] or ""
    points = int(whole) * 100 + int(decimals.ljust(2, "0"))
    return points if points <= MOST else None


def codes_of(table: str, honours: Mapping[str, str]) -> Mapping[str, str]:
    """What a table may give points for, by code; `honours` are the kinds of honours."""
    return _CODES.get(table, honours)


# -- reading what was stored or sent -------------------------------------------------------------------------

_PARTS = ("most", *TABLES, "front_line_year", "panel")
Problems = list[tuple[str, str, str]]


def read(data: Any, honours: Iterable[str] | None = None) -> Scheme:
    """The scheme that JSON describes. Raises `SchemeRefused` with every problem at once.

    With `honours` given, only these kinds of honours may be worth something; a stored scheme is read without,
    as it was checked then.
    """
    problems: Problems = []
    if not isinstance(data, Mapping):
        raise SchemeRefused([("scheme", "应为一个对象", "、".join(_PARTS))])
    for key in data:
        if key not in _PARTS:
            problems.append((str(key)[:40], "没有这一项", "、".join(_PARTS)))
    most = _read_most(data, problems)
    tables = {}
    known_honours = None if honours is None else dict.fromkeys(honours, "")
    for table in TABLES:
        tables[table] = _read_table(data, table, _CODES.get(table, known_honours), problems)
    year = data.get("front_line_year")
    if not _is_points(year):
        problems.append(("front_line_year", "不是分值", RANGE))
    panel = _read_panel(data.get("panel"), most.get("panel"), problems)
    if problems:
        raise SchemeRefused(problems)
    assert isinstance(year, int)  # noqa: S101  checked above
    return Scheme(most=most, **tables, front_line_year=year, panel=panel)


def _is_points(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST


def _read_most(data: Mapping[Any, Any], problems: Problems) -> dict[str, int]:
    """The most of every criterion; none may be left out."""
    most = _read_table(data, "most", CRITERIA, problems)
    named = {name for name, _, _ in problems}
    for code in CRITERIA:
        if code not in most and f"most.{code}" not in named:
            problems.append((f"most.{code}", "未填写", RANGE))
    return most


def _read_table(
    data: Mapping[Any, Any], name: str, codes: Mapping[str, str] | None, problems: Problems
) -> dict[str, int]:
    """Points by code; without `codes` any that looks like one will do."""
    given = data.get(name)
    if not isinstance(given, Mapping):
        problems.append((name, "应为代码和分值的对照", RANGE))
        return {}
    points_by_code: dict[str, int] = {}
    for code, points in given.items():
        path = f"{name}.{str(code)[:60]}"
        if not _is_code(code, codes):
            problems.append((path, "没有这个代码", "、".join(codes or ()) or "小写字母、数字、连字符"))
        elif not _is_points(points):
            problems.append((path, "不是分值", RANGE))
        else:
            points_by_code[code] = points
    # In the order of the codes: two schemes that say the same are stored the same.
    order = codes or sorted(points_by_code)
    return {code: points_by_code[code] for code in order if code in points_by_code}


def _is_code(code: Any, codes: Mapping[str, str] | None) -> bool:
    if not isinstance(code, str):
        return False
    return bool(_CODE.match(code)) if codes is None else code in codes


def _read_panel(given: Any, most: int | None, problems: Problems) -> tuple[PanelCriterion, ...]:
    if not isinstance(given, list) or len(given) > MOST_PANEL_CRITERIA:
        problems.append(("panel", "应为评审项目的列表", f"最多{MOST_PANEL_CRITERIA}项"))
        return ()
    criteria: list[PanelCriterion] = []
    for place, row in enumerate(given):
        taken = {criterion.code for criterion in criteria}
        criterion = _read_criterion(row, place, taken, problems)
        if criterion is not None:
            criteria.append(criterion)
    total = sum(criterion.most for criterion in criteria)
    if len(criteria) == len(given) and most is not None and total != most:
        allowed = f"合计{points_text(most)}分"
        problems.append(("panel", "各评审项目的最高分之和与专家评审最高分不一致", allowed))
    return tuple(criteria)


def _read_criterion(row: Any, place: int, taken: set[str], problems: Problems) -> PanelCriterion | None:
    """One criterion of the panel, or its problems."""
    given = row if isinstance(row, Mapping) else {}
    code = given.get("code")
    label = given.get("label")
    points = given.get("most")
    before = len(problems)
    if not _is_code(code, None) or code in taken:
        allowed = "小写字母、数字、连字符，各项不同"
        problems.append((f"panel.{place}.code", "代码缺失、重复或有误", allowed))
    if not isinstance(label, str) or not label.strip() or len(label) > 40:
        problems.append((f"panel.{place}.label", "未填写名称或名称过长", "1至40字"))
    if not _is_points(points) or not points:
        problems.append((f"panel.{place}.most", "不是分值", "大于0，至多1000分，最多两位小数"))
    if len(problems) > before:
        return None
    return PanelCriterion(code, label.strip(), points)  # type: ignore[arg-type,union-attr]


def level_points(scheme: Scheme) -> dict[int, int]:
    """Points by the number a level is stored as."""
    return {LEVEL_BY_CODE[code].value: points for code, points in scheme.levels.items()}


# No law sets these: an example to begin with, shown as one until an officer enters the number of the document
# it stands in.
SAMPLE = Scheme(
    most={"skill": 25_00, "achievement": 25_00, "contribution": 20_00, "front_line": 10_00, "panel": 20_00},
    levels={
        "senior": 10_00,
        "technician": 15_00,
        "senior_technician": 20_00,
        "special_technician": 23_00,
        "chief_technician": 25_00,
    },
    honours={
        "national_model_worker": 20_00,
        "may_day_medal": 15_00,
        "china_skills_award": 20_00,
        "national_technical_expert": 15_00,
        "great_craftsman_of_the_year": 20_00,
        "regional_model_worker": 12_00,
        "technician_contribution_award": 12_00,
        "northern_border_craftsman": 12_00,
        "grassland_talent": 12_00,
        "special_allowance_national": 15_00,
        "special_allowance_regional": 12_00,
        "scarce_talent": 12_00,
        "regional_technical_expert": 8_00,
        "league_craftsman": 5_00,
    },
    competitions={
        "worldskills-gold": 20_00,
        "worldskills-silver": 18_00,
        "worldskills-bronze": 16_00,
        "worldskills-excellence": 12_00,
        "national_class_one-gold": 15_00,
        "national_class_one-silver": 13_00,
        "national_class_one-bronze": 11_00,
        "national_class_one-first": 15_00,
        "national_class_one-second": 13_00,
        "national_class_one-third": 11_00,
        "national_class_two-first": 9_00,
        "national_class_two-second": 8_00,
        "national_class_two-third": 7_00,
        "regional-first": 6_00,
        "regional-second": 5_00,
        "regional-third": 4_00,
    },
    contributions={
        "solved_major_technical_problem": 8_00,
        "regional_innovation_award": 6_00,
        "outstanding_mentor": 4_00,
        "outstanding_contribution": 6_00,
    },
    front_line_year=50,
    panel=(
        PanelCriterion("skill-shown", "技艺水平和解决难题的能力", 8_00),
        PanelCriterion("results", "成果的先进性和推广价值", 6_00),
        PanelCriterion("passing-on", "技艺传承和带动作用", 6_00),
    ),
)
