"""What if, over the whole register: fewer insured months and higher ceilings for the skill-upgrade subsidy,
from start to result.

Measured as a job runs it, with the facts gathered before and nothing changed since. The baseline is
OpenFisca-Core 46, vectorised, deciding everybody under the law and under the draft in the same run
(bench/openfisca_rules.py), read from the same table as binary COPY. Every number of every league and level is
compared. A second draft changes every figure that a rule reads.
"""

from __future__ import annotations

import argparse
import io
import statistics
import time
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from bench import openfisca_rules as rules
from bench.facts import complete
from bench.matching import _number_sql
from bench.openfisca_baseline import _SIGNATURE, _framed
from bench.register import grow, owner
from portal.accounts.models import RoleAssignment, User
from portal.entitlements import simulation
from portal.entitlements.models import Simulation
from portal.jobs.models import JobState
from portal.jobs.runner import run_job
from portal.policy.law import law_on
from portal.policy.models import Parameter
from portal.workforce.fact_table import _RECORDS, refresh

ON = date(2026, 11, 20)
LIMIT = 10.0
BENEFIT = "training.skill-upgrade"
MONTHS, CEILING = "training.skill-upgrade.insured-months", "training.skill-upgrade.ceiling"
DRAFT: dict[str, Any] = {
    MONTHS: 6,
    CEILING: {"junior": "1500.00", "intermediate": "2000.00", "senior": "3000.00"},
}


def _let_time_pass() -> None:
    """The records as written a day ago: what was written a moment before is gathered again, in case clocks
    differ.
    """
    columns = dict.fromkeys(_RECORDS, "recorded_at") | {
        "workforce_worker": "updated_at = now() - interval '1 day', created_at"
    }
    with owner() as run:
        for table, column in columns.items():
            run.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            run.execute(f"UPDATE {table} SET {column} = now() - interval '1 day'")
            run.execute("SET CONSTRAINTS ALL IMMEDIATE")
            run.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    with owner(autocommit=True) as run:
        run.execute("VACUUM ANALYZE")


class _Steps:
    """Seconds by step of a computation."""

    def __init__(self) -> None:
        self.took: list[tuple[str, float]] = []
        self._begun = ("", time.perf_counter())

    def tell(self, done: int, words: str) -> None:
        now = time.perf_counter()
        if self._begun[0]:
            self.took.append((self._begun[0], now - self._begun[1]))
        self._begun = (words, now)

    def __str__(self) -> str:
        return ", ".join(f"{words} {seconds:.2f} s" for words, seconds in self.took)


def _ours(officer: Any, draft: Mapping[str, Any]) -> tuple[float, Simulation]:
    """Seconds from the click to the kept result; what the broker takes to hand it over is not in them."""
    made = simulation.draw_up("bench", on=ON, by=officer)
    for code, value in draft.items():
        simulation.set_figure(made.pk, Parameter.objects.get(code=code), value, by=officer)
    began = time.perf_counter()
    run_job(simulation.run(made.pk, by=officer).pk)
    spent = time.perf_counter() - began
    made.refresh_from_db()
    if made.job is None or made.job.state != JobState.DONE:
        raise RuntimeError(f"the job did not come through: {made.job and made.job.message}")
    return spent, made


# -- the baseline --------------------------------------------------------------------------------------------


def _drafted() -> TaxBenefitSystem:
    """The country package with the draft's figures from the day on."""
    system = rules.system().clone()
    node = system.parameters.training.skill_upgrade
    node.insured_months.update(start=ON.isoformat(), value=DRAFT[MONTHS])
    for level, amount in DRAFT[CEILING].items():
        getattr(node.ceiling, f"of_{level}").update(start=ON.isoformat(), value=float(amount))
    return system


_READ = [(fact, ">f4" if fact == "worked_years" else ">i4") for fact in rules.FACTS_READ] + [
    ("league", "S6"),
    ("level", ">i4"),
]


