"""Passkeys (WebAuthn): what the browser is asked, and whether what it answers was signed by the right key.

A question is kept in the session and answered once. The library is loaded by the first question: loading it takes a
tenth of a start.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils import timezone

from portal import crypto
from portal.accounts.models import Passkey, User
from portal.accounts.second_factor.hosts import host_for_passkeys, origin

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

NAME = "匠惠通"
_QUESTION = "passkey_question"
_LONGEST_ANSWER = 16_384


class NotAnswered(Exception):
    """What came back does not answer the question, or was not signed by the key."""


@dataclass(frozen=True)
class NewPasskey:
    """What is kept of a key that was just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]
    host: str

    def stored(self) -> dict[str, Any]:
        return vars(self).copy()


def _known(passkeys: Any) -> list[PublicKeyCredentialDescriptor]:
    from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor

    return [
        PublicKeyCredentialDescriptor(
            id=bytes(passkey.credential_id),
            transports=[AuthenticatorTransport(kind) for kind in passkey.transports],
        )
        for passkey in passkeys
    ]


def ask_for_new(request: HttpRequest, user: User) -> str:
    """What the browser is asked for a new key, as JSON."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    host = host_for_passkeys(request)
    options = generate_registration_options(
        rp_id=host,
        rp_name=NAME,
        user_name=user.username,
        user_display_name=user.display_name,
        # Nothing about the person: the key keeps it.
        user_id=crypto.digest(str(user.pk), purpose="passkey"),
        exclude_credentials=_known(user.passkeys.filter(host=host)),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    request.session[_QUESTION] = bytes_to_base64url(options.challenge)
    return options_to_json(options)


def ask(request: HttpRequest, user: User) -> str:
    """What the browser is asked of the keys there are, as JSON."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.structs import UserVerificationRequirement

    host = host_for_passkeys(request)
    options = generate_authentication_options(
        rp_id=host,
        allow_credentials=_known(user.passkeys.filter(host=host)),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    request.session[_QUESTION] = bytes_to_base64url(options.challenge)
    return options_to_json(options)


def _question(request: HttpRequest) -> bytes:
    from webauthn.helpers import base64url_to_bytes

    kept = request.session.pop(_QUESTION, "")
    if not kept or not host_for_passkeys(request):
        raise NotAnswered
    return base64url_to_bytes(kept)


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > _LONGEST_ANSWER:
        raise NotAnswered
    try:
        read = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise NotAnswered from error
    if not isinstance(read, dict) or not isinstance(read.get("id"), str):
        raise NotAnswered
    return read


def made(request: HttpRequest, answer: str) -> NewPasskey:
    """The key that the browser has made. Raises NotAnswered."""
    from webauthn import verify_registration_response
    from webauthn.helpers.exceptions import WebAuthnException
    from webauthn.helpers.structs import AuthenticatorTransport

    question, read = _question(request), _read(answer)
    host = host_for_passkeys(request)
    try:
        verified = verify_registration_response(
            credential=read,
            expected_challenge=question,
            expected_rp_id=host,
            expected_origin=origin(request),
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotAnswered from error
    response = read.get("response")
    told = response.get("transports") if isinstance(response, dict) else None
    known = {kind.value for kind in AuthenticatorTransport}
    transports = [kind for kind in told or [] if kind in known]
    return NewPasskey(
        verified.credential_id, verified.credential_public_key, verified.sign_count, transports, host
    )


def take_passkey(request: HttpRequest, user: User, answer: str) -> bool:
    """Whether one of their keys signed the question. A key whose count did not rise was copied: it is refused."""
    from webauthn import verify_authentication_response
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        question, read = _question(request), _read(answer)
        host = host_for_passkeys(request)
        passkey = user.passkeys.filter(host=host, credential_id=base64url_to_bytes(read["id"])).first()
        if passkey is None:
            return False
        verified = verify_authentication_response(
            credential=read,
            expected_challenge=question,
            expected_rp_id=host,
            expected_origin=origin(request),
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
        )
    except (NotAnswered, WebAuthnException, ValueError, TypeError, KeyError, AttributeError):
        return False
    unchanged = Passkey.objects.filter(pk=passkey.pk, sign_count=passkey.sign_count)
    return bool(unchanged.update(sign_count=verified.new_sign_count, last_used_at=timezone.now()))
