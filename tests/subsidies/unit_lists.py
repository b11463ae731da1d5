"""Lists by which a unit puts claims forward, as units bring them, and the people of a unit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.cast import OTOG, confirm_all, id_number, make_worker
from tests.subsidies.conftest import certificate, confirmed
from tests.subsidies.paid_lists import LEVELS, content_of

HEAD = ("证件号码", "姓名", "职业工种", "技能等级", "证书编号", "申请依据", "开户银行", "银行账号")
BANK, ACCOUNT = "中国农业银行鄂托克旗支行", "6228480000012345678"


def works_in(
    unit: Any,
    name: str,
    verifier: Any,
    *,
    months: int = 40,
    region: str = OTOG,
    settled: bool = True,
    **fields: Any,
) -> Any:
    """Somebody of the unit, who pays contributions; both confirmed, or the work only stated."""
    from portal.workforce.models import Employment, UnemploymentInsurance

    worker = make_worker(name, region=region, **fields)
    given = {"worker": worker, "source": "合成"}
    work = Employment.objects.create(
        **given, employer=unit, status="employed", public_institution_payroll=False
    )
    insured = UnemploymentInsurance.objects.create(
        **given, months=months, paying=True, drawing_benefit=False, as_of=timezone.localdate().replace(day=1)
    )
    if settled:
        confirmed(work, verifier)
    confirmed(insured, verifier)
    return worker


def certified(worker: Any, verifier: Any, number: str, **given: Any) -> Any:
    """A confirmed certificate of this month."""
    given.setdefault("issued_on", timezone.localdate().replace(day=1))
    return certificate(worker, verifier, number=number, **given)


def line_of(credential: Any, **changed: str) -> dict[str, str]:
    """What a unit writes of somebody's certificate."""
    given = {
        "证件号码": credential.worker.id_number,
        "姓名": credential.worker.name,
        "职业工种": credential.occupation,
        "技能等级": LEVELS[credential.level],
        "证书编号": credential.number,
    }
    return given | changed


def csv_of(
    *lines: dict[str, str], head: tuple[str, ...] = HEAD, name: str = "名单.csv"
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content_of(*lines, head=head))


def given_in(unit: Any, *lines: dict[str, str], by: Any, upload: Any = None) -> Any:
    """The file, given in and checked."""
    from portal.jobs import runner
    from subsidies.by_unit import actions

    given = actions.give_in(upload or csv_of(*lines), unit.pk, by=by)
    runner.run_job(given.job_id)
    given.refresh_from_db()
    return given


def put_forward(unit: Any, *lines: dict[str, str], by: Any) -> Any:
    """The file, given in, checked, confirmed and carried out."""
    from portal.jobs import runner
    from subsidies.by_unit import actions

    given = actions.confirm(given_in(unit, *lines, by=by).pk, by=by)
    runner.run_job(given.job_id)
    given.refresh_from_db()
    return given


def said(given: Any) -> dict[int, tuple[str, str]]:
    """By line, what came of it and why."""
    return {row.line: (row.outcome, row.said) for row in given.rows.all()}


def staff_of(unit: Any, number: int) -> list[Any]:
    """Who works in the unit, each with a certificate of this month and contributions; all of it confirmed."""
    from portal.workforce.models import Employment, SkillCredential, UnemploymentInsurance, Worker

    issued = timezone.localdate().replace(day=1)
    people = []
    for place in range(number):
        worker = Worker(name=f"合成{'甲乙丙丁戊己庚辛壬癸'[place % 10]}", work_region_id=OTOG, source="合成")
        worker.set_id_number(
            id_number(born=date(1980, 1, 1) + timedelta(days=place), serial=700 + place % 200)
        )
        people.append(worker)
    Worker.objects.bulk_create(people)
    said = {"source": "合成"}
    Employment.objects.bulk_create(
        Employment(worker=one, employer=unit, status="employed", public_institution_payroll=False, **said)
        for one in people
    )
    UnemploymentInsurance.objects.bulk_create(
        UnemploymentInsurance(worker=one, months=40, paying=True, drawing_benefit=False, as_of=issued, **said)
        for one in people
    )
    SkillCredential.objects.bulk_create(
        SkillCredential(
            worker=one, occupation="焊工", level=40, number=f"S{one.pk:012d}", issued_on=issued, **said
        )
        for one in people
    )
    for model in (Employment, UnemploymentInsurance, SkillCredential):
        confirm_all(model._default_manager.filter(worker__in=people))
    return people
