"""Evidence: who may hand it in, what is taken, how it lies on the disk, and who opens it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import DatabaseError, transaction

from portal import reencrypting
from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.cases import tasks
from portal.cases.actions import NewCase, NotNow, open_cases, transition
from portal.cases.evidence import files
from portal.cases.evidence.files import FileRefused, path_of
from portal.cases.models import Case, Evidence
from portal.stored_files import Unreadable
from tests.cases.conftest import KIND, MONDAY, pdf, picture, upload
from tests.cast import make_worker

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def case(worker, takes_evidence) -> Case:
    [made] = open_cases(KIND, [NewCase(worker.work_region_id, worker.pk, "全国技术能手")], by=None, on=MONDAY)
    return made


def handed_in(
    case: Case, by, content: bytes | None = None, *, name: str = "证书.pdf", label: str = "技师证书"
) -> Evidence:
    return files.attach(
        case.pk, upload(pdf() if content is None else content, name), label=label, by=by, on=MONDAY
    )


def stored_files() -> list[Path]:
    return [path for path in Path(django_settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def originals() -> list[Path]:
    return [path for path in stored_files() if not path.suffix]


@pytest.mark.parametrize(
    ("content", "kind", "ending"),
    [
        (pdf(), "application/pdf", ".pdf"),
        (picture("JPEG"), "image/jpeg", ".jpg"),
        (picture("PNG"), "image/png", ".png"),
    ],
)
def test_a_file_is_known_by_its_content_and_lies_encrypted(case, clerk, content, kind, ending) -> None:
    kept = handed_in(case, clerk, content, name="../../etc/名字.exe")
    assert (kept.content_type, kept.file_name, kept.size) == (kind, f"名字{ending}", len(content))
    path = path_of(kept.stored_as)
    assert content[:16] not in path.read_bytes() and path.stat().st_mode & 0o077 == 0
    opened = files.open_file(kept, by=clerk)
    assert (opened.kind, opened.name) == (kind, f"名字{ending}") and content[:16] not in path.read_bytes()
    assert files.STORE.read(kept.stored_as, digest=kept.digest) == content
    assert (
        Entry.objects.filter(
            action__in=["evidence.attach", "evidence.open"], worker_ref=case.worker_id
        ).count()
        == 2
    )


def encrypted_pdf() -> bytes:
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


def scripted_pdf() -> bytes:
    return pdf(OpenAction=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))


def scripted_deep_in_a_page() -> bytes:
    document, out = pikepdf.new(), io.BytesIO()
    page = document.add_blank_page()
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")
    page.obj.Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=action)])
    document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def pdf_with_a_file_in_it() -> bytes:
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.attachments["a.exe"] = b"MZ"
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "空文件"),
        (b"MZ\x90\x00 a program", "不是PDF"),
        (b"<script>alert(1)</script>", "不是PDF"),
        (b"%PDF-1.7 and nothing else", "已损坏"),
        (b"\xff\xd8\xff\xe0 cut", "已损坏"),
        (picture("JPEG", (900, 900))[:900], "已损坏"),
        (picture("PNG", (400, 400))[:-40], "已损坏"),
        (picture("GIF"), "不是PDF"),
        (encrypted_pdf(), "加密"),
        (scripted_pdf(), "脚本"),
        (scripted_deep_in_a_page(), "脚本"),
        (pdf_with_a_file_in_it(), "附带的其他文件"),
    ],
)
def test_what_cannot_be_evidence_is_refused_with_the_reason(case, clerk, content, says) -> None:
    with pytest.raises(FileRefused, match=says):
        handed_in(case, clerk, content)
    assert not Evidence.objects.exists() and not stored_files()


def test_a_picture_too_large_to_open_is_refused(case, clerk) -> None:
    with pytest.raises(FileRefused, match="尺寸过大"):
        handed_in(case, clerk, picture("PNG", (10_000, 6_001)))


def test_size_and_number_are_limited_and_the_same_file_is_taken_once(case, clerk, settings) -> None:
    settings.EVIDENCE_MAX_BYTES, settings.EVIDENCE_MAX_FILES = 2000, 2
    with pytest.raises(FileRefused, match="超过"):
        handed_in(case, clerk, pdf("x" * 4000))
    handed_in(case, clerk, pdf("1"))
    with pytest.raises(FileRefused, match="已提交过"):
        handed_in(case, clerk, pdf("1"))
    handed_in(case, clerk, pdf("2"))
    with pytest.raises(NotNow, match="最多提交2个"):
        handed_in(case, clerk, pdf("3"))


def test_a_label_is_needed(case, clerk) -> None:
    with pytest.raises(NotNow, match="材料名称"):
        handed_in(case, clerk, label=" ")


def test_the_worker_and_the_clerk_of_the_place_may_hand_in_others_not(
    case, worker_user, clerk, baotou_clerk, auditor
) -> None:
    handed_in(case, worker_user, pdf("w"))
    handed_in(case, clerk, pdf("c"))
    for other in (baotou_clerk, auditor):
        with pytest.raises(Refused):
            handed_in(case, other, pdf("o"))


def test_evidence_changes_only_while_the_programme_takes_any(case, clerk, registry_officer) -> None:
    kept = handed_in(case, clerk)
    with transition(case.pk, "return_for_correction", by=registry_officer, on=MONDAY):
        pass
    for attempt in (
        lambda: handed_in(case, clerk, pdf("2")),
        lambda: files.remove(kept.pk, by=clerk, on=MONDAY),
    ):
        with pytest.raises(NotNow, match="不能增减材料"):
            attempt()


def test_a_kind_that_takes_none_says_so(case, clerk, monkeypatch) -> None:
    monkeypatch.setattr("portal.cases.evidence.rules._RULES", {})
    with pytest.raises(NotNow, match="不接收"):
        handed_in(case, clerk)


def test_removing_leaves_the_row_and_takes_the_content(
    case, clerk, django_capture_on_commit_callbacks
) -> None:
    kept = handed_in(case, clerk)
    with django_capture_on_commit_callbacks(execute=True):
        files.remove(kept.pk, by=clerk, on=MONDAY)
    kept.refresh_from_db()
    assert kept.removed_by == clerk and not path_of(kept.stored_as).exists()
    assert not case.evidence.not_removed().exists()
    for attempt in (
        lambda: files.open_file(kept, by=clerk),
        lambda: files.remove(kept.pk, by=clerk, on=MONDAY),
    ):
        with pytest.raises(NotNow, match="已移除"):
            attempt()
    handed_in(case, clerk)  # the same content may come again


def test_who_sees_the_case_opens_it_and_whom_the_programme_lets(
    case, clerk, worker_user, baotou_reviewer, panel_expert
) -> None:
    hidden, shown = handed_in(case, clerk, pdf("1")), handed_in(case, clerk, pdf("2"), label="专家可见")
    assert files.open_file(hidden, by=worker_user)
    assert files.open_file(shown, by=panel_expert)
    for kept, reader in ((hidden, panel_expert), (hidden, baotou_reviewer), (shown, baotou_reviewer)):
        with pytest.raises(Refused):
            files.open_file(kept, by=reader)


def test_one_file_cannot_be_put_in_anothers_place(case, clerk) -> None:
    first, second = handed_in(case, clerk, pdf("1")), handed_in(case, clerk, pdf("2"))
    path_of(first.stored_as).write_bytes(path_of(second.stored_as).read_bytes())
    with pytest.raises(Unreadable, match="changed"):
        files.STORE.read(first.stored_as, digest=first.digest)


def test_the_database_keeps_what_was_handed_in(case, clerk) -> None:
    kept = handed_in(case, clerk)
    for change in ({"digest": "0" * 64}, {"label": "别的"}, {"uploaded_by": None}):
        with pytest.raises(DatabaseError, match="is not changed"), transaction.atomic():
            Evidence.objects.filter(pk=kept.pk).update(**change)
    with pytest.raises(DatabaseError, match="rows are kept"), transaction.atomic():
        Evidence.objects.filter(pk=kept.pk).delete()


def test_a_file_without_its_row_is_swept_later_and_others_stay(case, clerk) -> None:
    kept = handed_in(case, clerk, pdf("kept"))
    with pytest.raises(RuntimeError), transaction.atomic():
        handed_in(case, clerk, pdf("lost"))
        raise RuntimeError
    assert len(originals()) == 2
    assert tasks.sweep_evidence() == 0  # its transaction might still be at work
    assert files.sweep_files(now=time.time() + 4000) == 1
    shown = files.STORE.beside(kept.stored_as, "shown")
    assert sorted(stored_files()) == [path_of(kept.stored_as), shown]
    assert files.sweep_files(now=time.time() + 4000) == 0


def test_a_new_data_key_writes_the_files_anew(case, clerk, settings) -> None:
    kept = handed_in(case, clerk)
    settings.DATA_KEYS = f"9:{'ab' * 16},{settings.DATA_KEYS}"
    for written in (2, 0):  # the file, and what is shown of it
        done = reencrypting.Done()
        reencrypting.FILES[0].rewrite(done, print)
        assert (done.values, done.verified, done.failed) == (written, 2, [])
    settings.DATA_KEYS = settings.DATA_KEYS.split(",")[0]
    assert path_of(kept.stored_as).read_bytes()[:2] == b"\x00\x09"
    assert files.STORE.read(kept.stored_as, digest=kept.digest) == pdf()


def test_the_command_for_new_keys_knows_of_the_files(case, clerk, capsys, settings, monkeypatch) -> None:
    handed_in(case, clerk)
    settings.DATA_KEYS = f"9:{'ab' * 16},{settings.DATA_KEYS}"
    monkeypatch.setattr(reencrypting, "tables", list)
    call_command("reencrypt")
    assert "evidence: 2" in capsys.readouterr().out


DIES = """
import os, signal, sys
import django; django.setup()
from datetime import date
from django.core.files.uploadedfile import SimpleUploadedFile
from portal.cases import models
from portal.cases.evidence import files
from portal.cases.evidence import rules
from portal.accounts.models import User
rules.register_evidence("registry.direct-inclusion", permission="registry.propose", may_change=lambda case: True)
models.Evidence.objects.create = lambda **_: os.kill(os.getpid(), signal.SIGKILL)
content = open(sys.argv[2], "rb").read()
clerk = User.objects.get(username="otog.clerk")
files.attach(int(sys.argv[1]), SimpleUploadedFile("a.pdf", content), label="证书", by=clerk, on=date(2026, 11, 16))
"""


@pytest.mark.kill
def test_killed_between_file_and_row_nothing_stands_and_the_file_is_swept(
    committed, command_environment, takes_evidence, cast, tmp_path
) -> None:
    cast("clerk")
    worker = make_worker()
    [case] = open_cases(KIND, [NewCase(worker.work_region_id, worker.pk, "全国技术能手")], by=None, on=MONDAY)
    given = tmp_path / "given.pdf"
    given.write_bytes(pdf())
    environment = command_environment | {
        "JHT_FILES": str(django_settings.MEDIA_ROOT),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    died = subprocess.run(
        [sys.executable, "-c", DIES, str(case.pk), str(given)], cwd=ROOT, env=environment, capture_output=True
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert not Evidence.objects.exists() and len(originals()) == 1
    for path in stored_files():
        os.utime(path, (1, 1))
    assert files.sweep_files() == 1
    assert handed_in(case, cast("clerk")).size
