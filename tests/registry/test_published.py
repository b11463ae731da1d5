"""The published list: filters, masking, files that hold exactly what the page shows, and what is said of who
was removed.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from typing import Any

import pytest
from django.core.cache import cache
from python_calamine import CalamineWorkbook

from portal.lists import limits
from portal.throttle import InTurn, Turns
from portal.workforce.models import Employer
from talent_registry import exports
from talent_registry.actions import change_status
from talent_registry.models import RegistryEntry, Status
from talent_registry.search import EntryFilters, filtered, occupations_in_use, years_in_use
from tests.roles import compared

GIVEN = {"document": "内人社函〔2026〕12号", "reason": "正在接受调查，事由不公布。"}


@pytest.fixture
def people(small_registry) -> dict[str, RegistryEntry]:
    """The small registry, each of its five entries by a letter."""
    return dict(zip("abcde", small_registry, strict=True))


def _keys(people: dict[str, RegistryEntry], entries: Any) -> str:
    names = {entry.pk: key for key, entry in people.items()}
    return "".join(names[entry.pk] for entry in entries)


# Newest first: c was entered third, but of an earlier year.
FOUND: list[tuple[dict[str, str], str]] = [
    ({}, "edbac"), ({"year": "2025"}, "c"), ({"year": "2026"}, "edba"), ({"league": "150200"}, "dc"),
    ({"occupation": "焊工"}, "ac"),  ({"honour": "scarce_talent"}, "d"),
    ({"occupation": "焊"}, "ac"), ({"occupation": "无此工种"}, ""),
    ({"basis": "scarce_talent"}, "d"), ({"basis": "honour"}, "ebac"), ({"basis": "selection"}, ""),
    ({"selection_year": "2026"}, ""), ({"name": "建"}, "ba"), ({"name": "建国"}, "a"),
    ({"name": "国建"}, ""), ({"name": "其其"}, "d"), ({"name": "％"}, ""), ({"name": "%"}, ""), ({"name": "_"}, ""),
    ({"status": "suspended"}, ""), ({"status": "active"}, "edbac"),
    ({"league": "150200", "occupation": "焊工", "year": "2025", "honour": "national_technical_expert", "name": "国"}, "c"),
    ({"league": "150200", "name": "建"}, ""), ({"year": "2030"}, ""), ({"year": " ", "name": ""}, "edbac"),
]  # fmt: skip
UNUSABLE: list[tuple[dict[str, str], str]] = [
    ({"year": "2026年"}, "year"),
    ({"year": "²⁰²⁶"}, "year"),
    ({"year": "1900"}, "year"),
    ({"year": "-2026"}, "year"),
    ({"league": "150624"}, "league"),
    ({"league": "' OR 1=1"}, "league"),
    ({"honour": "nobel"}, "honour"),
    ({"status": "removed"}, "status"),
    ({"basis": "friendship"}, "basis"),
    ({"selection_year": "去年"}, "selection_year"),
    ({"name": "王" * 21}, "name"),
    ({"name": "王\x00"}, "name"),
    ({"name": "\ud800"}, "name"),
    ({"occupation": "焊" * 61}, "occupation"),
]


def test_every_filter_and_their_combinations(people) -> None:
    with compared() as expect:
        for params, found in FOUND:
            entries, errors = filtered(RegistryEntry.objects.public(), params)
            expect(str(params), (_keys(people, entries), errors), (found, []))


def test_a_filter_that_cannot_be_used_is_said_and_finds_nobody(people, client) -> None:
    with compared() as expect:
        for params, field in UNUSABLE:
            entries, errors = filtered(RegistryEntry.objects.public(), params)
            said = [(error["field"], bool(error["problem"]), bool(error["allowed"])) for error in errors]
            expect(str(params), (said, entries.exists()), ([(field, True, True)], False))
            if params.get("name") == "\ud800":  # cannot be sent
                continue
            page = client.get("/registry/", params)
            expect(
                f"{params} page", (page.status_code, f'id="filter_{field}_error"' in page.text), (200, True)
            )
            for kind in ("csv", "xlsx", "pdf"):
                expect(f"{params} {kind}", client.get(f"/registry/export.{kind}", params).status_code, 400)


def test_what_the_filters_offer(people) -> None:
    assert years_in_use() == [2026, 2025]
    assert sorted(occupations_in_use()) == sorted(["焊工", "电工", "钳工"])
    asked = {"year": "2026", "league": "150200", "honour": "scarce_talent", "name": "其"}
    asked |= {"occupation": "焊工", "status": "active"}
    assert EntryFilters(asked).in_words() == [
        "2026年度",
        "包头市",
        "职业（工种）：焊工",
        "荣誉：自治区高精尖缺高技能人才",
        "姓名含“其”",
        "状态：有效",
    ]


def test_an_empty_registry_says_so(db, client) -> None:
    assert "名录中还没有人员" in client.get("/registry/").text
    assert years_in_use() == []
    assert client.get("/registry/export.csv").getvalue().decode("utf-8-sig").count("\n") == 1


# -- masked --------------------------------------------------------------------------------------------------
def _everything_public(client: Any, people: dict[str, RegistryEntry]) -> str:
    pages = [client.get("/registry/").text, client.get("/api/registry/").text]
    pages += [client.get(f"/registry/{entry.number}/").text for entry in people.values()]
    pages.append(client.get("/registry/export.csv").getvalue().decode())
    return "\n".join(pages)


def test_nothing_public_holds_the_date_of_birth_or_a_phone(people, client) -> None:
    for entry in people.values():
        entry.worker.set_phone("13904770000")
        entry.worker.save()
    said = _everything_public(client, people)
    for entry in people.values():
        number = entry.worker.id_number
        assert number[6:14] not in said and number[:6] + number[6:10] not in said
        assert entry.id_shown[-4:] in said
    assert "1390477" not in said
    assert not re.search(r"(?<!\d)\d{17}[\dX](?!\d)", said)


def test_the_list_names_its_basis_in_law(people, client) -> None:
    for page in (client.get("/registry/").text, client.get(f"/registry/{people['a'].number}/").text):
        assert "内党办发〔2019〕6号" in page and "第（一）条" in page and "个人信息保护法" in page


def test_an_entry_says_why_and_how_long_it_took(people, client) -> None:
    page = client.get(f"/registry/{people['a'].number}/").text
    for said in (
        "王建国",
        "鄂托克旗棋盘井煤业有限公司",
        "焊工",
        "技师",
        "全国技术能手",
        "人社部发〔2025〕1号",
        "鄂尔多斯市鄂托克旗",
        "0天",
    ):
        assert said in page
    # The page is called after who it is about, not by a number.
    assert f"<h1>王建国（名录编号 {people['a'].number}）</h1>" in page
    assert client.get("/registry/LJ-2026-009999/").status_code == 404
    assert client.get("/registry/1/").status_code == 404


def test_who_is_suspended_stays_on_the_list_and_is_marked(people, client, registry_officer) -> None:
    change_status(people["a"].pk, Status.SUSPENDED, by=registry_officer, on=people["a"].included_on, **GIVEN)
    assert _keys(people, filtered(RegistryEntry.objects.public(), {"status": "suspended"})[0]) == "a"
    page = client.get(f"/registry/{people['a'].number}/").text
    assert "名录资格已暂停" in page and GIVEN["document"] in page and GIVEN["reason"] not in page


def test_who_was_removed_leaves_the_list_and_only_the_document_is_told(
    people, client, registry_officer
) -> None:
    gone = people["a"]
    change_status(gone.pk, Status.REMOVED, by=registry_officer, on=gone.included_on, **GIVEN)
    assert gone.name not in client.get("/registry/").text
    assert gone.name not in client.get("/registry/export.csv").getvalue().decode()
    assert client.get(f"/api/registry/{gone.number}/").status_code == 404
    page = client.get(f"/registry/{gone.number}/").text
    assert "已移出名录" in page and GIVEN["document"] in page and "王*国" in page
    for hidden in (gone.name, gone.employer_name, gone.id_tail, GIVEN["reason"]):
        assert hidden not in page


# -- files ---------------------------------------------------------------------------------------------------
FILTERS = [
    {},
    {"league": "150200"},
    {"name": "建"},
    {"occupation": "焊工", "year": "2026"},
    {"name": "没有这个人"},
]


def _csv(response: Any) -> list[list[str]]:
    content = response.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_files_hold_exactly_what_the_page_shows(people, client) -> None:
    for params in FILTERS:
        shown = re.findall(r"/registry/(LJ-[\d-]+)/", client.get("/registry/", params).text)
        table = _csv(client.get("/registry/export.csv", params))
        assert table[0] == list(exports.HEADINGS)
        assert [row[0] for row in table[1:]] == shown, params
        book = CalamineWorkbook.from_filelike(
            io.BytesIO(b"".join(client.get("/registry/export.xlsx", params).streaming_content))
        )
        assert book.get_sheet_by_index(0).to_python() == table, params


def test_a_cell_cannot_become_a_formula(entry, client, db) -> None:
    unit = Employer.objects.create(name='=HYPERLINK("//evil","x")', region_id="150624", source="窗口登记")
    entry("王建国", employer=unit, occupation="+cmd|' /C calc'!A0", document="@SUM(1)")
    (_, row) = _csv(client.get("/registry/export.csv"))
    assert {'\'=HYPERLINK("//evil","x")', "'+cmd|' /C calc'!A0", "'@SUM(1)"} <= set(row)
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "＝"))]
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(b"".join(client.get("/registry/export.xlsx").streaming_content))
    )
    assert '=HYPERLINK("//evil","x")' in book.get_sheet_by_index(0).to_python()[1], "text, not a formula"


def test_large_lists_are_written_in_parts(entry, client, monkeypatch, django_assert_max_num_queries) -> None:
    monkeypatch.setattr(exports, "_CHUNK", 2)
    made = [entry().number for _ in range(5)]
    # One of them asks whether the list is one of the large ones that are written one at a time.
    with django_assert_max_num_queries(10):
        assert [row[0] for row in _csv(client.get("/registry/export.csv"))[1:]] == made[::-1]


def test_what_is_too_long_for_a_file_says_so_and_what_to_do(entry, client, monkeypatch) -> None:
    entry()
    entry()
    monkeypatch.setattr(limits, "MOST_IN_PDF", 1)
    monkeypatch.setattr(limits, "MOST_IN_WORKBOOK", 1)
    for kind in ("pdf", "xlsx"):
        answer = client.get(f"/registry/export.{kind}")
        assert answer.status_code == 400 and "缩小查询范围" in answer.text
    page = client.get("/registry/").text
    assert "export.csv" in page and "export.pdf" not in page and "export.xlsx" not in page


@pytest.mark.skipif(
    shutil.which("pdftotext") is None,
    reason="no pdftotext here; install it with: apt-get install -y poppler-utils",
)
def test_the_pdf_is_the_list_under_a_red_header(people, client) -> None:
    import pikepdf

    answer = client.get("/registry/export.pdf", {"league": "150200"})
    assert answer["Content-Type"] == "application/pdf" and "attachment" in answer["Content-Disposition"]
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert "名录" in str(pdf.docinfo["/Title"])
    reader = ["pdftotext", "-layout", "-", "-"]
    said = subprocess.run(reader, input=answer.content, capture_output=True, check=True).stdout.decode()
    for key in "cd":
        assert people[key].number in said and people[key].name in said
    for words in ("内蒙古自治区人力资源和社会保障厅", "个人信息保护法", "共2条", "查询条件：包头市"):
        assert words in said
    for key in "abe":
        assert people[key].number not in said


def test_files_are_not_made_without_end(people, client, monkeypatch) -> None:
    from portal.throttle import Limit

    monkeypatch.setattr("portal.lists.downloads.FILES", Limit("registry-files-test", 2))
    answers = [client.get("/registry/export.xlsx").status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_one_large_list_at_a_time_and_the_next_is_told_to_wait(people, client, monkeypatch, request) -> None:
    """Small lists are never kept waiting; the place is free again when the list was read, or failed."""
    turns = Turns(f"large-{request.node.name}", places=1, seconds=60)
    monkeypatch.setattr("portal.lists.downloads.LARGE", turns)
    monkeypatch.setattr("portal.lists.downloads.LARGE_FROM", 3)
    reading = client.get("/registry/export.csv")
    for kind in ("csv", "xlsx"):
        told = client.get(f"/registry/export.{kind}", {"year": "2026"})
        assert told.status_code == 429 and told["Retry-After"] == "60" and "过一两分钟再试" in told.text, kind
        assert "/registry/?year=2026" in told.text, "the way back keeps the filters"
    assert client.get("/registry/export.csv", {"league": "150200"}).status_code == 200
    assert len(_csv(reading)) == 6
    for kind in ("xlsx", "csv", "csv", "xlsx"):
        answer = client.get(f"/registry/export.{kind}")
        assert answer.status_code == 200 and answer.getvalue(), "the one before was read to its end"
    monkeypatch.setattr("talent_registry.exports.parts", lambda entries: (1 / 0 for _ in "x"))
    with pytest.raises(ZeroDivisionError):
        client.get("/registry/export.csv").getvalue()
    assert turns.take() is not None, "a list that failed gives its place back"


def test_a_place_is_nobodys_for_good(db) -> None:
    turns = Turns("large-test", places=2, seconds=60)
    first, second = turns.take(), turns.take()
    assert first and second and turns.take() is None
    second.close()
    third = turns.take()
    assert third is not None
    second.close()
    assert turns.take() is None, "given back twice it is still the other's"
    unread = InTurn(iter([b"rows"]), third)
    unread.close()
    assert turns.take() is not None, "a list that nobody went on reading gives its place back"
    for place in (0, 1):
        left = cache._cache.get_client().ttl(cache.make_key(f"turn:large-test:{place}"))
        assert 0 < left <= 60, "whoever never gives it back loses it"


def test_no_other_kind_of_file(db, client) -> None:
    for kind in ("exe", "json", "csv.gz"):
        assert client.get(f"/registry/export.{kind}").status_code == 404, kind


# -- pages of the list ---------------------------------------------------------------------------------------
def test_pages_by_key_forth_and_back(entry, client, monkeypatch) -> None:
    monkeypatch.setattr("talent_registry.views.public.PAGE_SIZE", 2)
    made = [entry().number for _ in range(5)][::-1]
    seen, address = [], "/registry/?league=150600"
    while address:
        page = client.get(address).text
        seen += re.findall(r"/registry/(LJ-[\d-]+)/", page)
        following = re.search(r'rel="next" href="(\?[^"]+)"', page)
        address = f"/registry/{following[1].replace('&amp;', '&')}" if following else ""
        assert not address or "league=150600" in address
    assert seen == made
    back = re.search(r'rel="prev" href="(\?[^"]+)"', page)
    assert back is not None
    assert (
        re.findall(r"/registry/(LJ-[\d-]+)/", client.get(f"/registry/{back[1].replace('&amp;', '&')}").text)
        == made[2:4]
    )
    assert client.get("/registry/?after=forged").status_code == 400


def test_the_list_costs_the_same_however_long(entry, client, django_assert_max_num_queries) -> None:
    for _ in range(12):
        entry()
    client.get("/registry/")
    with django_assert_max_num_queries(8):
        client.get("/registry/")


@pytest.mark.parametrize(
    ("published", "sought"),
    [
        ("买买提.吐尔逊", ["买买提·吐尔逊", "买买提‧吐", "买买提吐尔逊", "提.吐"]),
        ("呼\u3000德", ["呼德", "呼 德", "德"]),
        ("J. Smith", ["J. Smith", "Ｓｍｉｔｈ"]),
    ],
)
def test_who_was_published_in_another_spelling_is_found_in_the_one_form(
    entry, published: str, sought: list[str]
) -> None:
    """What was published stays as it was: with a full stop, a space, no dot."""
    listed = entry(name=published)
    assert listed.name == published
    for text in sought:
        assert list(RegistryEntry.objects.named(text)) == [listed], text
