"""What a cell may say, and how it is told when it says something else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.access import Scope
from portal.spreadsheets.header import Header, column_letters
from portal.workforce import identity
from portal.workforce.models import SkillLevel
from portal.workforce.roster import cells
from portal.workforce.roster.checking import Checked, Checker
from portal.workforce.roster.columns import KEYS
from tests.cast import OTOG, id_number
from tests.roster.conftest import LABELS, row

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("学徒工", 10),
        ("初级工", 20),
        ("初级", 20),
        ("五级", 20),
        ("5级", 20),
        ("五级/初级工", 20),
        ("中级", 30),
        ("四级", 30),
        ("高级", 40),
        ("高级工", 40),
        ("三级", 40),
        ("3级", 40),
        ("３级", 40),
        ("国家职业资格三级", 40),
        ("高级工（三级）", 40),
        ("三级 高级工", 40),
        ("技师", 50),
        ("二级", 50),
        ("国家职业资格二级", 50),
        ("技师/二级", 50),
        ("高级技师", 60),
        ("一级", 60),
        ("一级／高级技师", 60),
        ("职业技能等级一级", 60),
        ("特级技师", 70),
        ("首席技师", 80),
        ("无", 0),
        ("Ⅲ级", 40),
        ("Ⅰ", 60),
        ("ⅱ级", 50),
        ("IV", 30),
        ("Ⅴ 级", 20),
        ("iii级/高级工", 40),
        ("高级工三级", 40),
        ("三级高级工", 40),
        ("技师二级", 50),
        ("二级技师", 50),
        ("国家职业资格三级（高级技能）", 40),
        ("国家职业资格（四级）", 30),
        ("国家职业资格Ⅱ级", 50),
        ("职业技能等级五级（初级工）", 20),
        ("职业资格 一级 / 高级技师", 60),
        ("第三级", 40),
        ("3", 40),
        ("５", 20),
        ("④", 30),
        ("㈡级", 50),
        ("叁级", 40),
        ("贰级", 50),
        ("肆级工", 30),
        ("壹级（高级技师）", 60),
        ("高级技能", 40),
        ("技能等级：中级工", 30),
        ("\u2f06级", 50),
        ("高级工 Ⅲ", 40),
        ("高级技工", 40),
        ("中级技工（四级）", 30),
        ("高级工证", 40),
        ("参级", 40),
    ],
)
def test_levels_by_their_names(text: str, level: int) -> None:
    assert cells.level(text) == SkillLevel(level)


@pytest.mark.parametrize(
    "text",
    [
        "大师",
        "六级",
        "技师（三级）",
        "高级 初级",
        "8",
        "/",
        "助理工程师",
        "高级工程师",
        "6级",
        "Ⅵ",
        "IIII级",
        "33",
        "3.5",
        "三级技师",
        "特级技师一级",
        "国家职业资格",
        "等级",
        "初级工或中级工",
        "〇级",
        "2021",
    ],
)
def test_what_is_no_level(text: str) -> None:
    with pytest.raises(cells.Wrong, match="技能等级应为"):
        cells.level(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [("高级工二级", "“高级工”与“二级”"), ("叁级（技师）", "“叁级”与“技师”"), ("Ⅳ级/三级", "“IV级”与“三级”")],
)
def test_a_name_and_a_grade_that_differ_are_both_named(text: str, words: str) -> None:
    with pytest.raises(cells.Wrong, match=f"{words}不是同一个技能等级"):
        cells.level(text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("是", True),
        ("有", True),
        ("Y", True),
        ("1", True),
        ("１", True),
        ("yes", True),
        ("否", False),
        ("无", False),
        ("n", False),
        ("0", False),
    ],
)
def test_yes_and_no(text: str, answer: bool) -> None:
    assert cells.yes_or_no(text) is answer


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-25",
        "2024/1/25",
        "2024.1.25",
        "20240125",
        "2024年1月25日",
        "２０２４年１月２５日",
        "2024-01-25 00:00:00",
        "45316",
    ],
)
def test_dates_as_people_write_them(text: str) -> None:
    assert cells.day(text, TODAY) == date(2024, 1, 25)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2024-02-30", "不存在"),
        ("2027-01-01", "晚于今天"),
        ("1900-01-01", "早于1949年"),
        ("去年", "日期应写作"),
        ("2024-13-01", "不存在"),
        ("99999", "晚于今天"),
        ("20241301", "不存在"),
        ("0000-01-01", "不存在"),
    ],
)
def test_what_is_no_date(text: str, says: str) -> None:
    with pytest.raises(cells.Wrong, match=says):
        cells.day(text, TODAY)


def test_years_and_months() -> None:
    assert cells.years("8.5年") == Decimal("8.5")
    assert cells.years("１２") == 12
    assert cells.months("96.0个月") == 96
    for text, says in [
        ("8.55", "一位小数"),
        ("61", "0至60"),
        ("-1", "数字"),
        ("多年", "数字"),
        ("1e3", "数字"),
    ]:
        with pytest.raises(cells.Wrong, match=says):
            cells.years(text)
    for text, says in [("1.5", "整数"), ("721", "0至720"), ("九十", "数字")]:
        with pytest.raises(cells.Wrong, match=says):
            cells.months(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("王 建国", "王建国"),
        ("阿古拉•巴特尔", "阿古拉·巴特尔"),
        ("John  Smith", "John Smith"),
        ("𠮷田茂", "𠮷田茂"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert cells.name(cells.tidy(text)) == name


@pytest.mark.parametrize("text", ["王", "王1", "王@国", "=A1B", "·", "王\ue000国"])
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(cells.Wrong):
        cells.name(text)


# -- honours -------------------------------------------------------------------------------------------------
@pytest.fixture
def names(db: None) -> cells.HonourNames:
    return cells.HonourNames()


def test_several_honours_in_a_cell(names: cells.HonourNames) -> None:
    found = names.read(
        "全国技术能手@2023@人社部发〔2023〕1号、“北疆工匠”＠２０２１年、内蒙古自治区劳动模范@2020@", TODAY
    )
    assert [(h.type_id, h.year, h.document) for h in found] == [
        ("national_technical_expert", 2023, "人社部发〔2023〕1号"),
        ("northern_border_craftsman", 2021, ""),
        ("regional_model_worker", 2020, ""),
    ]


def test_a_name_counts_in_the_years_in_which_it_was_used(names: cells.HonourNames) -> None:
    assert (
        names.read("英才兴蒙@2025", TODAY)[0].type_id
        == names.read("草原英才@2020", TODAY)[0].type_id
        == "grassland_talent"
    )
    with pytest.raises(cells.Wrong, match="自2024年起使用"):
        names.read("英才兴蒙@2020", TODAY)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("全国技术能人@2023", "“全国技术能手”"),
        ("诺贝尔奖@2023", "没有名为“诺贝尔奖”的荣誉"),
        ("全国技术能手", "名称@年份@文号"),
        ("全国技术能手@去年", "4位数字"),
        ("全国技术能手@2027", "1949至2026"),
        ("全国技术能手@1948", "1949至2026"),
        ("@2023@x", "名称@年份@文号"),
        ("全国技术能手@2023@a@b", "名称@年份@文号"),
        ("全国技术能手@2023@甲、全国技术能手@2023@乙", "两个不同的文号"),
    ],
)
def test_what_is_no_honour(names: cells.HonourNames, text: str, says: str) -> None:
    with pytest.raises(cells.Wrong, match=says):
        names.read(text, TODAY)


# -- rows ----------------------------------------------------------------------------------------------------
@pytest.fixture
def checker(db: None) -> Checker:
    return Checker(
        Header(tuple(LABELS), {key: index for index, key in enumerate(KEYS)}),
        scope=Scope(whole=True),
        today=TODAY,
    )


def check(checker: Checker, **changed: str) -> Checked | str:
    return checker.check(2, list(row(**changed).values()))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"姓名": ""}, "“姓名”（A2）：不能为空"),
        ({"姓名": "王" * 61}, "“姓名”（A2）：最多60个字"),
        ({"证件号码": ""}, "“证件号码”（B2）：不能为空"),
        ({"证件号码": "150624850615001"}, "请填写18位公民身份号码"),
        ({"证件号码": "15062419850615001X"}, "校验位不符"),
        ({"工作地区划代码": ""}, "“工作地区划代码”（C2）：不能为空"),
        ({"工作地区划代码": "110000"}, "没有这个区划代码"),
        ({"工作地区划代码": "北京市"}, "6位区划代码"),
        ({"统一社会信用代码": "91150624MA0N00001U"}, "“统一社会信用代码”（E2）：统一社会信用代码校验不符"),
        ({"用人单位": "123"}, "应填写单位全称"),
        ({"用人单位": "同上"}, "“同上”不是单位名称"),
        ({"证书编号": "同上"}, "“同上”不是证书编号"),
        ({"职业工种": ""}, "“职业工种”（F2）：填写技能等级时须填写职业工种"),
        ({"技能等级": ""}, "“技能等级”（G2）：填写证书编号或发证日期时须填写技能等级"),
        ({"证书编号": "1.2E+15"}, "“证书编号”（H2）：Excel已将长号码存为数值"),
        ({"情况说明": "因" * 301}, "“情况说明”（O2）：最多300个字"),
        ({"手机号": "23800000000"}, "“手机号”（N2）：手机号应为11位数字"),
        ({"用人单位": "甲\x07公司"}, "不可见的控制字符"),
    ],
)
def test_a_wrong_cell_is_named_with_the_reason(checker: Checker, changed: dict[str, str], says: str) -> None:
    found = check(checker, **changed)
    assert isinstance(found, str)
    assert says in found


@pytest.mark.parametrize("nothing", ["无", "待业", "灵活就业", "/", "—", "N/A", "暂无", "０"])
def test_what_stands_for_nothing_is_neither_a_unit_nor_a_number(checker: Checker, nothing: str) -> None:
    blank, said = (check(checker, 用人单位=text, 证书编号=text) for text in ("", nothing))
    assert isinstance(blank, Checked) and isinstance(said, Checked), (blank, said)
    assert said.values == blank.values


def test_a_certificate_number_is_kept_in_one_form(checker: Checker) -> None:
    forms = {check(checker, 证书编号=text).values.split("\t")[-1] for text in ("s0015 03", "Ｓ００１５０３")}
    assert forms == {"S001503"}


def test_all_wrong_cells_are_named_at_once(checker: Checker) -> None:
    found = check(checker, 姓名="", 一线岗位="也许", 手机号="1")
    assert isinstance(found, str)
    assert [found.index(place) for place in ("（A2）", "（J2）", "（N2）")] == sorted(
        found.index(p) for p in ("（A2）", "（J2）", "（N2）")
    )


def test_full_width_digits_are_digits(checker: Checker) -> None:
    number = id_number()
    wide = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
    found = check(
        checker,
        证件号码=number.translate(wide),
        工作地区划代码=OTOG.translate(wide),
        手机号="１３８００００００００",
        失业保险累计月数="９６",
        一线年限="８．５",
    )
    assert isinstance(found, Checked), found
    assert (found.number, found.phone) == (number, "13800000000")
    assert found.values.split("\t")[0] == OTOG


def test_a_message_repeats_no_personal_number(checker: Checker) -> None:
    found = check(checker, 证件号码="15062419850615001X", 手机号="23800000000")
    assert "19850615" not in found
    assert "23800000000" not in found


_digits = st.text("0123456789Xx０１ ", min_size=14, max_size=19)
_near = st.builds(
    lambda day, serial, last: f"{OTOG}{day:%Y%m%d}{serial:03d}{last}",
    st.dates(date(1890, 1, 1), date(2030, 12, 31)),
    st.integers(0, 999),
    st.sampled_from("0123456789X"),
)


@given(number=st.one_of(_digits, _near))
def test_the_quick_check_of_an_id_number_is_the_same_as_the_slow_one(number: str) -> None:
    """Property: a row's ID number passes exactly when identity says it is right."""
    checker = object.__new__(Checker)
    checker._births, checker.today, checker._at_name, checker._at_number = (
        {},
        identity.timezone.localdate(),
        0,
        1,
    )
    wrong: dict[str, str] = {}
    _, found, born = checker._person(["王建国", number], wrong)
    try:
        right = identity.check_id_number(number)
    except identity.InvalidNumber:
        assert "number" in wrong
    else:
        assert not wrong
        assert (found, born) == (right, identity.birth_date(right).isoformat())


def test_letters_of_columns() -> None:
    assert [column_letters(index) for index in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]
