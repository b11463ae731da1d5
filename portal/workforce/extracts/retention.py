"""How long the files of an extract are kept."""

from __future__ import annotations

import shutil
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from portal.jobs.models import JobState
from portal.sealed_files import DRAFT
from portal.workforce.models import ExtractPhase, RegisterExtract

# A file that nobody confirmed, and rows that nobody fetched, are personal data without a purpose.
SOURCE_KEPT = timedelta(days=7)
REFUSED_KEPT = timedelta(days=30)


def delete_source(extract: RegisterExtract) -> None:
    """Remove the file that was given in."""
    extract.folder.joinpath(f"source{extract.suffix}").unlink(missing_ok=True)
    for path in extract.folder.glob(f"*{DRAFT}"):
        path.unlink(missing_ok=True)
    RegisterExtract.objects.filter(pk=extract.pk, source_deleted_at__isnull=True).update(
        source_deleted_at=timezone.now()
    )


def delete_files(extract: RegisterExtract) -> None:
    """Remove everything that is kept of it."""
    shutil.rmtree(extract.folder, ignore_errors=True)


def sweep_files() -> int:
    """Delete files whose time is over; how many extracts had some. Safe at any time, and twice."""
    now = timezone.now()
    count = 0
    unfinished = Q(job__state__in=[JobState.WAITING, JobState.RUNNING])
    forgotten = RegisterExtract.objects.filter(merged_at__isnull=True, source_deleted_at__isnull=True)
    for extract in forgotten.filter(created_at__lt=now - SOURCE_KEPT).exclude(unfinished):
        delete_files(extract)
        RegisterExtract.objects.filter(pk=extract.pk).update(
            phase=ExtractPhase.FAILED,
            message="提交后未在期限内确认，文件已删除，没有写入任何内容。",
            understood=[],
            has_refused_file=False,
            source_deleted_at=now,
        )
        count += 1
    for extract in RegisterExtract.objects.filter(has_refused_file=True, merged_at__lt=now - REFUSED_KEPT):
        delete_files(extract)
        RegisterExtract.objects.filter(pk=extract.pk).update(has_refused_file=False)
        count += 1
    return count
