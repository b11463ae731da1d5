"""How long the files of units are kept, and the account numbers in them."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from portal.jobs.models import JobState
from portal.sealed_files import DRAFT
from subsidies.by_unit.models import ClaimFile, ClaimFileRow, FilePhase

# A file that nobody confirmed, and rows that nobody fetched, are personal data without a purpose.
SOURCE_KEPT = timedelta(days=7)
REFUSED_KEPT = timedelta(days=30)


def delete_source(given: ClaimFile) -> None:
    """Remove the file that was given in."""
    given.folder.joinpath(f"source{given.suffix}").unlink(missing_ok=True)
    for path in given.folder.glob(f"*{DRAFT}"):
        path.unlink(missing_ok=True)
    ClaimFile.objects.filter(pk=given.pk, source_deleted_at__isnull=True).update(
        source_deleted_at=timezone.now()
    )


def delete_files(given: ClaimFile) -> None:
    """Remove everything that is kept of it on the disk."""
    shutil.rmtree(given.folder, ignore_errors=True)


def forget_accounts(row_ids: Collection[int]) -> None:
    """The person has answered, or will not: what the unit said of an account has no purpose any more."""
    ClaimFileRow.objects.filter(pk__in=row_ids).update(bank="", account_number=None)


def sweep_files() -> int:
    """Delete what time is over for; of how many files something went. Safe at any time, and twice."""
    now = timezone.now()
    unfinished = Q(job__state__in=[JobState.WAITING, JobState.RUNNING])
    forgotten = ClaimFile.objects.filter(confirmed_at__isnull=True, created_at__lt=now - SOURCE_KEPT)
    count = 0
    for given in forgotten.exclude(unfinished):
        delete_files(given)
        given.delete()
        count += 1
    done = ClaimFile.objects.filter(has_refused_file=True, confirmed_at__lt=now - REFUSED_KEPT)
    for given in done.filter(phase__in=[FilePhase.DONE, FilePhase.FAILED]):
        delete_files(given)
        ClaimFile.objects.filter(pk=given.pk).update(has_refused_file=False)
        # Rows that came to nothing say who was meant; what they were for is over.
        given.rows.filter(proposal__isnull=True).delete()
        count += 1
    return count
