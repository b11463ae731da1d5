"""Who may log in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from portal.accounts.models import User
from portal.accounts.read_along import along


class ActiveUserBackend(BaseBackend):
    """User name and password of an active account.

    Takes as long for an unknown name as for a wrong password.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        if not username or password is None:
            return None
        user = User.objects.filter(username=username).first()
        if user is None:
            User().set_password(password)
            return None
        is_right = user.check_password(password)
        return user if is_right and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).annotate(**along()).first()
