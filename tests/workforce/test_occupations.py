"""The catalogue of occupations: loaded from a file, searched, and a hint wherever a name stands in none of its lines."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Entry
from portal.workforce.models import Occupation, RosterImport, SkillCredential
from portal.workforce.occupations import Catalogue, unlisted
from portal.workforce.roster.importing import import_file
from tests.cast import make_worker
from tests.roster.conftest import csv_bytes, row
from tests.window.test_records import POSTED

pytestmark = pytest.mark.django_db
HEAD = "职业编码,职业名称,工种名称,起始日期,截止日期,文件\n"
FIRST = date(2022, 9, 1)
LINES = (
    "6-1,焊工,,2022-09-01,,某大典（试）\n"
    "6-1,焊工,电焊工,2022年9月1日,,某大典（试）\n"
    "6-1,焊工,气 焊工,2022-09-01,,某大典（试）\n"
    "4-3,茶艺师,,2015-07-29,2022-08-31,某大典（旧）\n"
)


def load(tmp_path: Path, rows: str, **options: Any) -> str:
    file = tmp_path / "职业目录.csv"
    file.write_text(HEAD + rows, encoding="utf-8")
    said = io.StringIO()
    call_command("load_occupations", str(file), stdout=said, **options)
    return said.getvalue()


def listed(*names: str, **fields: Any) -> None:
    for name in names:
        given = {"since": FIRST, "document": "某大典（试）", "folded": name} | fields
        Occupation.objects.create(name=name, **given)


# -- the file ------------------------------------------------------------------------------------------------
def test_a_file_is_taken_in_and_the_same_file_changes_nothing(tmp_path: Path) -> None:
    assert "新增4项" in load(tmp_path, LINES)
    assert set(Occupation.objects.values_list("name", "folded", "occupation")) == {
        ("焊工", "焊工", ""), ("电焊工", "电焊工", "焊工"), ("气 焊工", "气焊工", "焊工"), ("茶艺师", "茶艺师", ""),
    }  # fmt: skip
    assert "新增0项，更改0项，相同4项" in load(tmp_path, LINES)
    ended = LINES.replace("气 焊工,2022-09-01,,", "气 焊工,2022-09-01,2026-12-31,")
    assert "更改1项，相同3项" in load(tmp_path, ended)
    # A later edition adds its lines; what it does not name stays.
    assert "新增1项" in load(tmp_path, "6-1,焊工,电焊工,2027-01-01,,新大典（试）\n")
    assert Occupation.objects.count() == 5
    assert Entry.objects.filter(action="occupations.load").count() == 3


def test_every_wrong_row_is_said_and_nothing_is_stored(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        load(
            tmp_path,
            "1,,钳工,2022-09-01,,甲\n1,钳工,,昨天,,甲\n1,钳工,,2022-09-01,2021-01-01,甲\n"
            f"1,钳工,,2022-09-01,,\n1,{'长' * 61},,2022-09-01,,甲\n1,钳工,,2022-09-01,,甲\n1,钳 工,,2022-09-01,,乙\n",
        )
    said = str(refused.value)
    for words in ("第2行：没有填写职业名称", "第3行：起始日期", "第4行：截止日期早于", "第5行：没有填写文件",
                  "第6行：职业名称超过60个字", "第8行：与第7行的编码、名称和起始日期相同"):  # fmt: skip
        assert words in said, words
    assert not Occupation.objects.exists()
    assert "核对：新增4项" in load(tmp_path, LINES, dry_run=True) and not Occupation.objects.exists()


@pytest.mark.parametrize("command", ["load_occupations", "load_scarce_occupations"])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_template_is_a_form_that_is_taken_again(tmp_path: Path, command: str, suffix: str) -> None:
    file = tmp_path / f"模板{suffix}"
    said = io.StringIO()
    call_command(command, str(file), "--template", stdout=said)
    assert "已生成模板" in said.getvalue()
    with pytest.raises(CommandError):  # it is not written over
        call_command(command, str(file), "--template")
    call_command(command, str(file), stdout=said)
    assert "新增0项" in said.getvalue()


# -- what is listed ------------------------------------------------------------------------------------------
def test_without_a_catalogue_nothing_is_marked() -> None:
    assert unlisted(["焊工", "占卜师"]) == frozenset()
    assert Catalogue(["焊工"]).lists("焊工") is None


@pytest.mark.parametrize(
    ("name", "is_listed"),
    [("焊工", True), (" 焊 工", True), ("焊工（电焊工）", True), ("焊工(电焊工)", True), ("焊工/电焊工", True),
     ("焊工（水下焊工）", False), ("占卜师", False), ("电焊", False), ("", None)],
)  # fmt: skip
def test_a_name_however_spelled_and_with_its_trade(name: str, is_listed: bool | None) -> None:
    listed("焊工", "电焊工")
    assert Catalogue([name]).lists(name) is is_listed


def test_a_name_of_an_earlier_edition_is_listed_and_no_longer_suggested(as_user, cast) -> None:
    listed("茶艺师", until=date(2022, 8, 31), since=date(2015, 7, 29))
    listed("评茶师")
    assert unlisted(["茶艺师"]) == frozenset()
    options = as_user(cast("clerk")).get(reverse("window:occupation_options"), {"occupation": "茶"}).text
    assert "评茶师" in options and "茶艺师" not in options


# -- at the window -------------------------------------------------------------------------------------------
def test_while_it_is_typed(as_user, cast) -> None:
    listed("焊工", code="6-1")
    listed("电焊工", "水下焊工", occupation="焊工", code="6-1")
    client, address = as_user(cast("clerk")), reverse("window:occupation_options")
    found = client.get(address, {"occupation": "焊"}).text
    assert found.index('value="焊工"') < found.index('value="电焊工"') < found.index('value="水下焊工"')
    assert "<option" not in client.get(address, {"occupation": " "}).text
    assert "<option" not in client.get(address, {"occupation": "\0占卜"}).text
    # Whoever types the code, or the occupation that a trade belongs to, finds it too.
    assert "水下焊工" in client.get(address, {"occupation": "6-1"}).text
    assert as_user(cast("security_admin")).get(address, {"occupation": "焊"}).status_code == 403


def test_any_other_name_is_taken_and_marked(as_user, cast) -> None:
    listed("焊工")
    client, worker = as_user(cast("clerk")), make_worker("乌兰图雅")
    form = client.get(reverse("window:record_new", args=[worker.pk, "credential"])).text
    assert 'list="occupation-options"' in form and reverse("window:occupations") in form
    for kind in ("credential", "employment"):
        sent = POSTED[kind] | {"source": "窗口登记", "occupation": "马头琴制作工"}
        client.post(reverse("window:record_new", args=[worker.pk, kind]), sent)
    page = client.get(reverse("window:worker", args=[worker.pk])).text
    assert "“马头琴制作工”未列入职业目录，已按填写的名称保存" in page
    assert page.count("tag--warn") >= 2 and page.split("<main", 1)[1].count("未列入职业目录") >= 3
    assert "未列入职业目录" in client.get(reverse("window:workers")).text
    assert "未列入职业目录" in client.get(reverse("window:search"), {"q": "图雅"}).text
    SkillCredential.objects.all().update(occupation="焊工")
    worker.employments.update(occupation="焊 工")
    page = client.get(reverse("window:worker", args=[worker.pk])).text
    assert "未列入职业目录" not in page.split("</h1>", 1)[1]


def test_the_page_of_the_catalogue(as_user, cast) -> None:
    client, address = as_user(cast("clerk")), reverse("window:occupations")
    assert "尚未载入职业目录" in client.get(address).text
    listed("焊工", code="6-1")
    listed("茶艺师", until=timezone.localdate() - timedelta(days=1))
    page = client.get(address).text
    assert "焊工" in page and "已停用" in page
    assert "茶艺师" not in client.get(address, {"q": "焊"}).text
    assert "目录中没有这个名称" in client.get(address, {"q": "占卜"}).text


# -- rosters and programs ------------------------------------------------------------------------------------
def _roster(tmp_path: Path, *occupations: str) -> Path:
    file = tmp_path / "册.csv"
    file.write_bytes(csv_bytes([row(职业工种=occupation) for occupation in occupations]))
    return file


def test_a_roster_is_taken_whole_and_says_which_names_stand_in_no_line(tmp_path, as_user, cast) -> None:
    listed("焊工", "电工")
    clerk = cast("clerk")
    file = _roster(tmp_path, "焊工", "奶皮子制作工", "奶皮子制作工", "电工", "套马手")
    outcome = import_file(file, name="册.csv", by=clerk)
    assert (outcome.added, outcome.refused) == (5, 0)
    assert outcome.unlisted == (("奶皮子制作工", 2), ("套马手", 1))
    record = RosterImport.objects.get()
    page = as_user(clerk).get(reverse("window:roster_import", args=[record.pk])).text
    assert "奶皮子制作工（2行）" in page and "套马手（1行）" in page and "不影响导入" in page


def test_a_roster_without_a_catalogue_says_nothing(tmp_path, cast) -> None:
    outcome = import_file(_roster(tmp_path, "奶皮子制作工"), name="册.csv", by=cast("clerk"))
    assert (outcome.added, outcome.unlisted) == (1, ())


def test_programs_are_told_as_a_hint(as_user, cast, django_assert_max_num_queries) -> None:
    workers = {
        name: make_worker(f"孟根{at}", occupation=name) for at, name in enumerate(("焊工", "套马手", ""))
    }
    client = as_user(cast("clerk"))
    said = {
        row["occupation"]: row["occupation_listed"] for row in client.get("/api/workers/").json()["results"]
    }
    assert said == {"焊工": None, "套马手": None, "": None}
    listed("焊工")
    said = {
        row["occupation"]: row["occupation_listed"] for row in client.get("/api/workers/").json()["results"]
    }
    assert said == {"焊工": True, "套马手": False, "": None}
    assert client.get(f"/api/workers/{workers['套马手'].pk}/").json()["occupation_listed"] is False
