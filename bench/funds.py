"""The ledger: a million transfers reconciled, posting in bulk and one by one beside django-hordak, many at once.

    ./jht bench funds [-- --million 1000000 --transfers 100000 --singles 300 --runs 20]

Everything that is measured of ours goes through an action with its permission, its audit and all guards, except where
eight clients are many at once: there the application's role posts by SQL, so that clients wait for the database alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import DecimalField, F, Value

from bench import funds_at_once, payment_rows
from bench.database import owner, vacuum, without_guards, without_references
from bench.figures import Said
from bench.payment_rows import Office
from bench.timing import seconds_of
from portal.cases.models import Case
from portal.entitlements.workflow import RECTIFICATION
from portal.funds import ledger, sealing
from portal.funds.decided import register_decided
from portal.funds.models import Line, Payable, Transfer
from portal.funds.moves import MoveCode
from portal.funds.proof import differences
from portal.funds.reconciling import reconcile

RECONCILED_SECONDS, BULK_TIMES, SINGLE_TIMES, AT_ONCE_TIMES = 10.0, 2.0, 0.8, 2.0
_SUM = Decimal(1500)
_MOVES_EACH, _DAYS = 4, 100


# -- a million -----------------------------------------------------------------------------------------------
# Each payable was reserved, released, reserved and committed, an hour apart, on one of a hundred days that have ended.
_HISTORY = """
INSERT INTO funds_transfer (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, by_id, at)
SELECT m.code, p.line_id, m.from_bucket, p.line_id, m.to_bucket, p.amount, p.id, %(by)s,
       date_trunc('day', now()) - interval '1 day' * (1 + p.id %% %(days)s) + interval '1 hour' * n.place
FROM unnest(ARRAY['reserve', 'release', 'reserve', 'commit']) WITH ORDINALITY AS n (code, place)
JOIN funds_ledgermove m ON m.code = n.code CROSS JOIN funds_payable p
WHERE p.line_id = %(line)s ORDER BY n.place, p.id
"""
_STANDING = """
UPDATE funds_payable SET bucket = 'committed', moves = 4 WHERE line_id = %(line)s
"""
_KEPT = """
UPDATE funds_balance b SET amount = b.amount + CASE b.bucket WHEN 'committed' THEN s.sum ELSE -s.sum END
FROM (SELECT sum(amount) AS sum FROM funds_payable WHERE line_id = %(line)s) AS s
WHERE b.line_id = %(line)s AND b.bucket IN ('available', 'committed')
"""


def _decided() -> Any:
    """What was approved of the cases that have a payable of the million."""
    return (
        Case.objects.filter(kind=RECTIFICATION, payables__share=1)
        .annotate(
            case_id=F("pk"),
            fund=Value("employment_subsidy_fund"),
            amount=Value(_SUM, output_field=DecimalField()),
        )
        .values("case_id", "fund", "amount")
    )


def _measure_million(said: Said, case_ids: Sequence[int], office: Office) -> None:
    line = payment_rows.line(office, payment_rows.total(len(case_ids)))
    payment_rows.drawn(case_ids, line, office)
    given = {"line": line.pk, "by": office.finance[1].pk, "days": _DAYS}
    with (
        owner() as cursor,
        without_guards(cursor, "funds_transfer", "funds_payable"),
        without_references(cursor, "funds_transfer"),
    ):
        for statement in (_HISTORY, _STANDING, _KEPT):
            cursor.execute(statement, given)
    vacuum()
    print(f"\n{Transfer.objects.count():,} transfers of {Payable.objects.count():,} payables")
    register_decided(RECTIFICATION, _decided)
    days = 0

    def seal() -> None:
        nonlocal days
        days = sealing.seal_days()

    took = seconds_of(seal)
    print(f"    {days} days sealed in {took:.2f} s")
    found: list[str] = []
    took = seconds_of(lambda: found.extend(reconcile().differences))
    said.say("reconciled, with seals and proof", took, RECONCILED_SECONDS, unit=" s")
    said.say("differences", len(found), 0)
    for words in found[:3]:
        print(f"    {words}")
    print(f"    of it seals {seconds_of(lambda: list(sealing.different())):.2f} s", end="")
    print(f", proof {seconds_of(differences):.2f} s")


# -- posting -------------------------------------------------------------------------------------------------
def _hordak(transfers: int, singles: int) -> dict[str, float]:
    """Seconds of django-hordak: `bulk` of all, `single` of one."""
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "bench.hordak_ledger", str(transfers), str(singles)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "bench.hordak_settings"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _payables(line: Line) -> list[int]:
    return list(Payable.objects.filter(line=line).order_by("pk").values_list("pk", flat=True))


def _of_one(numbers: Sequence[int], office: Office, *, waits_for_disk: bool) -> float:
    """Seconds of one transfer, posted by its action with a commit of its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('synchronous_commit', %s, false)", ["on" if waits_for_disk else "off"]
        )

    def post() -> None:
        for number in numbers:
            ledger.move([number], MoveCode.RESERVE, by=office.finance[1])

    took = seconds_of(post) / len(numbers)
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")
    return took


