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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from portal.cases.actions import NotNow
from portal.jobs.models import Job
from portal.jobs.runner import JobRefused, Run, job_kind, start
from portal.letters.fonts import UndrawableCharacter
from portal.letters.listing import Listing
from portal.letters.models import Issuer
from talent_registry import exports
from talent_registry.letters import ISSUER
from talent_registry.models import ListFile, RegistryEntry, SelectionRound, StatusChange
from talent_registry.search import EntryFilters
from talent_registry.selection import files

JOB_KIND = "registry.list-file"
# Each of them keeps a process busy for up to some minutes (about 12 ms a row): letters and imports must not
# wait behind strangers.
MOST_WAITING = 2
KEPT_FOR = timedelta(days=7)
# Raised by one whenever the file is laid out differently.
_EDITION = 1


class TooMany(NotNow):
    """So many lists are being made that another one has to wait."""


class Printed(Protocol):
    """A list that can be printed: the registry under some filters, or the list of a year."""

    @property
    def title(self) -> str: ...

    @property
    def filters(self) -> dict[str, Any]:
        """What it is made from again, as JSON."""

    def words(self) -> list[str]:
        """Which of all it shows, in words; empty for everything."""

    def rests_on(self) -> list[Any]:
        """What it depends on beside entries, changes of status, issuer and day."""

    def rows(self) -> Iterator[Sequence[str]]:
        """The printed cells of every row, as one statement sees them."""

    def listing(self, on: date) -> Listing:
        """How it is laid out."""


@dataclass(frozen=True)
class OfRegistry:
    """The published registry under filters."""

    wanted: EntryFilters
    title: str = exports.TITLE

    @property
    def filters(self) -> dict[str, Any]:
        return self.wanted.values

    def words(self) -> list[str]:
        return self.wanted.in_words()

    def rests_on(self) -> list[Any]:
        return sorted(self.wanted.values.items())

    def rows(self) -> Iterator[Sequence[str]]:
        entries = self.wanted.applied_to(RegistryEntry.objects.public())
        return (exports.printed(cells) for cells in exports.rows_of_one_moment(entries))

    def listing(self, on: date) -> Listing:
        return exports.listing(on=on, filters=self.words())


@dataclass(frozen=True)
class OfYear:
    """The published list of one year's selection."""

    round_: SelectionRound

    @property
    def title(self) -> str:
        return files.title(self.round_)

    @property
    def filters(self) -> dict[str, Any]:
        return {_YEAR: self.round_.year}

    def words(self) -> list[str]:
        return []

    def rests_on(self) -> list[Any]:
        return [_YEAR, self.round_.year, files.note(self.round_)]

    def rows(self) -> Iterator[Sequence[str]]:
        return (files.printed(cells) for cells in files.rows_of_one_moment(self.round_))

    def listing(self, on: date) -> Listing:
        return files.listing(self.round_, on=on)


# The key of `ListFile.filters` that names a year's list; no filter of the registry is called so.
_YEAR = "list_of"


def printed_in(file: ListFile) -> OfRegistry | OfYear:
    """Which list a file shows. JobRefused when it does not exist any more."""
    if _YEAR not in file.filters:
        wanted = EntryFilters(file.filters)
        if wanted.errors:
            raise JobRefused("查询条件已失效，请回到名录重新查询。")
        return OfRegistry(wanted)
    round_ = (
        SelectionRound.objects.published()
        .select_related("case", "list_in_force")
        .filter(year=file.filters[_YEAR])
        .first()
    )
    if round_ is None:
        raise JobRefused("该年度名单没有公布。")
    return OfYear(round_)


