"""What would become of the lines, taken away as a workbook: the tables of the page, and what was assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

from portal.formats import date_iso
from portal.funds.what_if import Asking, Outcome
from portal.lists.workbook import add_list, workbook_file

if TYPE_CHECKING:
    import xlsxwriter

_ASKING = ("资金", "地区", "需要", "科目可以承担", "还差")
_OUTCOMES = (
    "科目",
    "可用余额",
    "测算占用",
    "剩余",
    "以后平均每天",
    "用完日期",
    "使用期止",
    "说明",
)


def workbook(asking: Sequence[Asking], outcomes: Sequence[Outcome], said: Sequence[str]) -> IO[bytes]:
    """An .xlsx file. The caller closes it."""

    def fill(book: xlsxwriter.Workbook) -> None:
        add_list(book, "各地需要的资金", _ASKING, (40, 18, 18, 18, 18), map(_asked, asking))
        widths = (48, 18, 18, 18, 18, 14, 14, 18)
        add_list(book, "各科目的结果", _OUTCOMES, widths, _came_to(outcomes))
        add_list(book, "说明", ["说明"], [100], ([line] for line in said))

    return workbook_file(fill)


def _asked(one: Asking) -> list[Any]:
    return [f"{one.place.fund}·{one.place.use}", one.place.league, one.asked, one.carried, one.missing]


def _came_to(outcomes: Sequence[Outcome]) -> Iterator[list[Any]]:
    for one in outcomes:
        remark = ""
        if one.is_used_up:
            remark = "测算即用完"
        elif one.ends_early:
            remark = "早于使用期止"
        yield [
            f"{one.line}（{one.line.document.number}）",
            one.left,
            one.drawn,
            one.rest,
            one.a_day,
            date_iso(one.ends),
            date_iso(one.line.usable_until),
            remark,
        ]
