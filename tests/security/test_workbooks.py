"""Workbooks and texts made to cost memory or time: given one of them, reading it, then it is refused in words and the
process that asked is none the worse.
"""

from __future__ import annotations

import io
import os
import resource
import signal
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.confined import Confined, Ended, Limits, TooMuchMemory, TooSlow
from portal.spreadsheets.header import Column, FileRefused, SheetForm
from portal.spreadsheets.limits import AT_ONCE, MOST
from portal.spreadsheets.reading import open_spreadsheet
from tests.roster.conftest import row, xlsx_bytes

FORM = SheetForm("名单", (Column("name", "姓名", "", ""), Column("place", "名次", "", "")))
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORKBOOK = (
    f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="名单" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
PACKAGE = (
    f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)


def cell(place: str, text: str, attributes: str = "") -> str:
    return f'<c r="{place}" t="inlineStr"{attributes}><is><t xml:space="preserve">{text}</t></is></c>'


FIRST = f'<row r="1">{cell("A1", "姓名")}{cell("B1", "名次")}</row>'
SECOND = f'<row r="2">{cell("A2", "王建国")}{cell("B2", "1")}</row>'


def sheet(rows: str, *, head: str = HEAD, dimension: str = "A1:B2", name: str = f'xmlns="{MAIN}"') -> bytes:
    prefix = "x:" if "xmlns:x" in name else ""
    return (
        f'{head}<{prefix}worksheet {name}><{prefix}dimension ref="{dimension}"/>'
        f"<{prefix}sheetData>{rows}</{prefix}sheetData></{prefix}worksheet>"
    ).encode()


def book(part: bytes, **more: bytes) -> bytes:
    """A workbook of one sheet; `more` are further parts, `__` for a stroke and `_` for a dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f"{HEAD}<Types/>")
        archive.writestr("_rels/.rels", PACKAGE)
        archive.writestr("xl/workbook.xml", WORKBOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        archive.writestr("xl/worksheets/sheet1.xml", part)
        for name, content in more.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


def opened(folder: Path, content: bytes) -> list[list[str]]:
    path = folder / "given"
    path.write_bytes(content)
    return [cells for _, cells in open_spreadsheet(path, FORM, within=AT_ONCE).rows()]


def refused(folder: Path, content: bytes) -> str:
    """What is said; and nothing of the file was held here."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FileRefused) as caught:
        opened(folder, content)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10
    return str(caught.value)


def test_the_workbook_these_tests_make_is_read(tmp_path: Path) -> None:
    assert opened(tmp_path, book(sheet(FIRST + SECOND))) == [["王建国", "1"]]


# -- cells that are far away ---------------------------------------------------------------------------------
FAR = {
    "as Excel writes it": cell("XFD1048576", " "),
    "attributes in another order": '<c s="1" r="XFD1048576"><v>1</v></c>',
    "a sign that ends a tag inside another attribute": '<c x="&gt;>" r="XFD1048576"><v>1</v></c>',
    "another attribute that looks like the place": """<c x=' r="A1"' r="XFD1048576"><v>1</v></c>""",
    "spaces around the sign": '<c r = "XFD1048576"><v>1</v></c>',
    "single marks": "<c r='XFD1048576'><v>1</v></c>",
    "small letters": '<c r="xfd1048576"><v>1</v></c>',
    "zeros in front": '<c r="XFD0001048576"><v>1</v></c>',
    "a line end in the tag": '<c\nr="XFD1048576"><v>1</v></c>',
    "beyond any sheet": '<c r="ZZZZ4000000000"><v>1</v></c>',
    "two letters and all rows": '<c r="BI1048576"><v>1</v></c>',
    "all columns of one row": '<c r="XFD3"><v>1</v></c>',
    "one letter and more rows": '<c r="A1000001"><v>1</v></c>',
    "the last of the alphabet in the last row": '<c r="Z1048576"><v>1</v></c>',
}


@pytest.mark.parametrize("far", FAR.values(), ids=FAR)
def test_a_cell_that_holds_something_far_away_is_named(tmp_path: Path, far: str) -> None:
    said = refused(tmp_path, book(sheet(FIRST + SECOND + f"<row>{far}</row>")))
    place = far.partition("r = " if "r = " in far else "\nr=" if "\nr=" in far else ' r="')[2]
    named = "XFD1048576" if "XFD" in far.upper() and "XFD3" not in far else place.partition('"')[0]
    assert f"单元格{named}有内容" in said
    assert "重新上传" in said and "空格" in said


def test_whatever_the_prefix_and_without_a_place_of_its_own(tmp_path: Path) -> None:
    first = FIRST.replace("<", "<x:").replace("<x:/", "</x:")
    far = "<x:row r='1048576'><x:c r='B1048576'><x:v>1</x:v></x:c></x:row>"
    said = refused(tmp_path, book(sheet(first + far, name=f'xmlns:x="{MAIN}"')))
    assert "单元格B1048576有内容" in said
    cells = "<c/>" * 16_000 + "<c><v>1</v></c>"
    said = refused(tmp_path, book(sheet(FIRST + f"<row r='2'>{cells}</row>")))
    assert "单元格WQK2有内容" in said


def test_the_dimension_is_not_believed_either_way(tmp_path: Path) -> None:
    rows = FIRST + SECOND
    assert opened(tmp_path, book(sheet(rows, dimension="A1:XFD1048576"))) == [["王建国", "1"]]
    assert "XFD1048576" in refused(tmp_path, book(sheet(rows + f"<row>{FAR['as Excel writes it']}</row>")))


def test_cells_that_are_only_formatted_are_nothing(tmp_path: Path) -> None:
    formatted = "".join(f'<c r="{letters}2" s="1"/>' for letters in ("BI", "BJ", "ZZ", "XFD"))
    closed = '<c r="XFC2" s="1"></c>'
    rows = FIRST + SECOND.replace("</row>", f"{formatted}{closed}</row>")
    below = "".join(f'<row r="{n}"><c r="A{n}" s="1"/><c r="B{n}" s="1"/></row>' for n in range(3, 300_000))
    assert opened(tmp_path, book(sheet(rows + below))) == [["王建国", "1"]]


def test_a_sheet_that_is_not_read_is_looked_at_too(tmp_path: Path) -> None:
    other = sheet(f"<row>{cell('XFD1048576', '1')}</row>")
    assert "XFD1048576" in refused(tmp_path, book(sheet(FIRST), xl__worksheets__sheet2_xml=other))


def test_sixty_columns_are_taken_and_not_one_more(tmp_path: Path) -> None:
    assert opened(tmp_path, book(sheet(FIRST + SECOND.replace("</row>", cell("BH2", "备注") + "</row>"))))
    said = refused(tmp_path, book(sheet(FIRST + SECOND.replace("</row>", cell("BI2", "备注") + "</row>"))))
    assert "单元格BI2有内容" in said and "60列（到BH列为止）" in said


# -- archives ------------------------------------------------------------------------------------------------
def test_parts_that_unpack_to_the_same_over_and_over(tmp_path: Path) -> None:
    said = refused(tmp_path, book(sheet(FIRST + " " * (64 << 20))))
    assert "异常庞大" in said and "重新上传" in said
    many = {f"xl__media__p{n}_png": b"" for n in range(MOST.parts)}
    assert "工作簿过大" in refused(tmp_path, book(sheet(FIRST), **many))


def test_two_parts_of_one_name_are_no_workbook(tmp_path: Path) -> None:
    far = sheet(f"<row>{cell('XFD1048576', '1')}</row>")
    said = refused(tmp_path, book(sheet(FIRST + SECOND), xl__Worksheets__Sheet1_xml=far))
    assert "不是Excel工作簿" in said


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_xml_that_hides_its_cells_in_another_encoding(tmp_path: Path, encoding: str) -> None:
    rows = FIRST + f"<row>{cell('XFD1048576', '1')}</row>"
    hidden = sheet(rows, head=HEAD.replace("UTF-8", "UTF-16")).decode().encode(encoding)
    assert refused(tmp_path, book(hidden))
    assert refused(tmp_path, book(sheet(rows, head=HEAD.replace("UTF-8", "ISO-2022-JP"))))


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    defined = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    assert refused(tmp_path, book(sheet(FIRST + f"<row>{cell('A2', '&b;')}</row>", head=HEAD + defined)))
    content = io.BytesIO(book(sheet(FIRST)))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", f"{HEAD}{defined}<sst><si><t>&b;</t></si></sst>")
    assert refused(tmp_path, content.getvalue())


def test_texts_that_cells_share_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.spreadsheets.limits.MOST", replace(MOST, texts=1000))
    shared = f'{HEAD}<sst xmlns="{MAIN}">{"<si/>" * 2000}</sst>'.encode()
    assert "文字多得异常" in refused(tmp_path, book(sheet(FIRST), xl__sharedStrings_xml=shared))


def test_other_spreadsheets_are_called_what_they_are(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    assert "ODS表格" in refused(tmp_path, out.getvalue())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.bin", b"")
    assert ".xlsb" in refused(tmp_path, out.getvalue())
    assert ".xls）" in refused(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096)


# -- texts ---------------------------------------------------------------------------------------------------
TEXTS: dict[str, Callable[[], bytes]] = {
    "one line without end": lambda: "姓名,名次\n".encode() + b"x" * (16 << 20),
    "a first line without end": lambda: b"x" * (16 << 20),
    "a line of nothing but commas": lambda: "姓名,名次\n".encode() + b"," * (16 << 20),
    "a quotation mark that is never closed": lambda: '姓名,名次\n"王'.encode() + b"x\n" * (16 << 20),
    "rows that quotation marks join": lambda: "姓名,名次\n".encode() + b'"y\n",' * (4 << 20),
    "bytes of zero": lambda: "姓名,名次\n".encode() + b"\0" * (16 << 20),
}


@pytest.mark.parametrize("make", TEXTS.values(), ids=TEXTS)
def test_a_text_that_is_no_table_is_refused_in_little_memory(
    tmp_path: Path, make: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "given.csv"
    path.write_bytes(make())
    # The file is larger than what may be held, apart from the program itself.
    within = replace(AT_ONCE, memory=300 << 20, processor=60, patience=120)
    with pytest.raises(FileRefused) as caught:
        list(open_spreadsheet(path, FORM, within=within).rows())
    assert "允许的内存" not in str(caught.value) and "读取时间过长" not in str(caught.value)


# -- the process ---------------------------------------------------------------------------------------------
def talking(module: str, *, memory: int = 1 << 30, processor: int = 5, patience: float = 30) -> Confined:
    return Confined(module, Limits(memory, processor, patience))


def test_what_asks_for_too_much_memory_ends_and_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given that the first look found nothing, when the reader asks for terabytes, then only its process ends."""
    wide = replace(MOST, columns=1 << 20, rows=1 << 40, cells=1 << 60)
    monkeypatch.setattr("portal.spreadsheets.limits.MOST", wide)
    said = refused(tmp_path, book(sheet(FIRST + f"<row>{FAR['as Excel writes it']}</row>")))
    assert "超出允许的内存" in said and "重新上传" in said


def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "given"
    path.write_bytes(xlsx_bytes([row() for _ in range(500)]))
    started = time.monotonic()
    with pytest.raises(FileRefused, match="读取时间过长"):
        open_spreadsheet(path, FORM, within=replace(AT_ONCE, patience=0.001))
    assert time.monotonic() - started < 20


def test_what_works_on_and_on_is_ended() -> None:
    program = talking("tests.security.confined_programs", processor=1)
    program.send(b"on and on")
    with pytest.raises(TooSlow):
        program.receive()


def test_what_says_nothing_is_not_waited_for() -> None:
    with pytest.raises(TooSlow):
        talking("tests.security.confined_programs", patience=0.5).receive()


def test_it_sees_none_of_our_secrets_writes_nothing_and_ends_when_left() -> None:
    program = talking("tests.security.confined_programs", processor=30)
    program.send(b"environment")
    told = program.receive_json()
    assert not [name for name in told["environment"] if "JHT" in name or "DATABASE" in name]
    assert told["may_write"] == 0 and told["core"] == 0 and told["memory"] == 1 << 30
    program.close()
    with pytest.raises(ProcessLookupError):
        os.kill(told["process"], 0)


@pytest.mark.parametrize(
    ("ending", "why"), [("memory", TooMuchMemory), ("abort", TooMuchMemory), ("crash", Ended)]
)
def test_its_end_says_of_what(ending: str, why: type[Exception]) -> None:
    program = talking("tests.security.confined_programs", processor=30)
    program.send(ending.encode())
    with pytest.raises(why):
        program.receive()
    assert not program.running


def test_a_reader_that_is_killed_in_the_middle_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "given"
    rows = "".join(
        f'<row r="{n}">{cell(f"A{n}", "王")}{cell(f"B{n}", "1" * 900)}</row>' for n in range(2, 9000)
    )
    path.write_bytes(book(sheet(FIRST + rows)))
    source = open_spreadsheet(path, FORM)
    read = source.rows()
    next(read)
    os.kill(source._opened._process.pid, signal.SIGKILL)  # type: ignore[attr-defined]
    with pytest.raises(FileRefused, match="无法读取"):
        list(read)
    # Read again from the beginning, it is whole.
    assert sum(1 for _ in source.rows()) == 8998


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8), st.sampled_from(["cut", "changed", "inside"]))
@settings(max_examples=15, deadline=None)
def test_a_damaged_workbook_is_read_or_refused_in_words(place: int, other: bytes, how: str) -> None:
    content = book(sheet(FIRST + SECOND))
    if how == "inside":
        part = sheet(FIRST + SECOND)
        at = place * len(part) // 401
        content = book(part[:at] + other + part[at + len(other) :])
    else:
        at = place * len(content) // 401
        content = content[:at] if how == "cut" else content[:at] + other + content[at + len(other) :]
    path = Path("/dev/shm" if Path("/dev/shm").is_dir() else "/tmp") / f"jht-{os.getpid()}"  # noqa: S108
    path.write_bytes(content)
    try:
        list(open_spreadsheet(path, FORM, within=AT_ONCE).rows())
    except FileRefused as told:
        assert str(told).endswith("。")
    finally:
        path.unlink()


# -- on the page ---------------------------------------------------------------------------------------------
def test_the_page_tells_the_cell_and_keeps_nothing(db: None, cast: Any, as_user: Any, tmp_path: Path) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from portal.workforce.models import RosterImport

    content = xlsx_bytes([row()], lambda workbook, sheet: sheet.write_string(1_048_575, 16_383, " "))
    upload = SimpleUploadedFile("花名册.xlsx", content)
    page = as_user(cast("clerk")).post(reverse("window:roster"), {"file": upload})
    assert "单元格XFD1048576有内容" in page.content.decode()
    assert not RosterImport.objects.exists()
