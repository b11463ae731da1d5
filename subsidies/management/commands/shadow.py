"""`./jht manage shadow FILE [--league CODE] [--verified] [--complete FUND] [--json]`"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal import audit
from portal.accounts.access import WHOLE_REGION
from portal.policy.benefits import FUNDS
from portal.regions.models import Region
from portal.spreadsheets.header import FileRefused
from subsidies.trials.deciding import Asked
from subsidies.trials.jobs import try_list
from subsidies.trials.result import Outcome

# What says whose a row is stays out of the terminal.
_HIDDEN = ("name", "number", "certificate", "worker")


class Command(BaseCommand):
    help = (
        "Decide a list of subsidies that were paid (.xlsx or .csv) by the rules, each row under the law of its own "
        "day, and tell where both differ. Nothing is recorded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--league", metavar="CODE", default=WHOLE_REGION, help="only people of this place"
        )
        parser.add_argument("--verified", action="store_true", help="by verified facts alone")
        parser.add_argument(
            "--complete",
            metavar="FUND",
            action="append",
            default=[],
            choices=sorted(FUNDS),
            help="the list holds everything that this fund paid there, from its first year until its last day",
        )
        parser.add_argument("--json", action="store_true", help="everything as JSON, each row by its line")

    def handle(self, *args: Any, **given: Any) -> None:
        file: Path = given["file"].absolute()
        if not Region.objects.filter(pk=given["league"]).exists():
            raise CommandError(f"there is no place {given['league']}")
        asked = Asked(given["league"], given["verified"], tuple(given["complete"]))
        try:
            result = try_list(file, asked, on_read=self._tell, on_decided=self._tell)
        except FileRefused as refused:
            raise CommandError(f"{file}: {refused}") from refused
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror or error}") from error
        finally:
            self._end()
        detail = {code: one["rows"] for code, one in result["outcomes"].items()}
        audit.record("trial.run", by=None, region=asked.place, detail=detail)
        if given["json"]:
            rows = [{key: row[key] for key in row if key not in _HIDDEN} for row in result["rows"]]
            self.stdout.write(json.dumps({**result, "rows": rows}, ensure_ascii=False, indent=2))
        else:
            self._write(result)

    def _write(self, result: dict[str, Any]) -> None:
        for outcome in Outcome:
            one = result["outcomes"][outcome.value]
            self.stdout.write(
                f"{outcome.value} {one['rows']} paid {one['paid']} by the rules {one['ruled']} ({outcome.label})"
            )
        for reason in result["reasons"]:
            note = f"（{reason['note']}）" if reason["note"] else ""
            self.stdout.write(
                f"  {reason['outcome']} {reason['rows']} paid {reason['paid']}: {reason['label']}{note}"
            )
        for place in result["places"]:
            counts = " ".join(f"{code} {rows}" for code, rows in place["outcomes"].items() if rows)
            indent = "" if place["league"] else "  "
            self.stdout.write(f"{indent}{place['name']} {place['rows']} paid {place['paid']}: {counts}")

    def _tell(self, count: int) -> None:
        """How far it is, for a person at a terminal."""
        if self.stderr.isatty():
            self.stderr.write(f"\r\033[K{count}", ending="")
            self.stderr._out.flush()  # type: ignore[attr-defined]

    def _end(self) -> None:
        if self.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")
