"""What the matching reads beyond what the selection does: insurance, claims, schooling, posts, facts.

Put on top of bench.register, for the same workers. No people; every value follows from the worker's number.
"""

from __future__ import annotations

from typing import Any

from bench.database import owner, vacuum, without_guards
from bench.register import CONFIRMED, CONFIRMED_COLUMNS, NEW_WORKERS, VERIFIED_TABLES, share

_SOURCE = "'合成数据', timestamptz '2026-11-01 00:00+08'"
_MORE = (
    f"""
    UPDATE workforce_employment e
    SET in_skilled_post = CASE WHEN {share(30)} < 90 THEN {share(31)} < 70 END,
        public_institution_payroll = CASE WHEN {share(32)} < 80 THEN {share(33)} < 10 END,
        worked_years = ({share(34)} * 4) / 10.0, continuous_months = {share(35)} * 3
    FROM {NEW_WORKERS} WHERE e.worker_id = w.id
    """,
    f"""
    INSERT INTO workforce_unemploymentinsurance (
        worker_id, months, paying, drawing_benefit, as_of, {CONFIRMED_COLUMNS}, source, recorded_at)
    SELECT w.id, CASE WHEN {share(36)} < 95 THEN {share(37)} * 2 END,
           CASE WHEN {share(51)} < 90 THEN {share(52)} < 90 END,
           CASE WHEN {share(38)} < 50 THEN {share(39)} < 3 END, date '2026-10-31', {CONFIRMED}, {_SOURCE}
    FROM {NEW_WORKERS} WHERE {share(40)} < 85
    """,
    # Certificates of the last two years, some within the twelve months of a claim.
    f"""
    INSERT INTO workforce_skillcredential (
        worker_id, occupation, level, number, issued_on, verified_how, {CONFIRMED_COLUMNS}, source, recorded_at)
    SELECT w.id, '电工', 10 * (1 + {share(41)} %% 6), 'n', date '2024-11-01' + ({share(42)} * 7)::int,
           'roster', {CONFIRMED}, {_SOURCE}
    FROM {NEW_WORKERS} WHERE {share(43)} < 25
    """,
    f"""
    INSERT INTO workforce_benefitclaim (
        worker_id, kind, occupation, level, certificate_number, claimed_on, source, recorded_at)
    SELECT w.id, CASE WHEN {share(44)} < 80 THEN 'skill_upgrade' ELSE 'training_subsidy' END, '电工',
           10 * (1 + ({share(45)} + c.n) %% 5), '', date '2024-01-01' + ({share(46)} * 10)::int, {_SOURCE}
    FROM {NEW_WORKERS} CROSS JOIN generate_series(0, 1) c(n)
    WHERE {share(47)} < CASE c.n WHEN 0 THEN 20 ELSE 5 END
    """,
    f"""
    INSERT INTO workforce_technicalschooling (
        worker_id, graduated_from, school, graduated_on, {CONFIRMED_COLUMNS}, source, recorded_at)
    SELECT w.id, (ARRAY['intermediate', 'senior', 'pre_technician'])[1 + {share(48)} %% 3], '合成院校',
           date '2005-06-30', {CONFIRMED}, {_SOURCE}
    FROM {NEW_WORKERS} WHERE {share(49)} < 12
    """,
    f"""
    INSERT INTO workforce_attestedfact (
        worker_id, code, value, since, document, {CONFIRMED_COLUMNS}, source, recorded_at)
    SELECT w.id, c.code,
           CASE WHEN c.code = 'recruited' THEN '"by_region"'
                WHEN {share(50)} < 70 THEN 'true' ELSE 'false' END::jsonb,
           date '2024-01-01', '合成文号', {CONFIRMED}, {_SOURCE}
    FROM {NEW_WORKERS} CROSS JOIN (VALUES
        ('leading_talent', 51), ('liaison_expert', 52), ('superb_skill', 53), ('recruited', 54),
        ('jobless_willing_spouse_or_child', 55), ('hard_to_employ_family_member', 56),
        ('child_in_compulsory_education', 57),
        ('attended_senior_technician_upskilling', 58)) c(code, salt)
    WHERE (hashint8(w.number * 31 + c.salt) & 2147483647) %% 100 < 3
    """,
)

# No earlier claim of anybody is missing.
_COVERED = """
INSERT INTO workforce_decidedhere (place_id, fund, since, basis, stated_at, confirmed_at, changed_at)
SELECT '150000', fund, date '2016-01-01', '合成数据', now(), now(), now()
FROM unnest(ARRAY['unemployment_insurance_fund', 'employment_subsidy_fund']) fund
ON CONFLICT DO NOTHING
"""


def complete(before: int = 0) -> None:
    """Give the workers after `before` the facts that are missing, as written a month ago."""
    with owner() as cursor, without_guards(cursor, *VERIFIED_TABLES):
        for statement in _MORE:
            cursor.execute(statement, {"before": before})
        cover(cursor)
    vacuum()


def cover(cursor: Any) -> None:
    """Say that every earlier claim is known."""
    cursor.execute(_COVERED)
