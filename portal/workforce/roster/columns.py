"""The columns of a roster: their names, their order in the template, and what is written about them there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class FileRefused(Exception):
    """The file as a whole cannot be imported; the message says why and what to do. Nothing was written."""


@dataclass(frozen=True)
class Column:
    """One column of the template. `most` is the most characters a cell may have."""

    key: str
    label: str
    hint: str
    example: str
    needed: bool = False
    most: int = 120


COLUMNS = (
    Column("name", "姓名", "与居民身份证一致。", "示例（请删除本行）", True, 60),
    Column("number", "证件号码", "18位公民身份号码，最后一位可为X。Excel中请先将本列设为“文本”格式。", "15000019000101000X", True),
    Column("region", "工作地区划代码", "6位行政区划代码，可填自治区、盟市或旗县（市、区）。", "150624", True),
    Column("employer", "用人单位", "单位全称。", "某某机械有限公司"),
    Column("code", "统一社会信用代码", "18位。填写后按代码认定用人单位，未填写的按单位名称和工作地认定。", ""),
    Column("occupation", "职业工种", "证书所载职业（工种）名称。填写技能等级时必须填写。", "焊工", False, 60),
    Column("level", "技能等级", "学徒工、初级工、中级工、高级工、技师、高级技师、特级技师或首席技师；五级至一级等写法亦可。", "高级工"),
    Column("certificate", "证书编号", "技能等级证书编号。一人有多本证书的，每本一行，其余各列相同。", "", False, 40),
    Column("issued_on", "发证日期", "如2024-01-25、2024年1月25日或20240125。", "2024-01-25"),
    Column("front_line", "一线岗位", "是否在生产服务一线岗位，填“是”或“否”。", "是"),
    Column("years", "一线年限", "在一线岗位累计工作年数，可有一位小数。", "8.5"),
    Column("months", "失业保险累计月数", "失业保险累计缴费月数，整数。", "96"),
    Column(
        "honours", "荣誉", "每项写作“名称@年份@文号”，多项之间用顿号（、）隔开；没有文号的写作“名称@年份”。",
        "全国技术能手@2023@人社部发〔2023〕1号", False, 2000,
    ),
    Column("phone", "手机号", "11位手机号。", ""),
)  # fmt: skip
KEYS = tuple(column.key for column in COLUMNS)
LABELS = {column.key: column.label for column in COLUMNS}
BY_LABEL = {column.label: column for column in COLUMNS}
# The column that comes back with refused rows. It may stand in a file that is given in again, and is not
# read.
ERROR_LABEL = "错误"


def letters(index: int) -> str:
    """The letters a spreadsheet gives to a column: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


@dataclass(frozen=True)
class Header:
    """Which column of the file holds what. `labels` are the cells as they stand; `at` the index for each key."""

    labels: tuple[str, ...]
    at: dict[str, int]
    first: int = 0

    @property
    def width(self) -> int:
        return len(self.labels)

    def cell(self, key: str, line: int) -> str:
        """A cell as a person finds it: “证件号码”（B12）."""
        return f"“{LABELS[key]}”（{letters(self.first + self.at[key])}{line}）"


def _tidy(label: str) -> str:
    return "".join(label.split()).strip("\ufeff*：:")


def read_header(cells: Sequence[str], *, first: int = 0) -> Header:
    """The header of a file, in any order. Raises FileRefused naming each column that is missing, twice there,
    or unknown.
    """
    labels = [_tidy(cell) for cell in cells]
    while labels and not labels[-1]:
        labels.pop()
    problems = []
    missing = [label for label in BY_LABEL if label not in labels]
    if len(missing) == len(BY_LABEL):
        raise FileRefused(
            f"第一行不是花名册表头。表头应为：{'、'.join(BY_LABEL)}。表头上方不能有标题行，请下载模板核对。"
        )
    if missing:
        problems.append(f"缺少列：{'、'.join(missing)}")
    twice = [label for label in dict.fromkeys(labels) if label and labels.count(label) > 1]
    if twice:
        problems.append(f"重复的列：{'、'.join(twice)}")
    unknown = [
        label[:30]
        for label in dict.fromkeys(labels)
        if label and label not in BY_LABEL and label != ERROR_LABEL
    ]
    if unknown:
        problems.append(f"多出的列：{'、'.join(unknown[:10])}{'等' if len(unknown) > 10 else ''}")
    nameless = [letters(first + index) for index, label in enumerate(labels) if not label]
    if nameless:
        problems.append(f"没有列名的列：{'、'.join(nameless[:10])}")
    if problems:
        raise FileRefused(f"表头与模板不一致。{'；'.join(problems)}。请按模板更正后重新上传，各列顺序不限。")
    return Header(
        tuple(labels), {BY_LABEL[label].key: i for i, label in enumerate(labels) if label in BY_LABEL}, first
    )
