"""Whose next step it is where the register and the published row say different things."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from portal.accounts.access import scope
from portal.pages.waiting import Queue, register_queue
from talent_registry.actions.correcting import CONFIRM, PROPOSE
from talent_registry.models import EntryCorrection, PublishedDifference


def differences_to_settle(user: Any) -> QuerySet[PublishedDifference]:
    """Those of which nobody has proposed a correction or decided to keep what is published."""
    where = scope(user, PROPOSE).q("entry__region", "entry__league_code")
    return PublishedDifference.objects.visible_to(user).filter(where).unsettled().without_proposal()


def corrections_to_confirm(user: Any) -> QuerySet[EntryCorrection]:
    """What somebody else has proposed."""
    where = scope(user, CONFIRM).q("entry__region", "entry__league_code")
    return EntryCorrection.objects.visible_to(user).open().filter(where).exclude(proposed_by=user)


def register() -> None:
    register_queue(Queue("与公布不一致", PROPOSE, differences_to_settle, "registry:corrections"))
    register_queue(
        Queue(
            "待复核名录更正",
            CONFIRM,
            corrections_to_confirm,
            "registry:corrections",
            "?list=proposed&mine=on",
        )
    )
