"""People of the register with the facts that matter here, put in as records that somebody has confirmed."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.workforce.models import (
    AttestedFact,
    Employment,
    SkillCredential,
    TechnicalSchooling,
    UnemploymentInsurance,
    Worker,
)
from tests.cast import confirm, make_worker

ON = date(2026, 11, 20)


def insured(
    worker: Worker, months: int | None = 36, drawing: bool | None = False, paying: bool | None = True
) -> UnemploymentInsurance:
    record = UnemploymentInsurance.objects.create(
        worker=worker,
        months=months,
        paying=paying,
        drawing_benefit=drawing,
        as_of=date(2026, 10, 31),
        source="社保查询",
    )
    confirm(record)
    return record


def certified(
    worker: Worker, level: int = 40, issued_on: date | None = date(2026, 5, 10), occupation: str = "焊工"
) -> SkillCredential:
    record = SkillCredential.objects.create(
        worker=worker,
        occupation=occupation,
        level=level,
        issued_on=issued_on,
        number=f"{occupation}{level}{issued_on}",
        source="窗口登记",
    )
    confirm(record)
    return record


def employed(worker: Worker, **fields: Any) -> Employment:
    record = Employment.objects.create(worker=worker, status="employed", source="窗口登记", **fields)
    confirm(record)
    return record


def attested(
    worker: Worker, code: str, since: date = date(2024, 1, 1), until: date | None = None, value: Any = True
) -> AttestedFact:
    record = AttestedFact.objects.create(
        worker=worker,
        code=code,
        value=value,
        since=since,
        until=until,
        document="合成文号",
        source="窗口登记",
    )
    confirm(record)
    return record


def graduated(worker: Worker, graduated_from: str = "senior") -> TechnicalSchooling:
    return TechnicalSchooling.objects.create(
        worker=worker, graduated_from=graduated_from, school="合成技工学校", source="窗口登记"
    )


def welder(name: str = "王建国", **fields: Any) -> Worker:
    """Employed, insured for three years, with a senior certificate of half a year ago: may claim the subsidy
    for it.
    """
    worker = make_worker(name, **fields)
    employed(worker, on_front_line=True, in_skilled_post=True, continuous_months=30)
    insured(worker)
    certified(worker)
    return worker
