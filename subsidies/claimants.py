"""Whose a claim is: the worker, the unit that files it for its worker, or the window before which the worker stands."""

from __future__ import annotations

from typing import Any

from portal.accounts.access import Refused, can, require
from portal.cases.models import Case
from portal.workforce.merged import records_of_unit
from portal.workforce.models import Employer, Worker
from portal.workforce.models.base import own_records
from subsidies.models import Channel, Claim
from subsidies.workflow import TAKE_IN


def is_claimant(claim: Claim, user: Any) -> bool:
    """Whether it is the user's to hand in and to complete: the worker's own always is, whoever filed it."""
    if claim.worker_id in own_records(user):
        return True
    if claim.channel == Channel.EMPLOYER:
        return _acts_for(user, claim.filed_for_id)
    return claim.channel == Channel.WINDOW and can(user, TAKE_IN, claim.case.region_id)


def _acts_for(user: Any, unit_id: int | None) -> bool:
    if unit_id is None:
        return False
    units = Employer.objects.acted_for_by(user).standing().values_list("pk", flat=True)
    return records_of_unit(unit_id)[0] in set(units)


def require_may_claim(worker: Worker, channel: str, unit_id: int | None, by: Any) -> None:
    """Raise Refused unless the person may file a claim for this worker in this way."""
    if channel == Channel.SELF:
        if worker.pk not in own_records(by):
            raise Refused("只能为自己申请。")
    elif channel == Channel.WINDOW:
        require(by, TAKE_IN, worker.work_region_id)
    elif not _acts_for(by, unit_id):
        raise Refused("单位经办人只能为本单位的职工代办。")


def require_claimant(claim: Claim, by: Any, *, or_window: bool = False) -> None:
    """Raise Refused, naming whose the claim is, unless it is this person's; with `or_window` the window of the
    place may as well.
    """
    if is_claimant(claim, by):
        return
    if or_window or claim.channel == Channel.WINDOW:
        require(by, TAKE_IN, claim.case.region_id)
        return
    raise Refused("这件申请由本人" + ("或代办单位办理。" if claim.channel == Channel.EMPLOYER else "办理。"))


def refuse_own(case: Case, by: Any) -> None:
    """Raise Refused when a case is about the person who is to decide in it, or a unit of theirs."""
    if case.concerns(by):
        raise Refused("这件申请与您本人或您代表的单位有关，须由另一人办理。")
