"""SQL that holds staged rows against the rules of plausibility, many at once.

The rules are those of portal.workforce.plausibility, the same that a window asks; here only what a row says is put
beside what the register knows. Statements run in the order in which they stand; parameters are those of
merging.Origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from portal.workforce.plausibility.rules import SHEET, Rule, as_values
from portal.workforce.plausibility.ruleset import rules_on, with_cells
from portal.workforce.roster.columns import COLUMNS

EXPLANATION = "情况说明"
_LABELS = {column.key: column.label for column in COLUMNS}
_SAYS_A_UNIT = "(r.employer <> '' OR r.code <> '')"
# What a row says of the person, of work and of insurance; of people in the register with what is known beside it.
_OF_ROWS: dict[str, str] = {
    "today": "%(today)s::date",
    "birth_on": "r.birth_on",
    "status": f"CASE WHEN {_SAYS_A_UNIT} THEN 'employed' END",
    "ended_on": "NULL::date",
    "front_line_years": "r.years",
    "level": "r.level",
    "issued_on": "r.issued_on",
    "insured_months": "r.months",
    "insured_as_of": "%(today)s::date",
}
_OF_KNOWN = _OF_ROWS | {
    "worked_years": "e.worked_years",
    # Whoever writes the record anew carries the years over: they are as old as their first writing.
    "worked_as_of": """(SELECT min(moment) FROM (
        SELECT e.recorded_at AS moment
        UNION ALL
        SELECT h.recorded_at FROM workforce_employmentevent h
        WHERE h.worker_id = e.worker_id AND h.worked_years = e.worked_years
    ) AS written)::date""",
}
_ROWS = "FROM roster_row r"
_KNOWN_ROWS = """FROM roster_row r JOIN roster_known k USING (digest)
JOIN workforce_employment e ON e.worker_id = k.id AND e.ended_on IS NULL AND e.worked_years IS NOT NULL"""
_HONOURS = "FROM roster_honour h JOIN roster_row r ON r.line = h.line"
_OF_HONOURS: dict[str, str] = {
    "today": "%(today)s::date",
    "birth_on": "r.birth_on",
    "honour_year": "h.year::integer",
}
# Certificates of one person in one occupation, in the file and in the register, with the dates that they will have when
# the file is in; only of those who have several.
_SEVERAL = """
CREATE TEMPORARY TABLE roster_several ON COMMIT DROP AS
SELECT r.digest, r.occupation, r.level, r.issued_on FROM roster_row r JOIN roster_group g USING (digest)
WHERE r.level IS NOT NULL AND r.issued_on IS NOT NULL
UNION
SELECT k.digest, s.occupation, s.level, s.issued_on
FROM roster_row r JOIN roster_known k USING (digest)
JOIN workforce_skillcredential s ON s.worker_id = k.id AND s.occupation = r.occupation AND s.level <> r.level
WHERE r.level IS NOT NULL AND r.issued_on IS NOT NULL AND s.issued_on IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM roster_row d WHERE d.digest = r.digest AND s.verification <> 'confirmed'
        AND (d.occupation, d.level, d.certificate) = (s.occupation, s.level, s.number) AND d.issued_on IS NOT NULL
  )
