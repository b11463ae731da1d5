"""What the commands share that load a published list."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.spreadsheets.header import FileRefused, SheetForm
from portal.spreadsheets.template import template_csv, template_xlsx
from portal.workforce.dated_lists import ListRefused, Loaded


class ListCommand(BaseCommand):
    """Reads a file, says what came of it, and stores nothing when a row is wrong."""

    form: SheetForm
    load: Callable[..., Loaded]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="read and compare only, store nothing")
        parser.add_argument(
            "--template", action="store_true", help="write an empty form to FILE (.xlsx or .csv) and end"
        )

    def handle(self, *args: Any, file: Path, dry_run: bool, template: bool, **options: Any) -> None:
        try:
            if template:
                self._write_template(file)
                return
            loaded = type(self).load(file, dry_run=dry_run)
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

    def _write_template(self, file: Path) -> None:
        make = template_csv if file.suffix.lower() == ".csv" else template_xlsx
        with file.open("xb") as new:
            new.write(make(self.form))
        self.stdout.write(f"已生成模板：{file}")


def columns_of(form: SheetForm) -> str:
    return "、".join(column.label for column in form.columns)
