"""Finding people who did not ask: the whole register matched against all benefits for persons, database to
database.

The baseline is OpenFisca-Core 46, vectorised, on the same rules, facts and people in the same run
(bench/openfisca_rules.py): facts read as binary COPY straight into arrays, what holds and what is newly held
written as binary COPY into tables with the same indexes and the same durability. Every person's masks and
every offer are compared. The nightly difference is the same look again after a day in which one person in a
hundred changed.
"""

from __future__ import annotations

import argparse
import io
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from bench import openfisca_rules as rules
from bench.facts import complete
from bench.openfisca_baseline import _SIGNATURE, _copy, _framed
from bench.register import grow, owner
from portal.entitlements.catalogue import BITS, OFFERED
from portal.entitlements.matching import compare, distinction_sql, distinguishing_number_sql, keep, match
from portal.policy.facts import FACTS, LEVEL_FACTS
from portal.workforce.fact_table import refresh
from portal.workforce.models import Refresh

ON = date(2026, 11, 27)
# Both of OpenFisca deciding and writing down who holds what; a night is allowed half of that, though it
# gathers and offers as well.
RATIO_LIMIT, NIGHT_LIMIT = 0.7, 0.35
# The first of them is a long one: on its day some thousand made-up certificates are dated.
NIGHTS = 5
_MASKS = [("worker_id", ">i8"), ("eligible", ">i8"), ("undetermined", ">i8"), ("subject", ">i4")]


