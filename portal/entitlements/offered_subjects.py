"""Offers about one thing a person has: one certificate of several, one training.

A person's own row of facts is about the newest certificate. What else may be offered, its programme registers: which
subjects come in question beside that row, and how their facts are gathered. Each look over the register decides them
in sets, of the few people who have any; so a person with two certificates gets two offers.
"""

# ruff: noqa: S608 - text is put together from compiled rules, codes and names of tables; values are bound
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.entitlements.models import Offer
from portal.policy.compile import text_literal
from portal.policy.engine import current_rules
from portal.policy.law import law_on
from portal.policy.models import Determination, Outcome
from portal.policy.sets import Relation, masks
from portal.policy.subjects import determine_subjects, foresee_subject
from portal.workforce.models import KnownFacts

# On a day, of the people a query names (everybody's when it is empty): a query of subject_id, worker_id (of who stands
# for the person) and distinction. It may name too many, also the person's newest; the rule decides.
Asked = Callable[[date, str], str]
# Of subjects that a query names by subject_id, the verified facts on a day.
GatherSet = Callable[[date, str], Relation]
# On a day, a query of worker_id: whose open offers may have turned by the date alone.
Turning = Callable[[date], str]


@dataclass(frozen=True)
class OfferedSubject:
    """A person's benefit that is offered for a kind of subject, and the rule by which one of them is decided."""

    benefit: str
    kind: str
    rule: str
    asked: Asked
    gather: GatherSet
    turning: Turning | None = None


_OFFERED: dict[tuple[str, str], OfferedSubject] = {}
_ASKED, FOUND, _PEOPLE = "offer_asked", "offer_found", "offer_people"
_CREATE = f"""
CREATE TEMPORARY TABLE {FOUND} (
    worker_id bigint, benefit text, subject_type text, subject_id bigint, distinction text
) ON COMMIT DROP
"""
_FIND = f"""
INSERT INTO {FOUND}
SELECT a.worker_id, a.benefit, %s, a.subject_id, left(a.distinction, 120)
FROM ({{masks}}) AS m JOIN {_ASKED} a USING (subject_id)
WHERE m.eligible & a.bit <> 0
"""
# Whoever stands for the person, where they work: as known at this look.
_INSERT = f"""
INSERT INTO entitlements_offer
    (worker_id, region_id, benefit, distinction, state, matched_on, reason, subject_type, subject_id, beside)
SELECT DISTINCT ON (f.worker_id, f.benefit, f.distinction)
       f.worker_id, k.work_region, f.benefit, f.distinction, 'matched', %s, '', f.subject_type, f.subject_id, true
FROM {FOUND} f JOIN {KnownFacts._meta.db_table} k ON k.worker_id = f.worker_id
ORDER BY f.worker_id, f.benefit, f.distinction, f.subject_id
ON CONFLICT (worker_id, benefit, distinction) DO UPDATE
SET state = CASE WHEN entitlements_offer.notified_at IS NULL THEN 'matched' ELSE 'notified' END,
    matched_on = excluded.matched_on, region_id = excluded.region_id, beside = true
WHERE entitlements_offer.state = 'expired'
"""
# What is found of somebody beside their own row holds by itself, whatever that row says.
STANDS_BESIDE = f"""EXISTS (
    SELECT FROM {FOUND} f
    WHERE (f.worker_id, f.benefit, f.distinction) = (offer.worker_id, offer.benefit, offer.distinction)
)"""
# An older certificate may have become the newest again: then the person's own row speaks for it.
_EXPIRE = """
UPDATE entitlements_offer offer SET state = 'expired'
WHERE offer.beside AND offer.state IN ('matched', 'notified'){of} AND NOT {stands}
  AND NOT EXISTS (
    SELECT FROM entitlements_matchstate s JOIN ({verified}) f ON f.worker_id = s.worker_id
    WHERE s.worker_id = offer.worker_id AND s.eligible & (CASE offer.benefit {bits} ELSE 0 END) <> 0
      AND offer.distinction = CASE offer.benefit {distinction} ELSE '' END)
"""


def register_offered_subject(offered: OfferedSubject) -> None:
    """Make known what may be offered beside a person's own row. Registered once more it stays one."""
    _OFFERED[offered.benefit, offered.kind] = offered


def subject_in_question(offer: Offer) -> OfferedSubject | None:
    """What the offer is about; None for one about the person as a whole."""
    return _OFFERED.get((offer.benefit, offer.subject_type)) if offer.subject_id is not None else None


def about_certificates(benefit: str) -> bool:
    """Whether what a person is offered of this benefit is about one of their certificates."""
    return (benefit, "certificate") in _OFFERED


