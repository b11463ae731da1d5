"""manage.py rederive: derive determinations again and say what comes out otherwise."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.policy.models import RuleVersion
from portal.policy.rederive import Difference, Scope, as_known_today, replay


class Command(BaseCommand):
    help = (
        "Derives determinations again from their stored facts. By default with the rule version and the"
        " figures confirmed at that moment: exits 1 if anything differs. With --as-known-today it reports who"
        " would be decided differently now."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-known-today",
            action="store_true",
            help="today's rules and figures; a report, never a failure",
        )
        parser.add_argument(
            "--since", type=_day, metavar="YYYY-MM-DD", help="only what was decided on or after this day"
        )
        parser.add_argument("--benefit", metavar="CODE", help="only this benefit")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints a line per difference; CommandError with exit code 1 when a replay differs."""
        scope = Scope(options["since"], options["benefit"])
        if scope.benefit and not RuleVersion.objects.filter(benefit=scope.benefit).exists():
            known = "、".join(RuleVersion.objects.values_list("benefit", flat=True).distinct())
            raise CommandError(f"没有事项 {scope.benefit}。已有事项：{known}", returncode=2)
        derived = 0

        def done(count: int) -> None:
            nonlocal derived
            derived += count

        derive = as_known_today if options["as_known_today"] else replay
        differing = 0
        for difference in derive(scope, done):
            differing += 1
            self.stdout.write(_difference_line(difference))
        if options["as_known_today"]:
            self.stdout.write(f"按现行规定复算 {derived} 条现行认定，{differing} 条结论将有不同。")
        elif differing:
            raise CommandError(
                f"按当时规定复算 {derived} 条认定，{differing} 条与原认定不一致。", returncode=1
            )
        else:
            self.stdout.write(f"按当时规定复算 {derived} 条认定，全部一致。")


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _difference_line(difference: Difference) -> str:
    def as_text(part: dict[str, Any]) -> str:
        return json.dumps(part, ensure_ascii=False, sort_keys=True, default=str)

    subject = f"{difference.subject_type} {difference.subject_id}"
    return (
        f"{difference.determination} {difference.benefit} {subject} {difference.on}: "
        f"{as_text(difference.was)} -> {as_text(difference.now)}"
    )
