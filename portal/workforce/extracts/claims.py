"""What a fund has paid earlier: a row each claim."""

# ruff: noqa: S608 - text is put together from names of columns

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from portal.spreadsheets.header import Column, SheetForm
from portal.workforce.extracts.columns import Day, ExtractKind, Staged, day_by, level, occupation
from portal.workforce.facts import folded_occupation
from portal.workforce.identity import certificate_number, narrow
from portal.workforce.models import Extracted
from portal.workforce.models.facts import ClaimKind
from portal.workforce.placeholders import says_nothing
from portal.workforce.roster.cells import Wrong

_MOST_PAID = Decimal(1_000_000)
FORM = SheetForm(
    "以往补贴摘录",
    (
        Column("number", "证件号码", "18位公民身份号码。", "15000019000101000X", needed=True, most=40),
        Column("kind", "补贴种类", "技能提升补贴或职业培训补贴。", "技能提升补贴", needed=True, most=20),
        Column("occupation", "职业工种", "证书所载名称。", "焊工", needed=True, most=60),
        Column("level", "技能等级", "如高级工、三级。", "高级工", needed=True, most=20),
        Column("certificate", "证书编号", "没有的不填。", "S000015000001", most=40),
        Column("claimed_on", "申领日期", "如2024-01-25。", "2024-01-25", needed=True, most=20),
        Column(
            "amount",
            "金额（元）",
            "实际发放的金额，没有的不填。",
            "2000",
            most=20,
            also=("补贴金额", "实发金额"),
        ),
    ),
    notes=(
        "每笔补贴一行；资金、覆盖地区和起止日期在提交时统一填写。",
        "一份摘录只含一种资金发放的补贴，并应包含覆盖地区、覆盖期间内的全部补贴。",
    ),
    # A list that was tried against the rules has them.
    beside=("姓名", "发证日期"),
)


def _kind(text: str, day: Day) -> str:
    kinds = {label: str(code) for code, label in ClaimKind.choices}
    if text not in kinds:
        raise Wrong(f"应填{'或'.join(kinds)}")
    return kinds[text]


def _certificate(text: str, day: Day) -> str:
    if len(text) > 3 and text.isascii() and text.isalnum() and text[-1].isdigit():
        return text.upper()
    return "" if says_nothing(text) else certificate_number(text).replace("\\", "\\\\")


def _amount(text: str, day: Day) -> str:
    try:
        paid = Decimal(narrow(text).replace(",", "").removesuffix("元"))
    except InvalidOperation as error:
        raise Wrong("应为金额") from error
    if not paid.is_finite() or not 0 <= paid <= _MOST_PAID or paid != paid.quantize(Decimal("0.01")):
        raise Wrong("金额应在0至1,000,000元之间，最多两位小数")
    return str(paid)


# The claim that is recorded of the same level of the same occupation, under any record of the person: of several the
# one that says the same.
_FOUND = f"""
CREATE TEMPORARY TABLE extract_found ON COMMIT DROP AS
SELECT DISTINCT ON (r.line) r.*, p.worker_id, c.id AS record_id, c.extract_id, c.claimed_on AS recorded_on,
       c.claimed_on = r.claimed_on AND (c.extract_id IS NULL OR (c.certificate_number, c.amount, c.fund)
           IS NOT DISTINCT FROM (r.certificate, r.amount, %(fund)s)) AS says_so
FROM extract_row r JOIN extract_person p USING (line)
LEFT JOIN (
    SELECT coalesce(m.target_id, c.worker_id) AS person, {folded_occupation("c.occupation")} AS folded, c.*
    FROM workforce_benefitclaim c LEFT JOIN workforce_mergedperson m ON m.source_id = c.worker_id
) c ON (c.person, c.kind, c.folded, c.level) = (p.worker_id, r.kind, r.folded, r.level)
ORDER BY r.line, says_so DESC NULLS LAST, c.id
"""
_WRITTEN_BY_HAND = """
INSERT INTO extract_refusal
SELECT line, '与登记内容不一致：申领日期登记为' || recorded_on || '，摘录为' || claimed_on
             || '。登记有误的，请在人员档案中更正，由另一人确认后重新提交。', false
FROM extract_found WHERE record_id IS NOT NULL AND extract_id IS NULL AND NOT says_so
"""
_COMPARE = """
SELECT line, worker_id, record_id,
       CASE WHEN record_id IS NULL THEN 'new' WHEN says_so THEN 'same' ELSE 'changed' END
FROM extract_found
"""
_ADD = """
INSERT INTO workforce_benefitclaim
    (worker_id, kind, occupation, level, certificate_number, claimed_on, amount, fund, extract_id, source, recorded_at)
SELECT f.worker_id, f.kind, f.occupation, f.level, f.certificate, f.claimed_on, f.amount, %(fund)s, %(extract)s,
       %(source)s, now()
FROM extract_found f JOIN extract_step s USING (line) WHERE s.what = 'new'
"""
_CHANGE = """
UPDATE workforce_benefitclaim c
SET claimed_on = f.claimed_on, certificate_number = f.certificate, amount = f.amount, fund = %(fund)s,
    extract_id = %(extract)s, source = %(source)s, recorded_by_id = NULL, recorded_at = now()
FROM extract_found f JOIN extract_step s USING (line)
WHERE s.what = 'changed' AND c.id = f.record_id
"""
CLAIMS = ExtractKind(
    code=Extracted.CLAIMS,
    form=FORM,
    register="失业保险技能提升补贴发放台账",
    staged={
        "kind": Staged("text", _kind),
        "occupation": Staged("text", occupation),
        "level": Staged("smallint", level),
        "certificate": Staged("text", _certificate, blank=""),
        "claimed_on": Staged("date", day_by),
        "amount": Staged("numeric(10,2)", _amount),
    },
    drawn={"folded": f"text GENERATED ALWAYS AS ({folded_occupation('occupation')}) STORED"},
    key=("r.kind", "r.folded", "r.level"),
    matter="补贴种类、职业工种和等级",
    prepare=(_FOUND, "ANALYZE extract_found"),
    refuse=(_WRITTEN_BY_HAND,),
    compare=_COMPARE,
    write=(_ADD, _CHANGE),
    of_fund=True,
)
