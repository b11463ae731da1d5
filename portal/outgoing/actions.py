"""The only code that writes messages. They are sent by portal/outgoing/sending.py, after the commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from portal.cases.models import Case
from portal.outgoing import kinds, sending, ways
from portal.outgoing.models import Message, MessageState
from portal.workforce.models import Worker

_BATCH = 1000


def announce(case: Case, kind: str, *, by: Any, on: date) -> Message:
    """Write down what the person is told about their case, as it stands now; called by the action that changes it,
    inside its transaction and after everything that could still refuse. It is sent once that is committed, if
    sending is on. Raises kinds.UnknownKind.
    """
    (message,) = announce_many([case], kind, by=by, on=on)
    return message


@transaction.atomic
def announce_many(cases: Sequence[Case], kind: str, *, by: Any, on: date) -> list[Message]:
    """`announce` for each of the cases."""
    says = kinds.get(kind)
    people = {case.worker_id for case in cases if case.worker_id is not None}
    accounts = dict(Worker.objects.filter(pk__in=people).values_list("pk", "account_id"))
    state = MessageState.OFF if ways.chosen() is None else MessageState.PENDING
    messages = []
    for case in cases:
        stage = str(case.state_label)
        messages.append(
            Message(
                case=case,
                worker_id=case.worker_id,
                account_id=accounts.get(case.worker_id) if case.worker_id is not None else None,
                kind=says.code,
                stage=stage,
                text=says.text(number=case.number, stage=stage),
                by=by,
                on=on,
                state=state,
            )
        )
    Message.objects.bulk_create(messages, batch_size=_BATCH)
    if state == MessageState.PENDING:
        sending.enqueue([message.pk for message in messages])
    return messages
