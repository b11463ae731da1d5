"""Who acts for a unit. The account and its role come from the administrators; for which unit is said by the
office that knows it.

What an agent may do follows from standing here and from the role alike: the end of either ends it at once.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from portal import audit
from portal.accounts.access import NotNow, Refused, require
from portal.accounts.models import User
from portal.accounts.names import normal_name
from portal.accounts.roles import Role
from portal.names import person_name
from portal.reasons import reason_in
from portal.workforce.actions.locking import written_by
from portal.workforce.models import Employer, EmployerAgent

# One answer for every account that will not do: who may appoint learns nothing about other people's accounts.
NOBODY = (
    "没有用户名和姓名都相符的单位经办人账号。请核对；账号由系统管理员建立，"
    "并由安全管理员任用为该单位所在地的“单位经办人”后，才能在此任用。"
)


def accounts_in_role_of(employer: Employer) -> set[int]:
    """The accounts of a unit's agents that still hold the role over its place."""
    in_role = User.objects.holding(Role.EMPLOYER_AGENT, employer.region_id)
    return set(in_role.filter(employers__employer=employer).values_list("pk", flat=True))


def appoint_agent(employer_id: int, *, username: str, name: str, authority: str, by: Any) -> EmployerAgent:
    """From now on the account acts for the unit, by the paper in which the unit says so.

    `username` and `name` must both be the account's: the paper names a person, and one wrong letter is
    another person. Raises Refused (not one's region, oneself), ValidationError by field, NotNow (acts
    for the unit already).
    """
    authority = " ".join(authority.split())
    if not authority:
        raise ValidationError({"authority": "请填写委托文书的名称、文号或日期。"})
    if len(authority) > 120:
        raise ValidationError({"authority": "委托文书不超过120个字。"})
    with written_by(by):
        employer = Employer.objects.select_for_update().get(pk=employer_id)
        require(by, "employer.agents", employer.region_id)
        agents = User.objects.holding(Role.EMPLOYER_AGENT, employer.region_id)
        user = agents.filter(username=normal_name(username)).first()
        if user is None or person_name(user.display_name) != person_name(name):
            raise ValidationError({"username": NOBODY})
        if user.pk == by.pk:
            raise Refused("不能任用自己为单位经办人，须由另一人办理。")
        if employer.agents.filter(user=user).exists():
            raise NotNow(f"{user}已是“{employer}”的经办人。")
        agent = EmployerAgent.objects.create(
            employer=employer, user=user, authority=authority, appointed_by=by
        )
        audit.record(
            "employer.agent-appoint",
            by=by,
            obj=employer,
            region=employer.region_id,
            detail={"username": user.username, "authority": authority},
        )
    return agent


def dismiss_agent(agent_id: int, *, reason: str, by: Any) -> EmployerAgent:
    """The account acts for the unit no longer, from this moment. What it handed in stays the unit's.

    Raises Refused, NotNow (no reason; dismissed already).
    """
    reason = reason_in(" ".join(reason.split()))
    if not reason:
        raise NotNow("请写明解除的原因。")
    with written_by(by):
        agent = (
            EmployerAgent.objects.select_for_update(of=("self",))
            .select_related("employer", "user")
            .filter(pk=agent_id)
            .first()
        )
        if agent is None:
            raise NotNow("该经办人已经解除。")
        require(by, "employer.agents", agent.employer.region_id)
        agent.delete()
        audit.record(
            "employer.agent-dismiss",
            by=by,
            obj=agent.employer,
            region=agent.employer.region_id,
            detail={"username": agent.user.username, "authority": agent.authority, "reason": reason[:200]},
        )
    return agent
