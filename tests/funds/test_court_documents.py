"""What a court wrote of a recovery is handed in as a scan: checked and kept as evidence is, seen by who sees the recovery."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.accounts.roles import Role
from portal.audit.models import Entry
from portal.file_inspection import FileRefused, inspect
from portal.funds import court_documents, recovery_steps, tasks
from portal.funds.course import courses_of
from portal.funds.court_documents import STORE, Paper
from portal.funds.models import CourtDocument, CourtHandover, Recovery
from portal.opened_files import NotShown
from tests.cases.conftest import pdf, picture, upload
from tests.cast import BAOTOU, make_account
from tests.funds.conftest import Office
from tests.funds.test_ledger import held_by
from tests.funds.test_recovery_pages import step_of
from tests.security.test_scanner import BAD, clamd

__all__ = ["clamd"]
RULING = {"paper": "granted", "number": "（2026）内0624行审1号"}


def reminded(recovery: Recovery, office: Office) -> dict[str, Any]:
    """Reminded of long enough ago; what the hand-over to the court says."""
    today = timezone.localdate()
    served = today - timedelta(days=11)
    recovery_steps.remind(recovery.pk, pay_by=today, by=office.finance, on=served, letter_number="催1")
    return {
        "reminder_served_on": served,
        "final_on": today - timedelta(days=1),
        "on": today,
        "court": "鄂托克旗人民法院",
        "document": "合成强申〔2026〕1号",
    }


@pytest.fixture
def recovery(fallen: Any, recovering: Any) -> Recovery:
    """2,000 that are to come back."""
    (payable,) = fallen(2000)
    found: Recovery = recovering.decided(payable)
    return found


@pytest.fixture
def enforced(recovery: Recovery, office: Office) -> Recovery:
    """The same, handed over to the court."""
    recovery_steps.hand_over(recovery.pk, reminded(recovery, office), by=office.finance)
    return recovery


def ruling(**said: Any) -> Paper:
    return Paper(**{**RULING, "issued_on": timezone.localdate()} | said)


def attached(recovery: Recovery, office: Office, content: bytes = b"", **said: Any) -> CourtDocument:
    return court_documents.attach(
        recovery.pk, upload(content or pdf("裁定"), "裁定书.pdf"), ruling(**said), by=office.finance
    )


@pytest.mark.django_db
def test_the_application_comes_with_the_hand_over(office: Office, recovery: Recovery) -> None:
    """Given a recovery that was reminded of, when it is handed over with a scan, then both are there, or neither is."""
    said = reminded(recovery, office)
    scan = inspect(upload(picture(), "申请书.png"))
    with pytest.raises(NotNow, match="申请日期不能在今天以后"):
        late = {"on": said["on"] + timedelta(days=1)}
        recovery_steps.hand_over(recovery.pk, said | late, scan=scan, by=office.finance)
    assert not CourtDocument.objects.exists() and not CourtHandover.objects.exists()
    handed = recovery_steps.hand_over(recovery.pk, said, scan=scan, by=office.finance)
    (document,) = handed.documents.all()
    assert (document.paper, document.number, document.issued_on) == (
        "application",
        "合成强申〔2026〕1号",
        said["on"],
    )
    assert str(document) == "强制执行申请书（合成强申〔2026〕1号）"


@pytest.mark.django_db
def test_what_the_court_wrote_is_kept_and_opened(office: Office, cast: Any, enforced: Recovery) -> None:
    """Given a recovery before a court, when its ruling is handed in, then it lies encrypted, who sees the recovery opens it,
    and every opening is in the audit.
    """
    document = attached(enforced, office)
    sealed = STORE.path_of(document.stored_as).read_bytes()
    assert b"%PDF" not in sealed
    opened = court_documents.open_document(document, by=office.approver)
    assert opened.kind == "application/pdf" and opened.content.startswith(b"%PDF")
    assert court_documents.open_original(document, by=cast("auditor")).content == pdf("裁定")
    noted = Entry.objects.filter(action__startswith="funds.court_document.").order_by("pk")
    assert list(noted.values_list("action", flat=True)) == [
        "funds.court_document.attach",
        "funds.court_document.open",
        "funds.court_document.original",
    ]
    assert noted[0].detail["number"] == enforced.number and noted[0].detail["document"] == RULING["number"]
    elsewhere = make_account("baotou.court", "外地会计", Role.FINANCE_OFFICER, BAOTOU)
    with pytest.raises(Refused):
        court_documents.open_document(document, by=elsewhere)
    with pytest.raises(Refused):
        court_documents.attach(enforced.pk, upload(pdf("二")), ruling(), by=elsewhere)
    told = [step.title for step in courses_of([enforced.payable.case_id])[enforced.payable.case_id].steps]
    assert "收到准予强制执行裁定书（（2026）内0624行审1号）" in told


@pytest.mark.django_db
def test_what_is_not_taken(office: Office, recovery: Recovery) -> None:
    with pytest.raises(NotNow, match="没有申请人民法院强制执行"):
        attached(recovery, office)
    recovery_steps.hand_over(recovery.pk, reminded(recovery, office), by=office.finance)
    today = timezone.localdate()
    with pytest.raises(NotNow, match="不能在今天以后"):
        attached(recovery, office, issued_on=today + timedelta(days=1))
    with pytest.raises(NotNow, match="不能早于申请日期"):
        attached(recovery, office, issued_on=today - timedelta(days=1))
    with pytest.raises(FileRefused, match="不是PDF、JPG"):
        attached(recovery, office, b"PK\x03\x04 a word file")
    attached(recovery, office)
    with pytest.raises(FileRefused, match="已上传过"):
        attached(recovery, office)
    with pytest.raises(Refused):
        court_documents.attach(recovery.pk, upload(pdf("二")), ruling(), by=office.approver)
    assert CourtDocument.objects.count() == 1


@pytest.mark.django_db
def test_a_virus_is_not_taken_and_what_was_not_scanned_is_shut(
    office: Office, enforced: Recovery, clamd: Any, settings: Any
) -> None:
    """Given a scanner, when something is found in a file, then it is not kept; and what came while it was away is opened by
    whoever handed it in alone, until the clock has it scanned.
    """
    with pytest.raises(FileRefused, match="病毒扫描"):
        attached(enforced, office, pdf() + BAD)
    clamd_at, settings.SCANNER = settings.SCANNER, "tcp://127.0.0.1:9"
    document = attached(enforced, office)
    with pytest.raises(NotShown, match="未经病毒扫描"):
        court_documents.open_document(document, by=office.approver)
    assert court_documents.open_document(document, by=office.finance).content
    settings.SCANNER = clamd_at
    tasks.scan_court_documents()
    assert court_documents.open_document(document, by=office.approver).content


@pytest.mark.django_db(transaction=False)
def test_by_mistake_it_is_taken_away_for_a_reason(
    office: Office, enforced: Recovery, recovering: Any, django_capture_on_commit_callbacks: Any
) -> None:
    document = attached(enforced, office)
    with pytest.raises(Refused, match="由上传人移除"):
        court_documents.remove(document.pk, reason="传错", by=office.second_finance)
    with django_capture_on_commit_callbacks(execute=True):
        court_documents.remove(document.pk, reason="传错", by=office.finance)
    assert not STORE.path_of(document.stored_as).exists()
    document.refresh_from_db()
    assert document.removed_because == "传错"
    with pytest.raises(NotNow, match="已移除"):
        court_documents.remove(document.pk, reason="传错", by=office.finance)
    with pytest.raises(NotNow, match="已移除"):
        court_documents.open_document(document, by=office.finance)
    # The same may come again; when all has come it stays.
    kept = attached(enforced, office)
    recovering.came(recovering.row(enforced, "2000", "B1"))
    with pytest.raises(NotNow, match="追回已办结"):
        court_documents.remove(kept.pk, reason="传错", by=office.finance)
    after = attached(enforced, office, pdf("结案"), paper="executed")
    assert after.get_paper_display() == "执行结案通知书"


@pytest.mark.django_db
def test_no_statement_changes_it(office: Office, enforced: Recovery, recovering: Any) -> None:
    document = attached(enforced, office)
    mine = CourtDocument.objects.filter(pk=document.pk)
    for change in ({"number": "2"}, {"digest": "0" * 64}, {"paper": "denied"}):
        with held_by("a_court_document_stays"):
            mine.update(**change)
    gone = {"removed_at": timezone.now(), "removed_by": office.finance}
    with held_by("a_court_document_is_removed_for_a_reason"):
        mine.update(**gone)
    recovering.came(recovering.row(enforced, "2000", "B1"))
    with held_by("a_court_document_stays"):
        mine.update(**gone, removed_because="传错")


def test_not_even_the_owner_deletes_it(
    committed: str, office: Office, enforced: Recovery, owner_sql: Any
) -> None:
    attached(enforced, office)
    with pytest.raises(psycopg2.Error, match="stays on record"):
        owner_sql("DELETE FROM funds_courtdocument")


@pytest.mark.django_db
def test_on_its_pages(office: Office, as_user: Any, recovery: Recovery, recovering: Any) -> None:
    """Given a recovery, when it is handed over and the ruling comes, by clicks, then the page shows both, and who may open."""
    finance = as_user(office.finance)
    said = reminded(recovery, office)
    page = finance.get(step_of(recovery, "court")).content.decode()
    assert "申请书扫描件" in page and "multipart/form-data" in page
    wrong = finance.post(step_of(recovery, "court"), said | {"file": upload(b"no scan", "申请书.docx")})
    assert "不是PDF、JPG" in wrong.content.decode() and not CourtHandover.objects.exists()
    finance.post(step_of(recovery, "court"), said | {"file": upload(picture(), "申请书.png")})
    given = RULING | {"issued_on": timezone.localdate().isoformat()}
    missing = finance.post(step_of(recovery, "court-document"), given).content.decode()
    assert "file" in missing and CourtDocument.objects.count() == 1
    done = finance.post(
        step_of(recovery, "court-document"), given | {"file": upload(pdf(), "裁定书.pdf")}, follow=True
    ).content.decode()
    for words in ("强制执行申请书", "申请书.png", "准予强制执行裁定书", RULING["number"], "裁定书.pdf"):
        assert words in done
    made = recovering.write_off(recovery)
    decide = as_user(office.approver).get(reverse("window:fund_write_off_decide", args=[made.pk]))
    assert f"准予强制执行裁定书（{RULING['number']}）" in decide.content.decode()
    document = CourtDocument.objects.latest("pk")
    address = reverse("window:fund_court_document", args=[document.pk])
    assert address in done
    opened = as_user(office.approver).get(address)
    assert opened.status_code == 200 and opened["Content-Type"] == "application/pdf"
    elsewhere = as_user(make_account("baotou.pages", "外地会计", Role.FINANCE_OFFICER, BAOTOU))
    assert elsewhere.get(address).status_code == 404
    remove = reverse("window:fund_court_document_remove", args=[document.pk])
    assert remove in done and as_user(office.approver).get(remove).status_code == 403
    assert "已移除" in finance.post(remove, {"reason": "传错"}, follow=True).content.decode()
    assert finance.get(address).status_code == 404


@pytest.mark.django_db
def test_over_the_api(office: Office, as_user: Any, enforced: Recovery) -> None:
    finance = as_user(office.finance)
    here = f"/api/funds/recoveries/{enforced.pk}/"
    given = RULING | {"issued_on": timezone.localdate().isoformat()}
    wrong = finance.post(f"{here}court-documents/", given | {"paper": "poem", "file": upload(pdf())})
    (error,) = wrong.json()["errors"]
    assert (wrong.status_code, error["field"]) == (400, "paper") and "granted" in error["allowed"]
    bad = finance.post(f"{here}court-documents/", given | {"file": upload(b"no scan")})
    assert bad.status_code == 400 and bad.json()["errors"][0]["field"] == "file"
    made = finance.post(f"{here}court-documents/", given | {"file": upload(pdf(), "裁定书.pdf")})
    assert made.status_code == 201, made.content.decode()
    shown = finance.get(here).json()["court"]["documents"]
    assert shown == [made.json()] and shown[0]["paper"] == "granted"
    document = f"/api/funds/court-documents/{shown[0]['id']}/"
    assert finance.get(document).content.startswith(b"%PDF")
    elsewhere = as_user(make_account("baotou.court2", "外地会计", Role.FINANCE_OFFICER, BAOTOU))
    assert elsewhere.get(document).status_code == 404
    gone = finance.post(f"{document}remove/", {"reason": "传错"}, content_type="application/json")
    assert gone.status_code == 204 and finance.get(document).status_code == 404
    assert finance.get(here).json()["court"]["documents"] == []
