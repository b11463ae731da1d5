"""A claim is rejected by two, 王建国 asks on his phone for a second look, and is paid after all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils import timezone

from portal.letters import tasks
from portal.letters.models import Letter
from portal.workforce.models import BenefitClaim
from subsidies import claiming, handling
from subsidies.models import AdverseDecision, Claim, Reconsideration
from subsidies.schemes import SKILL_UPGRADE
from tests.cast import OTOG, PASSWORD, company, make_account, make_worker
from tests.journeys.people import Person, sits_down
from tests.live import Live, needs_browser
from tests.looking import overflow, violations
from tests.subsidies.conftest import certificate, in_work

pytestmark = [pytest.mark.journey, needs_browser]
# Nobody here waits for a letter's file.
WITHOUT_WORKER = True
__all__ = ["sits_down"]

GROUNDS = "经核查，证书编号S000015000001在全国联网查询中未查到。"
ASKS = "证书编号登记有误，请按证书原件重新查询。"
FOUND = "按证书原件上的编号在全国联网查询中已查到，原决定认定的事实有误。"
WORKER_ACCOUNT = "wang.jianguo"


def looks_right(person: Person) -> None:
    assert violations(person.page) == []
    assert overflow(person.page) <= 0


def signs_in(worker: Any) -> None:
    """The worker has an account, as after activation."""
    account = make_account(WORKER_ACCOUNT, worker.name, "worker", OTOG)
    hasher = PBKDF2PasswordHasher()
    account.password = hasher.encode(PASSWORD, hasher.salt(), iterations=1)
    account.save(update_fields=["password"])
    worker.account = account
    worker.save(update_fields=["account"])


def reviewed_claim(worker: Any) -> Claim:
    """Handed in at the window, taken in and reviewed, as other journeys play it."""
    cast, today = company(), timezone.localdate()
    in_work(worker, cast("reviewer"))
    credential = certificate(
        worker, cast("reviewer"), number="S000015000001", issued_on=today - timedelta(days=60)
    )
    with mock.patch.object(tasks.build_letters, "delay"):
        claim = claiming.claim_at_once(
            credential.pk, SKILL_UPGRADE, channel="window", by=cast("clerk"), on=today
        )
        claiming.accept(claim.pk, by=cast("clerk"), on=today)
        handling.review(claim.pk, by=cast("reviewer"), on=today)
    return claim


def writes(person: Person, label: str, text: str) -> None:
    person.page.locator("main").get_by_label(label, exact=False).first.fill(text)


def test_from_the_rejection_to_the_approval(live: Live, sits_down: Any) -> None:
    worker = make_worker("王建国")
    claim = reviewed_claim(worker)
    signs_in(worker)
    page = f"/subsidies/claims/{claim.case.number}/"

    # The approver decides against it; nothing is said to the worker yet.
    approver: Person = sits_down("approver")
    approver.go(page).follow("拟不予批准")
    writes(approver, "事实和理由", GROUNDS)
    looks_right(approver)
    approver.press("拟不予批准，交会签").sees("由另一人会签后作出决定")
    phone: Person = sits_down(None, width=390, username=WORKER_ACCOUNT)
    assert GROUNDS not in phone.go(page).reads()

    # Another person finds it among what waits, reads what was decided, and signs.
    second: Person = sits_down("regional_reviewer")
    second.go("/window/").sees(claim.case.number)
    second.go(page).follow("会签").sees(GROUNDS)
    looks_right(second)
    second.press("会签").sees("不予批准决定自此作出")
    looks_right(second)
    letter = AdverseDecision.objects.get().letter
    assert letter is not None and letter.adverse

    # On the phone: who decided, what can be done about it, and that the office may look again.
    phone.go("/subsidies/mine/").sees("不予批准").follow(claim.case.number)
    phone.sees(GROUNDS).sees("60日内向鄂尔多斯市人民政府申请行政复议").sees("不是行政复议")
    looks_right(phone)
    phone.follow("申请复核")
    looks_right(phone)
    writes(phone, "申请复核的理由", ASKS)
    phone.press("申请复核").sees("复核申请办理中")

    # Whoever decided is told that somebody else answers; the supervisor does.
    assert "须由另一人办理" in approver.go(page).page.content()
    supervisor: Person = sits_down("supervisor")
    supervisor.go("/window/").sees(claim.case.number)
    supervisor.go(page).sees(ASKS).follow("改变原决定，重新审批")
    writes(supervisor, "复核理由", FOUND)
    looks_right(supervisor)
    supervisor.press("改变原决定").sees("申请现为“待审批”")
    assert Reconsideration.objects.get().finding == "turned"

    # Back with the approver, under the law of the day of the hand-in.
    approver.go(page).follow("批准")
    approver.press("批准").sees("已批准")
    claim.refresh_from_db()
    assert claim.amount == 1500 and BenefitClaim.objects.filter(worker=worker).count() == 1
    phone.go(page).sees("1,500元").sees("复核后改变")
    looks_right(phone)
    kinds = list(Letter.objects.filter(case=claim.pk).order_by("pk").values_list("kind", flat=True))
    assert kinds == [
        *("subsidies.receipt", "subsidies.rejection"),
        *("subsidies.request", "subsidies.turned", "subsidies.approval"),
    ]
