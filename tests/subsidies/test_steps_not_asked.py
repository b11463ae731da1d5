"""A page of a step asks nothing of whoever cannot take it now: it says why, on the page before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.jobs import runner
from subsidies import courses, voiding
from subsidies.models import CompletedTraining, TrainingVoiding
from subsidies.schemes import SKILL_UPGRADE
from tests.selection.nominees import make_employer
from tests.subsidies.conftest import training
from tests.subsidies.unit_lists import certified, given_in, line_of, put_forward, works_in

pytestmark = pytest.mark.django_db
WHY = "培训机构来函：该证书系误发。"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)


@pytest.fixture
def attended(welder: Any, cast: Any) -> CompletedTraining:
    return training(welder, by=cast("clerk"), confirmed_by=cast("reviewer"))


def told(client: Any, address: str) -> str:
    """What somebody reads who opens the page of a step, sent back to the page before."""
    answer = client.get(address, follow=True)
    assert answer.redirect_chain, f"{address} asks although it cannot be done"
    shown: str = answer.content.decode()
    return shown


def test_a_voiding_that_was_asked_for_is_not_asked_for_again(attended: Any, cast: Any, as_user: Any) -> None:
    address = reverse("subsidies:void_training", args=[attended.pk])
    reviewer = as_user(cast("reviewer"))
    assert reviewer.get(address).status_code == 200
    voiding.ask(attended.pk, reason=WHY, by=cast("clerk"), on=timezone.localdate())
    assert "已经提出，正待另一人复核" in told(reviewer, address)
    sent = reviewer.post(address, {"reason": WHY})
    assert sent.status_code == 409 and TrainingVoiding.objects.count() == 1, "what was sent is answered"


def test_whoever_asked_is_not_asked_to_agree(attended: Any, cast: Any, as_user: Any) -> None:
    voiding.ask(attended.pk, reason=WHY, by=cast("reviewer"), on=timezone.localdate())
    address = reverse("subsidies:judge_voiding", args=[attended.pk])
    assert "提出人以外的另一人复核" in told(as_user(cast("reviewer")), address)
    other = as_user(cast("second_reviewer"))
    assert other.get(address).status_code == 200
    voiding.agree(attended.pk, seen="来函。", by=cast("second_reviewer"), on=timezone.localdate())
    assert "没有待复核的作废" in told(other, address)
    assert "只有已确认的可以作废" in told(other, reverse("subsidies:void_training", args=[attended.pk]))


def test_a_training_that_was_judged_is_not_judged_again(attended: Any, cast: Any, as_user: Any) -> None:
    address = reverse("subsidies:confirm_training", args=[attended.pk])
    assert "不需要再办理" in told(as_user(cast("reviewer")), address)


def test_whoever_entered_a_setting_is_not_asked_to_confirm_it(cast: Any, as_user: Any) -> None:
    today = timezone.localdate()
    values = {
        "kind": SKILL_UPGRADE,
        "league": None,
        "since": today + timedelta(days=7),
        "working_days": 10,
        "second_review_from": None,
        "region_decides_from": None,
        "basis": "合成文号〔2026〕3号",
    }
    entered = courses.enter(values, by=cast("supervisor"), on=today)
    address = reverse("subsidies:confirm_course", args=[entered.pk])
    assert "录入人以外的另一人" in told(as_user(cast("supervisor")), address)
    assert as_user(cast("policy_officer")).get(address).status_code == 200


def test_a_list_is_confirmed_once(cast: Any, as_user: Any) -> None:
    agent = cast("employer_agent")
    plant = make_employer("鄂托克焦化有限责任公司", agents=(agent,))
    worker = works_in(plant, "王建国", cast("reviewer"))
    line = line_of(certified(worker, cast("reviewer"), "S1"))
    desk, checked = as_user(agent), given_in(plant, line, by=agent)
    address = reverse("subsidies:unit_file_confirm", args=[checked.pk])
    assert desk.get(address).status_code == 200
    done = put_forward(plant, line, by=agent)
    assert "当前为“已提出”" in told(desk, reverse("subsidies:unit_file_confirm", args=[done.pk]))