def state_of(printed: Printed, *, rows: int, on: date) -> str:
    """A digest of what the file depends on: the list, its filters, day, issuer, and how far the registry has
    come.

    Entries are only ever added, and every change of status adds a record: the last of both tell whether
    anything changed.
    """
    last_entry = RegistryEntry.objects.public(removed=True).order_by().aggregate(last=Max("pk"))["last"]
    last_change = StatusChange.objects.order_by().aggregate(last=Max("pk"))["last"]
    issuer = Issuer.objects.get(code=ISSUER)
    parts = [
        _EDITION,
        printed.rests_on(),
        rows,
        on.isoformat(),
        last_entry,
        last_change,
        issuer.name,
        issuer.is_sample,
        exports.legal_basis(),
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


@transaction.atomic
def ask(printed: Printed, *, rows: int, on: date) -> ListFile:
    """The file of this list as it is now: the one that is there or under way, or a new one in the hands of a
    worker.

    Anybody may ask. Raises TooMany.
    """
    state = state_of(printed, rows=rows, on=on)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('registry list files'))")
    found = ListFile.objects.current().filter(state=state).select_related("job").first()
    if found is not None:
        if not given_up(found):
            return found
        clear(found)
    if ListFile.objects.current().filter(job__in=_unfinished()).count() >= MOST_WAITING:
        raise TooMany("正在生成的名录文件较多。请过几分钟再试，或者下载 CSV、Excel 文件。")
    job = start(JOB_KIND, title=f"{printed.title}（PDF）", by=None, total=rows)
    return ListFile.objects.create(job=job, filters=printed.filters, state=state, on=on, rows=rows)


def _unfinished() -> QuerySet[Job]:
    return Job.objects.unfinished().filter(kind=JOB_KIND)


def path_of(file: ListFile) -> Path | None:
    """Where the finished file is; None while it is made, and when the disk has lost it."""
    if not file.path or file.cleared_at is not None:
        return None
    path = Path(settings.MEDIA_ROOT) / file.path
    return path if path.is_file() else None


def given_up(file: ListFile) -> bool:
    """Whether this file will not come any more."""
    return file.job.finished and path_of(file) is None


def clear(file: ListFile) -> None:
    """Take the file off the disk; its address then says that it is no longer kept."""
    ListFile.objects.filter(pk=file.pk, cleared_at__isnull=True).update(cleared_at=timezone.now())
    shutil.rmtree(_folder(file), ignore_errors=True)
    if file.path:
        (Path(settings.MEDIA_ROOT) / file.path).unlink(missing_ok=True)


def clear_old(*, now: Any = None) -> int:
    """Clear away what was asked for longer than KEPT_FOR ago. What is still being made is left to its job."""
    old = (
        ListFile.objects.current()
        .filter(created_at__lt=(now or timezone.now()) - KEPT_FOR)
        .exclude(job__in=_unfinished())
    )
    files = list(old)
    for file in files:
        clear(file)
    return len(files)


def _folder(file: ListFile) -> Path:
    return Path(settings.MEDIA_ROOT) / "registry" / "lists" / f"{file.pk}.parts"


@job_kind(JOB_KIND)
def make(run: Run) -> dict[str, Any]:
    """Read the list as it is in one moment, then lay it out part by part."""
    file = ListFile.objects.get(job=run.job)
    folder = _folder(file)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    printed = printed_in(file)
    # `message` stays free of steps: the page is for strangers and says how far it is, nothing else.
    run.progress(0, total=file.rows)
    total = _read_once(printed, folder / "rows.jsonl")
    if total > exports.MOST_IN_PDF:
        raise JobRefused(f"名单已超过{exports.MOST_IN_PDF:,}条，请缩小查询范围。")
    run.progress(0, total=total)
    path = f"registry/lists/{file.pk}.pdf"
    target = Path(settings.MEDIA_ROOT) / path
    look = printed.listing(file.on)
    try:
        pages = look.write(
            _rows(folder / "rows.jsonl"), total=total, folder=folder, target=target, made=run.progress
        )
    except UndrawableCharacter as missing:
        raise JobRefused(
            f"名单中有字库不能印出的字（{missing.character}），请下载 CSV 或 Excel 文件。"
        ) from missing
    ListFile.objects.filter(pk=file.pk).update(path=path, pages=pages, size=target.stat().st_size, rows=total)
    shutil.rmtree(folder, ignore_errors=True)
    return {"pages": pages}


def _read_once(printed: Printed, path: Path) -> int:
    """Write the printed rows to `path`, one a line, unless they are there; returns how many there are."""
    if not path.is_file():
        draft = path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as lines:
            for cells in printed.rows():
                lines.write(json.dumps(cells, ensure_ascii=False) + "\n")
        draft.replace(path)
    with path.open(encoding="utf-8") as lines:
        return sum(1 for _ in lines)


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
