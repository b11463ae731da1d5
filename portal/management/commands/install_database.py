"""manage.py install_database: what comes after migrate, as the owner of the tables."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from portal import database_functions, grants, locks, reencrypting

# Two starts at once must not grant at once: PostgreSQL would refuse one of them ("tuple concurrently
# updated").
ONLY_ONE = "install database"


class Command(BaseCommand):
    help = "Gives the application's role its rights and loads the reference data (divisions, calendar, policy …). Repeatable."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Both in one transaction each: rights first, so that reference data that fails leaves a safe
        database.
        """
        with transaction.atomic():
            locks.hold(ONLY_ONE)
            try:
                installed = grants.install(connection, settings.APPLICATION_ROLE)
            except grants.BadRole as error:
                raise CommandError(str(error)) from error
            database_functions.secure(connection)
        self.stdout.write(
            f"Rights of {settings.APPLICATION_ROLE}: {installed.read_write} tables to read and write, "
            f"{installed.append_only} only to add to, {installed.read_only} only to read."
        )
        loaded = []
        with transaction.atomic():
            locks.hold(ONLY_ONE)
            for config in apps.get_app_configs():
                load = getattr(config, "load_reference", None)
                if load is not None:
                    load()
                    loaded.append(config.label)
        self.stdout.write(f"Reference data of: {', '.join(loaded) or 'no app'}.")
        reencrypting.mark_when_bound()
