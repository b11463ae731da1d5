"""Objections: from anybody with a contact, decided once, with reasons, by somebody who did not rank."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from portal.accounts.access import Refused
from portal.cases.actions import NotNow
from portal.cases.lookup import find_for_applicant, find_for_objector
from portal.cases.models import Case, CaseDuty, Evidence, News, Objection
from portal.cases.notices import objections, publishing
from portal.cases.workflow import Duty
from portal.file_inspection import FileRefused
from tests.cases.conftest import COLUMNS, MONDAY, ROWS, pdf, upload

ROOT = Path(__file__).resolve().parent.parent.parent
TUESDAY = date(2026, 11, 17)
NEXT_MONDAY = date(2026, 11, 23)
TEXT = "李秀英2025年已调离一线岗位，不符合申报条件。"


def received(notice, **changed) -> Objection:
    given = {
        "about": "TJ-2026-000002",
        "objector": "赵某",
        "contact": "138 0000 1234",
        "text": TEXT,
        "uploads": [],
        "on": TUESDAY,
    }
    return objections.receive(notice.pk, **(given | changed))


def upheld(objection, by, **changed) -> Objection:
    given = {
        "reason": "经核查属实",
        "reply": "经核查，您反映的情况属实，已调整名单。",
        "remedy": "exclude",
        "on": TUESDAY,
    }
    return objections.uphold(objection.pk, by=by, **(given | changed))


def dismissed(objection, by, **changed) -> Objection:
    given = {"reason": "不属实", "reply": "经核查，该同志仍在一线岗位。", "on": TUESDAY}
    return objections.dismiss(objection.pk, by=by, **(given | changed))


def test_an_objection_is_a_case_of_the_region_with_what_was_said_encrypted(announce) -> None:
    objection = received(announce(), uploads=[upload(pdf("1")), upload(pdf("2"))])
    assert objection.case.number == "YY-2026-000001"
    assert (objection.case.region_id, objection.case.worker_id, objection.case.state) == (
        "150000",
        None,
        "received",
    )
    assert [one.uploaded_by_id for one in Evidence.objects.filter(case=objection.case)] == [None, None]
    with connection.cursor() as cursor:
        cursor.execute("SELECT objector, contact, text FROM cases_objection")
        raw = b"".join(bytes(value) for value in cursor.fetchone())
    assert "李秀英".encode() not in raw and b"1234" not in raw
    objection.refresh_from_db()
    assert (objection.objector, objection.contact, objection.text) == ("赵某", "13800001234", TEXT)


def test_who_is_responsible_for_what_was_announced_is_told(announce, clerk, registry_officer) -> None:
    notice = announce()
    about = notice.case
    Case.objects.filter(pk=about.pk).update(assigned_to=registry_officer)
    received(notice, about="")
    told = News.objects.all()
    assert [(one.person, one.case, one.kind) for one in told] == [(registry_officer, about, "objection")]


def test_it_is_found_again_by_number_and_contact(announce) -> None:
    notice = announce()
    phone, mail = received(notice), received(notice, contact="zhao@example.com")
    assert find_for_objector(phone.case.number, "138-0000-1234") == phone
    assert find_for_objector(mail.case.number, "Zhao@example.com") == mail
    assert find_for_objector(phone.case.number, "1234") is None
    assert find_for_objector("YY-2026-009999", "13800001234") is None
    assert find_for_applicant(phone.case.number, "13800001234") is None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"objector": "赵"}, "objector"),
        ({"contact": "打我电话"}, "contact"),
        ({"text": "不服"}, "text"),
        ({"text": "长" * 2001}, "text"),
        ({"about": "TJ-2026-009999"}, "about"),
        ({"uploads": [upload(pdf(str(n))) for n in range(6)]}, "uploads"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(announce, changed, field) -> None:
    with pytest.raises(ValidationError) as refusal:
        received(announce(), **changed)
    assert list(refusal.value.message_dict) == [field]
    assert not Objection.objects.exists()


def test_with_a_bad_file_nothing_is_kept(announce) -> None:
    with pytest.raises(FileRefused):
        received(announce(), uploads=[upload(pdf()), upload(b"MZ")])
    assert not Case.objects.filter(kind="notice.objection").exists()


def test_objections_are_taken_through_the_last_day(announce) -> None:
    notice = announce()
    assert received(notice, on=NEXT_MONDAY)
    with pytest.raises(NotNow, match="已截止"):
        received(notice, on=date(2026, 11, 24), text=TEXT + "。")


def test_the_same_objection_twice_is_one(announce) -> None:
    notice = announce()
    first = received(notice)
    with pytest.raises(NotNow, match=first.case.number):
        received(notice, contact="１３８-0000-1234", text=TEXT.replace("，", "， "))
    assert received(notice, about="") and received(notice, contact="13900001234")
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.create(
            case=first.case,
            notice=notice,
            objector="x",
            contact="x",
            text="x",
            fingerprint=first.fingerprint,
            received_on=TUESDAY,
        )


def test_who_ranked_cannot_decide_whatever_role_they_hold(
    announce, programme, regional_reviewer, supervisor
) -> None:
    programme.barred = {regional_reviewer.pk}
    objection = received(announce())
    for attempt in (
        upheld,
        dismissed,
        lambda one, by: objections.withdraw(one.pk, reason="来电撤回", by=by, on=TUESDAY),
    ):
        with pytest.raises(Refused, match="另一人"):
            attempt(objection, regional_reviewer)
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseDuty.objects.create(case=objection.case, duty=Duty.APPROVE, person=regional_reviewer)
    assert dismissed(objection, supervisor).decided_on == TUESDAY


def test_who_ranks_after_it_was_received_is_barred_as_well(announce, programme, regional_reviewer) -> None:
    objection = received(announce())
    programme.barred = {regional_reviewer.pk}
    with pytest.raises(Refused, match="另一人"):
        dismissed(objection, regional_reviewer)


def test_only_those_who_decide_objections_decide(announce, clerk, registry_officer, reviewer) -> None:
    objection = received(announce())
    for other in (clerk, registry_officer, reviewer):
        with pytest.raises(Refused):
            dismissed(objection, other)


def test_upholding_carries_out_the_remedy_and_may_extend(announce, programme, regional_reviewer) -> None:
    notice = announce()
    objection = upheld(received(notice), regional_reviewer, extend_working_days=3)
    notice.refresh_from_db()
    assert programme.upheld == [("TJ-2026-000002", "exclude")]
    assert (objection.remedy, Case.objects.get(pk=objection.pk).state, notice.closes_on) == (
        "exclude",
        "upheld",
        date(2026, 11, 26),
    )
    assert "属实" not in notice.extensions.get().reason  # everybody reads it


@pytest.mark.parametrize(
    ("own", "extensions", "closes_on"), [(5, 1, date(2026, 11, 30)), (1, 2, date(2026, 11, 26))]
)
def test_an_extension_by_the_remedy_counts_towards_that_of_the_officer(
    announce, programme, regional_reviewer, own, extensions, closes_on
) -> None:
    notice = announce()
    programme.then = lambda objection, by, on: publishing.extend_notice(
        notice.pk, working_days=own, reason="新增人员", by=by, on=on
    )
    upheld(received(notice), regional_reviewer, extend_working_days=3)
    notice.refresh_from_db()
    assert (notice.extensions.count(), notice.closes_on) == (extensions, closes_on)


def test_when_the_remedy_fails_nothing_was_decided(announce, programme, regional_reviewer) -> None:
    objection = received(announce())

    def fails(*_, **__) -> None:
        raise NotNow("名单不能调整")

    programme.then = fails
    with pytest.raises(NotNow, match="不能调整"):
        upheld(objection, regional_reviewer)
    objection.refresh_from_db()
    assert (objection.reply, objection.case.state) == ("", "received")


def test_a_decision_has_its_reason_reply_and_remedy(announce, regional_reviewer) -> None:
    objection = received(announce())
    for attempt in ({"reason": " "}, {"reply": " "}, {"reply": "长" * 2001}, {"remedy": "banish"}):
        with pytest.raises(NotNow):
            upheld(objection, regional_reviewer, **attempt)


def test_open_objections_stand_in_the_way_and_decided_ones_do_not(
    announce, regional_reviewer, supervisor
) -> None:
    notice = announce()
    first, second = received(notice), received(notice, contact="13900001234")
    third = received(notice, contact="13700001234")
    after = date(2026, 11, 24)
    assert "还有3件异议没有办结：YY-2026-000001、YY-2026-000002" in publishing.blockers(notice, after)[0]
    dismissed(first, regional_reviewer)
    upheld(second, supervisor)
    objections.withdraw(third.pk, reason="本人来电撤回", by=supervisor, on=TUESDAY)
    assert publishing.blockers(notice, after) == []


def test_what_was_said_and_answered_stands(announce, regional_reviewer) -> None:
    objection = received(announce())
    row = Objection.objects.filter(pk=objection.pk)
    for change in ({"about": ""}, {"received_on": MONDAY}):
        with pytest.raises(DatabaseError, match="is not changed"), transaction.atomic():
            row.update(**change)
    for column in ("text", "contact", "objector"):
        setattr(objection, column, "别的")
        with pytest.raises(DatabaseError, match="is not changed"), transaction.atomic():
            objection.save(update_fields=[column])
    dismissed(objection, regional_reviewer)
    with pytest.raises(DatabaseError, match="answer was given"), transaction.atomic():
        row.update(reply="别的")
    with pytest.raises(DatabaseError, match="rows are kept"), transaction.atomic():
        row.delete()


def test_a_new_data_key_gives_the_application_no_other_words(announce, settings) -> None:
    """Only the owner of the tables writes them anew (tests/stack/test_reencrypt.py)."""
    objection = received(announce())
    settings.DATA_KEYS = f"9:{'ab' * 16},{settings.DATA_KEYS}"
    with pytest.raises(DatabaseError, match="is not changed"), transaction.atomic():
        objection.save(update_fields=["text"])
    objection.refresh_from_db()
    assert objection.text == TEXT


def test_two_officers_at_once_decide_once(committed, announce, programme, cast) -> None:
    objection = received(announce())
    people = [cast("regional_reviewer"), cast("supervisor")]

    def decide(by) -> str:
        try:
            upheld(objection, by)
            return "done"
        except NotNow:
            return "late"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, people)) == ["done", "late"]
    assert len(programme.upheld) == 1


def test_a_double_click_is_one_objection(committed, announce) -> None:
    notice = announce()

    def click(_: int) -> str:
        try:
            return received(notice).case.number
        except NotNow as refusal:
            return "again" if "YY-2026-000001" in str(refusal) else str(refusal)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(click, range(3))) == ["YY-2026-000001", "again", "again"]


DIES = """
import os, signal, sys
import django; django.setup()
from datetime import date
from portal.accounts.models import User
from portal.cases.notices import publishing
from portal.cases.notices import kinds
from portal.cases.notices import objections
from portal.cases.models import Objection
def dies(objection, **given):
    publishing.extend_notice(objection.notice_id, working_days=2, reason="核实", by=given["by"], on=given["on"])
    os.kill(os.getpid(), signal.SIGKILL)
