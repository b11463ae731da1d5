"""SQL that finds out who and what a staged row is about, and refuses the rows about which nobody can tell.

Statements run in the order in which they stand. Parameters are those of merging.Origin.
"""

from __future__ import annotations

from portal.workforce.roster.spelling import ONE_SPELLING


def _fold(column: str) -> str:
    """The name of a unit without what does not distinguish it, as workforce_employer.folded_name has it."""
    return f"workforce_unit_folded({column})"


_LINES = (
    "array_to_string((array_agg(line ORDER BY line))[1:5], '、') "
    "|| CASE WHEN count(*) > 5 THEN '等' ELSE '' END"
)

_GROUPS = """
CREATE TEMPORARY TABLE roster_group ON COMMIT DROP AS
SELECT digest FROM roster_row GROUP BY digest HAVING count(*) > 1
"""

# What all rows of a person must say alike, where they say anything.
_ALIKE = (
    ("姓名", "name", "r.name"),
    ("工作地区划代码", "region", "r.region"),
    ("用人单位", "employer", f"nullif({_fold('r.employer')}, '')"),
    ("统一社会信用代码", "code", "nullif(r.code, '')"),
    # One row names a unit, another gives a code: whether they mean the same nobody can tell.
    (
        "用人单位的填写方式",
        "employer",
        "CASE WHEN r.code = '' AND r.employer <> '' THEN 1 WHEN r.code <> '' AND r.employer = '' THEN 2 END",
    ),
    ("一线岗位", "front_line", "r.front_line"),
    ("一线年限", "years", "r.years"),
    ("失业保险累计月数", "months", "r.months"),
    ("手机号", "phone", "r.phone_digest"),
)

_LINES_OF_ROWS = _LINES.replace("line", "r.line")
_LINES_OF_HONOURS = _LINES.replace("line", "h.line").replace("count(*)", "count(DISTINCT h.line)")
_DIFFERING = ", ".join(
    f"CASE WHEN count(DISTINCT {value}) > 1 THEN '“{label}”' END" for label, _, value in _ALIKE
)
_DIFFERING_CELLS = ", ".join(
    f"CASE WHEN count(DISTINCT {value}) > 1 THEN '{key}' END" for _, key, value in _ALIKE
)

_DIFFERENT_PEOPLE = f"""
WITH seen AS (
    SELECT r.digest, {_LINES_OF_ROWS} AS lines, concat_ws('、', {_DIFFERING}) AS differing,
           concat_ws(',', {_DIFFERING_CELLS}) AS cells
    FROM roster_row r JOIN roster_group g USING (digest) GROUP BY r.digest
)
INSERT INTO roster_refusal
SELECT r.line,
       '第' || seen.lines || '行是同一证件号码，但' || seen.differing || '不一致，请核对后更正。',
       false, seen.cells
FROM seen JOIN roster_row r USING (digest) WHERE seen.differing <> ''
"""

_DIFFERENT_CERTIFICATES = f"""
WITH seen AS (
    SELECT r.digest, r.occupation, r.level, r.certificate, {_LINES_OF_ROWS} AS lines
    FROM roster_row r JOIN roster_group g USING (digest) WHERE r.level IS NOT NULL
    GROUP BY r.digest, r.occupation, r.level, r.certificate HAVING count(DISTINCT r.issued_on) > 1
)
INSERT INTO roster_refusal
SELECT r.line,
       '第' || seen.lines || '行是同一人的同一证书，但“发证日期”不一致，请核对后更正；'
       '确为两本证书的，请填写各自的证书编号。',
       false, 'certificate,issued_on'
FROM seen JOIN roster_row r USING (digest, occupation, level, certificate)
"""

_DIFFERENT_DOCUMENTS = f"""
WITH seen AS (
    SELECT h.digest, {_LINES_OF_HONOURS} AS lines
    FROM roster_honour h JOIN roster_group g USING (digest)
    GROUP BY h.digest, h.type_id, h.year HAVING count(DISTINCT nullif(h.document, '')) > 1
)
INSERT INTO roster_refusal
SELECT DISTINCT r.line, '第' || seen.lines || '行是同一人的同一荣誉，但文号不一致，请核对后更正。', false, 'honours'
FROM seen JOIN roster_row r USING (digest)
"""

