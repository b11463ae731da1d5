"""django-hordak posts as it is meant to: many transactions in bulk, and one by one with a commit each.

DJANGO_SETTINGS_MODULE=bench.hordak_settings python -m bench.hordak_ledger TRANSFERS SINGLES
"""

from __future__ import annotations

import json
import sys
import time

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from hordak.models import Account, AccountType, Leg, Transaction  # noqa: E402
from moneyed import CNY, Money  # noqa: E402

_SUM = Money(1500, CNY)


def _accounts() -> tuple[Account, Account]:
    available, reserved = (
        Account.objects.create(name=name, type=AccountType.asset, currencies=["CNY"])
        for name in ("available", "reserved")
    )
    return available, reserved


def bulk(count: int, source: Account, target: Account) -> float:
    """Seconds of so many transactions with two legs each, in one commit."""
    began = time.perf_counter()
    with transaction.atomic():
        made = Transaction.objects.bulk_create([Transaction() for _ in range(count)], batch_size=5000)
        Leg.objects.bulk_create(
            [
                leg
                for one in made
                for leg in (
                    Leg(transaction=one, account=source, credit=_SUM),
                    Leg(transaction=one, account=target, debit=_SUM),
                )
            ],
            batch_size=5000,
        )
    return time.perf_counter() - began


def single(count: int, source: Account, target: Account) -> float:
    """Seconds of one."""
    began = time.perf_counter()
    for _ in range(count):
        with transaction.atomic():
            source.transfer_to(target, _SUM)
    return (time.perf_counter() - began) / count


def measure() -> None:
    count, singles = map(int, sys.argv[1:])
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA hordak")
    call_command("migrate", verbosity=0)
    source, target = _accounts()
    figures = {"bulk": bulk(count, source, target), "single": single(singles, source, target)}
    print(json.dumps(figures))


if __name__ == "__main__":
    measure()
