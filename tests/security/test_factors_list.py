"""One's own list of factors: each change asks again, the last one stays, nobody reaches somebody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.accounts.access import NotNow
from portal.accounts.models import Passkey
from portal.accounts.second_factor import actions, codes
from portal.audit.models import Entry
from tests.factors import FACTOR, Clock, give_device, give_password

LIST = "/accounts/factors/"


@pytest.fixture
def client(approver: Any, clock: Clock) -> Client:
    """The approver, signed in; they have two devices."""
    give_device(approver)
    give_device(approver, name="旧手机", secret="KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
    codes.new_recovery_codes(approver)
    client = Client()
    give_password(client, approver)
    client.post(FACTOR, {"code": clock.code()})
    return client


def again(client: Client, clock: Clock) -> Any:
    return client.post(FACTOR, {"code": clock.forward().code()})


def test_each_change_asks_again(client: Client, approver: Any, clock: Clock) -> None:
    """Also right after the sign-in, and for the next change."""
    old = approver.totp_devices.get(name="旧手机")
    changes = {
        f"{LIST}app/{old.pk}/name/": {"name": "备用手机"},
        f"{LIST}codes/": {},
        f"{LIST}app/{old.pk}/remove/": {},
    }
    for address, given in changes.items():
        assert client.post(address, given)["Location"] == FACTOR, address
        assert client.get(LIST).status_code == 200, "the rest stays open"
        assert again(client, clock)["Location"] == address
        assert client.post(address, given).status_code in (200, 302)
    assert list(approver.totp_devices.values_list("name", flat=True)) == ["办公手机"]
    noted = Entry.objects.filter(action__in=["factor.rename", "factor.remove", "factor.recovery_codes"])
    assert noted.count() == 4, "with the codes before the sign-in"


def test_what_was_asked_again_is_over_after_a_while(client: Client, approver: Any, clock: Clock) -> None:
    address = f"{LIST}codes/"
    client.get(address)
    again(client, clock)
    assert client.get(address).status_code == 200
    clock.forward(901)
    assert client.get(address)["Location"] == FACTOR


def test_the_last_one_stays(client: Client, approver: Any, clock: Clock) -> None:
    first, second = approver.totp_devices.order_by("pk")
    actions.remove(approver, "app", second.pk)
    with pytest.raises(NotNow, match="唯一"):
        actions.remove(approver, "app", first.pk)
    page = f"{LIST}app/{first.pk}/remove/"
    client.get(page)
    again(client, clock)
    assert client.post(page)["Location"] == LIST
    assert approver.totp_devices.count() == 1


def test_nobody_reaches_somebody_elses(client: Client, approver: Any, supervisor: Any, clock: Clock) -> None:
    theirs = give_device(supervisor)
    key = Passkey.objects.create(
        user=supervisor, name="钥匙", credential_id=b"1", public_key=b"2", sign_count=0, host="localhost"
    )
    for kind, pk in (("app", theirs.pk), ("passkey", key.pk)):
        for what in ("name", "remove"):
            page = f"{LIST}{kind}/{pk}/{what}/"
            client.get(page)
            again(client, clock)
            assert client.post(page, {"name": "我的"})["Location"] == LIST
    assert supervisor.totp_devices.get().name == theirs.name and supervisor.passkeys.get().name == "钥匙"


def test_names_are_told_apart(approver: Any, clock: Clock) -> None:
    device, other = give_device(approver), give_device(approver, name="平板")
    with pytest.raises(NotNow, match="同名"):
        actions.rename(approver, "app", other.pk, device.name)
    with pytest.raises(NotNow, match="不正确"):
        actions.add_totp(approver, name="新的", secret=codes.new_secret(), code="000000")


def test_recovery_codes_are_for_who_has_a_factor(worker_user: Any, as_user: Any, clock: Clock) -> None:
    client = as_user(worker_user, factor="")
    client.get(f"{LIST}codes/")
    from tests.cast import PASSWORD

    client.post("/accounts/factor/password/", {"password": PASSWORD})
    assert client.post(f"{LIST}codes/")["Location"] == LIST
    assert not worker_user.recovery_codes.exists()


@pytest.mark.parametrize(
    ("host", "secure", "allowed"),
    [
        ("jht.example.gov.cn", True, "jht.example.gov.cn"),
        ("jht.example.gov.cn:8443", True, "jht.example.gov.cn"),
        ("jht.example.gov.cn", False, ""),
        ("localhost:8000", False, "localhost"),
        ("192.0.2.1", True, ""),
        ("127.0.0.1:8000", False, ""),
        ("[::1]:8000", True, ""),
    ],
)
def test_where_passkeys_can_be_used(rf: Any, settings: Any, host: str, secure: bool, allowed: str) -> None:
    from portal.accounts.second_factor.hosts import host_for_passkeys, why_no_passkeys

    settings.ALLOWED_HOSTS = ["*"]
    request = rf.get("/", secure=secure, headers={"host": host})
    assert host_for_passkeys(request) == allowed
    assert bool(why_no_passkeys(request)) == (not allowed)
