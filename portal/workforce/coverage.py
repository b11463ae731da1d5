"""What is known of earlier claims: of which place and fund, from which day until which, and about whom.

Whoever has no earlier claim in the register has drawn none only where the register knows all of them: where an extract
of those who paid covers the time, or since all are decided in this portal. Elsewhere it is not known. The relation of
facts (portal.workforce.facts) asks here; the rule is written down in docs/decisions/27-coverage-of-claims.md.
"""

# ruff: noqa: S608 - text is put together from names of columns and tables, and days
from __future__ import annotations

from datetime import date, datetime

from portal.workforce.models import Arrival, DecidedHere, FigureAge, RegisterExtract

# Skill upgrade subsidies are paid since: nothing was claimed before.
CLAIMS_BEGAN = date(2017, 1, 1)
UPGRADE_FUND, TRAINING_FUND = "unemployment_insurance_fund", "employment_subsidy_fund"
_EXTRACTS, _DECIDED = RegisterExtract._meta.db_table, DecidedHere._meta.db_table
_AGES, _ARRIVALS = FigureAge._meta.db_table, Arrival._meta.db_table

# Each with whom it says something of: who came later did not stand in the register when the extract was taken in.
_GIVEN = f"""
SELECT place_id, fund, daterange(covers_from, covers_until, '[]') AS held, people_until
FROM {_EXTRACTS}
WHERE kind = 'claims' AND merged_at IS NOT NULL AND refused = elsewhere AND withdrawn_at IS NULL
UNION ALL
SELECT place_id, fund, daterange(since, until, '[]'), 'infinity' FROM {_DECIDED} WHERE confirmed_at IS NOT NULL
"""
# The last day that has to be covered lies so many days back, and the first one is never after it: of a year that has
# just begun the last days before count.
_NEEDED = f"""
SELECT daterange(least(DATE '{CLAIMS_BEGAN}', last), last, '[]') AS ever,
       daterange(least({{new_year}}, last), last, '[]') AS this_year
FROM (SELECT {{on}} - coalesce((
          SELECT days FROM {_AGES} WHERE what = 'claims' AND since <= {{on}} ORDER BY since DESC LIMIT 1
      ), 0) AS last) AS reach
"""
# A row for each place of which something is covered: until when somebody must have come there to be known of.
_COVERED = f"""
SELECT place,
       max(people_until) FILTER (WHERE fund = '{UPGRADE_FUND}' AND held @> ever) AS ever,
       max(people_until) FILTER (WHERE fund = '{UPGRADE_FUND}' AND held @> this_year) AS this_year,
       max(people_until) FILTER (WHERE fund = '{TRAINING_FUND}' AND held @> ever) AS training
FROM (
    SELECT p.code AS place, g.fund, g.people_until,
           range_agg(g.held) OVER (PARTITION BY p.code, g.fund ORDER BY g.people_until DESC) AS held
    FROM ({{places}}) AS p(code)
    JOIN ({_GIVEN}{{besides}}) AS g ON g.place_id IN (p.code, left(p.code, 4) || '00', left(p.code, 2) || '0000')
) AS given, ({_NEEDED}) AS needed
GROUP BY place
"""
_EVERYWHERE = "SELECT code FROM regions_region"
_ARRIVED = "greatest(w.created_at, arrival.at)"
# Of somebody whose records were merged: also when each of them came, and when they became one.
_ARRIVED_MERGED = f"""greatest({_ARRIVED}, (
    SELECT max(greatest(o.created_at, a.at, p.decided_at))
    FROM workforce_mergedperson m
    JOIN public.workforce_worker o ON o.id = m.source_id
    LEFT JOIN {_ARRIVALS} a ON a.worker_id = o.id
    LEFT JOIN workforce_personpointer p ON p.source_id = o.id AND p.state = 'confirmed'
    WHERE m.target_id = w.id
))"""
# Joined to the workers `w` of the relation, whose first text is `covered_places`.
JOIN = f"""
LEFT JOIN claims_covered covered ON covered.place = w.work_region_id
LEFT JOIN {_ARRIVALS} arrival ON arrival.worker_id = w.id
"""


