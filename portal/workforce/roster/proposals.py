"""SQL that proposes what staged rows say of records that count already: another person confirms it, and until then
they stay as they are (portal.workforce.actions.changing).

Each statement notes of whom it proposed something in roster_proposed. What is proposed already is not proposed again.
"""

from __future__ import annotations

from portal.workforce.roster.spelling import LACKS_ITS_NUMBER

_PROPOSE = """
WITH proposed AS (
    INSERT INTO workforce_recordchange
        (worker_id, kind, record_id, what, before, after, follows, to_region_id, reason, state, verdict,
         proposed_by_id, proposed_at, roster_import_id)
    SELECT worker_id, '{kind}', id, '{what}', was, {after}, {follows}, {to_region}, '花名册报送：' || %(source)s,
           'proposed', '', %(by)s, now(), %(import)s
    FROM ({told}) AS told
    ON CONFLICT (kind, record_id) WHERE state = 'proposed' DO NOTHING
    RETURNING worker_id
)
INSERT INTO roster_proposed SELECT worker_id FROM proposed
"""
# Who wrote a record and who confirmed it, and what the database counts: nobody enters that.
NOT_ENTERED = (
    "id",
    "worker_id",
    "recorded_by_id",
    "recorded_at",
    "verification",
    "verified_by_id",
    "verified_at",
    "verified_from",
    "twin",
    "extract_id",
)
# What the columns that are entered hold.
_WAS = f"to_jsonb({{row}}) - '{{{{{','.join(NOT_ENTERED)}}}}}'::text[] AS was"
_ONLY_WHAT_DIFFERS = (
    "(SELECT jsonb_object_agg(n.key, n.value) FROM jsonb_each(shall_be) n"
    " WHERE n.value IS DISTINCT FROM was -> n.key)"
)


def _propose(
    kind: str,
    told: str,
    *,
    what: str = "change",
    after: str = _ONLY_WHAT_DIFFERS,
    follows: str = "NULL",
    to_region: str = "NULL",
) -> str:
    return _PROPOSE.format(kind=kind, what=what, told=told, after=after, follows=follows, to_region=to_region)


# Work in another unit, or after none: the confirmed record is proposed to end, and what follows waits with it.
_MOVED = """
p.employer_id IS NOT NULL AND (e.status <> 'employed' OR e.employer_id <> p.employer_id)
"""
_END = _propose(
    "employment",
    f"""
    SELECT e.id, e.worker_id, {_WAS.format(row="e")},
           jsonb_build_object('ended_on', greatest(%(today)s, e.started_on)) AS shall_be,
           jsonb_build_object(
               'employer_id', p.employer_id, 'status', 'employed',
               'occupation', coalesce(nullif(p.occupation, ''), e.occupation, ''),
               'on_front_line', coalesce(p.front_line, e.on_front_line),
               'front_line_years', coalesce(p.years, e.front_line_years), 'worked_years', e.worked_years,
               'source', %(source)s
           ) AS next
    FROM workforce_employment e JOIN roster_person p USING (worker_id)
    WHERE NOT p.is_new AND e.ended_on IS NULL AND e.verification = 'confirmed' AND {_MOVED}
    """,
    what="end",
    after="shall_be",
    follows="next",
)
_SAME = _propose(
    "employment",
    f"""
    SELECT e.id, e.worker_id, {_WAS.format(row="e")},
           jsonb_build_object(
               'employer_id', coalesce(p.employer_id, e.employer_id),
               'occupation', coalesce(nullif(p.occupation, ''), e.occupation),
               'on_front_line', coalesce(p.front_line, e.on_front_line),
               'front_line_years', coalesce(p.years, e.front_line_years), 'source', %(source)s
           ) AS shall_be
    FROM workforce_employment e JOIN roster_person p USING (worker_id)
    WHERE NOT p.is_new AND e.ended_on IS NULL AND e.verification = 'confirmed' AND ({_MOVED}) IS NOT TRUE
      AND (e.employer_id, e.occupation, e.on_front_line, e.front_line_years) IS DISTINCT FROM
          (coalesce(p.employer_id, e.employer_id), coalesce(nullif(p.occupation, ''), e.occupation),
           coalesce(p.front_line, e.on_front_line), coalesce(p.years, e.front_line_years))
    """,
)
EMPLOYMENT = (_END, _SAME)

# A confirmed certificate without its number: the one that the file has a number for is no other certificate.
_NUMBERED = f"""
CREATE TEMPORARY TABLE roster_numbered ON COMMIT DROP AS
SELECT DISTINCT ON (s.id) s.id, c.worker_id, c.occupation, c.level, c.certificate, c.issued_on
FROM workforce_skillcredential s JOIN roster_credential c USING (worker_id, occupation, level)
WHERE {LACKS_ITS_NUMBER} AND s.verification = 'confirmed' AND c.certificate <> ''
  AND (s.issued_on IS NULL OR c.issued_on IS NULL OR s.issued_on = c.issued_on)
  AND NOT EXISTS (
      SELECT FROM workforce_skillcredential o
      WHERE (o.worker_id, o.occupation, o.level, o.number) = (c.worker_id, c.occupation, c.level, c.certificate)
  )
ORDER BY s.id, c.certificate
"""
_NUMBER = _propose(
    "credential",
    f"""
    SELECT s.id, s.worker_id, {_WAS.format(row="s")},
           jsonb_build_object('number', fit.certificate, 'issued_on', coalesce(fit.issued_on, s.issued_on),
                              'source', %(source)s) AS shall_be
    FROM workforce_skillcredential s JOIN roster_numbered fit USING (id)
    """,
)
_NO_OTHER = """
DELETE FROM roster_credential c USING roster_numbered fit
WHERE (c.worker_id, c.occupation, c.level, c.certificate)
    = (fit.worker_id, fit.occupation, fit.level, fit.certificate)
"""
NUMBERS = (_NUMBERED, _NUMBER, _NO_OTHER)
DATES = (
    _propose(
        "credential",
        f"""
        SELECT s.id, s.worker_id, {_WAS.format(row="s")},
               jsonb_build_object('issued_on', c.issued_on, 'source', %(source)s) AS shall_be
        FROM workforce_skillcredential s JOIN roster_credential c
          ON (s.worker_id, s.occupation, s.level, s.number)
           = (c.worker_id, c.occupation, c.level, c.certificate)
        WHERE s.verification = 'confirmed' AND c.issued_on IS NOT NULL
          AND s.issued_on IS DISTINCT FROM c.issued_on
        """,
    ),
)
INSURANCE = (
    _propose(
        "insurance",
        f"""
        SELECT i.id, i.worker_id, {_WAS.format(row="i")},
               jsonb_build_object('months', p.months, 'as_of', %(today)s, 'source', %(source)s) AS shall_be
        FROM workforce_unemploymentinsurance i JOIN roster_person p USING (worker_id)
        WHERE NOT p.is_new AND p.months IS NOT NULL AND i.verification = 'confirmed'
          AND i.months IS DISTINCT FROM p.months
        """,
    ),
)
# Who counts for anything is handed over, not moved.
PLACES = (
    _propose(
        "worker",
        """
        SELECT w.id, w.id AS worker_id, jsonb_build_object('work_region_id', w.work_region_id) AS was,
               jsonb_build_object('work_region_id', p.region) AS shall_be, p.region
        FROM workforce_worker w JOIN roster_person p ON p.worker_id = w.id
        WHERE NOT p.is_new AND w.work_region_id <> p.region AND workforce_counts(w.id)
        """,
        to_region="region",
    ),
)
