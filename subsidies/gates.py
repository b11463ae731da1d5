"""What has to be known before a claim is approved, besides the conditions of the law: what registers say, and not too long
ago. Asked at every approval, of one claim or of many; the page says what is missing, since when, and who can bring it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.formats import date_cn
from portal.policy.engine import current_rules
from portal.workforce.figure_age import answers_too_old, insurance_too_old
from portal.workforce.merged import persons_and_records
from portal.workforce.models import BenefitClaim, CertificateAnswer
from portal.workforce.models.scarce import fold_occupation
from portal.workforce.record_kinds import INSURANCE
from subsidies.decisions import day_of
from subsidies.models import Claim
from subsidies.schemes import SCHEMES

_BY_EXTRACT = "由有摘录权限的人员提交"
_QUERY = f"{_BY_EXTRACT}联网查询结果摘录，或者由窗口登记查询结果和页面截图、另一人复核"
_INSURANCE = f"{_BY_EXTRACT}失业保险参保缴费摘录，或者由窗口登记查询结果和页面截图、另一人核验"


@dataclass(frozen=True)
class Lacking:
    """One thing that stands in the way: what, since when, and who can bring it (nobody: it cannot be brought)."""

    what: str
    since: date | None = None
    who: str = ""
    # Of the answer of the national query: it can be entered by hand.
    is_answer: bool = False

    def __str__(self) -> str:
        return f"{self.what}{self.who}。" if self.who else self.what


def lacking_before_approval(claims: Sequence[Claim], *, on: date) -> dict[int, list[Lacking]]:
    """By claim what is missing on a day; not among them: claims of which nothing is. A few statements for any number."""
    found: dict[int, list[Lacking]] = {}
    for part in (_not_in_the_query(claims, on), _insurance_of_before(claims, on), _drawn_meanwhile(claims)):
        for number, lacking in part.items():
            found.setdefault(number, []).append(lacking)
    return found


def _not_in_the_query(claims: Sequence[Claim], on: date) -> dict[int, Lacking]:
    """The certificate is found in the national query, by an answer that is not too old."""
    certified = [claim for claim in claims if claim.credential_id is not None]
    answers = CertificateAnswer.objects.in_bulk([claim.credential_id for claim in certified])
    too_old = answers_too_old(answers.values(), on)
    lacking: dict[int, Lacking] = {}
    for claim in certified:
        assert claim.credential_id is not None  # noqa: S101  as chosen above
        answer = answers.get(claim.credential_id)
        if answer is None:
            words = "证书还没有全国联网查询结果，查到后才能批准："
            lacking[claim.pk] = Lacking(words, claim.handed_in_on, _QUERY, is_answer=True)
        elif not answer.found:
            words = f"{date_cn(answer.as_of)}全国联网查询没有查到这本证书。发证信息已补录的，可以重新查询："
            lacking[claim.pk] = Lacking(words, answer.as_of, _QUERY, is_answer=True)
        elif old := too_old.get(claim.credential_id):
            lacking[claim.pk] = Lacking(str(old), old.since, _QUERY, is_answer=True)
    return lacking


def _insurance_of_before(claims: Sequence[Claim], on: date) -> dict[int, Lacking]:
    """What the insurance agency says is not too old, where the rule asks for it."""
    asking = [claim for claim in claims if _asks_for_insurance(claim)]
    too_old = insurance_too_old([claim.worker_id for claim in asking], on) if asking else {}
    return {
        claim.pk: Lacking(str(old), old.since, _INSURANCE)
        for claim in asking
        if (old := too_old.get(claim.worker_id))
    }


def _asks_for_insurance(claim: Claim) -> bool:
    rule = SCHEMES[claim.case.kind].benefits[claim.subject_kind]
    return not set(INSURANCE.facts).isdisjoint(current_rules([rule]).facts)


def _drawn_meanwhile(claims: Sequence[Claim]) -> dict[int, Lacking]:
    """Nobody was paid for the level elsewhere, as a register says that was read only after the hand-in."""
    persons, of_person = persons_and_records({claim.worker_id for claim in claims})
    first: dict[tuple[int, str, int], BenefitClaim] = {}
    drawn = BenefitClaim.objects.filter(worker__in=of_person, decided_here__isnull=True)
    for one in drawn.order_by("claimed_on", "pk"):
        first.setdefault((of_person[one.worker_id], fold_occupation(one.occupation), one.level), one)
    lacking: dict[int, Lacking] = {}
    for claim in claims:
        about = claim.subject
        earlier = first.get((persons[claim.worker_id], fold_occupation(about.occupation), int(about.level)))
        if earlier is not None and earlier.claimed_on <= day_of(claim):
            words = f"{date_cn(earlier.claimed_on)}已享受过同一职业（工种）同一等级的补贴（{earlier.source}），不能重复享受。"
            lacking[claim.pk] = Lacking(words, earlier.claimed_on)
    return lacking
