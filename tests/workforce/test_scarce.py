"""Lists of scarce occupations: how a file is read, whose certificate stands on one, and who is gathered anew."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from portal.audit.models import Entry
from portal.workforce.fact_table import refresh
from portal.workforce.facts import relation, scarce_on
from portal.workforce.models import BenefitClaim, KnownFacts, ScarceOccupation
from portal.workforce.models.scarce import fold_occupation
from tests.cast import make_worker
from tests.entitlements.given import certified

pytestmark = pytest.mark.django_db
HEAD = "地区,职业（工种）,起始日期,截止日期,文件\n"
BANNER, LEAGUE, WHOLE, ELSEWHERE = "150624", "150600", "150000", "150200"
FIRST, LAST = date(2025, 4, 22), date(2025, 12, 31)


def load(tmp_path: Path, rows: str, *, encoding: str = "utf-8", **options: Any) -> str:
    file = tmp_path / "目录.csv"
    file.write_text(HEAD + rows, encoding=encoding)
    said = io.StringIO()
    call_command("load_scarce_occupations", str(file), stdout=said, **options)
    return said.getvalue()


def listed(
    region: str = LEAGUE, occupation: str = "焊工", since: date = FIRST, until: date | None = LAST
) -> Any:
    return ScarceOccupation.objects.create(
        region_id=region,
        occupation=occupation,
        folded=fold_occupation(occupation),
        since=since,
        until=until,
        document="鄂人社发〔2025〕1号",
    )


def scarce_facts(worker: Any, on: date) -> tuple[Any, Any]:
    """(whether the certificate's occupation is scarce, claims for scarce ones this year)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT certificate_occupation_scarce, scarce_claims_this_year"
            f" FROM ({relation(on, workers=[worker.pk])}) AS f"
        )
        return cursor.fetchone()


# -- the file ------------------------------------------------------------------------------------------------


def test_a_file_is_taken_in_and_the_same_file_changes_nothing(tmp_path: Path) -> None:
    rows = "150600,焊工,2025-04-22,2025-12-31,鄂人社发〔2025〕1号\n鄂尔多斯市,Ｃ语言 程序员,2025年4月22日,,鄂人社发〔2025〕1号\n"
    assert "新增2项" in load(tmp_path, rows, encoding="gb18030")
    assert set(ScarceOccupation.objects.values_list("region_id", "folded", "since", "until")) == {
        (LEAGUE, "焊工", FIRST, LAST),
        (LEAGUE, "c语言程序员", FIRST, None),
    }
    assert "新增0项，更改0项，相同2项" in load(tmp_path, rows)
    assert Entry.objects.filter(action="scarce_list.load").count() == 1


def test_another_last_day_corrects_the_line_that_stands(tmp_path: Path) -> None:
    listed(until=None)
    assert "更改1项" in load(tmp_path, "150600,焊工,2025-04-22,2025-12-31,鄂人社发〔2025〕1号\n")
    assert ScarceOccupation.objects.get().until == LAST


def test_looking_first_stores_nothing(tmp_path: Path) -> None:
    said = load(tmp_path, "150600,焊工,2025-04-22,,鄂人社发〔2025〕1号\n", dry_run=True)
    assert "核对：新增1项" in said and not ScarceOccupation.objects.exists()


def test_every_row_that_is_wrong_is_said_and_nothing_is_stored(tmp_path: Path) -> None:
    rows = "\n".join(
        [
            "150600,焊工,2025-04-22,,鄂人社发〔2025〕1号",
            "火星,焊工,2025-04-22,,甲",
            "150600,,2025-04-22,,甲",
            "150600,电工,2025-02-30,,甲",
            "150600,电工,2025-04-22,2025-04-21,甲",
            "150600,电工,2025-04-22,,",
            f"150600,{'长' * 61},2025-04-22,,甲",
            "鄂尔多斯市, 焊 工 ,2025-04-22,,甲",
        ]
    )
    with pytest.raises(CommandError) as refused:
        load(tmp_path, rows)
    said = str(refused.value)
    for words in (
        "第3行：地区“火星”：没有这个地区",
        "第4行：没有填写职业（工种）",
        "第5行：起始日期：日期不存在",
        "第6行：截止日期早于起始日期",
        "第7行：没有填写文件",
        "第8行：职业（工种）超过60个字",
        "第9行：与第2行的地区、职业（工种）和起始日期相同",
    ):
        assert words in said, words
    assert "第2行" not in said.replace("与第2行", "") and not ScarceOccupation.objects.exists()


