"""Tokens of the API, as they come with a request."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from portal.accounts import tokens


class IssuedToken(BaseAuthentication):
    """`Authorization: Token …`, with a token that was issued on a page (portal.accounts.tokens)."""

    def authenticate(self, request: Request) -> tuple[Any, str] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"token":
            return None
        text = words[1].decode("ascii", "replace") if len(words) == 2 else ""
        user = tokens.owner_of(text[:100])
        if user is None:
            raise exceptions.AuthenticationFailed("token unknown, expired or ended")
        return user, text

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class IssuedTokenScheme(OpenApiAuthenticationExtension):
    target_class = IssuedToken
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Token <令牌>。令牌在网页上领取：登录后打开 /accounts/tokens/。",
        }