# Whoever has a row refused here is left out with all their rows: part of what the file says about them is in
# doubt.
LEAVE_OUT = (
    """
INSERT INTO roster_refusal
SELECT r.line, '同一证件号码的其他行有误，请一并更正。', false FROM roster_row r
WHERE r.digest IN (SELECT digest FROM roster_row WHERE line IN (SELECT line FROM roster_refusal))
  AND r.line NOT IN (SELECT line FROM roster_refusal)
""",
    "DELETE FROM roster_row WHERE line IN (SELECT line FROM roster_refusal)",
    "DELETE FROM roster_honour WHERE line IN (SELECT line FROM roster_refusal)",
    "DELETE FROM roster_employer e WHERE NOT EXISTS "
    "(SELECT FROM roster_row r WHERE (r.code, r.employer, r.region) = (e.code, e.name, e.region))",
)

# One row for each way in which the file names a unit.
_UNITS = f"""
CREATE TEMPORARY TABLE roster_employer ON COMMIT DROP AS
SELECT code, employer AS name, region, count(*) AS rows, {_fold("employer")} AS fold, NULL::bigint AS id
FROM roster_row WHERE employer <> '' OR code <> '' GROUP BY code, employer, region
"""

_CODE_OF_ANOTHER = """
INSERT INTO roster_refusal
SELECT r.line,
       '统一社会信用代码' || r.code || '登记的单位名称是“' || u.name || '”，'
       '与本行“' || r.employer || '”不一致，请核对。',
       false, 'employer,code'
FROM roster_employer e
JOIN workforce_employer u ON u.credit_code = e.code
JOIN roster_row r ON (r.code, r.employer, r.region) = (e.code, e.name, e.region)
WHERE e.name <> '' AND u.folded_name <> e.fold
"""

_CODE_OF_SEVERAL = """
WITH several AS (
    SELECT code, '“' || string_agg(name, '”“' ORDER BY name) || '”' AS names
    FROM (SELECT code, fold, min(name) AS name FROM roster_employer
          WHERE code <> '' AND name <> '' GROUP BY code, fold) f
    WHERE code NOT IN (SELECT credit_code FROM workforce_employer WHERE credit_code IS NOT NULL)
    GROUP BY code HAVING count(*) > 1
)
INSERT INTO roster_refusal
SELECT r.line,
       '统一社会信用代码' || s.code || '在本文件中对应不同的单位名称：' || left(s.names, 200) || '，请核对。',
       false, 'employer,code'
FROM several s JOIN roster_row r ON r.code = s.code
"""

_CODE_WITHOUT_NAME = """
INSERT INTO roster_refusal
SELECT r.line, '统一社会信用代码' || r.code || '尚未登记，请填写用人单位名称。', false, 'employer'
FROM roster_row r
WHERE r.code IN (
    SELECT code FROM roster_employer WHERE code <> '' GROUP BY code HAVING max(name) = ''
    EXCEPT SELECT credit_code FROM workforce_employer
)
"""

# Of a new code: the name most rows give, and the region where most of its people are.
_NEW_CODES = """
    SELECT n.code, n.name, n.fold, m.region
    FROM (SELECT code, (array_agg(name ORDER BY rows DESC, name))[1] AS name, min(fold) AS fold
          FROM (SELECT code, name, fold, sum(rows) AS rows FROM roster_employer
                WHERE code <> '' AND name <> '' GROUP BY code, name, fold) names
          GROUP BY code) n
    JOIN (SELECT code, (array_agg(region ORDER BY rows DESC, region))[1] AS region
          FROM (SELECT code, region, sum(rows) AS rows FROM roster_employer
                WHERE code <> '' GROUP BY code, region) regions
          GROUP BY code) m USING (code)
    WHERE NOT EXISTS (SELECT FROM workforce_employer u WHERE u.credit_code = n.code)
"""

_ASKED = "CREATE TEMPORARY TABLE roster_new_code (code text, fold text, region text) ON COMMIT DROP"

# A unit without a code is meant by its name in the region: the one registered without a code, else the only
# one of the name. The new codes are noted: rows with one of them may be left out later for what they say of a
# person.
_NAME_OF_SEVERAL = f"""
WITH asked AS (
    INSERT INTO roster_new_code SELECT code, fold, region FROM ({_NEW_CODES}) new RETURNING fold, region
), candidate AS (
    SELECT folded_name AS fold, region_id AS region, credit_code IS NULL AS plain FROM workforce_employer
    UNION ALL SELECT fold, region, false FROM asked
), several AS (
    SELECT fold, region FROM candidate
    WHERE (fold, region) IN (SELECT fold, region FROM roster_employer WHERE code = '')
    GROUP BY fold, region HAVING count(*) > 1 AND count(*) FILTER (WHERE plain) <> 1
)
INSERT INTO roster_refusal
SELECT r.line, '该地区有多家名为“' || r.employer || '”的单位，请填写统一社会信用代码。', false, 'code'
FROM several JOIN roster_employer e USING (fold, region)
JOIN roster_row r ON (r.code, r.employer, r.region) = (e.code, e.name, e.region) WHERE e.code = ''
"""

