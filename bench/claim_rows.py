"""Synthetic claims: a million for the list, in every stage, and some thousand that were just handed in.

They are no people; every value follows from a counter. The owner writes them in a few statements; the guards of cases and
of claims are off where claims are put in as decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from bench import ciphers, crowd
from bench.database import owner, vacuum, without_guards, without_references
from bench.facts import cover
from bench.register import CONFIRMED, CONFIRMED_COLUMNS, VERIFIED_TABLES
from portal.policy.subjects import determine_subjects
from portal.workforce.models import SkillCredential
from portal.workforce.subjects import CERTIFICATE
from subsidies.schemes import SCHEMES, SKILL_UPGRADE

LEAGUE = "150600"
_SOURCE = "'合成数据', timestamptz '2026-01-01 00:00+08'"
_DETERMINED_TOGETHER = 2_000

# -- for the list --------------------------------------------------------------------------------------------
# Two certificates of everybody; one in five a technician's.
_CERTIFICATES = f"""
INSERT INTO workforce_skillcredential (
    worker_id, occupation, level, number, issued_on, verified_how, {CONFIRMED_COLUMNS}, source, recorded_at)
SELECT w.id, w.occupation, CASE WHEN w.id %% 5 = 0 THEN 50 ELSE 20 END + 10 * c.n, 'S' || c.n || '-' || w.id,
       date '2024-06-01' + 300 * c.n + (w.id %% 200)::int, 'roster', {CONFIRMED}, {_SOURCE}
FROM workforce_worker w CROSS JOIN generate_series(0, 1) c(n)
"""
# All of them found in the national query.
_ANSWERS = """
INSERT INTO workforce_certificateanswer (credential_id, found, as_of)
SELECT c.id, true, date '2026-11-01' FROM workforce_skillcredential c
LEFT JOIN workforce_certificateanswer a ON a.credential_id = c.id WHERE a.credential_id IS NULL
"""
# And what a claim asks about everybody else, so that whoever looks for one finds them among all.
_IN_WORK = (
    f"""
    INSERT INTO workforce_employment (
        worker_id, status, occupation, public_institution_payroll, {CONFIRMED_COLUMNS}, source, recorded_at, started_on)
    SELECT id, 'employed', occupation, false, {CONFIRMED}, {_SOURCE}, date '2020-01-01' FROM workforce_worker
    """,
    f"""
    INSERT INTO workforce_unemploymentinsurance (
        worker_id, months, paying, drawing_benefit, as_of, {CONFIRMED_COLUMNS}, source, recorded_at)
    SELECT id, 60, true, false, date '2026-11-01', {CONFIRMED}, {_SOURCE} FROM workforce_worker
    """,
)
# Of a hundred claims: how many are in a state, and whether its clock stands still.
_STATES = (
    ("approved", 84, False),
    ("submitted", 4, False),
    ("rejected", 3, False),
    ("accepted", 3, False),
    ("withdrawn", 2, False),
    ("refused", 1, False),
    ("reviewed", 1, False),
    ("returned", 1, True),
    ("first_reviewed", 1, False),
)
_CLOSED = ("approved", "rejected", "withdrawn", "refused")
_CASES = """
INSERT INTO cases_case (
    number, kind, region_id, worker_id, subject, state, state_since, version, opened_on, opened_at,
    closed_at, started_on, due_on, stopped_on, due_certain)
SELECT CASE WHEN drawn.id %% 5 = 0 THEN 'JS' ELSE 'JN' END || '-2026-' || lpad(drawn.place::text, 7, '0'),
       CASE WHEN drawn.id %% 5 = 0 THEN 'subsidies.technician' ELSE 'subsidies.skill-upgrade' END,
       drawn.work_region_id, drawn.id, '合成办件', drawn.state, now(), 4, drawn.day, now(),
       CASE WHEN drawn.state = ANY (%(closed)s) THEN now() END, drawn.day, drawn.day + 14,
       CASE WHEN drawn.state = ANY (%(stopped)s) THEN drawn.day + 2 END, true
