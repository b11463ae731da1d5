"""A portal that is none of a demonstration, a case of somebody with a telephone, and a way that takes what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from portal.outgoing.ways import Envelope
from tests.cast import OTOG, make_worker
from tests.outgoing.smtp_server import MailServer

KIND = "registry.direct-inclusion"
MONDAY = date(2026, 11, 16)
PHONE = "13800001234"


class FakeWay:
    """Takes every envelope, unless it is told to raise something for it."""

    name = "fake"

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.opened = 0
        self.cannot_open: Exception | None = None
        self.raises: dict[int, Exception] = {}
        self.asked = 0
        self.finished: dict[str, bool] = {}

    @contextmanager
    def open(self) -> Iterator[None]:
        self.opened += 1
        if self.cannot_open:
            raise self.cannot_open
        yield

    def prepare(self, envelope: Envelope) -> None:
        """Nothing."""

    def hand_over(self, envelope: Envelope) -> None:
        """The message of this place, counted from 1, is refused as it was told."""
        self.asked += 1
        if error := self.raises.pop(self.asked, None):
            raise error
        self.taken.append(envelope)

    def finish(self, key: str) -> bool:
        return self.finished.get(key, False)


@pytest.fixture(autouse=True)
def _real_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a demonstration nothing would be sent."""
    from portal.accounts import demonstration

    monkeypatch.setattr(demonstration, "_known", {})
    monkeypatch.setattr(demonstration, "_state", lambda: (False, True))


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """What was handed to the worker, task by task."""
    from portal.outgoing import tasks

    sent: list[list[int]] = []
    monkeypatch.setattr(tasks.send_messages, "delay", sent.append)
    return sent


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, settings: Any) -> FakeWay:
    from portal.outgoing import ways

    way = FakeWay()
    settings.MESSAGES = way.name
    monkeypatch.setattr(ways, "named", lambda name: way if name == way.name else None)
    return way


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """The folder of a portal that sends by files."""
    settings.MESSAGES = "file"
    settings.MESSAGES_FOLDER = tmp_path / "messages"
    return settings.MESSAGES_FOLDER


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """The mail server of a portal that sends by e-mail."""
    server = MailServer()
    settings.MESSAGES = "smtp"
    settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_SECURITY = "127.0.0.1", server.port, ""
    settings.SMTP_USER = settings.SMTP_PASSWORD = ""
    settings.SMTP_FROM, settings.SMTP_TO = "jht@example.gov.cn", "{phone}@sms.example.gov.cn"
    yield server
    server.close()


@pytest.fixture
def case() -> Callable[..., Any]:
    """`case(name, phone)` opens a case of somebody new."""
    from portal.cases.actions import NewCase, open_cases

    def opened(name: str = "王建国", phone: str = PHONE) -> Any:
        worker = make_worker(name)
        if phone:
            worker.set_phone(phone)
            worker.save()
        (case,) = open_cases(KIND, [NewCase(OTOG, worker.pk, name)], by=None, on=MONDAY)
        return case

    return opened


@pytest.fixture
def told(case: Callable[..., Any]) -> Callable[..., Any]:
    """`told()` writes a message about a case of somebody new."""
    from portal.outgoing.actions import announce
    from portal.outgoing.kinds import RECEIPT

    def written(*, name: str = "王建国", phone: str = PHONE, kind: str = RECEIPT) -> Any:
        return announce(case(name, phone), kind, by=None, on=MONDAY)

    return written