def _measure_posting(
    said: Said, case_ids: Sequence[int], office: Office, transfers: int, singles: int
) -> None:
    # One more stays as it was drawn, for who attacks.
    count = transfers + 2 * singles + 1
    line = payment_rows.line(office, payment_rows.total(count), number=2)
    payment_rows.drawn(case_ids[:count], line, office, share=2)
    numbers = _payables(line)
    many, one_by_one, careless = (
        numbers[:transfers],
        numbers[transfers : transfers + singles],
        numbers[transfers + singles : -1],
    )
    print(f"\n{transfers:,} transfers at once, and {singles:,} one by one")
    took = seconds_of(lambda: ledger.move(many, MoveCode.RESERVE, by=office.finance[1]))
    vacuum("funds_transfer", "funds_payable", "audit_entry", "audit_chainlink")
    one = _of_one(one_by_one, office, waits_for_disk=True)
    without_disk = _of_one(careless, office, waits_for_disk=False)
    theirs = _hordak(transfers, singles)
    print(f"    ours {took:.2f} s and {one * 1000:.2f} ms each", end="")
    print(f", of it waiting for the disk {max(1 - without_disk / one, 0):.0%}")
    print(f"    django-hordak {theirs['bulk']:.2f} s and {theirs['single'] * 1000:.2f} ms each")
    said.say("times django-hordak in bulk", theirs["bulk"] / took, BULK_TIMES, at_least=True, unit=" ×")
    said.say("times django-hordak one by one", theirs["single"] / one, SINGLE_TIMES, at_least=True, unit=" ×")
    said.say("differences", len(differences()), 0)


def _measure_attacks(said: Said) -> None:
    attacks = funds_at_once.attacks()
    allowed = [name for name, refused in attacks.items() if not refused]
    print(f"\n{len(attacks)} attacks by the application's role")
    for name in allowed:
        print(f"    ALLOWED: {name}")
    said.say("attacks that were not refused", len(allowed), 0)


# -- many at once --------------------------------------------------------------------------------------------
def _measure_at_once(said: Said, case_ids: Sequence[int], office: Office, runs: int) -> None:
    count = funds_at_once.CLIENTS * funds_at_once.EACH
    print(f"\n{funds_at_once.CLIENTS} clients ask for twice the funds, {count} times in a run, {runs} runs")
    ways = funds_at_once.Ways()
    lines = [
        payment_rows.line(office, payment_rows.total(count // 2), number=10 + run) for run in range(runs)
    ]
    for run, line in enumerate(lines):
        payment_rows.drawn(case_ids[:count], line, office, share=10 + run, settled=run == runs - 1)
    came = [ways.ours(line.pk, _payables(line), office.finance[1].pk) for line in lines]
    overspent = sum(one.accepted > count // 2 for one in came) + len(differences())
    rate = sum(one.rate for one in came) / runs
    print(f"    given {', '.join(str(one.accepted) for one in came)} of {count}")
    said.say("runs of ours that overspent", overspent, 0)
    print(f"    ours {rate:,.0f} a second")
    careful = [ways.serializable() for _ in range(min(runs, 5))]
    theirs = sum(came.rate for came in careful) / len(careful)
    print(f"    SERIALIZABLE with retry {theirs:,.0f} a second")
    said.say("times SERIALIZABLE with retry", rate / theirs, AT_ONCE_TIMES, at_least=True, unit=" ×")
    for name, way in (
        ("read, then insert", ways.read_then_insert),
        ("FOR UPDATE in one statement", ways.one_statement),
    ):
        found = sum(way().accepted > count // 2 for _ in range(runs))
        print(f"    {name}: {found} of {runs} runs overspent")
        said.say(f"runs in which {name} overspent", found, 1, at_least=True)


def main(arguments: list[str]) -> int:
    """0 when every figure is reached."""
    parser = argparse.ArgumentParser(prog="funds")
    parser.add_argument("--million", type=int, default=1_000_000)
    parser.add_argument("--transfers", type=int, default=100_000)
    parser.add_argument("--singles", type=int, default=300)
    parser.add_argument("--runs", type=int, default=20)
    sizes = parser.parse_args(arguments)
    said, office = Said(), Office()
    payment_rows.know_payees(office)
    payables = max(sizes.million // _MOVES_EACH, sizes.transfers + 2 * sizes.singles + 1)
    case_ids = payment_rows.cases(payables)
    _measure_million(said, case_ids[: sizes.million // _MOVES_EACH], office)
    _measure_posting(said, case_ids, office, sizes.transfers, sizes.singles)
    _measure_attacks(said)
    _measure_at_once(said, case_ids, office, sizes.runs)
    return 0 if said.reached else 1
