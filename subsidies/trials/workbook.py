"""What came of a trial as a workbook: the counts, the reasons, the places, the rows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any

from portal.lists.workbook import add_list, workbook_file
from subsidies.trials.result import Outcome, Reason

_COUNTED = ("结果", "笔数", "实发金额（元）", "按规则金额（元）")
_REASONS = ("结果", "原因", "依据或来源", "笔数", "实发金额（元）")
_PLACES = ("盟市", "旗县（市、区）", "笔数", "实发金额（元）", *(str(one.label) for one in list(Outcome)[:4]))
_ROWS = (
    "行", "姓名", "证件号码", "补贴", "职业工种", "技能等级", "证书编号", "申领日期", "实发金额（元）",
    "按规则金额（元）", "结果", "原因",
)  # fmt: skip
_ROW_WIDTHS = (8, 12, 22, 26, 20, 12, 22, 14, 16, 18, 18, 60)


def workbook(result: dict[str, Any]) -> IO[bytes]:
    """An .xlsx file. The caller closes it."""

    def fill(book: Any) -> None:
        add_list(book, "汇总", _COUNTED, (20, 10, 18, 20), _counts(result))
        add_list(book, "原因", _REASONS, (20, 44, 40, 10, 18), _reasons(result))
        add_list(book, "地区", _PLACES, (16, 20, 10, 18, *[18] * 4), _places(result))
        add_list(book, "逐笔", _ROWS, _ROW_WIDTHS, _rows(result))

    return workbook_file(fill)


def _counts(result: dict[str, Any]) -> Iterator[list[Any]]:
    for outcome in Outcome:
        one = result["outcomes"][outcome]
        yield [str(outcome.label), one["rows"], Decimal(one["paid"]), Decimal(one["ruled"])]
    total = result["total"]
    yield ["合计", total["rows"], Decimal(total["paid"]), Decimal(total["ruled"])]


def _reasons(result: dict[str, Any]) -> Iterator[list[Any]]:
    for one in result["reasons"]:
        outcome = str(Outcome(one["outcome"]).label)
        yield [outcome, one["label"], one["note"], one["rows"], Decimal(one["paid"])]


def _places(result: dict[str, Any]) -> Iterator[list[Any]]:
    league = ""
    for one in result["places"]:
        if one["league"]:
            league = one["name"]
        banner = "合计" if one["league"] else one["name"]
        counts = [one["outcomes"][outcome] for outcome in list(Outcome)[:4]]
        yield [league, banner, one["rows"], Decimal(one["paid"]), *counts]


def _rows(result: dict[str, Any]) -> Iterator[list[Any]]:
    reasons = [str(Reason(one["label"], one["note"])) for one in result["reasons"]]
    for row in result["rows"]:
        why = [*(reasons[number] for number in row["reasons"]), row["said"]]
        yield [
            row["line"],
            row["name"],
            row["number"],
            row["scheme"],
            row["occupation"],
            row["level"],
            row["certificate"],
            row["claimed_on"],
            Decimal(row["paid"]) if row["paid"] else "",
            Decimal(row["ruled"]) if row["ruled"] else "",
            str(Outcome(row["outcome"]).label),
            "；".join(filter(None, why)),
        ]
