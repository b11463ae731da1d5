"""Nobody works in the office with a password alone; a code opens once, for its owner, and only after the password."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from portal.accounts import releases
from portal.accounts.models import RecoveryCode, Release, TotpDevice, User
from portal.accounts.second_factor import codes, tries
from portal.audit.models import Entry
from tests.cast import OTOG, PASSWORD, make_account
from tests.factors import FACTOR, LOGIN, SECRET, Clock, give_device, give_password, is_signed_in

ENROL, LOST = "/accounts/factor/enrol/", "/accounts/factor/lost/"
APP, DONE, RECOVERY = f"{ENROL}app/", f"{ENROL}done/", f"{FACTOR}recovery/"
WRONG = "000000"


def audited(action: str) -> list[Any]:
    return list(Entry.objects.filter(action=action).order_by("id").values_list("object_ref", flat=True))


def wrong(clock: Clock) -> str:
    """A code that is not right now, nor a step before or after."""
    right = {clock.code(steps=steps) for steps in (-1, 0, 1)}
    return next(f"{number:06d}" for number in range(10) if f"{number:06d}" not in right)


@pytest.fixture
def client(approver: Any, clock: Clock) -> Client:
    """The approver's browser, after the right password; they have a device."""
    give_device(approver)
    client = Client()
    assert give_password(client, approver)["Location"] == FACTOR
    return client


def test_the_code_of_the_device_begins_the_session(client: Client, approver: Any, clock: Clock) -> None:
    assert not is_signed_in(client)
    answer = client.post(FACTOR, {"code": clock.code()})
    assert answer["Location"] == "/window/" and is_signed_in(client)
    assert client.session["factor"]["kind"] == "totp"
    assert audited("factor.accept") == audited("account.login") == [str(approver.pk)]


def test_one_comes_back_to_where_one_was_going(approver: Any, clock: Clock) -> None:
    give_device(approver)
    for wanted, there in {"/window/cases/": "/window/cases/", "//evil.example/": "/window/"}.items():
        client = Client()
        give_password(client, approver, next=wanted)
        assert client.post(FACTOR, {"code": clock.forward().code()})["Location"] == there


def test_a_code_is_never_taken_twice(client: Client, approver: Any, clock: Clock) -> None:
    code = clock.code()
    client.post(FACTOR, {"code": code})
    again = Client()
    give_password(again, approver)
    assert again.post(FACTOR, {"code": code}).status_code == 200 and not is_signed_in(again)
    # Nor the one before it, which nobody has used.
    assert again.post(FACTOR, {"code": clock.code(steps=-1)}).status_code == 200
    assert again.post(FACTOR, {"code": clock.forward().code()}).status_code == 302


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(client: Client, clock: Clock, steps: int, taken: bool) -> None:
    code = clock.code(steps=steps)
    near = {clock.code(steps=other) for other in (-1, 0, 1)}
    assert (client.post(FACTOR, {"code": code}).status_code == 302) == (taken or code in near)


def test_a_code_may_be_typed_as_people_type(client: Client, clock: Clock) -> None:
    code = clock.code()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert client.post(FACTOR, {"code": f" {wide[:3]} {wide[3:]}"}).status_code == 302


def test_guessing_ends_before_it_is_worth_anything(client: Client, approver: Any, clock: Clock) -> None:
    """The right code does not help whoever has guessed too often; the address and the others go on."""
    for _ in range(tries.OF_ACCOUNT.times):
        assert client.post(FACTOR, {"code": wrong(clock)}).status_code == 200
    refused = client.post(FACTOR, {"code": clock.code()})
    assert refused.status_code == 429 and 0 < int(refused["Retry-After"]) <= tries.OF_ACCOUNT.seconds
    assert not is_signed_in(client)
    assert len(audited("factor.failed")) == tries.OF_ACCOUNT.times
    assert client.post(FACTOR, {"code": wrong(clock)}).status_code == 429
    assert audited("factor.refused") == [str(approver.pk)], "told once"
    clock.forward(tries.OF_ACCOUNT.seconds)
    give_password(client, approver)
    assert client.post(FACTOR, {"code": clock.code()}).status_code == 302


