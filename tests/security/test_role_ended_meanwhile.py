"""Somebody's role ends while a form stands open before them: in real browsers, on a real portal with a second factor."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.cases.models import Case, CaseEvent
from portal.letters.models import Letter
from portal.workforce.models import SkillCredential
from talent_registry.actions import propose
from talent_registry.models import RegistryEntry
from tests.cast import KUNDULUN, company, make_honour, make_worker
from tests.journeys.people import Person, sits_down
from tests.live import Live, needs_browser
from tests.looking import overflow, violations

pytestmark = [pytest.mark.journey, needs_browser]
__all__ = ["sits_down"]
WITHOUT_WORKER = True
REAL = True


def ends_the_role(administrator: Person, username: str, role: str) -> None:
    """As the security administrator does it: the account, the role, what it means, and done."""
    account = User.objects.get(username=username)
    administrator.go(f"/accounts/users/{account.pk}/").follow("解除").sees("立即生效").press("解除")
    administrator.sees(f"已解除{account}的{role}角色")


def is_told(person: Person, place_and_role: str, secrets: list[str]) -> None:
    """What happened, that nothing was stored, what to do; nothing of what was on the page before."""
    said = person.reads()
    for words in (
        f"您担任的{place_and_role}已于", "解除。", "您刚才提交的内容没有保存。",
        "请联系本单位的安全管理员，重新任用后再打开本页重新填写",
    ):  # fmt: skip
        assert words in said, words
    assert_nothing_of(person, secrets)
    assert violations(person.page) == []
    person.page.set_viewport_size({"width": 390, "height": 800})
    assert overflow(person.page) <= 0


def assert_nothing_of(person: Person, secrets: list[str]) -> None:
    shown = person.page.content()
    assert [text for text in secrets if text in shown] == []


def goes_back(person: Person, times: int, secrets: list[str]) -> None:
    """Nothing that was seen before comes back: every page is asked for again, and refused."""
    for _ in range(times):
        answer = person.page.go_back()
        assert answer is not None and answer.status == 403, person.page.url
        assert_nothing_of(person, secrets)


def refused_to(username: str) -> list[Entry]:
    found = Entry.objects.filter(action="access.refused", actor_name=username)
    return list(found.order_by("pk"))


def test_a_record_form(live: Live, sits_down: Any) -> None:
    clerk: Person = sits_down("clerk")
    worker = make_worker("斯琴图雅")
    secrets = [worker.name, worker.masked_id_number, "1515000000600777"]
    clerk.go(f"/window/workers/{worker.pk}/").sees(worker.masked_id_number)
    clerk.go(f"/window/workers/{worker.pk}/credential/new/")
    clerk.fill("职业", "焊工").fill("证书编号", "1515000000600777")
    clerk.page.select_option("[name=level]", index=1)
    clerk.page.fill("[name=issued_on]", "2024-06-01")

    ends_the_role(sits_down("security_admin"), "otog.clerk", "窗口经办员")
    noted = Entry.objects.filter(worker_ref=worker.pk).count()
    clerk.press("保存")

    is_told(clerk, "鄂尔多斯市鄂托克旗窗口经办员", secrets)
    assert not SkillCredential.objects.filter(worker=worker).exists()
    [entry] = refused_to("otog.clerk")
    assert entry.detail == {"page": "POST window:record_new", "status": 403, "times": 1}
    goes_back(clerk, 2, secrets)
    assert Entry.objects.filter(worker_ref=worker.pk).count() == noted, "nothing was shown"


def proposed(name: str) -> Case:
    """The case of somebody whose honour was verified."""
    worker, people = make_worker(name), company()
    make_honour(worker, recorded_by=people("clerk"), verified_by=people("reviewer"))
    [case] = propose([worker.pk], by=None, on=timezone.localdate())
    return case


def test_what_was_answered_before_is_not_read_again(live: Live, sits_down: Any) -> None:
    """A form with a mistake was sent back with what was typed, and is kept under an address of its own."""
    clerk: Person = sits_down("second_clerk")
    worker = make_worker("乌日娜其木格")
    clerk.go(f"/window/workers/{worker.pk}/credential/new/").fill("证书编号", "1515000000600888").press(
        "保存"
    )
    sent_back = clerk.path
    assert "answer=" in sent_back and "1515000000600888" in clerk.page.content()
    ends_the_role(sits_down("security_admin"), "otog.clerk2", "窗口经办员")
    clerk.go(sent_back)
    assert_nothing_of(clerk, [worker.name, worker.masked_id_number, "1515000000600888"])
    assert "窗口经办员已于" in clerk.reads() and "没有保存" not in clerk.reads()


def test_a_page_from_the_memory_of_a_browser_is_asked_for_again(live: Live, sits_down: Any) -> None:
    """Some browsers show a page again as it stood, whatever was said about storing it."""
    reviewer: Person = sits_down("baotou_reviewer")
    worker = make_worker("昆都仑焊工", region=KUNDULUN)
    reviewer.go(f"/window/workers/{worker.pk}/").sees(worker.masked_id_number)
    ends_the_role(sits_down("security_admin"), "baotou.reviewer", "盟市审核员")
    with reviewer.page.expect_navigation():
        reviewer.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert "盟市审核员已于" in reviewer.reads()
    assert_nothing_of(reviewer, [worker.name, worker.masked_id_number])


def test_a_decision_on_a_case(live: Live, sits_down: Any) -> None:
    officer: Person = sits_down("registry_officer")
    case = proposed("阿拉坦其其格")
    assert case.worker is not None
    secrets = [case.worker.name, case.worker.masked_id_number]
    events, letters = CaseEvent.objects.count(), Letter.objects.count()
    officer.go(f"/registry/cases/{case.number}/").follow("确认纳入")
    officer.check("经核实，本人属于技术工人").check("查验职业技能等级证书")

    ends_the_role(sits_down("security_admin"), "region.registry", "名录管理员")
    officer.press("确认纳入")

    is_told(officer, "内蒙古自治区名录管理员", secrets)
    case.refresh_from_db()
    assert case.closed_at is None and CaseEvent.objects.count() == events
    assert not RegistryEntry.objects.exists() and Letter.objects.count() == letters
    [entry] = refused_to("region.registry")
    assert entry.detail == {"page": "POST registry:confirm", "status": 403, "times": 1}
    goes_back(officer, 2, secrets)
