"""manage.py load_demo: accounts, a synthetic roster and the first entries of the registry, through the
portal's own actions.
"""

from __future__ import annotations

import json
import os
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from portal.accounts import demonstration
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.demo import Demo


def _refuse_accounts() -> None:
    """FileExistsError where there are accounts: such a portal is left as it is, without a mark."""
    if User.objects.exists():
        raise FileExistsError(
            "this portal has accounts already; the demonstration is loaded into an empty one only"
        )


class Command(BaseCommand):
    help = (
        "Load the demonstration into an empty portal, which stays one for good. "
        "Writes the accounts' random passwords to var/demo_accounts.json."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="leave a portal that has accounts alone, without an error"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """All or nothing: a start that is killed meanwhile begins again with an empty portal."""
        demo = Demo(on=timezone.localdate())
        loaders = [config.load_demo for config in apps.get_app_configs() if hasattr(config, "load_demo")]
        try:
            _refuse_accounts()
            with transaction.atomic():
                demonstration.mark()
                for load in loaders:
                    load(demo)
                for load_afterwards in demo.afterwards:
                    load_afterwards()
                # Before the commit: accounts whose passwords nobody ever saw would be worse than passwords
                # without accounts.
                self._write_accounts(demo)
        except FileExistsError as error:
            if options["if_empty"]:
                self.stdout.write(f"{error}: nothing loaded")
                return
            raise CommandError(str(error)) from error
        self.stdout.write(f"{len(demo.people)} accounts, see {settings.VAR_DIR / 'demo_accounts.json'}")

    @staticmethod
    def _write_accounts(demo: Demo) -> None:
        rows = []
        for user in User.objects.filter(
            pk__in=[person.pk for person in demo.people.values()]
        ).prefetch_related("assignments__region"):
            assignment = user.assignments.all()[0]
            rows.append(
                {
                    "role": Role(assignment.role).label,
                    "region": assignment.region.name,
                    "name": user.display_name,
                    "username": user.username,
                    "password": demo.passwords[user.username],
                }
            )
        order = [role.label for role in Role]
        rows.sort(key=lambda row: (order.index(row["role"]), row["username"]))
        path = settings.VAR_DIR / "demo_accounts.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".tmp")
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            json.dump(rows, file, ensure_ascii=False, indent=1)
        draft.replace(path)