def test_a_stranger_locks_nobody_out(approver: Any, clock: Clock) -> None:
    """Without the password one never comes to where codes are counted."""
    give_device(approver)
    stranger = Client()
    for page in (FACTOR, RECOVERY, f"{FACTOR}passkey/", ENROL, APP, DONE, LOST, f"{ENROL}codes/"):
        for _ in range(3):
            assert stranger.post(page, {"code": WRONG, "answer": "{}"})["Location"] == LOGIN
    assert not Entry.objects.filter(action__startswith="factor.").exists()
    client = Client()
    give_password(client, approver)
    assert client.post(FACTOR, {"code": clock.code()}).status_code == 302


def test_who_waits_too_long_begins_again(client: Client, clock: Clock) -> None:
    clock.forward(601)
    assert client.post(FACTOR, {"code": clock.code()})["Location"] == LOGIN
    assert not is_signed_in(client)


@pytest.mark.parametrize("meanwhile", ["disabled", "password"])
def test_an_account_that_was_stopped_meanwhile_stays_out(
    client: Client, approver: Any, clock: Clock, meanwhile: str
) -> None:
    if meanwhile == "disabled":
        User.objects.filter(pk=approver.pk).update(is_active=False)
    else:
        approver.set_password("Another-2026-Steppe")
        approver.save()
    assert client.post(FACTOR, {"code": clock.code()})["Location"] == LOGIN
    assert not is_signed_in(client)


def test_half_a_sign_in_opens_no_page_and_no_interface(client: Client) -> None:
    for path in (
        "/window/",
        "/window/cases/",
        "/accounts/users/",
        "/accounts/factors/",
        "/accounts/password/",
    ):
        assert client.get(path)["Location"] == f"{LOGIN}?next={path}&timeout=1"
    for path in ("/api/workers/", "/api/cases/", "/api/registry/proposals/"):
        assert client.get(path).status_code in (401, 403, 404)
    page = client.get("/")
    assert "退出登录" not in page.content.decode()


def test_a_session_without_a_factor_opens_nothing(approver: Any, as_user: Any) -> None:
    """However it came about."""
    client = as_user(approver, factor="")
    assert client.get("/window/")["Location"].startswith(LOGIN)
    assert "_auth_user_id" not in client.session
    assert audited("factor.missing") == [str(approver.pk)]
    assert as_user(approver, factor="").get("/api/workers/").status_code in (401, 403, 404)


def test_a_role_that_is_given_later_asks_for_a_factor(db: None, as_user: Any) -> None:
    from portal.accounts.models import RoleAssignment

    nobody = User.objects.create_user("no.role", PASSWORD, display_name="某人")
    client = as_user(nobody, factor="")
    assert is_signed_in(client)
    RoleAssignment.objects.create(user=nobody, role="window_clerk", region_id=OTOG)
    assert not is_signed_in(client)


def test_the_password_again_is_no_factor(worker_user: Any, clock: Clock) -> None:
    """A worker's account that comes to work in the office is asked like any other."""
    from portal.accounts.models import RoleAssignment

    client = Client()
    give_password(client, worker_user)
    client.get("/accounts/factors/app/")
    client.post("/accounts/factor/password/", {"password": PASSWORD})
    assert client.get("/accounts/factors/app/").status_code == 200
    RoleAssignment.objects.all().delete()
    RoleAssignment.objects.create(user=worker_user, role="window_clerk", region_id=OTOG)
    assert client.get("/window/")["Location"].startswith(LOGIN)


def released(user: Any, system_admin: Any, security_admin: Any, kind: str = Release.Kind.ENROL) -> str:
    asked = releases.ask_release(user.pk, kind, system_admin)
    return releases.release(asked.pk, security_admin).code


