"""Fact and picture on one screen: documents handed in at the window, and read where the record is confirmed."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from portal.audit.models import Entry
from portal.workforce.actions.documents import STORE
from portal.workforce.models import PayeeAccount, RecordDocument, SkillCredential
from tests.cases.conftest import pdf, picture, upload
from tests.window.given import known_worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential(cast: Any) -> SkillCredential:
    return known_worker(cast("clerk")).credentials.get()


def of_record(record: SkillCredential) -> str:
    return reverse("window:record_documents", args=["credential", record.pk])


def test_a_clerk_hands_in_a_certificate_while_writing_it_down(worker: Any, clerk: Any, as_user: Any) -> None:
    address = reverse("window:record_new", args=[worker.pk, "credential"])
    given = {
        "occupation": "焊工",
        "level": "40",
        "number": "S1501",
        "issued_on": "2015-07-01",
        "verified_how": "original_seen",
        "source": "窗口登记（查验原件）",
    }
    desk = as_user(clerk)
    wrong = desk.post(address, given | {"attachment": upload(b"no picture", "证书.jpg")})
    assert "仅修改文件后缀名无效" in wrong.content.decode() and not SkillCredential.objects.exists()
    assert desk.post(address, given | {"attachment": upload(picture("PNG"), "证书.png")}).status_code == 302
    record, document = SkillCredential.objects.get(), RecordDocument.objects.get()
    assert (document.kind, document.record_id, document.label) == ("credential", record.pk, "技能证书")
    page = desk.get(reverse("window:record", args=[worker.pk, "credential", record.pk])).content.decode()
    assert reverse("window:record_document", args=[document.pk]) in page and of_record(record) in page


def test_fact_and_picture_stand_on_one_screen(
    credential: SkillCredential, clerk: Any, reviewer: Any, cast: Any, as_user: Any
) -> None:
    for content, name in ((picture("JPEG"), "证书.jpg"), (pdf(), "合同.pdf")):
        sent = as_user(clerk).post(of_record(credential), {"label": name[:2], "file": upload(content, name)})
        assert sent.url == of_record(credential)
    shown, contract = RecordDocument.objects.order_by("pk")
    person = (
        as_user(cast("auditor")).get(reverse("window:worker", args=[credential.worker_id])).content.decode()
    )
    assert person.count("材料（2）") == 1 and of_record(credential) in person
    desk = as_user(reviewer)
    address = reverse("window:record_confirm", args=["credential", credential.pk])
    page = desk.get(address).content.decode()
    assert "1515000000600001" in page and "乌兰于" in page
    assert f'<img src="{reverse("window:record_document", args=[shown.pk])}"' in page
    assert f'<iframe src="{reverse("window:record_document", args=[contract.pk])}"' in page
    assert "请选择已核对的上传材料" in desk.post(address, {"seen": ""}).content.decode()
    assert desk.post(address, {"documents": [shown.pk]}).status_code == 302
    credential.refresh_from_db()
    assert (credential.verification, credential.verified_from) == ("confirmed", "上传的材料：证书")


def test_a_record_without_documents_is_confirmed_as_before(
    credential: SkillCredential, reviewer: Any, as_user: Any
) -> None:
    address = reverse("window:record_confirm", args=["credential", credential.pk])
    page = as_user(reviewer).get(address).content.decode()
    assert "没有上传材料" in page and "已逐项核对的上传材料" not in page
    assert as_user(reviewer).post(address, {"seen": "证书原件"}).status_code == 302


def test_a_document_is_opened_by_who_may_and_framed_by_us_alone(
    credential: SkillCredential, clerk: Any, cast: Any, as_user: Any
) -> None:
    as_user(clerk).post(of_record(credential), {"label": "证书", "file": upload(pdf(), "证书.pdf")})
    document = RecordDocument.objects.get()
    address = reverse("window:record_document", args=[document.pk])
    opened = as_user(cast("reviewer")).get(address)
    assert opened.content.startswith(b"%PDF") and opened["Content-Type"] == "application/pdf"
    assert opened["X-Frame-Options"] == "SAMEORIGIN" and opened["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'self'" in opened["Content-Security-Policy"]
    assert "no-store" in opened["Cache-Control"]
    assert "attachment" in as_user(cast("reviewer")).get(f"{address}?download")["Content-Disposition"]
    assert Entry.objects.filter(action="record.document.open").count() == 2
    for who in ("baotou_clerk", "baotou_reviewer", "policy_officer", "employer_agent"):
        assert as_user(cast(who)).get(address).status_code == 404
    assert Entry.objects.filter(action="record.document.open").count() == 2


def test_who_only_looks_hands_nothing_in(
    credential: SkillCredential, clerk: Any, cast: Any, as_user: Any
) -> None:
    page = as_user(cast("auditor")).get(of_record(credential)).content.decode()
    assert "没有上传材料" in page and 'type="file"' not in page
    given = {"label": "证书", "file": upload(pdf(), "证书.pdf")}
    refused = as_user(cast("auditor")).post(of_record(credential), given)
    assert refused.status_code == 409 and not RecordDocument.objects.exists()
    assert as_user(cast("baotou_clerk")).get(of_record(credential)).status_code == 404
    assert as_user(clerk).get("/window/records/none-such/1/documents/").status_code == 404


def test_a_wrong_document_is_taken_away(
    credential: SkillCredential, clerk: Any, reviewer: Any, as_user: Any
) -> None:
    as_user(clerk).post(of_record(credential), {"label": "证书", "file": upload(pdf(), "证书.pdf")})
    document = RecordDocument.objects.get()
    away = reverse("window:record_document_remove", args=[document.pk])
    assert away not in as_user(reviewer).get(of_record(credential)).content.decode()
    assert "材料由上传人移除" in as_user(reviewer).post(away, follow=True).content.decode()
    assert away in as_user(clerk).get(of_record(credential)).content.decode()
    assert "已移除“证书”" in as_user(clerk).post(away, follow=True).content.decode()
    assert as_user(clerk).get(reverse("window:record_document", args=[document.pk])).status_code == 404


# -- the copy of a passbook or card --------------------------------------------------------------------------
NUMBER = "6228480012345678"
ACCOUNT = {"bank": "农行", "account_number": NUMBER, "again": NUMBER, "source": "本人填报"}


@pytest.fixture
def payee(worker: Any, clerk: Any, as_user: Any) -> PayeeAccount:
    """An account that a clerk wrote down together with the copy."""
    given = ACCOUNT | {"copy": upload(picture("JPEG"), "卡.jpg")}
    assert as_user(clerk).post(reverse("window:payee_new", args=[worker.pk]), given).status_code == 302
    return PayeeAccount.objects.get()


def test_who_confirms_an_account_sees_the_copy_beside_the_number(
    payee: PayeeAccount, reviewer: Any, as_user: Any
) -> None:
    copy = RecordDocument.objects.get()
    assert (copy.kind, copy.record_id, copy.label) == ("payee", payee.pk, "存折或银行卡复印件")
    address = reverse("window:record_document", args=[copy.pk])
    page = as_user(reviewer).get(reverse("window:payee", args=[payee.pk])).content.decode()
    in_fours = " ".join(NUMBER[start : start + 4] for start in range(0, len(NUMBER), 4))
    assert in_fours in page and f'<img src="{address}"' in page and "与所附复印件逐位核对" in page
    # on a phone nobody comes to the verdict before the picture
    assert page.index(in_fours) < page.index(f'<img src="{address}"') < page.index("复核通过")
    assert "没有上传" not in page and 'type="file"' not in page
    assert as_user(reviewer).get(address).status_code == 200
    opened = Entry.objects.get(action="record.document.open")
    assert (opened.actor_id, opened.worker_ref) == (reviewer.pk, payee.worker_id)


def test_a_copy_is_seen_by_those_alone_who_enter_or_confirm_accounts(
    payee: PayeeAccount, cast: Any, as_user: Any, worker_user: Any
) -> None:
    address = reverse("window:record_document", args=[RecordDocument.objects.get().pk])
    for who in ("auditor", "registry_officer", "baotou_clerk", "baotou_reviewer", "panel_expert"):
        assert as_user(cast(who)).get(address).status_code == 404, who
    assert not Entry.objects.filter(action="record.document.open").exists()
    for who in ("clerk", "reviewer", "finance_officer"):
        assert as_user(cast(who)).get(address).status_code == 200, who
    assert as_user(worker_user).get(address).status_code == 200
    assert as_user(cast("clerk")).get(f"/window/records/payee/{payee.pk}/documents/").status_code == 404


def test_an_account_with_a_wrong_copy_is_not_kept(worker: Any, clerk: Any, as_user: Any) -> None:
    given = ACCOUNT | {"copy": upload(b"no picture", "卡.jpg")}
    page = as_user(clerk).post(reverse("window:payee_new", args=[worker.pk]), given).content.decode()
    assert "仅修改文件后缀名无效" in page and "不超过10" in page
    assert not PayeeAccount.objects.exists() and not RecordDocument.objects.exists()


def test_a_copy_is_handed_in_later(worker: Any, clerk: Any, reviewer: Any, cast: Any, as_user: Any) -> None:
    as_user(clerk).post(reverse("window:payee_new", args=[worker.pk]), ACCOUNT)
    address = reverse("window:payee", args=[PayeeAccount.objects.get().pk])
    assert "没有上传存折或银行卡复印件" in as_user(reviewer).get(address).content.decode()
    assert "请选择存折或银行卡复印件" in as_user(clerk).post(address, {"do": "attach"}).content.decode()
    sent = {"do": "attach", "copy": upload(pdf(), "卡.pdf")}
    assert as_user(clerk).post(address, sent).url == address
    assert (
        "已上传过" in as_user(clerk).post(address, sent | {"copy": upload(pdf(), "卡.pdf")}).content.decode()
    )
    assert "与所附复印件" in as_user(reviewer).get(address).content.decode()
    # Who confirms hands nothing in: the copy comes from who has seen the card.
    assert (
        as_user(cast("finance_officer")).post(address, sent | {"copy": upload(pdf(), "卡.pdf")}).status_code
        == 403
    )
    assert as_user(reviewer).post(address, {"do": "confirm"}).status_code == 302
    away = reverse("window:record_document_remove", args=[RecordDocument.objects.get().pk])
    as_user(clerk).post(away)
    assert RecordDocument.objects.not_removed().count() == 1


def test_the_copy_goes_with_the_account_that_was_taken_back(
    payee: PayeeAccount, clerk: Any, as_user: Any, django_capture_on_commit_callbacks: Any
) -> None:
    copy = RecordDocument.objects.get()
    path = STORE.path_of(copy.stored_as)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        as_user(clerk).post(reverse("window:payee", args=[payee.pk]), {"do": "withdraw"})
    copy.refresh_from_db()
    assert copy.removed_by == clerk and not path.exists()
