"""Who is decided about: a worker; or a worker and one of their certificates, with the facts of that certificate
instead of the newest one, each with the record it rests on.
"""

# ruff: noqa: S608 - text is put together from names of columns and tables; numbers are whole
from __future__ import annotations

from collections.abc import Collection
from datetime import date

from portal.policy.facts import PERSON
from portal.policy.sets import Relation
from portal.policy.subjects import SubjectKind, register_subject
from portal.workforce.facts import CERTIFICATE_KEY, record_counts, relation
from portal.workforce.models import SkillCredential
from portal.workforce.record_kinds import CREDENTIAL, EMPLOYMENT, INSURANCE, RecordKind

WORKER, CERTIFICATE = "worker", "certificate"
# An array, which an index is asked for; with alternatives the records of everybody would be read for each.
OF_PERSON = (
    "record.worker_id = ANY (ARRAY(SELECT facts.worker_id UNION ALL"
    " SELECT source_id FROM workforce_mergedperson WHERE target_id = facts.worker_id))"
)
# The records on which what a claim asks of a certificate and its holder rests.
_RECORDS = (
    (EMPLOYMENT, f"{OF_PERSON} AND record.ended_on IS NULL"),
    (INSURANCE, OF_PERSON),
    (CREDENTIAL, f"record.id = facts.{CERTIFICATE_KEY}"),
)


def gather_workers(numbers: Collection[int], on: date, verified: bool) -> Relation:
    """The facts of these workers on a day; of a record that was merged into another those of who stands for it."""
    return Relation(relation(on, workers=numbers, verified=verified))


def gather_certificates(numbers: Collection[int], on: date, verified: bool) -> Relation:
    """The facts of these certificates on a day, a row each, with the sources of what is asked about them."""
    people = SkillCredential.objects.filter(pk__in=numbers).values_list("worker_id", flat=True)
    rows = relation(on, workers=sorted(set(people)), verified=verified, each_certificate=True)
    listed = ",".join(str(int(number)) for number in numbers)
    counts = record_counts("record", verified=verified)
    sources = " || ".join(record_sources(kind, found + counts) for kind, found in _RECORDS)
    sql = (
        f"SELECT facts.*, {sources} AS fact_sources FROM ({rows}) AS facts"
        f" WHERE facts.{CERTIFICATE_KEY} = ANY('{{{listed}}}'::bigint[])"
    )
    return Relation(sql, key=CERTIFICATE_KEY, sources="fact_sources")


def record_sources(kind: RecordKind, found: str) -> str:
    """SQL of {fact: record, source, day} of one kind of record; nothing when there is no such record."""
    day = "to_char(record.recorded_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')"
    text = f"concat_ws('，', '{kind.title}', record.source, {day})"
    facts = ", ".join(f"'{fact}'" for fact in kind.facts if fact != "skill_level")
    return (
        f"coalesce((SELECT jsonb_object_agg(fact, {text}) FROM {kind.table} record,"
        f" unnest(ARRAY[{facts}]) AS fact WHERE {found}), '{{}}'::jsonb)"
    )


def register() -> None:
    """Make both kinds known when the application starts."""
    register_subject(SubjectKind(WORKER, "技术工人", PERSON, gather_workers))
    register_subject(SubjectKind(CERTIFICATE, "技能证书", PERSON, gather_certificates))