def test_the_first_sign_in_takes_a_released_code(
    approver: Any, system_admin: Any, security_admin: Any, clock: Clock
) -> None:
    client = Client()
    assert give_password(client, approver, next="/window/cases/")["Location"] == ENROL
    assert client.get(APP)["Location"] == LOGIN, "not before the code"
    code = released(approver, system_admin, security_admin)
    assert client.post(ENROL, {"code": code.lower()})["Location"] == APP
    page = client.get(APP)
    secret = page.context["secret"].replace(" ", "")
    assert secret in page.content.decode().replace(" ", "") and "<svg" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert client.post(APP, {"name": "手机", "code": wrong_of(clock, secret)}).status_code == 200
    shown = client.post(APP, {"name": "手机", "code": clock.code(secret)})
    assert len(set(shown.context["codes"])) == 10 and not is_signed_in(client)
    assert client.post(DONE)["Location"] == "/window/cases/" and is_signed_in(client)
    assert [device.name for device in approver.totp_devices.all()] == ["手机"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_totpdevice")
        assert secret.encode() not in bytes(cursor.fetchone()[0])
    everything = str(list(Entry.objects.values_list("detail", flat=True)))
    assert secret not in everything and not any(code in everything for code in shown.context["codes"])


def wrong_of(clock: Clock, secret: str) -> str:
    right = {clock.code(secret, steps=steps) for steps in (-1, 0, 1)}
    return next(f"{number:06d}" for number in range(10) if f"{number:06d}" not in right)


def test_without_a_release_nobody_enrols(
    approver: Any, supervisor: Any, system_admin: Any, security_admin: Any, clock: Clock
) -> None:
    """Nor with somebody else's code, or one that was used."""
    others = {
        "a colleague's": released(supervisor, system_admin, security_admin),
        "invented": "ABCD-EFGH-JKMN",
    }
    client = Client()
    give_password(client, approver)
    for whose, code in others.items():
        assert client.post(ENROL, {"code": code}).status_code == 200, whose
        assert client.get(APP)["Location"] == LOGIN, whose
    code = released(approver, system_admin, security_admin)
    assert client.post(ENROL, {"code": code})["Location"] == APP
    secret = client.get(APP).context["secret"].replace(" ", "")
    assert "codes" in client.post(APP, {"name": "手机", "code": clock.code(secret)}).context
    # Used, also where the device is gone again.
    approver.totp_devices.all().delete()
    again = Client()
    give_password(again, approver)
    assert again.post(ENROL, {"code": code}).status_code == 200
    assert not TotpDevice.objects.exists()


def test_a_recovery_code_opens_once(client: Client, approver: Any, clock: Clock) -> None:
    paper = codes.new_recovery_codes(approver)
    assert client.post(RECOVERY, {"code": paper[0].lower().replace("-", "")})["Location"] == "/window/"
    assert client.session["factor"]["kind"] == "recovery" and is_signed_in(client)
    again = Client()
    give_password(again, approver)
    assert again.post(RECOVERY, {"code": paper[0]}).status_code == 200 and not is_signed_in(again)
    assert codes.recovery_codes_left(approver) == 9
    codes.new_recovery_codes(approver)
    assert again.post(RECOVERY, {"code": paper[1]}).status_code == 200, "those before are void"


def test_the_database_keeps_what_was_used(client: Client, approver: Any, clock: Clock) -> None:
    paper = codes.new_recovery_codes(approver)
    client.post(RECOVERY, {"code": paper[0]})
    codes.take_totp(approver, clock.code())
    back = {
        "recovery_code_is_used_once": lambda: RecoveryCode.objects.filter(used_at__isnull=False).update(
            used_at=None
        ),
        "totp_step_only_rises": lambda: approver.totp_devices.update(last_step=5),
    }
    for name, attempt in back.items():
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            attempt()
        assert refused.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]
    kept = [bytes(digest) for digest in RecoveryCode.objects.values_list("digest", flat=True)]
    assert not any(code.replace("-", "").encode() in digest for code in paper for digest in kept)