FROM (
    SELECT w.id, w.work_region_id, p.place, date '2025-01-01' + (p.place * 690 / %(count)s)::int AS day,
           (%(states)s::text[])[1 + (hashint8(p.place) & 2147483647) %% 100] AS state
    FROM generate_series(1, %(count)s) AS p (place)
    JOIN workforce_worker w ON w.id = (SELECT min(id) FROM workforce_worker) + (p.place - 1) / 2
) AS drawn ORDER BY drawn.place
"""
_CLAIMS = """
INSERT INTO subsidies_claim (
    case_id, worker_id, channel, handed_in_on, handed_in_at, credential_id, prefilled, determination_id, decision_id,
    course_id, amount, fund)
SELECT c.id, c.worker_id,
       CASE WHEN c.id %% 20 < 9 THEN 'self' WHEN c.id %% 20 < 17 THEN 'window' ELSE 'employer' END,
       c.opened_on, c.opened_at, held.ids[1 + (c.id %% 2)::int], c.id %% 20 < 7, %(determination)s,
       CASE WHEN c.state = 'approved' THEN %(determination)s::bigint END, course.id,
       CASE WHEN c.state = 'approved' THEN 1500 END,
       CASE WHEN c.worker_id %% 5 = 0 THEN 'employment_subsidy_fund' ELSE 'unemployment_insurance_fund' END
FROM cases_case c
JOIN (SELECT worker_id, array_agg(id ORDER BY id) AS ids FROM workforce_skillcredential GROUP BY worker_id) held
    USING (worker_id)
JOIN subsidies_course course ON course.kind = c.kind AND course.is_sample
ORDER BY c.id
"""
# Who took in, reviewed and approved, and the record that each approved claim is.
_DUTIES = """
INSERT INTO cases_caseduty (case_id, duty, person_id)
SELECT c.id, d.duty, u.ids[d.place]
FROM cases_case c
CROSS JOIN (SELECT array_agg(id ORDER BY id) AS ids FROM accounts_user) u
CROSS JOIN (VALUES ('accept', 1), ('review', 2), ('approve', 3)) AS d (duty, place)
WHERE c.state = 'approved'
"""
_BENEFIT_CLAIMS = f"""
INSERT INTO workforce_benefitclaim (
    worker_id, kind, occupation, level, certificate_number, claimed_on, source, recorded_at)
SELECT p.worker_id, CASE WHEN p.worker_id %% 5 = 0 THEN 'training_subsidy' ELSE 'skill_upgrade' END, k.occupation, k.level,
       k.number, p.handed_in_on, {_SOURCE}
FROM subsidies_claim p JOIN workforce_skillcredential k ON k.id = p.credential_id WHERE p.amount IS NOT NULL
"""
_TAKEN = """
INSERT INTO subsidies_claimkey (claim_id, kind, person_id, certificate, occupation, level, fund, year, place, taken_at)
SELECT p.case_id, v.kind, p.worker_id, CASE v.kind WHEN 'certificate' THEN k.number ELSE '' END,
       CASE v.kind WHEN 'level' THEN k.occupation ELSE '' END, CASE v.kind WHEN 'level' THEN k.level END,
       CASE v.kind WHEN 'place' THEN p.fund ELSE '' END,
       CASE WHEN v.kind = 'place' AND p.worker_id %% 5 <> 0 THEN extract(year FROM p.handed_in_on)::int ELSE 0 END,
       CASE v.kind WHEN 'place' THEN 1 + p.case_id %% 2 ELSE 0 END, now()
