"""What is said to somebody whose role has just ended, instead of only that they may not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from portal.accounts.models import RoleAssignment
from portal.accounts.roles import STAFF_ROLES
from portal.formats import date_cn

# Afterwards they know.
TOLD_FOR_DAYS = 30


@dataclass(frozen=True)
class Ended:
    """A role that ended, in words; and who can give it again."""

    words: str
    whom_to_ask: str


def ended_lately(user: Any) -> Ended | None:
    """The role of theirs that ended last, unless they hold it again."""
    if user is None or not user.is_authenticated:
        return None
    last = _ended_last(user)
    if last is None:
        return None
    is_staff = last.role in STAFF_ROLES
    return Ended(_words(last), "本单位的安全管理员" if is_staff else "就近的服务窗口")


def _ended_last(user: Any) -> RoleAssignment | None:
    """Most of those who are refused have never lost a role: that is asked first, and cheaply."""
    today = timezone.localdate()
    lately = today - timedelta(days=TOLD_FOR_DAYS)
    over = RoleAssignment.objects.filter(user=user, until__gte=lately)
    over = over.filter(Q(ended_at__isnull=False) | Q(until__lt=today))
    ended = list(over.order_by("-until", "-ended_at", "-pk").values_list("pk", "role", "region_id"))
    if not ended:
        return None
    held = set(RoleAssignment.objects.in_force().filter(user=user).values_list("role", "region_id"))
    not_held_again = [pk for pk, *what in ended if tuple(what) not in held]
    if not not_held_again:
        return None
    return RoleAssignment.objects.select_related("region__parent").get(pk=not_held_again[0])


def _words(last: RoleAssignment) -> str:
    role = f"{last.region.full_name}{last.get_role_display()}"
    if last.ended_at is None:
        return f"您担任的{role}已于{date_cn(last.until)}到期。"
    ended = timezone.localtime(last.ended_at)
    return f"您担任的{role}已于{date_cn(ended)}{ended:%H:%M}解除。"
