"""Names of people and units in their one form: whatever a name comes in by, and whatever looks for one, asks
here.

A person's name is kept in its normal form. A unit's name is kept as its licence spells it; what is compared is
its folded form, which the database makes of it (portal.workforce.models.base.Folded).

Plain NFKC would do too much to a name: it makes letters of what is none (① a 1, ㈱ a 株 in brackets), which
could no longer be refused then; it takes the narrow space of Mongolian writing away; and it leaves the radicals
of U+2E80 to U+2EF3 as they are. So only letters are brought to their usual form, one by one, and radicals by a
table.
"""

from __future__ import annotations

import re
import unicodedata


class InvalidName(ValueError):
    """A text that cannot be a person's name; the message is for the person who typed it."""


# Radicals that look like characters, each before its character: texts copied from PDF files have them. By the
# Unicode Character Database (Equivalent_Unified_Ideograph); U+2E95, whose character was changed, is left out.
_RADICALS_SUPPLEMENT = (
    "⺁厂 ⺂乛 ⺃乚 ⺄乙 ⺅亻 ⺆冂 ⺇𠘨 ⺈刀 ⺉刂 ⺊卜 ⺋㔾 ⺌小 ⺍小 ⺎兀 ⺏尣 ⺐尢 ⺑𡯂 ⺒巳 ⺓幺 ⺔彑 "
    "⺖忄 ⺗心 ⺘扌 ⺙攵 ⺛旡 ⺜日 ⺝月 ⺞歺 ⺟母 ⺠民 ⺡氵 ⺢氺 ⺣灬 ⺤爫 ⺥爫 ⺦丬 ⺧牛 ⺨犭 ⺩王 ⺪𤴔 "
    "⺫目 ⺬示 ⺭礻 ⺮𥫗 ⺯糹 ⺰纟 ⺱罓 ⺲罒 ⺳㓁 ⺴冗 ⺵𦉫 ⺶羊 ⺷𦍌 ⺸𦍋 ⺹耂 ⺺肀 ⺻聿 ⺼肉 ⺽𦥑 ⺾艹 "
    "⺿艹 ⻀艹 ⻁虎 ⻂衤 ⻃覀 ⻄西 ⻅见 ⻆角 ⻇𧢲 ⻈讠 ⻉贝 ⻊𧾷 ⻋车 ⻌辶 ⻍辶 ⻎辶 ⻏邑 ⻐钅 ⻑長 ⻒镸 "
    "⻓长 ⻔门 ⻕𨸏 ⻖阝 ⻗雨 ⻘青 ⻙韦 ⻚页 ⻛风 ⻜飞 ⻝食 ⻞𩙿 ⻟飠 ⻠饣 ⻡𩠐 ⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 "
    "⻧卤 ⻨麦 ⻩黄 ⻪黾 ⻫斉 ⻬齐 ⻭歯 ⻮齿 ⻯竜 ⻰龙 ⻱龜 ⻲亀 ⻳龟 "
)  # fmt: skip
_KANGXI_RADICALS = range(0x2F00, 0x2FD6)
# Characters that GB 18030 kept in the private use area until its edition of 2022 gave them their code points.
_ONCE_PRIVATE = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6,
    0xE82C: 0x9FB7, 0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA,
    0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip
# The characters of GB 18030-2022 and its amendment, whatever this Python knows: 々, 〇, the basic block, the
# extensions A to I, and J of Unicode 17.
_HAN = "".join(
    f"{chr(first)}-{chr(last)}"
    for first, last in (
        (0x3005, 0x3005),
        (0x3007, 0x3007),
        (0x3400, 0x4DBF),
        (0x4E00, 0x9FFF),
        (0xF900, 0xFAFF),
        (0x20000, 0x2A6DF),
        (0x2A700, 0x2EBE0),
        (0x2EBF0, 0x2EE5D),
        (0x30000, 0x3134A),
        (0x31350, 0x33479),
    )
)
_IS_HAN = re.compile(f"[{_HAN}]")
# Arabic and Mongolian letters: between them, joiners and selectors say how a letter is written.
_JOINED = r"\u0620-\u074A\u0750-\u077F\u1807\u180B-\u180F\u1820-\u18AA"
_JOINERS = r"\u180E\u200C\u200D"

# What is typed for the U+00B7 between the parts of a name: round dots of either width.
DOTS = "•‧∙⋅・･●▪◦∘⸱⸳᛫˙\u0387\u1427\u2981\u26ab\u2b24\u2e30\u318d\ua78f"
# Full stops are typed for it too, beside Chinese characters; elsewhere they are full stops (J. Smith).
STOPS = "．。｡﹒\u2024"
# What may stand between the parts of a name that was kept before names had a normal form.
BETWEEN_PARTS = f" \u3000·.{DOTS}{STOPS}"
_APOSTROPHES = "’‘ʼ`´′"
_HYPHENS = "‐‑‒–—―−﹣"
# No part of a name: marks of direction, spaces without width, soft hyphens, selectors of a drawing.
_INVISIBLE = (
    0xAD, 0x061C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF,
    *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0),
)  # fmt: skip