# As they were noted: where a code was taken to be must not change with the rows that were left out since, or the same
# file would not mean the same a second time.
_CODES_AS_ASKED = f"""
    SELECT new.code, new.name, new.fold, a.region FROM ({_NEW_CODES}) new JOIN roster_new_code a USING (code)
"""

# A unit known by its name alone gets the code that a roster gives for it, when no other unit can be meant:
# also not by a row that was left out, or the same file would not mean the same a second time.
_ADOPT_CODE = f"""
WITH new AS ({_CODES_AS_ASKED}), named AS (
    SELECT folded_name AS fold, region_id AS region, min(id) AS id, bool_and(credit_code IS NULL) AS plain
    FROM workforce_employer GROUP BY 1, 2 HAVING count(*) = 1
), fit AS (
    SELECT named.id, min(new.code) AS code FROM new JOIN named USING (fold, region)
    WHERE named.plain AND NOT EXISTS (
        SELECT FROM roster_new_code a WHERE (a.fold, a.region) = (new.fold, new.region) AND a.code <> new.code
    )
    GROUP BY named.id HAVING count(*) = 1
)
UPDATE workforce_employer u SET credit_code = fit.code FROM fit WHERE fit.id = u.id
"""
_INSERT_CODES = f"""
INSERT INTO workforce_employer (name, credit_code, kind, region_id, source, created_at)
SELECT name, code, '', region, %(source)s, now() FROM ({_CODES_AS_ASKED}) new ORDER BY code
ON CONFLICT (credit_code) DO NOTHING
"""
_FIND_CODES = """
UPDATE roster_employer e SET id = u.id FROM workforce_employer u WHERE e.code <> '' AND u.credit_code = e.code
"""
_FIND_NAMES = """
WITH found AS (
    SELECT folded_name AS fold, region_id AS region,
           coalesce(min(id) FILTER (WHERE credit_code IS NULL), min(id)) AS id
    FROM workforce_employer GROUP BY 1, 2
)
UPDATE roster_employer e SET id = found.id FROM found
WHERE e.code = '' AND e.id IS NULL AND (found.fold, found.region) = (e.fold, e.region)
"""
_INSERT_NAMES = """
INSERT INTO workforce_employer (name, credit_code, kind, region_id, source, created_at)
SELECT (array_agg(name ORDER BY rows DESC, name))[1], NULL, '', region, %(source)s, now()
FROM roster_employer WHERE code = '' AND id IS NULL GROUP BY fold, region ORDER BY region, fold
ON CONFLICT DO NOTHING
"""

