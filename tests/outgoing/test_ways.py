"""E-mail against a mail server in a thread, files in a folder."""

from __future__ import annotations

import json
import socket
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import environment
from portal.outgoing import sending, ways
from portal.outgoing.models import Message
from portal.outgoing.ways import Envelope, Later, Refused, Unreachable, Unsure
from tests.outgoing.conftest import PHONE
from tests.outgoing.smtp_server import MailServer
from tests.stack.test_settings import settings_read

NOTE = Envelope(
    "7c9e6679-7425-40de-944b-e07fc1f90ae7", PHONE, "匠惠通：办件X", "您的办件X已受理。", "2026-11-16"
)


def by_mail(envelope: Envelope = NOTE) -> None:
    way = ways.Smtp()
    with way.open():
        way.prepare(envelope)
        way.hand_over(envelope)


# -- e-mail --------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_message_as_an_email(told: Any, mail_server: MailServer) -> None:
    message = told()
    assert sending.send([message.pk]) == 1
    (mail,) = mail_server.taken
    assert mail_server.recipients == [f"{PHONE}@sms.example.gov.cn"]
    assert mail["Message-ID"] == f"<{message.key}@example.gov.cn>"
    assert mail["From"] == "jht@example.gov.cn" and mail["Subject"] == f"匠惠通：办件{message.case.number}"
    assert mail.get_content().strip() == message.text
    assert Message.objects.get().way == "smtp"


@pytest.mark.django_db
def test_many_go_through_one_connection(told: Any, mail_server: MailServer) -> None:
    ids = [told(name=f"王{n}").pk for n in range(4)]
    assert sending.send(ids) == 4
    assert (len(mail_server.taken), mail_server.connections) == (4, 1)


@pytest.mark.parametrize(
    ("command", "answer", "error", "says"),
    [
        ("NOOP", "421 closing", Unreachable, "421"),
        ("NOOP", "", Unreachable, "未答复"),
        ("RCPT", "550 no such mailbox 13800001234", Refused, "550"),
        ("RCPT", "450 later", Later, "450"),
        ("MAIL", "451 later", Later, "451"),
        ("DATA", "554 no", Refused, "554"),
        ("END", "452 full", Later, "452"),
        ("END", "", Unsure, "未答复"),
    ],
)
def test_what_the_server_says_tells_what_becomes_of_it(
    mail_server: MailServer, command: str, answer: str, error: type[Exception], says: str
) -> None:
    mail_server.answers = {command: answer}
    with pytest.raises(error) as told:
        by_mail()
    assert says in str(told.value) and PHONE not in str(told.value)


def test_nobody_at_the_address(settings: Any, mail_server: MailServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        settings.SMTP_PORT = nobody.getsockname()[1]
    with pytest.raises(Unreachable):
        by_mail()


def test_a_server_that_refuses_to_sign_in(settings: Any, mail_server: MailServer) -> None:
    settings.SMTP_USER, settings.SMTP_PASSWORD = "jht", "words"
    with pytest.raises(Unreachable):
        by_mail()
    assert mail_server.taken == []


def test_without_encryption_where_it_is_asked_for_nothing_is_sent(
    settings: Any, mail_server: MailServer
) -> None:
    settings.SMTP_SECURITY = "starttls"
    with pytest.raises(Unreachable):
        by_mail()
    assert mail_server.taken == []


def test_of_an_email_whose_sender_was_killed_nobody_knows(mail_server: MailServer) -> None:
    assert ways.Smtp().finish(NOTE.key) is False


# -- files ---------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_message_as_a_file(told: Any, folder: Path) -> None:
    message = told()
    assert sending.send([message.pk]) == 1
    (file,) = folder.iterdir()
    content = file.read_text(encoding="utf-8")
    assert content.count("\n") == 1 and content.endswith("\n"), "one line"
    assert json.loads(content) == {
        "id": str(message.key),
        "on": "2026-11-16",
        "phone": PHONE,
        "subject": f"匠惠通：办件{message.case.number}",
        "text": message.text,
    }
    assert file.name == f"{message.key}.json"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and stat.S_IMODE(file.stat().st_mode) & 0o007 == 0


@pytest.mark.django_db
def test_a_folder_that_cannot_be_written_is_tried_again(told: Any, folder: Path) -> None:
    message = told()
    folder.write_text("a file is in its place")
    assert sending.send([message.pk]) == 0
    message.refresh_from_db()
    assert message.state == "pending" and "消息文件夹不能写入" in message.reason


def test_a_draft_is_no_message_yet_and_is_finished_once(tmp_path: Path) -> None:
    way = ways.Files(tmp_path)
    way.prepare(NOTE)
    (draft,) = tmp_path.iterdir()
    assert draft.name.startswith("."), "a gateway leaves it alone"
    assert way.finish(NOTE.key) and (tmp_path / f"{NOTE.key}.json").exists()
    (tmp_path / f"{NOTE.key}.json").unlink()
    assert way.finish(NOTE.key) and list(tmp_path.iterdir()) == [], "taken away, and not written again"


def test_of_a_folder_that_is_gone_nobody_knows(tmp_path: Path) -> None:
    assert not ways.Files(tmp_path / "gone").finish(NOTE.key)


# -- settings ------------------------------------------------------------------------------------------------
def test_which_way_is_chosen(settings: Any, tmp_path: Path) -> None:
    settings.MESSAGES_FOLDER = tmp_path
    names = {}
    for name in ("", "smtp", "file"):
        settings.MESSAGES = name
        way = ways.chosen()
        names[name] = way.name if way else ""
    assert names == {"": "", "smtp": "smtp", "file": "file"}


def test_a_way_that_is_none_refuses_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JHT_MESSAGES", "pigeon")
    with pytest.raises(ImproperlyConfigured, match="JHT_MESSAGES=pigeon is none of smtp, file"):
        environment.choice("JHT_MESSAGES", "smtp", "file")
    read = settings_read(JHT_MESSAGES="pigeon")
    assert read.status != 0 and "JHT_MESSAGES=pigeon" in read.complained


@pytest.mark.parametrize("name", ["JHT_SMTP_HOST", "JHT_SMTP_FROM", "JHT_SMTP_TO"])
def test_what_an_email_needs_must_be_set_where_emails_are_sent(name: str) -> None:
    given: dict[str, str | None] = {
        "JHT_MESSAGES": "smtp",
        "JHT_SMTP_HOST": "mail.internal",
        "JHT_SMTP_FROM": "jht@example.gov.cn",
        "JHT_SMTP_TO": "{phone}@sms.example.gov.cn",
    }
    assert settings_read(**given).status == 0
    for nothing in (None, ""):
        missing = settings_read(**(given | {name: nothing}))
        assert missing.status != 0 and f"{name} is not set" in missing.complained
    assert settings_read(**(given | {"JHT_MESSAGES": "file", name: None})).status == 0


def test_a_mailbox_that_is_nobodys_refuses_to_start() -> None:
    with_one = {"JHT_MESSAGES": "smtp", "JHT_SMTP_HOST": "mail", "JHT_SMTP_FROM": "jht@example.gov.cn"}
    read = settings_read(**with_one, JHT_SMTP_TO="all@example.gov.cn")
    assert read.status != 0 and "JHT_SMTP_TO does not contain {phone}" in read.complained
