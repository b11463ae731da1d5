"""Claims of the demonstration that were decided against: waiting for the second signature, signed, looked at again."""

from __future__ import annotations

from datetime import date, timedelta

from portal.demo import Demo
from subsidies import claiming, handling, signing
from subsidies.models import Claim

STAGES = (
    "refusing",
    "refused",
    "rejecting",
    "reconsidering",
    "upheld",
    "turned",
    "annulling",
    "annulled",
)
# Those that the window has not taken in.
AT_THE_WINDOW = ("refusing", "refused")
_GROUNDS = "经核查，该证书在全国联网查询中未查到。"
_CLAUSE = "合成文号〔2026〕1号第三条（演示）"
_ASKS = "证书编号登记有误，现提交正确的编号，请重新核对。"
_STAYS = "更正后的证书编号在全国联网查询中仍未查到，原决定认定的事实没有变化。"
_TURNS = "更正后的证书编号在全国联网查询中已查到，原决定认定的事实有误。"


def take_on(demo: Demo, claim: Claim, stage: str) -> None:
    """From the window (what is refused) or from the approver's desk to its stage, as the pages do it."""
    on = (claim.handed_in_on or demo.on) + timedelta(days=2)
    if stage in AT_THE_WINDOW:
        claiming.refuse(claim.pk, reason=_GROUNDS, by=demo.people["clerk"], on=on)
    elif stage in ("annulling", "annulled"):
        handling.approve(claim.pk, by=demo.people["approver"], on=on)
        signing.annul(claim.pk, reason=_GROUNDS, clause=_CLAUSE, by=demo.people["supervisor"], on=on)
    else:
        handling.reject(claim.pk, reason=_GROUNDS, by=demo.people["approver"], on=on)
    if stage.endswith("ing") and stage != "reconsidering":
        return
    signing.countersign(claim.pk, by=demo.people["regional_reviewer"], on=on)
    if stage in ("reconsidering", "upheld", "turned"):
        _look_again(demo, claim, stage, on)


def _look_again(demo: Demo, claim: Claim, stage: str, on: date) -> None:
    signing.ask(claim.pk, grounds=_ASKS, by=demo.people["clerk"], on=on)
    if stage == "upheld":
        signing.uphold(claim.pk, reason=_STAYS, by=demo.people["supervisor"], on=on)
    elif stage == "turned":
        signing.turn(claim.pk, reason=_TURNS, by=demo.people["supervisor"], on=on)
