"""Which accounts an administrator may change: those whose every role lies within their reach, and no other
administrator's.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.accounts.access import Refused, require, scope
from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import ADMINISTRATORS

ANOTHER_ADMINISTRATOR = (
    "系统、安全、审计管理员的账号不能由另一管理员在网页上变更，须经审批后由运维人员在服务器上执行命令。"
)


def lock_account(user_id: int, by: User | None) -> User:
    """The account, held until the transaction ends; for `by` only if they can see it."""
    visible = User.objects.all() if by is None else User.objects.visible_to(by)
    user = User.objects.select_for_update().filter(pk__in=visible.filter(pk=user_id).values("pk")).first()
    if user is None:
        raise Refused("没有这个账号，或该账号不属于您负责的地区。")
    return user


def lock_within_reach(user_id: int, by: User | None, permission: str) -> User:
    """The account, held; Refused unless `by` has the permission wherever the account holds a role. None is who
    operates the server.
    """
    if by is not None:
        require(by, permission)
    user = lock_account(user_id, by)
    if by is not None and not reaches(by, user, permission):
        raise Refused(f"{user.display_name}还在您负责的地区以外任职，须由能管理其全部任职地区的管理员办理。")
    return user


def _held_or_to_come(user: User) -> QuerySet[RoleAssignment]:
    """What the account may do, today or on a later day."""
    today = timezone.localdate()
    return user.assignments.filter(ended_at__isnull=True).filter(Q(until__isnull=True) | Q(until__gte=today))


def reaches(by: User, user: User, permission: str) -> bool:
    """Whether every role of the account, in force or to come, lies where `by` has the permission."""
    where = scope(by, permission)
    return all(where.covers(region) for region in _held_or_to_come(user).values_list("region_id", flat=True))


def is_administrator(user: User) -> bool:
    """Whether the account is the system's, the security or the audit administrator's, now or on a later day."""
    return _held_or_to_come(user).filter(role__in=ADMINISTRATORS).exists()