def covered_places(on: str, new_year: str, *, of: str = "", besides: str = "") -> str:
    """SQL of what is covered on a day, to stand behind WITH; `of` narrows it to the places of some workers.
    `besides` is a query of what is covered in addition: place_id, fund, held (days), people_until.
    """
    places = f"SELECT DISTINCT work_region_id FROM public.workforce_worker w {of}" if of else _EVERYWHERE
    added = f" UNION ALL {besides}" if besides else ""
    covered = _COVERED.format(on=on, new_year=new_year, places=places, besides=added)
    return f"claims_covered AS MATERIALIZED ({covered})"


def columns(*, of_merged: bool = False) -> dict[str, str]:
    """How the facts about earlier claims are drawn. What a recorded claim settles by itself is known anywhere."""
    arrived = _ARRIVED_MERGED if of_merged else _ARRIVED
    ever, year, training = (f"{arrived} <= covered.{name}" for name in ("ever", "this_year", "training"))
    listed = "CASE WHEN scarce.worker_id IS NULL THEN 0 WHEN scarce.told THEN scarce.claims END"
    return {
        "claims_this_year": f"CASE WHEN {year} THEN coalesce(claim.this_year, 0) END",
        "scarce_claims_this_year": f"CASE WHEN {year} THEN {listed} END",
        "claimed_same_occupation_level": f"CASE WHEN claim.same THEN true WHEN {ever} THEN false END",
        # A higher level than that of the certificate settles what is asked of it, and more than is recorded may be.
        "highest_level_claimed": (
            f"CASE WHEN {ever} THEN coalesce(claim.highest, 0)::smallint"
            " WHEN claim.highest > certificate.level THEN claim.highest END"
        ),
        "training_subsidy_for_same_certificate": (
            f"CASE WHEN claim.training THEN true WHEN {training} THEN false END"
        ),
    }


def of_one(worker_id: int, on: date) -> str:
    """SQL of what is covered of one person on a day: whether anything is of their place, whether it is of them, and
    the days that would have to be.
    """
    day, new_year, of = f"DATE '{on}'", f"DATE '{on.year}-01-01'", f"WHERE w.id = {int(worker_id)}"
    said = ", ".join(
        f"covered.{name} IS NOT NULL AS {name}_there, ({_ARRIVED_MERGED} <= covered.{name}) IS TRUE AS {name}_known"
        for name in ("ever", "this_year", "training")
    )
    return f"""
WITH {covered_places(day, new_year, of=of)}
SELECT {said}, lower(needed.ever) AS ever, lower(needed.this_year) AS this_year, upper(needed.ever) - 1 AS last
FROM workforce_worker w {JOIN} CROSS JOIN ({_NEEDED.format(on=day, new_year=new_year)}) AS needed
{of}
"""


def turned(on: date, before: date) -> str:
    """SQL of everybody in the places of which more or less is covered `on` a day than on the day `before`."""
    then, now = (
        _COVERED.format(
            on=f"DATE '{day}'", new_year=f"DATE '{day.year}-01-01'", places=_EVERYWHERE, besides=""
        )
        for day in (before, on)
    )
    differ = f"({then}) AS b FULL JOIN ({now}) AS n USING (place)"
    same = "(b.ever, b.this_year, b.training) IS NOT DISTINCT FROM (n.ever, n.this_year, n.training)"
    return f"SELECT id FROM workforce_worker WHERE work_region_id IN (SELECT place FROM {differ} WHERE NOT ({same}))"


def stated_since(moment: datetime) -> str:
    """SQL of everybody in the places about whose coverage something was said since a moment."""
    since = f"changed_at >= TIMESTAMPTZ '{moment.isoformat()}'"
    said = (
        f"SELECT place_id FROM {_EXTRACTS} WHERE kind = 'claims' AND merged_at IS NOT NULL AND {since}"
        f" UNION SELECT place_id FROM {_DECIDED} WHERE confirmed_at IS NOT NULL AND {since}"
        # How far back it may end is the same everywhere.
        f" UNION SELECT place_id FROM ({_GIVEN}) AS g WHERE EXISTS (SELECT FROM {_AGES} WHERE {since})"
    )
    return (
        "SELECT id FROM workforce_worker WHERE work_region_id IN ("
        f"SELECT r.code FROM regions_region r JOIN ({said}) AS c"
        " ON c.place_id IN (r.code, left(r.code, 4) || '00', left(r.code, 2) || '0000'))"
    )
