"""What the matching reads beyond what the selection does: insurance, claims, schooling, posts, attested facts
of every kind.

Put on top of bench.register, for the same workers. No people; every value follows from the worker's number.
"""

from __future__ import annotations

from bench.register import _share, owner

_NEW = "(SELECT id, id - (SELECT min(id) FROM workforce_worker) + 1 AS number FROM workforce_worker WHERE id > %(before)s) w"
_SOURCE = "'合成数据', timestamptz '2026-11-01 00:00+08'"
_MORE = (
    f"""
    UPDATE workforce_employment e SET in_skilled_post = CASE WHEN {_share(30)} < 90 THEN {_share(31)} < 70 END,
        public_institution_payroll = CASE WHEN {_share(32)} < 80 THEN {_share(33)} < 10 END,
        worked_years = ({_share(34)} * 4) / 10.0, continuous_months = {_share(35)} * 3
    FROM {_NEW} WHERE e.worker_id = w.id
    """,
    f"""
    INSERT INTO workforce_unemploymentinsurance (worker_id, months, drawing_benefit, as_of, source, recorded_at)
    SELECT w.id, CASE WHEN {_share(36)} < 95 THEN {_share(37)} * 2 END, CASE WHEN {_share(38)} < 50 THEN {_share(39)} < 3 END,
           date '2026-10-31', {_SOURCE} FROM {_NEW} WHERE {_share(40)} < 85
    """,
    # Certificates of the last two years, some within the twelve months of a claim.
    f"""
    INSERT INTO workforce_skillcredential (worker_id, occupation, level, number, issued_on, verified_how, source, recorded_at)
    SELECT w.id, '电工', 10 * (1 + {_share(41)} %% 6), 'n', date '2024-11-01' + ({_share(42)} * 7)::int, 'roster', {_SOURCE}
    FROM {_NEW} WHERE {_share(43)} < 25
    """,
    f"""
    INSERT INTO workforce_benefitclaim (worker_id, kind, occupation, level, certificate_number, claimed_on, source, recorded_at)
    SELECT w.id, CASE WHEN {_share(44)} < 80 THEN 'skill_upgrade' ELSE 'training_subsidy' END, '电工', 10 * (1 + ({_share(45)} + c.n) %% 5), '',
           date '2024-01-01' + ({_share(46)} * 10)::int, {_SOURCE}
    FROM {_NEW} CROSS JOIN generate_series(0, 1) c(n) WHERE {_share(47)} < CASE c.n WHEN 0 THEN 20 ELSE 5 END
    """,
    f"""
    INSERT INTO workforce_technicalschooling (worker_id, graduated_from, school, graduated_on, source, recorded_at)
    SELECT w.id, (ARRAY['intermediate', 'senior', 'pre_technician'])[1 + {_share(48)} %% 3], '合成院校', date '2005-06-30', {_SOURCE}
    FROM {_NEW} WHERE {_share(49)} < 12
    """,
    f"""
    INSERT INTO workforce_attestedfact (worker_id, code, value, since, document, source, recorded_at)
    SELECT w.id, c.code, CASE WHEN c.code = 'recruited' THEN '"by_region"' WHEN {_share(50)} < 70 THEN 'true' ELSE 'false' END::jsonb,
           date '2024-01-01', '合成文号', {_SOURCE}
    FROM {_NEW} CROSS JOIN (VALUES ('leading_talent', 51), ('liaison_expert', 52), ('superb_skill', 53), ('recruited', 54),
        ('jobless_willing_spouse_or_child', 55), ('hard_to_employ_family_member', 56), ('child_in_compulsory_education', 57),
        ('attended_senior_technician_upskilling', 58)) c(code, salt)
    WHERE (hashint8(w.number * 31 + c.salt) & 2147483647) %% 100 < 3
    """,
)
_ALTERED = ("workforce_employment",)
_RECORDS = (
    "workforce_worker",
    "workforce_employment",
    "workforce_skillcredential",
    "workforce_honour",
    "workforce_attestedfact",
    "workforce_competitionresult",
)


def complete(before: int = 0) -> None:
    """Give the workers after `before` the facts that are missing, as written a month ago."""
    with owner() as run:
        for table in _ALTERED:
            run.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in _MORE:
            run.execute(statement, {"before": before})
        run.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in _ALTERED:
            run.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    with owner(autocommit=True) as run:
        run.execute("VACUUM ANALYZE")
