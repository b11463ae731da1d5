"""The only code that makes, changes and ends accounts and the roles they hold.

`by` is the account that asks; None is who operates the server and calls a management command. Refusals are
`Refused` (who) and `NotNow` (what), both with a message for the person. Passwords made here are for who operates
the server, shown once, and must be changed; administrators on the pages never see one (portal.accounts.releases).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from portal import audit
from portal.accounts import releases, sessions, tokens, tries
from portal.accounts.access import NotNow, Refused, require
from portal.accounts.activation import CodeRefused
from portal.accounts.models import RoleAssignment, User
from portal.accounts.names import name_digest, normal_name
from portal.accounts.passwords import keep_past
from portal.accounts.reach import ANOTHER_ADMINISTRATOR, is_administrator, lock_account, lock_within_reach
from portal.accounts.roles import ADMINISTRATORS, Role, excludes
from portal.names import person_name
from portal.reasons import reason_in

username_form = RegexValidator(
    r"^[a-z][a-z0-9._-]{2,63}\Z", "用户名为3至64位小写字母、数字和 . _ - ，以字母开头。", code="username_form"
)
_CHARACTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class WrongPassword(NotNow):
    """What was given as one's own password is not."""


def initial_password() -> str:
    """A random first password of 16 characters that meets every rule and has no characters that
    look alike.
    """
    kinds: tuple[Callable[[str], bool], ...] = (str.islower, str.isupper, str.isdigit)
    while True:
        password = "".join(secrets.choice(_CHARACTERS) for _ in range(16))
        if all(any(map(is_of_kind, password)) for is_of_kind in kinds):
            return password


def _lock_to_manage(user_id: int, by: User | None) -> User:
    """The account, held, that `by` may change: within their reach, and no other administrator's.

    Who could set the password of another administrator could act as them: the three would be one.
    """
    user = lock_within_reach(user_id, by, "account.manage")
    if by is not None and user.pk != by.pk and is_administrator(user):
        raise NotNow(ANOTHER_ADMINISTRATOR)
    return user


def _new_account(username: str, display_name: str, password: str | None, by: User | None) -> User:
    user = User(
        username=normal_name(username),
        display_name=person_name(display_name),
        must_change_password=password is not None,
    )
    user.set_password(password)
    try:
        username_form(user.username)
    except ValidationError as error:
        raise ValidationError({"username": error}) from error
    user.full_clean()
    user.save()
    audit.record("account.create", by=by, obj=user, detail={"username": user.username})
    return user


@transaction.atomic
def create_account(username: str, display_name: str, *, by: User) -> User:
    """A new account without any role and without a password: the code with which the person sets one is asked for,
    and waits for another administrator. ValidationError names the field.
    """
    require(by, "account.manage")
    user = _new_account(username, display_name, None, by)
    releases.ask_release(user.pk, releases.Kind.PASSWORD, by)
    return user


@transaction.atomic
def create_account_as_operator(username: str, display_name: str) -> tuple[User, str]:
    """A new account and its first password, on the server: the first administrators of a portal."""
    password = initial_password()
    return _new_account(username, display_name, password, None), password


@transaction.atomic
def disable_account(user_id: int, *, by: User | None, reason: str) -> User:
    """The account cannot sign in any more, its sessions and tokens end at once. Everything it did stays."""
    user = _lock_to_manage(user_id, by)
    if by is not None and user.pk == by.pk:
        raise NotNow("不能停用自己的账号。")
    if not reason_in(reason):
        raise NotNow("请写明停用原因。")
    if not user.is_active:
        raise NotNow(f"账号{user.username}已经停用。")
    user.is_active = False
    user.save(update_fields=["is_active"])
    sessions.end_all(user)
    user.activation_codes.filter(used_at__isnull=True).update(expires_at=timezone.now())
    user.releases.filter(used_at__isnull=True, ended_at__isnull=True).update(ended_at=timezone.now())
    audit.record(
        "account.disable", by=by, obj=user, detail={"username": user.username, "reason": reason.strip()[:200]}
    )
    return user


