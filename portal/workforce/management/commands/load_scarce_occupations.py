"""`./jht manage load_scarce_occupations FILE [--dry-run]`"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.spreadsheets.header import FileRefused
from portal.workforce.scarce_lists import SCARCE_LIST, ListRefused, load_scarce_list


class Command(BaseCommand):
    help = (
        "Load a published list of scarce occupations (.csv or .xlsx) with the columns "
        f"{'、'.join(column.label for column in SCARCE_LIST.columns)}. Rows that are wrong are said with the "
        "reason, and nothing is stored then (exit 1). The same file again changes nothing; a line with "
        "another last day corrects the one that stands."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="read and compare only, store nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            loaded = load_scarce_list(file, dry_run=dry_run)
        except ListRefused as refused:
            raise CommandError(f"{file.name}：未载入。\n" + "\n".join(refused.problems)) from refused
        except FileRefused as refused:
            raise CommandError(f"{file.name}：{refused}") from refused
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}") from error
        said = "核对" if dry_run else "载入"
        self.stdout.write(
            f"已{said}：新增{loaded.added}项，更改{loaded.changed}项，相同{loaded.unchanged}项。"
        )
