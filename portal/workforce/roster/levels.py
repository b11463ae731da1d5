"""The skill level a cell names: by its name, by its grade, or by both when they agree.

People copy it from certificates of three decades: 高级工, 三级, Ⅲ级, 国家职业资格三级（高级技能）, 叁级, 3.
"""

from __future__ import annotations

import re
import unicodedata

from portal.names import unit_spelling
from portal.workforce.models import SkillLevel

# What says itself which level it is. A longer name stands before one that it begins with.
_NAMES = {
    "高级技师": SkillLevel.SENIOR_TECHNICIAN,
    "特级技师": SkillLevel.SPECIAL_TECHNICIAN,
    "首席技师": SkillLevel.CHIEF_TECHNICIAN,
    "技师": SkillLevel.TECHNICIAN,
    "学徒工": SkillLevel.APPRENTICE,
    "学徒": SkillLevel.APPRENTICE,
    "初级技工": SkillLevel.JUNIOR,
    "初级工": SkillLevel.JUNIOR,
    "初级": SkillLevel.JUNIOR,
    "中级技工": SkillLevel.INTERMEDIATE,
    "中级工": SkillLevel.INTERMEDIATE,
    "中级": SkillLevel.INTERMEDIATE,
    "高级技工": SkillLevel.SENIOR,
    "高级工": SkillLevel.SENIOR,
    "高级": SkillLevel.SENIOR,
}
_OF_GRADE = {
    1: SkillLevel.SENIOR_TECHNICIAN,
    2: SkillLevel.TECHNICIAN,
    3: SkillLevel.SENIOR,
    4: SkillLevel.INTERMEDIATE,
    5: SkillLevel.JUNIOR,
}
# Each numeral of a grade; of letters that begin alike the longer ones come first.
_NUMERALS = {
    **dict(zip(("III", "II", "IV", "I", "V"), (3, 2, 4, 1, 5), strict=True)),
    **dict(zip("12345", range(1, 6), strict=True)),
    **dict(zip("一二三四五", range(1, 6), strict=True)),
    **dict(zip("壹贰叁肆伍", range(1, 6), strict=True)),
    **dict(zip("壱貳參肆伍", range(1, 6), strict=True)),
    "参": 3,
    **dict(zip("弌弍弎", range(1, 4), strict=True)),
    **dict(zip("幺弐叄", range(1, 4), strict=True)),
}
_NOTHING = {"无", "无等级", "未定级", "没有", "暂无", "无级", "无技能等级", "未评定"}
# What stands around the level on a certificate and says nothing of it.
_AROUND = (
    "国家职业资格", "职业资格", "职业技能等级", "职业技能", "技能等级", "技术等级", "职业等级", "国家",
    "技能人员", "技能", "证书", "证", "等级", "水平", "第", "级", "LEVEL",
)  # fmt: skip
_PART = re.compile(
    rf"(?P<name>{'|'.join(_NAMES)})"
    rf"|(?P<around>{'|'.join(_AROUND)})"
    rf"|(?P<grade>(?P<numeral>{'|'.join(_NUMERALS)})(?![\dIVX.])(?:级工?)?)"
    r"|(?P<between>[/\\|()\[\]{}〔〕【】,、，;:·.\-—–~+&]+)"
)
LEVELS_IN_WORDS = (
    "技能等级应为学徒工、初级工（五级）、中级工（四级）、高级工（三级）、技师（二级）、高级技师（一级）、"
    "特级技师或首席技师"
)  # fmt: skip


class NotALevel(ValueError):
    """What a cell says in the place of a level; the message is for the person who filled it in."""


def read_level(text: str) -> SkillLevel:
    """The level a text names. Raises NotALevel for what is none, and for a name and a grade that differ."""
    plain = "".join(unicodedata.normalize("NFKC", unit_spelling(text)).upper().split())
    if plain in _NOTHING:
        return SkillLevel.NONE
    named = _levels_named(plain)
    levels = set(named.values())
    if not levels:
        raise NotALevel(LEVELS_IN_WORDS)
    if len(levels) > 1:
        words = "与".join(f"“{word}”" for word in list(named)[:3])
        raise NotALevel(f"{words}不是同一个技能等级，请对照证书核对。{LEVELS_IN_WORDS}")
    return levels.pop()


def _levels_named(plain: str) -> dict[str, SkillLevel]:
    """Each word of the text that names a level; nothing when there is any other word."""
    named: dict[str, SkillLevel] = {}
    place = 0
    while place < len(plain):
        part = _PART.match(plain, place)
        if part is None:
            return {}
        if part["name"]:
            named[part["name"]] = _NAMES[part["name"]]
        elif part["numeral"]:
            named[part["grade"]] = _OF_GRADE[_NUMERALS[part["numeral"]]]
        place = part.end()
    return named
