"""SQL that writes what staged rows say. Nothing is written that is there already, and an empty cell erases
nothing. What counts already is not changed here but proposed to be (proposals.py).

Each statement about known people notes those it changed in roster_touched. Parameters are those of
merging.Origin.
"""

from __future__ import annotations

from portal.workforce.roster import proposals
from portal.workforce.roster.spelling import LACKS_ITS_NUMBER

# A row for each person, with the number their record has or will have.
_PEOPLE = """
CREATE TEMPORARY TABLE roster_person ON COMMIT DROP AS
WITH person AS (
    SELECT r.*, 1 AS rows
    FROM roster_row r
    WHERE NOT EXISTS (SELECT FROM roster_group g WHERE g.digest = r.digest)
    UNION ALL
    SELECT min(line), digest,
           (array_agg(id_number ORDER BY line) FILTER (WHERE id_number IS NOT NULL))[1],
           (array_agg(phone_digest) FILTER (WHERE phone_digest IS NOT NULL))[1],
           (array_agg(phone ORDER BY line) FILTER (WHERE phone IS NOT NULL))[1],
           max(name), max(birth_on), max(sex), max(region),
           (array_agg(employer ORDER BY code DESC, employer DESC))[1], max(code),
           (array_agg(occupation
                      ORDER BY level DESC NULLS LAST, issued_on DESC NULLS LAST, certificate, occupation)
            FILTER (WHERE occupation <> ''))[1],
           max(level), NULL::date, bool_or(front_line), max(years), max(months), '', count(*)::int
    FROM roster_row WHERE digest IN (SELECT digest FROM roster_group) GROUP BY digest
)
SELECT p.*, e.id AS employer_id, k.id IS NULL AS is_new,
       coalesce(k.id, nextval('workforce_worker_id_seq')) AS worker_id,
       (e.id IS NOT NULL OR p.front_line IS NOT NULL OR p.years IS NOT NULL
        OR (p.level IS NULL AND coalesce(p.occupation, '') <> '')) AS says_employment
FROM person p LEFT JOIN roster_known k USING (digest)
LEFT JOIN roster_employer e ON (e.code, e.name, e.region) = (p.code, p.employer, p.region)
"""

INSERT_WORKERS = """
INSERT INTO workforce_worker
    (id, name, id_number, id_digest, sex, birth_on, phone, phone_digest,
     work_region_id, employer_id, skill_level, occupation,
     source, created_at, updated_at)
SELECT worker_id, name, id_number, digest, sex, birth_on, phone, phone_digest,
       region, employer_id, coalesce(level, 0), coalesce(occupation, ''),
       %(source)s, now(), now()
FROM roster_person WHERE is_new
ON CONFLICT (id_digest) DO NOTHING
"""
NEW_WORKERS = (
    _PEOPLE,
    "ANALYZE roster_person (digest, worker_id, is_new)",
    "CREATE TEMPORARY TABLE roster_touched (worker_id bigint) ON COMMIT DROP",
    "CREATE TEMPORARY TABLE roster_proposed (worker_id bigint) ON COMMIT DROP",
    INSERT_WORKERS,
)

