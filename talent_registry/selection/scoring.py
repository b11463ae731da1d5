"""How a score adds up: from the facts of one person in Python, and from those of everybody in SQL.

Both say the same; the one explains and derives a frozen list again, the other assesses the register.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.policy.facts import LEVEL_BY_CODE, SkillLevel
from talent_registry.selection.scheme import CRITERIA, FACT_LABELS, Scheme, level_points, points_text

# What the register scores; the panel comes on top.
OF_THE_REGISTER = ("skill", "achievement", "contribution", "front_line")


@dataclass(frozen=True)
class Facts:
    """What counts of a person, as of the day. Codes are sorted, so that the same facts read the same."""

    skill_level: int | None
    on_front_line: bool | None
    front_line_tenths: int | None
    honours: tuple[str, ...]
    achievements: tuple[str, ...]
    on_registry: bool

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Facts:
        """From a row of the register, an assessment's columns, or the JSON of a list."""
        honours = set(data["honours"])
        achievements = set(data["achievements"])
        return cls(
            skill_level=data["skill_level"],
            on_front_line=data["on_front_line"],
            front_line_tenths=data["front_line_tenths"],
            honours=tuple(sorted(honours)),
            achievements=tuple(sorted(achievements)),
            on_registry=bool(data["on_registry"]),
        )

    @classmethod
    def of(cls, assessment: Any) -> Facts:
        """From an assessment."""
        columns = {name: getattr(assessment, name) for name in cls.__dataclass_fields__}
        return cls.read(columns)

    def data(self) -> dict[str, Any]:
        """As JSON; `read` gives the same facts back."""
        return {
            "skill_level": self.skill_level,
            "on_front_line": self.on_front_line,
            "front_line_tenths": self.front_line_tenths,
            "honours": list(self.honours),
            "achievements": list(self.achievements),
            "on_registry": self.on_registry,
        }

    def of_policy(self) -> dict[str, Any]:
        """The facts under the names and codes that the rules know."""
        level = None
        if self.skill_level is not None:
            level = SkillLevel(self.skill_level).code
        return {"skill_level": level, "on_front_line": self.on_front_line}


@dataclass(frozen=True)
class Part:
    """One criterion: what was reached of what at most, from which lines."""

    code: str
    label: str
    points: int
    most: int
    lines: tuple[tuple[str, int], ...]

    @property
    def capped(self) -> bool:
        """Whether the lines come to more than counts."""
        return sum(points for _, points in self.lines) > self.points

    @property
    def text(self) -> str:
        return points_text(self.points)

    @property
    def sum_in_words(self) -> str:
        """How it adds up, in words."""
        if not self.lines:
            return "没有计分事项"
        listed = "、".join(f"{label}{points_text(points)}分" for label, points in self.lines)
        if self.capped:
            return f"{listed}，按最高分{points_text(self.most)}分计"
        return listed


Line = tuple[str, int]


def breakdown(facts: Facts, scheme: Scheme, names: Mapping[str, str], panel: int | None = None) -> list[Part]:
    """Every criterion in order with its lines; the panel only when its score is given.

    `names` are the kinds of honours in words.
    """
    years = (facts.front_line_tenths or 0) // 10
    achievements = _lines(facts.honours, names, scheme.honours)
    achievements += _lines(facts.achievements, FACT_LABELS, scheme.competitions)
    lines: dict[str, list[Line]] = {
        "skill": [_level_line(facts.skill_level, scheme)],
        "achievement": achievements,
        "contribution": _lines(facts.achievements, FACT_LABELS, scheme.contributions),
        "front_line": [(f"一线满{years}年", years * scheme.front_line_year)],
    }
    if panel is not None:
        lines["panel"] = [("专家评审平均分", panel)]
    return [_part(code, counted, scheme.most[code]) for code, counted in lines.items()]


def _level_line(skill_level: int | None, scheme: Scheme) -> Line:
    for code, level in LEVEL_BY_CODE.items():
        if level.value == skill_level:
            return FACT_LABELS.get(code, ""), scheme.levels.get(code, 0)
    return "", 0


def _lines(codes: Iterable[str], labels: Mapping[str, str], points: Mapping[str, int]) -> list[Line]:
    return [(labels.get(code, code), points.get(code, 0)) for code in codes]


def _part(code: str, counted: list[Line], most: int) -> Part:
    """A criterion without the lines that are worth nothing, held to its most."""
    worth = tuple(line for line in counted if line[1])
    total = sum(points for _, points in worth)
    return Part(code, CRITERIA[code], min(total, most), most, worth)


def parts(facts: Facts, scheme: Scheme, panel: int | None = None) -> dict[str, int]:
    """Hundredths of a point by criterion. Without a panel score that part is 0."""
    points = {"panel": 0}
    for part in breakdown(facts, scheme, {}, panel):
        points[part.code] = part.points
    return points


# -- the same over a relation --------------------------------------------------------------------------------


def parts_sql(scheme: Scheme) -> dict[str, str]:
    """SQL of each part over the columns of `register_relation` that it is made of."""
    raw = {
        "skill": _skill_sql(scheme),
        "achievement": "achievement_points",
        "contribution": "contribution_points",
        "front_line": f"coalesce(front_line_tenths, 0) / 10 * {int(scheme.front_line_year)}",
    }
    return {code: f"least({sql}, {int(scheme.most[code])})" for code, sql in raw.items()}


def _skill_sql(scheme: Scheme) -> str:
    cases = []
    for level, points in level_points(scheme).items():
        if points:
            cases.append(f"WHEN {level} THEN {int(points)}")
    if not cases:
        return "0"
    return f"CASE skill_level {' '.join(cases)} ELSE 0 END"
