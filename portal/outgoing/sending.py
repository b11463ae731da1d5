"""Sends messages that are written down, each once.

A message counts as under way before it is handed over, and as sent afterwards, each in a transaction of its own. Who is
killed before the first leaves it waiting; in between, the way itself says whether it is out (a file knows), or the
message stays 是否送出不明: it is never sent a second time.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.outgoing import ways
from portal.outgoing.models import Message, MessageState
from portal.outgoing.ways import Envelope, Later, Refused, Unreachable, Unsure, Way
from portal.workforce.merged import person_of

log = logging.getLogger(__name__)

# Messages of one task.
PER_TASK = 100
# How long after each try the next one comes; after the last the message is given up.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
# The task that follows the commit has its turn before the clock takes a message up.
FIRST_WAIT = timedelta(minutes=1)
# Nobody is at one message for so long: its sender was killed.
STALE_AFTER = timedelta(minutes=10)
_AT_ONCE = 500
# After a server did not answer nobody asks it for so many seconds: whoever asks waits as long, and so does what stands
# behind them in the queue.
_REST_SECONDS = 50
_RESTING = "outgoing-resting"
KILLED = "发送过程中断，不能确认是否已经送出；为避免重复发送，不再发送。"


def enqueue(message_ids: Sequence[int]) -> None:
    """Have them sent once the transaction has committed. A broker that is away is logged: the clock takes them up."""
    from portal.outgoing.tasks import send_messages

    ids = list(message_ids)

    def ask() -> None:
        for start in range(0, len(ids), PER_TASK):
            send_messages.delay(ids[start : start + PER_TASK])

    transaction.on_commit(ask, robust=True)


def send(message_ids: Sequence[int]) -> int:
    """Send those of these messages that are due; how many were. It may be asked twice, and by many at once."""
    way = ways.chosen()
    waiting = Message.objects.due(timezone.now()).filter(pk__in=message_ids)
    if way is None:
        waiting.update(state=MessageState.OFF)
        return 0
    ids = list(waiting.order_by("pk").values_list("pk", flat=True))
    if not ids or cache.get(_RESTING):
        return 0
    sent = 0
    try:
        with way.open():
            for message_id in ids:
                sent += _send_one(message_id, way)
    except Unreachable as problem:
        cache.set(_RESTING, "yes", _REST_SECONDS)
        _postpone_first(ids, str(problem))
    except Unsure:
        cache.set(_RESTING, "yes", _REST_SECONDS)
    return sent


def _send_one(message_id: int, way: Way) -> bool:
    """Whether it was sent now. Raises Unreachable, Unsure: then so are those after it."""
    envelope = _take(message_id, way)
    if envelope is None:
        return False
    try:
        way.hand_over(envelope)
    except Refused as problem:
        _end(message_id, MessageState.FAILED, str(problem))
        return False
    except Later as problem:
        _postpone(message_id, str(problem))
        return False
    except Unsure as problem:
        _end(message_id, MessageState.UNCERTAIN, f"{problem}，{KILLED}")
        raise
    _end(message_id, MessageState.SENT)
    return True


@transaction.atomic
def _take(message_id: int, way: Way) -> Envelope | None:
    """Count the message as under way, unless it is another's or has nobody to go to. Raises Unreachable: then it is
    not under way.
    """
    waiting = Message.objects.due(timezone.now()).select_for_update(skip_locked=True, of=("self",))
    message = waiting.select_related("case", "worker").filter(pk=message_id).first()
    if message is None:
        return None
    phone = _phone_of(message)
    if not phone:
        message.state = MessageState.NO_CONTACT
        message.save(update_fields=["state"])
        return None
    envelope = Envelope(
        key=str(message.key),
        phone=phone,
        subject=f"匠惠通：办件{message.case.number}",
        text=message.text,
        on=message.on.isoformat(),
    )
    way.prepare(envelope)
    message.state, message.way, message.begun_at = MessageState.SENDING, way.name, timezone.now()
    message.save(update_fields=["state", "way", "begun_at"])
    return envelope


def _phone_of(message: Message) -> str:
    """The number of the person now, by whichever record stands for them; the message keeps none."""
    person = person_of(message.worker) if message.worker else None
    return str(person.phone or "") if person else ""


@transaction.atomic
def _postpone_first(ids: Sequence[int], problem: str) -> None:
    """Of those that could not be sent the first one waits; the others have not been tried."""
    still = Message.objects.due(timezone.now()).filter(pk__in=ids)
    message = still.select_for_update(skip_locked=True).order_by("pk").first()
    if message is not None:
        _wait_longer(message, problem)


@transaction.atomic
def _postpone(message_id: int, problem: str) -> None:
    """A message that was under way and was not taken waits again."""
    under_way = Message.objects.filter(pk=message_id, state=MessageState.SENDING)
    message = under_way.select_for_update().first()
    if message is not None:
        _wait_longer(message, problem)


def _wait_longer(message: Message, problem: str) -> None:
    """Longer each time; given up in the end."""
    message.attempts += 1
    message.reason = problem[:120]
    if message.attempts > len(WAITS):
        message.state = MessageState.FAILED
        _note(message)
    else:
        message.state, message.begun_at = MessageState.PENDING, None
        message.next_at = timezone.now() + WAITS[message.attempts - 1]
    message.save(update_fields=["attempts", "reason", "state", "begun_at", "next_at"])
    log.warning("message %s was not sent: %s", message.pk, problem)


@transaction.atomic
def _end(message_id: int, state: MessageState, reason: str = "") -> None:
    """What came of a message that was under way; nothing when somebody has noted it meanwhile."""
    under_way = Message.objects.select_for_update(of=("self",)).select_related("case")
    message = under_way.filter(pk=message_id, state=MessageState.SENDING).first()
    if message is None:
        return
    message.state, message.reason = state, reason[:120]
    message.sent_at = timezone.now() if state == MessageState.SENT else None
    message.save(update_fields=["state", "reason", "sent_at"])
    _note(message)


def _note(message: Message) -> None:
    """What left the house, and what did not, in the audit."""
    detail: dict[str, Any] = {"number": message.case.number, "kind": message.kind}
    if message.reason:
        detail["problem"] = message.reason
    audit.record(
        "message.send" if message.state == MessageState.SENT else "message.give_up",
        by=None,
        obj=message,
        worker=message.worker_id,
        region=message.case.region_id,
        detail=detail,
    )


def sweep() -> int:
    """Take up what was left: by whoever was killed, by a broker or a server that was away. How many were sent."""
    now = timezone.now()
    left = Message.objects.filter(state=MessageState.SENDING, begun_at__lt=now - STALE_AFTER)
    for message in left.order_by("pk")[:_AT_ONCE]:
        _finish(message)
    overdue = Message.objects.due(now).filter(created_at__lt=now - FIRST_WAIT)
    return send(list(overdue.order_by("next_at", "pk").values_list("pk", flat=True)[:_AT_ONCE]))


def _finish(message: Message) -> None:
    """Find out what became of a message whose sender was killed."""
    way = ways.named(message.way)
    if way is not None and way.finish(str(message.key)):
        _end(message.pk, MessageState.SENT)
    else:
        _end(message.pk, MessageState.UNCERTAIN, KILLED)
