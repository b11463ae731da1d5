"""The letters of a claim: receipt, correction, approval. Those of decisions against it: subsidies.adverse_letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from portal.formats import date_cn
from portal.letters import kinds
from portal.letters.decisions import Authority, Recipient
from portal.letters.kinds import Kind
from portal.letters.models import Letter
from portal.letters.remedies import RemedyOf
from portal.policy.benefits import FUNDS
from portal.policy.models import PolicyDocument
from portal.regions.models import Region
from subsidies.models import Claim
from subsidies.schemes import SCHEMES

RECEIPT, CORRECTION = "subsidies.receipt", "subsidies.correction"
REFUSAL, APPROVAL, REJECTION = "subsidies.refusal", "subsidies.approval", "subsidies.rejection"
POLICY = "内党办发〔2019〕6号"
_NUMBER = (("case_number", "办件编号"),)
KINDS = (
    Kind(
        RECEIPT,
        "受理回执",
        "补贴申请受理回执",
        "letters/claim_receipt.html",
        needs=("scheme", "case_number", "certificate", "handed_in_on", "accepted_on", "due", "window"),
        public=_NUMBER,
    ),
    Kind(
        CORRECTION,
        "补贴申请补正通知",
        "关于补正补贴申请材料的通知",
        "letters/claim_correction.html",
        needs=("missing", "scheme", "case_number", "window"),
        public=_NUMBER,
    ),
    Kind(
        REFUSAL,
        "补贴申请不予受理决定",
        "关于不予受理补贴申请的决定",
        "letters/decision.html",
        adverse=True,
        needs=("matter", "decision", "case_number"),
        public=_NUMBER,
    ),
    Kind(
        APPROVAL,
        "补贴批准通知",
        "关于批准补贴申请的通知",
        "letters/claim_approval.html",
        needs=("scheme", "case_number", "certificate", "amount", "fund", "basis", "handed_in_on"),
        public=_NUMBER,
    ),
    Kind(
        REJECTION,
        "补贴申请不予批准决定",
        "关于不予批准补贴申请的决定",
        "letters/decision.html",
        adverse=True,
        needs=("matter", "decision", "case_number"),
        public=_NUMBER,
    ),
)


def register_all() -> None:
    for kind in KINDS:
        kinds.register(kind)


def _authority(claim: Claim) -> Authority:
    return _authority_of(Region.objects.get(code=claim.case.region.league_code))


def _authority_of(league: Region) -> Authority:
    """The office of the league decides, and writes."""
    return Authority(league.code, RemedyOf(league.code))


def about(claim: Claim) -> dict[str, str]:
    """What all letters say of a claim."""
    return {
        "scheme": SCHEMES[claim.case.kind].title,
        "case_number": claim.case.number,
        "certificate": claim.certificate_words,
        "handed_in_on": date_cn(claim.handed_in_on) if claim.handed_in_on else "",
        "window": f"{claim.case.region.full_name}服务窗口",
    }


def cited(claim: Claim) -> str:
    """The clause by which its subsidy is decided."""
    title = PolicyDocument.objects.get(number=POLICY).title
    return f"《{title}》（{POLICY}）第（{claim.case.workflow.clause}）条"


def _write_to_each(
    kind: str, claims: Sequence[Claim], say: Callable[[Claim], dict[str, str]], *, by: Any, on: date
) -> None:
    """A letter to each, from the office of their league. Regions are read once."""
    regions = Region.objects.select_related("parent").in_bulk([claim.case.region_id for claim in claims])
    by_league: dict[str, list[tuple[Recipient, dict[str, str]]]] = {}
    for claim in claims:
        claim.case.region = regions[claim.case.region_id]
        to = Recipient.of_case(claim.case, claim.worker)
        by_league.setdefault(claim.case.region.league_code, []).append((to, say(claim)))
    leagues = Region.objects.in_bulk(list(by_league))
    for code, letters in sorted(by_league.items()):
        _authority_of(leagues[code]).write_many(kind, letters, by=by, on=on)


def issue_receipts(claims: Sequence[Claim], *, by: Any, on: date) -> None:
    """That claims were taken in, and until when each will be decided."""

    def say(claim: Claim) -> dict[str, str]:
        due = date_cn(claim.case.due_on) if claim.case.due_on else "办理时限届满前"
        accepted = {"accepted_on": date_cn(on), "due": due}
        return about(claim) | accepted

    _write_to_each(RECEIPT, claims, say, by=by, on=on)


def issue_correction(claim: Claim, missing: Sequence[str], *, by: Any, on: date) -> Letter:
    """Say once and in full what is missing. No rule was found that says until when it is to be brought."""
    context = {**about(claim), "missing": list(missing)}
    return _authority(claim).write(
        CORRECTION, Recipient.of_case(claim.case, claim.worker), context, by=by, on=on
    )


def issue_approvals(claims: Sequence[Claim], *, by: Any, on: date) -> None:
    """What was approved to each, out of which fund, on what basis."""
    of_each_kind = {claim.case.kind: claim for claim in claims}
    basis = {kind: cited(claim) for kind, claim in of_each_kind.items()}

    def say(claim: Claim) -> dict[str, str]:
        approved = {
            "amount": f"{claim.amount:,.2f}",
            "fund": FUNDS[claim.fund],
            "basis": basis[claim.case.kind],
        }
        return about(claim) | approved

    _write_to_each(APPROVAL, claims, say, by=by, on=on)
