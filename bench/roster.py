"""The roster import against a `get_or_create` loop and against `bulk_create`, on the same rows and models.

    ./jht bench roster [-- --rows 650000 --sample 65000 --loop 2000]

Every way checks each row with the same code and encrypts the same numbers; the two baselines write without
merging, telling changes, or giving refused rows back. The loop runs in one transaction, on an empty register,
and is extrapolated from a sample.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.database import owner, vacuum, without_guards
from bench.roster_baselines import bulk, loop

TIMES_LOOP, TIMES_BULK = 50, 3
# What a file ten times as large may add to the memory: noise of the allocator, not rows.
MOST_GROWTH = 1.25
# The bit of pg_trigger.tgtype that says so.
_ON_TRUNCATE = 32
EMPTIED = (
    "workforce_worker",
    "workforce_workerevent",
    "workforce_employer",
    "workforce_employerevent",
    "workforce_employment",
    "workforce_employmentevent",
    "workforce_skillcredential",
    "workforce_skillcredentialevent",
    "workforce_unemploymentinsurance",
    "workforce_unemploymentinsuranceevent",
    "workforce_honour",
    "workforce_honourevent",
    "workforce_rosterimport",
)


def write_roster(path: Path, rows: int) -> None:
    """A synthetic roster; the same rows every time."""
    from django.utils import timezone

    from portal.regions.models import Region
    from portal.workforce import synthetic
    from portal.workforce.roster.columns import COLUMNS

    draw = random.Random(7)
    regions = list(Region.objects.banners().values_list("code", flat=True))
    units = synthetic.units(draw, regions, max(50, rows // 120))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.label for column in COLUMNS])
        writer.writerows(synthetic.roster_rows(draw, units, rows, today=timezone.localdate()))


def empty_register() -> None:
    """Nothing of an earlier import is left.

    Vacuumed, so that the server does not do it in the middle of the next measurement: it would find none of
    the rows that are being written and mislead the planner, which the baselines have no defence against.
    """
    with owner(autocommit=True) as cursor:
        # Payments hang on cases, and cases on people; there are none here, but their tables are never emptied.
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgtype & %s <> 0", [_ON_TRUNCATE]
        )
        guarded = [table for (table,) in cursor.fetchall() if table.startswith("funds_")]
        with without_guards(cursor, *guarded):
            cursor.execute(f"TRUNCATE {', '.join(EMPTIED)} CASCADE")
    vacuum(*EMPTIED)


def import_once(path: Path) -> dict[str, Any]:
    """In a process of its own: seconds, peak memory in MB, and what came of the rows."""
    command = [sys.executable, "-m", "bench.roster", "--import", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    return json.loads(done.stdout.splitlines()[-1])


def _import_here(path: Path) -> None:
    import django

    django.setup()
    from portal.workforce.roster.importing import import_file

    began = time.perf_counter()
    outcome = import_file(path, name=path.name, by=None)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {
        "seconds": seconds,
        "peak": peak,
        "added": outcome.added,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
        "refused": outcome.refused,
    }
    print(json.dumps(figures))


def _print_line(what: str, rows: int, seconds: float, more: str = "") -> None:
    per_second = rows / seconds
    print(f"{what:<46} {rows:>8,} rows {seconds:>9.1f} s {per_second:>9,.0f} rows/s  {more}", flush=True)


@dataclass
class _Measured:
    """What came of the imports, and the seconds of the baselines."""

    small: dict[str, Any]
    large: dict[str, Any]
    again: dict[str, Any]
    loop: float
    bulk: float


def _measure(options: argparse.Namespace, small: Path, large: Path) -> _Measured:
    empty_register()
    of_small = import_once(small)
    peak = f"peak {of_small['peak']:.0f} MB"
    _print_line("roster import", options.sample, of_small["seconds"], peak)

    empty_register()
    of_large = import_once(large)
    peak = f"peak {of_large['peak']:.0f} MB"
    _print_line("roster import", options.rows, of_large["seconds"], peak)
    again = import_once(large)
    changes = f"added {again['added']}, changed {again['changed']}"
    _print_line("roster import, the same file again", options.rows, again["seconds"], changes)

    empty_register()
    of_loop = loop(large, options.loop)
    whole_loop = of_loop * options.rows / options.loop
    extrapolated = f"for {options.rows:,} rows extrapolated to {whole_loop:,.0f} s"
    _print_line("get_or_create loop", options.loop, of_loop, extrapolated)

    empty_register()
    of_bulk = bulk(small)
    _print_line("bulk_create(ignore_conflicts)", options.sample, of_bulk)
    empty_register()
    return _Measured(of_small, of_large, again, whole_loop, of_bulk)


def main(arguments: list[str]) -> int:
    """Print seconds, rows a second, ratios and peak memory; 0 when ratios and memory were reached."""
    parser = argparse.ArgumentParser(prog="roster")
    parser.add_argument("--rows", type=int, default=650_000, help="rows of the large file")
    parser.add_argument(
        "--sample", type=int, default=65_000, help="rows of the small file, on which bulk_create is compared"
    )
    parser.add_argument("--loop", type=int, default=2_000, help="rows on which the loop is measured")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.csv"
        large = Path(folder) / "large.csv"
        write_roster(small, options.sample)
        write_roster(large, options.rows)
        measured = _measure(options, small, large)

    times_loop = measured.loop / measured.large["seconds"]
    times_bulk = measured.bulk / measured.small["seconds"]
    growth = measured.large["peak"] / measured.small["peak"]
    times_rows = options.rows / options.sample
    print(f"\n{times_loop:.0f} × the get_or_create loop (extrapolated; wanted {TIMES_LOOP})")
    print(f"{times_bulk:.1f} × bulk_create (both on {options.sample:,} rows; wanted {TIMES_BULK})")
    print(f"{growth:.2f} × the memory for {times_rows:.0f} × the rows (wanted at most {MOST_GROWTH})")
    fast = times_loop >= TIMES_LOOP and times_bulk >= TIMES_BULK
    wrote_nothing = measured.again["added"] == measured.again["changed"] == 0
    return 0 if fast and growth <= MOST_GROWTH and wrote_nothing else 1


if __name__ == "__main__":
    _import_here(Path(sys.argv[sys.argv.index("--import") + 1]))
