"""The only code that adds, names and removes what people sign in with besides the password. All of it is audited."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from portal import audit
from portal.accounts import releases, sessions
from portal.accounts.access import NotNow
from portal.accounts.models import Passkey, Release, TotpDevice, User
from portal.accounts.models.factors import forget_all
from portal.accounts.second_factor.codes import step_of
from portal.accounts.second_factor.passkeys import NewPasskey

LAST_ONE = "这是您唯一的验证方式，不能移除。请先添加另一个，再移除这一个。"
SAME_NAME = "您已有同名的验证方式，请换一个名称。"
MOST = 10
KINDS: dict[str, type[TotpDevice] | type[Passkey]] = {"app": TotpDevice, "passkey": Passkey}


def _lock(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _count(user: User) -> int:
    return user.totp_devices.count() + user.passkeys.count()


def _new_name(user: User, name: str) -> str:
    """The name, which none of theirs has. The account is held."""
    if _count(user) >= MOST:
        raise NotNow(f"最多登记{MOST}个验证方式，请先移除不再使用的。")
    return _free_name(user, name)


def _free_name(user: User, name: str) -> str:
    if user.totp_devices.filter(name=name).exists() or user.passkeys.filter(name=name).exists():
        raise NotNow(SAME_NAME)
    return name


@transaction.atomic
def add_totp(user: User, *, name: str, secret: str, code: str) -> TotpDevice:
    """A device that shows the right code now. NotNow when it does not, or the name is taken."""
    _lock(user)
    step = step_of(secret, code)
    if step is None:
        raise NotNow("验证码不正确。请确认手机或电脑的时间准确，填写最新显示的6位数字。")
    device = TotpDevice.objects.create(user=user, name=_new_name(user, name), secret=secret, last_step=step)
    audit.record("factor.add", by=user, obj=user, detail={"kind": "totp", "factor": device.pk})
    return device


@transaction.atomic
def add_passkey(user: User, *, name: str, made: NewPasskey) -> Passkey:
    """A key that has just signed the portal's question. NotNow when it is known already, or the name is taken."""
    _lock(user)
    named = _new_name(user, name)
    try:
        with transaction.atomic():
            passkey = Passkey.objects.create(user=user, name=named, **made.stored())
    except IntegrityError as error:
        raise NotNow("该通行密钥已经登记过。") from error
    audit.record("factor.add", by=user, obj=user, detail={"kind": "passkey", "factor": passkey.pk})
    return passkey


def _own(user: User, kind: str, pk: int) -> TotpDevice | Passkey:
    found = KINDS[kind].objects.filter(user=user, pk=pk).first()
    if found is None:
        raise NotNow("没有这个验证方式，可能已经移除。")
    return found


@transaction.atomic
def rename(user: User, kind: str, pk: int, name: str) -> None:
    _lock(user)
    found = _own(user, kind, pk)
    if found.name == name:
        return
    found.name = _free_name(user, name)
    # The secret is bound to the name, and written with it.
    found.save(update_fields=["name", "secret"] if isinstance(found, TotpDevice) else ["name"])
    audit.record("factor.rename", by=user, obj=user, detail={"kind": kind, "factor": pk})


@transaction.atomic
def remove(user: User, kind: str, pk: int) -> None:
    """Two that are removed at once: the account is held, one stays."""
    _lock(user)
    found = _own(user, kind, pk)
    if _count(user) == 1:
        raise NotNow(LAST_ONE)
    found.delete()
    audit.record("factor.remove", by=user, obj=user, detail={"kind": kind, "factor": pk})


@transaction.atomic
def allow_enrolment(user: User, code: str) -> int:
    """With which release a first device may be added: it is used up by that (`enrol`), so that whose browser closes
    meanwhile types the code again; whose lost device is void already, that code. CodeRefused; NotNow for who has one.
    """
    _lock(user)
    if _count(user):
        raise NotNow("您已登记验证方式，请直接登录。")
    return releases.typed(code, user, Release.Kind.ENROL, Release.Kind.FACTOR_LOST).pk


@transaction.atomic
def enrol(user: User, release_id: int, *, name: str, secret: str, code: str) -> TotpDevice:
    """The first device, and its release used up: both or neither. CodeRefused when another used it meanwhile, and as
    for any device.
    """
    _lock(user)
    releases.use_typed(release_id, user)
    return add_totp(user, name=name, secret=secret, code=code)


@transaction.atomic
def replace_lost(user: User, code: str) -> int:
    """With a code for a lost device what there was is removed at once, every session and token ends. With which release
    a new one may be added, as above. CodeRefused.
    """
    _lock(user)
    release = releases.typed(code, user, Release.Kind.FACTOR_LOST)
    removed = forget_all(user)
    sessions.end_all(user)
    audit.record("factor.lost", by=user, obj=user, detail={"removed": removed})
    return release.pk