# -- in a look over the register -----------------------------------------------------------------------------
def find_beside(cursor: Any, on: date, people: str) -> None:
    """Put into a temporary table what those of `people` (a query of worker_id; empty for everybody) are entitled to
    for something else than their own row is about. Who was looked at stands in another one.
    """
    cursor.execute(_CREATE)
    looked_at = ""
    if people:
        turning = {one.turning(on) for one in _OFFERED.values() if one.turning is not None}
        cursor.execute(
            f"CREATE TEMPORARY TABLE {_PEOPLE} ON COMMIT DROP AS {' UNION '.join([people, *sorted(turning)])}"
        )
        cursor.execute(f"ANALYZE {_PEOPLE}")
        looked_at = f"SELECT worker_id FROM {_PEOPLE}"
    for kind in dict.fromkeys(one.kind for one in _OFFERED.values()):
        _find_of_kind(cursor, on, [one for one in _OFFERED.values() if one.kind == kind], looked_at)
    cursor.execute(f"ANALYZE {FOUND}")


def _find_of_kind(cursor: Any, on: date, offered: list[OfferedSubject], people: str) -> None:
    """Subjects of one kind are gathered once, for all that they may be offered for."""
    places = {one.rule: place for place, one in enumerate(offered)}
    asked = " UNION ALL ".join(
        f"SELECT subject_id, worker_id, distinction, {text_literal(one.benefit)} AS benefit,"
        f" {1 << places[one.rule]}::bigint AS bit FROM ({one.asked(on, people)}) AS asked"
        for one in offered
    )
    cursor.execute(f"CREATE TEMPORARY TABLE {_ASKED} ON COMMIT DROP AS {asked}")
    if cursor.rowcount:
        cursor.execute(f"ANALYZE {_ASKED}")
        relation = offered[0].gather(on, f"SELECT subject_id, worker_id FROM {_ASKED}")
        decided = masks(current_rules(places), relation, law_on(on), places=places)
        cursor.execute(_FIND.format(masks=decided.sql), [offered[0].kind, *decided.params])
    cursor.execute(f"DROP TABLE {_ASKED}")


def offer_beside(cursor: Any, on: date) -> int:
    """Offers of what was found and is not offered yet; how many."""
    cursor.execute(_INSERT, [on])
    return int(cursor.rowcount)


def lapse_beside(cursor: Any, people: str, *, verified: str, bits: str, distinction: str) -> int:
    """Open offers of those looked at lapse where they were not found again; how many."""
    of = f" AND offer.worker_id IN (SELECT worker_id FROM {_PEOPLE})" if people else ""
    sql = _EXPIRE.format(of=of, stands=STANDS_BESIDE, verified=verified, bits=bits, distinction=distinction)
    cursor.execute(sql)
    lapsed = int(cursor.rowcount)
    cursor.execute(f"DROP TABLE IF EXISTS {FOUND}, {_PEOPLE}")
    return lapsed


def subject_of_newest(offers: str, worker: str, facts: str, *, merged: bool) -> tuple[str, str]:
    """SQL of the kind and the number of the certificate that an offer from a person's own row is about."""
    about = [benefit for benefit, kind in _OFFERED if kind == "certificate"]
    if not about:
        return "''", "NULL::bigint"
    listed = ", ".join(text_literal(benefit) for benefit in about)
    of_person = f"c.worker_id = {worker}"
    if merged:
        of_person = (
            f"({of_person} OR c.worker_id IN"
            f" (SELECT source_id FROM workforce_mergedperson WHERE target_id = {worker}))"
        )
    number = (
        f"SELECT max(c.id) FROM workforce_skillcredential c WHERE {of_person}"
        f" AND c.level = {facts}.certificate_level AND c.occupation = {facts}.certificate_occupation"
        f" AND c.issued_on = {facts}.certificate_issued_on AND c.verification = 'confirmed'"
    )
    return (
        f"CASE WHEN {offers}.benefit IN ({listed}) THEN 'certificate' ELSE '' END",
        f"CASE WHEN {offers}.benefit IN ({listed}) THEN ({number}) END",
    )


# -- of one offer --------------------------------------------------------------------------------------------
def determine_offered(offer: Offer, about: OfferedSubject, *, on: date) -> Determination | None:
    """Decide what the offer is about and keep the evidence; None when it holds no more."""
    assert offer.subject_id is not None  # noqa: S101  or it is about nothing
    decided = determine_subjects(about.kind, [offer.subject_id], on=on, benefits=[about.rule])
    found = decided.get((offer.subject_id, about.rule))
    return found if found is not None and found.outcome == Outcome.ELIGIBLE else None


def foresee_offered(offer: Offer, about: OfferedSubject, *, on: date) -> Determination | None:
    """The same of a look at it: nothing is kept, and whatever comes out."""
    assert offer.subject_id is not None  # noqa: S101  or it is about nothing
    return foresee_subject(about.kind, offer.subject_id, on=on, benefit=about.rule)