FROM subsidies_claim p JOIN workforce_skillcredential k ON k.id = p.credential_id
CROSS JOIN (VALUES ('certificate'), ('level'), ('place')) AS v (kind)
WHERE p.amount IS NOT NULL ORDER BY p.case_id
"""


def populate(count: int) -> None:
    """Fill an empty, migrated database with so many claims of half as many people."""
    crowd.write_workers(count // 2)
    with (
        owner() as cursor,
        without_guards(cursor, *VERIFIED_TABLES),
        without_references(cursor, *VERIFIED_TABLES),
    ):
        for statement in (_CERTIFICATES, _ANSWERS, *_IN_WORK):
            cursor.execute(statement, {})
        cover(cursor)
    vacuum()
    one = SkillCredential.objects.filter(level__lt=50).order_by("pk")[0].pk
    determined = _determine([one], date(2026, 6, 1))
    states = [state for state, share, _ in _STATES for _ in range(share)]
    given = {
        "count": count,
        "states": states,
        "closed": list(_CLOSED),
        "stopped": [state for state, _, stopped in _STATES if stopped],
        "determination": determined[one],
    }
    guarded = (
        "cases_case",
        "subsidies_claim",
        "cases_caseduty",
        "workforce_benefitclaim",
        "subsidies_claimkey",
    )
    with owner() as cursor, without_guards(cursor, *guarded), without_references(cursor, *guarded):
        for statement in (_CASES, _CLAIMS, _DUTIES, _BENEFIT_CLAIMS, _TAKEN):
            cursor.execute(statement, given)
    vacuum()


def _determine(credentials: Sequence[int], on: date) -> dict[int, int]:
    """What was determined of each certificate when it was handed in."""
    benefit = SCHEMES[SKILL_UPGRADE].benefits[CERTIFICATE]
    found: dict[int, int] = {}
    for start in range(0, len(credentials), _DETERMINED_TOGETHER):
        some = credentials[start : start + _DETERMINED_TOGETHER]
        decided = determine_subjects(CERTIFICATE, some, on=on, benefits=[benefit], verified=False)
        found |= {credential: one.pk for (credential, _), one in decided.items()}
    return found


# -- just handed in ------------------------------------------------------------------------------------------
_CLAIMANTS = """
INSERT INTO workforce_worker (
    name, id_number, id_digest, sex, birth_on, work_region_id, skill_level, occupation, source, created_at, updated_at)
SELECT s.list[1 + n %% cardinality(s.list)] || g.list[1 + n * 7 %% cardinality(g.list)],
       c.cipher, sha256(int8send(n)), 'male', date '1985-01-01', b.codes[1 + (n - %(first)s) %% cardinality(b.codes)], 0,
       '焊工', '合成数据', now(), now()
FROM (SELECT n, cipher FROM bench_number ORDER BY n) c,
     (SELECT %(surnames)s::text[] list) s,
     (SELECT %(given)s::text[] list) g,
     (SELECT array_agg(code ORDER BY code) codes FROM regions_region WHERE parent_id = %(league)s) b
"""
_COUNTED = """
CREATE TEMPORARY TABLE bench_claimant ON COMMIT DROP AS
SELECT id AS worker_id, work_region_id AS region_id, row_number() OVER (ORDER BY id) - 1 AS place
FROM workforce_worker WHERE id > %(before)s
"""
# Of fifty, one is not insured for long enough, and of one nobody has held the certificate against its paper.
_RECORDS = (
    f"""
    INSERT INTO workforce_employment (
        worker_id, status, occupation, public_institution_payroll, {CONFIRMED_COLUMNS}, source, recorded_at, started_on)
    SELECT worker_id, 'employed', '焊工', false, {CONFIRMED}, {_SOURCE}, date '2020-01-01' FROM bench_claimant
    """,
    f"""
    INSERT INTO workforce_unemploymentinsurance (
        worker_id, months, paying, drawing_benefit, as_of, {CONFIRMED_COLUMNS}, source, recorded_at)
    SELECT worker_id, CASE WHEN place %% 50 = 49 THEN 3 ELSE 60 END, true, false, %(on)s, {CONFIRMED}, {_SOURCE}
    FROM bench_claimant
    """,
    f"""
    INSERT INTO workforce_skillcredential (
        worker_id, occupation, level, number, issued_on, verified_how, {CONFIRMED_COLUMNS}, source, recorded_at)
    SELECT worker_id, '焊工', 20 + 10 * (place %% 3), 'N' || worker_id, %(on)s - 60, 'roster', {CONFIRMED}, {_SOURCE}
    FROM bench_claimant WHERE place %% 50 <> 48
    UNION ALL
    SELECT worker_id, '焊工', 20 + 10 * (place %% 3), 'N' || worker_id, %(on)s - 60, 'roster', 'stated', NULL, NULL, '',
           {_SOURCE}
    FROM bench_claimant WHERE place %% 50 = 48
    """,
)
_SUBMITTED = """
INSERT INTO cases_case (
    number, kind, region_id, worker_id, subject, state, state_since, version, opened_on, opened_at, started_on, due_on,
    due_certain)
SELECT 'JN-2026-N' || worker_id, 'subsidies.skill-upgrade', region_id, worker_id, '合成办件', 'submitted', now(), 2,
       %(on)s, now(), %(on)s, %(on)s + 14, true
