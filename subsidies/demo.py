"""Claims of the demonstration, in every stage: handed in at the window and by the worker, taken in, reviewed, decided.

Certificates of the demonstration are from long ago; those claimed by here were issued lately, and are synthetic like
everything else.
"""

from __future__ import annotations

from datetime import timedelta

from portal.demo import Demo
from portal.policy.facts import SkillLevel
from portal.workforce.actions.records import save_record
from portal.workforce.actions.verifying import confirm_record
from portal.workforce.models import SkillCredential, Worker
from portal.workforce.models.verification import Verification
from subsidies import claiming, handling
from subsidies.models import Channel, Claim
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
    made = 0
    for worker in workers:
        if made == _CLAIMS + _TECHNICIANS:
            break
        is_technician = made >= _CLAIMS
        claim = _claim(demo, worker, made, is_technician)
        if claim is not None:
            _take_on(demo, claim, _STAGES[made % len(_STAGES)] if not is_technician else "reviewed")
            made += 1


def _claim(demo: Demo, worker: Worker, number: int, is_technician: bool) -> Claim | None:
    level = SkillLevel.TECHNICIAN if is_technician else SkillLevel.SENIOR
    kind = TECHNICIAN if is_technician else SKILL_UPGRADE
    credential = _certificate(demo, worker, level, number)
    on = demo.on - timedelta(days=10 - number % 8)
    found = [one for one in claiming.claimable(worker, on=on) if one.credential.pk == credential.pk]
    if not found or not found[0].is_ready:
        return None
    return claiming.claim_at_once(credential.pk, kind, channel=Channel.WINDOW, by=demo.people["clerk"], on=on)


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
        handling.return_for_correction(
            claim.pk, missing=["证书原件或者清晰的扫描件"], by=clerk, on=on + timedelta(days=1)
        )
        return
    handling.accept(claim.pk, by=clerk, on=on)
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
