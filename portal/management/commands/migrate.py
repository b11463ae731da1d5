"""Django's `migrate`, with models drawn alone (portal.migrating)."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from portal.migrating import changed_models_drawn_alone


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with changed_models_drawn_alone():
            super().handle(*args, **options)
