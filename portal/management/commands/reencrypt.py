"""manage.py reencrypt: writes everything encrypted with the first data key, bound to its place.

After a new key was put in front of JHT_DATA_KEYS, and once after the update from a release that bound nothing.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import audit, crypto, reencrypting, unbound_values

_NAMED = 20


class Command(BaseCommand):
    help = (
        "Encrypts personal data anew with the first key of JHT_DATA_KEYS, in the database and on the disk, and "
        "binds it to its place. It may be interrupted and repeated."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only say what is left to do; 1 if anything is"
        )
        parser.add_argument(
            "--of-a-backup",
            action="store_true",
            help="also take values of the form of before where they are refused already: after a backup was "
            "restored that is older than the conversion",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """As the owner of the tables: histories are rewritten too, which the application may not do."""
        if options["check"]:
            self._check()
            return
        with unbound_values.read_again() if options["of_a_backup"] else nullcontext():
            done = reencrypting.rewrite_all(self._tell)
        if done.values or done.failed:
            audit.record(
                "data.reencrypt",
                by=None,
                detail={
                    "rewritten": done.values,
                    "failed": len(done.failed),
                    "data_key": crypto.current_key_version(),
                    "of_a_backup": options["of_a_backup"],
                },
            )
        if done.failed:
            for place in done.failed[:_NAMED]:
                self.stderr.write(place)
            raise CommandError(
                f"{done.values} values written with key {crypto.current_key_version()}; {len(done.failed)} do not "
                "open: they were changed, are not bound to their place, or belong to a key that is missing. They "
                "were left as they are. Keep the keys before, find out, and repeat."
            )
        unbound_values.mark()
        self._tell(
            f"{done.verified} values and files opened; what is not bound to its place is refused from now on."
        )
        self._tell(
            f"{done.values} values written with key {crypto.current_key_version()}. Keys before it may be removed now."
        )

    def _check(self) -> None:
        left = reencrypting.left_over()
        for label, count in left.items():
            unbound = f", {count.unbound} of these bound to nothing" if count.unbound else ""
            self._tell(f"{label}: {count.values} left{unbound}")
        refused = "refused" if unbound_values.is_marked() else "still read: run reencrypt"
        self._tell(f"Values that are bound to nothing are {refused}.")
        if left:
            raise CommandError("There is something left to write anew.")
        self._tell(f"Everything is written with key {crypto.current_key_version()}.")

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
