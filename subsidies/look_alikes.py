"""What looks the same with somebody else: shown to whoever reviews a claim, deciding nothing by itself."""

from __future__ import annotations

from django.db.models import Q

from portal.workforce.merged import records_of
from portal.workforce.models import SkillCredential
from subsidies.models import Claim


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
    return found
