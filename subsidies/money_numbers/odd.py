"""What looks odd among claims that money was decided for: a sign to look at, never a finding.

One account of several people; many claims of one unit within a week; many certificates of one day whose numbers differ in
their last four signs only; who was paid out of two funds; and who had drawn money for the same elsewhere before.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from portal.funds.models import Fund
from portal.funds.money import yuan
from portal.workforce.models import Employer, PayeeAccount
from portal.workforce.models.facts import ClaimKind
from subsidies.money_numbers.asking import PERSON, PLACES, Asked, Column, Laid, Link

# So many of each are shown, the most telling first.
MOST, _CASES = 200, 5
_DECIDED = f"""
decided AS (
    SELECT cl.case_id, cl.worker_id, {PERSON} AS person, cl.fund, cl.handed_in_on, c.number, c.region_id,
           cl.credential_id, cl.training_id, cl.account_id, p.id AS payable, p.amount, p.bucket
    FROM subsidies_claim cl JOIN cases_case c ON c.id = cl.case_id
    JOIN funds_payable p ON p.case_id = cl.case_id AND NOT (p.bucket = 'available' AND p.moves > 0)
    WHERE {PLACES} AND cl.handed_in_on BETWEEN %(first)s AND %(last)s
)
"""  # noqa: S608  names of columns
_NUMBERS = f"(array_agg(d.number ORDER BY d.handed_in_on DESC, d.number))[1:{_CASES}]"
_SHARED_ACCOUNT = f"""
WITH {_DECIDED}, paid_to AS (
    SELECT d.*, a.id AS account, a.account_digest FROM decided d
    JOIN workforce_payeeaccount a ON a.worker_id = d.worker_id AND a.state IN ('confirmed', 'proposed')
)
SELECT min(d.account), count(DISTINCT d.person), count(DISTINCT d.case_id), {_NUMBERS}
FROM paid_to d GROUP BY d.account_digest HAVING count(DISTINCT d.person) > 1
ORDER BY 2 DESC, 1 LIMIT {MOST}
"""  # noqa: S608  names of columns
_BURST = f"""
WITH {_DECIDED}, of_unit AS (
    SELECT d.*, w.employer_id FROM decided d JOIN workforce_worker w ON w.id = d.worker_id
    WHERE w.employer_id IS NOT NULL
), counted AS (
    SELECT d.employer_id, d.handed_in_on,
           count(*) OVER (PARTITION BY d.employer_id ORDER BY d.handed_in_on
                          RANGE BETWEEN interval '6 days' PRECEDING AND CURRENT ROW) AS claims
    FROM of_unit d
), most AS (
    SELECT DISTINCT ON (employer_id) employer_id, handed_in_on, claims FROM counted
    ORDER BY employer_id, claims DESC, handed_in_on
)
SELECT m.employer_id, m.handed_in_on - 6, m.handed_in_on, m.claims, {_NUMBERS}
FROM most m JOIN of_unit d ON d.employer_id = m.employer_id
    AND d.handed_in_on BETWEEN m.handed_in_on - 6 AND m.handed_in_on
WHERE m.claims >= %(least)s GROUP BY 1, 2, 3, 4 ORDER BY 4 DESC, 1 LIMIT {MOST}
"""  # noqa: S608  names of columns
_PREFIX = f"""
WITH {_DECIDED}
SELECT left(k.number, -4), k.issued_on, count(*), count(DISTINCT d.person), {_NUMBERS}
FROM decided d JOIN workforce_skillcredential k ON k.id = d.credential_id
WHERE length(k.number) > 8 AND k.issued_on IS NOT NULL
GROUP BY 1, 2 HAVING count(*) >= %(least)s ORDER BY 3 DESC, 1, 2 LIMIT {MOST}
"""  # noqa: S608  names of columns
_TWICE = f"""
WITH {_DECIDED}, about AS (
    SELECT d.*, coalesce(k.certificate, '') AS certificate, l.occupation, l.level,
           coalesce(s.occupation, t.occupation) AS said
    FROM decided d
    LEFT JOIN subsidies_claimkey k ON k.claim_id = d.case_id AND k.kind = 'certificate' AND k.freed_at IS NULL
    LEFT JOIN subsidies_claimkey l ON l.claim_id = d.case_id AND l.kind = 'level' AND l.freed_at IS NULL
    LEFT JOIN workforce_skillcredential s ON s.id = d.credential_id
    LEFT JOIN subsidies_completedtraining t ON t.id = d.training_id
)
SELECT CASE WHEN a.certificate <> '' AND a.certificate = b.certificate THEN 1
            WHEN (a.occupation, a.level) = (b.occupation, b.level) THEN 2 ELSE 3 END AS kind,
       a.number, a.fund, a.payable, a.amount, b.number, b.fund, b.payable, b.amount, w.name, a.said, b.said
FROM about a JOIN about b ON b.person = a.person AND b.fund > a.fund
JOIN workforce_worker w ON w.id = a.person
ORDER BY 1, a.handed_in_on DESC, a.number, b.number LIMIT {MOST}
"""  # noqa: S608  names of columns
_EARLIER = f"""
WITH {_DECIDED}, about AS (
    SELECT d.*, coalesce(k.certificate, '') AS certificate, l.occupation, l.level,
           coalesce(s.occupation, t.occupation) AS said
    FROM decided d
    LEFT JOIN subsidies_claimkey k ON k.claim_id = d.case_id AND k.kind = 'certificate' AND k.freed_at IS NULL
    LEFT JOIN subsidies_claimkey l ON l.claim_id = d.case_id AND l.kind = 'level' AND l.freed_at IS NULL
    LEFT JOIN workforce_skillcredential s ON s.id = d.credential_id
    LEFT JOIN subsidies_completedtraining t ON t.id = d.training_id
), person AS (
    SELECT DISTINCT a.person, a.person AS record FROM about a
    UNION SELECT m.target_id, m.source_id FROM workforce_mergedperson m WHERE m.target_id IN (SELECT person FROM about)
)
SELECT CASE WHEN a.certificate <> '' AND a.certificate = e.certificate_number THEN 1 ELSE 2 END AS kind,
       a.number, a.fund, a.payable, a.amount, e.claimed_on, e.kind, e.fund, e.source, e.amount, w.name, a.said