kinds.register_notice_kind("test.list", remedies=[("exclude", "", "")], barred=lambda notice: set(), on_upheld=dies)
objections.uphold(int(sys.argv[1]), reason="核实", reply="x", remedy="exclude", by=User.objects.get(username="region.reviewer"),
                  on=date(2026, 11, 17))
"""


@pytest.mark.kill
def test_killed_in_the_middle_of_a_decision_it_is_as_before_and_can_be_decided(
    committed, command_environment, announce, cast
) -> None:
    notice, officer = announce(), cast("regional_reviewer")
    objection = received(notice)
    died = subprocess.run(
        [sys.executable, "-c", DIES, str(objection.pk)],
        cwd=ROOT,
        capture_output=True,
        env=command_environment | {"DJANGO_SETTINGS_MODULE": "portal.settings", "PATH": os.environ["PATH"]},
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    objection.refresh_from_db()
    assert (objection.case.state, objection.reply, notice.extensions.count()) == ("received", "", 0)
    publishing.revise_notice(
        notice.pk, columns=COLUMNS, rows=ROWS[:1], digest="", reason="核实", moved=[], by=officer, on=TUESDAY
    )
    assert upheld(objection, officer).decided_on == TUESDAY


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("乌 云", "乌云"), ("热依汗.吐尔逊", "热依汗·吐尔逊"), ("伊旗（城东）运输公司", "伊旗（城东）运输公司")],
)
def test_the_name_of_an_objector_is_kept_in_its_one_form(announce, typed: str, kept: str) -> None:
    assert received(announce(), objector=typed).objector == kept
