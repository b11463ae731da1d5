"""What the tests of the staff pages begin with: a worker with every kind of record, and a case."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from portal.workforce.actions import derive, remove_record, version_of
from portal.workforce.models import (
    AttestedFact,
    BenefitClaim,
    CompetitionResult,
    Employer,
    Employment,
    SkillCredential,
    TechnicalSchooling,
    UnemploymentInsurance,
)
from tests.cast import OTOG, make_honour, make_worker

ON = date(2026, 11, 23)


def make_employer(
    name: str = "鄂托克旗机械厂",
    *,
    region: str = OTOG,
    code: str | None = "91150624MA0N0XTH5Q",
    **fields: Any,
) -> Employer:
    return Employer.objects.create(name=name, credit_code=code, region_id=region, source="窗口登记", **fields)


def known_worker(
    clerk: Any, name: str = "王建国", *, region: str = OTOG, employer: Employer | None = None
) -> Any:
    """A worker of whom the register knows something of every kind, all written down by `clerk`."""
    worker = make_worker(name, region=region)
    said = {"worker": worker, "source": "窗口登记", "recorded_by": clerk}
    Employment.objects.create(
        **said,
        employer=employer or make_employer(region=region, code=None, name=f"{name}的单位"),
        on_front_line=True,
        front_line_years="12.5",
        occupation="焊工",
        started_on=date(2014, 5, 1),
    )
    SkillCredential.objects.create(
        **said, occupation="焊工", level=60, number="1515000000600001", issued_on=date(2020, 6, 1)
    )
    UnemploymentInsurance.objects.create(
        **said, months=48, paying=True, drawing_benefit=False, as_of=date(2026, 10, 31)
    )
    TechnicalSchooling.objects.create(
        **said, graduated_from="senior", school="鄂尔多斯技师学院", graduated_on=date(2008, 7, 1)
    )
    CompetitionResult.objects.create(
        **said, competition="regional", name="自治区焊接大赛", rank=2, held_on=date(2021, 9, 1)
    )
    BenefitClaim.objects.create(
        **said, kind="skill_upgrade", occupation="焊工", level=50, claimed_on=date(2018, 3, 1)
    )
    AttestedFact.objects.create(
        **said, code="outstanding_mentor", value=True, since=date(2022, 1, 1), document="会议纪要"
    )
    make_honour(worker, recorded_by=clerk)
    derive([worker.pk])
    worker.refresh_from_db()
    return worker


def proposed_removal(worker: Any, clerk: Any) -> Any:
    """The clerk wants an earlier claim of the worker taken back; another person is to confirm it."""
    claim = worker.claims.get()
    given = {"reason": "误登", "version": version_of(claim), "by": clerk, "on": ON}
    return remove_record("claim", worker.pk, claim.pk, **given)


def make_case(worker: Any, *, by: Any = None, on: date | None = None, **fields: Any) -> Any:
    """A case of direct inclusion, opened as the registry opens it."""
    from portal.cases.actions import NewCase, open_cases

    case = open_cases(
        "registry.direct-inclusion",
        [NewCase(worker.work_region_id, worker.pk, f"{worker.name} 直接纳入")],
        by=by,
        on=on or timezone.localdate(),
    )[0]
    if fields:
        type(case).objects.filter(pk=case.pk).update(**fields)
        case.refresh_from_db()
    return case