"""
_ORDERED = """FROM roster_row r JOIN (
    SELECT r.line, min(o.issued_on) FILTER (WHERE o.level > r.level) AS higher,
           max(o.issued_on) FILTER (WHERE o.level < r.level) AS lower
    FROM roster_row r JOIN roster_several o USING (digest, occupation)
    WHERE r.issued_on IS NOT NULL GROUP BY r.line
) o USING (line)"""
_OF_ORDERED: dict[str, str] = {
    "issued_on": "r.issued_on",
    "higher_issued_on": "o.higher",
    "lower_issued_on": "o.lower",
}
# A number that two people have, both in the file, or one of them in the register already. Whose record was merged
# into another one is that person, in the file as in the register.
_SHARED = """
CREATE TEMPORARY TABLE roster_shared ON COMMIT DROP AS
SELECT r.certificate, coalesce(k.person, r.digest) AS digest, NULL::bigint AS worker_id
FROM roster_row r LEFT JOIN roster_known k ON k.digest = r.digest
WHERE r.certificate IN (
    SELECT certificate FROM roster_row WHERE certificate <> '' GROUP BY certificate HAVING count(*) > 1
)
UNION
SELECT other.number, w.id_digest, other.worker_id
FROM (
    SELECT DISTINCT s.number, s.worker_id
    FROM roster_row r JOIN workforce_skillcredential s ON s.number = r.certificate
    LEFT JOIN roster_known k ON k.digest = r.digest
    WHERE r.certificate <> '' AND s.worker_id IS DISTINCT FROM k.id
) other JOIN workforce_worker w ON w.id = other.worker_id
"""
_NUMBERED = """FROM roster_row r JOIN (
    SELECT r.line, count(DISTINCT o.digest) AS others
    FROM roster_row r JOIN roster_shared o ON o.certificate = r.certificate
    LEFT JOIN roster_known k ON k.digest = r.digest
    WHERE o.digest <> coalesce(k.person, r.digest)
    GROUP BY r.line
) o USING (line)"""
# The same when the file is in: whoever has a number in the register now.
_NUMBERED_NOW = """FROM roster_row r JOIN (
    SELECT r.line, count(DISTINCT s.worker_id) AS others
    FROM roster_row r JOIN roster_person p USING (digest)
    JOIN workforce_skillcredential s ON s.number = r.certificate AND s.worker_id <> p.worker_id
    WHERE r.certificate IN (SELECT certificate FROM roster_shared)
    GROUP BY r.line
) o USING (line)"""
_OF_NUMBERED: dict[str, str] = {"others_with_number": "o.others::integer"}
_FINDINGS = """
CREATE TEMPORARY TABLE roster_finding (
    line int, digest bytea, rule text, version smallint, impossible boolean, cell text, words text
) ON COMMIT DROP
"""


def statements(today: date) -> tuple[str, ...]:
    """What finds, for the rules of a day, every row that meets one. Each rule is asked where its columns are."""
    rules = with_cells(rules_on(today))
    of_rows = _asking(rules, _OF_ROWS)
    of_known = [rule for rule in _asking(rules, _OF_KNOWN) if rule not in of_rows]
    return (
        _FINDINGS,
        _find(of_rows, _OF_ROWS, _ROWS),
        _find(of_known, _OF_KNOWN, _KNOWN_ROWS),
        _find(_asking(rules, _OF_HONOURS, needed="honour_year"), _OF_HONOURS, _HONOURS),
        _SEVERAL,
        _find(_asking(rules, _OF_ORDERED), _OF_ORDERED, _ORDERED),
        _SHARED,
        _find(_asking(rules, _OF_NUMBERED), _OF_NUMBERED, _NUMBERED),
    )


def noting(today: date) -> tuple[str, ...]:
    """What writes down for the supervisor what was kept, when the records are written.

    How many people have a number is counted anew: rows that were refused since have put none into the register, and
    the same file given again must find the same.
    """
    numbered = _find(_asking(with_cells(rules_on(today)), _OF_NUMBERED), _OF_NUMBERED, _NUMBERED_NOW)
    return ("DELETE FROM roster_finding WHERE cell = 'certificate'", numbered, _NOTED, _NOTE, _NOTE_OTHERS)


def _asking(rules: list[Rule], given: Mapping[str, str], *, needed: str = "") -> list[Rule]:
    """The rules whose columns are all given."""
    return [rule for rule in rules if rule.reads <= given.keys() and (not needed or needed in rule.reads)]


def _find(rules: list[Rule], given: Mapping[str, str], source: str) -> str:
    """The statement that notes every row that meets one of the rules."""
    columns = ", ".join(f"{value} AS {name}" for name, value in given.items() if name in SHEET)
    met = " OR ".join(f"({rule.when})" for rule in rules)
    return f"""
        INSERT INTO roster_finding
        SELECT sheet.line, sheet.digest, met.key, met.version, met.impossible, met.cell, met.words
        FROM (
            SELECT * FROM (SELECT r.line, r.digest, {columns} {source}) given WHERE {met}
        ) sheet
        CROSS JOIN LATERAL (VALUES {as_values(rules)})
            AS met (key, version, impossible, cell, holds, words)
        WHERE met.holds
    """


_LABEL = "CASE f.cell " + " ".join(f"WHEN '{key}' THEN '{label}'" for key, label in _LABELS.items()) + " END"
_IMPOSSIBLE = f"""
INSERT INTO roster_refusal
SELECT DISTINCT f.line, '“' || {_LABEL} || '”：' || f.words || '，请核对。', false, f.cell
FROM roster_finding f WHERE f.impossible
"""
# Explained by the row, or before, in the same words, for the same person.
_EXPLAINED = """
EXISTS (SELECT FROM roster_explanation x WHERE x.line = f.line)
OR EXISTS (
    SELECT FROM roster_known k JOIN workforce_improbablerecord i ON i.worker_id = k.id
    WHERE k.digest = f.digest AND i.rule = f.rule AND i.words = f.words
)
"""
_UNEXPLAINED = f"""
INSERT INTO roster_refusal
SELECT DISTINCT f.line,
       '“' || {_LABEL} || '”：' || f.words
       || '，请核对；属实的，请在“{EXPLANATION}”列写明原因后重新导入本行（没有这一列的请增加）。', false, f.cell
