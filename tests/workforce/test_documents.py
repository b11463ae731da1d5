"""Documents of a record: handed in, opened, seen when it is confirmed, kept afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError, transaction

from portal import reencrypting
from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.file_inspection import FileRefused
from portal.workforce import tasks
from portal.workforce.actions import (
    attach_document,
    confirm_record,
    documents_of,
    open_document,
    remove_document,
    save_record,
)
from portal.workforce.actions.documents import STORE
from portal.workforce.models import RecordDocument
from portal.workforce.record_kinds import ALL_KINDS
from tests.cases.conftest import pdf, picture, upload
from tests.cast import make_honour
from tests.workforce.plausible import ON, save
from tests.workforce.test_records import GIVEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential(worker: Any, clerk: Any) -> Any:
    return save("credential", worker, clerk)


def hand_in(
    record: Any, by: Any, content: bytes | None = None, *, kind: str = "credential"
) -> RecordDocument:
    given = upload(picture("JPEG") if content is None else content, "证书.jpg")
    return attach_document(kind, record.pk, given, label="技能等级证书", by=by, on=ON)


@pytest.mark.parametrize("kind", [kind.code for kind in ALL_KINDS])
def test_every_kind_of_record_takes_documents(kind: str, worker: Any, clerk: Any) -> None:
    record = make_honour(worker, recorded_by=clerk) if kind == "honour" else save(kind, worker, clerk)
    document = hand_in(record, clerk, kind=kind)
    assert list(documents_of(kind, record)) == [document]
    assert (document.worker, document.uploaded_by, document.is_picture) == (worker, clerk, True)


def test_it_lies_encrypted_and_opening_is_written_down(credential: Any, clerk: Any, reviewer: Any) -> None:
    document = hand_in(credential, clerk, pdf())
    path = STORE.path_of(document.stored_as)
    assert pdf()[:16] not in path.read_bytes() and path.stat().st_mode & 0o077 == 0
    assert path.is_relative_to(django_settings.MEDIA_ROOT)
    assert STORE.read(document.stored_as, digest=document.digest) == pdf()
    assert open_document(document, by=reviewer).kind == "application/pdf"
    entries = Entry.objects.filter(worker_ref=credential.worker_id).order_by("id")
    assert list(entries.values_list("action", "actor_id"))[-2:] == [
        ("record.document.attach", clerk.pk),
        ("record.document.open", reviewer.pk),
    ]


def test_who_may(credential: Any, clerk: Any, reviewer: Any, cast: Any, worker_user: Any) -> None:
    document = hand_in(credential, reviewer)
    for who in ("baotou_clerk", "registry_officer", "auditor", "finance_officer"):
        with pytest.raises(Refused):
            hand_in(credential, cast(who), pdf())
    for stranger in ("baotou_reviewer", "policy_officer", "panel_expert", "employer_agent"):
        with pytest.raises(Refused, match="仅供本人"):
            open_document(document, by=cast(stranger))
    credential.worker.refresh_from_db()
    assert open_document(document, by=worker_user)


def test_what_is_taken(credential: Any, clerk: Any, settings: Any) -> None:
    hand_in(credential, clerk)
    with pytest.raises(FileRefused, match="已上传过"):
        hand_in(credential, clerk)
    with pytest.raises(FileRefused, match="仅修改文件后缀名无效"):
        hand_in(credential, clerk, b"<html>")
    settings.EVIDENCE_MAX_FILES = 1
    with pytest.raises(NotNow, match="最多上传1个"):
        hand_in(credential, clerk, pdf())
    assert RecordDocument.objects.count() == 1


def test_the_confirmation_names_what_was_seen(credential: Any, clerk: Any, reviewer: Any) -> None:
    document = hand_in(credential, clerk)
    of_another = hand_in(save("schooling", credential.worker, clerk), clerk, kind="schooling")
    how = {"by": reviewer, "on": ON}
    with pytest.raises(NotNow, match="已有变动"):
        confirm_record("credential", credential.pk, seen="", documents=[of_another.pk], **how)
    with pytest.raises(NotNow, match="核验依据"):
        confirm_record("credential", credential.pk, seen="", **how)
    confirm_record("credential", credential.pk, seen="全国联网查询", documents=[document.pk], **how)
    credential.refresh_from_db()
    assert credential.verified_from == "全国联网查询；上传的材料：技能等级证书"
    assert Entry.objects.get(action="record.confirm").detail["documents"] == [document.digest]


def test_it_is_taken_away_by_who_handed_it_in_until_it_was_relied_on(
    credential: Any, clerk: Any, reviewer: Any, django_capture_on_commit_callbacks: Any
) -> None:
    wrong, right = hand_in(credential, clerk), hand_in(credential, clerk, pdf())
    with pytest.raises(Refused, match="上传人"):
        remove_document(wrong.pk, by=reviewer, on=ON)
    with django_capture_on_commit_callbacks(execute=True):
        remove_document(wrong.pk, by=clerk, on=ON)
    assert not STORE.path_of(wrong.stored_as).exists()
    with pytest.raises(NotNow, match="已移除"):
        open_document(RecordDocument.objects.get(pk=wrong.pk), by=clerk)
    with pytest.raises(NotNow, match="已移除"):
        remove_document(wrong.pk, by=clerk, on=ON)
    confirm_record("credential", credential.pk, seen="", documents=[right.pk], by=reviewer, on=ON)
    with pytest.raises(NotNow, match="须保留"):
        remove_document(right.pk, by=clerk, on=ON)


def test_the_database_keeps_what_was_handed_in(credential: Any, clerk: Any) -> None:
    document = hand_in(credential, clerk)
    for change in ({"digest": "0" * 64}, {"label": "别的"}, {"record_id": 1}):
        with pytest.raises(DatabaseError, match="is not changed"), transaction.atomic():
            RecordDocument.objects.filter(pk=document.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        RecordDocument.objects.filter(pk=document.pk).delete()


def test_a_file_without_its_row_is_swept_later_and_new_keys_write_it_anew(
    credential: Any, clerk: Any, settings: Any
) -> None:
    kept = hand_in(credential, clerk)
    with pytest.raises(RuntimeError), transaction.atomic():
        hand_in(credential, clerk, pdf("lost"))
        raise RuntimeError
    import time

    assert tasks.sweep_documents() == 0
    assert STORE.sweep(now=time.time() + 4000) == 1
    settings.DATA_KEYS = f"9:{'ab' * 16},{settings.DATA_KEYS}"
    for written in (2, 0):  # the file, and what is shown of it
        done = reencrypting.Done()
        reencrypting.FILES[1].rewrite(done, print)
        assert (done.values, done.failed) == (written, [])
    assert STORE.read(kept.stored_as, digest=kept.digest) == picture("JPEG")
    assert open_document(kept, by=clerk).kind == "image/jpeg"


def test_what_a_removed_record_rested_on_stays(credential: Any, clerk: Any) -> None:
    from portal.workforce.actions import remove_record, version_of

    document = hand_in(credential, clerk)
    remove_record(
        "credential",
        credential.worker_id,
        credential.pk,
        reason="登记有误",
        version=version_of(credential),
        by=clerk,
        on=ON,
    )
    assert open_document(document, by=clerk)
    again = save_record("credential", credential.worker_id, GIVEN["credential"], by=clerk, on=ON)
    assert not documents_of("credential", again)
