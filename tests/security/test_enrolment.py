"""A code for a first device is used up by the device, not by being typed: whose browser closes meanwhile needs no two
administrators again.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.accounts import releases
from portal.accounts.models import Release, TotpDevice
from portal.audit.models import Entry
from tests.factors import LOGIN, Clock, give_device, give_password

ENROL, LOST = "/accounts/factor/enrol/", "/accounts/factor/lost/"
APP, DONE = f"{ENROL}app/", f"{ENROL}done/"


def released(user: Any, system_admin: Any, security_admin: Any, kind: str = Release.Kind.ENROL) -> str:
    asked = releases.ask_release(user.pk, kind, system_admin)
    return releases.release(asked.pk, security_admin).code


def audited(action: str) -> list[str]:
    return list(Entry.objects.filter(action=action).order_by("pk").values_list("object_ref", flat=True))


def enrols(client: Client, code: str, clock: Clock, page: str = ENROL) -> bool:
    """With the code to the first device; whether it was added."""
    assert client.post(page, {"code": code})["Location"] == APP
    secret = client.get(APP).context["secret"].replace(" ", "")
    return "codes" in (client.post(APP, {"name": "手机", "code": clock.code(secret)}).context or {})


@pytest.mark.parametrize("kind", [Release.Kind.ENROL, Release.Kind.FACTOR_LOST])
def test_whose_browser_closes_types_the_code_again(
    approver: Any, system_admin: Any, security_admin: Any, clock: Clock, kind: str
) -> None:
    """Used up is it when the device is there; of a lost one nothing works meanwhile."""
    page = ENROL if kind == Release.Kind.ENROL else LOST
    if page == LOST:
        give_device(approver)
    code = released(approver, system_admin, security_admin, kind)
    closes = Client()
    give_password(closes, approver)
    assert closes.post(page, {"code": code})["Location"] == APP and closes.get(APP).status_code == 200
    assert not approver.totp_devices.exists() and not audited("release.use")
    clock.forward(3600)
    comes_again = Client()
    assert give_password(comes_again, approver)["Location"] == ENROL
    assert enrols(comes_again, code, clock)
    assert audited("release.use") == [str(approver.pk)]


def test_of_two_who_typed_it_one_enrols(
    approver: Any, system_admin: Any, security_admin: Any, clock: Clock
) -> None:
    code = released(approver, system_admin, security_admin)
    first, second = Client(), Client()
    secrets = []
    for client in (first, second):
        give_password(client, approver)
        assert client.post(ENROL, {"code": code})["Location"] == APP
        secrets.append(client.get(APP).context["secret"].replace(" ", ""))
    assert "codes" in first.post(APP, {"name": "手机", "code": clock.code(secrets[0])}).context
    assert second.post(APP, {"name": "平板", "code": clock.code(secrets[1])})["Location"] == ENROL
    assert second.get(APP)["Location"] == LOGIN and second.post(DONE)["Location"] == LOGIN
    assert [device.name for device in approver.totp_devices.all()] == ["手机"]


def test_a_code_that_was_replaced_meanwhile_enrols_nobody(
    approver: Any, system_admin: Any, security_admin: Any, clock: Clock
) -> None:
    client = Client()
    give_password(client, approver)
    code = released(approver, system_admin, security_admin)
    assert client.post(ENROL, {"code": code})["Location"] == APP
    secret = client.get(APP).context["secret"].replace(" ", "")
    released(approver, system_admin, security_admin)
    answer = client.post(APP, {"name": "手机", "code": clock.code(secret)}, follow=True)
    assert "已被新的代码代替" in answer.text and not TotpDevice.objects.exists()
