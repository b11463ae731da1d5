"""The facts of many certificates, put together from what was gathered of their people.

Of a person's facts only those about the certificate differ from one of theirs to the next. Of whoever never drew a
subsidy that is what the certificate itself says; of the others the earlier claims are held against each, as everywhere
(portal.workforce.facts).
"""

# ruff: noqa: S608 - text is put together from names of columns and tables, and days
from __future__ import annotations

from datetime import date

from django.db import connection

from portal.policy.facts import FACTS
from portal.policy.sets import Relation
from portal.workforce.facts import CERTIFICATE_KEY, relation, scarce_on
from portal.workforce.models import KnownFacts, VerifiedFacts

_WHO_DREW = "facts_who_drew"


def _find_who_drew(asked: str) -> int:
    """Put those of the people asked about who ever drew a subsidy, by whichever record of theirs, into a temporary table;
    how many they are.
    """
    # Two queries and not one with OR, for which everybody's claims would be read.
    drew = (
        f"SELECT worker_id FROM ({asked}) AS asked"
        " WHERE EXISTS (SELECT FROM workforce_benefitclaim b WHERE b.worker_id = asked.worker_id)"
        f" UNION SELECT worker_id FROM ({asked}) AS asked"
        " WHERE EXISTS (SELECT FROM workforce_mergedperson m JOIN workforce_benefitclaim b ON b.worker_id = m.source_id"
        " WHERE m.target_id = asked.worker_id)"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {_WHO_DREW}")
        cursor.execute(f"CREATE TEMPORARY TABLE {_WHO_DREW} ON COMMIT DROP AS {drew}")
        count = int(cursor.rowcount)
        cursor.execute(f"ANALYZE {_WHO_DREW}")
    return count


def certificates_gathered(on: date, asked: str) -> Relation:
    """The verified facts of the certificates that a query names (subject_id, worker_id), on the day for which everybody's
    facts were gathered last. Each has its number in the column `CERTIFICATE_KEY`.
    """
    about = {
        "certificate_level": "c.level",
        "certificate_occupation": "c.occupation::text",
        "certificate_issued_on": "c.issued_on",
        "certificate_occupation_scarce": scarce_on(
            f"DATE '{on}'", place="k.work_region", occupation="c.occupation"
        ),
    }
    columns = [
        f"{about.get(fact) or f'CASE WHEN k.all_confirmed THEN k.{fact} ELSE v.{fact} END'} AS {fact}"
        for fact in FACTS
    ]
    names = ", ".join((CERTIFICATE_KEY, "worker_id", *FACTS))
    never_drew = (
        f"SELECT c.id AS {CERTIFICATE_KEY}, k.worker_id, {', '.join(columns)} FROM ({asked}) AS asked"
        " JOIN workforce_skillcredential c ON c.id = asked.subject_id"
        f" JOIN {KnownFacts._meta.db_table} k ON k.worker_id = asked.worker_id"
        f" LEFT JOIN {VerifiedFacts._meta.db_table} v ON v.worker_id = asked.worker_id"
    )
    if not _find_who_drew(asked):
        return Relation(never_drew, key=CERTIFICATE_KEY)
    who_drew = f"SELECT worker_id FROM {_WHO_DREW}"
    rows = relation(on, within=who_drew, verified=True, each_certificate=True)
    numbers = f"SELECT subject_id FROM ({asked}) AS asked"
    held = f"SELECT {names} FROM ({rows}) AS facts WHERE {CERTIFICATE_KEY} IN ({numbers})"
    never_drew += f" WHERE asked.worker_id NOT IN ({who_drew})"
    return Relation(f"{never_drew} UNION ALL {held}", key=CERTIFICATE_KEY)