# -- employment ----------------------------------------------------------------------------------------------
_INSERT_EMPLOYMENT = """
INSERT INTO workforce_employment
    (worker_id, employer_id, status, occupation, on_front_line, front_line_years,
     source, recorded_by_id, recorded_at)
SELECT worker_id, employer_id, 'employed', coalesce(occupation, ''), front_line, years,
       %(source)s, %(by)s, now()
FROM roster_person WHERE is_new AND says_employment
"""
# Another unit, or work after none: the open record ends today. What a roster can say and this one does not is
# carried over.
_END_EMPLOYMENT = """
CREATE TEMPORARY TABLE roster_moved ON COMMIT DROP AS
SELECT e.id, e.worker_id, e.occupation, e.on_front_line, e.front_line_years, e.worked_years
FROM workforce_employment e JOIN roster_person p USING (worker_id)
WHERE NOT p.is_new AND e.ended_on IS NULL AND e.verification <> 'confirmed' AND p.employer_id IS NOT NULL
  AND (e.status <> 'employed' OR e.employer_id <> p.employer_id)
"""
_ENDED = """
UPDATE workforce_employment e
SET ended_on = greatest(%(today)s, e.started_on)
FROM roster_moved m
WHERE m.id = e.id
"""
_NEXT_EMPLOYMENT = """
WITH begun AS (
    INSERT INTO workforce_employment
        (worker_id, employer_id, status, occupation,
         on_front_line, front_line_years, worked_years,
         source, recorded_by_id, recorded_at)
    SELECT p.worker_id, p.employer_id, 'employed', coalesce(nullif(p.occupation, ''), m.occupation, ''),
           coalesce(p.front_line, m.on_front_line), coalesce(p.years, m.front_line_years), m.worked_years,
           %(source)s, %(by)s, now()
    FROM roster_person p LEFT JOIN roster_moved m USING (worker_id)
    WHERE NOT p.is_new AND p.says_employment
      AND NOT EXISTS (
          SELECT FROM workforce_employment e WHERE e.worker_id = p.worker_id AND e.ended_on IS NULL
      )
    RETURNING worker_id
)
INSERT INTO roster_touched SELECT worker_id FROM begun
"""
_SAME_EMPLOYMENT = """
WITH changed AS (
    UPDATE workforce_employment e
    SET employer_id = coalesce(p.employer_id, e.employer_id),
        occupation = coalesce(nullif(p.occupation, ''), e.occupation),
        on_front_line = coalesce(p.front_line, e.on_front_line),
        front_line_years = coalesce(p.years, e.front_line_years),
        source = %(source)s, recorded_by_id = %(by)s, recorded_at = now()
    FROM roster_person p
    WHERE p.worker_id = e.worker_id AND NOT p.is_new AND e.ended_on IS NULL AND e.verification <> 'confirmed'
      AND (e.employer_id, e.occupation, e.on_front_line, e.front_line_years) IS DISTINCT FROM
          (coalesce(p.employer_id, e.employer_id),
           coalesce(nullif(p.occupation, ''), e.occupation),
           coalesce(p.front_line, e.on_front_line),
           coalesce(p.years, e.front_line_years))
    RETURNING e.worker_id
)
INSERT INTO roster_touched SELECT worker_id FROM changed
"""
EMPLOYMENT = (
    _INSERT_EMPLOYMENT,
    *proposals.EMPLOYMENT,
    _END_EMPLOYMENT,
    _ENDED,
    _NEXT_EMPLOYMENT,
    _SAME_EMPLOYMENT,
)

