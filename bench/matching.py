"""Finding people who did not ask: the whole register matched against all benefits for persons.

Measured from database to database. The baseline is OpenFisca-Core 46, vectorised, on the same rules, facts
and people in the same run (bench/openfisca_rules.py): facts read as binary COPY straight into arrays, what
holds and what is newly held written as binary COPY into tables with the same indexes and the same
durability. Every person's masks and every offer are compared. The nightly difference is the same look again
after a day in which one person in a hundred changed.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from bench import openfisca_rules as rules
from bench.asking import p95
from bench.binary_copy import empty_rows, read_rows, write_rows
from bench.database import change_confirmed, copy_text, fetch_value, owner, truncate, vacuum
from bench.facts import complete
from bench.openfisca_facts import BENEFITS, FACT_FIELDS, columns_sql, loaded_facts
from bench.register import grow
from bench.timing import StepTimes, seconds_of, seconds_text
from portal.entitlements.catalogue import BITS, OFFERED
from portal.entitlements.matching import (
    compare_masks,
    distinction_sql,
    distinguishing_number_sql,
    keep_masks,
    match,
)
from portal.entitlements.matching_one import match_person
from portal.workforce.fact_table import refresh
from portal.workforce.models import Refresh, Worker

ON = date(2026, 11, 27)
# Both of OpenFisca deciding and writing down who holds what; a night is allowed less than half of that, though
# it gathers and offers as well.
RATIO_LIMIT, NIGHT_LIMIT = 0.6, 0.25
# One person, when something about them is saved; how many of them are looked at.
ON_SAVE_MS, ON_SAVE = 15.0, 200
# The first of them is a long one: on its day some thousand made-up certificates are dated.
NIGHTS = 5
_MASKS = [("worker_id", ">i8"), ("eligible", ">i8"), ("undetermined", ">i8"), ("subject", ">i4")]


# -- the baseline --------------------------------------------------------------------------------------------


def prepare() -> None:
    """Tables of the baseline's own, made after the portal's, without the rules of moves."""
    with owner() as run:
        run.execute("CREATE TABLE baseline_state (LIKE entitlements_matchstate INCLUDING ALL)")
        run.execute("CREATE TABLE baseline_offer (LIKE entitlements_offer INCLUDING ALL)")
        for key in (
            "FOREIGN KEY (worker_id) REFERENCES workforce_worker",
            "FOREIGN KEY (region_id) REFERENCES regions_region",
        ):
            run.execute(f"ALTER TABLE baseline_offer ADD {key} DEFERRABLE INITIALLY DEFERRED")
        for table in ("baseline_state", "baseline_offer"):
            run.execute(f"GRANT SELECT, INSERT ON {table} TO {connection.settings_dict['USER']}")


_READ = [("worker_id", ">i8"), *FACT_FIELDS, ("subject", ">i4"), ("region", "S6")]


def _baseline(*, offers: bool) -> None:
    """Load, decide, write what holds; with `offers` also what is newly held (the first time: all of it)."""
    sql = f"""
        SELECT worker_id, {columns_sql()}, {distinguishing_number_sql()} AS subject, work_region
        FROM workforce_knownfacts
    """
    with transaction.atomic(), connection.cursor() as cursor:
        loaded = read_rows(cursor, sql, _READ)
        eligible, undetermined = rules.masks(loaded_facts(loaded), ON)
        rows = empty_rows(len(loaded), _MASKS)
        rows["worker_id"] = loaded["worker_id"]
        rows["eligible"] = eligible
        rows["undetermined"] = undetermined
        rows["subject"] = loaded["subject"]
        write_rows("baseline_state", rows, _MASKS)
        if offers:
            _write_offers(cursor, loaded, eligible)


def _write_offers(cursor: Any, loaded: np.ndarray, eligible: np.ndarray) -> None:
    """The offers as text COPY: one line for each, in the order of the benefits."""
    by_key = _distinctions(cursor)
    lines = []
    for benefit in OFFERED.values():
        chosen = np.flatnonzero(eligible & benefit.bit)
        workers = loaded["worker_id"][chosen].tolist()
        regions = loaded["region"][chosen].tolist()
        distinction = by_key[benefit.distinguishing_facts] if benefit.distinguishing_facts else {}
        for worker, region in zip(workers, regions, strict=True):
            key = distinction.get(worker, "")
            lines.append(f"{worker}\t{region.decode()}\t{benefit.benefit}\t{key}\tmatched\t{ON}\t\n")
    columns = "worker_id, region_id, benefit, distinction, state, matched_on, reason"
    copy_text(cursor, "baseline_offer", columns, lines)


def _distinctions(cursor: Any) -> dict[tuple[str, ...], dict[int, str]]:
    """By what several offers of one benefit to a worker are told apart, for each such set of facts."""
    by_key: dict[tuple[str, ...], dict[int, str]] = {}
    for benefit in OFFERED.values():
        facts = benefit.distinguishing_facts
        if facts and facts not in by_key:
            cursor.execute(
                f"SELECT worker_id, {distinction_sql(benefit)} FROM workforce_knownfacts "
                f"WHERE {facts[0]} IS NOT NULL"
            )
            by_key[facts] = dict(cursor.fetchall())
    return by_key


# -- what is measured ----------------------------------------------------------------------------------------


_DIFFERING_MASKS = """
SELECT count(*) FROM entitlements_matchstate a FULL JOIN baseline_state b USING (worker_id)
WHERE (a.eligible, a.undetermined, a.subject) IS DISTINCT FROM (b.eligible, b.undetermined, b.subject)
"""
_DIFFERING_OFFERS = """
SELECT count(*)
FROM (SELECT * FROM entitlements_offer WHERE NOT beside) a FULL JOIN baseline_offer b USING (worker_id, benefit, distinction)
WHERE a.id IS NULL OR b.id IS NULL OR a.region_id <> b.region_id
"""
_CHANGES_OF_A_DAY = """
UPDATE workforce_unemploymentinsurance
SET months = (coalesce(months, 0) + 7) % 240, recorded_at = now()
WHERE worker_id % 100 = 0
"""


def _let_a_day_pass(workers: int) -> None:
    """One in a hundred gets another number of insured months."""
    changed = change_confirmed("workforce_unemploymentinsurance", _CHANGES_OF_A_DAY)
    print(f"  {changed:,} of {workers:,} changed in the day")


@transaction.atomic
def _decide_and_keep() -> None:
    """Everybody decided and what holds written, without the offers."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        compare_masks(cursor, ON)
        keep_masks(cursor, first=True)


