"""One-time codes that two administrators give out together: to set a password, to enrol a second factor, to
replace a lost one.

One administrator asks, one of the other role releases (system and security administrator, in either order);
neither is the person concerned, and every role of the person lies within the reach of both. The code is shown
once, to who released it, and handed to the person. What concerns an administrator is done on the server, by who
operates it (`code_of_operator`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal import audit, crypto
from portal.accounts import sessions
from portal.accounts.access import NotNow, Refused, roles
from portal.accounts.activation import CodeRefused, NewCode, drawn_code, normal_code, printed
from portal.accounts.models import Release, User
from portal.accounts.models.releases import RELEASING, ReleaseQuerySet
from portal.accounts.passwords import keep_past
from portal.accounts.reach import ANOTHER_ADMINISTRATOR, is_administrator, lock_within_reach, reaches
from portal.accounts.roles import Role
from portal.throttle import Limit

Kind = Release.Kind
# What was asked for waits so long, and a code is valid so long.
WAITS_FOR = timedelta(days=7)
VALID_FOR = timedelta(days=3)
REFUSED = "代码不正确，或已使用、已过期、已被新的代码代替。请核对后再试；仍不行的，请系统管理员重新申请。"
# Codes are too long to guess; whoever tries wrong ones is slowed down for everybody at the address.
WRONG_BY_ADDRESS = Limit("wrong-code-address", 60)
_PERMISSIONS = {Role.SYSTEM_ADMIN: "account.manage", Role.SECURITY_ADMIN: "role.grant"}


def _administrator_role(by: User) -> Role:
    """As which of the two administrators `by` acts."""
    held = roles(by)
    for role in RELEASING:
        if role in held:
            return role
    raise Refused("一次性代码由系统管理员和安全管理员办理：一人申请，另一人批准。")


def _concerned(user_id: int, by: User, role: Role) -> User:
    """The account, held until the transaction ends, when `by` may have a part in a code for it."""
    user = lock_within_reach(user_id, by, _PERMISSIONS[role])
    if user.pk == by.pk:
        raise NotNow("不能为自己的账号申请或批准一次性代码，须由其他管理员办理。")
    if is_administrator(user):
        raise NotNow(ANOTHER_ADMINISTRATOR)
    if user.assignments.filter(role=Role.WORKER, ended_at__isnull=True).exists():
        raise NotNow("技术工人须携带居民身份证到服务窗口，核验身份后领取新的激活码。")
    if not user.is_active:
        raise NotNow(f"账号{user.username}已停用，请先启用。")
    return user


def _open_of(user: User, kind: str) -> ReleaseQuerySet:
    """What was asked for or released, and has been neither used nor ended."""
    found: ReleaseQuerySet = Release.objects.filter(
        user=user, kind=kind, used_at__isnull=True, ended_at__isnull=True
    )
    return found


def _audited(action: str, release: Release, by: User | None) -> None:
    detail = {"username": release.user.username, "kind": release.kind, "release": release.pk}
    audit.record(action, by=by, obj=release.user, detail=detail)


@transaction.atomic
def ask_release(user_id: int, kind: str, by: User) -> Release:
    """Ask for a code of this kind. An earlier one that was not used yet ends; one that waits goes on waiting
    (NotNow). Raises Refused (who).
    """
    role = _administrator_role(by)
    user = _concerned(user_id, by, role)
    now = timezone.now()
    if _open_of(user, kind).filter(released_at__isnull=True, expires_at__gt=now).exists():
        raise NotNow(f"已为{user.display_name}申请过“{Kind(kind).label}”的代码，正在等待批准。")
    _open_of(user, kind).update(ended_at=now)
    release = Release.objects.create(
        user=user, kind=kind, asked_by=by, asked_as=role, asked_at=now, expires_at=now + WAITS_FOR
    )
    _audited("release.ask", release, by)
    return release


def _held(release_id: int, by: User) -> tuple[Release, Role]:
    """The release that waits, held after its account, with the role as which `by` acts."""
    role = _administrator_role(by)
    found = Release.objects.filter(pk=release_id).first()
    if found is None:
        raise NotNow("没有这项申请。")
    user = _concerned(found.user_id, by, role)
    release = Release.objects.select_for_update().get(pk=release_id)
    release.user = user
    if release.ended_at is not None or release.released_at is not None:
        raise NotNow("该申请已经办理或撤回。")
    if release.expires_at <= timezone.now():
        raise NotNow("该申请已超过有效期，请重新申请。")
    return release, role


@transaction.atomic
def release(release_id: int, by: User) -> NewCode:
    """Agree to what another administrator asked for; the code is returned this one time. A code for a password
    ends the password that was, and every session and token with it.
    """
    found, role = _held(release_id, by)
    if found.asked_by_id == by.pk or found.asked_as == role:
        raise NotNow("申请和批准须由系统管理员、安全管理员两人分别办理。")
    found.released_by, found.released_as = by, role
    code = _give(found)
    _audited("release.release", found, by)
    return code


def _give(found: Release) -> NewCode:
    """Draw the code of a release and keep its digest."""
    code = drawn_code()
    now = timezone.now()
    found.released_at = now
    found.expires_at = now + VALID_FOR
    found.digest = _digest(code, found.user_id, found.kind)
    found.save()
    if found.kind == Kind.PASSWORD:
        _end_password(found.user)
    return NewCode(printed(code), found.expires_at)


def _end_password(user: User) -> None:
    """The password that was opens nothing any more."""
    keep_past(user)
    user.set_unusable_password()
    user.save(update_fields=["password", "password_changed_at"])
    sessions.end_all(user)


@transaction.atomic
def withdraw(release_id: int, by: User) -> Release:
    """Take back what was asked for, or refuse it: either administrator may."""
    found, _ = _held(release_id, by)
    found.ended_at = timezone.now()
    found.save(update_fields=["ended_at"])
    _audited("release.withdraw", found, by)
    return found


@transaction.atomic
def code_of_operator(user_id: int, kind: str) -> NewCode:
    """A code from who operates the server: for administrators, and for the first accounts of a portal."""
    user = User.objects.select_for_update().get(pk=user_id)
    now = timezone.now()
    _open_of(user, kind).update(ended_at=now)
    found = Release(user=user, kind=kind, asked_at=now, expires_at=now + VALID_FOR)
    code = _give(found)
    _audited("release.release", found, None)
    return code


def _digest(code: str, user_id: int, kind: str) -> bytes:
    return crypto.digest(f"{kind}:{user_id}:{code}", purpose="release")


@transaction.atomic
def use(code: str, user: User, kind: str) -> Release:
    """Use a code up: it is right once. CodeRefused otherwise. The caller bounds how often it is tried."""
    return _use_up(typed(code, user, kind), user)


@transaction.atomic
def typed(code: str, user: User, *kinds: str) -> Release:
    """The release whose code was typed, not used up yet: what it is for may take a while (`use_typed`). CodeRefused."""
    return _usable(user, digest__in=[_digest(normal_code(code), user.pk, kind) for kind in kinds])


@transaction.atomic
def use_typed(release_id: int, user: User) -> Release:
    """Use up a release whose code was typed before: of several who typed it, one. CodeRefused otherwise."""
    return _use_up(_usable(user, pk=release_id), user)


def _usable(user: User, **which: Any) -> Release:
    found: Release | None = Release.objects.usable().select_for_update().filter(user=user, **which).first()
    if found is None or not user.is_active:
        raise CodeRefused(REFUSED)
    return found


def _use_up(found: Release, user: User) -> Release:
    found.used_at = timezone.now()
    found.save(update_fields=["used_at"])
    _audited("release.use", found, user)
    return found


def may_ask(user: User, by: User) -> bool:
    """Whether `by` is offered to ask for a code for the account."""
    held = set(RELEASING) & roles(by)
    if not held or user.pk == by.pk or not user.is_active or is_administrator(user):
        return False
    if user.assignments.filter(role=Role.WORKER, ended_at__isnull=True).exists():
        return False
    return any(reaches(by, user, _PERMISSIONS[Role(role)]) for role in held)


def waiting_for(user: Any) -> ReleaseQuerySet:
    """What waits for this administrator to release it."""
    held = roles(user)
    asked_by_other = [role for role in RELEASING if role not in held]
    if len(asked_by_other) != 1:
        return Release.objects.none()
    found: ReleaseQuerySet = Release.objects.visible_to(user).waiting().filter(asked_as=asked_by_other[0])
    return found.exclude(asked_by=user).exclude(user=user)
