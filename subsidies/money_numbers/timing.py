"""How long it takes from the first hand-in of a claim to the account, and why payments come back.

Counted are calendar days of what the bank confirmed in the time asked: half of the claims took no longer than the median,
nine of ten no longer than the ninth decile.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from portal.funds.models import Cause, Fund
from portal.funds.money import yuan
from portal.regions.models import Region
from subsidies.money_numbers.asking import PLACES, Asked, Column, Laid, days


class By(models.TextChoices):
    """How claims are put together."""

    LEAGUE = "league", "按盟市"
    FUND = "fund", "按资金"
    MONTH = "month", "按月份"


_KEYS: dict[str, str] = {By.LEAGUE: "league_code", By.FUND: "fund", By.MONTH: "to_char(paid_on, 'YYYY-MM')"}
_TIMING = f"""
WITH settled AS (
    SELECT s.payable_id, max(s.at) AS at FROM funds_transfer s
    WHERE s.move = 'settle' AND s.at >= %(first)s::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND s.at < %(after)s::timestamp AT TIME ZONE 'Asia/Shanghai'
    GROUP BY s.payable_id
), went AS (
    SELECT cl.fund, c.league_code, cl.handed_in_on,
           (s.at AT TIME ZONE 'Asia/Shanghai')::date AS paid_on,
           (min(t.at) FILTER (WHERE t.move = 'reserve') AT TIME ZONE 'Asia/Shanghai')::date AS reserved_on,
           (min(t.at) FILTER (WHERE t.move = 'send') AT TIME ZONE 'Asia/Shanghai')::date AS sent_on
    FROM settled s JOIN funds_payable p ON p.id = s.payable_id AND p.bucket = 'paid'
    JOIN subsidies_claim cl ON cl.case_id = p.case_id JOIN cases_case c ON c.id = cl.case_id
    JOIN funds_transfer t ON t.payable_id = p.id
    WHERE {PLACES}
    GROUP BY p.id, cl.case_id, c.id, s.at
)
SELECT {{key}} AS key, count(*),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY paid_on - handed_in_on),
       percentile_cont(0.9) WITHIN GROUP (ORDER BY paid_on - handed_in_on),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY reserved_on - handed_in_on),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY sent_on - reserved_on),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY paid_on - sent_on),
       max(paid_on - handed_in_on)
FROM went GROUP BY GROUPING SETS ((1), ()) ORDER BY 1 NULLS LAST
"""  # noqa: S608  names of columns
# A cause that two officers explained is one, however the bank words it.
_RETURNED = f"""
SELECT coalesce(ct.cause, '') AS cause, CASE WHEN ct.cause IS NULL THEN r.words ELSE '' END AS words,
       count(*), sum(r.amount)::bigint,
       count(*) FILTER (WHERE p.bucket = 'paid'), count(*) FILTER (WHERE p.bucket = 'committed')
FROM funds_transfer t JOIN funds_bankrow r ON r.id = t.bank_row_id
JOIN funds_payable p ON p.id = t.payable_id
JOIN subsidies_claim cl ON cl.case_id = p.case_id JOIN cases_case c ON c.id = cl.case_id
LEFT JOIN funds_causetext ct ON ct.words = r.words AND ct.confirmed_at IS NOT NULL
WHERE t.move IN ('bounce', 'late_return') AND t.at >= %(first)s::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND t.at < %(after)s::timestamp AT TIME ZONE 'Asia/Shanghai' AND {PLACES}
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""  # noqa: S608  names of columns


def timing(asked: Asked, by: By) -> Laid:
    """Days from the first hand-in to the account, by league, fund or month in which it was paid."""
    columns = (
        Column(by.label.removeprefix("按")),
        Column("到账笔数", True),
        Column("中位天数", True),
        Column("九成不超过", True),
        Column("其中提交至预留", True),
        Column("预留至发送", True),
        Column("发送至到账", True),
        Column("最长", True),
    )
    names = _names(by)
    rows, total = [], []
    for key, count, *spans in asked.rows(_TIMING.format(key=_KEYS[by])):
        cells = [names.get(key, key), count, *map(days, spans)]
        if key is None:
            total = ["合计", *cells[1:]] if count else []
        else:
            rows.append(cells)
    return Laid(
        "timing",
        f"从提交到到账的天数（{by.label}）",
        "自首次提交至银行确认到账的日历日，计入所选时间内到账的申请。各段为中位数，相加不一定等于合计。",
        columns,
        rows,
        total,
        nothing="所选时间内没有到账的补贴。",
    )


def _names(by: By) -> dict[Any, str]:
    if by == By.LEAGUE:
        return dict(Region.objects.leagues().values_list("pk", "name"))
    if by == By.FUND:
        return dict(Fund.objects.values_list("code", "name"))
    return {}


def chart_of(laid: Laid) -> dict[str, Any]:
    """The median and the ninth decile of each row."""
    series = []
    for place, name, colour in ((2, "中位天数", "--action"), (3, "九成不超过", "--action-line")):
        values = [0 if row[place] == "—" else float(row[place]) for row in laid.rows]
        series.append({"name": name, "colour": colour, "values": values})
    return {"names": [str(row[0]) for row in laid.rows], "series": series}


def returns(asked: Asked) -> Laid:
    """Why payments came back, and what became of them."""
    rows = []
    for cause, words, count, amount, paid, waiting in asked.rows(_RETURNED):
        said = Cause(cause).label if cause else f"银行说明：{words}" if words else "银行未说明原因"
        rows.append([said, count, yuan(amount), paid, waiting])
    sums = [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)]
    return Laid(
        "returns",
        "退回原因",
        "计入所选时间内银行退回的付款，同一笔多次退回的分别计入。未登记对照的按银行说明列出。",
        (
            Column("原因"),
            Column("退回笔数", True),
            Column("金额（元）", True),
            Column("现已付成", True),
            Column("待重新支付", True),
        ),
        rows,
        ["合计", *sums] if rows else [],
        nothing="所选时间内没有退回的付款。",
    )
