"""What the pages do not let one administrator do to another: done on the server, by who operates it, and
audited as such.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts import actions
from portal.accounts.models import User


class Command(BaseCommand):
    help = "Reset the password of an account, disable, enable or unlock it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["reset", "disable", "enable", "unlock"])
        parser.add_argument("username")
        parser.add_argument("--reason", default="", help="why it is disabled; goes into the audit")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"no account is called {options['username']}")
        try:
            self.stdout.write(getattr(self, f"_{options['what']}")(user, options["reason"]))
        except actions.NotNow as problem:
            raise CommandError(str(problem)) from problem

    @staticmethod
    def _reset(user: User, reason: str) -> str:
        return f"{user.username}\t{actions.reset_password_as_operator(user.pk)[1]}"

    @staticmethod
    def _disable(user: User, reason: str) -> str:
        actions.disable_account(user.pk, by=None, reason=reason)
        return f"{user.username} disabled"

    @staticmethod
    def _enable(user: User, reason: str) -> str:
        actions.enable_account(user.pk, by=None)
        return f"{user.username} enabled"

    @staticmethod
    def _unlock(user: User, reason: str) -> str:
        was_locked = actions.unlock_login(user.pk, by=None)
        return f"{user.username} unlocked" if was_locked else f"{user.username} was not locked"
