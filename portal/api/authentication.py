"""Tokens of the API. A token is valid for a working day; whoever loses the account loses the token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import TokenAuthentication


class DayToken(TokenAuthentication):
    """`Authorization: Token …`, refused once it is older than settings.API_TOKEN_HOURS or the password is
    due.
    """

    def authenticate_credentials(self, key: str) -> tuple[Any, Any]:
        user, token = super().authenticate_credentials(key)
        if token.created < timezone.now() - timedelta(hours=settings.API_TOKEN_HOURS):
            raise exceptions.AuthenticationFailed("token expired")
        if user.must_change_password or token.created < user.password_changed_at:
            raise exceptions.AuthenticationFailed("password changed or due")
        return user, token


class DayTokenScheme(OpenApiAuthenticationExtension):
    target_class = DayToken
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token <令牌>"}
