"""The tiny programme is one of the house: every menu, list, search and page treats it as any other.

Not collected by itself: test_tiny.py runs it in a process in which the programme is installed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.accounts.access import Refused, can
from portal.accounts.forms import duties_of
from portal.accounts.homes import homes
from portal.cases.actions import NotNow
from portal.cases.models import AllowedMove, Case, ClockRule
from portal.cases.workflow import workflow_of
from portal.letters.models import Letter
from portal.my.rectifications import _ALSO
from portal.pages import context
from portal.policy.determine import explain_determination
from portal.policy.engine import current_rules
from portal.policy.intake import FactsRefused, validate_facts
from portal.policy.law import DayLaw, law_on
from portal.policy.models import Determination
from portal.policy.rederive import as_known_today, replay
from portal.policy.replay import parse
from portal.policy.rules import RuleError, definition, need
from portal.policy.sets import evaluate
from portal.policy.subjects import determine_subjects, foresee_subject, subject_kind
from tests.programmes.tiny import actions
from tests.programmes.tiny.benefits import ALLOWANCE as ALLOWANCE_SUBJECT
from tests.programmes.tiny.benefits import BENEFIT, FACTS, TOOL
from tests.programmes.tiny.models import Allowance
from tests.programmes.tiny.workflow import ALLOWANCE

MONDAY = date(2026, 11, 16)


@pytest.fixture(autouse=True)
def _nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.letters import tasks

    monkeypatch.setattr(tasks.build_letters, "delay", lambda letters: None)


@pytest.fixture
def case(cast: Any, worker: Any) -> Case:
    ClockRule.objects.create(kind=ALLOWANCE, working_days=3, basis="测试")
    return actions.ask(worker.pk, "扳手", by=cast("clerk"), on=MONDAY)


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def labels(links: list[context.Link]) -> list[str]:
    return [link.label for link in links]


# -- who may, and the menus ----------------------------------------------------------------------------------
def test_its_permissions_are_held_like_others(cast: Any, worker: Any) -> None:
    assert can(cast("clerk"), "tiny.take", worker.work_region_id)
    assert not can(cast("baotou_clerk"), "tiny.take", worker.work_region_id)
    assert "核定工具补助" in duties_of("regional_reviewer")
    with pytest.raises(Refused, match="您没有“受理工具补助”的权限。这项工作由窗口经办员办理。"):
        actions.ask(worker.pk, "扳手", by=cast("auditor"), on=MONDAY)


def test_its_entries_stand_in_every_menu(cast: Any) -> None:
    assert "工具补助" in labels(context.staff_nav(cast("clerk"), "/"))
    assert "工具补助" not in labels(context.staff_nav(cast("auditor"), "/"))
    here = context.public_nav(reverse("tiny:granted"))
    assert [link.label for link in here if link.current] == ["工具补助公布"]
    assert not [link for link in context.public_nav(reverse("tiny:allowances")) if link.current]
    assert "工具补助办法" in labels(context.frame("/", cast("clerk"))["foot_nav"]())


def test_a_role_outside_the_staff_comes_home_to_it(cast: Any) -> None:
    assert homes(cast("training_provider")) == [("工具补助名单", "tiny:rules")]


def test_the_public_finds_what_it_publishes(db: None, cast: Any, as_user: Any) -> None:
    home = text(Client(), "/")
    assert "高技能领军人才名录、工具补助名单依法公示" in home and f'href="{reverse("tiny:granted")}"' in home
    no_record = text(as_user(cast("auditor")), "/my/")
    assert "政策条款</a>、<a" in no_record and "和<a" in no_record and "工具补助公布" in no_record


# -- a case and its pages ------------------------------------------------------------------------------------
def test_the_window_begins_on_the_page_of_a_person(cast: Any, as_user: Any, worker: Any) -> None:
    clerk = as_user(cast("clerk"))
    begin = reverse("tiny:new", args=[worker.pk])
    assert begin in text(clerk, reverse("window:worker", args=[worker.pk]))
    refused = text(as_user(cast("reviewer")), reverse("window:worker", args=[worker.pk]))
    assert begin not in refused and "受理工具补助" in refused
    answer = clerk.post(begin, {"tools": "扳手"})
    opened = Case.objects.get(kind=ALLOWANCE)
    assert answer["Location"] == reverse("tiny:case", args=[opened.number])
    assert opened.number in text(clerk, reverse("window:worker", args=[worker.pk]))


def test_its_cases_stand_in_the_worklist_and_all_lists(cast: Any, as_user: Any, case: Case) -> None:
    officer = as_user(cast("regional_reviewer"))
    assert case.due_on is not None
    for address in (reverse("window:home"), reverse("window:cases"), f"/window/cases/?kind={ALLOWANCE}"):
        page = text(officer, address)
        assert case.number in page and "工具补助" in page
    assert case.number not in text(as_user(cast("baotou_clerk")), reverse("window:cases"))
    assert case.number in text(officer, f"/window/cases/?state={ALLOWANCE}:asked")
    assert (
        reverse("tiny:case", args=[case.number]) == officer.get(f"/window/cases/{case.number}/")["Location"]
    )


def test_search_finds_its_cases(cast: Any, as_user: Any, case: Case) -> None:
    clerk = as_user(cast("clerk"))
    by_number = clerk.get(reverse("window:search"), {"q": case.number})
    assert by_number["Location"] == reverse("window:case", args=[case.number])
    by_name = clerk.get(reverse("window:search"), {"q": case.worker.name})
    assert case.number in by_name.content.decode()


def test_the_page_of_a_case_and_both_actions(cast: Any, as_user: Any, case: Case) -> None:
    officer = as_user(cast("regional_reviewer"))
    page = text(officer, reverse("tiny:case", args=[case.number]))
    assert "核定补助" in page and "核定工具补助并书面通知本人。" in page
    assert "您没有“受理工具补助”的权限" in page, "why it is not for this officer to take it back"
    asked = text(officer, reverse("tiny:step", args=[case.number, "grant"]))
    assert "核定工具补助并书面通知本人。" in asked
    assert officer.post(reverse("tiny:step", args=[case.number, "grant"])).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.closed_at is not None) == ("granted", True)
    letter = Letter.objects.get(case=case)
    assert letter.number_text in text(officer, reverse("tiny:case", args=[case.number]))
    assert "工具补助通知" in text(officer, reverse("window:letters"))


def test_the_database_knows_its_moves(cast: Any, case: Case) -> None:
    assert AllowedMove.objects.filter(kind=ALLOWANCE).count() == 3
    with pytest.raises(Refused):
        actions.grant(case.pk, by=cast("clerk"), on=MONDAY)
    actions.withdraw(case.pk, by=cast("clerk"), on=MONDAY)
    with pytest.raises(NotNow):
        actions.grant(case.pk, by=cast("regional_reviewer"), on=MONDAY)


def test_its_letter_is_composed(cast: Any, case: Case) -> None:
    from portal.letters.composing import compose

    actions.grant(case.pk, by=cast("regional_reviewer"), on=MONDAY)
    assert "补助你以下工具：扳手" in compose(Letter.objects.get(case=case)).html


def test_time_limits_are_set_for_it(cast: Any, as_user: Any) -> None:
    assert workflow_of(ALLOWANCE).title in text(as_user(cast("supervisor")), reverse("window:clock"))


# -- the worker's own pages and the public inquiry -----------------------------------------------------------
def test_the_worker_sees_it_and_takes_it_back(
    worker_user: Any, as_user: Any, case: Case, django_capture_on_commit_callbacks: Any
) -> None:
    mine = as_user(worker_user)
    assert f'href="{reverse("tiny:granted")}"' in text(mine, "/my/cases/"), "a part of the worker's own pages"
    assert case.number in text(mine, "/my/cases/")
    own = text(mine, reverse("my:case", args=[case.number]))
    assert "撤回，不再办理" in own
    mine.post(reverse("my:withdraw", args=[case.number]))
    case.refresh_from_db()
    assert case.state == "withdrawn"


def test_the_worker_reads_the_answer(cast: Any, worker_user: Any, as_user: Any, case: Case) -> None:
    actions.grant(case.pk, by=cast("regional_reviewer"), on=MONDAY)
    own = text(as_user(worker_user), reverse("my:case", args=[case.number]))
    assert "补助工具：扳手" in own and "撤回，不再办理" not in own
    assert Letter.objects.get(case=case).number_text in text(as_user(worker_user), "/my/letters/")


def test_the_state_is_told_without_an_account(db: None, case: Case) -> None:
    given = {"number": case.number, "proof": str(case.worker.id_number)}
    answer = Client().post(reverse("public:case_status"), given)
    assert "工具补助" in answer.content.decode() and "待核定" in answer.content.decode()


def test_facts_it_asks_for_may_be_said_to_be_wrong() -> None:
    assert {"in_skilled_post", "front_line_years"} <= set(_ALSO)


# -- what is decided about, by facts of its own --------------------------------------------------------------
def test_a_kind_of_subject_of_its_own_is_determined(cast: Any, worker: Any, case: Case) -> None:
    wrench = case.allowance
    other = actions.ask(worker.pk, "起重机", by=cast("clerk"), on=MONDAY).allowance
    decided = determine_subjects(ALLOWANCE_SUBJECT, [wrench.pk, other.pk], on=MONDAY, benefits=[TOOL])
    outcomes = {number: determination.outcome for (number, _), determination in decided.items()}
    assert outcomes == {wrench.pk: "eligible", other.pk: "ineligible"}
    kept = Determination.objects.about(ALLOWANCE_SUBJECT, wrench.pk).get()
    assert (kept.facts, kept.subject_type) == ({"tool": "扳手", "tools_before": 0}, "allowance")
    words = explain_determination(decided[other.pk, TOOL])
    assert [one["label"] for one in words["conditions"] if one["holds"] is False] == ["工具在补助范围内"]


def test_its_determinations_derive_again(case: Case) -> None:
    determine_subjects(ALLOWANCE_SUBJECT, [case.allowance.pk], on=MONDAY, benefits=[TOOL])
    derived: list[int] = []
    assert list(replay(done=derived.append)) == [] and sum(derived) == 1
    assert list(as_known_today()) == []


def test_another_law_is_tried_on_it(cast: Any, worker: Any, case: Case) -> None:
    number = case.allowance.pk
    law = law_on(MONDAY)
    code = "training.skill-upgrade.claims-per-year"
    draft = DayLaw(MONDAY, {**law.figures, code: replace(law.figures[code], value=0)}, book=law.book)
    relation = subject_kind(ALLOWANCE_SUBJECT).gather([number], MONDAY, True)
    [now] = evaluate(relation, on=MONDAY, benefits=[TOOL], form="answers").rows()
    [then] = evaluate(relation, benefits=[TOOL], form="answers", law=draft).rows()
    assert (now["outcome"], then["outcome"]) == ("eligible", "ineligible")
    assert foresee_subject(ALLOWANCE_SUBJECT, number, on=MONDAY, benefit=TOOL).outcome == "eligible"


def test_typed_in_facts_are_checked_by_its_own_model(db: None) -> None:
    assert validate_facts({"tool": "扳手", "tools_before": 1}, MONDAY, model=FACTS)
    with pytest.raises(FactsRefused, match="没有这项事实"):
        validate_facts({"employment": "employed"}, MONDAY, model=FACTS)


def test_a_rule_asks_only_for_facts_of_what_it_is_about(db: None) -> None:
    other = replace(BENEFIT, when=need("employed", Q(employment="employed"), "在职", "面向在职职工。"))
    with pytest.raises(RuleError, match="employment is no fact of what the rule is about"):
        parse(definition(other))
    with pytest.raises(RuleError, match="about something else"):
        current_rules([TOOL, "training.skill-upgrade"])


# -- the audit, the API, the clock ---------------------------------------------------------------------------
def test_the_audit_speaks_its_words(cast: Any, as_user: Any, case: Case) -> None:
    actions.grant(case.pk, by=cast("regional_reviewer"), on=MONDAY)
    page = text(as_user(cast("auditor")), "/window/audit/")
    assert "登记工具清单" in page and "工具：扳手" in page and "办件：核定补助" in page


def test_the_api_gives_its_endpoint(cast: Any, case: Case) -> None:
    client = Client()
    assert client.get("/api/").json()["tiny"].endswith("/api/tiny/")
    assert client.get("/api/tiny/").json()["results"] == []
    actions.grant(case.pk, by=cast("regional_reviewer"), on=MONDAY)
    assert [row["tools"] for row in client.get("/api/tiny/").json()["results"]] == ["扳手"]
    assert "/api/tiny/" in client.get("/api/schema/").content.decode()


def test_what_runs_by_itself_is_on_the_clock() -> None:
    assert "tiny.count" in clock.schedule()


def test_what_stands_beside_its_cases_is_scoped(cast: Any, case: Case) -> None:
    assert Allowance.objects.visible_to(cast("clerk")).count() == 1
    assert not Allowance.objects.visible_to(cast("baotou_clerk")).exists()
