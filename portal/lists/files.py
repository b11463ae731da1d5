"""Long printed lists: made in the background, once for everybody who asks for the same, cleared away after
some days.

What the list holds is read in one moment and written beside the parts of the file; the parts are laid out
from there. So the file is of one piece however long it takes, and a job that was killed goes on at the part
it was at.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any, Protocol

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal import audit, locks, sealed_files
from portal.accounts.demonstration import is_demonstration
from portal.jobs.models import Job
from portal.jobs.runner import JobRefused, Run, job_kind, start
from portal.letters.fonts import UndrawableCharacter
from portal.lists import limits
from portal.lists.models import ListFile
from portal.lists.printed import Listing
from portal.sealed_files import Unreadable

JOB_KIND = "lists.file"
# Each of them keeps a process busy for up to some minutes (about 12 ms a row): letters and imports must not
# wait behind strangers.
MOST_WAITING = 2
KEPT_FOR = timedelta(days=7)
# Raised by one whenever the file is laid out differently.
_EDITION = 1


class TooMany(Exception):
    """So many lists are being made that another one has to wait."""


class PrintedList(Protocol):
    """A published list that can be printed long after somebody asked for it."""

    @property
    def kind(self) -> str:
        """The name under which `list_kind` makes it again from its filters."""

    @property
    def title(self) -> str: ...

    @property
    def filters(self) -> dict[str, Any]:
        """Which of all it shows, as JSON."""

    def rests_on(self) -> list[Any]:
        """What its rows depend on beside the filters and the day, as JSON."""

    def rows(self) -> Iterator[Sequence[str]]:
        """The printed cells of every row, as one statement sees them."""

    def listing(self, on: date) -> Listing:
        """How it is laid out."""


# Makes a list again from its filters; raises JobRefused when it does not exist any more.
FromFilters = Callable[[dict[str, Any]], PrintedList]
_KINDS: dict[str, FromFilters] = {}


def list_kind(kind: str) -> Callable[[FromFilters], FromFilters]:
    """Registers the function that makes the lists of this kind again from their filters."""

    def register(from_filters: FromFilters) -> FromFilters:
        _KINDS[kind] = from_filters
        return from_filters

    return register


def list_in(file: ListFile) -> PrintedList:
    """Which list a file shows. JobRefused when it does not exist any more."""
    if file.kind not in _KINDS:
        raise JobRefused("这份名单已不再提供。")
    return _KINDS[file.kind](file.filters)


def state_of(printed: PrintedList, *, rows: int, on: date) -> str:
    """A digest of what the file depends on: the list and its rows, the day, and what stands around them."""
    look = printed.listing(on)
    parts = [
        _EDITION,
        printed.kind,
        sorted(printed.filters.items()),
        printed.rests_on(),
        rows,
        on.isoformat(),
        look.title,
        look.note,
        look.legal_basis,
        look.issuer.name,
        look.issuer.is_sample or is_demonstration(),
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


@transaction.atomic
def ask(printed: PrintedList, *, rows: int, on: date) -> ListFile:
    """The file of this list as it is now: the one that is there or under way, or a new one in the hands of a
    worker.

    Anybody may ask. Raises TooMany.
    """
    state = state_of(printed, rows=rows, on=on)
    locks.hold("list files")
    file = ListFile.objects.current().filter(state=state).select_related("job").first()
    if file is not None:
        if not given_up(file):
            return file
        clear(file)
    if ListFile.objects.current().filter(job__in=_unfinished()).count() >= MOST_WAITING:
        raise TooMany
    job = start(JOB_KIND, title=f"{printed.title}（PDF）", by=None, total=rows)
    return ListFile.objects.create(
        job=job,
        kind=printed.kind,
        filters=printed.filters,
        state=state,
        on=on,
        rows=rows,
    )


def _unfinished() -> QuerySet[Job]:
    return Job.objects.unfinished().filter(kind=JOB_KIND)


def path_of(file: ListFile) -> Path | None:
    """Where the finished file is; None while it is made, and when the disk has lost it."""
    if not file.path or file.cleared_at is not None:
        return None
    path = sealed_files.path_of(file.path)
    return path if path.is_file() else None


def opened(file: ListFile) -> IO[bytes] | None:
    """The finished file; None while there is none. One that is not what was made is cleared away, which the audit
    notes.
    """
    if path_of(file) is None:
        return None
    try:
        return sealed_files.opened(file.path)
    except Unreadable as unreadable:
        if str(unreadable) == "changed":
            audit.record("list.not_shown", by=None, obj=file, detail={"problem": "摘要不符"})
        clear(file)
        return None


def given_up(file: ListFile) -> bool:
    """Whether this file will not come any more."""
    return file.job.finished and path_of(file) is None


def clear(file: ListFile) -> None:
    """Take the file off the disk; its address then says that it is no longer kept."""
    ListFile.objects.filter(pk=file.pk, cleared_at__isnull=True).update(cleared_at=timezone.now())
    shutil.rmtree(sealed_files.path_of(_folder(file)), ignore_errors=True)
    if file.path:
        sealed_files.path_of(file.path).unlink(missing_ok=True)


def clear_old() -> int:
    """Clear away what was asked for longer than KEPT_FOR ago. What is still being made is left to its job."""
    old = ListFile.objects.current().filter(created_at__lt=timezone.now() - KEPT_FOR)
    files = list(old.exclude(job__in=_unfinished()))
    for file in files:
        clear(file)
    sealed_files.clear_drafts("lists")
    return len(files)


def _folder(file: ListFile) -> str:
    """Where the parts of a file are kept while it is made, below MEDIA_ROOT."""
    return f"lists/{file.pk}.parts"


@job_kind(JOB_KIND)
def make(run: Run) -> dict[str, Any]:
    """Read the list as it is in one moment, then lay it out part by part."""
    file = ListFile.objects.get(job=run.job)
    folder = _folder(file)
    printed = list_in(file)
    # `message` stays free of steps: the page is for strangers and says how far it is, nothing else.
    run.progress(0, total=file.rows)
    rows = f"{folder}/rows.jsonl"
    total = _read_once(printed, rows)
    if total > limits.MOST_IN_PDF:
        raise JobRefused(f"名单已超过{limits.MOST_IN_PDF:,}条，请缩小查询范围。")
    run.progress(0, total=total)
    path = f"lists/{file.pk}.pdf"
    look = printed.listing(file.on)
    try:
        pages = look.write(_rows_in(rows), total=total, folder=folder, target=path, made=run.progress)
    except UndrawableCharacter as missing:
        raise JobRefused(
            f"名单中有字库不能印出的字（{missing.character}），请下载 CSV 或 Excel 文件。"
        ) from missing
    size = sealed_files.size_of(path)
    ListFile.objects.filter(pk=file.pk).update(path=path, pages=pages, size=size, rows=total)
    shutil.rmtree(sealed_files.path_of(folder), ignore_errors=True)
    return {"pages": pages}


def _read_once(printed: PrintedList, name: str) -> int:
    """Write the printed rows to a file, one a line, unless they are there; returns how many there are."""
    if not sealed_files.path_of(name).is_file():
        lines = (json.dumps(cells, ensure_ascii=False).encode() + b"\n" for cells in printed.rows())
        sealed_files.keep(name, lines, made=True)
    with sealed_files.opened(name) as kept:
        return sum(1 for _ in kept)


def _rows_in(name: str) -> Iterator[list[str]]:
    with sealed_files.opened(name) as kept:
        for line in kept:
            yield json.loads(line)
