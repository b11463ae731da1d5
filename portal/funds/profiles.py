"""How a bank wants its files, and what it answers with: a profile, as data of a closed form.

A profile never turns one letter into another: what its encoding lacks is said with the row, before there is a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

# What a column of a file for the bank may hold, in words.
FIELDS = {
    "sequence": "序号",
    "reference": "业务编号",
    "name": "收款户名（银行写法）",
    "legal_name": "姓名或单位名称",
    "account": "收款账号",
    "bank": "开户银行",
    "amount": "金额（元）",
    "amount_in_fen": "金额（分）",
    "identity_number": "证件号码",
    "purpose": "用途",
    "case": "办件编号",
}
# What a column of the bank's answer may be read as.
ANSWER_FIELDS = {
    "reference": "业务编号",
    "account": "收款账号",
    "name": "收款户名",
    "amount": "金额（元）",
    "amount_in_fen": "金额（分）",
    "status": "处理结果",
    "words": "说明",
    "bank_number": "银行流水号",
    "other": "不读取",
}
ENCODINGS = ("gb18030", "gbk", "utf-8")


@dataclass(frozen=True)
class Column:
    """A column: what it holds, and what it is called; a file of the bank may call it by one of `also` as well."""

    field: str
    label: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnswerProfile:
    """The bank's answer: its columns, in any order where it has a header, and the words that say paid or returned."""

    columns: tuple[Column, ...]
    header: bool
    paid: tuple[str, ...]
    returned: tuple[str, ...]

    def __post_init__(self) -> None:
        fields = {column.field for column in self.columns}
        if unknown := fields - ANSWER_FIELDS.keys():
            raise ValueError(f"no such field of an answer: {', '.join(sorted(unknown))}")
        if not {"reference", "account", "status"} <= fields or not fields & {"amount", "amount_in_fen"}:
            raise ValueError("an answer has our reference, an account, an amount and a status")


@dataclass(frozen=True)
class Profile:
    """The bank's file. Amounts in fen; a file has from `least` to `most` rows."""

    code: str
    name: str
    source: str
    columns: tuple[Column, ...]
    header: bool
    suffix: str
    encoding: str
    separator: str
    least: int
    most: int
    most_amount: int | None
    answer: AnswerProfile

    def __post_init__(self) -> None:
        fields = {column.field for column in self.columns}
        if unknown := fields - FIELDS.keys():
            raise ValueError(f"no such field of a payment: {', '.join(sorted(unknown))}")
        if not {"reference", "account"} <= fields or not fields & {"amount", "amount_in_fen"}:
            raise ValueError("a file for the bank has our reference, an account and an amount")
        if self.encoding not in ENCODINGS or self.suffix not in (".xlsx", ".csv", ".txt"):
            raise ValueError(f"no file is written as {self.suffix} in {self.encoding}")
        if not 1 <= self.least <= self.most:
            raise ValueError("a file has from `least` to `most` rows")

    @property
    def is_workbook(self) -> bool:
        return self.suffix == ".xlsx"

    @cached_property
    def definition(self) -> dict[str, Any]:
        """As JSON, for the table."""
        said = asdict(self)
        for beside in ("code", "name", "source"):
            del said[beside]
        plain: dict[str, Any] = _listed(said)
        return plain


def _listed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _listed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_listed(each) for each in value]
    return value


def _columns(said: list[dict[str, Any]]) -> tuple[Column, ...]:
    return tuple(Column(one["field"], one["label"], tuple(one["also"])) for one in said)


def profile_of(stored: Any) -> Profile:
    """The profile of a row of the table. ValueError for what is none."""
    said = dict(stored.definition)
    answer = said.pop("answer")
    return Profile(
        code=stored.code,
        name=stored.name,
        source=stored.source,
        columns=_columns(said.pop("columns")),
        answer=AnswerProfile(
            columns=_columns(answer["columns"]),
            header=answer["header"],
            paid=tuple(answer["paid"]),
            returned=tuple(answer["returned"]),
        ),
        **said,
    )
