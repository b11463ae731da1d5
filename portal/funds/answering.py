"""A bank's answer is given in and taken in: kept under its digests, read piece by piece, each piece posted at once.

Killed in between, it goes on behind the last piece that was committed: nothing is lost, nothing is posted twice. Files are
told apart by their digests: the same one is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from typing import Any

from cryptography.hazmat.primitives import hashes
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from portal import audit, locks, memory_files, sealed_files
from portal.accounts.access import NotNow, require
from portal.accounts.models import User
from portal.cases.models import NewsKind
from portal.cases.news import tell_responsible
from portal.file_inspection import plain_name
from portal.funds.answer_judging import Piece, Stage
from portal.funds.answer_reading import AnswerFile
from portal.funds.models import Answer, AnswerPhase, Channel, Outcome
from portal.funds.moment import moment
from portal.funds.profiles import Profile, profile_of
from portal.funds.refusals import told_in_words
from portal.jobs.runner import start
from portal.sealed_files import Unreadable
from portal.spreadsheets import limits
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.kinds import BEGINNING, kind_of_beginning
from portal.spreadsheets.reading import ReadTooSlowly

TAKE_IN = "funds.take-in-answer"
# Rows of one transaction.
PIECE = 10_000

OnRows = Callable[[int, int], None]


@told_in_words
def give_in(upload: UploadedFile, channel: Channel, *, region: str, by: Any) -> Answer:
    """Keep a bank's answer and begin to take it in. Raises Refused; NotNow for a file that was given in already;
    FileRefused for one that has not the layout of the channel's profile: nothing is kept then.
    """
    require(by, "funds.post", region)
    # Two clicks at once: the second waits for the first one's commit.
    User.objects.select_for_update().get(pk=by.pk)
    sha256, sm3 = _digests(upload)
    same = Answer.objects.exclude(phase=AnswerPhase.FAILED).filter(sha256=sha256).select_related("by").first()
    if same is not None:
        raise NotNow(
            f"这份回盘文件已由{same.by}于{timezone.localtime(same.given_at):%Y-%m-%d %H:%M}提交，不重复处理。"
        )
    upload.seek(0)
    suffix = kind_of_beginning(upload.read(BEGINNING))
    expected = _expected(upload, profile_of(channel.profile))
    answer = Answer.objects.create(
        channel=channel,
        profile=channel.profile,
        region_id=region,
        file_name=plain_name(upload.name or "")[:100],
        suffix=suffix,
        sha256=sha256,
        sm3=sm3,
        by=by,
        given_at=moment(),
    )
    upload.seek(0)
    sealed_files.keep(answer.stored_as, upload.chunks())
    audit.record(
        "funds.answer.give_in",
        by=by,
        obj=answer,
        region=region,
        detail={"channel": channel.pk, "sha256": sha256},
    )
    return _begin(answer, by=by, expected=expected)


def _begin(answer: Answer, *, by: Any, expected: int) -> Answer:
    answer.job = start(
        TAKE_IN, title=f"处理银行回盘 {answer.file_name}", by=by, params={"answer": answer.pk}, total=expected
    )
    answer.save(update_fields=["job"])
    return answer


@told_in_words
def go_on(answer_id: int, *, by: Any) -> Answer:
    """Somebody begins anew what came to no end; what was taken in is not taken in again. Raises Refused, NotNow."""
    answer = Answer.objects.select_for_update(of=("self",)).select_related("job").get(pk=answer_id)
    require(by, "funds.post", answer.region_id)
    if answer.phase not in (AnswerPhase.RECEIVED, AnswerPhase.READING):
        raise NotNow(f"该回盘当前为“{answer.get_phase_display()}”，请刷新页面。")
    if answer.job is not None and not answer.job.finished:
        raise NotNow("该回盘正在处理，请稍候。")
    return _begin(answer, by=by, expected=answer.job.total if answer.job else 0)


def _digests(upload: UploadedFile) -> tuple[str, str]:
    sha256, sm3 = hashlib.sha256(), hashes.Hash(hashes.SM3())
    for chunk in upload.chunks():
        sha256.update(chunk)
        sm3.update(chunk)
    return sha256.hexdigest(), sm3.finalize().hex()


def _expected(upload: UploadedFile, profile: Profile) -> int:
    """How many rows there are, of a file that is opened while the person waits."""
    clear = memory_files.new()
    for chunk in upload.chunks():
        clear.write(chunk)
    with suppress(ReadTooSlowly), memory_files.closed_to_writing(clear) as file:
        return AnswerFile(file, profile, within=limits.AT_ONCE).expected
    return 0


def take_in(answer: Answer, *, by: Any, on_rows: OnRows) -> dict[str, int]:
    """Take in what has not been taken in yet; how many rows of each outcome there are. Raises Refused, FileRefused."""
    require(by, "funds.post", answer.region_id)
    file = AnswerFile(_opened(answer), profile_of(answer.profile))
    Answer.objects.filter(pk=answer.pk, phase=AnswerPhase.RECEIVED).update(phase=AnswerPhase.READING)
    stage = Stage(answer, by=by)
    last = answer.rows.aggregate(last=Max("line"))["last"] or 0
    done = 0
    for count, piece in _one_ahead(_pieces(file, stage, behind=last)):
        done += count
        if piece.lines:
            _take_piece(answer, stage, piece, by=by)
        on_rows(done, file.expected)
    return _end(answer, file)


def _pieces(file: AnswerFile, stage: Stage, *, behind: int) -> Iterator[tuple[int, Piece]]:
    """How many rows were read, and those of them behind a line, as they are staged."""
    rows = file.rows()
    while read := list(islice(rows, PIECE)):
        yield len(read), stage.piece([row for row in read if row.line > behind])


def _one_ahead(pieces: Iterator[tuple[int, Piece]]) -> Iterator[tuple[int, Piece]]:
    """Each in turn; while the database takes one in, the next one is read and sealed in a thread beside it."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        coming = beside.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = beside.submit(next, pieces, None)
            yield piece


