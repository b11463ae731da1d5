"""The files of a batch, as the profile of its bank wants them. The same batch gives the same bytes.

Nothing is written another way to please an encoding: what a file cannot hold is said with its row, before there is one.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

from portal import audit, sealed_files
from portal.accounts.access import NotNow, require
from portal.file_inspection import sha256, sm3
from portal.funds.batches import locked, take
from portal.funds.models import Batch, BatchState, Item, ItemState, PaymentFile, Step
from portal.funds.moment import moment
from portal.funds.money import yuan
from portal.funds.profiles import Profile, profile_of
from portal.funds.refusals import told_in_words
from portal.sealed_files import Unreadable
from portal.spreadsheets.formulas import TextCells
from portal.workforce.identity import mask_id_number

# What a program that opens the file would take for the beginning of a formula.
_STARTS = tuple("=+-@\t\r\n＝＋－＠")
# The day that every workbook says it was made on: two of the same batch are the same.
_MADE_ON = datetime(2000, 1, 1)  # noqa: DTZ001 - as a workbook has it, without a zone
_ITEMS_AT_ONCE = 5000

_CELLS: dict[str, Callable[[Item, int], str]] = {
    "sequence": lambda item, place: str(place),
    "reference": lambda item, place: item.reference,
    "name": lambda item, place: item.payee.name_at_bank,
    "legal_name": lambda item, place: str(item.payee.legal_name),
    "account": lambda item, place: str(item.payee.account),
    "bank": lambda item, place: item.payee.bank,
    "amount": lambda item, place: f"{yuan(item.amount):f}",
    "amount_in_fen": lambda item, place: str(item.amount),
    "identity_number": lambda item, place: str(item.payee.identity_number),
    "purpose": lambda item, place: item.payable.get_use_display(),
    "case": lambda item, place: item.payable.case.number,
}


@dataclass(frozen=True)
class Fault:
    """Why a row cannot stand in the file."""

    item: Item
    reason: str


def items_of(batch: Batch) -> Iterator[Item]:
    """What stands in the batch, in its order."""
    standing = batch.items.exclude(state=ItemState.WITHDRAWN)
    return (
        standing.select_related("payee", "payable__case")
        .order_by("position")
        .iterator(chunk_size=_ITEMS_AT_ONCE)
    )


def parts(count: int, profile: Profile) -> list[int]:
    """How many rows each file has: as few files as may be, as even as may be. NotNow where the bank takes no such file."""
    if count < profile.least:
        raise NotNow(f"{profile.name}每个文件至少{profile.least}笔，本批次只有{count}笔。")
    files = -(-count // profile.most)
    even, more = divmod(count, files)
    if even < profile.least:
        raise NotNow(
            f"{profile.name}每个文件{profile.least}至{profile.most}笔，本批次{count}笔不能这样拆分。请调整批次笔数。"
        )
    return [even + 1] * more + [even] * (files - more)


def faults(items: Iterable[Item], profile: Profile) -> Iterator[Fault]:
    """Each row that the bank's file cannot hold, and why."""
    for item in items:
        reasons = []
        if profile.most_amount is not None and item.amount > profile.most_amount:
            reasons.append(f"金额超过该格式单笔上限{yuan(profile.most_amount):,}元")
        for column in profile.columns:
            if wrong := _wrong(_CELLS[column.field](item, 1), profile):
                reasons.append(f"“{column.label}”{wrong}")
        if reasons:
            yield Fault(item, "；".join(reasons))


def _wrong(text: str, profile: Profile) -> str:
    """Why a cell cannot stand in the file; empty when it can."""
    if not text:
        return "没有内容"
    if text.startswith(_STARTS):
        return f"以“{text[0]}”开头，会被当作公式"
    if profile.is_workbook:
        return ""
    if profile.separator in text or '"' in text or "\n" in text or "\r" in text:
        return "含有分隔符、引号或换行"
    lacking = [character for character in text if not _has(character, profile.encoding)]
    return f"含有{profile.encoding.upper()}编码没有的字“{'、'.join(lacking)}”" if lacking else ""