FROM roster_finding f WHERE NOT f.impossible AND NOT ({_EXPLAINED})
"""
REFUSE = (_IMPOSSIBLE, _UNEXPLAINED)

# -- noted for the supervisor, when the records are written ----------------------------------------------------
_KIND = """CASE f.cell WHEN 'number' THEN 'worker' WHEN 'honours' THEN 'honour' WHEN 'months' THEN 'insurance'
            WHEN 'years' THEN 'employment' WHEN 'employer' THEN 'employment' ELSE 'credential' END"""
_RECORD = """CASE found.kind
    WHEN 'worker' THEN p.worker_id
    WHEN 'employment' THEN
        (SELECT e.id FROM workforce_employment e WHERE e.worker_id = p.worker_id AND e.ended_on IS NULL)
    WHEN 'insurance' THEN (SELECT i.id FROM workforce_unemploymentinsurance i WHERE i.worker_id = p.worker_id)
    WHEN 'credential' THEN
        (SELECT s.id FROM workforce_skillcredential s
         WHERE (s.worker_id, s.occupation, s.level, s.number)
             = (p.worker_id, r.occupation, r.level, r.certificate))
    END"""
_NOTED = "CREATE TEMPORARY TABLE roster_noted (worker_id bigint, rule text) ON COMMIT DROP"
_NOTE = f"""
WITH noted AS (
INSERT INTO workforce_improbablerecord
    (worker_id, kind, record_id, rule, rule_version, words, reason, recorded_by_id, recorded_at, roster_import_id)
SELECT DISTINCT ON (p.worker_id, found.rule, found.words)
       p.worker_id, found.kind, {_RECORD}, found.rule, found.version, found.words, x.reason,
       %(by)s, now(), %(import)s
FROM (SELECT f.*, {_KIND} AS kind FROM roster_finding f WHERE NOT f.impossible) found
JOIN roster_row r ON r.line = found.line
JOIN roster_person p ON p.digest = found.digest
JOIN roster_explanation x ON x.line = r.line
WHERE NOT EXISTS (
    SELECT FROM workforce_improbablerecord i
    WHERE i.worker_id = p.worker_id AND i.rule = found.rule AND i.words = found.words
)
ORDER BY p.worker_id, found.rule, found.words, found.line
RETURNING worker_id, rule
)
INSERT INTO roster_noted SELECT worker_id, rule FROM noted
"""
# Of the others, who had the number before, the same is noted.
_NOTE_OTHERS = """
INSERT INTO workforce_improbablerecord
    (worker_id, kind, record_id, rule, rule_version, words, reason, recorded_by_id, recorded_at, roster_import_id)
SELECT DISTINCT ON (s.id)
       s.worker_id, 'credential', s.id, f.rule, f.version, '同一证书编号后来又登记在另一人名下', x.reason,
       %(by)s, now(), %(import)s
FROM roster_finding f
JOIN roster_row r ON r.line = f.line
JOIN roster_explanation x ON x.line = r.line
JOIN roster_person p ON p.digest = f.digest
JOIN roster_shared o ON o.certificate = r.certificate AND o.worker_id <> p.worker_id
JOIN workforce_skillcredential s ON s.worker_id = o.worker_id AND s.number = o.certificate
WHERE f.cell = 'certificate' AND EXISTS (
    SELECT FROM roster_noted n WHERE n.worker_id = p.worker_id AND n.rule = f.rule
)
ORDER BY s.id, f.line
"""
MADE = ("roster_finding", "roster_several", "roster_shared", "roster_noted")
