"""What everybody reads of notices, how they object, and how the office decides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.audit.models import Entry
from portal.cases.models import Case, Objection
from portal.cases.notices import objections, publishing
from portal.formats import date_cn
from portal.regions.calendar import add_working_days
from portal.throttle import Limit
from portal.window.public import notices
from tests.cases.conftest import COLUMNS, ROWS, pdf, upload

LONG_AGO = timedelta(days=60)
TEXT = "李秀英2025年已调离一线岗位，不符合申报条件。"
GIVEN = {"about": "TJ-2026-000002", "text": TEXT, "objector": "赵某", "contact": "13800001234"}


@pytest.fixture(name="announce")
def announce_today(announce):
    """Announced today, if nothing else is said."""
    return lambda **changed: announce(**({"on": timezone.localdate()} | changed))


def received(notice, **changed) -> Objection:
    given = GIVEN | {"uploads": [], "on": timezone.localdate()} | changed
    return objections.receive(notice.pk, **given)


# -- public --------------------------------------------------------------------------------------------------
def test_notices_are_listed_newest_first_and_open_ones_are_marked(announce, client) -> None:
    announce(title="去年的公示", on=timezone.localdate() - LONG_AGO)
    announce(title="今年的公示")
    page = client.get("/notices/").content.decode()
    assert page.index("今年的公示") < page.index("去年的公示")
    assert page.count(">公示中<") == 1 and page.count(">已截止<") == 1


def test_the_list_asks_the_database_as_often_for_many_as_for_one(
    announce, client, django_assert_max_num_queries
) -> None:
    for _ in range(12):
        announce()
    with django_assert_max_num_queries(1):
        assert client.get("/notices/").status_code == 200


def test_an_empty_list_says_so(client, db) -> None:
    assert "还没有公示" in client.get("/notices/").content.decode()


def test_a_notice_shows_list_digest_basis_and_how_to_object(
    announce, client, django_assert_max_num_queries
) -> None:
    notice = announce()
    with django_assert_max_num_queries(4):
        page = client.get(f"/notices/{notice.number}/").content.decode()
    for words in (
        "王建国",
        "150624********123X",
        "a" * 64,
        "内党办发〔2019〕6号第一条",
        f"至{date_cn(notice.closes_on)}（含当日）",
        "提出异议",
        "公示中",
        "第1行",
    ):
        assert words in page, words
    assert "延长公示" not in page and "公示变更" not in page


def test_a_changed_notice_shows_what_moved_and_the_list_before(
    announce, client, regional_reviewer, registry_officer
) -> None:
    notice = announce()
    publishing.revise_notice(
        notice.pk,
        columns=COLUMNS,
        rows=ROWS[:1],
        digest="b" * 64,
        reason="异议成立",
        moved=["李秀英：取消资格"],
        by=regional_reviewer,
        on=timezone.localdate(),
    )
    longer = publishing.extend_notice(
        notice.pk, working_days=2, reason="名单调整", by=registry_officer, on=timezone.localdate()
    )
    now = client.get(f"/notices/{notice.number}/").content.decode()
    assert "李秀英：取消资格" in now and "第2版" in now and "150203********4561" not in now
    assert f"由{date_cn(longer.closed_on)}延长至{date_cn(longer.closes_on)}" in now
    before = client.get(f"/notices/{notice.number}/", {"version": "1"}).content.decode()
    assert "150203********4561" in before and "这是以前的名单" in before
    assert "第2行" not in before  # nobody objects to what is no longer announced


def test_a_notice_that_ended_takes_no_objection(announce, client) -> None:
    notice = announce(on=timezone.localdate() - LONG_AGO)
    assert "已截止" in client.get(f"/notices/{notice.number}/").content.decode()
    assert "不再接受异议" in client.get(f"/notices/{notice.number}/object/").content.decode()
    page = client.post(f"/notices/{notice.number}/object/", GIVEN).content.decode()
    assert "已截止，不再接受异议" in page and not Objection.objects.exists()


def test_anybody_objects_and_gets_a_receipt(announce, client) -> None:
    notice = announce()
    form = client.get(f"/notices/{notice.number}/object/", {"about": "TJ-2026-000002"}).content.decode()
    assert '<option value="TJ-2026-000002" selected>' in form and 'enctype="multipart/form-data"' in form
    answer = client.post(
        f"/notices/{notice.number}/object/",
        GIVEN | {"uploads": [upload(pdf("1"), "a.pdf"), upload(pdf("2"), "b.pdf")]},
    )
    # The receipt has an address of its own: read again, it sends nothing again.
    assert answer.status_code == 302
    for _ in range(2):
        receipt = client.get(answer["Location"])
        page = receipt.content.decode()
        assert "YY-2026-000001" in page and "2个文件" in page and "no-store" in receipt["Cache-Control"]
    changed = client.get(answer["Location"] + "x")
    assert changed.status_code == 302 and changed["Location"] == "/case-status/"
    assert Objection.objects.get().case.evidence.count() == 2
    again = client.post(f"/notices/{notice.number}/object/", GIVEN).content.decode()
    assert "不必重复提交" in again and "YY-2026-000001" in again
    assert Objection.objects.count() == 1


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(announce, client) -> None:
    notice = announce()
    page = client.post(
        f"/notices/{notice.number}/object/", GIVEN | {"contact": "无", "uploads": [upload(b"MZ")]}
    ).content.decode()
    assert "请填写可以联系到您的手机号码" in page and TEXT in page
    page = client.post(
        f"/notices/{notice.number}/object/", GIVEN | {"uploads": [upload(b"MZ", "a.exe")]}
    ).content.decode()
    assert "“a.exe”是可执行程序" in page
    page = client.post(f"/notices/{notice.number}/object/", {}).content.decode()
    assert page.count("field__error") >= 3 and "error-summary" in page
    assert not Objection.objects.exists()


def test_one_address_objects_only_so_often(announce, client, monkeypatch) -> None:
    monkeypatch.setattr(notices, "OBJECTIONS_BY_ADDRESS", Limit("test-objections", 1))
    notice = announce()
    assert client.post(f"/notices/{notice.number}/object/", GIVEN).status_code == 302
    answer = client.post(f"/notices/{notice.number}/object/", GIVEN | {"contact": "13900001234"})
    assert answer.status_code == 429 and Objection.objects.count() == 1


def test_the_objector_finds_state_and_answer_by_number_and_contact(
    announce, client, regional_reviewer
) -> None:
    objection = received(announce())
    ask = {"number": objection.case.number, "proof": "138 0000 1234"}
    page = client.post("/case-status/", ask).content.decode()
    assert "待核查" in page and TEXT not in page
    objections.dismiss(
        objection.pk,
        reason="内部记录",
        reply="经核查，该同志仍在一线岗位。",
        by=regional_reviewer,
        on=timezone.localdate(),
    )
    page = client.post("/case-status/", ask).content.decode()
    assert "仍在一线岗位" in page and "异议不成立" in page and "内部记录" not in page and "陈静" not in page
    assert "没有找到" in client.post("/case-status/", ask | {"proof": "13800001235"}).content.decode()
    # Its end is not enough: whom one suspects of an objection, one has the number of.
    assert "没有找到" in client.post("/case-status/", ask | {"proof": "1234"}).content.decode()


# -- staff ---------------------------------------------------------------------------------------------------
def test_objections_are_listed_with_as_many_queries_for_many_as_for_one(
    announce, supervisor, as_user, django_assert_max_num_queries
) -> None:
    notice, browser = announce(), as_user(supervisor)
    received(notice)
    browser.get("/window/objections/")
    with django_assert_max_num_queries(8):
        browser.get("/window/objections/")
    for number in range(15):
        received(notice, contact=f"139000012{number:02d}")
    with django_assert_max_num_queries(8):
        page = browser.get("/window/objections/").content.decode()
    assert page.count("data-row-link") == 16
    assert "没有符合条件" in browser.get("/window/objections/", {"state": "upheld"}).content.decode()


def test_staff_of_a_league_see_none(announce, reviewer, as_user) -> None:
    objection = received(announce())
    assert "没有异议" in as_user(reviewer).get("/window/objections/").content.decode()
    assert as_user(reviewer).get(f"/window/objections/{objection.case.number}/").status_code == 404


def test_who_decides_sees_who_objects_and_others_do_not(
    announce, programme, supervisor, regional_reviewer, registry_officer, as_user
) -> None:
    programme.barred = {regional_reviewer.pk}
    objection = received(announce(), uploads=[upload(pdf())])
    address = f"/window/objections/{objection.case.number}/"
    page = as_user(supervisor).get(address).content.decode()
    assert "13800001234" in page and "赵某" in page and "李秀英" in page and "异议材料1" in page
    for other in (regional_reviewer, registry_officer):
        page = as_user(other).get(address).content.decode()
        assert "13800001234" not in page and "赵某" not in page
        assert "目前没有需要您办理的事项" in page
    assert Entry.objects.filter(action="objection.view").count() == 3


def test_the_generic_page_of_a_case_leads_to_the_objection(announce, supervisor, as_user) -> None:
    number = received(announce()).case.number
    assert as_user(supervisor).get(f"/window/cases/{number}/").url == f"/window/objections/{number}/"
    assert as_user(supervisor).get(f"/window/cases/{number}/assign/").status_code == 200


def test_upholding_by_the_page(announce, programme, regional_reviewer, as_user) -> None:
    notice = announce()
    objection = received(notice)
    browser, address = as_user(regional_reviewer), f"/window/objections/{objection.case.number}/"
    assert "从名单中移除" in browser.get(f"{address}uphold/").content.decode()
    missing = browser.post(f"{address}uphold/", {})
    assert "请选择异议成立后如何处理" in missing.content.decode()
    given = {"remedy": "exclude", "reason": "属实", "reply": "您反映的情况属实。", "extend_working_days": "2"}
    done = browser.post(f"{address}uphold/", given, follow=True).content.decode()
    assert "已认定异议成立" in done and "取消资格" in done
    assert programme.upheld == [("TJ-2026-000002", "exclude")]
    assert notice.extensions.get().closes_on == add_working_days(notice.closes_on, 2).on
    assert browser.post(f"{address}dismiss/", {"reason": "核实", "reply": "查无此事。"}).status_code == 409
    from_an_old_page = browser.get(f"{address}dismiss/", follow=True)
    assert from_an_old_page.redirect_chain[0][0] == address
    assert "不能办理“异议不成立”" in from_an_old_page.content.decode()


@pytest.mark.parametrize(
    ("action", "given"),
    [("dismiss", {"reason": "不实", "reply": "查无此事。"}), ("withdraw", {"reason": "来电"})],
)
def test_dismissing_and_withdrawing_by_the_page(announce, supervisor, as_user, action, given) -> None:
    objection = received(announce())
    answer = as_user(supervisor).post(f"/window/objections/{objection.case.number}/{action}/", given)
    assert answer.status_code == 302
    assert Case.objects.get(pk=objection.pk).closed_at


@pytest.mark.parametrize("who", ["clerk", "reviewer", "registry_officer", "approver", "auditor"])
def test_others_are_not_let_in_to_decide(announce, cast, as_user, who) -> None:
    number = received(announce()).case.number
    for action in ("uphold", "dismiss", "withdraw"):
        assert (
            as_user(cast(who))
            .post(f"/window/objections/{number}/{action}/", {"reason": "核实", "reply": "查无此事。"})
            .status_code
            == 403
        )


def test_extending_by_the_page(announce, registry_officer, clerk, as_user) -> None:
    notice = announce()
    browser = as_user(registry_officer)
    assert "延长公示" in browser.get(f"/notices/{notice.number}/").content.decode()
    answer = browser.post(
        f"/window/notices/{notice.number}/extend/", {"working_days": "3", "reason": "系统维护"}, follow=True
    )
    assert f"公示已延长至{date_cn(notice.extensions.get().closes_on)}" in answer.content.decode()
    assert as_user(clerk).get(f"/window/notices/{notice.number}/extend/").status_code == 403


def test_the_navigation_leads_there(announce, supervisor, clerk, as_user, client) -> None:
    assert 'href="/window/objections/"' in as_user(supervisor).get("/window/").content.decode()
    assert 'href="/window/objections/"' not in as_user(clerk).get("/window/").content.decode()
    assert 'href="/notices/"' in client.get("/").content.decode()
