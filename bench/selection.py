"""The annual selection over the whole register: everybody assessed, recommended nominees ranked.

Measured from database to database: the records of one person in a hundred have changed since everybody's facts
were gathered, and gathering those anew is included. The baseline is OpenFisca-Core 46 on the same rules, scheme
and people in the same run (bench/openfisca_baseline.py). Rows of who meets the conditions are compared one by
one, of all others how many failed in what. With --large the register then grows to 3,000,000 people, and the
time may grow 1.6 × as fast.
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from bench.database import change_confirmed, fetch_value, truncate, vacuum
from bench.register import grow, nominate
from bench.timing import seconds_of, seconds_text
from portal.accounts.models import RoleAssignment, User
from portal.cases.actions import NewCase, open_cases, transition
from talent_registry.models import Nomination, Quota, QuotaKind, SelectionGathering, SelectionRound
from talent_registry.selection.assessment import assess
from talent_registry.selection.gathering import gather
from talent_registry.selection.listing import draw_up
from talent_registry.selection.ranking import Candidate, draw, rank
from talent_registry.selection.register import codes_of_today
from talent_registry.selection.scheme import SAMPLE
from talent_registry.selection.verifying import verify
from talent_registry.selection.workflow import ROUND

AS_OF = date(2026, 10, 31)
ON = date(2026, 11, 2)
YEAR = 2026
RATIO_LIMIT, GROWTH_LIMIT = 0.5, 1.6
_PARTS = ("skill", "achievement", "contribution", "front_line")


def _open_round(officer: Any, nominees: int) -> SelectionRound:
    """Open, with places for a fifth of the nominees and quotas that bite."""
    new_case = NewCase(region_id="150000", worker_id=None, subject="遴选")
    (case,) = open_cases(ROUND, [new_case], by=officer, on=ON)
    places = max(nominees // 5, 1)
    round_ = SelectionRound.objects.create(
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
    quotas = []
    for number in range(1, 10):
        league = f"15{number:02d}00"
        quotas.append(Quota(round=round_, kind=QuotaKind.LEAGUE, key=league, places=places // 8))
    for number in range(20):
        industry = chr(65 + number)
        quotas.append(Quota(round=round_, kind=QuotaKind.INDUSTRY, key=industry, places=places // 12))
    Quota.objects.bulk_create(quotas)
    _move(round_, "open", officer)
    return SelectionRound.objects.get(pk=case.pk)


def _move(round_: SelectionRound, action: str, officer: Any) -> None:
    with transition(round_.pk, action, by=officer, on=ON):
        pass


_CHANGES = """
UPDATE workforce_employment
SET front_line_years = (coalesce(front_line_years, 0) + 7) % 40, recorded_at = now()
WHERE worker_id % 100 = 0 AND ended_on IS NULL
"""


def _change_some() -> None:
    """One in a hundred gets other years on the front line."""
    change_confirmed("workforce_employment", _CHANGES)


def _gather_everybody() -> None:
    took = seconds_of(lambda: gather(AS_OF, codes_of_today()))
    print(f"facts of everybody gathered in {took:.2f} s")
    vacuum("talent_registry_selectionfacts")
    # As on a day on which nothing was written in the last minute.
    SelectionGathering.objects.update(seen_until=timezone.now() + timedelta(minutes=1))


def _measure(round_: SelectionRound, officer: Any, repeats: int) -> tuple[float, float]:
    """Median seconds of (ours, baseline), taken in turns. AssertionError when they count otherwise."""
    from bench import openfisca_baseline as baseline

    ours, theirs = [], []
    counted = []
    for _ in range(repeats):
        truncate("talent_registry_assessment", "baseline")
        _change_some()
        ours.append(seconds_of(lambda: assess(round_, trial=True, by=officer, on=ON)))
        run = round_.runs.latest("number")
        theirs.append(seconds_of(lambda run=run: counted.append(baseline.assess(run, SAMPLE).outcomes)))
        assert counted[-1] == run.outcomes  # noqa: S101
    print(f"  ours      {seconds_text(ours)}")
    print(f"  OpenFisca {seconds_text(theirs)}")
    return statistics.median(ours), statistics.median(theirs)


def _differences() -> int:
    """People who meet the conditions and whose result is not the same in both tables."""
    columns = (
        "region_code",
        "league_code",
        "honour_bits",
        "achievement_bits",
        "failed",
        "unknown",
        *_PARTS,
        "score",
        "on_registry",
    )
    same = " AND ".join(f"a.{name} = b.{name}" for name in columns)
    count = fetch_value(
        f"""
        SELECT count(*) FROM talent_registry_assessment a FULL JOIN baseline b ON b.worker_id = a.worker_id
        WHERE ({same} AND coalesce(a.place, -1) = b.place
               AND a.outcome = (ARRAY['ineligible', 'eligible', 'undetermined'])[b.outcome + 1]) IS NOT TRUE
        """
    )
    return int(count)


@dataclass
class _Ranked:
    """Seconds to draw the list up, seconds of the bare function on the baseline's rows, and what differs."""

    ours: float
    theirs: float
    differing_positions: int


