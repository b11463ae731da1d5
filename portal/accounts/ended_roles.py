"""What is said to somebody whose role has just ended, instead of only that they may not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
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
    today = timezone.localdate()
    lately = today - timedelta(days=TOLD_FOR_DAYS)
    held_again = RoleAssignment.objects.in_force().filter(
        user=user, role=OuterRef("role"), region=OuterRef("region")
    )
    over = RoleAssignment.objects.filter(user=user, until__gte=lately)
    over = over.filter(Q(ended_at__isnull=False) | Q(until__lt=today)).exclude(Exists(held_again))
    last = over.select_related("region__parent").order_by("-until", "-ended_at", "-pk").first()
    if last is None:
        return None
    is_staff = last.role in STAFF_ROLES
    return Ended(_words(last), "本单位的安全管理员" if is_staff else "就近的服务窗口")


def _words(last: RoleAssignment) -> str:
    role = f"{last.region.full_name}{last.get_role_display()}"
    if last.ended_at is None:
        return f"您担任的{role}已于{date_cn(last.until)}到期。"
    ended = timezone.localtime(last.ended_at)
    return f"您担任的{role}已于{date_cn(ended)}{ended:%H:%M}解除。"
