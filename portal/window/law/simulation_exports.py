"""A simulation as a file: every row by benefit, league and level, and what the result rests on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from portal import audit
from portal.entitlements.models import Simulation
from portal.entitlements.simulation import DIGEST_COVERS, FACTS_READ
from portal.lists.csv_files import csv_download
from portal.lists.workbook import CONTENT_TYPE, add_list, workbook_file
from portal.policy.models import Parameter
from portal.spreadsheets.formulas import TextCells
from portal.window.law.simulation_words import (
    UNSETTLED,
    WITHOUT_MONEY,
    benefit_title,
    league_names,
    level_name,
    sentence,
)

if TYPE_CHECKING:
    import xlsxwriter

_NUMBERS = {
    "was": "现行人数",
    "now": "草案人数",
    "gained": "新增",
    "lost": "减少",
    "unknown_was": "现行暂不能判定",
    "unknown_now": "草案暂不能判定",
    "unpriced_was": "现行标准未定人数",
    "unpriced_now": "草案标准未定人数",
}
_COSTS = {"cost_was": "现行费用（元）", "cost_now": "草案费用（元）"}
HEADS = (
    "待遇代码",
    "待遇",
    "盟市代码",
    "盟市",
    "技能等级代码",
    "技能等级",
    *_NUMBERS.values(),
    *_COSTS.values(),
)
_WIDTHS = (26, 22, 10, 16, 12, 12, *(12 for _ in _NUMBERS), 18, 18)


def export_file(simulation: Simulation, kind: str, *, by: Any) -> HttpResponseBase:
    """The file as an answer, CSV or Excel; the audit notes who took it away."""
    result: Any = simulation.result
    audit.record(
        "simulation.export", by=by, obj=simulation, detail={"file": kind, "count": len(result["rows"])}
    )
    name = f"simulation-{simulation.pk}-{timezone.localdate():%Y%m%d}.{kind}"
    if kind == "xlsx":
        return FileResponse(
            _workbook(simulation), as_attachment=True, filename=name, content_type=CONTENT_TYPE
        )
    return csv_download(name, HEADS, _table_and_basis(simulation))


def _table_rows(simulation: Simulation) -> Iterator[list[Any]]:
    """Texts and, as numbers, counts and yuan; words where there is no amount."""
    result: Any = simulation.result
    names = league_names()
    paid = {row["benefit"]: row["paid"] for row in result["benefits"]}
    for row in result["rows"]:
        missing = UNSETTLED if paid[row["benefit"]] else WITHOUT_MONEY
        level = "" if row["level"] is None else str(row["level"])
        yield [
            row["benefit"],
            benefit_title(row["benefit"]),
            row["league"] or "",
            names.get(row["league"], ""),
            level,
            level_name(row["level"]),
            *(row[name] for name in _NUMBERS),
            *(missing if row[name] is None else Decimal(row[name]) for name in _COSTS),
        ]


def basis_rows(simulation: Simulation) -> Iterator[tuple[str, str]]:
    """What the result rests on, so that it can be computed again: every input, the draft, the digest."""
    inputs = simulation.inputs
    labels = dict(
        Parameter.objects.filter(code__in=[*simulation.draft, *inputs["law"]]).values_list("code", "label")
    )
    yield "说明", "测算仅供研究，不改变任何待遇。费用按符合条件的人员每人享受一次计算。"
    yield "名称", simulation.title
    yield "结果", sentence(simulation)
    yield "基准日", simulation.on.isoformat()
    yield "测算人", str(simulation.by)
    yield "测算时间", f"{timezone.localtime(simulation.created_at):%Y-%m-%d %H:%M}"
    yield "人员信息口径", FACTS_READ
    yield "在册人数", str(inputs["people"])
    yield "人员信息汇总至", inputs["facts_on"]
    yield "人员信息摘要", inputs["facts"]
    yield "政策版本", inputs["policy_version"]
    for code, value in simulation.draft.items():
        yield f"草案 {labels.get(code, code)}（{code}）", _value_text(value)
    for code, value in inputs["law"].items():
        yield f"现行 {labels.get(code, code)}（{code}）", _value_text(value)
    for code, digest in inputs["rules"].items():
        yield f"规则摘要 {benefit_title(code)}（{code}）", digest
    yield "结果摘要", simulation.digest
    yield "摘要涵盖", DIGEST_COVERS


def _value_text(value: Any) -> str:
    return "没有取值" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _table_and_basis(simulation: Simulation) -> Iterator[Sequence[Any]]:
    yield from _table_rows(simulation)
    yield []
    yield from basis_rows(simulation)


def _workbook(simulation: Simulation) -> IO[bytes]:
    """The response closes the file."""

    def fill(book: xlsxwriter.Workbook) -> None:
        add_list(book, "测算结果", HEADS, _WIDTHS, _table_rows(simulation))
        _add_basis(book, simulation)

    return workbook_file(fill)


def _add_basis(book: xlsxwriter.Workbook, simulation: Simulation) -> None:
    """The sheet that says what the result rests on."""
    sheet = book.add_worksheet("依据")
    texts = TextCells(book, sheet)
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 48)
    sheet.set_column(1, 1, 90)
    for place, (label, text) in enumerate(basis_rows(simulation)):
        texts.write(place, 0, label, bold)
        texts.write(place, 1, text)
