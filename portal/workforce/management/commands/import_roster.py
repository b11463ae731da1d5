"""`./jht manage import_roster FILE [--sheet NAME] [--map LABEL=COLUMN] …`"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.accounts.access import Refused
from portal.accounts.models import User
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.layout import Layout, named_columns
from portal.workforce.roster import columns_of_units
from portal.workforce.roster.actions import plain_name
from portal.workforce.roster.columns import ROSTER
from portal.workforce.roster.importing import import_file

COUNTS = ("read", "added", "changed", "unchanged", "refused")


class Command(BaseCommand):
    help = (
        "Import a roster (.xlsx or .csv). Prints how many rows were read, added, changed, unchanged and "
        "refused; exits with 1 when any row was refused. Refused rows are written to a file of the same kind "
        "with the reasons."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="report what would happen, change nothing")
        parser.add_argument(
            "--sheet", default="", help="the sheet of a workbook to read; default: the first with a header"
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="LABEL=COLUMN",
            help="a column of the file and the column of the template it stands for, such as 身份ID=证件号码; "
            "LABEL= for one that is not to be read; may be given several times",
        )
        parser.add_argument(
            "--fixed",
            action="append",
            default=[],
            metavar="COLUMN=TEXT",
            help="what is the same in every row and stands in no column, such as 工作地区划代码=150624",
        )
        parser.add_argument(
            "--header-line",
            type=int,
            default=0,
            metavar="N",
            help="the line of the header; default: it is found",
        )
        parser.add_argument(
            "--take-hidden", action="store_true", help="import rows that are hidden or filtered away too"
        )
        parser.add_argument(
            "--by",
            metavar="USERNAME",
            help="import as this account, within its regions, with the columns its office has named on the page; "
            "default: the system",
        )
        parser.add_argument(
            "--refused",
            type=Path,
            metavar="PATH",
            help="where to write refused rows; default: beside FILE (none in a dry run)",
        )

    def handle(
        self, *args: Any, file: Path, dry_run: bool, by: str | None, refused: Path | None, **options: Any
    ) -> None:
        """Print what came of the rows; CommandError when the file as a whole was refused."""
        user = None
        if by is not None:
            user = User.objects.filter(username=by, is_active=True).first()
            if user is None:
                raise CommandError(f"there is no active account {by}")
        file = file.absolute()
        if refused is None and not dry_run:
            refused = file.with_name(f"{file.stem}.refused{file.suffix}")
        name = plain_name(file.name)
        try:
            outcome = import_file(
                file,
                name=name,
                by=user,
                dry_run=dry_run,
                refused_path=refused,
                layout=_layout(options, user),
                on_step=self._tell,
            )
        except (FileRefused, Refused) as reason:
            raise CommandError(f"{file}: {reason}") from reason
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror or error}") from error
        finally:
            self._tell("")
        for name in COUNTS:
            self.stdout.write(f"{name} {getattr(outcome, name)}")
        if outcome.proposed:
            self.stdout.write(f"proposed {outcome.proposed} (what counts waits until somebody confirms)")
        if outcome.held:
            self.stdout.write(
                f"held {outcome.held} (of the refused: another name is registered, a reviewer decides)"
            )
        for occupation, rows in outcome.unlisted:
            self.stdout.write(f"not in the catalogue of occupations: {occupation} ({rows} rows, taken)")
        if dry_run:
            self.stdout.write("dry run: nothing was changed")
        if outcome.refused:
            if refused is not None:
                self.stdout.write(f"refused rows: {refused}")
            sys.exit(1)

    def _tell(self, step: str) -> None:
        """How far it is, for a person at a terminal."""
        if self.stderr.isatty():
            self.stderr.write(f"\r\033[K{step}", ending="")
            self.stderr._out.flush()  # type: ignore[attr-defined]


def _layout(options: dict[str, Any], user: User | None) -> Layout:
    """What the command line says of how to read the file, and before it what the account's office has said of such
    columns on the page. Raises FileRefused for a column that there is not.
    """
    office = columns_of_units.office_of(user) if user is not None else ""
    remembered = columns_of_units.remembered(office=office, unit_id=None)
    fixed = {}
    for pair in options["fixed"]:
        label, _, text = pair.partition("=")
        # The same words for a column as in --map.
        (key,) = named_columns([f"x={label}"], ROSTER).values()
        if not key or not text.strip():
            raise FileRefused(f"“{pair[:60]}”应写作“模板中的列名=内容”。")
        fixed[key] = text.strip()
    return Layout(
        sheet=options["sheet"],
        line=options["header_line"],
        named=remembered | named_columns(options["map"], ROSTER),
        fixed=fixed,
        take_hidden=options["take_hidden"],
    )
