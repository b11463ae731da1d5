"""The ways a message leaves the house: by e-mail (SMTP), or as a file for a gateway of the intranet. Off by default.

A way never says more than it knows. What it cannot begin it can be asked for again (Unreachable, Later); what will
never be taken is given up (Refused); where it may have been taken nobody asks a second time (Unsure).
"""

from __future__ import annotations

import json
import os
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from portal.accounts.demonstration import is_demonstration

SMTP, FILE = "smtp", "file"
_SECONDS = 10
_FINE = 250


class Unreachable(Exception):
    """Nothing was handed over, and nothing can be now; all of it can be tried again later."""


class Later(Exception):
    """This one was not taken now and may be tried again; others may be taken."""


class Refused(Exception):
    """This one will not be taken, however often it is tried. The message says why, without the address."""


class Unsure(Exception):
    """It may have been taken; nothing more can be handed over now."""


@dataclass(frozen=True)
class Envelope:
    """What is handed over: the number to call, and what the message says."""

    key: str
    phone: str
    subject: str
    text: str
    on: str


class Way(Protocol):
    name: str

    @contextmanager
    def open(self) -> Iterator[None]:
        """Whatever several messages are handed over through. Raises Unreachable."""

    def prepare(self, envelope: Envelope) -> None:
        """What can be done before the message counts as under way. Raises Unreachable."""

    def hand_over(self, envelope: Envelope) -> None:
        """Once. Raises Later, Refused, Unsure."""

    def finish(self, key: str) -> bool:
        """Of a message whose sender was killed: whether it is out now. False when nobody can tell."""


def chosen() -> Way | None:
    """The way that the settings name. A demonstration sends nothing: its people are made up, their numbers may be
    somebody's.
    """
    return named(settings.MESSAGES) if settings.MESSAGES and not is_demonstration() else None


def named(name: str) -> Way | None:
    if name == SMTP:
        return Smtp()
    return Files(settings.MESSAGES_FOLDER) if name == FILE else None


class Smtp:
    """By e-mail, to the mailbox that the office's gateway has for a telephone number."""

    name = SMTP

    def __init__(self) -> None:
        self._line: Any = None

    @contextmanager
    def open(self) -> Iterator[None]:
        line = get_connection(
            "django.core.mail.backends.smtp.EmailBackend",
            host=settings.SMTP_HOST,
            port=settings.SMTP_PORT,
            username=settings.SMTP_USER,
            password=settings.SMTP_PASSWORD,
            use_tls=settings.SMTP_SECURITY == "starttls",
            use_ssl=settings.SMTP_SECURITY == "tls",
            timeout=_SECONDS,
        )
        try:
            line.open()
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(_without_address(error)) from error
        self._line = line
        try:
            yield
        finally:
            self._line = None
            with suppress(OSError, smtplib.SMTPException):
                line.close()

    def prepare(self, envelope: Envelope) -> None:
        """Makes sure that the server is still there: of what breaks off later nobody knows."""
        try:
            code, _ = self._line.connection.noop()
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(_without_address(error)) from error
        if code != _FINE:
            raise Unreachable(f"邮件服务器答复{code}")

    def hand_over(self, envelope: Envelope) -> None:
        to = settings.SMTP_TO.replace("{phone}", envelope.phone)
        host = settings.SMTP_FROM.rpartition("@")[2]
        # The same for the same message, whoever compares.
        headers = {"Message-ID": f"<{envelope.key}@{host}>", "Auto-Submitted": "auto-generated"}
        mail = EmailMessage(envelope.subject, envelope.text, settings.SMTP_FROM, [to], headers=headers)
        try:
            self._line.send_messages([mail])
        except ValueError as error:
            raise Refused("收件地址不能使用") from error
        except smtplib.SMTPServerDisconnected as error:
            raise Unsure(_without_address(error)) from error
        except smtplib.SMTPException as error:
            if _code_of(error) >= 500:
                raise Refused(_without_address(error)) from error
            raise Later(_without_address(error)) from error
        except OSError as error:
            raise Unsure(_without_address(error)) from error

    def finish(self, key: str) -> bool:
        return False


def _code_of(error: smtplib.SMTPException) -> int:
    """What the server answered; 0 where it answered nothing."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in error.recipients.values()), default=0)
    return int(getattr(error, "smtp_code", 0) or 0)


def _without_address(error: Exception) -> str:
    """What went wrong: a server's own words may repeat the address."""
    code = _code_of(error) if isinstance(error, smtplib.SMTPException) else 0
    return f"邮件服务器答复{code}" if code else f"邮件服务器未答复（{type(error).__name__}）"


class Files:
    """A file for each message, of one line of JSON, in a folder from which a gateway takes it away.

    It is written under a name that begins with a dot and gets its own when the message counts as under way. So whoever
    is killed in between leaves the draft, or has handed it over: never both, and never neither.
    """

    name = FILE

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def open(self) -> Iterator[None]:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unreachable(_plainly(error)) from error
        yield

    def prepare(self, envelope: Envelope) -> None:
        said = {
            "id": envelope.key,
            "on": envelope.on,
            "phone": envelope.phone,
            "subject": envelope.subject,
            "text": envelope.text,
        }
        line = json.dumps(said, ensure_ascii=False) + "\n"
        try:
            number = os.open(self._draft(envelope.key), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Unreachable(_plainly(error)) from error

    def hand_over(self, envelope: Envelope) -> None:
        try:
            self._name(envelope.key)
        except FileNotFoundError as error:
            # Somebody finished it, or emptied the folder.
            raise Unsure(_plainly(error)) from error
        except OSError as error:
            raise Later(_plainly(error)) from error

    def finish(self, key: str) -> bool:
        if not self.folder.is_dir():
            return False
        with suppress(FileNotFoundError):
            self._name(key)
        return True

    def _name(self, key: str) -> None:
        """Give the draft its name, for good."""
        self._draft(key).rename(self._file(key))
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _draft(self, key: str) -> Path:
        return self.folder / f".{key}.json"

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def _plainly(error: OSError) -> str:
    return f"消息文件夹不能写入（{type(error).__name__}）"
