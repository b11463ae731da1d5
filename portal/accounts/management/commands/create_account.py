"""Makes an account on the server: the first administrators of a portal, who then make all others on the
pages.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from portal.accounts import releases
from portal.accounts.access import NotNow
from portal.accounts.actions import create_account_as_operator, grant_role
from portal.accounts.models import Release
from portal.accounts.roles import Role
from portal.accounts.second_factor import is_required
from portal.regions.models import Region


class Command(BaseCommand):
    help = (
        "Create an account, give it a role, and print its first password, which has to be changed at the first "
        "login, and for staff the code with which they enrol a second factor then. Both are printed this one time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="3 to 64 small letters, digits and . _ -")
        parser.add_argument("name", help="the person's own name")
        parser.add_argument(
            "--role", choices=[role.value for role in Role if role != Role.WORKER], help="a role in --region"
        )
        parser.add_argument(
            "--region", default="150000", metavar="CODE", help="code of the division (150000: all)"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user, password = create_account_as_operator(options["username"], options["name"])
            if options["role"]:
                if not Region.objects.filter(pk=options["region"]).exists():
                    raise CommandError(f"no division has the code {options['region']}")
                grant_role(user.pk, options["role"], options["region"], by=None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except NotNow as problem:
            raise CommandError(str(problem)) from problem
        printed = [user.username, password]
        if is_required(user):
            printed.append(releases.code_of_operator(user.pk, Release.Kind.ENROL).code)
        self.stdout.write("\t".join(printed))