@transaction.atomic
def enable_account(user_id: int, *, by: User | None) -> User:
    """The account may sign in again, with the password it had."""
    user = _lock_to_manage(user_id, by)
    if user.is_active:
        raise NotNow(f"账号{user.username}没有停用。")
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record("account.enable", by=by, obj=user, detail={"username": user.username})
    return user


@transaction.atomic
def reset_password_as_operator(user_id: int) -> tuple[User, str]:
    """A new first password, on the server, to be changed at once. Sessions and tokens of the account end.

    Workers prove who they are at the window and get an activation code instead.
    """
    user = lock_account(user_id, None)
    if user.assignments.filter(role=Role.WORKER).exists():
        raise NotNow("技术工人须携带居民身份证到服务窗口，核验身份后领取新的激活码。")
    password = initial_password()
    keep_past(user)
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "password_changed_at", "must_change_password"])
    sessions.end_all(user)
    audit.record("account.password_reset", by=None, obj=user, detail={"username": user.username})
    return user, password


@transaction.atomic
def set_password_with_code(username: str, code: str, new: str) -> User:
    """The person sets a password with the code that two administrators gave out. CodeRefused, or ValidationError
    about the password, which leaves the code as it was.
    """
    user = User.objects.select_for_update().filter(username=normal_name(username)).first()
    if user is None:
        raise CodeRefused(releases.REFUSED)
    releases.use(code, user, releases.Kind.PASSWORD)
    validate_password(new, user)
    keep_past(user)
    user.set_password(new)
    user.must_change_password = False
    user.save(update_fields=["password", "password_changed_at", "must_change_password"])
    sessions.end_all(user)
    tries.forget(name_digest(user.username))
    audit.record("account.password_set", by=user, obj=user, detail={"username": user.username})
    return user


@transaction.atomic
def unlock_login(user_id: int, *, by: User | None) -> bool:
    """Forget the failed tries under the account's name, from wherever. Whether anything was locked."""
    user = lock_within_reach(user_id, by, "account.manage")
    was_locked = tries.forget(name_digest(user.username))
    audit.record(
        "account.unlock", by=by, obj=user, detail={"username": user.username, "removed": int(was_locked)}
    )
    return was_locked


def is_locked(user: User) -> bool:
    """Whether tries to sign in under the account's name are refused at present, of strangers or of all."""
    return tries.is_locked(name_digest(user.username))


@transaction.atomic
def change_password(user: User, old: str, new: str) -> User:
    """One's own password. NotNow when the old one is wrong or the new one is the old one;
    ValidationError by the rules.
    """
    account = User.objects.select_for_update().get(pk=user.pk)
    if not account.check_password(old):
        raise WrongPassword("原密码不正确。")
    if account.check_password(new):
        raise ValidationError("新密码不能与原密码相同。")
    validate_password(new, account)
    keep_past(account)
    account.set_password(new)
    account.must_change_password = False
    account.save(update_fields=["password", "password_changed_at", "must_change_password"])
    tokens.end_all(account)
    audit.record("account.password_change", by=account, obj=account)
    return account


def _why_not(user: User, role: Role, since: date, until: date | None) -> str:
    """Why the account must not hold this role in these days; empty when it may."""
    if role == Role.WORKER:
        return "“技术工人”角色由服务窗口核验身份后产生，不在此任用。"
    if not user.is_active:
        return "该账号已停用，请先由系统管理员启用。"
    for held in _held_meanwhile(user, since, until):
        if excludes(held, role):
            return _why_apart(Role(held), role)
    return ""


def _held_meanwhile(user: User, since: date, until: date | None) -> list[str]:
    """The roles of the account on any day of these, also those that are yet to begin."""
    assignments = user.assignments.filter(ended_at__isnull=True)
    assignments = assignments.filter(Q(until__isnull=True) | Q(until__gte=since))
    if until is not None:
        assignments = assignments.filter(since__lte=until)
    return list(assignments.order_by("role").values_list("role", flat=True).distinct())