FROM bench_claimant ORDER BY place
"""
_EVENTS = """
INSERT INTO cases_caseevent (case_id, position, action, label, from_state, to_state, role, "on", at, reason, detail)
SELECT c.id, e.position, e.action, e.label, e.from_state, e.to_state, '', %(on)s, now(), '', '{}'
FROM cases_case c JOIN bench_claimant USING (worker_id)
CROSS JOIN (VALUES (1, 'open', '发起', '', 'draft'), (2, 'submit', '提交', 'draft', 'submitted'))
    AS e (position, action, label, from_state, to_state)
"""
_CLAIMED = """
INSERT INTO subsidies_claim (
    case_id, worker_id, channel, handed_in_on, handed_in_at, credential_id, prefilled, determination_id, course_id, fund)
SELECT c.id, c.worker_id, 'self', %(on)s, now(), k.id, true, d.id, course.id, 'unemployment_insurance_fund'
FROM cases_case c JOIN bench_claimant USING (worker_id)
JOIN workforce_skillcredential k USING (worker_id)
JOIN policy_determination d ON d.subject_type = 'certificate' AND d.subject_id = k.id
JOIN subsidies_course course ON course.kind = c.kind AND course.is_sample
ORDER BY c.id
"""
_KEYS = """
INSERT INTO subsidies_claimkey (
    claim_id, kind, person_id, certificate, occupation, level, fund, year, place, taken_at)
SELECT p.case_id, v.kind, p.worker_id, CASE v.kind WHEN 'certificate' THEN k.number ELSE '' END,
       CASE v.kind WHEN 'level' THEN k.occupation ELSE '' END, CASE v.kind WHEN 'level' THEN k.level END,
       CASE v.kind WHEN 'place' THEN p.fund ELSE '' END,
       CASE v.kind WHEN 'place' THEN extract(year FROM %(on)s::date)::int ELSE 0 END,
       CASE v.kind WHEN 'place' THEN 1 ELSE 0 END, now()
FROM subsidies_claim p JOIN bench_claimant USING (worker_id)
JOIN workforce_skillcredential k ON k.id = p.credential_id
CROSS JOIN (VALUES ('certificate'), ('level'), ('place')) AS v (kind)
ORDER BY p.case_id
"""


def claimants(count: int, *, first: int, on: date) -> list[int]:
    """So many more people with a certificate by which they can claim; the numbers of the certificates, in order.

    The one at a place is like the one at the same place of another set. `first` is a number no worker was made of.
    """
    with owner() as cursor, without_guards(cursor, *VERIFIED_TABLES):
        cursor.execute("SELECT coalesce(max(id), 0) FROM workforce_worker")
        (before,) = cursor.fetchone()
        ciphers.prepare(cursor, first, first + count - 1)
        given: dict[str, Any] = {
            "first": first,
            "before": before,
            "on": on,
            "league": LEAGUE,
            "surnames": crowd.SURNAMES,
            "given": crowd.GIVEN,
        }
        cursor.execute(_CLAIMANTS, given)
        cursor.execute(_COUNTED, given)
        for statement in (*_RECORDS, _ANSWERS):
            cursor.execute(statement, given)
        cover(cursor)
    vacuum("workforce_worker", "workforce_skillcredential", "workforce_unemploymentinsurance")
    new = SkillCredential.objects.filter(worker__gt=before).order_by("worker_id")
    return list(new.values_list("pk", flat=True))


def handed_in(count: int, *, first: int, on: date) -> list[int]:
    """So many claims that were just handed in, of as many new people; the numbers of their cases, in order."""
    credentials = claimants(count, first=first, on=on)
    _determine(credentials, on)
    before = SkillCredential.objects.get(pk=credentials[0]).worker_id - 1
    with owner() as cursor:
        given = {"before": before, "on": on}
        cursor.execute(_COUNTED, given)
        with without_guards(cursor, "cases_case"):
            cursor.execute(_SUBMITTED, given)
        # What is written beside the cases is held by its guards, at the commit.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(_EVENTS, given)
        cursor.execute(_CLAIMED, given)
        cursor.execute(_KEYS, given)
        cursor.execute("SELECT c.id FROM cases_case c JOIN bench_claimant USING (worker_id) ORDER BY c.id")
        cases = [case for (case,) in cursor.fetchall()]
    vacuum("cases_case", "subsidies_claim", "subsidies_claimkey", "cases_caseevent", "policy_determination")
    return cases
