"""What if, over the whole register: a draft of the skill-upgrade subsidy's figures, from start to result.

The draft asks for fewer insured months and gives higher ceilings. Measured as a job runs it, with the facts
gathered before and nothing changed since. The baseline is OpenFisca-Core 46, vectorised, deciding everybody
under the law and under the draft in the same run (bench/openfisca_rules.py), read from the same table as
binary COPY. Every number of every league and level is compared. A second draft changes every figure that a
rule reads.
"""

from __future__ import annotations

import argparse
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
from bench.binary_copy import read_rows
from bench.database import owner, vacuum, without_guards
from bench.facts import complete
from bench.openfisca_facts import (
    AMOUNTS,
    ELIGIBLE,
    FACT_FIELDS,
    UNDETERMINED,
    UNKNOWN,
    columns_sql,
    loaded_facts,
    variable_of,
)
from bench.register import grow
from bench.timing import StepTimes, seconds_of, seconds_text
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
MONTHS = "training.skill-upgrade.insured-months"
CEILING = "training.skill-upgrade.ceiling"
DRAFT: dict[str, Any] = {
    MONTHS: 6,
    CEILING: {"junior": "1500.00", "intermediate": "2000.00", "senior": "3000.00"},
}


# League and level.
Place = tuple[str, int | None]
_COUNTS = (
    "was",
    "now",
    "gained",
    "lost",
    "unknown_was",
    "unknown_now",
    "unpriced_was",
    "unpriced_now",
)
_COSTS = ("cost_was", "cost_now")


def _let_time_pass() -> None:
    """The records as written a day ago.

    What was written a moment before is gathered again, in case clocks differ.
    """
    columns = dict.fromkeys(_RECORDS, "recorded_at")
    columns["workforce_worker"] = "updated_at = now() - interval '1 day', created_at"
    for table, column in columns.items():
        with owner() as cursor, without_guards(cursor, table):
            cursor.execute(f"UPDATE {table} SET {column} = now() - interval '1 day'")
    vacuum()


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


_READ = [*FACT_FIELDS, ("league", "S6"), ("level", ">i4")]
_LOAD = f"""
SELECT {columns_sql()}, left(work_region, 4) || '00', coalesce(skill_level, {UNKNOWN})::int
FROM workforce_knownfacts
"""


