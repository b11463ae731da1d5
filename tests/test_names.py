"""The one form of names: whatever a name is typed with, one name comes of it."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.names import (
    DOTS,
    STOPS,
    InvalidName,
    checked_person_name,
    person_name,
    person_or_unit,
    unit_spelling,
)

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=6)
BLANKS = st.sampled_from([" ", "\u3000", "\u00a0", "\u2003", " \t", "\u200b", "\ufeff", ""])


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("布\u3000和", "布和"),
        (" 斯琴 高娃\u00a0", "斯琴高娃"),
        ("苏\u200b日\ufeff娜", "苏日娜"),
        ("Ａｎｎａ　Ｋａｒｅｎｉｎａ", "Anna Karenina"),
        ("Наталья  Ивановна", "Наталья Ивановна"),
        ("J. R. Tolkien", "J. R. Tolkien"),
        ("Ｊ．Ｒ． Tolkien", "J.R. Tolkien"),
        ("Б. Дорж", "Б. Дорж"),
        ("O’Neill", "O'Neill"),
        ("Jean － Luc", "Jean-Luc"),
        ("买买提.吐尔逊", "买买提·吐尔逊"),
        ("买买提． 吐尔逊", "买买提·吐尔逊"),
        ("买买提。吐尔逊", "买买提·吐尔逊"),
        ("买买提 • ·吐尔逊", "买买提·吐尔逊"),
        ("·买买提·", "买买提"),
        ("王\u2f29", "王小"),
        ("\u2ee2\u2ec9\u2ef0", "马贝龙"),
        ("\u2fba\u2edb", "馬风"),
        ("\uf9fa丽", "狀丽"),
        ("\U0002f80a", "僧"),
        ("葛\ufe00", "葛"),
        ("葛\U000e0101城", "葛城"),
        ("赵\ue843", "赵\u9fb9"),
        ("ﬁnn", "finn"),
        ("e\u0301lise", "élise"),
    ],
)
def test_a_name_has_one_form(typed: str, name: str) -> None:
    assert person_name(typed) == checked_person_name(typed) == name


@pytest.mark.parametrize("dot", [*DOTS, *STOPS, ".", "·"])
@pytest.mark.parametrize("blank", ["", " ", "\u3000"])
def test_every_dot_between_chinese_characters_is_the_one_dot(dot: str, blank: str) -> None:
    assert person_name(f"阿依{blank}{dot}{blank}古丽") == "阿依·古丽"


@pytest.mark.parametrize(
    "name",
    [
        "王〇",
        "刘\u4dbf",
        "刘\u9fff",
        "刘\U0002a6df",
        "刘\U0002b739",
        "刘\U0002ebe0",
        "刘\U0002ebf1",
        "刘\U0002ee5d",
        "刘\U00030001",
        "刘\U0003134a",
        "刘\U00031351",
        "刘\U000323af",
        "𬭎",
    ],
)
def test_characters_of_the_national_standard_are_letters_whatever_python_knows(name: str) -> None:
    assert checked_person_name(name) == name


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("张\ue001", "GB 18030—2022"),
        ("张\U000f0001", "公安机关"),
        ("张\u0378", "GB 18030—2022"),
        ("张?", "丢失的字"),
        ("张？三", "丢失的字"),
        ("张\ufffd", "丢失的字"),
        ("张3", "“3”"),
        ("张３", "“3”"),
        ("张①", "“①”"),
        ("张㈠", "“㈠”"),
        ("张Ⅳ", "“Ⅳ”"),
        ("张三（女）", "“(”"),
        ("张、李", "“、”"),
        ("张\x07", "控制字符"),
        ("", "请填写姓名"),
        (" · ", "请填写姓名"),
        ("-", "请填写姓名"),
        ("王" * 61, "60个字"),
    ],
)
def test_what_is_no_name_is_told_in_words(typed: str, says: str) -> None:
    with pytest.raises(InvalidName, match=re.escape(says)):
        checked_person_name(typed)


def test_mongolian_letters_keep_what_says_how_they_are_written() -> None:
    written = "ᠪᠠᠶᠠᠷ\u202fᠤᠨ", "ᠰᠠᠷ\u180eᠠ", "ᠨ\u180bᠠᠷᠠᠨ", "ᠪ\u200dᠠ"
    assert tuple(map(checked_person_name, written)) == written


def test_joiners_elsewhere_are_nothing() -> None:
    assert person_name("巴\u200d特\u200c尔\u180e") == "巴特尔"
    assert person_name("ᠪᠠᠶᠠᠷ\u200d 巴雅尔\u202f") == "ᠪᠠᠶᠠᠷ巴雅尔"


@given(st.text(max_size=30))
def test_the_normal_form_is_its_own(text: str) -> None:
    once = person_name(text)
    assert person_name(once) == once
    assert unit_spelling(unit_spelling(text)) == unit_spelling(text)


@given(HAN, HAN, BLANKS, BLANKS, st.sampled_from([*DOTS, *STOPS, ".", "·"]))
def test_of_all_spellings_comes_one_name(first: str, last: str, one: str, other: str, dot: str) -> None:
    spelled = one + other.join(first) + one + dot + other + one.join(last) + other
    assert checked_person_name(spelled) == f"{first}·{last}"


@given(st.sampled_from(range(0x2F00, 0x2FD6)))
def test_every_kangxi_radical_is_its_character(code: int) -> None:
    name = checked_person_name(f"张{chr(code)}")
    assert name == f"张{unicodedata.normalize('NFKC', chr(code))}"
    assert unit_spelling(f"{chr(code)}厂") == f"{name[1]}厂"


def test_a_unit_is_spelled_as_its_licence_spells_it() -> None:
    assert unit_spelling("　内蒙古\u2f26（ＡＢＣ）  公司\u200b ") == "内蒙古子（ＡＢＣ） 公司"


def test_somebody_is_a_person_or_a_unit() -> None:
    assert person_or_unit("那 顺") == "那顺"
    assert person_or_unit(" 伊旗（第3）机械厂 ") == "伊旗（第3）机械厂"
