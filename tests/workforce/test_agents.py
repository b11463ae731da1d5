"""Who acts for a unit: appointed and dismissed by the office of its place, in effect at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.urls import reverse

from portal.accounts.access import NotNow, Refused
from portal.accounts.models import RoleAssignment
from portal.audit.models import Entry
from portal.workforce.actions import appoint_agent, dismiss_agent
from portal.workforce.models import EmployerAgent
from tests.cast import BAOTOU, KUNDULUN, ORDOS, PEOPLE
from tests.window.given import make_employer

pytestmark = pytest.mark.django_db
PAPER = "授权委托书（2026年3月2日）"
MAY = {"clerk", "second_clerk", "reviewer", "second_reviewer"}  # of 鄂托克旗, where the unit is


@pytest.fixture
def unit() -> Any:
    return make_employer()


def appoint(unit: Any, user: Any, by: Any, **given: Any) -> EmployerAgent:
    return appoint_agent(
        unit.pk, **{"username": user.username, "name": user.display_name, "authority": PAPER} | given, by=by
    )


def test_only_the_office_of_the_place_appoints_and_dismisses(cast, unit) -> None:
    """For every role: who may, does; everybody else is refused, and nothing has happened."""
    agent, wrong = cast("employer_agent"), []
    standing = unit.agents.create(user=cast("training_provider"))
    for person in (fixture for fixture, *_ in PEOPLE):
        by, may = cast(person), person in MAY
        for move in ("appoint", "dismiss"):
            before = set(unit.agents.values_list("user", flat=True))
            try:
                if move == "appoint":
                    appoint(unit, agent, by)
                else:
                    dismiss_agent(standing.pk, reason="委托终止。", by=by)
            except Refused:
                done = False
            else:
                done = True
            if done != may or (set(unit.agents.values_list("user", flat=True)) != before) != may:
                wrong.append((person, move))
            # As it was, for the next one.
            unit.agents.filter(user=agent).delete()
            standing, _ = EmployerAgent.objects.get_or_create(employer=unit, user=standing.user)
    assert not wrong


def test_what_is_kept_of_it(cast, unit) -> None:
    clerk, agent = cast("clerk"), cast("employer_agent")
    made = appoint(unit, agent, clerk, username=f"  {agent.username} ")
    assert (made.user, made.appointed_by, made.authority) == (agent, clerk, PAPER)
    entry = Entry.objects.get(action="employer.agent-appoint")
    assert (entry.actor, entry.object_ref, entry.region_code) == (clerk, str(unit.pk), unit.region_id)
    assert entry.detail == {"username": agent.username, "authority": PAPER}
    pk = made.pk
    dismiss_agent(pk, reason=" 委托终止。 ", by=cast("reviewer"))
    assert not unit.agents.exists()
    assert Entry.objects.get(action="employer.agent-dismiss").detail["reason"] == "委托终止。"
    kept = apps.get_model("workforce", "EmployerAgentEvent").objects.get(pgh_obj_id=pk)
    assert (kept.user_id, kept.authority, kept.appointed_by_id) == (agent.pk, PAPER, clerk.pk)
    with pytest.raises(NotNow, match="已经解除"):
        dismiss_agent(pk, reason="再次。", by=clerk)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": "nobody.here"}, "username"),
        ({"name": "别人"}, "username"),
        ({"authority": "  "}, "authority"),
        ({"authority": "文" * 121}, "authority"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_kept(cast, unit, given, field) -> None:
    with pytest.raises(ValidationError) as refused:
        appoint(unit, cast("employer_agent"), cast("clerk"), **given)
    assert list(refused.value.message_dict) == [field] and not EmployerAgent.objects.exists()


def test_who_is_not_in_the_role_there_is_not_told_from_who_does_not_exist(cast, unit) -> None:
    """Another role, another league, an ended role, a disabled account: one answer, so that names cannot be
    tried out.
    """
    clerk, agent = cast("clerk"), cast("employer_agent")
    abroad = make_employer("包头钢厂", region=KUNDULUN, code=None)
    said = set()
    for by, where, user in ((clerk, unit, cast("auditor")), (cast("baotou_clerk"), abroad, agent)):
        with pytest.raises(ValidationError) as refused:
            appoint(where, user, by)
        said |= set(refused.value.messages)
    agent.assignments.update(region=BAOTOU)
    with pytest.raises(ValidationError):
        appoint(unit, agent, clerk)
    agent.assignments.update(region=ORDOS)
    assert appoint(unit, agent, clerk).user == agent, "the role in the league covers its banners"
    unit.agents.all().delete()
    type(agent).objects.filter(pk=agent.pk).update(is_active=False)
    with pytest.raises(ValidationError) as refused:
        appoint(unit, agent, clerk)
    assert len(said | set(refused.value.messages)) == 1


def test_nobody_appoints_themselves_or_anybody_twice(cast, unit) -> None:
    clerk, agent = cast("clerk"), cast("employer_agent")
    RoleAssignment.objects.create(user=clerk, role="employer_agent", region_id=ORDOS)
    with pytest.raises(Refused, match="不能任用自己"):
        appoint(unit, clerk, clerk)
    appoint(unit, agent, clerk)
    with pytest.raises(NotNow, match="已是“鄂托克旗机械厂”的经办人"):
        appoint(unit, agent, clerk)
    with pytest.raises(NotNow, match="请写明解除的原因"):
        dismiss_agent(unit.agents.get().pk, reason=" ", by=clerk)


def test_from_the_page_of_the_unit(cast, as_user, unit, django_assert_max_num_queries) -> None:
    clerk, agent = as_user(cast("clerk")), cast("employer_agent")
    page = reverse("window:employer", args=[unit.pk])
    assert "还没有经办人" in clerk.get(page).text and page in clerk.get(reverse("window:employers")).text
    sent = {"username": agent.username, "name": "别人", "authority": PAPER}
    refused = clerk.post(page, sent)
    assert "没有用户名和姓名都相符的单位经办人账号" in refused.text and PAPER in refused.text, (
        "what was typed is kept"
    )
    done = clerk.post(page, sent | {"name": agent.display_name}, follow=True)
    assert "立即生效" in done.text and "可以办理" in done.text and PAPER in done.text
    assert as_user(agent).get(reverse("registry:agent")).status_code == 200
    for person in ("auditor", "supervisor"):
        seen = as_user(cast(person))
        assert agent.username in seen.get(page).text and "任用</button>" not in seen.get(page).text
        assert seen.post(page, sent).status_code == 403
    agent.assignments.update(region=BAOTOU)
    assert "不能办理" in clerk.get(page).text
    ending = reverse("window:agent_dismiss", args=[unit.pk, unit.agents.get().pk])
    assert ending in clerk.get(page).text and agent.display_name in clerk.get(ending).text
    assert clerk.post(ending, {"reason": ""}).status_code == 200 and unit.agents.exists()
    assert (
        "已解除" in clerk.post(ending, {"reason": "委托终止。"}, follow=True).text
        and not unit.agents.exists()
    )
    assert clerk.get(ending).status_code == 404
    assert as_user(agent).get(reverse("registry:agent")).status_code == 403
    for number in range(5):
        unit.agents.create(
            user=cast(("panel_expert", "auditor", "finance_officer", "supervisor", "approver")[number])
        )
    with django_assert_max_num_queries(14):
        clerk.get(page)