def test_a_lost_device_takes_two_administrators(
    approver: Any, as_user: Any, system_admin: Any, security_admin: Any, clock: Clock
) -> None:
    """What there was is gone at once, with every session; the new device is added like the first."""
    give_device(approver)
    paper = codes.new_recovery_codes(approver)
    elsewhere = as_user(approver)
    assert is_signed_in(elsewhere)
    client = Client()
    give_password(client, approver)
    code = released(approver, system_admin, security_admin, Release.Kind.FACTOR_LOST)
    assert client.post(LOST, {"code": "ABCD-EFGH-JKMN"}).status_code == 200
    assert client.post(LOST, {"code": code})["Location"] == APP
    assert not is_signed_in(elsewhere)
    assert not approver.totp_devices.exists() and codes.recovery_codes_left(approver) == 0
    thief = Client()
    give_password(thief, approver)
    assert thief.post(FACTOR, {"code": clock.code()}).status_code == 200 and not is_signed_in(thief)
    assert not codes.take_recovery(approver, paper[0])
    secret = client.get(APP).context["secret"].replace(" ", "")
    assert secret != SECRET
    client.post(APP, {"name": "新手机", "code": clock.code(secret)})
    assert client.post(DONE)["Location"] == "/window/" and is_signed_in(client)
    assert audited("factor.lost") == [str(approver.pk)]


def test_a_worker_may(worker_user: Any, clock: Clock) -> None:
    """Without a factor they sign in as before; with one they are asked."""
    client = Client()
    assert give_password(client, worker_user)["Location"] == "/my/"
    assert client.get("/accounts/factors/app/")["Location"] == "/accounts/factor/password/"
    assert client.post("/accounts/factor/password/", {"password": "wrong"}).status_code == 200
    assert client.get("/accounts/factors/app/").status_code == 302
    assert client.post("/accounts/factor/password/", {"password": PASSWORD}).status_code == 302
    secret = client.get("/accounts/factors/app/").context["secret"].replace(" ", "")
    shown = client.post("/accounts/factors/app/", {"name": "手机", "code": clock.code(secret)})
    assert len(shown.context["codes"]) == 10
    again = Client()
    assert give_password(again, worker_user)["Location"] == FACTOR
    assert not is_signed_in(again)
    assert again.post(FACTOR, {"code": clock.forward().code(secret)})["Location"] == "/my/"


def test_two_with_one_code_at_once(committed: str, cast: Any, clock: Clock) -> None:
    """One of them is late: of the code of a device and of one on paper."""
    from django.db import connections

    approver = cast("approver")
    give_device(approver)
    paper, totp = codes.new_recovery_codes(approver)[0], clock.code()

    def attempt(number: int) -> bool:
        try:
            took = codes.take_totp if number % 2 else codes.take_recovery
            return took(approver, totp if number % 2 else paper)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        taken = list(threads.map(attempt, range(12)))
    assert sum(taken[1::2]) == sum(taken[0::2]) == 1


def test_a_code_of_yesterdays_release_is_over(
    approver: Any, system_admin: Any, security_admin: Any, clock: Clock
) -> None:
    code = released(approver, system_admin, security_admin)
    client = Client()
    give_password(client, approver)
    ahead = timezone.now() + releases.VALID_FOR + timedelta(minutes=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: ahead)
        assert client.post(ENROL, {"code": code}).status_code == 200


def test_every_account_of_the_office_needs_one(cast: Any) -> None:
    from portal.accounts.roles import STAFF_ROLES
    from portal.accounts.second_factor import is_required
    from tests.roles import one_of_each

    for who, user, role, *_ in one_of_each(cast):
        assert is_required(user) == (role in STAFF_ROLES), who
    outside = make_account("some.worker", "某人", "worker", OTOG)
    assert not is_required(outside)
