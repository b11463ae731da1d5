"""Two who sign, or answer, in the same moment: one does, the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connections

from portal.cases.actions import NotNow
from portal.cases.models import Case, CaseDuty
from portal.letters.models import Letter
from subsidies import claiming, signing
from subsidies.models import AdverseDecision, Reconsideration
from tests.subsidies.conftest import GROUNDS, MONDAY

FRIDAY = date(2026, 11, 20)
FOUND = "原决定的事实有误。"


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """What each of several is told who act from connections of their own; empty when it is done."""
    said: list[str] = []
    begin = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            begin.wait(timeout=60)
            act()
            said.append("")
        except NotNow as refusal:
            said.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def test_two_who_sign_at_once_sign_once(committed: str, cast: Any, welding: Any, handed_in: Any) -> None:
    claim = handed_in(welding)
    claiming.refuse(claim.pk, reason=GROUNDS, by=cast("clerk"), on=MONDAY)
    one, other = cast("reviewer"), cast("supervisor")
    said = at_once(
        lambda: signing.countersign(claim.pk, by=one, on=FRIDAY),
        lambda: signing.countersign(claim.pk, by=other, on=FRIDAY),
    )
    assert said[0] == "" and said[1] != "", said
    assert AdverseDecision.objects.get().signed_by in {one, other}
    assert CaseDuty.objects.filter(case=claim.pk, duty="countersign").count() == 1
    assert Letter.objects.filter(case=claim.pk, adverse=True).count() == 1


def test_two_who_answer_at_once_answer_once(
    committed: str, cast: Any, welding: Any, rejected: Any, second_approver: Any
) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=FOUND, by=cast("clerk"), on=MONDAY)
    supervisor = cast("supervisor")
    said = at_once(
        lambda: signing.uphold(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY),
        lambda: signing.turn(claim.pk, reason=FOUND, by=supervisor, on=FRIDAY),
    )
    assert said[0] == "" and said[1] != "", said
    assert Reconsideration.objects.get().finding in {"upheld", "turned"}
    assert CaseDuty.objects.filter(case=claim.pk, duty="reconsider").count() == 1


def test_asked_twice_at_once_it_is_asked_once(committed: str, cast: Any, welding: Any, rejected: Any) -> None:
    claim = rejected(welding)
    one, other = cast("clerk"), cast("second_clerk")
    said = at_once(
        lambda: signing.ask(claim.pk, grounds=FOUND, by=one, on=MONDAY),
        lambda: signing.ask(claim.pk, grounds=FOUND, by=other, on=MONDAY),
    )
    assert said[0] == "" and "当前状态为“复核申请办理中”" in said[1]
    assert Reconsideration.objects.count() == 1


def test_taken_back_and_signed_at_once_one_of_both_holds(
    committed: str, cast: Any, welding: Any, handed_in: Any, own: Any
) -> None:
    """Either it is decided and the worker is told, or it is taken back and nothing was ever decided."""
    claim = handed_in(welding)
    claiming.refuse(claim.pk, reason=GROUNDS, by=cast("clerk"), on=MONDAY)
    signer = cast("supervisor")
    said = at_once(
        lambda: signing.countersign(claim.pk, by=signer, on=FRIDAY),
        lambda: claiming.withdraw(claim.pk, by=own, on=FRIDAY),
    )
    assert said[0] == "" and "当前状态为" in said[1], said
    state = Case.objects.values_list("state", flat=True).get(pk=claim.pk)
    decision = AdverseDecision.objects.get()
    letters = Letter.objects.filter(case=claim.pk, adverse=True).count()
    wanted = {"withdrawn": ("lapsed", None, 0), "refused": ("signed", signer, 1)}[state]
    assert (decision.state, decision.signed_by, letters) == wanted