def _take_piece(answer: Answer, stage: Stage, piece: Piece, *, by: Any) -> None:
    with transaction.atomic():
        # Two answers about the same payment are taken in one after the other.
        locks.hold("funds.answers")
        if answer.rows.filter(line__gte=piece.lines[0]).exists():
            # Whoever was thought dead has done it meanwhile.
            return
        counts, people = stage.take(piece)
        audit.record(
            "funds.answer.take_in",
            by=by,
            obj=answer,
            region=answer.region_id,
            detail={"rows": list(piece.lines), "outcomes": counts},
            people=people,
        )
        if counts.get(Outcome.RETURNED):
            tell_responsible(stage.cases_returned(), NewsKind.PAYMENT_RETURNED, by=None)


def _end(answer: Answer, file: AnswerFile) -> dict[str, int]:
    said = f"略过合计行{file.totals}行。" if file.totals else ""
    Answer.objects.filter(pk=answer.pk, phase=AnswerPhase.READING).update(
        phase=AnswerPhase.DONE, done_at=moment(), message=said
    )
    return counts_of(answer)


def counts_of(answer: Answer) -> dict[str, int]:
    """How many rows of each outcome there are."""
    counted = answer.rows.order_by().values_list("outcome").annotate(Count("pk"))
    return dict(counted)


def refuse(answer: Answer, why: str) -> None:
    """Nothing of an answer could be taken in; the same file may be given in again."""
    Answer.objects.filter(pk=answer.pk).exclude(rows__isnull=False).update(
        phase=AnswerPhase.FAILED, message=why[:600]
    )


def _opened(answer: Answer) -> Any:
    try:
        clear = sealed_files.opened(answer.stored_as)
        if hashlib.file_digest(clear, "sha256").hexdigest() != answer.sha256:
            raise Unreadable("changed")
    except Unreadable as unreadable:
        audit.record("funds.answer.not_shown", by=None, obj=answer, detail={"problem": "摘要不符"})
        raise FileRefused(
            "保存的回盘文件与提交时不一致或已丢失，没有处理。请重新提交，并告知系统管理员。"
        ) from unreadable
    clear.seek(0)
    return clear
