"""Recomputes the hash chain of the audit trail."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.audit.chain import verify
from portal.audit.models import ChainLink


class Command(BaseCommand):
    help = "Verify the audit chain. Exit 1 and the first broken link when it does not hold."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect", metavar="HEAD", help="a head noted earlier: it must still be a link of the chain"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        expected = self._digest(options["expect"])
        verdict = verify()
        if expected and not ChainLink.objects.filter(digest=expected).exists():
            self.stdout.write(
                "BROKEN  the expected head is no link of the chain: entries were cut off or replaced"
            )
            raise SystemExit(1)
        if not verdict.holds:
            place = f"link {verdict.broken_at}" if verdict.broken_at else "no link"
            self.stdout.write(f"BROKEN  {place}, entry {verdict.entry_id}: {verdict.why}")
            raise SystemExit(1)
        self.stdout.write(f"OK  {verdict.links} links, head {verdict.head or '-'}")

    @staticmethod
    def _digest(text: str | None) -> bytes | None:
        if not text:
            return None
        try:
            digest = bytes.fromhex(text.strip())
        except ValueError as error:
            raise CommandError(
                "--expect takes a head as verify_audit prints it: 64 hexadecimal digits"
            ) from error
        if len(digest) != 32:
            raise CommandError(f"--expect takes 64 hexadecimal digits, these are {len(digest) * 2}")
        return digest
