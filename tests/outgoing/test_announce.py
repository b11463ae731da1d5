"""A message is written with what happened: it says number and stage, nothing else, and leaves only after the commit."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from portal.cases.workflow import workflows
from portal.outgoing import kinds, sending
from portal.outgoing.actions import announce, announce_many
from portal.outgoing.kinds import CORRECTION, DECISION, RECEIPT, Kind
from portal.outgoing.models import Message
from tests.outgoing.conftest import MONDAY, PHONE, FakeWay

KINDS = (RECEIPT, CORRECTION, DECISION)


@pytest.mark.django_db
def test_off_by_default_the_record_stands_and_nothing_is_asked_for(
    case: Any, queued: list[list[int]], settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    assert settings.MESSAGES == ""
    with django_capture_on_commit_callbacks(execute=True):
        message = announce(case(), RECEIPT, by=None, on=MONDAY)
    message.refresh_from_db()
    assert (message.state, message.attempts, queued) == ("off", 0, [])
    # And it is not sent later, when what it says has long been over.
    settings.MESSAGES = "file"
    assert sending.sweep() == 0 and sending.send([message.pk]) == 0
    message.refresh_from_db()
    assert message.state == "off"
    assert list(Message.objects.of_case(message.case)) == []


@pytest.mark.django_db
def test_a_demonstration_sends_nothing(case: Any, fake: FakeWay, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.accounts import demonstration

    monkeypatch.setattr(demonstration, "_known", {})
    monkeypatch.setattr(demonstration, "_state", lambda: (True, True))
    assert announce(case(), RECEIPT, by=None, on=MONDAY).state == "off"


@pytest.mark.django_db
def test_it_is_sent_after_the_commit_and_not_before(
    case: Any, fake: FakeWay, queued: list[list[int]], clerk: Any, django_capture_on_commit_callbacks: Any
) -> None:
    opened = case()
    with django_capture_on_commit_callbacks() as callbacks:
        message = announce(opened, RECEIPT, by=clerk, on=MONDAY)
    assert (message.state, queued, fake.taken) == ("pending", [], [])
    for callback in callbacks:
        callback()
    assert queued == [[message.pk]]
    assert (message.worker_id, message.case, message.by, message.on) == (
        opened.worker_id,
        opened,
        clerk,
        MONDAY,
    )


def test_after_a_rollback_nothing_is_sent(
    committed: str, case: Any, fake: FakeWay, queued: list[list[int]]
) -> None:
    opened = case()
    with pytest.raises(RuntimeError), transaction.atomic():
        announce(opened, RECEIPT, by=None, on=MONDAY)
        raise RuntimeError
    assert not Message.objects.exists() and queued == []
    assert sending.sweep() == 0 and fake.taken == []


@pytest.mark.django_db
def test_many_at_once_are_as_many_one_by_one(
    case: Any, fake: FakeWay, queued: list[list[int]], django_capture_on_commit_callbacks: Any
) -> None:
    cases = [case(f"王{n}") for n in range(3)]
    with django_capture_on_commit_callbacks(execute=True):
        together = announce_many(cases, DECISION, by=None, on=MONDAY)
    assert queued == [[message.pk for message in together]]
    alone = [announce(one, DECISION, by=None, on=MONDAY) for one in cases]
    assert [(m.case_id, m.text, m.worker_id) for m in together] == [
        (m.case_id, m.text, m.worker_id) for m in alone
    ]
    assert announce_many([], DECISION, by=None, on=MONDAY) == []


@pytest.mark.django_db
def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(kinds.UnknownKind):
        announce_many([], "greeting", by=None, on=MONDAY)


# -- what it says --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("says", ["{name}您好", "{number}{stage.person}", "{}", "{0}", "{number!r}{phone}"])
def test_no_kind_may_say_more_than_number_and_stage(says: str) -> None:
    with pytest.raises(ValueError, match="number and stage only"):
        kinds.register(Kind("test.more", "更多", says))


@pytest.mark.parametrize("kind", KINDS)
def test_every_stage_of_every_workflow_fits(kind: str) -> None:
    for workflow in workflows():
        for _, label in workflow.states.choices:
            text = kinds.get(kind).text(number=f"{workflow.prefix}-2026-000001", stage=str(label))
            assert len(text) <= 160 and str(label) in text and len(str(label)) <= 40


_NAMES = st.text(st.characters(categories=["Lo", "Ll", "Nd"]), min_size=1, max_size=20)
_DIGITS = st.text("0123456789", min_size=17, max_size=17)


@pytest.mark.django_db
def test_no_text_holds_anything_of_the_person(case: Any, fake: FakeWay) -> None:
    """Whoever it is, whatever the case is about: without its number and stage it is the same text for everybody."""
    opened = case()
    everybody = {kind: kinds.get(kind).text(number="", stage="") for kind in KINDS}
    assert not any(re.search(r"\d", text) for text in everybody.values())

    @given(name=_NAMES, id_number=_DIGITS, subject=_NAMES, kind=st.sampled_from(KINDS))
    def holds(name: str, id_number: str, subject: str, kind: str) -> None:
        opened.subject = subject
        opened.worker.name, opened.worker.id_number = name, id_number
        with transaction.atomic():
            message = announce(opened, kind, by=None, on=MONDAY)
            transaction.set_rollback(True)
        stage = str(opened.state_label)
        assert message.text.replace(opened.number, "", 1).replace(stage, "", 1) == everybody[kind]
        assert (message.stage, message.kind) == (stage, kind)

    holds()


@pytest.mark.django_db
def test_only_the_number_to_call_goes_outside_with_it(told: Any, folder: Any) -> None:
    message = told(name="王建国")
    sending.send([message.pk])
    (file,) = folder.iterdir()
    said = json.loads(file.read_text(encoding="utf-8"))
    assert said.pop("phone") == PHONE
    rest = json.dumps(said, ensure_ascii=False)
    assert "王建国" not in rest and PHONE not in rest
    assert message.worker.id_number not in rest and message.worker.id_number[-6:] not in rest
    assert set(said) == {"id", "on", "subject", "text"}


# -- what the database holds ---------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM outgoing_message",
        "UPDATE outgoing_message SET text = '王建国'",
        "UPDATE outgoing_message SET stage = ''",
        "UPDATE outgoing_message SET worker_id = NULL",
        "UPDATE outgoing_message SET key = gen_random_uuid()",
        "UPDATE outgoing_message SET state = 'sent', sent_at = now()",
    ],
)
def test_the_database_keeps_what_was_written(told: Any, fake: FakeWay, statement: str) -> None:
    told()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["pending", "sending", "off", "failed"])
def test_what_was_sent_is_not_made_unsent(told: Any, fake: FakeWay, state: str) -> None:
    message = told()
    assert sending.send([message.pk]) == 1
    with pytest.raises(DatabaseError, match="does not become"), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(state=state, reason="x")


@pytest.mark.django_db
def test_who_sees_the_case_sees_the_message(told: Any, fake: FakeWay, cast: Any) -> None:
    message = told()
    seen = {
        name: Message.objects.visible_to(cast(name)).filter(pk=message.pk).exists()
        for name in ("clerk", "reviewer", "baotou_clerk")
    }
    assert seen == {"clerk": True, "reviewer": True, "baotou_clerk": False}
