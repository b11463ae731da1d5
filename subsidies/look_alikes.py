"""What looks the same with somebody else: shown to whoever reviews a claim, deciding nothing by itself."""

from __future__ import annotations

from django.db.models import Q

from portal.workforce.merged import records_of
from portal.workforce.models import BenefitClaim, SkillCredential
from portal.workforce.models.scarce import fold_occupation
from subsidies.models import Claim
from subsidies.workflow import ClaimState

_CAME_TO_NOTHING = (ClaimState.WITHDRAWN, ClaimState.REFUSED, ClaimState.REJECTED)


def look_alikes(claim: Claim) -> list[str]:
    """In words: the certificate's number under other people, the account in other people's claims. Whose they are is
    not said: they may be of places that the reader does not see.
    """
    found = []
    records = records_of(claim.worker_id)
    if claim.credential and claim.credential.number:
        others = SkillCredential.objects.filter(number=claim.credential.number).exclude(worker__in=records)
        if count := others.values("worker").distinct().count():
            found.append(f"证书编号还登记在另外{count}人名下，请核对是否同一本证书。")
    if claim.account:
        same = Q(account__account_digest=claim.account.account_digest) & ~Q(worker__in=records)
        if count := Claim.objects.filter(same).values("worker").distinct().count():
            found.append(f"同一收款账号还用于另外{count}人的申请，请核对账户是否为本人所有。")
    return found + _of_the_same_level(claim, records)


def _of_the_same_level(claim: Claim, records: list[int]) -> list[str]:
    """What the person themselves claims or has drawn for the level of this occupation, out of whatever fund."""
    if not claim.subject.level:
        return []
    level = (fold_occupation(claim.subject.occupation), claim.subject.level)
    found = []
    own = (
        Claim.objects.filter(worker__in=records)
        .exclude(pk=claim.pk)
        .exclude(case__state__in=_CAME_TO_NOTHING)
    )
    others = [
        one.case.number
        for one in own.select_related("case", "credential", "training").order_by("pk")
        if (fold_occupation(one.subject.occupation), one.subject.level) == level
    ]
    if others:
        found.append(f"本人同一职业（工种）同一等级还有申请：{'、'.join(others)}。")
    drawn = BenefitClaim.objects.filter(
        worker__in=records, level=claim.subject.level, decided_here__isnull=True
    )
    if count := sum(fold_occupation(one.occupation) == level[0] for one in drawn):
        found.append(f"本人同一职业（工种）同一等级登记有{count}笔以往补贴。")
    return found
