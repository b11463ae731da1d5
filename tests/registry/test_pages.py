"""Pages of the office: who gets in, what they see and may do, and that a click does what the action does."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.urls import reverse

from portal.audit.models import Entry as AuditEntry
from portal.cases.models import Case
from portal.jobs.models import Job
from portal.letters.models import Letter, PrintFile
from portal.workforce.models import Honour
from talent_registry.actions import change_status, decline, return_for_correction
from talent_registry.models import RegistryEntry, Status
from talent_registry.workflow import State
from tests.cast import KUNDULUN
from tests.registry.conftest import TODAY
from tests.roles import compared, drawn_once, one_of_each

FINDING = {"is_skilled_worker": "on", "by": "credential", "note": "编号S000015060012345"}


@pytest.fixture
def officer(as_user, registry_officer) -> Any:
    return as_user(registry_officer)


def _case(number: str, step: str = "case") -> str:
    return reverse(f"registry:{step}", args=[number])


LISTS = ("proposals", "entries", "corrections", "timeliness")
OF_CASE = {
    "case": "case.view",
    "confirm": "registry.confirm",
    "decline": "registry.confirm",
    "return_for_correction": "registry.confirm",
    "resubmit": "registry.propose",
    "withdraw": "registry.propose",
}
OF_ENTRY = {
    "record": "case.view",
    "status": "registry.status",
    "again": "registry.propose",
    "correct": "registry.correct",
    "keep": "registry.correct.confirm",
}


@pytest.mark.sweep
def test_every_page_for_every_role(proposed, entry, cast, as_user) -> None:
    """403 without the permission, 404 for another region's people, else the page; back to the case, with the
    reason, from what is not its turn, or is for whoever proposed it.
    """
    from portal.accounts.access import PERMISSIONS

    case, one, people = proposed(), entry(), one_of_each(cast)
    with drawn_once(), compared() as expect:
        for who, user, role, region in people:
            client, elsewhere = as_user(user), region.startswith("1502")
            sees = role in PERMISSIONS["case.view"][1]
            for name in LISTS:
                status = client.get(reverse(f"registry:{name}")).status_code
                expect(f"{who} {name}", status, 200 if sees else 403)
            for pages, number in ((OF_CASE, case.number), (OF_ENTRY, one.number)):
                for name, permission in pages.items():
                    status = client.get(reverse(f"registry:{name}", args=[number])).status_code
                    inside = 302 if name in ("resubmit", "correct", "keep", "withdraw") else 200
                    wanted = 403 if role not in PERMISSIONS[permission][1] else 404 if elsewhere else inside
                    expect(f"{who} {name}", status, wanted)


def test_lists_name_nobody_of_another_region(proposed, entry, cast, as_user) -> None:
    case, one = proposed(), entry()
    for who in ("baotou_clerk", "baotou_reviewer"):
        client = as_user(cast(who))
        for name in LISTS:
            page = client.get(reverse(f"registry:{name}"))
            assert page.status_code == 200 and "</html>" in page.text, (who, name)
            assert case.worker.name not in page.text and one.name not in page.text, (who, name)


def test_nobody_gets_in_without_signing_in(proposed, entry, client, worker_user, as_user) -> None:
    addresses = [reverse(f"registry:{name}") for name in LISTS]
    addresses += [_case(proposed().number, name) for name in OF_CASE]
    addresses += [reverse(f"registry:{name}", args=[entry().number]) for name in OF_ENTRY]
    for address in addresses:
        assert client.get(address).status_code == 302
        assert as_user(worker_user).get(address).status_code == 403


def test_a_case_on_one_page(proposed, officer) -> None:
    case = proposed("乌云其其格", conferred_on=TODAY.replace(month=10))
    number = case.worker.id_number
    page = officer.get(_case(case.number)).text
    for said in (
        "乌云其其格",
        "待确认",
        "全国技术能手",
        "人社部发〔2025〕1号",
        "获得可直接纳入名录的荣誉",
        "内党办发〔2019〕6号（一）",
        "乌兰",
        "巴特尔",
        "来源：窗口登记",
        "确认纳入",
        "不予纳入",
        f"{number[:6]}********{number[14:]}",
    ):
        assert said in page
    assert number not in page and number[6:14] not in page
    assert AuditEntry.objects.filter(action="case.view", worker_ref=case.worker_id).exists()


def test_what_one_may_not_do_is_absent_and_says_why(proposed, as_user, reviewer, registry_officer) -> None:
    from portal.accounts.models import RoleAssignment

    case = proposed()
    page = as_user(registry_officer).get(_case(case.number)).text
    assert _case(case.number, "withdraw") not in page and "仍然有效" in page
    RoleAssignment.objects.create(user=reviewer, role="registry_officer", region_id="150000")
    page = as_user(type(reviewer).objects.get(pk=reviewer.pk)).get(_case(case.number)).text
    assert _case(case.number, "confirm") not in page and "须由另一人办理" in page


def test_confirming_on_the_page(proposed, officer) -> None:
    case, waiting = proposed(), proposed()
    address = _case(case.number, "confirm")
    answer = officer.post(address, {"by": "credential"})
    assert answer.status_code == 200 and "须先核实本人属于技术工人" in answer.text
    answer = officer.post(address, {"is_skilled_worker": "on", "by": "other"})
    assert "请写明如何核实" in answer.text
    answer = officer.post(address, FINDING, follow=True)
    entry = RegistryEntry.objects.get(case=case)
    assert (
        case.inclusion.__class__.objects.get(case=case).established_how
        == "查验职业技能等级证书：编号S000015060012345"
    )
    assert entry.number in answer.text and "纳入通知和证书正在生成" in answer.text
    assert _case(waiting.number) in answer.text, "the next case is one click away"
    again = officer.post(address, FINDING)
    assert again.status_code == 409 and "已由高娃办理" in again.text
    assert RegistryEntry.objects.count() == 1


def test_declining_on_the_page(proposed, officer) -> None:
    case = proposed()
    address = _case(case.number, "decline")
    page = officer.get(address).text
    assert "救济途径" in page and "内蒙古自治区人民政府" in page
    assert "请写明理由" in officer.post(address, {"reason": " "}).text
    page = officer.post(address, {"reason": "经核实，本人不属于技术工人。"}, follow=True).text
    assert "不予纳入" in page and Letter.objects.get(case=case).number_text in page


def test_correction_and_back_on_the_pages(proposed, officer, as_user, clerk) -> None:
    case = proposed()
    assert (
        "至少写明一项" in officer.post(_case(case.number, "return_for_correction"), {"missing": " \n"}).text
    )
    page = officer.post(
        _case(case.number, "return_for_correction"), {"missing": "岗位证明\n\n证书复印件"}, follow=True
    ).text
    assert "等待补正" in page and "岗位证明" in page and "证书复印件" in page
    at_the_window = as_user(clerk)
    assert _case(case.number, "resubmit") in at_the_window.get(_case(case.number)).text
    at_the_window.post(_case(case.number, "resubmit"), {"reason": "已补交。"})
    assert Case.objects.get(pk=case.pk).state == State.PROPOSED


def test_a_fallen_honour_is_said_and_only_withdrawal_is_offered(proposed, as_user, clerk, officer) -> None:
    case = proposed()
    Honour.objects.filter(worker=case.worker).update(state="refuted")
    page = officer.get(_case(case.number)).text
    assert "依据已不成立" in page and _case(case.number, "confirm") not in page
    as_user(clerk).post(_case(case.number, "withdraw"), {"reason": "荣誉核实不符。"})
    assert Case.objects.get(pk=case.pk).state == State.WITHDRAWN


# -- lists ---------------------------------------------------------------------------------------------------
def test_the_list_of_proposals_and_its_filters(proposed, officer, registry_officer) -> None:
    mine = proposed("王建国", type="may_day_medal")
    other = proposed("李海燕", region=KUNDULUN)
    declined, returned = proposed("赵不纳"), proposed("孙补正")
    decline(declined.pk, by=registry_officer, on=TODAY, reason="不属于技术工人。")
    return_for_correction(returned.pk, by=registry_officer, on=TODAY, missing=["岗位证明"])

    def names(**query: str) -> set[str]:
        page = officer.get(reverse("registry:proposals"), query).text
        return {case.worker.name for case in (mine, other, declined, returned) if case.number in page}

    assert names() == {"王建国", "李海燕"}
    assert names(state="open") == {"王建国", "李海燕", "孙补正"}
    assert names(state="returned") == {"孙补正"}
    assert names(state="declined") == {"赵不纳"}
    assert names(region="150200") == {"李海燕"} and names(region="150624") == {"王建国"}
    assert names(name="建国") == {"王建国"}
    assert names(honour="may_day_medal") == {"王建国"} and names(basis="scarce_talent") == set()


def test_lists_cost_the_same_however_long(proposed, entry, officer, django_assert_max_num_queries) -> None:
    for _ in range(6):
        proposed()
        entry()
    for name in LISTS:
        officer.get(reverse(f"registry:{name}"))
        with django_assert_max_num_queries(16):
            officer.get(reverse(f"registry:{name}"))


def test_many_are_confirmed_after_their_names_were_repeated(proposed, officer, registry_officer) -> None:
    cases = [proposed() for _ in range(3)]
    done = proposed()
    decline(done.pk, by=registry_officer, on=TODAY, reason="不属于技术工人。")
    address, chosen = reverse("registry:confirm_chosen"), [str(case.pk) for case in [*cases, done]]
    page = officer.post(address, {"chosen": chosen}).text
    assert "确认纳入名录：3人" in page and all(case.worker.name in page for case in cases)
    assert "不在本次办理之内" in page and "不予纳入" in page
    assert "须先逐一核实" in officer.post(address, {"chosen": chosen, "sure": "1"}).text
    assert not Job.objects.exists()
    answer = officer.post(address, {"chosen": chosen, "sure": "1", **FINDING})
    job = Job.objects.get(kind="registry.confirm-many")
    assert answer.url == reverse("window:job", args=[job.pk])
    assert sorted(job.params["cases"]) == sorted(case.pk for case in cases)
    assert officer.post(address, {"chosen": ["x", ""]}).url == reverse("registry:proposals")


def test_status_on_the_page(entry, officer) -> None:
    one = entry()
    address = reverse("registry:status", args=[one.number])
    page = officer.get(address).text
    assert one.name in page and one.number in page and "移出：" in page and "恢复：" not in page
    assert officer.post(address, {"to": "active", "document": "x", "reason": "核实"}).status_code == 200
    assert not one.changes.exists()
    given = {"to": "removed", "document": "内人社函〔2026〕12号", "reason": "荣誉被撤销。"}
    page = officer.post(address, given, follow=True).text
    assert "已移出" in page and "内人社函〔2026〕12号" in page
    assert officer.get(address).url == reverse("registry:record", args=[one.number])
    page = officer.post(
        reverse("registry:again", args=[one.number]), {"reason": "撤销决定已被纠正。"}, follow=True
    ).text
    assert "已再次提出纳入建议" in page


def test_a_record_whose_honour_fell_says_so(entry, officer) -> None:
    one = entry()
    Honour.objects.filter(pk=one.honour_id).update(state="refuted")
    assert "纳入依据已不成立" in officer.get(reverse("registry:record", args=[one.number])).text


def test_removed_entries_are_found_by_filter(entry, officer, registry_officer) -> None:
    gone = entry("赵移出")
    change_status(
        gone.pk,
        Status.REMOVED,
        by=registry_officer,
        on=TODAY,
        document="内人社函〔2026〕1号",
        reason="本人申请。",
    )
    address = reverse("registry:entries")
    assert gone.number not in officer.get(address).text
    assert gone.number in officer.get(address, {"status": "removed"}).text


def test_letters_are_printed_in_the_order_of_the_list(
    entry, officer, registry_officer, as_user, auditor
) -> None:
    first, second, third = entry(), entry(), entry()
    change_status(
        second.pk,
        Status.SUSPENDED,
        by=registry_officer,
        on=TODAY,
        document="内人社函〔2026〕1号",
        reason="调查。",
    )
    address = reverse("registry:print")
    answer = officer.post(address, {"action": "print", "chosen": [first.pk, third.pk]})
    asked = PrintFile.objects.latest("pk")
    assert answer.url == reverse("letters:print", args=[asked.pk])
    cases = list(Letter.objects.filter(pk__in=asked.letters).values_list("pk", "case_id"))
    order = [dict(cases)[pk] for pk in asked.letters]
    assert order == [third.case_id, third.case_id, first.case_id, first.case_id]
    officer.post(address, {"action": "all"})
    everyone = PrintFile.objects.latest("pk")
    assert len(everyone.letters) == 6, (
        "the notice and the certificate of two; of the suspended one the notice and the decision"
    )
    assert not Letter.objects.filter(pk__in=everyone.letters, superseded_by__isnull=False).exists()
    assert officer.post(address, {"action": "print"}).url == reverse("registry:entries")
    assert as_user(auditor).post(address, {"action": "all"}).status_code == 403


# -- how long it took ----------------------------------------------------------------------------------------
def test_days_by_league(entry, officer) -> None:
    from datetime import timedelta

    from talent_registry.timeliness import figures

    for days in (10, 20, 30, 40):
        entry(conferred_on=TODAY - timedelta(days=days), year=2026)
    entry(region=KUNDULUN)
    rows, total = figures(RegistryEntry.objects.all())
    ordos = next(row for row in rows if row["league"] == "鄂尔多斯市")
    assert (ordos["conferred_median"], ordos["conferred_longest"]) == (25.0, 40)
    assert ordos["conferred_p90"] == pytest.approx(37)
    assert (total["count"], total["conferred_count"], total["verified_count"]) == (5, 4, 1)
    assert total["handling_median"] == 0
    page = officer.get(reverse("registry:timeliness"), {"year": "2026"}).text
    assert "鄂尔多斯市" in page and "包头市" in page and "合计" in page
    assert "还没有可以统计的人员" in officer.get(reverse("registry:timeliness"), {"year": "2025"}).text


def test_a_share_of_counted_days_is_what_the_database_would_say(db) -> None:
    """percentile_cont, over any days and counts."""
    import random

    from django.db import connection

    from talent_registry.timeliness import percentile

    draw = random.Random(6)
    with connection.cursor() as cursor:
        for size in (1, 2, 3, 10, 101):
            days = [draw.randrange(0, 40) for _ in range(size)]
            for share in (0.0, 0.5, 0.9, 1.0):
                cursor.execute(
                    "SELECT percentile_cont(%s) WITHIN GROUP (ORDER BY d) FROM unnest(%s) d", [share, days]
                )
                assert percentile(Counter(days), share) == pytest.approx(cursor.fetchone()[0]), (days, share)
    assert percentile(Counter(), 0.5) is None


def test_days_cost_two_questions_and_are_those_of_ones_own_region(
    entry, reviewer, django_assert_num_queries
) -> None:
    from talent_registry.search import league_choices
    from talent_registry.timeliness import figures

    for region in ("150624", "150624", KUNDULUN):
        entry(region=region)
    league_choices()  # remembered from here on
    seen = RegistryEntry.objects.visible_to(reviewer).filter(year=TODAY.year)
    with django_assert_num_queries(2):
        rows, total = figures(seen)
    assert [row["league"] for row in rows] == ["鄂尔多斯市"] and total["count"] == 2


def test_what_cannot_be_printed_is_said_on_the_list_it_came_from(entry, officer, registry_officer) -> None:
    from talent_registry.actions import change_status

    one = entry()
    for query, given, said in (
        ("?league=150600", {"action": "print"}, "没有选择人员"),
        ("", {"action": "print", "chosen": "99999"}, "没有选择人员"),
        ("?league=150200", {"action": "all"}, "没有选择人员"),
        ("?league=zzz", {"action": "all"}, "查询条件有误"),
    ):
        answer = officer.post(f"/registry/entries/print/{query}", given, follow=True)
        assert answer.redirect_chain == [(f"/registry/entries/{query}", 302)] and said in answer.text
    change_status(
        one.pk,
        "removed",
        by=registry_officer,
        on=one.included_on,
        document="内人社函〔2026〕12号",
        reason="复查。",
    )
    answer = officer.post("/registry/entries/print/", {"action": "print", "chosen": one.pk}, follow=True)
    assert "已移出名录" in answer.text


def test_a_page_of_an_action_that_is_over_leads_back_to_the_case(proposed, officer, registry_officer) -> None:
    from talent_registry.actions import confirm

    case = proposed()
    confirm(case.pk, by=registry_officer, on=case.opened_on, how="查验职业技能等级证书")
    for page in ("confirm", "decline", "correction"):
        answer = officer.get(f"/registry/cases/{case.number}/{page}/", follow=True)
        assert answer.redirect_chain == [(f"/registry/cases/{case.number}/", 302)]
        assert "办件当前状态为“已纳入”" in answer.text
