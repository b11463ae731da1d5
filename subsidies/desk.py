"""What training subsidies add to the service desk: the person's claims, and where the money of each is."""

from __future__ import annotations

from django.urls import reverse

from portal.formats import yuan
from portal.funds.course import with_whom
from portal.pages.desk import Asked, DeskPart, DeskRow, register_part
from subsidies.models import Claim
from subsidies.schemes import SCHEMES
from subsidies.workflow import ClaimState

# The newest so many.
_MOST = 20


def register() -> None:
    part = DeskPart("claims", "补贴申请和资金", "没有补贴申请。", claims_of, kinds=tuple(SCHEMES))
    register_part(part)


def claims_of(asked: Asked) -> list[DeskRow]:
    """The person's claims, the newest first."""
    seen = Claim.objects.visible_to(asked.user).filter(case__worker__in=asked.records)
    listed = seen.with_money().select_related("case", "credential", "training", "determination")
    return [_row(claim) for claim in listed.order_by("-case__opened_on", "-pk")[:_MOST]]


def _row(claim: Claim) -> DeskRow:
    case = claim.case
    return DeskRow(
        f"{SCHEMES[case.kind].title}（{claim.certificate_words}）",
        reverse("subsidies:claim", args=[case.number]),
        case.state_label,
        case.state_tone,
        number=case.number,
        since=claim.handed_in_on or case.opened_on,
        told=_where_money_is(claim),
    )


def _where_money_is(claim: Claim) -> str:
    """Of an approved claim; of one that waits for the person's papers that it does."""
    if claim.case.state == ClaimState.RETURNED:
        return "等待本人补齐材料后继续办理。"
    if not claim.money_stage:
        return ""
    amount = f"{yuan(claim.amount)}，" if claim.amount is not None else ""
    return f"{amount}{claim.money_word}：{with_whom(claim.money_stage)}。"
