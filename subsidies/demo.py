"""Claims of the demonstration, in every stage: handed in at the window and by the worker, taken in, reviewed, decided.

Certificates of the demonstration are from long ago; those claimed by here were issued lately, and are synthetic like
everything else.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal.cases.models import Channel
from portal.demo import Demo
from portal.policy.facts import SkillLevel
from portal.workforce.actions import confirm_change, confirm_record, save_record, version_of
from portal.workforce.models import RecordChange, SkillCredential, Worker
from portal.workforce.models.verification import Verification
from portal.workforce.record_kinds import KINDS
from subsidies import claiming, handling
from subsidies.models import Claim
from subsidies.schemes import SKILL_UPGRADE, TECHNICIAN

_SEEN = "查验证书原件"
# How far each claim gets, in order, and again from the beginning.
_STAGES = ("submitted", "accepted", "reviewed", "approved", "returned", "approved", "rejected", "accepted")
_PLACE, _CLAIMS, _TECHNICIANS = "150624", 16, 3


def load(demo: Demo) -> None:
    """Claims of workers in the clerk's banner."""
    demo.afterwards.append(lambda: _load(demo))


def _load(demo: Demo) -> None:
    workers = Worker.objects.filter(
        work_region_id=_PLACE,
        employments__status="employed",
        employments__verification=Verification.CONFIRMED,
        insurance__months__gte=36,
    ).order_by("pk")
    _leave_to_claim(demo)
    made = 0
    for worker in workers.exclude(account=demo.people["worker"]):
        if made == _CLAIMS + _TECHNICIANS:
            break
        is_technician = made >= _CLAIMS
        claim = _claim(demo, worker, made, is_technician)
        if claim is not None:
            _take_on(demo, claim, _STAGES[made % len(_STAGES)] if not is_technician else "reviewed")
            made += 1


def _leave_to_claim(demo: Demo) -> None:
    """Whoever signs in as the worker finds a claim that is filled in."""
    worker = Worker.objects.get(account=demo.people["worker"])
    _bring_up_to_date(demo, worker, "insurance", paying=True, drawing_benefit=False, as_of=demo.on)
    _certificate(demo, worker, SkillLevel.SENIOR, 0)


def _claim(demo: Demo, worker: Worker, number: int, is_technician: bool) -> Claim | None:
    level = SkillLevel.TECHNICIAN if is_technician else SkillLevel.SENIOR
    kind = TECHNICIAN if is_technician else SKILL_UPGRADE
    _bring_up_to_date(demo, worker, "insurance", paying=True, drawing_benefit=False, as_of=demo.on)
    _bring_up_to_date(demo, worker, "employment", public_institution_payroll=False)
    credential = _certificate(demo, worker, level, number)
    on = demo.on - timedelta(days=10 - number % 8)
    found = [one for one in claiming.claimable(worker, on=on) if one.credential.pk == credential.pk]
    if not found or not found[0].is_ready:
        return None
    return claiming.claim_at_once(credential.pk, kind, channel=Channel.WINDOW, by=demo.people["clerk"], on=on)


def _bring_up_to_date(demo: Demo, worker: Worker, kind: str, **said: Any) -> None:
    """What the insurance agency and the unit say today, written down by the clerk and confirmed by the reviewer."""
    row = KINDS[kind]
    records = row.model._default_manager.filter(worker=worker)
    record: Any = records.filter(ended_on__isnull=True).get() if kind == "employment" else records.get()
    values = {name: getattr(record, name) for name in row.fields} | said
    given = {"record_id": record.pk, "version": version_of(record), "reason": "按最新查询结果更新（演示）"}
    change: Any = save_record(kind, worker.pk, values, by=demo.people["clerk"], on=demo.on, **given)
    if isinstance(change, RecordChange):
        confirm_change(change.pk, seen="经办系统查询结果", by=demo.people["reviewer"], on=demo.on)


def _certificate(demo: Demo, worker: Worker, level: SkillLevel, number: int) -> SkillCredential:
    """A certificate of last season, written down by the clerk and confirmed by the reviewer."""
    entered = {
        # Another trade than theirs: a lower level after a higher one would ask to be explained.
        "occupation": "电工" if worker.occupation != "电工" else "钳工",
        "level": int(level),
        "number": f"Y0000150000{worker.pk:05d}",
        "issued_on": demo.on - timedelta(days=60 + number),
        "verified_how": "original_seen",
        "source": "窗口登记（演示）",
    }
    credential = save_record("credential", worker.pk, entered, by=demo.people["clerk"], on=demo.on)
    confirm_record("credential", credential.pk, seen=_SEEN, by=demo.people["reviewer"], on=demo.on)
    return SkillCredential.objects.get(pk=credential.pk)


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
    claiming.accept(claim.pk, by=clerk, on=on)
    if stage == "accepted":
        return
    handling.review(claim.pk, by=reviewer, on=on + timedelta(days=1), note="证书、参保信息与登记一致。")
    if claim.case.kind == TECHNICIAN:
        handling.review_again(claim.pk, by=demo.people["regional_reviewer"], on=on + timedelta(days=2))
    elif stage == "approved":
        handling.approve(claim.pk, by=approver, on=on + timedelta(days=2))
    elif stage == "rejected":
        reason = "经核查，该证书在全国联网查询中未查到。"
        handling.reject(claim.pk, reason=reason, by=approver, on=on + timedelta(days=2))