def _why_apart(held: Role, role: Role) -> str:
    if held == Role.WORKER:
        return "这是技术工人本人的账号，不能再任用其他角色；请为其另建工作账号。"
    if held in ADMINISTRATORS and role in ADMINISTRATORS:
        return "系统、安全、审计三类管理员须由三人分别担任。"
    if role in ADMINISTRATORS:
        return f"该人员担任{held.label}，不能兼任系统、安全、审计管理员。"
    return f"该人员是{held.label}，不能兼任{role.label}等其他角色。"


@transaction.atomic
def check_grant(
    user_id: int,
    role: str,
    region_code: str,
    *,
    by: User | None,
    since: date | None = None,
    until: date | None = None,
) -> User:
    """The account, held, that may be given the role in these days. Raises Refused (who), NotNow (what is against
    it).
    """
    if by is not None:
        require(by, "role.grant", region_code)
    user = lock_account(user_id, by)
    if by is not None and user.pk == by.pk:
        raise Refused("不能为自己任用角色，须由另一位安全管理员办理。")
    today = timezone.localdate()
    reason_against = _why_not(user, Role(role), since or today, until)
    if reason_against:
        raise NotNow(reason_against)
    if until is not None and until < today:
        raise NotNow("截止日期不能早于今天。")
    return user


@transaction.atomic
def grant_role(
    user_id: int,
    role: str,
    region_code: str,
    *,
    by: User | None,
    since: date | None = None,
    until: date | None = None,
) -> RoleAssignment:
    """Give a person a role in a region, nobody to themselves. The database holds those apart that exclude each
    other.
    """
    user = check_grant(user_id, role, region_code, by=by, since=since, until=until)
    since = since or timezone.localdate()
    assignment = RoleAssignment(
        user=user, role=role, region_id=region_code, since=since, until=until, granted_by=by
    )
    try:
        with transaction.atomic():
            assignment.full_clean(exclude=["granted_by", "ended_by"])
            assignment.save()
    except ValidationError as error:
        raise NotNow("".join(error.messages)) from error
    except IntegrityError as error:
        raise NotNow(_constraint_message(error)) from error
    audit.record(
        "role.grant",
        by=by,
        obj=user,
        region=region_code,
        detail={
            "username": user.username,
            "role": role,
            "since": str(assignment.since),
            "until": str(until or ""),
        },
    )
    return assignment


def _constraint_message(error: IntegrityError) -> str:
    """What the constraint that was broken says to people; another error goes on."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if name == "roles_exclude_each_other":
        return "该人员另有不能兼任的角色，请刷新页面查看。"
    for constraint in RoleAssignment._meta.constraints:
        if constraint.name == name:
            return str(constraint.violation_error_message)
    raise error


@transaction.atomic
def end_role(assignment_id: int, *, by: User | None) -> RoleAssignment:
    """Take a role away, from this moment on. Ending it twice is refused."""
    unlocked = RoleAssignment.objects.select_related("user").filter(pk=assignment_id).first()
    if unlocked is None:
        raise NotNow("没有这项任用记录。")
    if by is not None:
        require(by, "role.grant", unlocked.region_id)
        if unlocked.user_id == by.pk:
            raise Refused("不能解除自己的角色，须由另一位安全管理员办理。")
    # The account first, as in every action here: two of them at once wait, they do not deadlock.
    user = lock_account(unlocked.user_id, by)
    assignment = RoleAssignment.objects.select_for_update().get(pk=assignment_id)
    today = timezone.localdate()
    if assignment.ended_at or (assignment.until and assignment.until < today):
        raise NotNow("该任用已经结束。")
    assignment.ended_at = timezone.now()
    assignment.ended_by = by
    assignment.until = max(assignment.since, min(assignment.until or today, today))
    assignment.save(update_fields=["ended_at", "ended_by", "until"])
    if not user.assignments.in_force().exists():
        tokens.end_all(user)
    audit.record(
        "role.end",
        by=by,
        obj=user,
        region=assignment.region_id,
        detail={"username": user.username, "role": assignment.role},
    )
    return assignment


def due_on(user: User, days: int) -> date:
    """The day on which the password must be changed."""
    return timezone.localdate(user.password_changed_at + timedelta(days=days))