def _seconds(call: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


# -- the baseline --------------------------------------------------------------------------------------------


def prepare() -> None:
    """Tables of the baseline's own, made after the portal's: the same columns, keys, indexes and checks,
    without the rules of moves.
    """
    with owner() as run:
        run.execute("CREATE TABLE baseline_standing (LIKE entitlements_matchstate INCLUDING ALL)")
        run.execute("CREATE TABLE baseline_offer (LIKE entitlements_offer INCLUDING ALL)")
        for key in (
            "FOREIGN KEY (worker_id) REFERENCES workforce_worker",
            "FOREIGN KEY (region_id) REFERENCES regions_region",
        ):
            run.execute(f"ALTER TABLE baseline_offer ADD {key} DEFERRABLE INITIALLY DEFERRED")
        for table in ("baseline_standing", "baseline_offer"):
            run.execute(f"GRANT SELECT, INSERT ON {table} TO {connection.settings_dict['USER']}")


def _number_sql(fact: str) -> str:
    """SQL of a fact as openfisca_rules reads it, UNKNOWN for what is not known."""
    if fact == "honours":
        codes = ", ".join(f"'{code}'" for code in sorted(rules.HONOURS))
        value = f"(honours && ARRAY[{codes}])::int"
    elif fact in LEVEL_FACTS:
        value = fact
    elif fact in rules.CHOICES:
        listed = ", ".join(f"'{code}'" for code in rules.CHOICES[fact])
        value = f"array_position(ARRAY[{listed}], {fact}) - 1"
    elif FACTS[fact].get_internal_type() == "DateField":
        value = f"{fact} - DATE '1970-01-01'"
    elif fact == "worked_years":
        return f"coalesce({fact}, {rules.UNKNOWN})::float4"
    else:
        value = f"{fact}::int"
    return f"coalesce({value}, {rules.UNKNOWN})::int"


_READ = [
    ("worker_id", ">i8"),
    *((fact, ">f4" if fact == "worked_years" else ">i4") for fact in rules.FACTS_READ),
    ("subject", ">i4"),
    ("region", "S6"),
]


def _baseline(*, offers: bool) -> None:
    """Load, decide, write what holds; with `offers` also what is newly held (the first time: all of it)."""
    columns = ", ".join(f"{_number_sql(fact)} AS {fact}" for fact in rules.FACTS_READ)
    target = io.BytesIO()
    with transaction.atomic(), connection.cursor() as cursor:
        selected = f"SELECT worker_id, {columns}, {distinguishing_number_sql()} AS subject, work_region"
        cursor.cursor.copy_expert(
            f"COPY ({selected} FROM workforce_knownfacts) TO STDOUT (FORMAT binary)", target
        )
        loaded = np.frombuffer(target.getbuffer()[len(_SIGNATURE) : -2], dtype=_framed(_READ))
        facts = {
            fact: loaded[fact].astype(np.float32 if fact == "worked_years" else np.int32)
            for fact in rules.FACTS_READ
        }
        eligible, undetermined = rules.masks(facts, ON)
        rows = np.zeros(len(loaded), dtype=_framed(_MASKS))
        rows["fields"] = len(_MASKS)
        for name, kind in _MASKS:
            rows[f"length of {name}"] = np.dtype(kind).itemsize
        rows["worker_id"], rows["eligible"], rows["undetermined"], rows["subject"] = (
            loaded["worker_id"],
            eligible,
            undetermined,
            loaded["subject"],
        )
        _copy("baseline_standing", rows, _MASKS)
        if offers:
            _offers(cursor, loaded, eligible)


def _offers(cursor: Any, loaded: np.ndarray, eligible: np.ndarray) -> None:
    """The offers as text COPY: one line for each, in the order of the benefits."""
    apart = _distinctions(cursor)
    lines = []
    for one in OFFERED.values():
        chosen = np.flatnonzero(eligible & one.bit)
        for worker, region in zip(
            loaded["worker_id"][chosen].tolist(), loaded["region"][chosen].tolist(), strict=True
        ):
            told = apart[one.distinguishing_facts].get(worker, "") if one.distinguishing_facts else ""
            lines.append(f"{worker}\t{region.decode()}\t{one.benefit}\t{told}\tmatched\t{ON}\t\n")
    cursor.cursor.copy_expert(
        "COPY baseline_offer (worker_id, region_id, benefit, distinction, state, matched_on, reason) FROM STDIN",
        io.StringIO("".join(lines)),
    )


def _distinctions(cursor: Any) -> dict[tuple[str, ...], dict[int, str]]:
    found = {}
    for one in OFFERED.values():
        if one.distinguishing_facts and one.distinguishing_facts not in found:
            cursor.execute(
                f"SELECT worker_id, {distinction_sql(one)} FROM workforce_knownfacts WHERE {one.distinguishing_facts[0]} IS NOT NULL"
            )
            found[one.distinguishing_facts] = dict(cursor.fetchall())
    return found


# -- what is measured ----------------------------------------------------------------------------------------


def _forget(tables: str) -> None:
    with owner(autocommit=True) as run:
        run.execute(f"TRUNCATE {tables}")


def _differences() -> tuple[int, int]:
    """People whose masks, and offers that, are not in both."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM entitlements_matchstate a FULL JOIN baseline_standing b USING (worker_id)
               WHERE (a.eligible, a.undetermined, a.subject) IS DISTINCT FROM (b.eligible, b.undetermined, b.subject)"""
        )
        masks = cursor.fetchone()[0]
        cursor.execute(
            """SELECT count(*) FROM entitlements_offer a FULL JOIN baseline_offer b USING (worker_id, benefit, distinction)
               WHERE a.id IS NULL OR b.id IS NULL OR a.region_id <> b.region_id"""
        )
        return int(masks), int(cursor.fetchone()[0])


def _a_day_passes(workers: int) -> None:
    """One in a hundred gets another number of insured months; as the application writes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workforce_unemploymentinsurance SET months = (coalesce(months, 0) + 7) % 240, recorded_at = now() WHERE worker_id % 100 = 0"
        )
        print(f"  {cursor.rowcount:,} of {workers:,} changed in the day")


class _Steps:
    """Seconds by step of a run."""

    def __init__(self) -> None:
        self.took: list[tuple[str, float]] = []
        self._begun: tuple[str, float] | None = None

    def tell(self, done: int, total: int, words: str) -> None:
        now = time.perf_counter()
        if self._begun:
            self.took.append((self._begun[0], now - self._begun[1]))
        self._begun = (words, now)

    def __str__(self) -> str:
        return "，".join(f"{words} {seconds:.2f}" for words, seconds in self.took)


@transaction.atomic
def _decide_and_keep() -> None:
    """Everybody decided and what holds written, without the offers."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        compare(cursor, ON)
        keep(cursor, first=True)


