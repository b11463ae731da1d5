"""What the national query answers about certificates: a row each certificate, found or not. What is found and agrees in
every point is confirmed; whatever differs is told and changes nothing.
"""

# ruff: noqa: S608 - text is put together from names of columns

from __future__ import annotations

from portal.spreadsheets.header import Column, SheetForm
from portal.workforce.extracts.columns import Day, ExtractKind, Staged, day_by, level, occupation
from portal.workforce.facts import folded_occupation
from portal.workforce.identity import certificate_number
from portal.workforce.models import Extracted, SkillLevel
from portal.workforce.roster.cells import Wrong

FORM = SheetForm(
    "证书联网查询摘录",
    (
        Column("number", "证件号码", "18位公民身份号码。", "15000019000101000X", needed=True, most=40),
        Column("occupation", "职业工种", "证书所载名称；未查到的不填。", "焊工", most=60),
        Column("level", "技能等级", "如高级工、三级；未查到的不填。", "高级工", most=20),
        Column("certificate", "证书编号", "证书编号。", "S000015000001", needed=True, most=40),
        Column("issued_on", "发证日期", "如2024-01-25；未查到的不填。", "2024-01-25", most=20),
        Column(
            "found",
            "查询结果",
            "填“查到”或“未查到”；没有这一列的，视为全部查到。",
            "查到",
            most=10,
            optional=True,
        ),
    ),
    notes=("每本证书一行。",),
)


def _certificate(text: str, day: Day) -> str:
    return certificate_number(text).replace("\\", "\\\\")


def _found(text: str, day: Day) -> str:
    if text in ("查到", "有", "是"):
        return "t"
    if text in ("未查到", "查不到", "无", "否"):
        return "f"
    raise Wrong("应填“查到”或“未查到”")


