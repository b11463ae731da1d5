"""The annual selection over the whole register: everybody assessed, recommended nominees ranked, database to
database.

The baseline is OpenFisca-Core 46 on the same rules, scheme and people in the same run
(bench/openfisca_baseline.py); every result is compared, person by person. With --large the register then
grows to 3,000,000 people, and the time may grow 1.6 × as fast.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.db import connection

from bench.register import grow, nominate, owner
from portal.accounts.models import RoleAssignment, User
from portal.cases.actions import NewCase, open_cases, transition
from talent_registry.models import Nomination, Quota, QuotaKind, SelectionRound
from talent_registry.selection.assessment import assess
from talent_registry.selection.listing import draw_up
from talent_registry.selection.ranking import Candidate, draw, rank
from talent_registry.selection.scheme import SAMPLE
from talent_registry.selection.verifying import verify
from talent_registry.selection.workflow import ROUND

AS_OF = date(2026, 10, 31)
ON = date(2026, 11, 2)
YEAR = 2026
RATIO_LIMIT, GROWTH_LIMIT = 1.0, 1.6


def _seconds(call: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def _round(officer: Any, nominees: int) -> SelectionRound:
    """Open, with places for a fifth of the nominees and quotas that bite."""
    (case,) = open_cases(
        ROUND, [NewCase(region_id="150000", worker_id=None, subject="遴选")], by=officer, on=ON
    )
    places = max(nominees // 5, 1)
    made = SelectionRound.objects.create(
        case=case,
        year=YEAR,
        title="遴选",
        opens_on=ON,
        nominations_until=ON,
        panel_until=ON,
        recommend_until=ON,
        as_of=AS_OF,
        scheme=SAMPLE.data(),
        places=places,
        notice_working_days=5,
    )
    Quota.objects.bulk_create(
        [
            Quota(round=made, kind=QuotaKind.LEAGUE, key=f"15{n:02d}00", places=places // 8)
            for n in range(1, 10)
        ]
        + [
            Quota(round=made, kind=QuotaKind.INDUSTRY, key=chr(65 + n), places=places // 12)
            for n in range(20)
        ]
    )
    with transition(case.pk, "open", by=officer, on=ON):
        pass
    return SelectionRound.objects.get(pk=case.pk)


def _forget() -> None:
    """What was written before goes by the quick way, so that every measurement writes into an empty table."""
    with owner(autocommit=True) as run:
        run.execute("TRUNCATE talent_registry_assessment, baseline")


def _measure(round_: SelectionRound, officer: Any, repeats: int) -> tuple[float, float]:
    """Median seconds of (ours, baseline), taken in turns."""
    from bench import openfisca_baseline as baseline

    ours, theirs = [], []
    for _ in range(repeats):
        _forget()
        ours.append(_seconds(lambda: assess(round_, trial=True, by=officer, on=ON)))
        theirs.append(_seconds(partial(baseline.assess, round_.runs.latest("number"), SAMPLE)))
    print(f"  ours      {' '.join(f'{one:.2f}' for one in ours)} s")
    print(f"  OpenFisca {' '.join(f'{one:.2f}' for one in theirs)} s")
    return statistics.median(ours), statistics.median(theirs)


def _differences() -> int:
    """People whose result is not the same in both tables."""
    columns = (
        "region_code",
        "league_code",
        "honour_bits",
        "achievement_bits",
        "failed",
        "unknown",
        "skill",
        "achievement",
        "contribution",
        "front_line",
        "score",
        "on_registry",
    )
    same = " AND ".join(f"a.{name} = b.{name}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*) FROM talent_registry_assessment a FULL JOIN baseline b ON b.worker_id = a.worker_id
            WHERE ({same} AND coalesce(a.place, -1) = b.place
                   AND a.outcome = (ARRAY['ineligible', 'eligible', 'undetermined'])[b.outcome + 1]) IS NOT TRUE
            """
        )
        return int(cursor.fetchone()[0])


