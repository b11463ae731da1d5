"""Recomputes the hash chain of the audit trail, and compares it with the heads noted outside the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.audit import anchors
from portal.audit.anchors import Anchored
from portal.audit.chain import verify
from portal.audit.models import ChainLink


class Command(BaseCommand):
    help = (
        "Verify the audit chain and the heads noted of it. Exit 1, the first broken link and every head that does not "
        "agree when it does not hold."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect", metavar="HEAD", help="a head noted earlier: it must still be a link of the chain"
        )
        parser.add_argument(
            "--heads",
            metavar="FILE",
            type=Path,
            action="append",
            default=[],
            help="further heads, brought from where they were sent to",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        expected = self._digest(options["expect"])
        verdict = verify()
        if expected and not ChainLink.objects.filter(digest=expected).exists():
            self.stdout.write(
                "BROKEN  the expected head is no link of the chain: entries were cut off or replaced"
            )
            raise SystemExit(1)
        for path in options["heads"]:
            if not path.is_file():
                raise CommandError(f"there is no file {path}")
        anchored = anchors.compare(options["heads"])
        if not verdict.holds:
            place = f"link {verdict.broken_at}" if verdict.broken_at else "no link"
            self.stdout.write(f"BROKEN  {place}, entry {verdict.entry_id}: {verdict.why}")
        for found in anchored.found:
            self.stdout.write(f"BROKEN  {anchors.WORDS[found.what]}: {found.says}")
        if anchored.found or not verdict.holds:
            raise SystemExit(1)
        self.stdout.write(f"OK  {verdict.links} links, head {verdict.head or '-'}")
        self.stdout.write(self._noted(anchored))

    @staticmethod
    def _noted(anchored: Anchored) -> str:
        if anchored.last is None:
            return "NOTE  no head was noted outside the database yet: beat does it every hour"
        last = anchored.last
        return f"OK  {anchored.heads} heads agree, the last one of {last.at} notes link {last.position}"

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
