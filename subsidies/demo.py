"""Claims of the demonstration, in every stage: handed in at the window and by the worker, taken in, reviewed, decided;
by certificates, and for a training that was completed.

Certificates of the demonstration are from long ago; those claimed by here were issued lately, and are synthetic like
everything else.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.access import NotNow
from portal.cases.models import Channel
from portal.demo import Demo
from portal.policy.facts import SkillLevel
from portal.workforce.actions.payees import confirm_payee, propose_payee
from portal.workforce.models import CertificateAnswer, RegisterExtract, SkillCredential, Worker
from portal.workforce.models.credentials import VerifiedHow
from portal.workforce.models.extracts import Extracted, ExtractPhase
from portal.workforce.models.verification import Verification
from subsidies import claiming, demo_against, demo_year, handling, trainings
from subsidies.by_unit import demo as unit_demo
from subsidies.models import TRAINING, Claim, TrainingProject
from subsidies.schemes import SKILL_UPGRADE, TECHNICIAN
from subsidies.workflow import ClaimState

# How far each claim gets, in order.
_STAGES = (
    *("submitted", "accepted", "reviewed", "approved", "returned", "approved", "rejected", "accepted"),
    *demo_against.STAGES,
)
# The roster is drawn by lot: some meet no conditions, and their turn falls to the next one.
_PLACE, _TECHNICIANS, _SPARE = "150624", 2, 5


def load(demo: Demo) -> None:
    """Claims of workers in the clerk's banner."""
    demo.afterwards.append(lambda: _load(demo))


def _load(demo: Demo) -> None:
    demo_year.load(demo)
    workers = Worker.objects.filter(
        work_region_id=_PLACE,
        employments__status="employed",
        employments__verification=Verification.CONFIRMED,
        insurance__months__gte=36,
        insurance__verification=Verification.CONFIRMED,
    ).order_by("pk")
    of_the_demonstration = Worker.objects.get(account=demo.people["worker"])
    most = len(_STAGES) + _SPARE + _TECHNICIANS
    others = workers.exclude(pk=of_the_demonstration.pk).exclude(pk__in=unit_demo.people_of_unit(demo))
    claimants = list(others[:most])
    levels = [SkillLevel.TECHNICIAN] * _TECHNICIANS + [SkillLevel.SENIOR] * (most - _TECHNICIANS)
    # Whoever signs in as the worker finds a claim that is filled in.
    people = [of_the_demonstration, *claimants]
    credentials = _certificates(demo, people, [SkillLevel.SENIOR, *levels])[1:]
    _claim(demo, TECHNICIAN, credentials[:_TECHNICIANS], ["reviewed"] * _TECHNICIANS)
    _claim(demo, SKILL_UPGRADE, credentials[_TECHNICIANS:], list(_STAGES))
    _trainings(demo, workers.exclude(pk__in=[one.pk for one in people]))
    unit_demo.load(demo, _certificates)
    _accounts(demo)


def _claim(demo: Demo, kind: str, credentials: list[SkillCredential], stages: list[str]) -> None:
    for number, credential in enumerate(credentials):
        if not stages:
            return
        on = demo.on - timedelta(days=10 - number % 8)
        try:
            claim = claiming.claim_at_once(
                credential.pk, kind, channel=Channel.WINDOW, by=demo.people["clerk"], on=on
            )
        except NotNow:
            continue
        _take_on(demo, claim, stages.pop(0))


def _accounts(demo: Demo) -> None:
    """Those who were approved bring an account: confirmed by another, but for the last, which waits for somebody."""
    clerk, reviewer = demo.people["clerk"], demo.people["second_reviewer"]
    approved = Claim.objects.filter(case__state=ClaimState.APPROVED, worker__work_region=_PLACE)
    without = approved.filter(worker__payee_accounts__isnull=True).order_by("case_id")
    people = list(without.values_list("worker_id", flat=True))
    for worker_id in people:
        account = propose_payee(
            worker_id,
            bank="合成银行鄂托克旗支行",
            account_number=f"6217{worker_id:012d}",
            source="社会保障卡（演示）",
            by=clerk,
            on=demo.on,
        )
        if worker_id != people[-1]:
            confirm_payee(account.pk, by=reviewer, on=demo.on)


