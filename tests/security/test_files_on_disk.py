"""Files with personal data lie on the disk encrypted, each bound to its name; in the clear they are in memory only."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from portal import memory_files, sealed_files, unbound_values
from portal.audit.models import Entry
from portal.cases.evidence.files import STORE as EVIDENCE
from portal.file_inspection import sha256
from portal.jobs import runner
from portal.sealed_files import Unreadable
from portal.workforce.actions.documents import STORE as DOCUMENTS
from portal.workforce.models import RosterImport
from portal.workforce.roster import actions
from tests.roster.conftest import csv_bytes, given_in, row, xlsx_bytes
from tests.security.unbound import unbound

CONTENT = b"%PDF-1.7 in the clear"


@pytest.fixture
def given(
    committed: str, cast: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., RosterImport]:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)

    def give(content: bytes, name: str = "鄂托克旗.csv") -> RosterImport:
        return given_in(SimpleUploadedFile(name, content), by=cast("clerk"))

    return give


def on_disk(*folders: Path) -> list[bytes]:
    """Everything that lies below the folders, as it lies there."""
    return [path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("make", [csv_bytes, xlsx_bytes])
def test_nothing_of_a_roster_lies_in_the_clear(
    given: Callable[..., RosterImport],
    make: Any,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Neither while it waits, nor while it is read and written, nor afterwards."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    rows = [row(姓名="赛罕塔拉"), row(姓名="苏日娜乌云", 手机号="1")]
    content = make(rows)
    words = [one[label].encode() for one in rows for label in ("姓名", "证件号码")]
    import_of = given(content)
    seen = [on_disk(settings.MEDIA_ROOT, tmp_path)]
    from portal.workforce.roster import importing

    write = importing.write_refused

    def written(*arguments: Any) -> int:
        count = write(*arguments)
        seen.append(on_disk(settings.MEDIA_ROOT, tmp_path))
        return count

    monkeypatch.setattr(importing, "write_refused", written)
    runner.run_job(import_of.job_id)
    import_of.refresh_from_db()
    assert (import_of.added, import_of.refused) == (1, 1)
    seen.append(on_disk(settings.MEDIA_ROOT, tmp_path))
    assert len(seen) == 3 and all(seen[:2])
    for lying in (content for moment in seen for content in moment):
        assert not lying.startswith(b"PK") and not any(word in lying for word in words)
    with actions.fetch_refused(import_of, by=import_of.by) as file:
        refused = file.read()
    assert rows[1]["姓名"].encode() in refused or refused.startswith(b"PK")


def test_a_roster_in_anothers_place_is_not_imported(given: Callable[..., RosterImport]) -> None:
    first, second = given(csv_bytes([row()])), given(csv_bytes([row(), row()]))
    shutil.copy(first.source_path, second.source_path)
    runner.run_job(second.job_id)
    second.refresh_from_db()
    assert "与上传时不一致" in second.message and second.merged_at is None
    assert Entry.objects.get(action="roster.not_shown").object_ref == str(second.pk)
    runner.run_job(first.job_id)
    first.refresh_from_db()
    assert first.added == 1


def test_a_roster_is_the_one_whose_digest_was_noted(given: Callable[..., RosterImport]) -> None:
    """Also where whoever changed it had the key."""
    received = given(csv_bytes([row()]))
    sealed_files.keep(received.source_file, csv_bytes([row(), row()]))
    runner.run_job(received.job_id)
    received.refresh_from_db()
    assert "与上传时不一致" in received.message


def test_refused_rows_that_were_changed_are_not_handed_out(given: Callable[..., RosterImport]) -> None:
    from django.core.exceptions import ValidationError

    received = given(csv_bytes([row(手机号="1"), row()]))
    runner.run_job(received.job_id)
    received.refresh_from_db()
    path = received.refused_path
    altered = bytearray(path.read_bytes())
    altered[40] ^= 1
    path.write_bytes(altered)
    with pytest.raises(ValidationError, match="与生成时不一致"):
        actions.fetch_refused(received, by=received.by)
    assert Entry.objects.filter(action="roster.not_shown").exists()


def test_a_stored_file_opens_under_its_own_name_only(db: None) -> None:
    first, second = EVIDENCE.keep(CONTENT), EVIDENCE.keep(CONTENT)
    assert EVIDENCE.read(first, digest=sha256(CONTENT)) == CONTENT
    shutil.copy(EVIDENCE.path_of(first), EVIDENCE.path_of(second))
    with pytest.raises(Unreadable, match="changed"):
        EVIDENCE.read(second, digest=sha256(CONTENT))
    # Nor as another kind of file, nor in another store.
    shutil.copy(EVIDENCE.path_of(first), EVIDENCE.beside(first, "shown"))
    with pytest.raises(Unreadable, match="changed"):
        EVIDENCE.read_beside(first, "shown")
    DOCUMENTS.path_of(first).parent.mkdir(parents=True)
    shutil.copy(EVIDENCE.path_of(first), DOCUMENTS.path_of(first))
    with pytest.raises(Unreadable, match="changed"):
        DOCUMENTS.read(first, digest=sha256(CONTENT))


@pytest.mark.parametrize("place", [0, 1, 5, 20, -1])
def test_an_altered_file_is_refused(place: int, settings: Any) -> None:
    sealed_files.keep("some/file", CONTENT * 100_000)
    path = sealed_files.path_of("some/file")
    altered = bytearray(path.read_bytes())
    altered[place] ^= 1
    path.write_bytes(altered)
    settings.BOUND_VALUES_ONLY = True
    for reading in (sealed_files.read, sealed_files.opened):
        with pytest.raises(Unreadable, match="changed"):
            reading("some/file")
    path.write_bytes(altered[:20])
    for reading in (sealed_files.read, sealed_files.opened):
        with pytest.raises(Unreadable, match="changed"):
            reading("some/file")


def test_files_of_before_are_read_until_everything_is_bound(
    monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    stored = uuid.uuid4()
    EVIDENCE.path_of(stored).parent.mkdir(parents=True)
    EVIDENCE.path_of(stored).write_bytes(unbound(CONTENT, bound_to=stored.bytes))
    sealed_files.path_of("clear").write_bytes(CONTENT)
    monkeypatch.setattr(unbound_values, "are_refused", lambda: False)
    assert EVIDENCE.read(stored, digest=sha256(CONTENT)) == CONTENT
    assert sealed_files.read("clear") == CONTENT
    monkeypatch.setattr(unbound_values, "are_refused", lambda: True)
    for reading in (
        lambda: EVIDENCE.read(stored, digest=sha256(CONTENT)),
        lambda: sealed_files.read("clear"),
        lambda: sealed_files.opened("clear"),
    ):
        with pytest.raises(Unreadable, match="changed"):
            reading()


def test_a_file_in_memory_lies_nowhere_and_stays_as_it_is() -> None:
    with memory_files.of(CONTENT) as file:
        assert str(memory_files.path_of(file).readlink()).startswith("/memfd:")
        assert memory_files.path_of(file).read_bytes() == CONTENT
        with pytest.raises(OSError, match="not permitted"):
            os.pwrite(file.fileno(), b"x", 0)


def test_what_is_uploaded_is_in_memory(settings: Any) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    content = CONTENT * 10_000
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("花名册.csv", content)})
    upload = request.FILES["file"]
    assert str(memory_files.path_of(upload.file).readlink()).startswith("/memfd:")
    assert b"".join(upload.chunks()) == content and upload.size == len(content)
    assert upload.name == "花名册.csv"


def test_a_name_leads_nowhere_else() -> None:
    for name in ("/etc/passwd", "letters/../../x", ".."):
        with pytest.raises(Unreadable, match="changed"):
            sealed_files.read(name)
