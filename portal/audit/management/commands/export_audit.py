"""Part of the audit as a file that proves itself, and the proof."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import audit
from portal.audit import exports, heads


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is no day: write 2026-11-30") from error


class Command(BaseCommand):
    help = "Write the audit entries of some days with their links into a file, or verify such a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "days", nargs="*", metavar="DAY", help="the first and the last day: 2026-01-01 2026-06-30"
        )
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--verify", action="store_true", help="verify FILE instead of writing it; without days"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path, days = options["file"], options["days"]
        if options["verify"]:
            self._verify(path)
            return
        if len(days) != 2:
            raise CommandError("give the first and the last day")
        first, last = (_day(text) for text in days)
        if first > last:
            raise CommandError("the first day comes after the last")
        try:
            count = exports.write(first, last, path)
        except FileExistsError as error:
            raise CommandError(f"{path} is there already and is left alone") from error
        audit.record(
            "audit.export", by=None, detail={"since": str(first), "until": str(last), "count": count}
        )
        self.stdout.write(f"{count} entries with their links in {path}")

    def _verify(self, path: Path) -> None:
        here = settings.AUDIT_HEADS
        noted = [head for head in heads.read(here) if head and head.is_genuine()] if here.exists() else []
        try:
            verdict = exports.check(path, noted)
        except (exports.NotAnExport, OSError, KeyError, TypeError) as error:
            raise CommandError(str(error)) from error
        if verdict.why:
            self.stdout.write(f"BROKEN  {verdict.why}")
            raise SystemExit(1)
        self.stdout.write(f"OK  {verdict.links} links, {verdict.heads} of them noted as heads")