def _rank(round_: SelectionRound, officer: Any) -> tuple[float, float, int]:
    """Seconds to draw the list up, seconds of the bare function on what the baseline has, and positions that
    differ.
    """
    for action in ("assess", "recommend", "rank"):
        with transition(round_.pk, action, by=officer, on=ON):
            pass
    begin = time.perf_counter()
    made = draw_up(round_, by=officer, on=ON, reason="排序")
    ours = time.perf_counter() - begin
    begin = time.perf_counter()
    with connection.cursor() as cursor:
        # Of the nominees alone, as ours are read: not of everybody who could have been one.
        cursor.execute(
            "SELECT worker_id, skill, achievement, contribution, front_line FROM baseline "
            "WHERE worker_id IN (SELECT worker_id FROM talent_registry_nomination WHERE round_id = %s)",
            [round_.pk],
        )
        parts = {
            row[0]: dict(zip(("skill", "achievement", "contribution", "front_line"), row[1:], strict=True))
            for row in cursor
        }
    candidates = [
        Candidate(
            key=one.pk,
            league=one.case.league_code,
            industry=one.industry,
            parts=parts[one.worker_id] | {"panel": one.panel_score or 0},
            draw=draw(YEAR, bytes(one.worker.id_digest)),
        )
        for one in Nomination.objects.filter(round=round_)
        .select_related("case", "worker")
        .defer("worker__id_number", "worker__phone")
    ]
    placed = rank(
        candidates, places=made.places, leagues=made.quotas["league"], industries=made.quotas["industry"]
    )
    theirs = time.perf_counter() - begin
    listed = {
        row[0]: row[1:] for row in made.nominees.values_list("nomination_id", "position", "selected", "score")
    }
    return (
        ours,
        theirs,
        sum((one.position, one.selected, one.total) != listed[one.candidate.key] for one in placed),
    )


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench selection")
    parser.add_argument("--workers", type=int, default=650_000)
    parser.add_argument("--nominees", type=int, default=2_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--large", type=int, nargs="?", const=3_000_000, default=0, help="then grow to so many (3,000,000)"
    )
    asked = parser.parse_args(argv)
    from bench import openfisca_baseline as baseline

    officer = User.objects.create_user("bench.registry", display_name="测试")
    RoleAssignment.objects.create(user=officer, role="registry_officer", region_id="150000")
    print(f"{asked.workers:,} workers with their records in {_seconds(lambda: grow(1, asked.workers)):.0f} s")
    round_ = _round(officer, asked.nominees)
    baseline.prepare()
    print(f"assessment of {asked.workers:,}")
    ours, theirs = _measure(round_, officer, asked.repeats)
    differ = _differences()
    run = round_.runs.latest("number")
    again = _seconds(lambda: assess(round_, trial=True, by=officer, on=ON))
    print(
        f"  {run.eligible:,} of {run.assessed:,} eligible; {differ} results differ; once more over its own rows {again:.2f} s"
    )
    growth = 0.0
    if asked.large > asked.workers:
        print(f"grown to {asked.large:,} in {_seconds(lambda: grow(asked.workers + 1, asked.large)):.0f} s")
        large, large_theirs = _measure(round_, officer, asked.repeats)
        differ += _differences()
        growth = large / ours / (asked.large / asked.workers)
        print(
            f"assessment of {asked.large:,}: {large:.2f} s, OpenFisca {large_theirs:.2f} s; {growth:.2f} × linear (limit {GROWTH_LIMIT})"
        )
    nominate(round_.pk, asked.nominees)
    listed, bare, moved = _rank(round_, officer)
    checked = time.perf_counter()
    unlike = verify(round_)
    print(
        f"ranking of {asked.nominees:,} nominees {listed:.2f} s with facts read again and frozen; from the baseline's rows {bare:.2f} s,"
        f" written nowhere; {moved} positions differ; derived again in {time.perf_counter() - checked:.2f} s"
    )
    ratio = (ours + listed) / (theirs + bare)
    print(
        f"\nassessment and ranking: {ours + listed:.2f} s, OpenFisca {theirs + bare:.2f} s, ratio {ratio:.2f} (limit {RATIO_LIMIT});"
        f" of the assessment alone {ours / theirs:.2f}"
    )
    good = not differ and not moved and not unlike and ratio <= RATIO_LIMIT and growth <= GROWTH_LIMIT
    return 0 if good else 1