def _has(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


# -- written -------------------------------------------------------------------------------------------------
def rows_of(items: Sequence[Item], profile: Profile) -> Iterator[list[str]]:
    """The header, where there is one, and a row for each item."""
    if profile.header:
        yield [column.label for column in profile.columns]
    for place, item in enumerate(items, start=1):
        yield [_CELLS[column.field](item, place) for column in profile.columns]


def written(items: Sequence[Item], profile: Profile) -> bytes:
    """One file for the bank."""
    if profile.is_workbook:
        return _workbook(items, profile)
    lines = (profile.separator.join(row) + "\r\n" for row in rows_of(items, profile))
    return "".join(lines).encode(profile.encoding)


def _workbook(items: Sequence[Item], profile: Profile) -> bytes:
    import xlsxwriter

    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    workbook.set_properties({"created": _MADE_ON})
    sheet = workbook.add_worksheet("清册")
    texts = TextCells(workbook, sheet)
    as_text, as_amount = workbook.add_format({"num_format": "@"}), workbook.add_format({"num_format": "0.00"})
    amounts = {place for place, column in enumerate(profile.columns) if column.field == "amount"}
    sheet.set_column(0, len(profile.columns) - 1, 20)
    first = 1 if profile.header else 0
    for line, row in enumerate(rows_of(items, profile)):
        for place, text in enumerate(row):
            if place in amounts and line >= first:
                sheet.write_number(line, place, Decimal(text), as_amount)
            else:
                texts.write(line, place, text, as_text)
    workbook.close()
    return content.getvalue()


def _split(batch: Batch, profile: Profile) -> Iterator[list[Item]]:
    """The items of each file."""
    items = items_of(batch)
    for size in parts(batch.count, profile):
        yield [next(items) for _ in range(size)]


@told_in_words
def make(batch_id: int, *, by: Any) -> Batch:
    """Write the files of a signed batch, under their digests. Raises Refused; NotNow, also where a row cannot stand in
    them.
    """
    batch = locked(batch_id, "funds.batch", by=by)
    if batch.state != BatchState.SIGNED:
        raise NotNow(f"批次当前为“{batch.get_state_display()}”，请刷新页面。")
    stored = batch.channel.profile
    profile = profile_of(stored)
    for part, items in enumerate(_split(batch, profile), start=1):
        wrong = next(faults(items, profile), None)
        if wrong is not None:
            raise NotNow(
                f"第{wrong.item.position}笔不能写入付款文件：{wrong.reason}。请在预览中查看全部，撤出或更正后再生成。"
            )
        content = written(items, profile)
        file = PaymentFile(
            batch=batch,
            round=batch.round,
            part=part,
            profile=stored,
            name=f"{batch.number}-{batch.round}-{part}{profile.suffix}",
            rows=len(items),
            amount=sum(item.amount for item in items),
            size=len(content),
            sha256=sha256(content),
            sm3=sm3(content),
            made_by=by,
            made_at=moment(),
        )
        file.save(force_insert=True)
        # A transaction that fails leaves a file that the next one writes over.
        sealed_files.keep(file.stored_as, content)
    return take(batch, Step.FILE, by=by)


def fetch(file: PaymentFile, *, by: Any) -> IO[bytes]:
    """The file, for whoever hands it to the bank; noted with whom it is about. Raises Refused, NotNow."""
    batch = file.batch
    require(by, "funds.post", batch.region_id)
    if file.round != batch.round:
        raise NotNow("该文件生成后批次有撤出，文件已失效，请下载最新生成的文件。")
    try:
        content = sealed_files.opened(file.stored_as)
        if sha256(content.read()) != file.sha256:
            raise Unreadable("changed")
    except Unreadable as unreadable:
        audit.record(
            "funds.file.not_shown", by=by, obj=file, region=batch.region_id, detail={"problem": "摘要不符"}
        )
        raise NotNow(
            "保存的付款文件与生成时不一致或已丢失，为安全起见不予下载。请告知系统管理员。"
        ) from unreadable
    content.seek(0)
    people = batch.items.filter(payable__case__worker__isnull=False).values_list(
        "payable__case__worker_id", flat=True
    )
    audit.record(
        "funds.file.download",
        by=by,
        obj=file,
        region=batch.region_id,
        detail={"sha256": file.sha256, "count": file.rows, "amount": str(file.sum)},
        people=people,
    )
    return content


def masked(row: Sequence[str], profile: Profile) -> list[str]:
    """A row as a page shows it: numbers of people and accounts are not legible."""
    shown = []
    for column, text in zip(profile.columns, row, strict=True):
        if column.field == "account":
            text = "*" * max(len(text) - 4, 0) + text[-4:]
        elif column.field == "identity_number":
            text = mask_id_number(text)
        shown.append(text)
    return shown