_IDEOGRAPHS: dict[int, int] = {
    **_ONCE_PRIVATE,
    **{ord(pair[0]): ord(pair[1]) for pair in _RADICALS_SUPPLEMENT.split()},
    **{code: ord(unicodedata.normalize("NFKC", chr(code))) for code in _KANGXI_RADICALS},
}
_IN_A_NAME: dict[int, int | str | None] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **_IDEOGRAPHS,
    **dict.fromkeys(map(ord, DOTS), "·"),
    **dict.fromkeys(map(ord, STOPS), "."),
    **dict.fromkeys(map(ord, _APOSTROPHES), "'"),
    **dict.fromkeys(map(ord, _HYPHENS), "-"),
    **dict.fromkeys(_INVISIBLE),
}
_IN_A_UNIT: dict[int, int | None] = {**_IDEOGRAPHS, **dict.fromkeys((*_INVISIBLE, 0x200C, 0x200D))}

_STRAY_JOINERS = re.compile(f"(?<![{_JOINED}])[{_JOINERS}]+|[{_JOINERS}]+(?![{_JOINED}{_JOINERS}])")
# A narrow space belongs to a Mongolian word; any other white space is a space.
_SPACES = re.compile(rf"(?<=[{_JOINED}])(\u202F)(?=[{_JOINED}])|\s+")
_STOP_BESIDE_HAN = re.compile(rf"(?<=[{_HAN}]) ?\.[ .]*|[ .]*\. ?(?=[{_HAN}])")
_AROUND_DOTS = re.compile("[ ·]*·[ ·]*")
_AROUND_JOINTS = re.compile(" ?([-']) ?")
_SPACE_BESIDE_HAN = re.compile(f"(?<=[{_HAN}]) | (?=[{_HAN}])")


def person_name(text: str) -> str:
    """A person's name in its normal form, whoever typed it and however; what is no name is not refused here.

    No spaces beside Chinese characters, single ones between words of letters; one dot between the parts of a name;
    characters and letters in their usual form.
    """
    text = text.translate(_IN_A_NAME)
    text = unicodedata.normalize("NFC", "".join(map(_usual_form, text)))
    text = _STRAY_JOINERS.sub("", text)
    text = _SPACES.sub(lambda space: space[1] or " ", text)
    text = _STOP_BESIDE_HAN.sub("·", text)
    text = _AROUND_DOTS.sub("·", text)
    text = _AROUND_JOINTS.sub(r"\1", text)
    return _SPACE_BESIDE_HAN.sub("", text).strip(" ·")


def _usual_form(character: str) -> str:
    """A letter in its usual form, where that is letters too: ﬁ as fi, half-width kana as whole ones."""
    if character.isascii() or not character.isalpha():
        return character
    usual = unicodedata.normalize("NFKC", character)
    return usual if usual.isalpha() else character


def checked_person_name(text: str) -> str:
    """A person's name in its normal form. Raises InvalidName with what is wrong with it."""
    name = person_name(text)
    if not name:
        raise InvalidName("请填写姓名")
    if len(name) > 60:
        raise InvalidName("姓名最多60个字")
    for character in name:
        _check_character(character)
    if not any(map(_is_letter, name)):
        raise InvalidName("请填写姓名")
    return name


def _is_letter(character: str) -> bool:
    return character.isalpha() or _IS_HAN.match(character) is not None


def _is_private(character: str) -> bool:
    """Whether a character means something on one machine only, or nothing at all."""
    is_unknown = unicodedata.category(character) in {"Co", "Cn", "Cs"}
    return is_unknown and not _IS_HAN.match(character)


def _check_character(character: str) -> None:
    """InvalidName for a character that no name has."""
    if _is_letter(character) or character in "·.'- ":
        return
    category = unicodedata.category(character)
    if _is_private(character):
        raise InvalidName(
            "含有自造字或系统无法识别的字。请对照居民身份证，用国家标准（GB 18030—2022）收录的字重新填写；"
            "打不出的字，可请公安机关户籍窗口查询其标准编码"
        )
    if character in "?？\ufffd□":
        raise InvalidName(f"含有“{character}”，多为另存文件时丢失的字，请对照居民身份证补填")
    if category in {"Mn", "Mc"} or character in _KEPT:
        return
    if not character.isprintable():
        raise InvalidName("含有不可见的控制字符，请重新填写")
    raise InvalidName(f"含有不能用于姓名的字符“{character}”")


_KEPT = "\u180e\u200c\u200d\u202f"


def searched_name(part: str) -> str:
    """What somebody looks for as it would stand in a name; what would be nothing there, as it was typed."""
    return person_name(part) or part


def unit_spelling(text: str) -> str:
    """A unit's name as its licence spells it, brackets and letters in their width: only without what cannot be
    seen, with single spaces, and with characters for the radicals that look like them.
    """
    text = unicodedata.normalize("NFC", text.translate(_IN_A_UNIT))
    return " ".join(text.split())


def checked_unit_name(text: str) -> str:
    """A unit's name as its licence spells it. Raises InvalidName for characters that other systems do not know."""
    name = unit_spelling(text)
    if any(character == "\ufffd" or _is_private(character) for character in name):
        raise InvalidName(
            "单位名称含有自造字或系统无法识别的字。请对照营业执照或法人证书，"
            "用国家标准（GB 18030—2022）收录的字重新填写"
        )
    return name


def person_or_unit(text: str) -> str:
    """The name of somebody who may be a person or a unit: a person's in its normal form, else as a unit's."""
    try:
        return checked_person_name(text)
    except InvalidName:
        return unit_spelling(text)
