"""What the national query says of a certificate, where no extract does: by hand only with a picture, and by two."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, can, require
from portal.file_inspection import inspect
from portal.workforce.actions.documents import keep_document
from portal.workforce.models import CertificateAnswer, SkillCredential, StatedAnswer
from portal.workforce.models.base import records_of_person

# Who writes a certificate down may look it up; who confirms records compares.
STATE, JUDGE = "worker.edit", "record.verify"
_LABEL = "联网查询页面截图"


def state_answer(
    credential_id: int, *, found: bool, as_of: date, picture: UploadedFile, by: Any, on: date
) -> StatedAnswer:
    """Write down what the query showed, with a picture of the page. Raises Refused, NotNow, FileRefused."""
    file = inspect(picture)
    with transaction.atomic():
        credential = _locked(credential_id)
        region = credential.worker.work_region_id
        if not can(by, JUDGE, region):
            require(by, STATE, region)
        _require_not_own(credential, by)
        if as_of > on:
            raise NotNow("查询日期不能晚于今天。")
        if StatedAnswer.objects.filter(credential=credential, judged_at__isnull=True).exists():
            raise NotNow("这本证书已有一条查询结果等待复核。")
        document = keep_document("credential", credential.pk, file, label=_LABEL, by=by, on=on)
        stated = StatedAnswer.objects.create(
            credential=credential, found=found, as_of=as_of, picture=document, stated_by=by
        )
        _record("answer.state", stated, by)
    return stated


def require_may_judge(stated: StatedAnswer, credential: SkillCredential, by: Any) -> None:
    """Raise Refused, NotNow unless this officer may compare it with the picture now."""
    require(by, JUDGE, credential.worker.work_region_id)
    _require_not_own(credential, by)
    if stated.judged_at is not None:
        raise NotNow("这条查询结果已经复核。")
    if stated.stated_by_id == by.pk:
        raise Refused("查询结果须由登记人以外的另一人复核。")


@transaction.atomic
def judge_answer(stated_id: int, *, agrees: bool, by: Any, on: date) -> StatedAnswer:
    """Another person says whether the picture shows it; then it is the answer, unless a later one is there.

    Raises Refused, NotNow.
    """
    stated = (
        StatedAnswer.objects.select_for_update(of=("self",)).select_related("stated_by").get(pk=stated_id)
    )
    credential = _locked(stated.credential_id)
    require_may_judge(stated, credential, by)
    stated.agrees, stated.judged_by, stated.judged_at = agrees, by, timezone.now()
    stated.save(update_fields=["agrees", "judged_by", "judged_at"])
    before = CertificateAnswer.objects.filter(credential=credential).first()
    if agrees and (before is None or before.as_of <= stated.as_of):
        CertificateAnswer.objects.update_or_create(
            credential=credential, defaults={"found": stated.found, "as_of": stated.as_of, "extract": None}
        )
    _record("answer.confirm" if agrees else "answer.refuse", stated, by)
    return stated


def _locked(credential_id: int) -> SkillCredential:
    credentials = SkillCredential.objects.select_for_update(of=("self",)).select_related("worker")
    credential = credentials.filter(pk=credential_id).first()
    if credential is None:
        raise NotNow("该证书已被撤销，请刷新页面。")
    return credential


def _require_not_own(credential: SkillCredential, by: Any) -> None:
    if credential.worker_id in records_of_person(by):
        raise Refused("这是您本人的证书，须由其他人员办理。")


def _record(action: str, stated: StatedAnswer, by: Any) -> None:
    worker = stated.credential.worker
    audit.record(
        action,
        by=by,
        obj=stated,
        worker=worker.pk,
        region=worker.work_region_id,
        detail={"found": stated.found, "on": stated.as_of.isoformat()},
    )