# -- people who are in the register already ------------------------------------------------------------------
_KNOWN = """
CREATE TEMPORARY TABLE roster_known ON COMMIT DROP AS
SELECT DISTINCT ON (r.digest) r.digest, r.digest AS person, w.id, w.name, w.work_region_id AS region,
       w.league_code AS league, r.name AS roster_name FROM roster_row r JOIN workforce_worker w ON w.id_digest = r.digest
"""
# Whose record was merged into another one is that person.
_WHOSE = """
UPDATE roster_known k SET id = p.id, person = p.id_digest, name = p.name, region = p.work_region_id, league = p.league_code
FROM workforce_mergedperson m JOIN workforce_worker p ON p.id = m.target_id
WHERE m.source_id = k.id
"""
_VOIDED = """
INSERT INTO roster_refusal
SELECT r.line, '“证件号码”：此证件号码的档案已因登记有误作废，请核对证件号码；确系本人的，请先撤销作废。', false, 'number'
FROM workforce_mergedperson m JOIN roster_known k ON k.id = m.source_id JOIN roster_row r USING (digest)
WHERE m.target_id IS NULL
"""
_SAME_PERSON_TWICE = """
INSERT INTO roster_refusal
SELECT r.line, '“证件号码”：此证件号码的档案已并入另一份档案，本文件中另有该人员的行，请只保留一行。', false, 'number'
FROM (SELECT id FROM roster_known WHERE id IN (SELECT target_id FROM workforce_mergedperson)
      GROUP BY id HAVING count(*) > 1) AS twice
JOIN roster_known k USING (id) JOIN roster_row r USING (digest)
JOIN workforce_worker w ON w.id_digest = r.digest AND w.id <> k.id
"""
_OF_ANOTHER_PLACE = """
INSERT INTO roster_refusal
SELECT r.line, '此人现登记在您负责的地区以外，请联系登记地的经办人员，或由上级统一导入。', false
FROM roster_known k JOIN roster_row r USING (digest)
WHERE NOT (%(whole)s OR k.league = ANY(%(leagues)s) OR k.region = ANY(%(banners)s))
"""
# Both are in the normal form of names.
_NAMED_OTHERWISE = "k.name <> k.roster_name"
_HOLD = f"""
INSERT INTO workforce_nameconflict
    (worker_id, roster_import_id, registered_name, roster_name, raised_by_id, raised_at, decision, reason)
SELECT k.id, %(import)s, k.name, k.roster_name, %(by)s, now(), '', ''
FROM roster_known k
WHERE {_NAMED_OTHERWISE} AND EXISTS (SELECT FROM roster_row r WHERE r.digest = k.digest)
  AND NOT EXISTS (
      SELECT FROM workforce_nameconflict c
      WHERE c.worker_id = k.id AND c.roster_name = k.roster_name
        AND c.decision = 'keep' AND c.registered_name = k.name
  )
ORDER BY k.id
ON CONFLICT (worker_id, roster_name) WHERE decision = '' DO NOTHING
"""
_HELD = f"""
INSERT INTO roster_refusal
SELECT r.line, CASE WHEN c.id IS NULL
       THEN '“姓名”：此证件号码已登记为另一姓名。盟市审核员已核定保留登记的姓名，请更正本行。'
       ELSE '“姓名”：此证件号码已登记为另一姓名，已提请盟市审核员核对，登记的姓名未改动。'
            '核对后请重新导入本行。' END,
       c.id IS NOT NULL, 'name'
FROM roster_known k JOIN roster_row r USING (digest)
LEFT JOIN workforce_nameconflict c ON c.worker_id = k.id AND c.roster_name = k.roster_name AND c.decision = ''
WHERE {_NAMED_OTHERWISE}
"""
_VERIFIED_OTHERWISE = """
INSERT INTO roster_refusal
SELECT DISTINCT r.line,
       '“荣誉”：“' || h.named_as || '”（' || h.year || '年）已核实，'
       '文号为“' || v.document || '”，与本行不一致，请核对。',
       false, 'honours'
FROM roster_honour h
JOIN roster_known k USING (digest)
JOIN workforce_honour v
  ON v.worker_id = k.id AND v.type_id = h.type_id AND v.year = h.year AND v.state = 'verified'
JOIN roster_row r ON r.line = h.line
WHERE h.document <> '' AND v.document <> '' AND replace(h.document, ' ', '') <> replace(v.document, ' ', '')
"""

# Made before the refusals; each of these groups of refusals is followed by LEAVE_OUT when it found any.
PREPARE = (
    "CREATE INDEX ON roster_refusal (line)",
    "ANALYZE roster_row (digest, region, employer, code, level)",
    "ANALYZE roster_honour",
    _GROUPS,
    _UNITS,
    _ASKED,
    _KNOWN,
    "ANALYZE roster_known",
    _WHOSE,
    *ONE_SPELLING,
)
WITHIN_THE_FILE = (_DIFFERENT_PEOPLE, _DIFFERENT_CERTIFICATES, _DIFFERENT_DOCUMENTS)
UNITS = (_CODE_OF_ANOTHER, _CODE_OF_SEVERAL, _CODE_WITHOUT_NAME)
UNITS_BY_NAME = (_NAME_OF_SEVERAL,)
PEOPLE_ELSEWHERE = (_VOIDED, _SAME_PERSON_TWICE, _OF_ANOTHER_PLACE)
PEOPLE = (_VERIFIED_OTHERWISE, _HELD)
HOLD = _HOLD
# Written when it is certain which people come in.
WRITE_UNITS = (_ADOPT_CODE, _INSERT_CODES, _FIND_CODES, _FIND_NAMES, _INSERT_NAMES, _FIND_NAMES)
