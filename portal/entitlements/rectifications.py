"""A worker asks for something the register says to be put right; the window checks and answers.

What the register said is kept with the request, so that "corrected" means that it says something else now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from portal.accounts.access import require
from portal.cases.actions import NewCase, NotNow, open_cases, transition
from portal.cases.models import Case
from portal.cases.own_page import register_own_page
from portal.entitlements.known_facts import register_facts_of
from portal.entitlements.models import RectificationRequest
from portal.entitlements.workflow import RECTIFICATION
from portal.policy.facts import FACTS
from portal.workforce.models import Worker
from portal.workforce.models.base import own_records

# A person may have so many requests waiting at once.
MOST_OPEN = 5


def recorded(worker_id: int, facts: Sequence[str], *, on: date) -> dict[str, Any]:
    """What the register says of these facts as of `on`, in canonical form; null for what it does not know."""
    row = register_facts_of(worker_id, on)
    return {fact: row[fact] for fact in facts}


@transaction.atomic
def request_rectification(worker_id: int, facts: Sequence[str], statement: str, *, by: Any, on: date) -> Case:
    """Open a request about these facts, by the worker or by a clerk in whose presence they say so.

    Raises `Refused`; `NotNow` for a fact there is not, an empty statement, a second request about the same
    facts, or too many.
    """
    # The lock keeps two clicks from opening two requests.
    worker = Worker.objects.select_for_update(of=("self",)).select_related("account").get(pk=worker_id)
    if worker.pk not in own_records(by):
        require(by, "worker.edit", worker.work_region_id)
    chosen = [fact for fact in FACTS if fact in set(facts)]
    statement = statement.strip()
    if not chosen or len(chosen) != len(set(facts)):
        raise NotNow("请选择需要更正的信息。")
    if not statement:
        raise NotNow("请写明哪里不对，正确的情况是什么。")
    waiting = RectificationRequest.objects.filter(case__worker=worker, case__closed_at__isnull=True)
    if any(set(request.facts) & set(chosen) for request in waiting):
        raise NotNow("您已就这项信息提出过更正申请，正在核实中，不必重复提交。")
    if len(waiting) >= MOST_OPEN:
        raise NotNow(f"已有{MOST_OPEN}件更正申请在核实中，请等待处理后再提交，或到服务窗口一并说明。")
    labels = "、".join(str(FACTS[fact].verbose_name) for fact in chosen)
    subject = f"更正{labels}"[:120]
    (case,) = open_cases(
        RECTIFICATION,
        [NewCase(region_id=worker.work_region_id, worker_id=worker.pk, subject=f"{subject}：{worker.name}")],
        by=by,
        on=on,
    )
    RectificationRequest.objects.create(
        case=case, facts=chosen, shown=recorded(worker.pk, chosen, on=on), statement=statement[:500]
    )
    return case


def rectify(case_id: int, *, by: Any, on: date, reason: str) -> RectificationRequest:
    """The record was put right. Raises `Refused`; `NotNow` while the register still says what it said."""
    with transition(case_id, "rectify", by=by, on=on, reason=reason) as case:
        request = RectificationRequest.objects.get(pk=case.pk)
        if case.worker_id is None or recorded(case.worker_id, request.facts, on=on) == request.shown:
            raise NotNow(
                "档案中的这项信息还没有变化。请先在人员档案中更正，再回到这里办结；"
                "已提出变更的，待他人确认后再办结；"
                "核实无误的，选择“维持原记录”。"
            )
        return _save_answer(request, reason)


def keep(case_id: int, *, by: Any, on: date, reason: str) -> RectificationRequest:
    """The record is right as it stands; the worker reads why. Raises `Refused`, `NotNow`."""
    with transition(case_id, "keep", by=by, on=on, reason=reason) as case:
        return _save_answer(RectificationRequest.objects.get(pk=case.pk), reason)


def withdraw(case_id: int, *, by: Any, on: date, reason: str = "") -> Case:
    """The worker lets it be. Raises `Refused`, `NotNow`."""
    with transition(case_id, "withdraw", by=by, on=on, reason=reason) as case:
        return case


def register() -> None:
    """On their own page the worker may let it be, and reads the answer."""
    register_own_page(
        RECTIFICATION, withdraw=withdraw, answer=lambda case: str(case.rectification_request.answer)
    )


def _save_answer(request: RectificationRequest, text: str) -> RectificationRequest:
    request.answer = text.strip()[:500]
    request.save(update_fields=["answer"])
    return request
