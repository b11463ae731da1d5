"""Looking at an extract and taking it in, as jobs: progress in the page, begun again when the worker was killed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import DatabaseError, InterfaceError

from portal.accounts.access import Refused
from portal.jobs.runner import Cancelled, JobRefused, Run, job_kind
from portal.spreadsheets.header import FileRefused
from portal.workforce.extracts import retention, taking_in
from portal.workforce.models import ExtractPhase, RegisterExtract
from portal.workforce.roster.heartbeat import Heartbeat

LOOK_AT = "workforce.look-at-extract"
TAKE_IN = "workforce.take-in-extract"
# Of earlier releases: what they did is still told.
CONFIRM_FROM_EXTRACT = "workforce.confirm-from-extract"


class _Beat(Heartbeat):
    """Shows that an extract lives; its phase is written when it is there."""

    def _show_merging(self) -> bool:
        return True


@job_kind(LOOK_AT)
def look_at(run: Run) -> dict[str, Any]:
    """Say what would come of the extract that the job names."""
    extract = _extract(run)
    if extract.merged_at is None:
        _note(extract, ExtractPhase.READING, "")
        _guarded(run, extract, taking_in.look_at)
    return _result(extract)


@job_kind(TAKE_IN)
def take_in(run: Run) -> dict[str, Any]:
    """Take in the extract that the job names. What was committed is not done again."""
    extract = _extract(run)
    if extract.merged_at is None:
        _guarded(run, extract, taking_in.take_in)
    retention.delete_source(extract)
    return _result(extract)


@job_kind(CONFIRM_FROM_EXTRACT)
def begun_by_an_earlier_release(run: Run) -> dict[str, Any]:
    """What an earlier release began and did not end is given in again."""
    raise JobRefused("该任务由旧版本发起，未完成的部分没有写入。请重新提交摘录。")


def _extract(run: Run) -> RegisterExtract:
    extract = RegisterExtract.objects.filter(pk=run.params["extract"]).select_related("by").first()
    if extract is None:
        raise JobRefused("该摘录已放弃。")
    return extract


def _guarded(run: Run, extract: RegisterExtract, work: Callable[..., None]) -> None:
    """Do it with a heartbeat; the extract says why nothing was written where nothing was."""
    try:
        with _Beat(extract, run.progress, expected=extract.rows_read) as beat:
            work(extract, on_rows=beat.read, on_step=beat.merging)
    except (FileRefused, Refused) as refused:
        _note(extract, ExtractPhase.FAILED, str(refused))
        raise JobRefused(str(refused)) from refused
    except Cancelled:
        _note(extract, ExtractPhase.FAILED, "已由提交人停止，没有写入任何内容。")
        raise
    except Exception:
        # With a broken connection, the error that broke it is the one to tell.
        with suppress(DatabaseError, InterfaceError):
            _note(extract, ExtractPhase.FAILED, "处理出错，没有写入任何内容。请联系系统管理员查看日志。")
        raise


def _note(extract: RegisterExtract, phase: ExtractPhase, message: str) -> None:
    RegisterExtract.objects.filter(pk=extract.pk, merged_at__isnull=True).update(
        phase=phase, message=message[:600]
    )


def _result(extract: RegisterExtract) -> dict[str, Any]:
    extract.refresh_from_db()
    return {
        "added": extract.added,
        "changed": extract.changed,
        "unchanged": extract.unchanged,
        "refused": extract.refused,
    }
