"""What is decided about besides people and certificates: a worker and one training they completed."""

# ruff: noqa: S608 - text is put together from names of columns and tables; numbers are whole
from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.apps.registry import Apps
from django.db import models

from portal.policy.facts import PERSON, choice, day, register_facts
from portal.policy.sets import Relation
from portal.policy.subjects import SubjectKind, register_subject
from portal.workforce.facts import record_counts, relation
from portal.workforce.record_kinds import EMPLOYMENT
from portal.workforce.subjects import OF_PERSON, record_sources
from subsidies.models import TRAINING, CompletedTraining, TrainingProject

TRAINING_KEY = "training_id"


class TrainingFacts(models.Model):
    employment = PERSON.fields["employment"].clone()
    public_institution_payroll = PERSON.fields["public_institution_payroll"].clone()
    training_project = choice(
        "培训项目", **{str(code): str(label) for code, label in TrainingProject.choices}
    )
    training_occupation = models.TextField("培训职业（工种）", null=True)
    training_completed_on = day("培训结业日期")

    class Meta:
        apps = Apps()
        app_label = "subsidies"
        managed = False

    def __str__(self) -> str:
        return "facts"


FACTS = register_facts("training", TrainingFacts)
_SOURCE = (
    "concat_ws('，', '培训结业', t.provider, '结业证书' || t.number,"
    " to_char(coalesce(t.judged_at, t.entered_at) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'))"
)


def gather_trainings(numbers: Collection[int], on: date, verified: bool) -> Relation:
    """The facts of these trainings on a day, a row each, with those of whoever stands for the person who attended."""
    people = CompletedTraining.objects.filter(pk__in=numbers).values_list("worker_id", flat=True)
    rows = relation(on, workers=sorted(set(people)), verified=verified)
    listed = ",".join(str(int(number)) for number in numbers)
    return trainings_among(f"SELECT unnest('{{{listed}}}'::bigint[]) AS {TRAINING_KEY}", rows, verified)


def trainings_among(asked: str, people: str, verified: bool) -> Relation:
    """The same of those that a query names, beside a query of the facts of their people."""
    counts = "t.state = 'confirmed'" if verified else "t.state NOT IN ('refused', 'voided')"
    work = f"{OF_PERSON} AND record.ended_on IS NULL{record_counts('record', verified=verified)}"
    own = ("training_project", "training_occupation", "training_completed_on")
    sources = ", ".join(f"'{fact}', facts.training_source" for fact in own)
    return Relation(
        f"SELECT facts.*, {record_sources(EMPLOYMENT, work)} || jsonb_build_object({sources}) AS fact_sources"
        f" FROM (SELECT t.id AS {TRAINING_KEY}, p.worker_id, p.employment, p.public_institution_payroll,"
        " t.project::text AS training_project, t.occupation::text AS training_occupation,"
        f" t.completed_on AS training_completed_on, {_SOURCE} AS training_source"
        f" FROM ({asked}) AS asked JOIN subsidies_completedtraining t ON t.id = asked.{TRAINING_KEY} AND {counts}"
        " LEFT JOIN workforce_mergedperson m ON m.source_id = t.worker_id"
        f" JOIN ({people}) AS p ON p.worker_id = coalesce(m.target_id, t.worker_id)) AS facts",
        key=TRAINING_KEY,
        sources="fact_sources",
    )


def register() -> None:
    register_subject(SubjectKind(TRAINING, "培训结业", FACTS, gather_trainings))
