"""A decision against 王建国 is in force, and its letter waits for a figure that it has to name."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.cases.models import Case
from portal.letters.models import Letter
from portal.letters.remedies import RECONSIDERATION_BODIES
from portal.policy.actions import add_parameter_value, confirm_parameter_value
from portal.policy.models import Parameter
from subsidies import adverse_letters, signing
from subsidies.models import AdverseDecision, Reconsideration

pytestmark = pytest.mark.django_db
TUESDAY, FRIDAY = date(2026, 11, 17), date(2026, 11, 20)
ASKS = "证书编号登记有误，现提交正确的编号。"
FOUND = "证书编号更正后在全国联网查询中查到，原决定的事实有误。"


def body(value: Any, since: date, cast: Any) -> None:
    parameter = Parameter.objects.get(code=RECONSIDERATION_BODIES)
    by = cast("policy_officer")
    given = {"since": since, "document": "合成文号〔2026〕1号", "by": by}
    confirm_parameter_value(add_parameter_value(parameter, value, **given), by=cast("second_policy_officer"))


def test_without_a_figure_the_letter_waits_until_it_is_there(
    cast: Any, rejected: Any, welding: Any, own: Any, second_approver: Any
) -> None:
    body({"150200": "包头市人民政府"}, date(2026, 11, 1), cast)
    claim = rejected(welding)
    decision = AdverseDecision.objects.get(claim=claim)
    assert (Case.objects.get(pk=claim.pk).state, decision.state, decision.letter) == (
        "rejected",
        "signed",
        None,
    )
    assert adverse_letters.missing(decision.claim, TUESDAY) == ["行政复议机关"]
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    signing.uphold(claim.pk, reason=FOUND, by=second_approver, on=TUESDAY)
    assert Reconsideration.objects.get().letter is None
    assert adverse_letters.issue_waiting(on=TUESDAY) == 0
    body({"150600": "鄂尔多斯市人民政府"}, FRIDAY, cast)
    assert adverse_letters.issue_waiting(on=TUESDAY) == 0, "the figure begins on Friday"
    assert adverse_letters.issue_waiting(on=FRIDAY) == 2
    decision.refresh_from_db()
    assert (decision.letter.issued_on, decision.letter.issued_by) == (FRIDAY, cast("regional_reviewer"))
    assert decision.letter.number_text in Reconsideration.objects.get().letter.context["decision"]
    assert adverse_letters.issue_waiting(on=FRIDAY) == 0


def test_a_confirmed_figure_asks_for_the_letters_that_wait(
    cast: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    from subsidies import tasks

    asked: list[str] = []
    monkeypatch.setattr(tasks.issue_waiting, "delay", lambda: asked.append("asked"))
    with django_capture_on_commit_callbacks(execute=True):
        body({"150600": "鄂尔多斯市人民政府"}, FRIDAY, cast)
    assert asked == ["asked"]
    with django_capture_on_commit_callbacks(execute=True):
        tasks.law_changed(["training.skill-upgrade.ceiling"])
    assert asked == ["asked"]
    assert tasks.issue_waiting() == 0


def test_what_was_turned_before_its_letter_went_is_told_once(
    cast: Any, rejected: Any, welding: Any, own: Any, second_approver: Any
) -> None:
    body({"150200": "包头市人民政府"}, date(2026, 11, 1), cast)
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    signing.turn(claim.pk, reason=FOUND, by=second_approver, on=TUESDAY)
    assert Reconsideration.objects.get().letter is not None, "good news waits for no figure"
    body({"150600": "鄂尔多斯市人民政府"}, TUESDAY, cast)
    assert adverse_letters.issue_waiting(on=TUESDAY) == 0
    assert not Letter.objects.filter(case=claim.pk, adverse=True).exists()
