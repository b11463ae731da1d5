"""Supervision: what is open and how old, what was finished in time, how far offers came, how good imports are."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from portal.audit.models import Entry
from portal.cases.models import Case
from portal.entitlements.models import Offer
from portal.pages.supervision import Share, Table
from portal.workforce.models import RosterImport
from portal.workforce.models.roster import Phase
from tests.cast import KUNDULUN, make_worker
from tests.selection.nominees import make_round, make_skilled, nominated
from tests.window.given import make_case

pytestmark = pytest.mark.django_db
PAGE = "/window/supervision/"


def table(response: Any, code: str) -> Table:
    return next(one for one in response.context["tables"] if one.code == code)


def row_of(response: Any, code: str, name: str) -> dict[str, Any]:
    found = table(response, code)
    row = next(row for row in found.rows if row[0] == name)
    return dict(zip(found.columns, row, strict=True))


def test_open_cases_by_place_kind_person_and_age(cast: Any, as_user: Any) -> None:
    today, clerk = timezone.localdate(), cast("clerk")
    late = make_case(make_worker("甲"), due_on=today - timedelta(days=1), assigned_to=clerk)
    make_case(make_worker("乙"), due_on=today - timedelta(days=1), stopped_on=today)
    make_case(make_worker("丙", region=KUNDULUN), opened_on=today - timedelta(days=100))
    Case.objects.filter(pk=late.pk).update(opened_on=today - timedelta(days=8))
    page = as_user(cast("supervisor")).get(PAGE)
    ordos = row_of(page, "open-place", "鄂尔多斯市")
    assert (ordos["在办"], ordos["超期"], str(ordos["超期率"]), ordos["暂停计时"]) == (2, 1, "50.0%", 1)
    assert (ordos["7日以内"], ordos["8至30日"], ordos["90日以上"]) == (1, 1, 0)
    assert row_of(page, "open-place", "包头市")["90日以上"] == 1
    assert row_of(page, "open-kind", late.kind_label)["在办"] == 3
    assert row_of(page, "open-person", str(clerk))["超期"] == 1
    assert row_of(page, "open-person", "未分派")["在办"] == 2
    narrowed = as_user(cast("supervisor")).get(PAGE, {"region": "150600"})
    assert [row[0] for row in table(narrowed, "open-place").rows] == ["鄂尔多斯市鄂托克旗"]


def test_finished_on_the_last_day_is_in_time_and_the_day_after_is_not(cast: Any, as_user: Any) -> None:
    """The day is that of Shanghai: 00:30 there is the day before in UTC."""
    day = timezone.localdate().replace(month=3, day=10)
    at = {
        "甲": datetime(day.year, 3, 10, 23, 30),
        "乙": datetime(day.year, 3, 11, 0, 30),
        "丙": datetime(day.year, 3, 9, 12, 0),
    }
    for name, moment in at.items():
        due = None if name == "丙" else day
        make_case(make_worker(name), due_on=due, closed_at=timezone.make_aware(moment))
    last_year = timezone.make_aware(datetime(day.year - 1, 12, 31, 23, 59))
    make_case(make_worker("丁"), due_on=day, closed_at=last_year)
    page = as_user(cast("supervisor")).get(PAGE, {"part": "in-time"})
    march = row_of(page, "in-time-month", "03月")
    assert [march[key] for key in ("办结", "按期", "超期办结", "未设期限")] == [3, 1, 1, 1]
    assert str(march["按期率"]) == "50.0%"
    before = as_user(cast("supervisor")).get(PAGE, {"part": "in-time", "year": day.year - 1})
    assert row_of(before, "in-time-month", "12月")["办结"] == 1


def test_how_far_offers_and_cases_came(cast: Any, as_user: Any) -> None:
    today = timezone.localdate()
    for name, state in zip("甲乙丙", ("matched", "notified", "declined"), strict=True):
        worker = make_worker(name)
        Offer.objects.create(
            worker=worker,
            region=worker.work_region,
            benefit="training.skill-upgrade",
            state=state,
            matched_on=today,
            notified_at=timezone.now() if state == "notified" else None,
            answered_on=today if state == "declined" else None,
        )
    case = make_case(make_worker("丁"))
    page = as_user(cast("supervisor")).get(PAGE, {"part": "funnel"})
    offers = dict(zip(table(page, "offers").columns, table(page, "offers").rows[0], strict=True))
    assert (offers["匹配"], offers["已告知"], offers["同意办理"], offers["暂不办理"]) == (3, 2, 0, 1)
    assert (case.kind_label, case.state_label, 1) in [row[:3] for row in table(page, "states").rows]


def test_imports_are_counted_and_no_row_of_them_is_shown(cast: Any, as_user: Any) -> None:
    clerk = cast("clerk")
    given = {"by": clerk, "suffix": ".csv", "fingerprint": "x" * 64, "phase": Phase.DONE}
    counts = {"rows_read": 10, "added": 6, "refused": 4, "held": 1}
    RosterImport.objects.create(**given, **counts, file_name="名单.csv", unlisted=["电焊"], mended=[3, 4])
    RosterImport.objects.create(
        **(given | {"phase": Phase.UNDONE}),
        file_name="又一份.csv",
        undone_at=timezone.now(),
        undone_by=clerk,
        undo_reason="重复导入",
    )
    page = as_user(cast("supervisor")).get(PAGE, {"part": "imports"})
    row = row_of(page, "imports", "窗口")
    assert (row["文件"], row["读取行"], row["未通过"], str(row["未通过率"])) == (2, 10, 4, "40.0%")
    assert (row["目录外职业"], row["已更正行"], row["撤销文件"]) == (1, 2, 1)
    assert "名单.csv" not in page.text


def test_what_each_expert_has_to_score(cast: Any, as_user: Any, registry_officer: Any, clerk: Any) -> None:
    round_ = make_round(registry_officer)
    expert = cast("panel_expert")
    nomination = nominated(make_skilled("白玉兰"), round_, clerk)
    nomination.panel.create(expert=expert, assigned_by=registry_officer)
    page = as_user(cast("supervisor")).get(PAGE, {"part": "experts", "year": round_.year})
    row = row_of(page, "experts", expert.display_name)
    assert (row["安排"], row["待评"], row["已评"]) == (1, 1, 0)


@pytest.mark.parametrize("part", ["open", "in-time", "funnel", "imports", "experts"])
def test_a_part_asks_little_and_no_more_for_more(
    cast: Any, as_user: Any, django_assert_max_num_queries: Any, part: str
) -> None:
    for number in range(12):
        make_case(make_worker(f"工人{number}", region=KUNDULUN if number % 2 else "150624"))
    desk = as_user(cast("supervisor"))
    desk.get(PAGE)
    with django_assert_max_num_queries(12):
        assert desk.get(PAGE, {"part": part}).status_code == 200


def test_it_is_taken_away_as_a_workbook_and_noted(cast: Any, as_user: Any) -> None:
    evil = cast("clerk")
    type(evil).objects.filter(pk=evil.pk).update(display_name="=1+1")
    make_case(make_worker("甲"), assigned_to=evil)
    answer = as_user(cast("supervisor")).get(PAGE, {"file": "xlsx"})
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.sheet_names == ["在办办件，按地区", "在办办件，按事项", "在办办件，按经办人", "说明"]
    [_, row] = book.get_sheet_by_name("在办办件，按经办人").to_python()
    assert row[0].endswith("=1+1") and row[1] == 1
    assert Entry.objects.get(action="supervision.download").detail["what"] == "在办"


def test_who_may_look(cast: Any, as_user: Any) -> None:
    for name in ("clerk", "reviewer", "approver", "policy_officer", "auditor", "system_admin"):
        assert as_user(cast(name)).get(PAGE).status_code == 403, name
    assert as_user(cast("supervisor")).get(PAGE).status_code == 200


def test_a_share_of_nothing_is_none() -> None:
    assert (str(Share(0, 0)), str(Share(1, 3)), Share(1, 3).percent) == ("—", "33.3%", 33.3)