def test_what_is_no_such_table_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"%PDF-1.7", "姓名,证件号码\n".encode()):
        file = tmp_path / "x.csv"
        file.write_bytes(content)
        with pytest.raises(CommandError):
            call_command("load_scarce_occupations", str(file))
    with pytest.raises(CommandError):
        call_command("load_scarce_occupations", str(tmp_path / "none.csv"))


# -- the facts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", [BANNER, LEAGUE, WHOLE])
def test_a_list_counts_where_it_was_published_and_below(region: str) -> None:
    worker = make_worker("王建国", region=BANNER)
    certified(worker, issued_on=date(2025, 3, 1))
    listed(region)
    days = [date(2025, 4, 21), FIRST, LAST, date(2026, 1, 1)]
    assert [scarce_facts(worker, day)[0] for day in days] == [None, True, True, None]


def test_an_occupation_that_is_not_on_the_list_is_not_scarce_and_without_a_list_nothing_is_known() -> None:
    worker, without = make_worker("王建国", region=BANNER), make_worker("李静", region=BANNER)
    certified(worker, issued_on=date(2025, 3, 1), occupation="钳工")
    assert scarce_facts(worker, FIRST) == (None, 0)
    listed(ELSEWHERE, "钳工")
    assert scarce_facts(worker, FIRST)[0] is None
    listed(BANNER)
    assert scarce_facts(worker, FIRST)[0] is False
    listed(LEAGUE, "钳 工")
    assert scarce_facts(worker, FIRST)[0] is True
    assert scarce_facts(without, FIRST) == (None, 0)


@pytest.mark.parametrize(
    "name", ["焊工", "焊 工", "Ｃ语言　程序员", "Ｃ语言程序员", "ＡＢＣ\u00a0Ⅲ级", "（电）工"]
)
def test_names_are_folded_alike_in_the_database(name: str) -> None:
    listed(BANNER, name)
    with connection.cursor() as cursor:
        asked = scarce_on("DATE '2025-05-01'", place="p", occupation="o")
        cursor.execute(f"SELECT {asked} FROM (VALUES (%s, %s)) AS given(p, o)", [BANNER, f" {name}"])
        assert cursor.fetchone() == (True,)


def test_claims_of_the_year_are_counted_by_the_list_of_their_day() -> None:
    worker = make_worker("王建国", region=BANNER)
    for occupation, day, kind in (
        ("焊工", date(2025, 3, 1), "skill_upgrade"),
        ("焊工", date(2024, 12, 31), "skill_upgrade"),
        ("钳工", date(2025, 5, 1), "skill_upgrade"),
        ("焊工", date(2025, 6, 1), "training_subsidy"),
    ):
        BenefitClaim.objects.create(
            worker=worker,
            kind=kind,
            occupation=occupation,
            level=day.month * 10 % 70 + 10,
            claimed_on=day,
            source="窗口登记",
        )
    assert scarce_facts(worker, date(2025, 2, 1)) == (None, 0)
    assert scarce_facts(worker, date(2025, 7, 1)) == (None, None)
    listed(since=FIRST)
    # On the day of the first claim no list was in force.
    assert scarce_facts(worker, date(2025, 7, 1)) == (None, None)
    listed(since=date(2025, 1, 1), until=date(2025, 4, 21))
    assert scarce_facts(worker, date(2025, 7, 1)) == (None, 1)
    assert scarce_facts(worker, date(2026, 1, 1)) == (None, 0)


# -- the table of everybody's facts ---------------------------------------------------------------------------


def known(worker: Any) -> bool | None:
    return KnownFacts.objects.get(worker=worker).certificate_occupation_scarce


def test_whose_place_gets_a_list_is_gathered_anew(tmp_path: Path) -> None:
    worker = make_worker("王建国", region=BANNER)
    certified(worker, issued_on=date(2025, 3, 1))
    refresh(FIRST, whole=True)
    assert known(worker) is None
    load(tmp_path, "150600,焊工,2025-04-23,,甲\n150600,钳工,2025-04-22,,甲\n")
    assert not refresh(FIRST).whole and known(worker) is False
    refresh(date(2025, 4, 23))
    assert known(worker) is True
    load(tmp_path, "150600,焊工,2025-04-23,2025-04-30,甲\n")
    refresh(date(2025, 4, 30))
    assert known(worker) is True
    refresh(date(2025, 5, 1))
    assert known(worker) is False


def test_a_release_that_gathers_other_facts_gathers_everybody() -> None:
    make_worker("王建国", region=BANNER)
    last = refresh(FIRST, whole=True)
    assert not refresh(FIRST).whole
    type(last).objects.update(kind_of_facts="")
    assert refresh(FIRST).whole
    assert not refresh(FIRST).whole
