"""The facts of many certificates, put together from what was gathered of their people.

Of a person's facts only those about the certificate differ from one of theirs to the next. Of whoever never drew a
subsidy that is what the certificate itself says; of the others the earlier claims are held against each, as everywhere
(portal.workforce.facts).
"""

# ruff: noqa: S608 - text is put together from names of columns and tables, and days
from __future__ import annotations

from datetime import date

from portal.policy.facts import FACTS
from portal.policy.sets import Relation
from portal.workforce.facts import CERTIFICATE_KEY, relation, scarce_on
from portal.workforce.models import KnownFacts, VerifiedFacts

# Whether somebody drew anything, by whichever record of theirs.
_DREW = (
    "(EXISTS (SELECT FROM workforce_benefitclaim b WHERE b.worker_id = {worker})"
    " OR EXISTS (SELECT FROM workforce_mergedperson m JOIN workforce_benefitclaim b ON b.worker_id = m.source_id"
    " WHERE m.target_id = {worker}))"
)


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
        f" WHERE NOT {_DREW.format(worker='asked.worker_id')}"
    )
    drew = f"SELECT DISTINCT worker_id FROM ({asked}) AS asked WHERE {_DREW.format(worker='asked.worker_id')}"
    rows = relation(on, within=drew, verified=True, each_certificate=True)
    numbers = f"SELECT subject_id FROM ({asked}) AS asked"
    held = f"SELECT {names} FROM ({rows}) AS facts WHERE {CERTIFICATE_KEY} IN ({numbers})"
    return Relation(f"{never_drew} UNION ALL {held}", key=CERTIFICATE_KEY)
