"""SQL that gives an occupation of one person one spelling, before rows are compared with each other and the register:
电 工 and 电工（高级工） are 电工. The register's spelling stays; of several in a file the shortest is taken, in whatever
order they stand. Of the numbers of a certificate the one that has its zeros is taken.
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
# A spreadsheet program takes the zeros away from the front of a number: what is left of it is that number, when the
# same person has it for the same occupation and level.
_IS_SHORT_FOR = """(length({short}) < length({whole}) AND {short} <> '' AND {short} !~ '[^0-9]' AND {whole} !~ '[^0-9]'
      AND ltrim({whole}, '0') = ltrim({short}, '0'))"""
LACKS_ITS_NUMBER = f"(s.number = '' OR {_IS_SHORT_FOR.format(short='s.number', whole='c.certificate')})"
_ZEROS_IN_THE_FILE = f"""
UPDATE roster_row r SET certificate = o.certificate
FROM roster_row o JOIN roster_group g USING (digest)
WHERE o.digest = r.digest AND o.occupation = r.occupation AND o.level = r.level
  AND {_IS_SHORT_FOR.format(short="r.certificate", whole="o.certificate")}
  AND (r.issued_on IS NULL OR o.issued_on IS NULL OR r.issued_on = o.issued_on)
"""
_ZEROS_AS_REGISTERED = f"""
UPDATE roster_row r SET certificate = s.number
FROM roster_known k JOIN workforce_skillcredential s ON s.worker_id = k.id
WHERE k.digest = r.digest AND s.occupation = r.occupation AND s.level = r.level
  AND {_IS_SHORT_FOR.format(short="r.certificate", whole="s.number")}
  AND (r.issued_on IS NULL OR s.issued_on IS NULL OR r.issued_on = s.issued_on)
"""
ONE_SPELLING = (_IN_THE_FILE, _AS_REGISTERED, _ZEROS_IN_THE_FILE, _ZEROS_AS_REGISTERED)
