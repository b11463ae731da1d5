"""Django's `migrate`, with models drawn alone (portal.migrating) and the functions made safe afterwards."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections, transaction

from portal import database_functions
from portal.migrating import changed_models_drawn_alone


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with changed_models_drawn_alone():
            super().handle(*args, **options)
        if not (options["plan"] or options["check_unapplied"]):
            with transaction.atomic(using=options["database"]):
                database_functions.secure(connections[options["database"]])