_LABELS = " ".join(f"WHEN {value} THEN '{label}'" for value, label in SkillLevel.choices)
_PAIRS = (
    ("职业（工种）", "c.occupation", "r.occupation", folded_occupation("{}")),
    ("技能等级", f"CASE c.level {_LABELS} END", f"CASE r.level {_LABELS} END", "{}"),
    ("发证日期", "coalesce(c.issued_on::text, '空')", "r.issued_on::text", "{}"),
)
_DIFFERENCES = ", ".join(
    f"CASE WHEN {folded.format(ours)} <> {folded.format(theirs)}"
    f" THEN '{label}登记为' || {ours} || '，摘录为' || {theirs} END"
    for label, ours, theirs, folded in _PAIRS
)
# The certificate of that number, under any record of the person: of several the one that agrees.
_FOUND = f"""
CREATE TEMPORARY TABLE extract_found ON COMMIT DROP AS
SELECT DISTINCT ON (line) * FROM (
    SELECT r.line, p.worker_id, r.found, r.found AND (r.occupation IS NULL OR r.level IS NULL OR r.issued_on IS NULL)
               AS says_too_little,
           c.id AS record_id, c.worker_id AS of_record, c.verification, c.recorded_at,
           concat_ws('；', {_DIFFERENCES}) AS differences,
           a.found AS answered, a.as_of AS answered_as_of
    FROM extract_row r JOIN extract_person p USING (line)
    LEFT JOIN (
        SELECT coalesce(m.target_id, c.worker_id) AS person, c.*
        FROM workforce_skillcredential c LEFT JOIN workforce_mergedperson m ON m.source_id = c.worker_id
        WHERE c.number <> ''
    ) c ON (c.person, c.number) = (p.worker_id, r.certificate)
    LEFT JOIN workforce_certificateanswer a ON a.credential_id = c.id
) AS found
ORDER BY line, differences = '' DESC, verification = 'confirmed' DESC, record_id
"""
_TOO_LITTLE = """
INSERT INTO extract_refusal
SELECT line, '查到的证书，须填写职业工种、技能等级和发证日期。', false FROM extract_found WHERE says_too_little
"""
_NOT_RECORDED = """
INSERT INTO extract_refusal
SELECT line, '此人名下没有登记这一证书编号。', false FROM extract_found
WHERE record_id IS NULL AND NOT says_too_little
"""
_DIFFERS = """
INSERT INTO extract_refusal
SELECT line, '与登记内容不一致：' || differences || '。', false FROM extract_found
WHERE found AND record_id IS NOT NULL AND differences <> '' AND NOT says_too_little
"""
# A record that somebody changed after the extract was given in is not what the extract said.
_CHANGED_SINCE = """
INSERT INTO extract_refusal
SELECT line, '该证书在摘录上传后有更改，请重新核对。', false FROM extract_found
WHERE found AND differences = '' AND recorded_at > %(given_at)s
"""
_WRITTEN_BY_ONESELF = """
INSERT INTO extract_refusal
SELECT f.line, '这本证书由您登记、导入或更改过，须由另一人核验。', false
FROM extract_found f
WHERE f.found AND f.differences = '' AND f.verification <> 'confirmed' AND f.record_id IN (
    SELECT id FROM workforce_skillcredential WHERE recorded_by_id = %(by)s
    UNION ALL SELECT pgh_obj_id FROM workforce_skillcredentialevent WHERE recorded_by_id = %(by)s
)
"""
_COMPARE = """
SELECT line, worker_id, record_id,
       CASE WHEN answered IS NOT DISTINCT FROM found AND answered_as_of >= %(as_of)s
                 AND (NOT found OR verification = 'confirmed') THEN 'same'
            WHEN answered IS NULL AND (NOT found OR verification = 'confirmed') THEN 'new' ELSE 'changed' END
FROM extract_found
"""
_CONFIRM = """
UPDATE workforce_skillcredential c
SET verification = 'confirmed', verified_by_id = %(by)s, verified_at = now(), verified_from = %(seen)s
FROM extract_found f JOIN extract_step s USING (line)
WHERE s.what <> 'same' AND f.found AND c.id = f.record_id AND c.verification <> 'confirmed'
"""
_ANSWER = """
INSERT INTO workforce_certificateanswer (credential_id, found, as_of, extract_id)
SELECT DISTINCT ON (f.record_id) f.record_id, f.found, %(as_of)s, %(extract)s
FROM extract_found f JOIN extract_step s USING (line)
WHERE s.what <> 'same' AND (f.answered_as_of IS NULL OR f.answered_as_of <= %(as_of)s)
ORDER BY f.record_id, f.line
ON CONFLICT (credential_id) DO UPDATE
SET found = excluded.found, as_of = excluded.as_of, extract_id = excluded.extract_id
"""
_REFUTED = """
SELECT DISTINCT f.of_record FROM extract_found f JOIN extract_step s USING (line)
WHERE s.what <> 'same' AND f.found AND f.verification = 'refuted'
"""
_REMARK = """
SELECT '其中' || count(*) || '本证书未查到，已记入档案，没有核验。'
FROM extract_found f JOIN extract_step s USING (line) WHERE NOT f.found HAVING count(*) > 0
"""
CERTIFICATES = ExtractKind(
    code=Extracted.CERTIFICATES,
    form=FORM,
    register="技能人才评价证书全国联网查询系统",
    staged={
        "occupation": Staged("text", occupation),
        "level": Staged("smallint", level),
        "certificate": Staged("text", _certificate),
        "issued_on": Staged("date", day_by),
        "found": Staged("boolean", _found, blank="t"),
    },
    key=("r.certificate",),
    matter="证书编号",
    prepare=(_FOUND, "ANALYZE extract_found"),
    refuse=(_TOO_LITTLE, _NOT_RECORDED, _DIFFERS, _CHANGED_SINCE, _WRITTEN_BY_ONESELF),
    compare=_COMPARE,
    write=(_CONFIRM, _ANSWER),
    derived=_REFUTED,
    remark=_REMARK,
)
