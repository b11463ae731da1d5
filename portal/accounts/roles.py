"""The roles people hold. They load without the models, so that a programme's apps.py can name them."""

from __future__ import annotations

from django.db import models


class Role(models.TextChoices):
    WINDOW_CLERK = "window_clerk", "窗口经办员"
    LEAGUE_REVIEWER = "league_reviewer", "盟市审核员"
    REGIONAL_REVIEWER = "regional_reviewer", "自治区复核员"
    APPROVER = "approver", "审批人"
    FINANCE_OFFICER = "finance_officer", "财务经办员"
    REGISTRY_OFFICER = "registry_officer", "名录管理员"
    POLICY_OFFICER = "policy_officer", "政策管理员"
    SUPERVISOR = "supervisor", "业务主管"
    AUDITOR = "auditor", "审计员"
    PANEL_EXPERT = "panel_expert", "评审专家"
    EMPLOYER_AGENT = "employer_agent", "单位经办人"
    TRAINING_PROVIDER = "training_provider", "培训机构"
    WORKER = "worker", "技术工人"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


# Three people, never one (GB/T 22239): the database refuses a second of these on the same account.
ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
# Who works inside the office, as opposed to workers, employers, providers and experts.
STAFF_ROLES = tuple(
    role
    for role in Role
    if role not in {Role.WORKER, Role.EMPLOYER_AGENT, Role.TRAINING_PROVIDER, Role.PANEL_EXPERT}
)


def excludes(one: str, other: str) -> bool:
    """Whether nobody may hold both roles at the same time, in whatever order they were given.

    Each administrator and the worker stands alone; all other roles, inside the office or not, may be joined
    (portal.accounts.guards holds the same in the database).
    """
    return _group_of(one) != _group_of(other)


def _group_of(role: str) -> str:
    alone = {*ADMINISTRATORS, Role.WORKER}
    return role if role in alone else "work"
