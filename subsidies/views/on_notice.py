"""The public notices of a claim: the part of its page that tells where they stand, and what they mean for deciding it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

from django.utils import timezone

from portal.cases.models import Case, Objection
from portal.pages.case_page import Fact
from portal.policy.models import Determination
from subsidies.models import AnnouncedClaim, Claim
from subsidies.on_notice import announcing, standing

# Steps that a notice bars, or that begin and end one.
BY_NOTICE = frozenset({"announce", "end_notice", "approve", "reject"})


class OnNotice(ABC):
    """Of the page of a claim (subsidies.views.claim_page), which is about a case, a user and a claim."""

    case: Case
    user: Any
    claim: Claim

    @property
    @abstractmethod
    def foreseen(self) -> Determination | None:
        """What would be decided today, while nothing is decided."""

    @property
    def asks_for_notice(self) -> bool:
        return standing.asks_for_notice(self.claim)

    @cached_property
    def announcements(self) -> list[AnnouncedClaim]:
        """The notices it stands or stood on, the last one first."""
        return list(self.claim.announcements.select_related("notice").order_by("-pk"))

    @property
    def is_announced(self) -> bool:
        """Whether objections are taken today."""
        today = timezone.localdate()
        return any(one.is_open(today) for one in self.announcements)

    @cached_property
    def objections(self) -> list[Objection]:
        """What was said against it on its notices, as far as whoever reads the page sees it."""
        notices = [one.notice_id for one in self.announcements]
        if not notices:
            return []
        seen = Objection.objects.visible_to(self.user).filter(
            notice__in=notices, about__in=["", self.case.number]
        )
        return list(seen.select_related("case").defer("objector", "contact", "text").order_by("pk"))

    @property
    def to_announce(self) -> list[Fact]:
        """What everybody would read of it."""
        if self.foreseen is None or self.foreseen.amount is None:
            return []
        [row] = announcing.rows_of([self.claim], {self.claim.pk: self.foreseen})
        shown = zip(announcing.COLUMNS, row["cells"], strict=True)
        return [Fact(column["label"], cell) for column, cell in shown][1:]

    def against_by_notice(self, action: str) -> str:
        """Why a step cannot be taken because of a notice, or the lack of one; empty when it can."""
        if action == "announce":
            foreseen = {self.claim.pk: self.foreseen} if self.foreseen else {}
            refused = announcing.against_announcing([self.claim], foreseen)
        else:
            refused = standing.against_deciding([self.claim], action, on=timezone.localdate())
        return str(refused.get(self.claim.pk, ""))


# -- steps ---------------------------------------------------------------------------------------------------
def announce(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    announcing.announce(pk, **who)
    return "已公示。期满没有未办结的异议，即可审批。"


def end_notice(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    announcing.end(pk, **who)
    return "公示已期满，转审批。"