def _rank(round_: SelectionRound, officer: Any) -> _Ranked:
    for action in ("assess", "recommend", "rank"):
        _move(round_, action, officer)
    begin = time.perf_counter()
    made = draw_up(round_, by=officer, on=ON, reason="排序")
    ours = time.perf_counter() - begin
    begin = time.perf_counter()
    candidates = _candidates(round_, _parts_of_baseline(round_))
    placed = rank(
        candidates,
        places=made.places,
        leagues=made.quotas["league"],
        industries=made.quotas["industry"],
    )
    theirs = time.perf_counter() - begin
    listed = {}
    for nomination, *row in made.nominees.values_list("nomination_id", "position", "selected", "score"):
        listed[nomination] = row
    differing = 0
    for place in placed:
        differing += [place.position, place.selected, place.total] != listed[place.candidate.key]
    return _Ranked(ours, theirs, differing)


def _parts_of_baseline(round_: SelectionRound) -> dict[int, dict[str, int]]:
    """Of the nominees alone, as ours are read: not of everybody who could have been one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT worker_id, {', '.join(_PARTS)} FROM baseline "
            "WHERE worker_id IN (SELECT worker_id FROM talent_registry_nomination WHERE round_id = %s)",
            [round_.pk],
        )
        return {worker: dict(zip(_PARTS, points, strict=True)) for worker, *points in cursor}


def _candidates(round_: SelectionRound, parts: dict[int, dict[str, int]]) -> list[Candidate]:
    nominations = Nomination.objects.filter(round=round_).select_related("case", "worker")
    return [
        Candidate(
            key=nomination.pk,
            league=nomination.case.league_code,
            industry=nomination.industry,
            parts=parts[nomination.worker_id] | {"panel": nomination.panel_score or 0},
            draw=draw(YEAR, bytes(nomination.worker.id_digest)),
        )
        for nomination in nominations.defer("worker__id_number", "worker__phone")
    ]


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench selection")
    parser.add_argument("--workers", type=int, default=650_000)
    parser.add_argument("--nominees", type=int, default=2_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--large", type=int, nargs="?", const=3_000_000, default=0, help="then grow to so many (3,000,000)"
    )
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    asked = _arguments(argv)
    from bench import openfisca_baseline as baseline

    officer = User.objects.create_user("bench.registry", display_name="测试")
    RoleAssignment.objects.create(user=officer, role="registry_officer", region_id="150000")
    took = seconds_of(lambda: grow(1, asked.workers))
    print(f"{asked.workers:,} workers with their records in {took:.0f} s")
    round_ = _open_round(officer, asked.nominees)
    baseline.prepare()
    _gather_everybody()
    print(f"assessment of {asked.workers:,}")
    ours, theirs = _measure(round_, officer, asked.repeats)
    differ = _differences()
    run = round_.runs.latest("number")
    again = seconds_of(lambda: assess(round_, trial=True, by=officer, on=ON))
    print(
        f"  {run.eligible:,} of {run.assessed:,} eligible; {differ} results differ; "
        f"once more over its own rows {again:.2f} s"
    )
    growth = 0.0
    if asked.large > asked.workers:
        growth, differ_large = _growth(round_, officer, asked, ours)
        differ += differ_large
    nominate(round_.pk, asked.nominees)
    ranked = _rank(round_, officer)
    checked = time.perf_counter()
    unlike = verify(round_)
    print(
        f"ranking of {asked.nominees:,} nominees {ranked.ours:.2f} s with facts read again and frozen; "
        f"from the baseline's rows {ranked.theirs:.2f} s, written nowhere; "
        f"{ranked.differing_positions} positions differ; "
        f"derived again in {time.perf_counter() - checked:.2f} s"
    )
    ratio = (ours + ranked.ours) / (theirs + ranked.theirs)
    print(
        f"\nassessment and ranking: {ours + ranked.ours:.2f} s, OpenFisca {theirs + ranked.theirs:.2f} s, "
        f"ratio {ratio:.2f} (limit {RATIO_LIMIT}); of the assessment alone {ours / theirs:.2f}"
    )
    same = not differ and not ranked.differing_positions and not unlike
    return 0 if same and ratio <= RATIO_LIMIT and growth <= GROWTH_LIMIT else 1


def _growth(
    round_: SelectionRound, officer: Any, asked: argparse.Namespace, before: float
) -> tuple[float, int]:
    """How much faster than the register the time has grown, and how many results differ then."""
    took = seconds_of(lambda: grow(asked.workers + 1, asked.large))
    print(f"grown to {asked.large:,} in {took:.0f} s")
    _gather_everybody()
    ours, theirs = _measure(round_, officer, asked.repeats)
    growth = ours / before / (asked.large / asked.workers)
    print(
        f"assessment of {asked.large:,}: {ours:.2f} s, OpenFisca {theirs:.2f} s; "
        f"{growth:.2f} × linear (limit {GROWTH_LIMIT})"
    )
    return growth, _differences()
