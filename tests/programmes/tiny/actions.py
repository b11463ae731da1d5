"""Asking for an allowance, granting it, taking it back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from portal import audit
from portal.accounts.access import WHOLE_REGION, require
from portal.cases.actions import NewCase, open_cases, transition
from portal.cases.models import Case
from portal.cases.own_page import register_own_page
from portal.cases.workflow import Duty
from portal.letters.actions import issue
from portal.workforce.models import Worker
from tests.programmes.tiny.letters import GRANTED
from tests.programmes.tiny.models import Allowance
from tests.programmes.tiny.workflow import ALLOWANCE


@transaction.atomic
def ask(worker_id: int, tools: str, *, by: Any, on: date) -> Case:
    """Open a case for a worker at the window. Raises Refused."""
    worker = Worker.objects.select_for_update().get(pk=worker_id)
    require(by, "tiny.take", worker.work_region_id)
    new = NewCase(worker.work_region_id, worker.pk, f"{tools}：{worker.name}", {Duty.ACCEPT: by.pk})
    [case] = open_cases(ALLOWANCE, [new], by=by, on=on)
    Allowance.objects.create(case=case, tools=tools)
    audit.record(
        "tiny.note",
        by=by,
        obj=case,
        worker=worker,
        region=case.region_id,
        detail={"tools": tools},
    )
    return case


def grant(case_id: int, *, by: Any, on: date) -> Case:
    """Grant the allowance and tell the worker by letter. Raises Refused, NotNow."""
    with transition(case_id, "grant", by=by, on=on) as case:
        issue(
            kind=GRANTED,
            issuer=WHOLE_REGION,
            context={"tools": case.allowance.tools},
            addressee=case.worker.name,
            region=case.region_id,
            worker=case.worker_id,
            case=case,
            by=by,
            on=on,
        )
    return case


def withdraw(case_id: int, *, by: Any, on: date) -> Case:
    """The worker wants it no more. Raises Refused, NotNow."""
    with transition(case_id, "withdraw", by=by, on=on) as case:
        return case


def answer(case: Case) -> str:
    return f"补助工具：{case.allowance.tools}" if case.state == "granted" else ""


def register() -> None:
    """On their own page the worker may take it back, and reads what was granted."""
    register_own_page(ALLOWANCE, withdraw=withdraw, answer=answer)