# -- certificates --------------------------------------------------------------------------------------------
_INSERT_CREDENTIALS = """
INSERT INTO workforce_skillcredential
    (worker_id, occupation, level, number, issued_on, verified_how, source, recorded_by_id, recorded_at)
SELECT worker_id, occupation, level, certificate, issued_on, 'roster', %(source)s, %(by)s, now()
FROM roster_person WHERE is_new AND rows = 1 AND level IS NOT NULL
"""
# Everybody else: known people, and people with several rows.
_CREDENTIALS = """
CREATE TEMPORARY TABLE roster_credential ON COMMIT DROP AS
SELECT DISTINCT ON (p.worker_id, r.occupation, r.level, r.certificate)
       p.worker_id, r.occupation, r.level, r.certificate, r.issued_on
FROM roster_row r JOIN roster_person p USING (digest)
WHERE r.level IS NOT NULL AND (NOT p.is_new OR p.rows > 1)
ORDER BY p.worker_id, r.occupation, r.level, r.certificate, r.issued_on DESC NULLS LAST
"""
# A certificate without its number is one that has a number, when the date does not say otherwise.
_NUMBERED_BELOW = """
DELETE FROM roster_credential c WHERE c.certificate = '' AND EXISTS (
    SELECT FROM roster_credential o
    WHERE (o.worker_id, o.occupation, o.level) = (c.worker_id, c.occupation, c.level)
      AND o.certificate <> '' AND (c.issued_on IS NULL OR c.issued_on = o.issued_on))
"""
_FILL_NUMBER = f"""
WITH fit AS (
    SELECT DISTINCT ON (s.id) s.id, c.certificate, c.issued_on
    FROM workforce_skillcredential s JOIN roster_credential c USING (worker_id, occupation, level)
    WHERE {LACKS_ITS_NUMBER} AND s.verification <> 'confirmed' AND c.certificate <> ''
      AND (s.issued_on IS NULL OR c.issued_on IS NULL OR s.issued_on = c.issued_on)
      AND NOT EXISTS (
          SELECT FROM workforce_skillcredential o
          WHERE (o.worker_id, o.occupation, o.level, o.number)
              = (c.worker_id, c.occupation, c.level, c.certificate)
      )
    ORDER BY s.id, c.certificate
), changed AS (
    UPDATE workforce_skillcredential s
    SET number = fit.certificate, issued_on = coalesce(fit.issued_on, s.issued_on),
        source = %(source)s, recorded_by_id = %(by)s, recorded_at = now()
    FROM fit WHERE fit.id = s.id RETURNING s.worker_id
)
INSERT INTO roster_touched SELECT worker_id FROM changed
"""
_NUMBERED_BEFORE = """
DELETE FROM roster_credential c WHERE c.certificate = '' AND EXISTS (
    SELECT FROM workforce_skillcredential s
    WHERE (s.worker_id, s.occupation, s.level) = (c.worker_id, c.occupation, c.level)
      AND s.number <> '' AND (c.issued_on IS NULL OR c.issued_on = s.issued_on))
"""
_DATE_CREDENTIALS = """
WITH changed AS (
    UPDATE workforce_skillcredential s
    SET issued_on = c.issued_on, source = %(source)s, recorded_by_id = %(by)s, recorded_at = now()
    FROM roster_credential c
    WHERE (s.worker_id, s.occupation, s.level, s.number) = (c.worker_id, c.occupation, c.level, c.certificate)
      AND c.issued_on IS NOT NULL AND s.issued_on IS DISTINCT FROM c.issued_on
      AND s.verification <> 'confirmed'
    RETURNING s.worker_id
)
INSERT INTO roster_touched SELECT worker_id FROM changed
"""
_ADD_CREDENTIALS = """
WITH added AS (
    INSERT INTO workforce_skillcredential
        (worker_id, occupation, level, number, issued_on, verified_how, source, recorded_by_id, recorded_at)
    SELECT worker_id, occupation, level, certificate, issued_on, 'roster', %(source)s, %(by)s, now()
    FROM roster_credential c
    WHERE NOT EXISTS (
        SELECT FROM workforce_skillcredential s
        WHERE (s.worker_id, s.occupation, s.level, s.number)
            = (c.worker_id, c.occupation, c.level, c.certificate)
    )
    -- Of equal ones the last written is the one that counts: the same in whatever order the rows stood.
    ORDER BY worker_id, level, issued_on NULLS FIRST, certificate DESC, occupation DESC
    ON CONFLICT (worker_id, workforce_occupation_folded(occupation), level, number, twin) DO NOTHING
    RETURNING worker_id
)
INSERT INTO roster_touched SELECT worker_id FROM added
"""
CREDENTIALS = (
    _INSERT_CREDENTIALS,
    _CREDENTIALS,
    "ANALYZE roster_credential",
    _NUMBERED_BELOW,
    *proposals.NUMBERS,
    _FILL_NUMBER,
    _NUMBERED_BEFORE,
    *proposals.DATES,
    _DATE_CREDENTIALS,
    _ADD_CREDENTIALS,
)

# -- insurance -----------------------------------------------------------------------------------------------
_UPDATE_INSURANCE = """
WITH changed AS (
    UPDATE workforce_unemploymentinsurance i
    SET months = p.months, as_of = %(today)s,
        source = %(source)s, recorded_by_id = %(by)s, recorded_at = now()
    FROM roster_person p
    WHERE p.worker_id = i.worker_id AND NOT p.is_new
      AND p.months IS NOT NULL AND i.months IS DISTINCT FROM p.months AND i.verification <> 'confirmed'
    RETURNING i.worker_id
)
INSERT INTO roster_touched SELECT worker_id FROM changed
"""
_INSERT_INSURANCE = """
INSERT INTO workforce_unemploymentinsurance (worker_id, months, as_of, source, recorded_by_id, recorded_at)
SELECT worker_id, months, %(today)s, %(source)s, %(by)s, now()
FROM roster_person
WHERE is_new AND months IS NOT NULL
"""
_ADD_INSURANCE = """
WITH added AS (
    INSERT INTO workforce_unemploymentinsurance
        (worker_id, months, as_of, source, recorded_by_id, recorded_at)
    SELECT p.worker_id, p.months, %(today)s, %(source)s, %(by)s, now()
    FROM roster_person p
    WHERE NOT p.is_new AND p.months IS NOT NULL
      AND NOT EXISTS (SELECT FROM workforce_unemploymentinsurance i WHERE i.worker_id = p.worker_id)
    ON CONFLICT (worker_id) DO NOTHING
    RETURNING worker_id
)
INSERT INTO roster_touched SELECT worker_id FROM added
"""
INSURANCE = (_INSERT_INSURANCE, *proposals.INSURANCE, _UPDATE_INSURANCE, _ADD_INSURANCE)

