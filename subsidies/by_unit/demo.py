"""A list of the demonstration: a unit puts claims forward, with a row that comes back; somebody declines, others are asked."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from portal.cases.applicants import units_of, working_in
from portal.demo import Demo
from portal.jobs.runner import run_job
from portal.policy.facts import SkillLevel
from portal.workforce.models import SkillCredential, Worker
from portal.workforce.models.people import WorkerQuerySet
from portal.workforce.models.verification import Verification
from subsidies.by_unit import actions, consenting
from subsidies.by_unit.form import FORM
from subsidies.by_unit.models import Proposal
from subsidies.models import Claim

_PEOPLE = 6
_LABELS = {column.key: column.label for column in FORM.columns}


def people_of_unit(demo: Demo) -> WorkerQuerySet:
    """Who works in the unit of the demonstration's agent: their claims are those of the list."""
    unit = next(iter(units_of(demo.people["employer_agent"])), None)
    return working_in(unit.pk) if unit else Worker.objects.none()


def load(demo: Demo, certify: Any) -> None:
    """`certify(demo, workers, levels)` gives each of the workers a certificate of last season."""
    agent = demo.people["employer_agent"]
    unit = next(iter(units_of(agent)), None)
    if unit is None:
        return
    claimed = Claim.objects.values("worker")
    workers = people_of_unit(demo).filter(
        insurance__months__gte=36,
        insurance__verification=Verification.CONFIRMED,
        employments__verification=Verification.CONFIRMED,
    )
    people = list(workers.exclude(pk__in=claimed).distinct().order_by("pk")[:_PEOPLE])
    credentials = certify(demo, people, [SkillLevel.SENIOR] * len(people))
    given = actions.give_in(_list(credentials), unit.pk, by=agent)
    run_job(given.job_id)
    given.refresh_from_db()
    if not given.good:
        return
    given = actions.confirm(given.pk, by=agent)
    run_job(given.job_id)
    first = Proposal.objects.filter(row__file=given).order_by("row__line").first()
    if first is not None:
        said = "本人来电说明另行申请。"
        consenting.decline(first.pk, reason=said, by=demo.people["clerk"], on=demo.on)


def _list(credentials: list[SkillCredential]) -> UploadedFile:
    """The list as the unit brings it; the last row names a certificate that nobody has."""
    rows = [_row(credential, credential.number) for credential in credentials]
    if credentials:
        rows.append(_row(credentials[-1], "Y00000000000000"))
    text = "\n".join(",".join(row) for row in [list(_LABELS.values()), *rows])
    content = text.encode("utf-8-sig")
    return UploadedFile(ContentFile(content), "合成补贴申请名单.csv", "text/csv", len(content))


def _row(credential: SkillCredential, number: str) -> list[str]:
    worker = credential.worker
    level = credential.get_level_display()
    return [worker.id_number, worker.name, credential.occupation, level, number, "", "", ""]
