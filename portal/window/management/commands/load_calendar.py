"""Loads the official calendar of a year, as the page does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.regions.reference import CalendarFileError
from portal.window.office.actions import load_calendar


class Command(BaseCommand):
    help = "Load days off and make-up days from a CSV (日期,是否上班,说明,来源文件); each year in it is replaced whole."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_calendar(options["file"].read_bytes(), by=None)
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except CalendarFileError as error:
            raise CommandError(str(error)) from error
        years = ", ".join(str(year) for year in loaded.years)
        self.stdout.write(f"Loaded {years}; {loaded.deadlines_moved} open cases have a new deadline.")