def _decided(system: TaxBenefitSystem, loaded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes and amounts of everybody; UNKNOWN for no amount."""
    calculation = SimulationBuilder().build_default_simulation(system, len(loaded))
    for fact, column in loaded_facts(loaded).items():
        calculation.set_input(fact, "ETERNITY", column)
    day = ON.isoformat()
    outcome = calculation.calculate(variable_of(BENEFIT), day)
    amount = calculation.calculate(AMOUNTS[BENEFIT], day)
    return outcome, amount


def _theirs() -> tuple[float, dict[Place, dict[str, Any]]]:
    """Seconds to load, decide twice and count; the numbers by league and level."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        loaded = read_rows(cursor, _LOAD, _READ)
    was, paid_was = _decided(rules.system(), loaded)
    now, paid_now = _decided(_drafted(), loaded)
    counted = {
        "was": was == ELIGIBLE,
        "now": now == ELIGIBLE,
        "gained": (now == ELIGIBLE) & (was != ELIGIBLE),
        "lost": (was == ELIGIBLE) & (now != ELIGIBLE),
        "unknown_was": was == UNDETERMINED,
        "unknown_now": now == UNDETERMINED,
        "unpriced_was": (was == ELIGIBLE) & (paid_was == UNKNOWN),
        "unpriced_now": (now == ELIGIBLE) & (paid_now == UNKNOWN),
        "cost_was": np.maximum(paid_was, 0),
        "cost_now": np.maximum(paid_now, 0),
    }
    numbers = _summed(loaded, counted)
    return time.perf_counter() - began, numbers


def _summed(loaded: np.ndarray, counted: Mapping[str, np.ndarray]) -> dict[Place, dict[str, Any]]:
    """The numbers of everybody added up by league and level."""
    leagues = loaded["league"].astype("S6").astype("U6").astype(object)
    places = leagues + loaded["level"].astype(str)
    _, first, place = np.unique(places, return_index=True, return_inverse=True)
    sums = {}
    for name, values in counted.items():
        sums[name] = np.bincount(place, weights=values.astype(np.float64), minlength=len(first))
    by_place: dict[Place, dict[str, Any]] = {}
    for group, row in enumerate(first):
        league = loaded["league"][row].decode()
        level = int(loaded["level"][row])
        numbers = {name: int(sums[name][group]) for name in counted}
        by_place[league, None if level == UNKNOWN else level] = numbers
    return by_place


def _differences(made: Simulation, theirs: Mapping[Place, Mapping[str, Any]]) -> int:
    """Numbers that are not the same on both sides, over all leagues and levels."""
    result: Any = made.result
    ours = {}
    for row in result["rows"]:
        if row["benefit"] == BENEFIT:
            ours[row["league"], row["level"]] = row
    counted = {place for place, numbers in theirs.items() if any(numbers.values())}
    differ = 0
    for place in {*ours, *counted}:
        our_numbers = ours.get(place, Counter())
        their_numbers = theirs.get(place, Counter())
        for name in _COUNTS:
            differ += our_numbers[name] != their_numbers[name]
        for name in _COSTS:
            differ += Decimal(our_numbers[name] or 0) != Decimal(their_numbers[name])
    return differ


def _fill(workers: int) -> None:
    """The register, and everybody's facts gathered."""

    def write() -> None:
        grow(1, workers)
        complete()
        _let_time_pass()

    print(f"{workers:,} workers with their records in {seconds_of(write):.0f} s", flush=True)
    took = seconds_of(lambda: refresh(timezone.localdate(), whole=True))
    print(f"facts of everybody gathered in {took:.2f} s (both sides read them)", flush=True)
    vacuum("workforce_knownfacts")


def _steps_of_a_run() -> StepTimes:
    steps = StepTimes()
    simulation.compute(DRAFT, ON, lambda done, words: steps.begin(words))
    return steps


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench simulation")
    parser.add_argument("--workers", type=int, default=650_000)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args(argv)
    _fill(asked.workers)
    officer = User.objects.create_user("bench.policy", display_name="测试")
    RoleAssignment.objects.create(user=officer, role="policy_officer", region_id="150000")

    ours, theirs = [], []
    digests = set()
    differ = 0
    for _ in range(asked.repeats):
        spent, made = _ours(officer, DRAFT)
        ours.append(spent)
        digests.add(made.digest)
        spent, numbers = _theirs()
        theirs.append(spent)
        differ += _differences(made, numbers)
    result: Any = made.result
    people = result["people"]
    print(
        f"  {people['gained']:,} people gain, {people['lost']:,} lose; "
        f"{len(result['rows'])} rows; {differ} numbers differ"
    )
    print(f"  ours      {seconds_text(ours)}; by step: {_steps_of_a_run()}")
    print(f"  OpenFisca {seconds_text(theirs)} (load, decide twice, count; keeps nothing)")
    law = law_on(ON)
    everything = {code: law.value(code) for code in simulation.readable_parameters()}
    whole, made = _ours(officer, everything)
    print(
        f"  every figure that a rule reads ({len(everything)} figures, "
        f"{len(made.inputs['rules'])} benefits): {whole:.2f} s"
    )
    median = statistics.median(ours)
    base = statistics.median(theirs)
    slowest = max(*ours, whole)
    print(
        f"\nsimulation over {asked.workers:,}: {median:.2f} s, slowest {slowest:.2f} s "
        f"(limit {LIMIT:.0f} s); OpenFisca {base:.2f} s, ratio {median / base:.2f}; "
        f"{len(digests)} digest of {asked.repeats} runs"
    )
    return 0 if slowest <= LIMIT and not differ and len(digests) == 1 else 1
