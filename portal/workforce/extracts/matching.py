"""SQL that finds out whose row each staged one is, and refuses those about whom nothing is to be written. Statements run
in the order in which they stand; parameters are those of `taking_in.Origin`.
"""

# ruff: noqa: S608 - text is put together from the columns of a kind
from __future__ import annotations

from portal.workforce.extracts.columns import ExtractKind

NOBODY = "无此人档案，没有写入。"
ELSEWHERE = "此人现登记在您负责的地区以外，没有写入。"
# These end with the connection, what is made of them with the transaction; all are dropped before and after.
_ROWS = "CREATE TEMPORARY TABLE extract_row (line int, digest bytea, {columns})"
_REFUSALS = "CREATE TEMPORARY TABLE extract_refusal (line int, message text, elsewhere boolean)"
MADE = (
    "extract_row",
    "extract_refusal",
    "extract_known",
    "extract_person",
    "extract_again",
    "extract_found",
    "extract_step",
)

# Whose record it is, or was merged into; of nobody's there is none.
_KNOWN = """
CREATE TEMPORARY TABLE extract_known ON COMMIT DROP AS
SELECT r.line, w.id IS NULL OR (m.source_id IS NOT NULL AND m.target_id IS NULL) AS nobody,
       s.id AS worker_id, s.work_region_id AS region, s.league_code AS league, s.account_id AS account,
       %(whole)s OR s.league_code = ANY (%(leagues)s) OR s.work_region_id = ANY (%(banners)s) AS within
FROM extract_row r
LEFT JOIN workforce_worker w ON w.id_digest = r.digest
LEFT JOIN workforce_mergedperson m ON m.source_id = w.id
LEFT JOIN workforce_worker s ON s.id = CASE WHEN m.source_id IS NULL THEN w.id ELSE m.target_id END
"""
_NOBODY = f"INSERT INTO extract_refusal SELECT line, '{NOBODY}', true FROM extract_known WHERE nobody"
_ELSEWHERE = f"INSERT INTO extract_refusal SELECT line, '{ELSEWHERE}', true FROM extract_known WHERE NOT nobody AND NOT within"
_ONESELF = """
INSERT INTO extract_refusal
SELECT line, '这是您本人的信息，须由另一名人员提交。', false FROM extract_known
WHERE NOT nobody AND within AND worker_id = ANY (%(own)s)
"""
_PERSON = """
CREATE TEMPORARY TABLE extract_person ON COMMIT DROP AS
SELECT line, worker_id FROM extract_known
WHERE NOT nobody AND within AND worker_id <> ALL (%(own)s)
"""
# The same matter twice: differing, nobody can tell which is right; alike, it counts once.
_AGAIN = """
CREATE TEMPORARY TABLE extract_again ON COMMIT DROP AS
SELECT r.line, p.worker_id, min(r.line) OVER same AS first, array_agg(r.line) OVER same AS lines,
       count(*) OVER same > 1 AND min(t.says) OVER same <> max(t.says) OVER same AS differ
FROM extract_row r JOIN extract_person p USING (line)
CROSS JOIN LATERAL (SELECT (ROW({said}))::text AS says) t
WHERE ({key}) IN (SELECT {key_of} FROM extract_row r JOIN extract_person p USING (line)
                  GROUP BY {key_of} HAVING count(*) > 1)
WINDOW same AS (PARTITION BY {key_of})
"""
_DIFFER = """
INSERT INTO extract_refusal
SELECT line, '第' || array_to_string((SELECT array_agg(n ORDER BY n) FROM unnest(lines[1:5]) n), '、')
             || '行是同一人的同一{matter}，但内容不一致，请核对后更正。', false
FROM extract_again WHERE differ
"""
_LEAVE_OUT = "DELETE FROM extract_person WHERE line IN (SELECT line FROM extract_refusal)"
_LEAVE_REPEATED = (
    "DELETE FROM extract_person WHERE line IN (SELECT line FROM extract_again WHERE line <> first)"
)
_STEPS = "CREATE TEMPORARY TABLE extract_step (line int, worker_id bigint, record_id bigint, what text) ON COMMIT DROP"
_REPEATED = """
INSERT INTO extract_step
SELECT line, worker_id, NULL, 'same' FROM extract_again WHERE NOT differ AND line <> first
"""
_COMPARED = """
INSERT INTO extract_step SELECT * FROM ({compare}) AS compared
WHERE line NOT IN (SELECT line FROM extract_refusal)
"""
# Of the rows: new, changed, the same; refused, and of these of nobody who is here.
COUNTS = """
SELECT count(*) FILTER (WHERE what = 'new'), count(*) FILTER (WHERE what = 'changed'),
       count(*) FILTER (WHERE what = 'same'),
       (SELECT count(DISTINCT line) FROM extract_refusal),
       (SELECT count(DISTINCT line) FROM extract_refusal WHERE elsewhere)
FROM extract_step
"""


def tables(kind: ExtractKind) -> tuple[str, ...]:
    """What is staged into."""
    types = {name: staged.sql for name, staged in kind.staged.items()} | dict(kind.drawn)
    columns = ", ".join(f"{name} {sql}" for name, sql in types.items())
    return _ROWS.format(columns=columns), _REFUSALS


def statements(kind: ExtractKind) -> tuple[str, ...]:
    """From what is staged to what is to be done with each row."""
    of_row = ("p.worker_id", *kind.key)
    key = ", ".join(of_row)
    said = ", ".join(f"r.{name}" for name in kind.staged)
    return (
        "ANALYZE extract_row",
        _KNOWN,
        "ANALYZE extract_known",
        _NOBODY,
        _ELSEWHERE,
        _ONESELF,
        _PERSON,
        "ANALYZE extract_person (line, worker_id)",
        _AGAIN.format(said=said, key=key, key_of=key),
        _DIFFER.replace("{matter}", kind.matter),
        _STEPS,
        _REPEATED,
        _LEAVE_OUT,
        _LEAVE_REPEATED,
        *kind.prepare,
        *kind.refuse,
        _COMPARED.replace("{compare}", kind.compare),
        "ANALYZE extract_step",
    )
