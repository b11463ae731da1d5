"""Who may nominate whom, and whose a nomination is.

A nomination belongs to whoever made it: the employer's agents, the worker, or the window before which the
worker stands. They write it, hand it in and bring what is missing; the window of the worker's place takes it
in.
"""

from __future__ import annotations

from typing import Any

from django.db.models.expressions import RawSQL

from portal.accounts.access import Refused, can, require, roles
from portal.accounts.roles import Role
from portal.cases.actions import NotNow
from portal.workforce.merged import records_of_unit
from portal.workforce.models import Employer, Worker
from portal.workforce.models.base import own_records
from portal.workforce.models.people import WorkerQuerySet
from talent_registry.models import Channel, Nomination
from talent_registry.selection.workflow import NominationState

TAKE_IN = "nomination.take_in"
# While a draft is written, and while something is missing.
CHANGEABLE = (NominationState.DRAFT, NominationState.RETURNED)


def units_of(user: Any) -> list[Employer]:
    """The units for which the account acts today: named as their agent, and still in the role."""
    if not user.is_authenticated or Role.EMPLOYER_AGENT not in roles(user):
        return []
    units = Employer.objects.acted_for_by(user).standing().select_related("region__parent")
    return list(units.order_by("name", "pk"))


def people_of(user: Any, unit_id: int) -> WorkerQuerySet:
    """Who works today in a unit for which the account acts. Of other units' people it sees nobody."""
    records = records_of_unit(unit_id)
    if not any(unit.pk == records[0] for unit in units_of(user)):
        return Worker.objects.none()
    return Worker.objects.filter(pk__in=RawSQL(_WORKING_IN, [records]))  # noqa: S611  bound


# A person counts once, whichever of their records says where they work.
_WORKING_IN = """
SELECT CASE WHEN m.source_id IS NULL THEN e.worker_id ELSE m.target_id END
FROM workforce_employment e LEFT JOIN workforce_mergedperson m ON m.source_id = e.worker_id
WHERE e.employer_id = ANY (%s) AND e.ended_on IS NULL
"""


def _acts_for(user: Any, unit_id: int | None) -> bool:
    if unit_id is None:
        return False
    standing = records_of_unit(unit_id)[0]
    return any(unit.pk == standing for unit in units_of(user))


def is_applicant(nomination: Nomination, user: Any) -> bool:
    """Whether it is the user's to write and to hand in, as the unit's agent, the worker or the clerk."""
    case = nomination.case
    if nomination.channel == Channel.EMPLOYER:
        return _acts_for(user, case.employer_id)
    if nomination.channel == Channel.SELF:
        return nomination.worker_id in own_records(user)
    return can(user, TAKE_IN, case.region_id)


def may_write(nomination: Nomination, user: Any) -> bool:
    """Whether statement and evidence are the user's to change now.

    A draft is the applicant's; while something is missing the window may also put in what was brought on
    paper.
    """
    state = nomination.case.state
    if state not in CHANGEABLE:
        return False
    if is_applicant(nomination, user):
        return True
    return state == NominationState.RETURNED and can(user, TAKE_IN, nomination.case.region_id)


def check_person(nomination: Nomination, action: str, by: Any) -> None:
    """Raise Refused unless the person may take the action; actions and pages ask the same.

    Submitting is the applicant's; bringing what is missing also the window's, who gets it on paper; taking
    back also the worker's own, whoever nominated them. Taking in, asking for what is missing and refusing are
    the window's; nobody decides on what concerns themselves or their unit.
    """
    region = nomination.case.region_id
    if action == "submit":
        require_applicant(nomination, by)
    elif action == "resubmit":
        if not can(by, TAKE_IN, region):
            require_applicant(nomination, by)
    elif action == "withdraw":
        if nomination.worker_id not in own_records(by) and not is_applicant(nomination, by):
            require(by, TAKE_IN, region)
    else:
        require(by, TAKE_IN, region)
        if action in {"accept", "refuse"} and nomination.case.concerns(by):
            raise Refused("这件申报与您本人或您代表的单位有关，须由另一人决定是否受理。")


def require_applicant(nomination: Nomination, by: Any) -> None:
    """Raise Refused, naming whose the nomination is, unless it is this person's."""
    if is_applicant(nomination, by):
        return
    if nomination.channel == Channel.WINDOW:
        require(by, TAKE_IN, nomination.case.region_id)
    if nomination.channel == Channel.EMPLOYER:
        raise Refused(f"这件申报由{nomination.case.employer}的经办人办理。")
    raise Refused("这件申报由本人办理。")


def require_may_nominate(worker: Worker, channel: str, employer_id: int | None, by: Any) -> None:
    """Raise Refused unless the person may nominate this worker in this way."""
    if channel == Channel.EMPLOYER:
        if employer_id is None or not people_of(by, employer_id).filter(pk=worker.pk).exists():
            raise Refused(
                "单位经办人只能为本单位目前在职的职工申报。职工的就业信息有误的，请先到服务窗口更正。"
            )
    elif channel == Channel.SELF:
        if worker.pk not in own_records(by):
            raise Refused("只能为自己申报。")
    elif channel == Channel.WINDOW:
        require(by, TAKE_IN, worker.work_region_id)
    else:
        raise NotNow("请选择申报方式。")
