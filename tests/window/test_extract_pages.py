"""The pages of extracts: give one in, see what would be written, confirm, fetch what came back; and what is covered."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from portal.policy.benefits import FUNDS
from portal.regions.models import Region
from portal.workforce import coverage
from portal.workforce.covered_places import covered_places
from portal.workforce.models import BenefitClaim, DecidedHere, RegisterExtract, UnemploymentInsurance
from tests.cast import ORDOS, OTOG, REGION, make_worker
from tests.covering import covered, nothing_covered
from tests.workforce.extracting import extract_file, keep_still, run, taken_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_still(monkeypatch)


def said(kind: str, *rows: dict[str, str], **changed: Any) -> dict[str, Any]:
    today = timezone.localdate()
    given = {
        "register": "合成登记库",
        "as_of": f"{today}",
        "place": ORDOS,
        "covers_from": "2017-01-01",
        "covers_until": f"{today}",
        "file": extract_file(kind, *rows),
    }
    if kind == "claims":
        given["fund"] = "unemployment_insurance_fund"
    return given | changed


def insured(worker: Any, months: str = "48") -> dict[str, str]:
    return {"number": worker.id_number, "months": months, "paying": "是", "drawing": "否"}


def test_from_the_list_to_what_is_written(reviewer: Any, second_reviewer: Any, as_user: Any) -> None:
    worker, wrong = make_worker("乌云其木格"), make_worker("赵强")
    desk = as_user(reviewer)
    assert reverse("window:extracts") in desk.get("/window/records/").text
    assert "失业保险参保缴费摘录" in desk.get(reverse("window:extracts")).text
    new = reverse("window:extract_new", args=["insurance"])
    assert "累计缴费月数" in desk.get(new).text
    sent = desk.post(new, said("insurance", insured(worker), insured(wrong, months="很多")))
    extract = run(RegisterExtract.objects.get())
    assert sent.url == reverse("window:extract", args=[extract.pk])
    page = desk.get(sent.url).text
    assert "尚未写入，请核对后确认" in page and "读到的前几行" in page and "48" in page
    assert worker.id_number not in page and not UnemploymentInsurance.objects.exists()
    # Another officer of the place sees that it is there, and neither rows nor a way to confirm.
    other = as_user(second_reviewer)
    seen = other.get(sent.url).text
    assert "由提交人本人确认" in seen and "读到的前几行" not in seen and "下载不写入的行" not in seen
    other.post(reverse("window:extract_confirm", args=[extract.pk]))
    assert RegisterExtract.objects.get().phase == "examined"
    desk.post(reverse("window:extract_confirm", args=[extract.pk]))
    run(extract)
    assert UnemploymentInsurance.objects.get().worker == worker
    page = desk.get(sent.url).text
    assert "已写入" in page and "下载不写入的行" in page and "读到的前几行" not in page
    file = desk.get(reverse("window:extract_refused", args=[extract.pk]))
    assert "应为数字" in b"".join(file.streaming_content).decode()
    again = desk.post(new, said("insurance", insured(worker), insured(wrong, months="很多")))
    assert "不重复写入" in again.content.decode() and again.status_code == 409


def test_what_is_wrong_is_said_beside_it(reviewer: Any, as_user: Any) -> None:
    desk = as_user(reviewer)
    new = reverse("window:extract_new", args=["claims"])
    today = timezone.localdate()
    for changed, says in (
        ({"covers_until": f"{today + timedelta(days=1)}"}, "不能晚于"),
        ({"as_of": f"{today - timedelta(days=9)}"}, "也不能晚于摘录日期"),
        ({"place": "150200"}, "选择"),
        ({"file": extract_file("claims", head="甲,乙")}, "表头"),
        ({"register": ""}, "必填|填写"),
    ):
        page = desk.post(new, said("claims", **changed)).content.decode()
        assert any(one in page for one in says.split("|")), says
    assert not RegisterExtract.objects.exists()
    assert desk.get(reverse("window:extract_new", args=["pets"])).status_code == 404


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
@pytest.mark.parametrize("kind", ["insurance", "claims", "certificates"])
def test_each_kind_has_its_template(kind: str, suffix: str, reviewer: Any, as_user: Any) -> None:
    file = as_user(reviewer).get(reverse("window:extract_template", args=[kind, suffix]))
    assert file.status_code == 200 and len(file.content) > 20


def test_giving_up_leaves_nothing(reviewer: Any, as_user: Any) -> None:
    desk = as_user(reviewer)
    desk.post(reverse("window:extract_new", args=["insurance"]), said("insurance", insured(make_worker())))
    extract = run(RegisterExtract.objects.get())
    assert desk.get(reverse("window:extract_progress", args=[extract.pk])).status_code in (200, 286)
    desk.post(reverse("window:extract_give_up", args=[extract.pk]))
    assert not RegisterExtract.objects.exists()


def test_only_officers_of_the_place(clerk: Any, baotou_reviewer: Any, reviewer: Any, as_user: Any) -> None:
    extract = taken_in(reviewer, "insurance", insured(make_worker()))
    address = reverse("window:extract", args=[extract.pk])
    assert as_user(clerk).get(address).status_code == 403
    assert as_user(baotou_reviewer).get(address).status_code == 404
    assert as_user(clerk).get(reverse("window:coverage")).status_code == 403


def test_coverage_is_withdrawn_with_a_reason(reviewer: Any, as_user: Any) -> None:
    desk, extract = as_user(reviewer), covered(reviewer, OTOG, date(2026, 11, 1))
    page = desk.get(reverse("window:extract", args=[extract.pk])).text
    assert "覆盖范围已生效" in page
    address = reverse("window:extract_withdraw", args=[extract.pk])
    assert desk.get(address).status_code == 200
    desk.post(address, {"reason": "误填起始日"})
    extract.refresh_from_db()
    assert extract.withdrawn_by == reviewer
    assert "误填起始日" in desk.get(reverse("window:extract", args=[extract.pk])).text


def test_two_officers_say_that_all_is_decided_here(reviewer: Any, second_reviewer: Any, as_user: Any) -> None:
    desk, other = as_user(reviewer), as_user(second_reviewer)
    assert desk.get(reverse("window:coverage_new")).status_code == 200
    given = {
        "place": OTOG, "fund": "employment_subsidy_fund", "since": "2026-01-01", "basis": "合成文号〔2026〕1号",
    }  # fmt: skip
    desk.post(reverse("window:coverage_new"), given)
    statement = DecidedHere.objects.get(place=OTOG)
    confirm = reverse("window:coverage_confirm", args=[statement.pk])
    assert confirm not in desk.get(reverse("window:coverage")).text
    desk.post(confirm)
    statement.refresh_from_db()
    assert statement.confirmed_by is None and confirm in other.get(reverse("window:coverage")).text
    other.post(confirm)
    statement.refresh_from_db()
    assert statement.confirmed_by == second_reviewer
    end = reverse("window:coverage_end", args=[statement.pk])
    assert "只能提前" not in desk.get(end).text
    assert "不能早于起始日期" in desk.post(end, {"until": "2025-01-01"}).content.decode()
    desk.post(end, {"until": "2026-06-30"})
    statement.refresh_from_db()
    assert statement.until == date(2026, 6, 30)
    desk.post(reverse("window:coverage_new"), given | {"fund": "unemployment_insurance_fund"})
    waiting = DecidedHere.objects.get(place=OTOG, fund="unemployment_insurance_fund")
    desk.post(reverse("window:coverage_take_back", args=[waiting.pk]))
    assert not DecidedHere.objects.filter(pk=waiting.pk).exists()


def test_the_page_tells_what_the_facts_know(reviewer: Any, regional_reviewer: Any, as_user: Any) -> None:
    """Of every place and fund the page shows no gap exactly where the relation takes nobody's claims for unknown."""
    today = timezone.localdate()
    nothing_covered()
    covered(reviewer, ORDOS, today - timedelta(days=400))
    covered(reviewer, OTOG, today, since=today - timedelta(days=500))
    covered(reviewer, "150200", today)
    covered(reviewer, "150622", today, since=date(2018, 1, 1))
    covered(reviewer, REGION, date(2016, 12, 31), since=date(2016, 1, 1))
    covered(reviewer, "150203", today, fund="employment_subsidy_fund")
    places = list(Region.objects.select_related("parent"))
    text = coverage.covered_places(f"DATE '{today}'", f"DATE '{today.year}-01-01'")
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {text} SELECT place, ever IS NOT NULL, training IS NOT NULL FROM claims_covered"
        )
        known = {place: facts for place, *facts in cursor.fetchall()}
    for row in covered_places(places, today):
        shown = [not one.gaps for one in row.funds]
        assert list(FUNDS) == [one.fund for one in row.funds]
        assert shown == known.get(row.place.code, [False, False]), row.place
    page = as_user(regional_reviewer).get(reverse("window:coverage")).text
    assert "鄂尔多斯市" in page and "2017-01-01" in page and "示例" in page
    own = as_user(reviewer).get(reverse("window:coverage")).text
    assert "鄂托克旗" in own and "昆都仑区" not in own


def test_an_extract_of_claims_says_when_it_will_cover_nothing(reviewer: Any, as_user: Any) -> None:
    row = {
        "number": make_worker().id_number, "kind": "技能提升补贴", "occupation": "焊工", "level": "高级工",
        "claimed_on": "2025-06-01",
    }  # fmt: skip
    desk = as_user(reviewer)
    desk.post(reverse("window:extract_new", args=["claims"]), said("claims", row, row | {"level": "很高"}))
    extract = run(RegisterExtract.objects.get())
    address = reverse("window:extract", args=[extract.pk])
    assert "不说明“没有领过补贴”" in desk.get(address).text
    desk.post(reverse("window:extract_confirm", args=[extract.pk]))
    run(extract)
    assert BenefitClaim.objects.count() == 1 and "覆盖范围没有生效" in desk.get(address).text
