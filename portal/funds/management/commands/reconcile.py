"""`./jht manage reconcile [--months]`"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.formats import yuan as in_words
from portal.funds.money import yuan
from portal.funds.months import Month
from portal.funds.reconciling import OfMonth, Reconciled, reconcile


class Command(BaseCommand):
    help = (
        "Compare ledger, payables, approvals and what banks answered, by fund, line and month. Exit 1, and every "
        "difference with where to look, when they do not agree."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--months", action="store_true", help="also each line and month")

    def handle(self, *args: Any, **given: Any) -> None:
        compared = reconcile()
        if given["months"]:
            for one in compared.months:
                self.stdout.write(self._month(one, compared))
        if compared.differences:
            for words in compared.differences:
                self.stdout.write(f"DIFFERS  {words}")
            raise SystemExit(1)
        for fund, name in compared.funds.items():
            self.stdout.write(self._fund(fund, name, compared))

    @staticmethod
    def _month(one: OfMonth, compared: Reconciled) -> str:
        said = f"{compared.lines[one.line]}, {Month.read(one.month)}: {one.payables} payables, ledger {_yuan(one.ledger)}"
        return f"{said}, payables {_yuan(one.drawn)}, approved {_yuan(one.decided)}"

    @staticmethod
    def _fund(fund: str, name: str, compared: Reconciled) -> str:
        months = [one for one in compared.months if one.fund == fund]
        lines = len({one.line for one in months})
        count, amount = sum(one.payables for one in months), sum(one.ledger for one in months)
        waiting, awaited = compared.waiting.get(fund, (0, 0))
        waits = f"; {waiting} more wait for {_yuan(awaited)}" if waiting else ""
        return f"OK  {name}: {count} payables over {_yuan(amount)} on {lines} lines are as approved and as in the ledger{waits}"


def _yuan(fen: int) -> str:
    return in_words(yuan(fen))
