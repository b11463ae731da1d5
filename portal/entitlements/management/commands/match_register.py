"""manage.py match_register: look over the whole register for people who are newly entitled to something."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from portal.entitlements.matching import match
from portal.policy.benefits import BY_CODE


class Command(BaseCommand):
    help = (
        "Matches everybody in the register against all benefits as of today and writes offers from what"
        " changed since the last time, as the nightly run does. Twice in a row it finds nothing new."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--whole", action="store_true", help="gather everybody's facts anew instead of those that changed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints a line per benefit that somebody gained or lost, and the totals."""
        run = match(timezone.localdate(), cause="命令行", whole=options["whole"])
        for benefit, numbers in run.counts.items():
            if benefit in BY_CODE and (numbers["gained"] or numbers["lost"]):
                self.stdout.write(
                    f"{BY_CODE[benefit].title}：新增 {numbers['gained']} 人，减少 {numbers['lost']} 人，"
                    f"目前 {numbers['eligible']} 人"
                )
        self.stdout.write(
            f"共 {run.people} 人，{run.changed} 人有变化；新增事项 {run.offered} 项，失效 {run.expired} 项。"
        )
