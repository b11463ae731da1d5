"""The annual selection for everybody: years, what a year decides by, its list as page and files; entries by
selection everywhere.
"""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from typing import Any

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from portal.cases.actions import NotNow
from portal.jobs.runner import run_job
from portal.lists import limits
from portal.lists.models import ListFile
from talent_registry.actions import change_status
from talent_registry.models import RegistryEntry, SelectionRound, Status
from talent_registry.search import filtered
from talent_registry.selection import files
from talent_registry.selection.ranking import TIE_BREAK
from tests.letters import pdfs
from tests.selection.announced import YEAR, after_notice, nomination_of, take
from tests.selection.nominees import make_round

ADDRESS = f"/registry/selections/{YEAR}/"
ORDER = {"document": "内人社函〔2026〕12号", "reason": "正在接受调查。"}


def entry_of(name: str) -> RegistryEntry:
    return RegistryEntry.objects.get(name=name)


def table(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


# -- the year ------------------------------------------------------------------------------------------------
def test_a_draft_is_not_public_whoever_asks(client, as_user, registry_officer) -> None:
    make_round(registry_officer, state="draft")
    for one in (client, as_user(registry_officer)):
        assert one.get(ADDRESS).status_code == 404
        assert "还没有开始的年度遴选" in one.get("/registry/selections/").text


def test_an_open_year_shows_days_scheme_and_places_as_samples(client, registry_officer) -> None:
    make_round(registry_officer)
    page = client.get(ADDRESS).text
    for said in (
        "正在接受申报",
        "评分办法和名额为示例",
        "满分100分",
        "技能水平",
        "首席技师",
        "全国技术能手",
        "全区入选名额10人",
        "服务窗口",
    ):
        assert said in page, said
    assert "入选名单</h2>" not in page
    assert f"{YEAR}年度" in client.get("/registry/selections/").text


def test_with_a_document_it_is_no_sample(client, registry_officer) -> None:
    round_ = make_round(registry_officer, state="draft")
    SelectionRound.objects.filter(pk=round_.pk).update(is_sample=False, scheme_document="内人社发〔2026〕3号")
    from tests.selection.nominees import move_round

    move_round(round_.pk, registry_officer, "open")
    page = client.get(ADDRESS).text
    assert "依据内人社发〔2026〕3号" in page and "示例" not in page


@pytest.mark.parametrize("until", ["rank", "freeze", "notice", "confirm"])
def test_before_the_publication_the_page_names_nobody(cast, ranked, client, until) -> None:
    round_ = take(cast, until)
    page = client.get(ADDRESS).text
    assert "首席王" not in page and "未推吴" not in page
    assert (round_.notice is not None) == ("公示期</dt>" in page)
    for kind in ("csv", "xlsx", "pdf"):
        assert client.get(f"{ADDRESS}list.{kind}").status_code == 404


def test_the_published_list_with_digest_and_tie_break(published, client) -> None:
    page = client.get(ADDRESS).text
    for said in (
        published.standing_list.digest,
        TIE_BREAK,
        "首席王",
        "特级李",
        "包技孙",
        "鄂托克焦化有限责任公司",
        published.notice.number,
    ):
        assert said in page, said
    for out in ("高技赵", "包高周", "未推吴"):
        assert out not in page, "who is not selected is nobody's business"
    worker = nomination_of("首席王").worker
    assert worker.id_number[6:14] not in page and worker.id_number[-4:] in page
    assert page.index("首席王") < page.index("特级李") < page.index("包技孙")
    assert client.get("/registry/selections/2031/").status_code == 404
    assert client.get("/registry/selections/99999999999999999999/").status_code == 404


def test_who_is_removed_later_is_not_named_again(published, client, registry_officer) -> None:
    gone = entry_of("特级李")
    change_status(gone.pk, Status.REMOVED, by=registry_officer, on=after_notice(), **ORDER)
    page = client.get(ADDRESS).text
    assert "特级李" not in page and "另有1人已移出名录" in page
    assert [row[2] for row in table(client.get(f"{ADDRESS}list.csv"))[1:]] == ["首席王", "包技孙"]
    assert "另有1人" in files.note(published)


def test_the_year_costs_the_same_however_long_its_list(
    published, client, django_assert_max_num_queries
) -> None:
    client.get(ADDRESS)
    with django_assert_max_num_queries(12):
        client.get(ADDRESS)
    client.get("/registry/selections/")
    with django_assert_max_num_queries(4):
        client.get("/registry/selections/")


# -- files ---------------------------------------------------------------------------------------------------
def test_files_hold_the_list_by_place(published, client) -> None:
    rows = table(client.get(f"{ADDRESS}list.csv"))
    assert rows[0] == list(files.HEADINGS)
    assert [(row[0], row[2], row[10]) for row in rows[1:]] == [
        ("1", "首席王", "31"),
        ("2", "特级李", "29"),
        ("4", "包技孙", "21"),
    ]
    assert all(row[3].startswith("*" * 14) for row in rows[1:])
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(b"".join(client.get(f"{ADDRESS}list.xlsx").streaming_content))
    )
    assert [[str(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()] == rows
    assert client.get(f"{ADDRESS}list.exe").status_code == 404


def test_large_lists_are_written_in_parts(published, client, monkeypatch) -> None:
    monkeypatch.setattr(files, "_CHUNK", 2)
    assert [row[2] for row in table(client.get(f"{ADDRESS}list.csv"))[1:]] == ["首席王", "特级李", "包技孙"]


@pytest.mark.skipif(
    shutil.which("pdftotext") is None,
    reason="no pdftotext here; install it with: apt-get install -y poppler-utils",
)
def test_the_pdf_has_a_red_header_digest_and_tie_break(published, client) -> None:
    answer = client.get(f"{ADDRESS}list.pdf")
    assert answer["Content-Type"] == "application/pdf" and "attachment" in answer["Content-Disposition"]
    said = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=answer.content, capture_output=True, check=True
    ).stdout.decode()
    joined = "".join(said.split())
    for words in (
        "内蒙古自治区人力资源和社会保障厅",
        "遴选入选名单",
        "首席王",
        "包技孙",
        published.standing_list.digest,
        "共3条",
    ):
        assert words in joined, words
    assert nomination_of("首席王").worker.id_number[6:14] not in joined


def test_a_long_list_is_printed_in_the_background_once_for_everybody(
    published, client, monkeypatch, settings, tmp_path, registry_officer
) -> None:
    monkeypatch.setattr(limits, "MOST_AT_ONCE", 2)
    monkeypatch.setattr("portal.lists.printed._ROWS", 2)
    settings.MEDIA_ROOT = tmp_path
    assert "在后台生成" in client.get(ADDRESS).text
    waiting = client.get(f"{ADDRESS}list.pdf")["Location"]
    page = client.get(waiting).text
    assert files.title(published) in page and "3条" in page and "首席王" not in page
    file = ListFile.objects.get()
    run_job(file.job_id)
    page = client.get(waiting).text
    assert "下载 PDF" in page and ADDRESS in page and f"返回{YEAR}年度遴选" in page
    ready = client.get(f"{ADDRESS}list.pdf")["Location"]
    assert ready == f"{waiting}pdf/" and ListFile.objects.count() == 1, "made once"
    made = client.get(ready)
    words = pdfs.text(made.getvalue())
    assert published.standing_list.digest in "".join(words.split()) and "共3条" in words
    places = [words.index(entry_of(name).number) for name in ("首席王", "特级李", "包技孙")]
    assert places == sorted(places), "in the order of the list"
    assert list(files.rows_of_one_moment(published)) == [
        row for part in files.parts(published) for row in part
    ]
    change_status(entry_of("特级李").pk, Status.REMOVED, by=registry_officer, on=after_notice(), **ORDER)
    assert len(list(files.rows_of_one_moment(published))) == 2
    monkeypatch.setattr(limits, "MOST_AT_ONCE", 1)
    assert client.get(f"{ADDRESS}list.pdf")["Location"] not in (waiting, ready), "another list, another file"
    assert client.get(waiting).status_code == 200


def test_too_long_for_a_file_says_so(published, client, monkeypatch) -> None:
    monkeypatch.setattr(limits, "MOST_IN_PDF", 1)
    answer = client.get(f"{ADDRESS}list.pdf")
    assert answer.status_code == 400 and "CSV" in answer.text and ADDRESS in answer.text
    assert "list.pdf" not in client.get(ADDRESS).text


# -- entries without an honour, wherever entries are shown ---------------------------------------------------
def test_the_registry_shows_on_what_an_entry_rests(published, client) -> None:
    entry = entry_of("首席王")
    assert f"{YEAR}年度遴选" in client.get("/registry/").text
    page = client.get(f"/registry/{entry.number}/").text
    assert ADDRESS in page and "依据的荣誉" not in page and "None" not in page
    rows = table(client.get("/registry/export.csv"))
    row = dict(zip(rows[0], next(row for row in rows if row[1] == "首席王"), strict=True))
    assert (row["依据类别"], row["纳入依据"], row["依据年度"], row["荣誉文号"]) == (
        "年度遴选",
        f"{YEAR}年度遴选",
        str(YEAR),
        "",
    )
    assert client.get("/registry/export.xlsx").status_code == 200
    assert client.get("/registry/export.pdf").status_code == 200


def test_filters_by_basis_and_year_of_selection(published, client) -> None:
    everybody = RegistryEntry.objects.public()

    def found(**asked: str) -> int:
        entries, wrong = filtered(everybody, asked)
        assert not wrong
        return entries.count()

    assert (
        found(basis="selection"),
        found(basis="honour"),
        found(selection_year=str(YEAR)),
        found(selection_year="2025"),
    ) == (3, 0, 3, 0)
    assert found(basis="selection", league="150600") == 2
    page = client.get("/registry/", {"selection_year": str(YEAR)}).text
    assert "首席王" in page and f'<option value="{YEAR}" selected>' in page
    assert client.get("/registry/export.csv", {"basis": "none"}).status_code == 400


def test_the_api_tells_basis_and_year(published, client) -> None:
    entry = client.get("/api/registry/", {"selection_year": str(YEAR), "basis": "selection"}).json()[
        "results"
    ][-1]
    assert (
        entry["basis"],
        entry["selection_year"],
        entry["honour"],
        entry["honour_name"],
        entry["honour_year"],
    ) == (
        "selection",
        YEAR,
        None,
        "",
        None,
    )
    assert client.get(f"/api/registry/{entry['number']}/").json()["selection_year"] == YEAR
    assert client.get("/api/registry/", {"basis": "none"}).status_code == 400


def test_staff_pages_of_an_entry_by_selection(published, as_user, registry_officer, cast) -> None:
    officer, entry = as_user(registry_officer), entry_of("首席王")
    page = officer.get(reverse("registry:record", args=[entry.number])).text
    assert (
        nomination_of("首席王").case.number in page
        and f"{YEAR}年度遴选" in page
        and "从荣誉到纳入" not in page
        and "None" not in page
    )
    assert "首席王" in officer.get(reverse("registry:entries"), {"basis": "selection"}).text
    assert f"{YEAR}年度遴选" in officer.get(reverse("registry:status", args=[entry.number])).text
    assert officer.get(reverse("registry:again", args=[entry.number])).url == reverse(
        "registry:record", args=[entry.number]
    )
    assert "还没有可以统计的人员" in officer.get(reverse("registry:timeliness")).text
    change_status(entry.pk, Status.REMOVED, by=registry_officer, on=after_notice(), **ORDER)
    assert "以后年度重新申报遴选" in officer.get(reverse("registry:record", args=[entry.number])).text


def test_the_worker_is_told_the_entry(published) -> None:
    from portal.my.record import registry_state

    # The round of the tests is published some days ahead.
    state = registry_state(nomination_of("首席王").worker, after_notice())
    assert state is not None and state.listed and entry_of("首席王").number in state.document


def test_lists_cost_the_same_with_entries_by_selection(
    published, client, as_user, registry_officer, django_assert_max_num_queries
) -> None:
    officer = as_user(registry_officer)
    for one, address, most in (
        (client, "/registry/", 8),
        (client, "/api/registry/", 4),
        (officer, reverse("registry:entries"), 16),
    ):
        one.get(address)
        with django_assert_max_num_queries(most):
            one.get(address)


def test_published_twice_is_refused(published, cast) -> None:
    from talent_registry.selection import steps

    with pytest.raises(NotNow, match="已经办理"):
        steps.take_step(YEAR, "publish", by=cast("registry_officer"), on=after_notice())
    assert take(cast, "publish").state == "published"


def test_whoever_may_be_nominated_is_told_until_when(open_for_one: Any) -> None:
    """Given a round that takes nominations, when somebody may be nominated, then its last day is theirs too;
    the day after no nominations are taken.
    """
    from datetime import timedelta

    from portal.entitlements.application_windows import days_within_window
    from portal.entitlements.numbers import AnswerDays

    last = open_for_one.nominations_until
    now = days_within_window("registry.nomination", AnswerDays(last))
    assert now.end == last and "今天是最后一天" in now.sentence
    over = days_within_window("registry.nomination", AnswerDays(last + timedelta(days=1)))
    assert over.sentence == "目前不在申报期内，开始申报后会在本平台公布"
    early = days_within_window("registry.nomination", AnswerDays(open_for_one.opens_on - timedelta(days=3)))
    assert early.begin == open_for_one.opens_on and "起接受申报" in early.sentence
    assert days_within_window("leave.annual", AnswerDays(last)) == AnswerDays(last)