def _look(on: date) -> tuple[float, StepTimes]:
    """Seconds of a look over the register, whole and by step."""
    steps = StepTimes()

    def progress(done: int, total: int, words: str) -> None:
        steps.begin(words)

    return seconds_of(lambda: match(on, cause="bench", progress=progress)), steps


@dataclass
class _Times:
    """Seconds of every repetition: only what holds, and with the offers to everybody."""

    held: list[float] = field(default_factory=list)
    held_theirs: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    whole_theirs: list[float] = field(default_factory=list)


def _measure(repeats: int) -> _Times:
    """Ours and theirs in turns, each into empty tables."""
    times = _Times()
    steps = StepTimes()
    for _ in range(repeats):
        truncate("entitlements_matchstate")
        times.held.append(seconds_of(_decide_and_keep))
        truncate("baseline_state")
        times.held_theirs.append(seconds_of(lambda: _baseline(offers=False)))
        truncate(
            "entitlements_offer",
            "entitlements_matchstate",
            "entitlements_matchrun",
            "entitlements_servicerequest",
            "subsidies_lastday",
        )
        seconds, steps = _look(ON)
        times.whole.append(seconds)
        truncate("baseline_offer", "baseline_state")
        times.whole_theirs.append(seconds_of(lambda: _baseline(offers=True)))
    print(
        f"  who holds what, written: ours {seconds_text(times.held)}, "
        f"OpenFisca {seconds_text(times.held_theirs)}"
    )
    print(f"  and offers to everybody: ours {seconds_text(times.whole)}; the last: {steps}")
    print(f"                           OpenFisca {seconds_text(times.whole_theirs)}")
    return times


def _measure_nights(workers: int) -> list[float]:
    nights = []
    steps = StepTimes()
    for night in range(NIGHTS):
        _let_a_day_pass(workers)
        seconds, steps = _look(ON + timedelta(days=night + 1))
        nights.append(seconds)
    print(f"  nights    {seconds_text(nights)}; the last: {steps}")
    return nights


def _fill(workers: int) -> None:
    """The register, the baseline's tables, and everybody's facts gathered."""
    took = seconds_of(lambda: (grow(1, workers), complete()))
    print(f"{workers:,} workers with their records in {took:.0f} s")
    prepare()
    took = seconds_of(lambda: refresh(ON, whole=True))
    print(f"facts of everybody gathered in {took:.2f} s (both sides read them)")
    vacuum("workforce_knownfacts")
    # As on a day on which nothing was written in the last minute.
    Refresh.objects.update(seen_until=timezone.now() + timedelta(minutes=1))


def _milliseconds_on_save() -> list[float]:
    """Of matching one person each, in a register that was looked over."""
    people = list(Worker.objects.order_by("-pk").values_list("pk", flat=True)[:ON_SAVE])
    match_person(people[0], on=timezone.localdate())
    return [seconds_of(partial(match_person, one, on=timezone.localdate())) * 1000 for one in people]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench matching")
    parser.add_argument("--workers", type=int, default=650_000)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args(argv)
    assert set(BITS) == set(BENEFITS)  # noqa: S101  the same bits on both sides
    _fill(asked.workers)
    times = _measure(asked.repeats)
    masks = fetch_value(_DIFFERING_MASKS)
    offers = fetch_value(_DIFFERING_OFFERS)
    count = fetch_value("SELECT count(*) FROM entitlements_offer")
    print(f"  {count:,} offers; {masks} masks and {offers} offers differ")
    vacuum()
    night = statistics.median(_measure_nights(asked.workers))
    on_save = _milliseconds_on_save()
    print(
        f"one person on saving, of {ON_SAVE} half within {statistics.median(on_save):.1f} ms, "
        f"p95 {p95(on_save):.1f} ms (limit {ON_SAVE_MS})"
    )
    first = statistics.median(times.held)
    base = statistics.median(times.held_theirs)
    whole = statistics.median(times.whole)
    whole_base = statistics.median(times.whole_theirs)
    print(
        f"\nmatching {first:.2f} s, OpenFisca {base:.2f} s, ratio {first / base:.2f} "
        f"(limit {RATIO_LIMIT}); with the first offers to everybody {whole:.2f} s, "
        f"OpenFisca {whole_base:.2f} s, ratio {whole / whole_base:.2f}; "
        f"nightly difference with its offers {night:.2f} s, {night / base:.2f} of OpenFisca "
        f"(limit {NIGHT_LIMIT}), {night / whole:.2f} of the first look with its offers"
    )
    same = not masks and not offers
    quick = first / base <= RATIO_LIMIT and night / base <= NIGHT_LIMIT and p95(on_save) <= ON_SAVE_MS
    return 0 if same and quick else 1
