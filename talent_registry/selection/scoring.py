"""How a score adds up: from the facts of one person in Python, and from those of everybody in SQL.

Both say the same; the one explains and derives a frozen list again, the other assesses the register.
"""

from __future__ import annotations

from collections.abc import Mapping
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
        return cls(
            data["skill_level"],
            data["on_front_line"],
            data["front_line_tenths"],
            tuple(sorted(set(data["honours"]))),
            tuple(sorted(set(data["achievements"]))),
            bool(data["on_registry"]),
        )

    @classmethod
    def of(cls, assessment: Any) -> Facts:
        return cls.read({name: getattr(assessment, name) for name in cls.__dataclass_fields__})

    def data(self) -> dict[str, Any]:
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
        level = None if self.skill_level is None else SkillLevel(self.skill_level).code
        return {"skill_level": level, "on_front_line": self.on_front_line}


@dataclass(frozen=True)
class Part:
    """One criterion: what was reached of what at most, from which lines. `capped`: the lines come to more
    than counts.
    """

    code: str
    label: str
    points: int
    most: int
    lines: tuple[tuple[str, int], ...]

    @property
    def capped(self) -> bool:
        return sum(points for _, points in self.lines) > self.points

    @property
    def text(self) -> str:
        return points_text(self.points)

    @property
    def said(self) -> str:
        """How it adds up, in words."""
        if not self.lines:
            return "没有计分事项"
        listed = "、".join(f"{label}{points_text(points)}分" for label, points in self.lines)
        return f"{listed}，按最高分{points_text(self.most)}分计" if self.capped else listed


def breakdown(facts: Facts, scheme: Scheme, names: Mapping[str, str], panel: int | None = None) -> list[Part]:
    """Every criterion in order with its lines; the panel only when its score is given. `names`: kinds of
    honours in words.
    """
    level = next((code for code, one in LEVEL_BY_CODE.items() if one.value == facts.skill_level), "")
    years = (facts.front_line_tenths or 0) // 10
    lines: dict[str, list[tuple[str, int]]] = {
        "skill": [(FACT_LABELS.get(level, ""), scheme.levels.get(level, 0))],
        "achievement": [(names.get(code, code), scheme.honours.get(code, 0)) for code in facts.honours],
        "contribution": [
            (FACT_LABELS.get(code, code), scheme.contributions.get(code, 0)) for code in facts.achievements
        ],
        "front_line": [(f"一线满{years}年", years * scheme.front_line_year)],
    }
    lines["achievement"] += [
        (FACT_LABELS.get(code, code), scheme.competitions.get(code, 0)) for code in facts.achievements
    ]
    if panel is not None:
        lines["panel"] = [("专家评审平均分", panel)]
    found = []
    for code, counted in lines.items():
        worth = tuple((label, points) for label, points in counted if points)
        total = min(sum(points for _, points in worth), scheme.most[code])
        found.append(Part(code, CRITERIA[code], total, scheme.most[code], worth))
    return found


def parts(facts: Facts, scheme: Scheme, panel: int | None = None) -> dict[str, int]:
    """Hundredths of a point by criterion. Without a panel score that part is 0."""
    return {"panel": 0} | {part.code: part.points for part in breakdown(facts, scheme, {}, panel)}


# -- the same over a relation --------------------------------------------------------------------------------


def parts_sql(scheme: Scheme) -> dict[str, str]:
    """SQL of each part over columns `skill_level`, `achievement_points`, `contribution_points`,
    `front_line_tenths`.
    """
    levels = " ".join(
        f"WHEN {level} THEN {int(points)}" for level, points in level_points(scheme).items() if points
    )
    raw = {
        "skill": f"CASE skill_level {levels} ELSE 0 END" if levels else "0",
        "achievement": "achievement_points",
        "contribution": "contribution_points",
        "front_line": f"coalesce(front_line_tenths, 0) / 10 * {int(scheme.front_line_year)}",
    }
    return {code: f"least({sql}, {int(scheme.most[code])})" for code, sql in raw.items()}
