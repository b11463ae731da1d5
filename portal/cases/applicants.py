"""Who may apply for whom, and whose an application is.

It belongs to whoever filed it: the employer's agents, the worker, or the window before which the worker stands.
They write it, hand it in and bring what is missing; the window of the worker's place takes it in.
"""

from __future__ import annotations

from typing import Any

from django.db.models.expressions import RawSQL

from portal.accounts.access import NotNow, Refused, can, require, roles
from portal.accounts.roles import Role
from portal.cases.application_kinds import ApplicationKind, application_kind
from portal.cases.models import Application, Channel
from portal.workforce.merged import records_of_unit
from portal.workforce.models import Employer, Worker
from portal.workforce.models.base import own_records
from portal.workforce.models.people import WorkerQuerySet


def units_of(user: Any) -> list[Employer]:
    """The units for which the account acts today: named as their agent, and still in the role."""
    if not user.is_authenticated or Role.EMPLOYER_AGENT not in roles(user):
        return []
    units = Employer.objects.acted_for_by(user).standing().select_related("region__parent")
    return list(units.order_by("name", "pk"))


def people_of(user: Any, unit_id: int) -> WorkerQuerySet:
    """Who works today in a unit for which the account acts. Of other units' people it sees nobody."""
    return working_in(unit_id) if acts_for(user, unit_id) else Worker.objects.none()


def working_in(unit_id: int) -> WorkerQuerySet:
    """Who works today in a unit, under any of its records: whoever asks has said that they may."""
    records = records_of_unit(unit_id)
    return Worker.objects.filter(pk__in=RawSQL(_WORKING_IN, [records]))  # noqa: S611  bound


# A person counts once, whichever of their records says where they work.
_WORKING_IN = """
SELECT CASE WHEN m.source_id IS NULL THEN e.worker_id ELSE m.target_id END
FROM workforce_employment e LEFT JOIN workforce_mergedperson m ON m.source_id = e.worker_id
WHERE e.employer_id = ANY (%s) AND e.ended_on IS NULL
"""


def acts_for(user: Any, unit_id: int | None) -> bool:
    """Whether the account acts for the unit today, under any of its records."""
    if unit_id is None:
        return False
    standing = records_of_unit(unit_id)[0]
    return any(unit.pk == standing for unit in units_of(user))


def is_applicant(application: Application, user: Any) -> bool:
    """Whether it is the user's to write and to hand in, as the unit's agent, the worker or the clerk."""
    case, kind = application.case, _kind_of(application)
    if kind.worker_may_always and application.worker_id in own_records(user):
        return True
    if application.channel == Channel.EMPLOYER:
        return acts_for(user, case.employer_id)
    if application.channel == Channel.SELF:
        return application.worker_id in own_records(user)
    return can(user, kind.take_in, case.region_id)


def may_write(application: Application, user: Any) -> bool:
    """Whether what was written and its evidence are the user's to change now.

    A draft is the applicant's; while something is missing the window may also put in what was brought on
    paper.
    """
    kind, case = _kind_of(application), application.case
    if case.state not in kind.changeable:
        return False
    if is_applicant(application, user):
        return True
    return case.state == kind.returned and can(user, kind.take_in, case.region_id)


def check_person(application: Application, action: str, by: Any) -> None:
    """Raise Refused unless the person may take the action; actions and pages ask the same.

    Submitting is the applicant's; bringing what is missing also the window's, who gets it on paper; taking
    back also the worker's own, whoever filed it. Taking in, asking for what is missing and refusing are the
    window's; that nobody decides on what is their own is held by the duty.
    """
    kind, region = _kind_of(application), application.case.region_id
    if action == "submit":
        require_applicant(application, by)
    elif action == "resubmit":
        if not can(by, kind.take_in, region):
            require_applicant(application, by)
    elif action == "withdraw":
        if application.worker_id not in own_records(by) and not is_applicant(application, by):
            require(by, kind.take_in, region)
    else:
        require(by, kind.take_in, region)


def require_applicant(application: Application, by: Any) -> None:
    """Raise Refused, naming whose the application is, unless it is this person's."""
    if is_applicant(application, by):
        return
    kind = _kind_of(application)
    if application.channel == Channel.WINDOW:
        require(by, kind.take_in, application.case.region_id)
    if application.channel == Channel.EMPLOYER:
        raise Refused(f"这件{kind.called}由{application.case.employer}的经办人办理。")
    raise Refused(f"这件{kind.called}由本人办理。")


def require_may_file(
    kind: ApplicationKind, worker: Worker, channel: str, employer_id: int | None, by: Any
) -> None:
    """Raise Refused unless the person may file an application for this worker in this way."""
    if channel == Channel.EMPLOYER:
        _require_may_file_for_unit(kind, worker, employer_id, by)
    elif channel == Channel.SELF:
        if worker.pk not in own_records(by):
            raise Refused(f"只能为自己{kind.called}。")
    elif channel == Channel.WINDOW:
        require(by, kind.take_in, worker.work_region_id)
    else:
        raise NotNow(f"请选择{kind.called}方式。")


def _require_may_file_for_unit(
    kind: ApplicationKind, worker: Worker, employer_id: int | None, by: Any
) -> None:
    if not kind.only_for_staff:
        if not acts_for(by, employer_id):
            raise Refused(f"单位经办人只能为本单位的职工{kind.called}。")
    elif employer_id is None or not people_of(by, employer_id).filter(pk=worker.pk).exists():
        raise Refused(
            f"单位经办人只能为本单位目前在职的职工{kind.called}。职工的就业信息有误的，请先到服务窗口更正。"
        )


def _kind_of(application: Application) -> ApplicationKind:
    return application_kind(application.case.kind)
