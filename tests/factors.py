"""Second factors in tests: a clock that stands still, devices with a known secret, and signing in with them."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest

from tests.cast import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN, FACTOR = "/accounts/login/", "/accounts/factor/"


class Clock:
    """What the portal takes for the time."""

    def __init__(self) -> None:
        # In the middle of a step and of every window in which tries are counted.
        self.now = int(time.time()) // 86_400 * 86_400 + 43_215.0

    def time(self) -> float:
        return self.now

    def forward(self, seconds: float = 30) -> Clock:
        self.now += seconds
        return self

    def code(self, secret: str = SECRET, *, steps: int = 0) -> str:
        """What a device shows, whose clock is so many steps ahead."""
        return pyotp.TOTP(secret).generate_otp(int(self.now) // 30 + steps)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    from portal import throttle
    from portal.accounts.second_factor import asked, codes, pending

    clock = Clock()
    for module in (throttle, asked, codes, pending):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=clock.time))
    return clock


def give_device(user: Any, *, name: str = "办公手机", secret: str = SECRET) -> Any:
    """An authenticator whose codes were never used."""
    from portal.accounts.models import TotpDevice

    return TotpDevice.objects.create(user=user, name=name, secret=secret, last_step=1)


def give_password(client: Any, user: Any, **extra: str) -> Any:
    return client.post(LOGIN, {"username": user.username, "password": PASSWORD, **extra})


def is_signed_in(client: Any) -> bool:
    return client.get("/accounts/password/").status_code == 200


def go_on(client: Any, username: str, answer: Any) -> Any:
    """With a code, where the right password led to the second factor; any other answer as it is."""
    from portal.accounts.models import TotpDevice, User

    if not answer.get("Location", "").startswith(FACTOR):
        return answer
    user = User.objects.get(username=username)
    # As if no code of it had been used: one signs in several times within a step.
    TotpDevice.objects.filter(user=user).delete()
    give_device(user)
    return client.post(FACTOR, {"code": pyotp.TOTP(SECRET).now()})


def signed_in(user: Any, **more: Any) -> Any:
    """A browser in which that person is signed in, with both factors."""
    from django.test import Client

    client = Client(**more)
    go_on(client, user.username, give_password(client, user))
    return client
