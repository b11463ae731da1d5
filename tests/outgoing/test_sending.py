"""Sent once, tried again later, given up with a reason; whoever is killed in the middle, and however often it is asked."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from django.utils import timezone

from portal.audit.models import Entry
from portal.outgoing import sending, tasks
from portal.outgoing.models import Message
from portal.outgoing.ways import Later, Refused, Unreachable, Unsure
from tests.guards.layers import ROOT
from tests.live import wait_until
from tests.outgoing.conftest import FakeWay


def now_due(*messages: Any) -> None:
    """As if the time of waiting were over, and nobody rested."""
    Message.objects.filter(pk__in=[m.pk for m in messages], state="pending").update(next_at=timezone.now())
    cache.delete(sending._RESTING)


def state_of(message: Any) -> str:
    message.refresh_from_db()
    return message.state


@pytest.mark.django_db
def test_a_message_goes_to_the_telephone_of_its_person(told: Any, fake: FakeWay) -> None:
    message = told(phone="13900005678")
    tasks.send_messages([message.pk])
    (envelope,) = fake.taken
    assert (envelope.key, envelope.phone, envelope.text) == (str(message.key), "13900005678", message.text)
    assert message.case.number in envelope.subject
    assert state_of(message) == "sent" and message.sent_at and message.way == "fake" and message.reason == ""
    entry = Entry.objects.get(action="message.send")
    assert (entry.worker_ref, entry.detail) == (
        message.worker_id,
        {"number": message.case.number, "kind": "receipt"},
    )


@pytest.mark.django_db
def test_the_same_task_twice_sends_once(told: Any, fake: FakeWay) -> None:
    messages = [told(name=f"王{n}") for n in range(3)]
    ids = [message.pk for message in messages]
    for _ in range(2):
        tasks.send_messages([*ids, *ids])
        sending.sweep()
    assert [envelope.key for envelope in fake.taken] == [str(message.key) for message in messages]


def test_many_at_once_send_once(committed: str, told: Any, fake: FakeWay) -> None:
    ids = [told(name=f"王{n}").pk for n in range(6)]
    together = threading.Barrier(4)

    def send() -> None:
        try:
            together.wait()
            sending.send(ids)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = [envelope.key for envelope in fake.taken]
    assert len(keys) == len(set(keys))
    # What one of them skipped because another held it may still wait; nothing waits for ever.
    Message.objects.update(next_at=timezone.now())
    sending.send(ids)
    assert len({envelope.key for envelope in fake.taken}) == len(fake.taken) == 6


@pytest.mark.django_db
def test_without_a_telephone_it_stays_so(told: Any, fake: FakeWay) -> None:
    message, other = told(phone=""), told()
    assert sending.send([message.pk, other.pk]) == 1
    assert (state_of(message), message.get_state_display()) == ("no_contact", "无联系方式")
    sending.sweep()
    assert [envelope.key for envelope in fake.taken] == [str(other.key)]


@pytest.mark.django_db
def test_of_merged_records_the_telephone_of_the_standing_one_counts(
    told: Any, fake: FakeWay, cast: Any
) -> None:
    from tests.cast import make_worker
    from tests.workforce.merging import merged

    message = told(phone="")
    standing = make_worker("王建国")
    standing.set_phone("13700009999")
    standing.save()
    merged(cast, message.worker, standing)
    sending.send([message.pk])
    assert [envelope.phone for envelope in fake.taken] == ["13700009999"]


@pytest.mark.django_db
def test_switched_off_meanwhile_nothing_leaves(told: Any, fake: FakeWay, settings: Any) -> None:
    message = told()
    settings.MESSAGES = ""
    assert sending.send([message.pk]) == 0
    assert (state_of(message), fake.taken) == ("off", [])


# -- when it does not work -----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_it_is_tried_again_later_each_time_and_given_up_with_the_reason(told: Any, fake: FakeWay) -> None:
    message = told()
    fake.cannot_open = Unreachable("邮件服务器未答复")
    for wait in sending.WAITS:
        before = timezone.now()
        now_due(message)
        assert sending.send([message.pk]) == 0
        assert state_of(message) == "pending"
        assert before + wait <= message.next_at <= timezone.now() + wait
        tried = fake.opened
        assert sending.send([message.pk]) == 0 and fake.opened == tried, "not before its time"
    now_due(message)
    sending.send([message.pk])
    assert (state_of(message), message.reason) == ("failed", "邮件服务器未答复")
    assert Entry.objects.get(action="message.give_up").detail["problem"] == "邮件服务器未答复"
    fake.cannot_open = None
    assert sending.sweep() == 0 and fake.taken == []


@pytest.mark.django_db
def test_a_server_that_is_away_is_not_asked_for_every_message(told: Any, fake: FakeWay) -> None:
    """Whoever stands behind it in the queue would wait as often."""
    messages = [told(name=f"王{n}") for n in range(5)]
    fake.cannot_open = Unreachable("邮件服务器未答复")
    for message in messages:
        sending.send([message.pk])
    assert fake.opened == 1
    fake.cannot_open = None
    now_due(*messages)
    assert sending.send([message.pk for message in messages]) == 5


@pytest.mark.django_db
def test_one_that_is_not_taken_holds_up_no_other(told: Any, fake: FakeWay) -> None:
    later, refused, fine = (told(name=f"王{n}") for n in range(3))
    fake.raises = {1: Later("邮件服务器答复450"), 2: Refused("邮件服务器答复550")}
    assert sending.send([later.pk, refused.pk, fine.pk]) == 1
    assert [state_of(message) for message in (later, refused, fine)] == ["pending", "failed", "sent"]
    assert (later.attempts, later.reason, refused.reason) == (1, "邮件服务器答复450", "邮件服务器答复550")
    now_due(later)
    assert sending.send([later.pk]) == 1 and state_of(later) == "sent" and later.reason == ""


@pytest.mark.django_db
def test_what_may_have_been_taken_is_not_sent_again(told: Any, fake: FakeWay) -> None:
    unsure, other = told(), told(name="李强")
    fake.raises = {1: Unsure("邮件服务器未答复")}
    assert sending.send([unsure.pk, other.pk]) == 0
    assert state_of(unsure) == "uncertain" and "不能确认是否已经送出" in unsure.reason
    assert state_of(other) == "pending", "the line is gone; it has its turn later"
    now_due(other)
    assert sending.send([unsure.pk, other.pk]) == 1
    assert [envelope.key for envelope in fake.taken] == [str(other.key)]


@pytest.mark.django_db
def test_the_clock_takes_up_what_a_lost_task_left(told: Any, fake: FakeWay, monkeypatch: Any) -> None:
    message = told()
    assert sending.sweep() == 0, "the task after the commit has its turn first"
    monkeypatch.setattr(sending, "FIRST_WAIT", timedelta(0))
    assert tasks.sweep_messages() == 1
    assert state_of(message) == "sent"


# -- killed in the middle ------------------------------------------------------------------------------------
SENDER = """
import os, signal, django
django.setup()
from pathlib import Path
from portal.outgoing import sending, ways

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

