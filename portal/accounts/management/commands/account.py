"""What the pages do not let one administrator do to another: done on the server, by who operates it, and
audited as such.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts import actions, releases
from portal.accounts.models import Release, User


class Command(BaseCommand):
    help = (
        "Reset the password of an account, disable, enable or unlock it, or give out the code with which its first "
        "second factor is enrolled or a lost one is replaced."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["reset", "disable", "enable", "unlock", "enrol", "factor-lost"])
        parser.add_argument("username")
        parser.add_argument("--reason", default="", help="why it is disabled; goes into the audit")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"no account is called {options['username']}")
        try:
            self.stdout.write(getattr(self, f"_{options['what'].replace('-', '_')}")(user, options["reason"]))
        except actions.NotNow as problem:
            raise CommandError(str(problem)) from problem

    @staticmethod
    def _reset(user: User, reason: str) -> str:
        return f"{user.username}\t{actions.reset_password_as_operator(user.pk)[1]}"

    @staticmethod
    def _enrol(user: User, reason: str) -> str:
        return f"{user.username}\t{releases.code_of_operator(user.pk, Release.Kind.ENROL).code}"

    @staticmethod
    def _factor_lost(user: User, reason: str) -> str:
        return f"{user.username}\t{releases.code_of_operator(user.pk, Release.Kind.FACTOR_LOST).code}"

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
