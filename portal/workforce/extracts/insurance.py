"""What the insurance agency says of unemployment insurance: a row each person."""

from __future__ import annotations

from portal.spreadsheets.header import Column, SheetForm
from portal.workforce.extracts.columns import ExtractKind, Staged, months, yes_or_no
from portal.workforce.models import Extracted

FORM = SheetForm(
    "失业保险参保缴费摘录",
    (
        Column("number", "证件号码", "18位公民身份号码。", "15000019000101000X", needed=True, most=40),
        Column("months", "累计缴费月数", "失业保险累计缴费月数。", "48", needed=True, most=20),
        Column("paying", "正常缴费", "截至摘录日期是否正常缴费，填“是”或“否”。", "是", needed=True, most=10),
        Column(
            "drawing",
            "领取失业保险金",
            "截至摘录日期是否正在领取，填“是”或“否”。",
            "否",
            needed=True,
            most=10,
        ),
    ),
    notes=("每人一行；摘录日期在提交时统一填写。",),
)
# The record of the person, with whether the officer has written anything of it.
_FOUND = """
CREATE TEMPORARY TABLE extract_found ON COMMIT DROP AS
SELECT r.line, p.worker_id, i.id AS record_id, r.months, r.paying, r.drawing,
       i.verification = 'confirmed' AS confirmed, i.as_of,
       i.verification = 'confirmed' AND (i.months, i.paying, i.drawing_benefit)
           IS NOT DISTINCT FROM (r.months, r.paying, r.drawing) AS says_so
FROM extract_row r JOIN extract_person p USING (line)
LEFT JOIN workforce_unemploymentinsurance i ON i.worker_id = p.worker_id
"""
_WRITTEN_BY_ONESELF = """
INSERT INTO extract_refusal
SELECT f.line, '此人的失业保险信息由您登记、导入或更改过，须由另一名人员提交摘录。', false
FROM extract_found f
WHERE NOT f.says_so AND f.record_id IN (
    SELECT id FROM workforce_unemploymentinsurance WHERE recorded_by_id = %(by)s
    UNION ALL SELECT pgh_obj_id FROM workforce_unemploymentinsuranceevent WHERE recorded_by_id = %(by)s
)
"""
_OLDER = """
INSERT INTO extract_refusal
SELECT f.line, '档案中已核验的信息截至' || f.as_of || '，比本次摘录新，没有改动。', false
FROM extract_found f WHERE f.confirmed AND f.as_of > %(as_of)s AND NOT f.says_so
"""
_COMPARE = """
SELECT line, worker_id, record_id,
       CASE WHEN record_id IS NULL THEN 'new' WHEN says_so AND as_of >= %(as_of)s THEN 'same' ELSE 'changed' END
FROM extract_found
"""
_ADD = """
INSERT INTO workforce_unemploymentinsurance
    (worker_id, months, paying, drawing_benefit, as_of, extract_id, source, recorded_at,
     verification, verified_by_id, verified_at, verified_from)
SELECT f.worker_id, f.months, f.paying, f.drawing, %(as_of)s, %(extract)s, %(source)s, now(),
       'confirmed', %(by)s, now(), %(seen)s
FROM extract_found f JOIN extract_step s USING (line) WHERE s.what = 'new'
"""
_CHANGE = """
UPDATE workforce_unemploymentinsurance i
SET months = f.months, paying = f.paying, drawing_benefit = f.drawing, as_of = %(as_of)s, extract_id = %(extract)s,
    source = %(source)s, recorded_by_id = NULL, recorded_at = now(),
    verification = 'confirmed', verified_by_id = %(by)s, verified_at = now(), verified_from = %(seen)s
FROM extract_found f JOIN extract_step s USING (line)
WHERE s.what = 'changed' AND i.id = f.record_id
"""
INSURANCE = ExtractKind(
    code=Extracted.INSURANCE,
    form=FORM,
    register="失业保险经办系统",
    staged={
        "months": Staged("smallint", months),
        "paying": Staged("boolean", yes_or_no),
        "drawing": Staged("boolean", yes_or_no),
    },
    prepare=(_FOUND, "ANALYZE extract_found"),
    refuse=(_WRITTEN_BY_ONESELF, _OLDER),
    compare=_COMPARE,
    write=(_ADD, _CHANGE),
)
