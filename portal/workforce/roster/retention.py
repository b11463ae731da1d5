"""How long the files of an import are kept."""

from __future__ import annotations

import shutil
from datetime import timedelta

from django.utils import timezone

from portal import sealed_files
from portal.jobs.models import JobState
from portal.sealed_files import DRAFT
from portal.workforce.models import RosterImport
from portal.workforce.models.roster import Phase

# An uploaded file that was not imported, and refused rows that nobody fetched, are personal data without a
# purpose.
SOURCE_KEPT = timedelta(days=7)
HANDED_IN_KEPT = timedelta(days=30)
REFUSED_KEPT = timedelta(days=30)
_UNCONFIRMED = [Phase.LOOKING, Phase.PREVIEWED, Phase.HANDED_IN]
UNFINISHED = [JobState.WAITING, JobState.RUNNING]


def delete_source(given: RosterImport) -> None:
    """Remove the uploaded file."""
    # Earlier releases left unfinished uploads as `received`; those of now end in DRAFT.
    preview = sealed_files.path_of(given.preview_file)
    for path in (given.source_path, preview, given.folder / "received", *given.folder.glob(f"*{DRAFT}")):
        path.unlink(missing_ok=True)
    RosterImport.objects.filter(pk=given.pk, source_deleted_at__isnull=True).update(
        source_deleted_at=timezone.now()
    )


def sweep_files() -> int:
    """Delete files whose time is over; how many imports had some. Safe at any time, and twice."""
    now = timezone.now()
    count = 0
    old = RosterImport.objects.filter(source_deleted_at__isnull=True, created_at__lt=now - SOURCE_KEPT)
    # The window has longer to look at what a unit handed in.
    old = old.exclude(phase=Phase.HANDED_IN, created_at__gte=now - HANDED_IN_KEPT)
    for given in old.exclude(job__state__in=UNFINISHED):
        delete_source(given)
        RosterImport.objects.filter(pk=given.pk, phase__in=_UNCONFIRMED).update(
            phase=Phase.FAILED, message="上传后一直没有确认读入，文件已超过保存期限，请重新上传。"
        )
        count += 1
    for given in RosterImport.objects.filter(has_refused_file=True, merged_at__lt=now - REFUSED_KEPT):
        shutil.rmtree(given.folder, ignore_errors=True)
        RosterImport.objects.filter(pk=given.pk).update(has_refused_file=False)
        count += 1
    for given in RosterImport.objects.filter(source_deleted_at__isnull=True, phase=Phase.DONE):
        delete_source(given)
        count += 1
    return count
