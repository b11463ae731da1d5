"""manage.py set_issuer CODE: an office confirms the name and the mark under which it issues letters."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from portal.letters import actions
from portal.letters.models import Issuer


class Command(BaseCommand):
    help = (
        "Sets the name and the document mark of an issuer (region code); "
        "its letters are no longer marked as samples."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="region code, such as 150000")
        parser.add_argument(
            "--mark", required=True, help="what stands before 〔year〕 in numbers, such as 内人社函"
        )
        parser.add_argument("--name", help="the office's full name; unchanged when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            issuer = actions.confirm_issuer(
                code=options["code"], mark=options["mark"], name=options["name"], by=None
            )
        except Issuer.DoesNotExist as error:
            raise CommandError(f"there is no issuer {options['code']}") from error
        except IntegrityError as error:
            raise CommandError(f"the mark {options['mark']} belongs to another issuer") from error
        self.stdout.write(f"{issuer.name}: {issuer.mark}〔年份〕1号")
