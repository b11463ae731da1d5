"""What officers are shown of the subsidies: how much had to be typed, how long until people were told, what ended
unclaimed; by league and all together, each in one statement over the register.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from portal.accounts.access import scope
from portal.regions.models import Region
from subsidies.schemes import SCHEMES

PERMISSION = "claim.shares"
# What can be claimed at any time is told of certificates of decades ago: how long that took says nothing.
_WITH_A_PERIOD = [scheme.benefit for scheme in SCHEMES.values() if scheme.window]
_PLACES = "(%(whole)s OR {league} = ANY (%(leagues)s) OR {banner} = ANY (%(banners)s))"
_CLAIMS = f"""
SELECT c.league_code, count(*) AS claims, count(*) FILTER (WHERE p.prefilled) AS untyped,
       round(100.0 * count(*) FILTER (WHERE p.prefilled) / nullif(count(*), 0), 1) AS share
FROM subsidies_claim p JOIN cases_case c ON c.id = p.case_id
WHERE p.handed_in_on BETWEEN %(first)s AND %(last)s
  AND {_PLACES.format(league="c.league_code", banner="c.region_id")}
GROUP BY GROUPING SETS ((c.league_code), ())
ORDER BY 1 NULLS LAST
"""  # noqa: S608  names of columns
# Told: at the window, on their own page, or by the letter that warns of the last day, whichever came first.
_TOLD = f"""
SELECT league_code, count(*) AS told, percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS median,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY days) AS nine_tenths, max(days) AS longest
FROM (
    SELECT o.league_code, t.told_on, t.told_on - c.issued_on AS days
    FROM entitlements_offer o JOIN workforce_skillcredential c ON c.id = o.subject_id
    LEFT JOIN subsidies_lastday d ON d.offer_id = o.id
    CROSS JOIN LATERAL (
        SELECT LEAST((o.notified_at AT TIME ZONE 'Asia/Shanghai')::date, d.warned_60_on, d.warned_14_on) AS told_on
    ) t
    WHERE o.subject_type = 'certificate' AND o.benefit = ANY (%(benefits)s) AND c.issued_on IS NOT NULL
      AND {_PLACES.format(league="o.league_code", banner="o.region_id")}
) answered
WHERE told_on BETWEEN %(first)s AND %(last)s AND days >= 0
GROUP BY GROUPING SETS ((league_code), ())
ORDER BY 1 NULLS LAST
"""  # noqa: S608  names of columns
_MISSED = f"""
SELECT d.league_code, count(*) AS missed,
       count(*) FILTER (WHERE d.warned_60_on IS NOT NULL OR d.warned_14_on IS NOT NULL) AS warned
FROM subsidies_lastday d
WHERE d.missed_on IS NOT NULL AND d.day BETWEEN %(first)s AND %(last)s
  AND {_PLACES.format(league="d.league_code", banner="d.region_id")}
GROUP BY GROUPING SETS ((d.league_code), ())
ORDER BY 1 NULLS LAST
"""  # noqa: S608  names of columns


@dataclass(frozen=True)
class Table:
    """The numbers of each league, by its name, and of all together; of nothing there are none."""

    rows: list[dict[str, Any]]
    total: dict[str, Any]

    def series(self, column: str, name: str) -> dict[str, Any]:
        """One column for the chart beside the table."""
        values = [float(row[column] or 0) for row in self.rows]
        one = {"name": name, "colour": "--action", "values": values}
        return {"names": [row["name"] for row in self.rows], "series": [one]}


def untyped(user: Any, year: int) -> Table:
    """Of the claims handed in in a year how many needed nothing typed: the worker agreed, all was verified."""
    return _table(_CLAIMS, user, year)


def told(user: Any, year: int) -> Table:
    """Calendar days from a certificate to its holder being told of the subsidy, of those told in a year."""
    return _table(_TOLD, user, year)


def missed(user: Any, year: int) -> Table:
    """Entitlements whose last day lay in a year and that nobody claimed, and of how many the person was warned."""
    return _table(_MISSED, user, year)


def _rounded(value: Any) -> Any:
    """A share or a number of days to one place, and whole where it is."""
    if not isinstance(value, float | Decimal):
        return value
    return int(value) if value == int(value) else round(float(value), 1)


def _table(sql: str, user: Any, year: int) -> Table:
    where = scope(user, PERMISSION)
    asked: dict[str, Any] = {
        "whole": where.whole,
        "leagues": sorted(where.leagues),
        "banners": sorted(where.banners),
        "first": f"{year}-01-01",
        "last": f"{year}-12-31",
        "benefits": _WITH_A_PERIOD,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        columns = [column.name for column in cursor.description or ()]
        found = [dict(zip(columns, map(_rounded, row), strict=True)) for row in cursor.fetchall()]
    names = dict(Region.objects.leagues().values_list("pk", "name"))
    rows = [row | {"name": names.get(row["league_code"], "")} for row in found if row["league_code"]]
    # Without a single row there is still the sum of nothing.
    total = next((row for row in found if row["league_code"] is None), {})
    return Table(rows, total if rows else {})