FROM about a
JOIN person p ON p.person = a.person
JOIN workforce_benefitclaim e ON e.worker_id = p.record
JOIN workforce_worker w ON w.id = a.person
WHERE NOT EXISTS (SELECT FROM subsidies_claim own WHERE own.record_id = e.id)
  AND ((a.certificate <> '' AND a.certificate = e.certificate_number)
       OR (a.occupation, a.level) = (workforce_occupation_folded(e.occupation), e.level))
ORDER BY 1, a.handed_in_on DESC, a.number, e.id LIMIT {MOST}
"""  # noqa: S608  names of columns
_KINDS = {1: "同一证书", 2: "同一职业（工种）同一等级", 3: "同一人，职业或等级不同"}


def _cases(numbers: list[str]) -> list[Link]:
    return [Link(number, reverse("window:case", args=[number])) for number in numbers]


def shared_accounts(asked: Asked) -> Laid:
    """Accounts in use that more than one person is paid on; of the number only the ending is shown."""
    found = asked.rows(_SHARED_ACCOUNT)
    accounts = PayeeAccount.objects.in_bulk([row[0] for row in found])
    return Laid(
        "accounts",
        "多人使用同一收款账户",
        "在用（含待复核）的收款账户相同、不是同一人的。",
        (Column("收款账户"), Column("人数", True), Column("申请", True), Column("办件")),
        [[str(accounts[number]), people, claims, _cases(cases)] for number, people, claims, cases in found],
    )


def bursts(asked: Asked) -> Laid:
    """The seven days in which most was claimed of each unit, from so many claims on."""
    found = asked.rows(_BURST)
    units = Employer.objects.in_bulk([row[0] for row in found])
    return Laid(
        "bursts",
        "单位集中申请",
        f"同一用人单位七日内提交{asked.least}件以上的，每个单位列出最多的七日。",
        (Column("用人单位"), Column("自"), Column("至"), Column("件数", True), Column("办件")),
        [
            [str(units[unit]), f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}", claims, _cases(cases)]
            for unit, first, last, claims, cases in found
        ],
    )


def prefixes(asked: Asked) -> Laid:
    """Certificates of one day whose numbers begin alike."""
    return Laid(
        "prefixes",
        "证书编号相近",
        f"同一天核发、编号除末四位外相同，{asked.least}件以上的。",
        (
            Column("编号前部"),
            Column("发证日期"),
            Column("件数", True),
            Column("人数", True),
            Column("办件"),
        ),
        [
            [f"{prefix}****", f"{issued:%Y-%m-%d}", claims, people, _cases(cases)]
            for prefix, issued, claims, people, cases in asked.rows(_PREFIX)
        ],
    )


def twice(asked: Asked) -> Laid:
    """Who money of two funds was decided for; by the same certificate, the same level, or otherwise."""
    funds = dict(Fund.objects.values_list("code", "name"))

    def payment(said: str, number: str, fund: str, payable: int, amount: int) -> list[Any]:
        where = reverse("window:fund_payment", args=[payable])
        return [Link(f"{number} {funds[fund]} {said}", where), yuan(amount)]

    rows = []
    for kind, *first_and_second, name, said, other in asked.rows(_TWICE):
        first, second = first_and_second[:4], first_and_second[4:]
        rows.append([_KINDS[kind], _masked(name), *payment(said, *first), *payment(other, *second)])
    return Laid(
        "twice",
        "两项资金重复",
        "同一人（含已并入的档案）从两项资金取得补贴的。同一证书、同一职业同一等级的不应重复享受，请核查。",
        (
            Column("情形"),
            Column("姓名"),
            Column("一笔"),
            Column("金额（元）", True),
            Column("另一笔"),
            Column("金额（元）", True),
        ),
        rows,
    )


def earlier(asked: Asked) -> Laid:
    """Who had drawn money for the same elsewhere, as registers say that were taken in, or somebody wrote down."""
    funds = dict(Fund.objects.values_list("code", "name"))
    rows = []
    for kind, number, fund, payable, amount, day, drawn, of_fund, source, sum_, name, said in asked.rows(
        _EARLIER
    ):
        here = Link(f"{number} {funds[fund]} {said}", reverse("window:fund_payment", args=[payable]))
        before = f"{day:%Y-%m-%d} {funds.get(of_fund) or ClaimKind(drawn).label}（{source}）"
        rows.append([_KINDS[kind], _masked(name), here, yuan(amount), before, "" if sum_ is None else sum_])
    return Laid(
        "earlier",
        "以往已在别处享受",
        "登记库摘录或者登记信息中，同一人此前已就同一证书、同一职业同一等级取得补贴的，请核查。",
        (
            Column("情形"),
            Column("姓名"),
            Column("本系统批准"),
            Column("金额（元）", True),
            Column("以往补贴"),
            Column("金额（元）", True),
        ),
        rows,
    )


def _masked(name: str) -> str:
    """A name as a list shows it: the family name, and how many signs follow."""
    return name[:1] + "*" * max(len(name) - 1, 1)