def _trainings(demo: Demo, workers: QuerySet[Worker]) -> None:
    """Two who completed a training: one is confirmed and claimed for, one waits for the other officer."""
    clerk, reviewer = demo.people["clerk"], demo.people["reviewer"]
    on = demo.on - timedelta(days=6)
    for number, worker in enumerate(workers.exclude(employments__public_institution_payroll=True)[:2]):
        given = {
            "project": TrainingProject.SENIOR_TECHNICIAN,
            "occupation": "电工",
            "provider": "鄂尔多斯合成技师学院（演示）",
            "number": f"PX{demo.on.year}{number + 1:03d}",
            "completed_on": demo.on - timedelta(days=40 + number),
        }
        training = trainings.enter(worker.pk, given, by=clerk, on=on)
        if number == 0:
            trainings.confirm(training.pk, seen="结业证书原件", by=reviewer, on=on)
            claim = claiming.claim_at_once(
                training.pk, TECHNICIAN, about=TRAINING, channel=Channel.WINDOW, by=clerk, on=on
            )
            claiming.accept(claim.pk, by=clerk, on=on)


def _certificates(demo: Demo, workers: list[Worker], levels: list[SkillLevel]) -> list[SkillCredential]:
    """Certificates of last season, confirmed by the reviewer: at once, each as one is at a window."""
    made = SkillCredential.objects.bulk_create(
        SkillCredential(
            worker=worker,
            # Another trade than theirs: a lower level after a higher one would ask to be explained.
            occupation="电工" if worker.occupation != "电工" else "钳工",
            level=level,
            number=f"Y0000150000{worker.pk:05d}",
            issued_on=demo.on - timedelta(days=60 + number),
            verified_how=VerifiedHow.ORIGINAL_SEEN,
            source="窗口登记（演示）",
            recorded_by=demo.people["clerk"],
        )
        for number, (worker, level) in enumerate(zip(workers, levels, strict=False))
    )
    SkillCredential.objects.filter(pk__in=[one.pk for one in made]).update(
        verification=Verification.CONFIRMED,
        verified_by=demo.people["reviewer"],
        verified_at=timezone.now(),
        verified_from="查验证书原件",
    )
    # Of the first claim, which was just handed in, nobody has asked yet.
    _answered(demo, [*made[:1], *made[2:]])
    return made


def _answered(demo: Demo, credentials: list[SkillCredential]) -> None:
    """An extract of the national query has found these."""
    as_of = demo.on - timedelta(days=12)
    extract, _ = RegisterExtract.objects.get_or_create(
        kind=Extracted.CERTIFICATES,
        fingerprint=hashlib.sha256(b"subsidies.demo").hexdigest(),
        defaults={
            "register": "技能人才评价证书全国联网查询系统（演示）",
            "as_of": as_of,
            "place_id": _PLACE,
            "covers_from": as_of,
            "covers_until": as_of,
            "file_name": "联网查询结果（演示）.csv",
            "suffix": ".csv",
            "by": demo.people["reviewer"],
            "phase": ExtractPhase.DONE,
            "rows_read": len(credentials),
            "added": len(credentials),
            "merged_at": timezone.now(),
        },
    )
    CertificateAnswer.objects.bulk_create(
        CertificateAnswer(credential=one, found=True, as_of=extract.as_of, extract=extract)
        for one in credentials
    )


def _take_on(demo: Demo, claim: Claim, stage: str) -> None:
    clerk, reviewer = demo.people["clerk"], demo.people["reviewer"]
    approver, on = demo.people["approver"], claim.handed_in_on or demo.on
    if stage == "submitted":
        return
    if stage == "returned":
        claiming.return_for_correction(
            claim.pk, missing=["证书原件或者清晰的扫描件"], by=clerk, on=on + timedelta(days=1)
        )
        return
    if stage in demo_against.AT_THE_WINDOW:
        demo_against.take_on(demo, claim, stage)
        return
    claiming.accept(claim.pk, by=clerk, on=on)
    if stage == "accepted":
        return
    handling.review(claim.pk, by=reviewer, on=on + timedelta(days=1), note="证书、参保信息与登记一致。")
    if claim.case.kind == TECHNICIAN:
        handling.review_again(claim.pk, by=demo.people["regional_reviewer"], on=on + timedelta(days=2))
    elif stage == "approved":
        handling.approve(claim.pk, by=approver, on=on + timedelta(days=2))
    elif stage != "reviewed":
        demo_against.take_on(demo, claim, stage)
