"""The API asked in this process, as a web server asks it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from portal.api import direct


@pytest.fixture
def asked_here(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The connection is the test's; a request must not close it."""
    monkeypatch.setattr(direct, "close_old_connections", lambda: None)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
