"""What is sent to the portal is bounded before it is read: by address, and by who sends it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.test import Client
from django.urls import reverse

from portal.upload_limits import Counted

pytestmark = pytest.mark.django_db
MB = 1 << 20


class NeverRead(io.RawIOBase):
    """What must not be read."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body was read")

    def readline(self, size: int | None = -1) -> bytes:
        raise AssertionError("the body was read")


def sent(client: Client, address: str, size: int | None, **more: Any) -> Any:
    """So many bytes announced, none of them there to be read."""
    headers = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "wsgi.input": NeverRead(), **more}
    if size is not None:
        headers["CONTENT_LENGTH"] = str(size)
    return client.generic("POST", address, **headers)


@pytest.mark.parametrize(
    "address", ["/", "/accounts/login/", "/window/roster/", "/check/", "/no/such/address/"]
)
def test_three_hundred_megabytes_of_nobody_are_refused_unread(client: Client, address: str) -> None:
    answer = sent(client, address, 300 * MB)
    assert answer.status_code == 413 and "没有接收" in answer.content.decode()


def test_a_program_is_told_in_its_own_way(client: Client) -> None:
    answer = sent(client, "/api/checks/", 300 * MB)
    assert answer.status_code == 413 and answer.json()["errors"][0]["problem"].startswith("发送的内容有300")


def test_what_does_not_say_how_large_it_is_is_refused_unread(client: Client) -> None:
    answer = sent(client, "/accounts/login/", None, HTTP_TRANSFER_ENCODING="chunked")
    assert answer.status_code == 411 and "没有注明大小" in answer.content.decode()


def test_an_account_sends_a_file_and_who_imports_a_roster(cast: Any, as_user: Any) -> None:
    roster, other = reverse("window:roster"), reverse("window:home")
    clerk, auditor = as_user(cast("clerk")), as_user(cast("auditor"))
    assert sent(clerk, roster, 202 * MB).status_code == 413
    assert sent(auditor, roster, 20 * MB).status_code == 413
    assert sent(clerk, other, 12 * MB).status_code == 413
    assert sent(auditor, other, 10 * MB).status_code == 405
    with pytest.raises(AssertionError, match="the body was read"):
        sent(clerk, roster, 200 * MB)


def test_it_is_counted_while_it_is_read() -> None:
    counted = Counted(10)
    assert counted.receive_data_chunk(b"x" * 10, 0) == b"x" * 10
    with pytest.raises(RequestDataTooBig):
        counted.receive_data_chunk(b"x", 10)


def test_what_is_small_goes_through(client: Client) -> None:
    answer = client.post(
        "/accounts/login/", {"username": "x", "password": "y", "file": io.BytesIO(b"z" * 100)}
    )
    assert answer.status_code == 200
