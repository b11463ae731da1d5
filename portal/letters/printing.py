"""Many letters as one file for the printer: a job with progress, in the order of the list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from portal import sealed_files
from portal.jobs.runner import JobRefused, Run, job_kind
from portal.letters import building
from portal.letters.models import FileState, Letter, LetterFile, PrintFile
from portal.letters.sheets import TOGETHER

JOB_KIND = "letters.print"
KEPT_FOR = timedelta(days=7)
# So many letters without a file are named.
_NAMED = 5


@job_kind(JOB_KIND)
def build_print_file(run: Run) -> dict[str, Any]:
    """Build what is missing, then join. Starting again repeats nothing that is built."""
    from portal.letters import render  # seconds to import, and only who builds needs it

    print_file = PrintFile.objects.get(job=run.job)
    ids = print_file.letters
    run.progress(0, total=len(ids))
    for start in range(0, len(ids), TOGETHER):
        part = ids[start : start + TOGETHER]
        building.build(part)
        _mend(part)
        run.progress(start + len(part))
    files = LetterFile.objects.in_bulk(ids)
    _refuse_unbuilt([pk for pk in ids if files[pk].state != FileState.BUILT])
    path = f"letters/print/{print_file.pk}.pdf"
    with sealed_files.writing(path, made=True) as file:
        pages = render.join(
            (sealed_files.read(files[pk].path) for pk in ids),
            file,
            title=run.job.title,
            author="匠惠通",
            created=timezone.now(),
            double_sided=print_file.double_sided,
        )
    size = sealed_files.size_of(path)
    PrintFile.objects.filter(pk=print_file.pk).update(path=path, pages=pages, size=size)
    return {"pages": pages}


def clear_old() -> int:
    """Delete print files that were made some days ago; how many. They can be asked for again."""
    old = PrintFile.objects.exclude(path="").filter(job__finished_at__lt=timezone.now() - KEPT_FOR)
    files = list(old)
    for file in files:
        PrintFile.objects.filter(pk=file.pk).update(path="")
        sealed_files.path_of(file.path).unlink(missing_ok=True)
    return len(files)


def _refuse_unbuilt(ids: list[int]) -> None:
    """Raises JobRefused naming the first of these letters."""
    if not ids:
        return
    named = Letter.objects.filter(pk__in=ids[:_NAMED]).order_by("pk")
    numbers = "、".join(named.values_list("number_text", flat=True))
    more = "等" if len(ids) > _NAMED else ""
    raise JobRefused(f"有{len(ids)}份信函未能生成（{numbers}{more}），请先处理后再合并打印。")


def _mend(ids: list[int]) -> None:
    """Build again what the database calls built and the disk has lost."""
    built = LetterFile.objects.filter(letter_id__in=ids, state=FileState.BUILT)
    lost = [file.pk for file in built if building.read(file) is None]
    if lost:
        building.build(lost, again=True)
