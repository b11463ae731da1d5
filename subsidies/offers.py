"""What a worker agrees to when a subsidy was found for them: a claim by the certificate that the offer is about."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.cases.actions import NotNow
from portal.cases.models import Case, Channel
from portal.entitlements.case_openers import register_case_opener
from portal.entitlements.models import Offer
from portal.policy.facts import SkillLevel
from portal.workforce.merged import records_of
from portal.workforce.models import SkillCredential
from portal.workforce.models.base import own_records
from subsidies.claiming import claim_at_once
from subsidies.schemes import BY_BENEFIT


def register() -> None:
    """Consents to these benefits become claims."""
    for benefit in BY_BENEFIT:
        register_case_opener(benefit, open_claim)


def open_claim(offer: Offer, by: Any, on: date) -> Case:
    """Hand a claim in by the offer's certificate, in the worker's name or at the window. Raises Refused, NotNow."""
    channel = Channel.SELF if offer.worker_id in own_records(by) else Channel.WINDOW
    credential = certificate_of(offer)
    kind = BY_BENEFIT[offer.benefit].kind
    return claim_at_once(credential.pk, kind, channel=channel, by=by, on=on).case


def certificate_of(offer: Offer) -> SkillCredential:
    """The certificate by which the offer is told from others. NotNow when it is not there any more."""
    for credential in SkillCredential.objects.filter(worker__in=records_of(offer.worker_id)):
        level = SkillLevel(credential.level).code
        if offer.distinction == f"{credential.occupation} {level} {credential.issued_on}":
            return credential
    raise NotNow("这项惠享事项所依据的证书已有变化，请在“培训补贴”中重新选择证书申请。")