{where} = die
sending.send([{pk}])
"""


def killed(message: Any, where: str, env: dict[str, str]) -> None:
    """A process that sends the message and is killed there."""
    code = SENDER.format(where=where, pk=message.pk)
    ended = subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


def taken_up(message: Any, monkeypatch: Any) -> str:
    """What becomes of it with the clock."""
    monkeypatch.setattr(sending, "STALE_AFTER", timedelta(0))
    monkeypatch.setattr(sending, "FIRST_WAIT", timedelta(0))

    def over() -> bool:
        cache.delete(sending._RESTING)
        sending.sweep()
        # The database notices in a moment that nobody is there any more for whom it holds the row.
        return state_of(message) not in {"pending", "sending"}

    wait_until(over, seconds=20, says="what became of the message")
    return message.state


@pytest.mark.kill
@pytest.mark.parametrize(
    ("where", "left"),
    [
        ("ways.os.fsync", "pending"),  # while the draft is written
        ("Path.rename", "sending"),  # between being under way and leaving
        ("sending._end", "sending"),  # between leaving and being noted as sent
    ],
)
def test_a_file_leaves_once_wherever_its_sender_is_killed(
    committed: str,
    told: Any,
    folder: Any,
    command_environment: dict[str, str],
    monkeypatch: Any,
    where: str,
    left: str,
) -> None:
    message = told()
    killed(message, where, command_environment | {"JHT_MESSAGES": "file", "JHT_MESSAGES_FOLDER": str(folder)})
    assert state_of(message) == left
    gone = [path for path in folder.iterdir() if not path.name.startswith(".")]
    for path in gone:
        path.unlink()  # the gateway has taken it away
    assert taken_up(message, monkeypatch) == "sent"
    gone += list(folder.iterdir())
    assert [path.name for path in gone] == [f"{message.key}.json"]


@pytest.mark.kill
def test_an_email_is_not_sent_twice_when_its_sender_is_killed(
    committed: str,
    told: Any,
    mail_server: Any,
    command_environment: dict[str, str],
    monkeypatch: Any,
) -> None:
    message = told()
    env = command_environment | {
        "JHT_MESSAGES": "smtp",
        "JHT_SMTP_HOST": "127.0.0.1",
        "JHT_SMTP_PORT": str(mail_server.port),
        "JHT_SMTP_FROM": "jht@example.gov.cn",
        "JHT_SMTP_TO": "{phone}@sms.example.gov.cn",
    }
    killed(message, "sending._end", env)
    assert state_of(message) == "sending" and len(mail_server.taken) == 1
    assert taken_up(message, monkeypatch) == "uncertain"
    assert message.reason == sending.KILLED and len(mail_server.taken) == 1


@pytest.mark.kill
def test_an_email_is_sent_when_its_sender_was_killed_before_it_was_under_way(
    committed: str,
    told: Any,
    mail_server: Any,
    command_environment: dict[str, str],
    monkeypatch: Any,
) -> None:
    message = told()
    env = command_environment | {
        "JHT_MESSAGES": "smtp",
        "JHT_SMTP_HOST": "127.0.0.1",
        "JHT_SMTP_PORT": str(mail_server.port),
        "JHT_SMTP_FROM": "jht@example.gov.cn",
        "JHT_SMTP_TO": "{phone}@sms.example.gov.cn",
    }
    killed(message, "ways.Smtp.prepare", env)
    assert state_of(message) == "pending" and mail_server.taken == []
    assert taken_up(message, monkeypatch) == "sent" and len(mail_server.taken) == 1
