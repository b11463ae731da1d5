"""Builds the files of letters from their records. Building twice makes one file; a kill leaves nothing
half-done.

Rows are locked while their letters are laid out: a second worker skips them, and the lock ends with the
worker that holds it. A file appears under its name only when it is complete.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from portal import audit, sealed_files
from portal.letters import composing, fonts
from portal.letters.models import FileState, Letter, LetterFile
from portal.letters.sheets import TOGETHER, Built, Sheet
from portal.sealed_files import Unreadable

log = logging.getLogger(__name__)

# Letters of one task: long enough that fonts and layout are shared, short enough that a kill repeats little.
PER_TASK = 100
# How long a letter waits before the sweeper asks again, and how often one that fails is tried.
FIRST_WAIT, NEXT_WAIT = timedelta(minutes=1), timedelta(minutes=10)
MOST_ATTEMPTS = 3
_PLAIN_ERROR = "生成文件时出错，请联系系统管理员查看日志。"


@dataclass(frozen=True)
class Outcome:
    """How many files were built now, had been built before (or are being built elsewhere), and could not be
    built.
    """

    built: int
    skipped: int
    failed: int


@shared_task(name="letters.build", acks_late=True, ignore_result=True)
def build_letters(letter_ids: list[int]) -> None:
    """Build the files of these letters as far as they are not built. It may be delivered twice."""
    build(letter_ids)


def enqueue(letter_ids: Sequence[int]) -> None:
    """Have the letters built once the transaction has committed. A broker that is away is logged: the sweeper
    asks again.
    """
    ids = list(letter_ids)

    def send() -> None:
        for start in range(0, len(ids), PER_TASK):
            build_letters.delay(ids[start : start + PER_TASK])

    transaction.on_commit(send, robust=True)


def path_of(letter: Letter) -> str:
    """What the file of a letter is called (portal.sealed_files). The code is unguessable, the folder is not served."""
    return f"letters/{letter.year}/{letter.code}.pdf"


def read(file: LetterFile) -> bytes | None:
    """The stored PDF, or None when it is gone or not what was stored, which the audit notes: then it is to be built
    again.
    """
    try:
        content = sealed_files.read(file.path)
    except Unreadable as unreadable:
        if str(unreadable) == "changed":
            _note_altered(file)
        return None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        _note_altered(file)
        return None
    return content


def _note_altered(file: LetterFile) -> None:
    log.error("the file of letter %s is not what was stored", file.letter.number_text)
    audit.record(
        "letter.not_shown",
        by=None,
        obj=file.letter,
        worker=file.letter.worker_id,
        region=file.letter.region_id,
        detail={"number": file.letter.number_text, "problem": "摘要不符"},
    )


def build(letter_ids: Sequence[int], *, again: bool = False) -> Outcome:
    """Build what is not built yet, TOGETHER letters in one transaction. `again` builds anew what is there
    already.
    """
    built = failed = 0
    ids = list(dict.fromkeys(letter_ids))
    for start in range(0, len(ids), TOGETHER):
        with transaction.atomic():
            files = _locked_files(ids[start : start + TOGETHER], again=again)
            _build_together(files)
        built += sum(file.state == FileState.BUILT for file in files)
        failed += sum(file.state == FileState.FAILED for file in files)
    return Outcome(built, len(ids) - built - failed, failed)


def _locked_files(letter_ids: Sequence[int], *, again: bool) -> list[LetterFile]:
    """The files to build, held until the transaction ends; those that another worker holds are left out."""
    files = LetterFile.objects.select_for_update(skip_locked=True, of=("self",)).select_related("letter")
    files = files.filter(letter_id__in=letter_ids)
    if not again:
        files = files.exclude(state=FileState.BUILT)
    return list(files.order_by("letter_id"))


def _build_together(files: list[LetterFile]) -> None:
    sheets = _compose(files)

    def style_of(file: LetterFile) -> str:
        return sheets[file.pk].style

    composed = sorted((file for file in files if file.pk in sheets), key=style_of)
    for _, same_style in groupby(composed, key=style_of):
        _lay_out(list(same_style), sheets)
    _save(files)


def _compose(files: list[LetterFile]) -> dict[int, Sheet]:
    """The sheets of the letters that can be set; what cannot is noted on its file."""
    sheets = {}
    for file in files:
        file.attempts += 1
        # One letter that cannot be set must not keep the others from being built.
        try:
            sheet = composing.compose(file.letter)
            fonts.ensure_drawable(sheet.html + sheet.title)
        except Exception as error:
            _note_failure(file, error)
        else:
            sheets[file.pk] = sheet
    return sheets


def _lay_out(files: list[LetterFile], sheets: dict[int, Sheet]) -> None:
    """Lay the letters out together; when that fails, each alone."""
    # Seconds to import, and only who builds needs it.
    from portal.letters import render

    try:
        results = render.render([sheets[file.pk] for file in files])
    except Exception:
        log.exception("%s letters could not be laid out together; each is tried alone", len(files))
        for file in files:
            try:
                [result] = render.render([sheets[file.pk]])
                _store_file(file, result, render.RENDERER)
            except Exception as error:
                _note_failure(file, error)
    else:
        for file, result in zip(files, results, strict=True):
            _store_file(file, result, render.RENDERER)


def _save(files: list[LetterFile]) -> None:
    # An upsert of rows that exist: far cheaper than the CASE expressions of bulk_update.
    LetterFile.objects.bulk_create(
        files,
        update_conflicts=True,
        unique_fields=["letter"],
        update_fields=[
            "state",
            "path",
            "sha256",
            "earlier_sha256",
            "size",
            "pages",
            "renderer",
            "error",
            "attempts",
            "built_at",
        ],
    )


def _note_failure(file: LetterFile, error: Exception) -> None:
    file.state = FileState.FAILED
    if isinstance(error, fonts.UndrawableCharacter):
        file.error = str(error)
        log.warning("letter %s cannot be drawn: no glyph for %s", file.letter.number_text, error.code_point)
    else:
        file.error = _PLAIN_ERROR
        log.error("letter %s could not be built", file.letter.number_text, exc_info=error)


def _store_file(file: LetterFile, result: Built, renderer: str) -> None:
    path = path_of(file.letter)
    sealed_files.keep(path, result.pdf, made=True)
    if file.sha256 and file.sha256 != result.sha256:
        file.earlier_sha256 = [*file.earlier_sha256, file.sha256]
    file.state = FileState.BUILT
    file.error = ""
    file.path = path
    file.sha256 = result.sha256
    file.size = len(result.pdf)
    file.pages = result.pages
    file.renderer = renderer
    file.built_at = timezone.now()


def sweep() -> int:
    """Ask again for letters that should have been built by now: killed workers, a lost broker, fonts added
    since.
    """
    sealed_files.clear_drafts("letters/*")
    now = timezone.now()
    unbuilt = LetterFile.objects.exclude(state=FileState.BUILT).filter(attempts__lt=MOST_ATTEMPTS)
    overdue = unbuilt.filter(queued_at__lt=now - FIRST_WAIT).exclude(
        attempts__gt=0, queued_at__gte=now - NEXT_WAIT
    )
    with transaction.atomic():
        locked = overdue.select_for_update(skip_locked=True).order_by("letter_id")
        ids = list(locked.values_list("letter_id", flat=True)[:20_000])
        # The next question comes later, so that a long queue is not asked for every minute.
        LetterFile.objects.filter(letter_id__in=ids).update(queued_at=now + NEXT_WAIT - FIRST_WAIT)
        enqueue(ids)
    return len(ids)
