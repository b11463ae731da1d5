"""Loads the official text of a policy document from the office's own file, clause by clause."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.access import Refused
from portal.accounts.models import User
from portal.policy.actions import TextLoaded, UnknownDocument, load_official_text
from portal.policy.models import PolicyDocument
from portal.policy.official_text import TextRefused


class Command(BaseCommand):
    help = (
        "Load the official text of a document (UTF-8 or GB18030) and show it beside our summaries. The file"
        " must have every clause of the shelf once, in order, under its title: otherwise exit 1, nothing"
        " stored. A corrected file becomes a new version; the same file again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "number", metavar="NUMBER", help="of the document, for example 内党办发〔2019〕6号"
        )
        parser.add_argument("file", type=Path, metavar="FILE", help="plain text of the whole document")
        parser.add_argument(
            "--by",
            metavar="USERNAME",
            help="the policy officer who loads it; without it, who operates the server",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="read and compare only: say what was found, store nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        number = re.sub(r"[\[［【（(](\d{4})[\]］】）)]", r"〔\1〕", options["number"].strip())
        by = None
        if options["by"] is not None:
            by = User.objects.filter(username=options["by"]).first()
            if by is None:
                raise CommandError(f"there is no account {options['by']}")
        try:
            loaded = load_official_text(
                number,
                options["file"].read_bytes(),
                file_name=options["file"].name,
                by=by,
                dry_run=options["dry_run"],
            )
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except UnknownDocument as error:
            known = "、".join(
                PolicyDocument.objects.filter(clauses__isnull=False)
                .distinct()
                .values_list("number", flat=True)
            )
            raise CommandError(
                f"no document {number} with clauses is on the shelf; there is: {known}"
            ) from error
        except TextRefused as error:
            raise CommandError(
                f"{options['file'].name}: nothing was stored.\n" + "\n".join(error.problems)
            ) from error
        except Refused as error:
            raise CommandError(str(error)) from error
        self._report(number, loaded, options["dry_run"])

    def _report(self, number: str, loaded: TextLoaded, dry_run: bool) -> None:
        read = loaded.read
        if dry_run:
            for clause, text in read.clauses.items():
                self.stdout.write(f"（{clause}）{read.titles[clause]}\t{len(text):,} characters")
        if read.page_lines:
            self.stdout.write(
                f"Left out as page numbers: lines {', '.join(str(line) for line in read.page_lines)}."
            )
        characters = sum(map(len, read.clauses.values()))
        what = f"{number}: {len(read.clauses)} clauses, {characters:,} characters, SHA-256 {loaded.digest}"
        if not loaded.changed:
            self.stdout.write(f"Unchanged: version {loaded.version} says the same. {what}.")
        elif dry_run:
            self.stdout.write(f"Would become version {loaded.version}; nothing was stored. {what}.")
        else:
            self.stdout.write(f"Loaded version {loaded.version}. {what}.")
