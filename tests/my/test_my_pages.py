"""A worker's own pages: what the register knows, with source and date; nobody else's anything."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal import crypto
from portal.cases import actions
from portal.cases.actions import NewCase
from portal.cases.models import Case, ClockRule
from portal.letters.models import LetterFile
from portal.regions.models import ServiceWindow
from portal.workforce.models import (
    AttestedFact,
    BenefitClaim,
    CompetitionResult,
    Employment,
    PayeeAccount,
    SkillCredential,
    TechnicalSchooling,
    UnemploymentInsurance,
    Worker,
)
from talent_registry.actions import change_status
from tests.cast import OTOG, make_account, make_honour, make_worker
from tests.listed import listed
from tests.roles import compared, one_of_each

KIND = "registry.direct-inclusion"
PAGES = ("/my/", "/my/cases/", "/my/letters/")


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


def opened(worker: Worker, on: date = date(2026, 11, 16)) -> Case:
    [case] = actions.open_cases(
        KIND, [NewCase(worker.work_region_id, worker.pk, "全国技术能手")], by=None, on=on
    )
    return case


@pytest.mark.parametrize("address", PAGES)
def test_strangers_are_asked_to_sign_in(db: None, address: str) -> None:
    assert Client().get(address)["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.sweep
def test_who_is_no_worker_finds_nothing_but_a_way_on(cast: Any, as_user: Any, worker: Worker) -> None:
    """A clerk may see 王建国 at the window; these pages are about oneself."""
    case, people = opened(worker), one_of_each(cast)
    with compared() as expect:
        for who, user, *_ in people:
            client = as_user(user)
            home = text(client, "/my/")
            expect(who, (worker.name in home, "没有对应的技术工人档案" in home), (False, True))
            expect(f"{who} cases", case.number in text(client, "/my/cases/"), False)
            expect(f"{who} the case", client.get(f"/my/cases/{case.number}/").status_code, 404)


def test_everything_the_register_knows_is_there_with_source_and_date(
    worker: Worker, worker_user: Any, clerk: Any, as_user: Any
) -> None:
    worker.set_phone("13800001234")
    worker.save()
    on = date(2026, 3, 2)
    Employment.objects.create(
        worker=worker,
        occupation="电工",
        on_front_line=True,
        front_line_years=Decimal("12.5"),
        source="单位报送",
        recorded_by=clerk,
    )
    SkillCredential.objects.create(
        worker=worker,
        occupation="电工",
        level=60,
        number="S0001",
        issued_on=on,
        source="查验原件",
        recorded_by=clerk,
    )
    make_honour(worker, recorded_by=clerk, source="荣誉文件")
    UnemploymentInsurance.objects.create(
        worker=worker, months=40, drawing_benefit=False, as_of=on, source="失业保险系统"
    )
    TechnicalSchooling.objects.create(
        worker=worker, graduated_from="senior", school="鄂尔多斯技师学院", source="毕业证书"
    )
    CompetitionResult.objects.create(
        worker=worker,
        competition="regional",
        name="自治区技能大赛",
        rank=2,
        prize="silver",
        source="竞赛文件",
    )
    BenefitClaim.objects.create(
        worker=worker, kind="skill_upgrade", occupation="电工", level=50, claimed_on=on, source="历史台账"
    )
    AttestedFact.objects.create(
        worker=worker,
        code="recruited",
        value="by_region",
        since=on,
        source="引进文件",
        document="内人社〔2025〕1号",
    )
    PayeeAccount.objects.create(
        worker=worker,
        bank="鄂托克旗农商行",
        account_number="6228480012345678",
        account_digest=crypto.digest("x", purpose="payee"),
        source="本人银行卡",
        recorded_by=clerk,
    )
    page = text(as_user(worker_user), "/my/")
    for shown in (
        "单位报送",
        "12.5年",
        "查验原件",
        "电工高级技师",
        "2026年3月2日",
        "荣誉文件",
        "待核实",
        "失业保险系统",
        "40个月",
        "毕业证书",
        "鄂尔多斯技师学院高级工班",
        "竞赛文件",
        "第2名",
        "历史台账",
        "技能提升补贴",
        "自治区引进",
        "内人社〔2025〕1号",
        "本人银行卡",
        "************5678",
        "138****1234",
        worker.masked_id_number,
        "1985年**月**日",
        "登记日期",
    ):
        assert shown in page, shown
    for hidden in (worker.id_number, "13800001234", "6228480012345678", "1985年6月15日", "by_region"):
        assert hidden not in page


def test_another_worker_is_nowhere(worker: Worker, worker_user: Any, as_user: Any) -> None:
    other = make_worker("李秀英")
    make_account("w20260002", other.name, "worker", OTOG)
    theirs = opened(other)
    client = as_user(worker_user)
    for address in PAGES:
        page = text(client, address)
        assert other.name not in page and theirs.number not in page
    assert client.get(f"/my/cases/{theirs.number}/").status_code == 404
    assert client.get(f"/window/workers/{other.pk}/").status_code in {403, 404}


def test_the_pages_take_as_many_queries_for_many_records_as_for_few(
    worker: Worker, worker_user: Any, clerk: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    for year in range(2010, 2026):
        make_honour(worker, recorded_by=clerk, year=year)
        opened(worker)
    client = as_user(worker_user)
    for address, most in (("/my/", 32), ("/my/cases/", 14), ("/my/letters/", 12)):
        with django_assert_max_num_queries(most):
            client.get(address)


@pytest.mark.parametrize(
    ("became", "says"), [("active", "已列入"), ("suspended", "目前未列入"), (None, "未列入")]
)
def test_the_registry_status_is_what_is_attested(
    worker: Worker, worker_user: Any, cast: Any, as_user: Any, became: str | None, says: str
) -> None:
    if became is not None:
        entry = listed(worker, since=date(2026, 1, 5))
        if became != "active":
            given = {"by": cast("registry_officer"), "on": date(2026, 5, 1), "reason": "正在核实举报"}
            change_status(entry.pk, became, document="内人社函〔2026〕3号", **given)
    page = text(as_user(worker_user), "/my/")
    assert f'">{says}</span>' in page
    assert ("名录编号LJ-2026-000001" in page) == (became is not None)


def test_my_cases_show_state_and_deadline(worker: Worker, worker_user: Any, as_user: Any) -> None:
    ClockRule.objects.create(kind=KIND, working_days=5, basis="本机关承诺")
    certain, uncertain = opened(worker), opened(worker, on=date(2026, 12, 30))
    client = as_user(worker_user)
    page = text(client, "/my/cases/")
    assert (
        certain.number in page
        and "2026年11月23日" in page
        and uncertain.number in page
        and "可能调整" in page
    )
    one = text(client, f"/my/cases/{certain.number}/")
    assert certain.state_label in one and "发起" in one
    assert certain.number in text(client, "/my/")


def test_a_case_in_correction_says_what_is_missing(
    worker: Worker, worker_user: Any, registry_officer: Any, as_user: Any
) -> None:
    case = opened(worker)
    with actions.transition(
        case.pk, "return_for_correction", by=registry_officer, on=date(2026, 11, 18)
    ) as locked:
        actions.open_correction(locked, ["荣誉证书复印件不清晰"], by=registry_officer, on=date(2026, 11, 18))
    client = as_user(worker_user)
    assert "荣誉证书复印件不清晰" in text(client, f"/my/cases/{case.number}/")
    case.refresh_from_db()
    assert f"暂停计时（{case.state_label}）" in text(client, "/my/cases/")


def test_empty_pages_say_what_to_do(worker_user: Any, as_user: Any) -> None:
    client = as_user(worker_user)
    assert "没有办件" in text(client, "/my/cases/") and "服务窗口" in text(client, "/my/cases/")
    assert "没有信函" in text(client, "/my/letters/")


def test_where_to_go_when_something_is_wrong(worker: Worker, worker_user: Any, as_user: Any) -> None:
    client = as_user(worker_user)
    page = text(client, "/my/")
    assert page.count("待公布") == 3 and f"/windows/{OTOG}/" in page
    ServiceWindow.objects.filter(pk=OTOG).update(
        name="鄂托克旗窗口",
        address="乌兰镇某街1号",
        phone="0477-1234567",
        hours="工作日",
        is_sample=True,
        updated_at=timezone.now(),
    )
    page = text(client, "/my/")
    assert "乌兰镇某街1号" in page and "0477-1234567" in page and "示例" in page and "待公布" not in page


def test_my_letters_can_be_downloaded_once_built_and_replaced_ones_are_said_to_be(
    worker: Worker, worker_user: Any, as_user: Any, issue: Any
) -> None:
    pending, built, old = issue(worker), issue(worker), issue(worker)
    LetterFile.objects.filter(pk=built.pk).update(
        state="built", path="x.pdf", sha256="a" * 64, built_at=timezone.now()
    )
    newer = issue(worker, supersedes=old)
    theirs = issue(make_worker("李秀英"))
    client = as_user(worker_user)
    page = text(client, "/my/letters/")
    for letter in (pending, built, old, newer):
        assert letter.number_text in page and letter.printed_code in page
    assert theirs.number_text not in page
    assert f"/letters/{built.code}/pdf/" in page and f"/letters/{pending.code}/pdf/" not in page
    assert "文件正在生成" in page and "已被替代" in page
    home = text(client, "/my/")
    assert newer.number_text in home and old.number_text not in home
    assert client.get(f"/letters/{theirs.code}/pdf/").status_code == 404


def test_what_nobody_has_confirmed_says_so(worker: Any, worker_user: Any, as_user: Any, cast: Any) -> None:
    from portal.workforce.actions import confirm_record, refute_record
    from portal.workforce.models import SkillCredential

    made = [
        SkillCredential.objects.create(
            worker=worker, occupation=occupation, level=40, number=f"S{occupation}", source="窗口登记"
        )
        for occupation in ("焊工", "钳工", "电工")
    ]
    reviewer, day = cast("reviewer"), date(2026, 11, 20)
    confirm_record("credential", made[0].pk, seen="证书原件", by=reviewer, on=day)
    refute_record("credential", made[1].pk, reason="证书编号查询不到", by=reviewer, on=day)
    page = as_user(worker_user).get("/my/").content.decode()
    said = dict(re.findall(r'<strong>([^<]*)</strong>\s*<span class="tag[^>]*>([^<]*)<', page))
    assert [said[str(record)] for record in made] == ["已核验", "核验不符", "未核验"]
    assert "核验不符的情况：证书编号查询不到" in page
