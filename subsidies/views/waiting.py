"""What a claim waits for that a register has to say: the part of its page that tells the cause."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

from django.utils import timezone

from portal.accounts.access import can
from portal.cases.models import Case
from portal.policy.engine import current_rules
from portal.policy.models import Determination, Outcome
from portal.workforce.actions import answers
from portal.workforce.missing_coverage import missing_coverage, sentences
from portal.workforce.models import StatedAnswer
from subsidies.gates import Lacking, lacking_before_approval
from subsidies.models import Claim
from subsidies.schemes import SCHEMES
from subsidies.workflow import ClaimState

_WAITS = frozenset(
    {
        ClaimState.SUBMITTED,
        ClaimState.ACCEPTED,
        ClaimState.FIRST_REVIEWED,
        ClaimState.REVIEWED,
        ClaimState.NO_FIGURE,
        ClaimState.ON_NOTICE,
        ClaimState.NOTICED,
    }
)


class WaitsForRegisters(ABC):
    """Of the page of a claim (subsidies.views.claim_page), which is about a case, a user and a claim."""

    case: Case
    user: Any
    claim: Claim

    @property
    @abstractmethod
    def office(self) -> bool:
        """Whether whoever reads it works on it."""

    @property
    @abstractmethod
    def foreseen(self) -> Determination | None:
        """What would be decided today, while nothing is decided."""

    @cached_property
    def lacking(self) -> list[Lacking]:
        """What registers have to say before it can be approved, while it is under way."""
        if self.case.state not in _WAITS or self.claim.handed_in_on is None:
            return []
        return lacking_before_approval([self.claim], on=timezone.localdate()).get(self.claim.pk, [])

    @cached_property
    def not_covered(self) -> list[str]:
        """Which registers of earlier claims nobody has brought, where the answer hangs on them."""
        if self.case.state not in _WAITS or self.foreseen is None:
            return []
        if self.foreseen.outcome != Outcome.UNDETERMINED:
            return []
        unknown = {row["code"] for row in self.foreseen.conditions if row["holds"] is None}
        rule = SCHEMES[self.case.kind].benefits[self.claim.subject_kind]
        needs = {need.code: need.reads[0] for need in current_rules([rule]).rules[0].needs}
        asked = {fact for code in unknown for fact in needs.get(code, ())}
        missing = missing_coverage(self.claim.worker, timezone.localdate())
        return sentences(one for fact, one in missing.items() if fact in asked)

    @property
    def waits_for_register(self) -> bool:
        return bool(self.lacking or self.not_covered)

    @cached_property
    def stated_answer(self) -> StatedAnswer | None:
        """What somebody read in the national query, which waits for another person."""
        waiting = StatedAnswer.objects.visible_to(self.user).filter(
            credential=self.claim.credential_id, judged_at__isnull=True
        )
        return waiting.select_related("stated_by", "picture").first() if self.claim.credential_id else None

    @property
    def may_state_answer(self) -> bool:
        if not self.office or self.stated_answer or not any(one.is_answer for one in self.lacking):
            return False
        return any(can(self.user, one, self.case.region_id) for one in (answers.STATE, answers.JUDGE))

    @property
    def may_judge_answer(self) -> bool:
        stated = self.stated_answer
        return (
            stated is not None
            and stated.stated_by_id != self.user.pk
            and can(self.user, answers.JUDGE, self.case.region_id)
        )
