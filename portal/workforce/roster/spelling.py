"""SQL that gives an occupation of one person one spelling, before rows are compared with each other and the register:
电 工 and 电工（高级工） are 电工. The register's spelling stays; of several in a file the shortest is taken, in whatever
order they stand.
"""

from __future__ import annotations

from portal.workforce.facts import folded_occupation

_IN_THE_FILE = f"""
UPDATE roster_row r SET occupation = one.spelling
FROM (
    SELECT r.line, r.occupation,
           first_value(r.occupation) OVER (
               PARTITION BY r.digest, {folded_occupation("r.occupation")} ORDER BY length(r.occupation), r.occupation
           ) AS spelling
    FROM roster_row r JOIN roster_group g USING (digest) WHERE r.occupation <> ''
) one
WHERE one.line = r.line AND one.spelling <> one.occupation
"""
_AS_REGISTERED = f"""
UPDATE roster_row r SET occupation = one.occupation
FROM (
    SELECT DISTINCT ON (r.line) r.line, s.occupation
    FROM roster_row r JOIN roster_known k USING (digest)
    JOIN workforce_skillcredential s ON s.worker_id = k.id AND s.occupation <> r.occupation
     AND {folded_occupation("s.occupation")} = {folded_occupation("r.occupation")}
    WHERE r.occupation <> '' AND NOT EXISTS (
        SELECT FROM workforce_skillcredential o WHERE o.worker_id = k.id AND o.occupation = r.occupation
    )
    ORDER BY r.line, s.twin, s.id
) one
WHERE one.line = r.line
"""
ONE_SPELLING = (_IN_THE_FILE, _AS_REGISTERED)