def _decided(system: TaxBenefitSystem, loaded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes and amounts of everybody; UNKNOWN for no amount."""
    simulation = SimulationBuilder().build_default_simulation(system, len(loaded))
    for fact in rules.FACTS_READ:
        simulation.set_input(
            fact, "ETERNITY", loaded[fact].astype(np.float32 if fact == "worked_years" else np.int32)
        )
    day = ON.isoformat()
    return simulation.calculate(rules.variable_of(BENEFIT), day), simulation.calculate(
        rules.AMOUNTS[BENEFIT], day
    )


def _theirs() -> tuple[float, dict[tuple[str, int | None], dict[str, Any]]]:
    """Seconds to load, decide twice and count; the numbers by league and level."""
    began = time.perf_counter()
    columns = ", ".join(f"{_number_sql(fact)} AS {fact}" for fact in rules.FACTS_READ)
    sql = f"SELECT {columns}, left(work_region, 4) || '00', coalesce(skill_level, -1)::int FROM workforce_knownfacts"
    target = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY ({sql}) TO STDOUT (FORMAT binary)", target)
    loaded = np.frombuffer(target.getbuffer()[len(_SIGNATURE) : -2], dtype=_framed(_READ))
    (was, paid_was), (now, paid_now) = _decided(rules.system(), loaded), _decided(_drafted(), loaded)
    _, first, place = np.unique(
        loaded["league"].astype("S6").astype("U6").astype(object) + loaded["level"].astype(str),
        return_index=True,
        return_inverse=True,
    )
    yes = rules.ELIGIBLE
    counted = {
        "was": was == yes,
        "now": now == yes,
        "gained": (now == yes) & (was != yes),
        "lost": (was == yes) & (now != yes),
        "unknown_was": was == rules.UNDETERMINED,
        "unknown_now": now == rules.UNDETERMINED,
        "unpriced_was": (was == yes) & (paid_was == rules.UNKNOWN),
        "unpriced_now": (now == yes) & (paid_now == rules.UNKNOWN),
        "cost_was": np.maximum(paid_was, 0),
        "cost_now": np.maximum(paid_now, 0),
    }
    sums = {
        name: np.bincount(place, weights=values.astype(np.float64), minlength=len(first))
        for name, values in counted.items()
    }
    found = {}
    for group, row in enumerate(first):
        level = int(loaded["level"][row])
        numbers = {name: int(sums[name][group]) for name in counted}
        found[loaded["league"][row].decode(), None if level == rules.UNKNOWN else level] = numbers
    return time.perf_counter() - began, found


def _differences(made: Simulation, theirs: Mapping[tuple[str, int | None], Mapping[str, Any]]) -> int:
    """Numbers that are not the same on both sides, over all leagues and levels."""
    result: Any = made.result
    ours = {(row["league"], row["level"]): row for row in result["rows"] if row["benefit"] == BENEFIT}
    differ = 0
    for place in {*ours, *(place for place, numbers in theirs.items() if any(numbers.values()))}:
        mine, others = ours.get(place, Counter()), theirs.get(place, Counter())
        for name in (
            "was",
            "now",
            "gained",
            "lost",
            "unknown_was",
            "unknown_now",
            "unpriced_was",
            "unpriced_now",
        ):
            differ += mine[name] != others[name]
        for name in ("cost_was", "cost_now"):
            differ += Decimal(mine[name] or 0) != Decimal(others[name])
    return differ


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench simulation")
    parser.add_argument("--workers", type=int, default=650_000)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args(argv)
    began = time.perf_counter()
    grow(1, asked.workers)
    complete()
    _let_time_pass()
    print(f"{asked.workers:,} workers with their records in {time.perf_counter() - began:.0f} s", flush=True)
    began = time.perf_counter()
    refresh(timezone.localdate(), whole=True)
    print(
        f"facts of everybody gathered in {time.perf_counter() - began:.2f} s (both sides read them)",
        flush=True,
    )
    with owner(autocommit=True) as run:
        run.execute("VACUUM ANALYZE workforce_knownfacts")
    officer = User.objects.create_user("bench.policy", display_name="测试")
    RoleAssignment.objects.create(user=officer, role="policy_officer", region_id="150000")

    ours, theirs, digests, differ = [], [], set(), 0
    for _ in range(asked.repeats):
        spent, made = _ours(officer, DRAFT)
        ours.append(spent)
        digests.add(made.digest)
        spent, numbers = _theirs()
        theirs.append(spent)
        differ += _differences(made, numbers)
    steps = _Steps()
    simulation.compute(DRAFT, ON, steps.tell)
    result: Any = made.result
    print(
        f"  {result['people']['gained']:,} people gain, {result['people']['lost']:,} lose; {len(result['rows'])} rows; {differ} numbers differ"
    )
    print(f"  ours      {' '.join(f'{one:.2f}' for one in ours)} s; by step: {steps}")
    print(
        f"  OpenFisca {' '.join(f'{one:.2f}' for one in theirs)} s (load, decide twice, count; keeps nothing)"
    )
    law = law_on(ON)
    everything = {code: law.value(code) for code in simulation.readable_parameters()}
    whole, made = _ours(officer, everything)
    print(
        f"  every figure that a rule reads ({len(everything)} figures, {len(made.inputs['rules'])} benefits): {whole:.2f} s"
    )
    median, base = statistics.median(ours), statistics.median(theirs)
    print(
        f"\nsimulation over {asked.workers:,}: {median:.2f} s, slowest {max(*ours, whole):.2f} s (limit {LIMIT:.0f} s); OpenFisca {base:.2f} s,"
        f" ratio {median / base:.2f}; {len(digests)} digest of {asked.repeats} runs"
    )
    return 0 if max(*ours, whole) <= LIMIT and not differ and len(digests) == 1 else 1