def _look(on: date) -> tuple[float, _Steps]:
    """Seconds of a look over the register, whole and by step."""
    steps = _Steps()
    return _seconds(lambda: match(on, cause="bench", progress=steps.tell)), steps


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench matching")
    parser.add_argument("--workers", type=int, default=650_000)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args(argv)
    print(
        f"{asked.workers:,} workers with their records in {_seconds(lambda: (grow(1, asked.workers), complete())):.0f} s"
    )
    prepare()
    assert list(BITS) == list(rules.BENEFITS)  # noqa: S101  the same bits on both sides
    print(
        f"facts of everybody gathered in {_seconds(lambda: refresh(ON, whole=True)):.2f} s (both sides read them)"
    )
    with owner(autocommit=True) as run:
        run.execute("VACUUM ANALYZE workforce_knownfacts")
    # As on a day on which nothing was written in the last minute.
    Refresh.objects.update(seen_until=timezone.now() + timedelta(minutes=1))
    ours, theirs, held, held_theirs, steps = [], [], [], [], _Steps()
    for _ in range(asked.repeats):
        _forget("entitlements_matchstate")
        held.append(_seconds(_decide_and_keep))
        _forget("baseline_standing")
        held_theirs.append(_seconds(lambda: _baseline(offers=False)))
        _forget(
            "entitlements_offer, entitlements_matchstate, entitlements_matchrun, entitlements_servicerequest"
        )
        seconds, steps = _look(ON)
        ours.append(seconds)
        _forget("baseline_offer, baseline_standing")
        theirs.append(_seconds(lambda: _baseline(offers=True)))
    print(
        f"  who holds what, written: ours {' '.join(f'{one:.2f}' for one in held)} s, OpenFisca {' '.join(f'{one:.2f}' for one in held_theirs)} s"
    )
    print(f"  and offers to everybody: ours {' '.join(f'{one:.2f}' for one in ours)} s; the last: {steps}")
    print(f"                           OpenFisca {' '.join(f'{one:.2f}' for one in theirs)} s")
    masks, offers = _differences()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM entitlements_offer")
        print(f"  {cursor.fetchone()[0]:,} offers; {masks} masks and {offers} offers differ")
    with owner(autocommit=True) as run:
        run.execute("VACUUM ANALYZE")
    nights = []
    for night in range(NIGHTS):
        _a_day_passes(asked.workers)
        seconds, steps = _look(ON + timedelta(days=night + 1))
        nights.append(seconds)
    print(f"  nights    {' '.join(f'{one:.2f}' for one in nights)} s; the last: {steps}")
    first, base, night = statistics.median(held), statistics.median(held_theirs), statistics.median(nights)
    whole, whole_base = statistics.median(ours), statistics.median(theirs)
    print(
        f"\nmatching {first:.2f} s, OpenFisca {base:.2f} s, ratio {first / base:.2f} (limit {RATIO_LIMIT}); with the first offers to "
        f"everybody {whole:.2f} s, OpenFisca {whole_base:.2f} s, ratio {whole / whole_base:.2f}; nightly difference with its offers "
        f"{night:.2f} s, {night / base:.2f} of OpenFisca (limit {NIGHT_LIMIT}), {night / whole:.2f} of the first look with its offers"
    )
    return (
        0 if not masks and not offers and first / base <= RATIO_LIMIT and night / base <= NIGHT_LIMIT else 1
    )
