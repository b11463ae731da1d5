"""A synthetic register with everything the annual selection reads.

Certificates, jobs, honours, results and attested facts. They are no people; numbers are digests of a counter.
Rows follow from the counter alone, so a register that has grown is the same as one made at once. The owner
writes them, with the row guards of cases off where nominations are put in as recommended.
"""

from __future__ import annotations

from bench import ciphers
from bench.crowd import GIVEN, OCCUPATIONS, SURNAMES
from bench.database import owner, vacuum, without_guards
from portal.workforce.record_kinds import KINDS

# A share of 0 to 99 that looks drawn and is not: of the worker, by a salt for each thing.
_SHARE = "(hashint8(w.number * 31 + {salt}) & 2147483647) %% 100"


def share(salt: int) -> str:
    return _SHARE.format(salt=salt)


_WORKERS = """
INSERT INTO workforce_worker (
    name, id_number, id_digest, sex, birth_on, work_region_id, skill_level, occupation, source,
    created_at, updated_at)
SELECT s.list[1 + n %% cardinality(s.list)] || g.list[1 + n * 7 %% cardinality(g.list)],
       c.cipher, sha256(int8send(n)), 'male', date '1965-01-01' + (n %% 14000)::int,
       b.codes[1 + (hashint8(n) & 2147483647) %% cardinality(b.codes)], 0,
       o.list[1 + n %% cardinality(o.list)], '合成数据', now(), now()
FROM (SELECT n, cipher FROM bench_number ORDER BY n) c,
     (SELECT %(surnames)s::text[] list) s,
     (SELECT %(given)s::text[] list) g,
     (SELECT %(occupations)s::text[] list) o,
     (SELECT array_agg(code ORDER BY code) codes FROM regions_region WHERE tier = 'banner_county') b
"""
_USERS = """
INSERT INTO accounts_user (
    username, display_name, password, is_active, must_change_password, password_changed_at, created_at)
SELECT 'bench' || n, '测试人员' || n, '!', true, false, now(), now()
FROM generate_series(1, 2) n
ON CONFLICT DO NOTHING
"""
# Every record counts as verified: the most that a selection and a matching can have to read.
CONFIRMED_COLUMNS = "verification, verified_by_id, verified_at, verified_from"
CONFIRMED = "'confirmed', (SELECT min(id) FROM accounts_user), now(), '合成材料'"
# What a record begins with is held by these tables' own guards.
VERIFIED_TABLES = tuple(kind.table for kind in KINDS.values() if kind.verified)
# `number` counts the workers of this register from 1, whatever their ids are.
NEW_WORKERS = """(
    SELECT id, id - (SELECT min(id) FROM workforce_worker) + 1 AS number
    FROM workforce_worker WHERE id > %(before)s
) w"""
_RECORDS = (
    # Nine of ten have a certificate, three of ten a second one; some of them were issued after the day.
    f"""
    INSERT INTO workforce_skillcredential (
        worker_id, occupation, level, number, issued_on, verified_how, {CONFIRMED_COLUMNS}, source, recorded_at)
    SELECT w.id, '焊工', 10 * least(8, 1 + least({share(1)}, {share(2)}) / 13 + c.n), c.n::text,
           CASE WHEN {share(3)} < 5 THEN NULL ELSE date '2012-01-01' + ({share(4)} * 55)::int END,
           'roster', {CONFIRMED}, '合成数据', now()
    FROM {NEW_WORKERS} CROSS JOIN generate_series(0, 1) c(n)
    WHERE {share(5)} < CASE c.n WHEN 0 THEN 90 ELSE 30 END
    """,
    f"""
    INSERT INTO workforce_employment (
        worker_id, status, occupation, on_front_line, front_line_years, {CONFIRMED_COLUMNS}, source,
        recorded_at, ended_on, started_on)
    SELECT w.id, 'employed', '焊工',
           CASE WHEN {share(6)} < 60 THEN true WHEN {share(6)} < 90 THEN false END,
           CASE WHEN {share(7)} < 80 THEN ({share(8)} * 4) / 10.0 END, {CONFIRMED}, '合成数据', now(),
           CASE c.n WHEN 1 THEN date '2019-06-30' END, date '2010-01-01'
    FROM {NEW_WORKERS} CROSS JOIN generate_series(0, 1) c(n)
    WHERE {share(9)} < CASE c.n WHEN 0 THEN 85 ELSE 20 END
    """,
    f"""
    INSERT INTO workforce_honour (
        worker_id, type_id, named_as, year, document, state, verified_by_id, verified_at, verdict,
        source, recorded_by_id, recorded_at)
    SELECT w.id, t.code, t.name, 2019 + {share(10)} %% 9, '合成文号', 'verified', u.ids[1], now(), '',
           '合成数据', u.ids[2], now()
    FROM {NEW_WORKERS} CROSS JOIN (SELECT array_agg(id ORDER BY id) ids FROM accounts_user) u
    JOIN (
        SELECT code, name, row_number() OVER (ORDER BY code) - 1 AS place FROM workforce_honourtype
    ) t ON t.place = {share(11)} OR t.place + 50 = {share(12)}
    """,
    f"""
    INSERT INTO workforce_attestedfact (
        worker_id, code, value, since, document, {CONFIRMED_COLUMNS}, source, recorded_at)
    SELECT w.id, c.code, CASE WHEN {share(13)} < 80 THEN 'true' ELSE 'false' END::jsonb,
           date '2020-01-01' + ({share(14)} * 27)::int, '合成文号', {CONFIRMED}, '合成数据', now()
    FROM {NEW_WORKERS} CROSS JOIN (VALUES
        ('solved_major_technical_problem', 20), ('regional_innovation_award', 21),
        ('outstanding_mentor', 22), ('outstanding_contribution', 23)) c(code, salt)
    WHERE (hashint8(w.number * 31 + c.salt) & 2147483647) %% 100 < 4
    """,
    f"""
    INSERT INTO workforce_competitionresult (
        worker_id, competition, name, rank, prize, role, held_on, document, {CONFIRMED_COLUMNS},
        source, recorded_at)
    SELECT w.id,
           CASE WHEN {share(15)} < 2 THEN 'worldskills'
                WHEN {share(15)} < 30 THEN 'national_class_one' ELSE 'regional' END,
           '合成大赛', 1 + {share(16)} %% 6, CASE WHEN {share(15)} < 2 THEN 'gold' ELSE '' END,
           CASE WHEN {share(17)} < 90 THEN 'competitor' ELSE 'coach' END,
           date '2018-01-01' + ({share(18)} * 33)::int, '', {CONFIRMED}, '合成数据', now()
    FROM {NEW_WORKERS} WHERE {share(19)} < 4
    """,
)
# Who meets the conditions, spread over the register.
_NOMINATION_CASES = """
INSERT INTO cases_case (
    number, kind, region_id, worker_id, subject, state, state_since, version,
    opened_on, opened_at, due_certain)
SELECT 'TJ-2026-' || lpad(w.id::text, 8, '0'), 'registry.nomination', w.work_region_id, w.id, '合成申报',
       'recommended', now(), 1, date '2026-11-02', now(), true
FROM workforce_worker w
JOIN workforce_employment e ON e.worker_id = w.id AND e.ended_on IS NULL AND e.on_front_line
JOIN (
    SELECT worker_id, max(level) AS level FROM workforce_skillcredential
    WHERE issued_on < date '2026-10-31' GROUP BY worker_id
) s ON s.worker_id = w.id AND s.level >= 40
ORDER BY hashint8(w.id), w.id LIMIT %s
"""
_NOMINATIONS = """
INSERT INTO talent_registry_nomination (
    case_id, round_id, worker_id, channel, industry, statement, panel_score, outcome)
SELECT c.id, %s, c.worker_id, 'window', chr(65 + (c.id %% 20)::int), '合成业绩', (c.id %% 2001)::int, ''
FROM cases_case c WHERE c.kind = 'registry.nomination'
"""


def grow(first: int, last: int) -> None:
    """Put the workers `first` to `last` and their records into a database that has those before `first`."""
    given = {
        "surnames": SURNAMES,
        "given": GIVEN,
        "occupations": OCCUPATIONS,
    }
    with owner() as cursor, without_guards(cursor, *VERIFIED_TABLES):
        cursor.execute(_USERS)
        cursor.execute("SELECT coalesce(max(id), 0) FROM workforce_worker")
        (before,) = cursor.fetchone()
        ciphers.prepare(cursor, first, last)
        cursor.execute(_WORKERS, given)
        for statement in _RECORDS:
            cursor.execute(statement, {"before": before})
    vacuum()


def nominate(round_id: int, count: int) -> None:
    """Recommended nominations of `count` workers, put in as they are."""
    with owner() as cursor, without_guards(cursor, "cases_case"):
        cursor.execute(_NOMINATION_CASES, [count])
        cursor.execute(_NOMINATIONS, [round_id])