# -- honours: written down unverified; what a reviewer has verified or refuted stays as it is ----------------
_STAGED_HONOURS = """
    SELECT p.worker_id, h.type_id, h.year, min(h.named_as) AS named_as, max(h.document) AS document
    FROM roster_honour h JOIN roster_person p USING (digest)
    GROUP BY p.worker_id, h.type_id, h.year
"""
_UPDATE_HONOURS = f"""
WITH staged AS ({_STAGED_HONOURS}), changed AS (
    UPDATE workforce_honour h
    SET document = staged.document, source = %(source)s, recorded_by_id = %(by)s, recorded_at = now()
    FROM staged
    WHERE (h.worker_id, h.type_id, h.year) = (staged.worker_id, staged.type_id, staged.year)
      AND h.state = 'unverified'
      AND staged.document <> '' AND h.document <> staged.document
    RETURNING h.worker_id
)
INSERT INTO roster_touched SELECT worker_id FROM changed
"""
_INSERT_HONOURS = f"""
WITH added AS (
    INSERT INTO workforce_honour
        (worker_id, type_id, named_as, year, document, state, verdict,
         source, recorded_by_id, recorded_at)
    SELECT s.worker_id, s.type_id, s.named_as, s.year, s.document, 'unverified', '',
           %(source)s, %(by)s, now()
    FROM ({_STAGED_HONOURS}) s
    WHERE NOT EXISTS (
        SELECT FROM workforce_honour h
        WHERE (h.worker_id, h.type_id, h.year) = (s.worker_id, s.type_id, s.year)
    )
    ON CONFLICT (worker_id, type_id, year) DO NOTHING
    RETURNING worker_id
)
INSERT INTO roster_touched SELECT worker_id FROM added
"""
HONOURS = (_UPDATE_HONOURS, _INSERT_HONOURS)

# -- known people --------------------------------------------------------------------------------------------
# What the row says, and what actions.derive draws from the records written above, in one change.
_KNOWN_WORKERS = """
WITH drawn AS (
    SELECT t.worker_id,
           (SELECT e.employer_id FROM workforce_employment e
            WHERE e.worker_id = t.worker_id AND e.ended_on IS NULL) AS employer_id,
           coalesce((SELECT max(s.level) FROM workforce_skillcredential s
                     WHERE s.worker_id = t.worker_id), 0) AS level,
           coalesce((SELECT s.occupation FROM workforce_skillcredential s
                     WHERE s.worker_id = t.worker_id
                     ORDER BY s.level DESC, s.issued_on DESC NULLS LAST, s.id DESC LIMIT 1),
                    (SELECT e.occupation FROM workforce_employment e
                     WHERE e.worker_id = t.worker_id AND e.ended_on IS NULL),
                    '') AS occupation
    FROM (SELECT DISTINCT worker_id FROM roster_touched) t
), handed_over AS MATERIALIZED (
    SELECT w.id AS worker_id FROM workforce_worker w JOIN roster_person p ON p.worker_id = w.id
    WHERE NOT p.is_new AND w.work_region_id <> p.region AND workforce_counts(w.id)
), changed AS (
    UPDATE workforce_worker w
    SET work_region_id = CASE WHEN m.worker_id IS NULL THEN p.region ELSE w.work_region_id END,
        phone = coalesce(p.phone, w.phone),
        phone_digest = CASE WHEN p.phone IS NULL THEN w.phone_digest ELSE p.phone_digest END,
        birth_on = coalesce(w.birth_on, p.birth_on), sex = coalesce(nullif(w.sex, ''), p.sex),
        employer_id = CASE WHEN d.worker_id IS NULL THEN w.employer_id ELSE d.employer_id END,
        skill_level = coalesce(d.level, w.skill_level), occupation = coalesce(d.occupation, w.occupation),
        source = %(source)s, updated_at = now()
    FROM roster_person p LEFT JOIN drawn d USING (worker_id) LEFT JOIN handed_over m USING (worker_id)
    WHERE w.id = p.worker_id AND NOT p.is_new
      AND ((w.work_region_id <> p.region AND m.worker_id IS NULL)
           OR (p.phone IS NOT NULL AND w.phone_digest IS DISTINCT FROM p.phone_digest)
           OR w.birth_on IS NULL OR w.sex = ''
           OR (d.worker_id IS NOT NULL
               AND (w.employer_id, w.skill_level, w.occupation)
                   IS DISTINCT FROM (d.employer_id, d.level, d.occupation)))
    RETURNING w.id
)
INSERT INTO roster_touched SELECT id FROM changed
"""
KNOWN_WORKERS = (*proposals.PLACES, "ANALYZE roster_touched", _KNOWN_WORKERS)
