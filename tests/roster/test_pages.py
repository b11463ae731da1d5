"""The pages of rosters: giving one in, watching, fetching refused rows, deciding on names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.audit.models import Entry
from portal.jobs import runner
from portal.window.people.roster import RosterForm
from portal.workforce.models import NameConflict, RosterImport, Worker
from tests.cast import make_worker
from tests.roster.conftest import Office, csv_bytes, row


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)


def upload(client: Any, content: bytes, name: str = "花名册.csv") -> Any:
    return client.post(reverse("window:roster"), {"file": SimpleUploadedFile(name, content)})


def confirm(client: Any, given: RosterImport, **said: str) -> Any:
    """Read it in as it was recognised."""
    page = client.get(reverse("window:roster_import", args=[given.pk]))
    form = page.context["layout_form"]
    chosen = {name: form[name].value() or "" for name in form.fields}
    return client.post(reverse("window:roster_layout", args=[given.pk]), chosen | said)


def test_from_the_upload_to_the_refused_rows(
    committed: str, clerk: Any, as_user: Callable[[Any], Any]
) -> None:
    client = as_user(clerk)
    answer = upload(client, csv_bytes([row(), row(手机号="1")]))
    given = RosterImport.objects.get()
    assert answer.url == reverse("window:roster_import", args=[given.pk])
    assert confirm(client, given).url == answer.url
    given.refresh_from_db()
    waiting = client.get(answer.url).content.decode()
    assert "等待中" in waiting
    progress = reverse("window:roster_progress", args=[given.pk])
    assert client.get(progress).status_code == 200

    runner.run_job(given.job_id)
    assert client.get(progress).status_code == 286
    done = client.get(answer.url).content.decode()
    assert "下载未通过的行" in done
    refused = client.get(reverse("window:roster_refused", args=[given.pk]))
    assert "手机号应为11位数字" in b"".join(refused.streaming_content).decode("utf-8-sig")
    assert refused["Content-Disposition"].startswith("attachment")
    entry = Entry.objects.get(action="roster.refused.download")
    assert (entry.actor, entry.object_ref, entry.detail) == (clerk, str(given.pk), {"rows": 1})


def test_what_is_no_roster_is_told_at_the_form(db: None, clerk: Any, as_user: Callable[[Any], Any]) -> None:
    client = as_user(clerk)
    assert "文件是PDF" in upload(client, b"%PDF-1.7").content.decode()
    assert "没有找到花名册表头" in upload(client, "你好，这是一封信。\n".encode()).content.decode()
    assert "请选择花名册文件" in client.post(reverse("window:roster"), {}).content.decode()
    assert not RosterImport.objects.exists()


def test_a_file_that_is_too_large_is_told_so(
    db: None, clerk: Any, as_user: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RosterForm.base_fields["file"], "most", 100)
    assert "文件超过" in upload(as_user(clerk), csv_bytes([row()])).content.decode()


def test_imports_are_seen_by_who_made_them(
    db: None, clerk: Any, reviewer: Any, as_user: Callable[[Any], Any]
) -> None:
    upload(as_user(clerk), csv_bytes([row(手机号="1")]))
    given = RosterImport.objects.get()
    confirm(as_user(clerk), given)
    given.refresh_from_db()
    runner.run_job(given.job_id)
    for name in ("window:roster_import", "window:roster_progress", "window:roster_refused"):
        assert as_user(reviewer).get(reverse(name, args=[given.pk])).status_code == 404
    assert given.file_name not in as_user(reviewer).get(reverse("window:roster")).content.decode()


@pytest.mark.parametrize("who", ["auditor", "approver", "registry_officer", "system_admin", "worker_user"])
def test_others_have_no_roster_pages(
    request: pytest.FixtureRequest, who: str, as_user: Callable[[Any], Any]
) -> None:
    client = as_user(request.getfixturevalue(who))
    assert client.get(reverse("window:roster")).status_code == 403
    assert upload(client, csv_bytes([row()])).status_code == 403
    assert not RosterImport.objects.exists()


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_template_to_fill_in(db: None, clerk: Any, as_user: Callable[[Any], Any], kind: str) -> None:
    answer = as_user(clerk).get(reverse("window:roster_template", args=[kind]))
    assert answer.status_code == 200
    assert len(answer.content) > 100


def test_a_reviewer_decides_on_a_name(
    office: Office, clerk: Any, reviewer: Any, as_user: Callable[[Any], Any]
) -> None:
    worker = make_worker("王建国")
    office.imports(row(姓名="王建军", 证件号码=worker.id_number), by=clerk)
    conflict = NameConflict.objects.get()
    client = as_user(reviewer)
    listed = client.get(reverse("window:roster_conflicts")).content.decode()
    assert "王建军" in listed
    assert worker.id_number not in listed
    page = reverse("window:roster_conflict", args=[conflict.pk])
    assert client.post(page, {"decision": "replace", "reason": ""}).status_code == 400
    assert client.post(page, {"decision": "replace", "reason": "已查验居民身份证原件"}).status_code == 302
    assert Worker.objects.get().name == "王建军"
    assert as_user(clerk).get(page).status_code == 403
