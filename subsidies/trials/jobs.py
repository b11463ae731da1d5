"""A list as it is given in, decided in the background, and how long anything of it is kept.

The file lies encrypted until it is decided, and no longer; the result, with masked numbers, encrypted for some days. No
table knows of either.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from portal import audit, memory_files, sealed_files
from portal.accounts.access import NotNow, Refused, require
from portal.jobs.models import Job
from portal.jobs.runner import JobRefused, Run, job_kind, start
from portal.policy.benefits import FUNDS
from portal.regions.models import Region
from portal.sealed_files import Unreadable
from portal.spreadsheets import limits
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.kinds import BEGINNING, kind_of_beginning
from portal.spreadsheets.reading import ReadTooSlowly, open_spreadsheet
from portal.workforce.roster.actions import plain_name
from subsidies.trials.deciding import Asked, decide
from subsidies.trials.paid_list import FORM, read
from subsidies.trials.result import result_of

KIND, PERMISSION = "subsidies.trial", "claim.trial"
KEPT = timedelta(days=7)
_FOLDER = "trials"
_SECONDS_TO_FINISH = 3600
_TOO_LATE = "上传的名单已删除，请重新上传。"


def start_trial(
    upload: UploadedFile, *, place: str, verified: bool, complete: Collection[str] = (), by: Any
) -> Job:
    """A job that decides the list in the name of `by`. Raises Refused, NotNow, FileRefused; nothing is kept then."""
    if not Region.objects.filter(pk=place).exists() or set(complete) - FUNDS.keys():
        raise NotNow("请选择名单所属地区。")
    require(by, PERMISSION, place)
    upload.seek(0)
    suffix = kind_of_beginning(upload.read(BEGINNING))
    expected = _rows_expected(upload)
    folder = secrets.token_hex(16)
    params = {
        "folder": folder,
        "suffix": suffix,
        "place": place,
        "verified": verified,
        "complete": sorted(complete),
    }
    try:
        sealed_files.keep(_source(params), upload.chunks())
        title = f"补贴试算 {plain_name(upload.name or '')}"
        return start(KIND, title=title, by=by, params=params, total=expected)
    except BaseException:
        shutil.rmtree(_path(params), ignore_errors=True)
        raise


def _rows_expected(upload: UploadedFile) -> int:
    """What can be seen to be no such list is refused at once; larger files are opened by the job."""
    if (upload.size or 0) > limits.SMALL:
        return 0
    with suppress(ReadTooSlowly), memory_files.of(b"".join(upload.chunks())) as clear:
        return open_spreadsheet(clear, FORM, within=limits.AT_ONCE).expected
    return 0


def try_list(
    given: Path | IO[bytes],
    asked: Asked,
    *,
    on_read: Callable[[int], None],
    on_decided: Callable[[int], None],
) -> dict[str, Any]:
    """What comes of a list (see `result_of`). Raises FileRefused, OSError."""
    paid, unread = read(open_spreadsheet(given, FORM), on_read)
    decided = decide(paid, asked, on_decided)
    return result_of(paid, unread, decided)


@job_kind(KIND)
def try_given_list(run: Run) -> dict[str, Any]:
    """Decide the list that was given in, keep what came of it and let the list go. Done again after a kill."""
    params = run.params
    asked = Asked(params["place"], params["verified"], tuple(params["complete"]))
    total = run.job.total

    def on_read(count: int) -> None:
        run.progress(0, total=max(total, count), step="读取名单")

    def on_decided(count: int) -> None:
        run.progress(count, step="逐笔认定")

    try:
        # The permission may have been taken away since the list was given in.
        require(run.job.by, PERMISSION, asked.place)  # type: ignore[arg-type]
        with sealed_files.opened(_source(params)) as clear:
            result = try_list(clear, asked, on_read=on_read, on_decided=on_decided)
        rows = result["total"]["rows"]
        sealed_files.keep(_result(params), json.dumps(result, ensure_ascii=False).encode())
        run.progress(rows, total=rows, step="")
    except (FileRefused, Refused, Unreadable) as refused:
        _let_go(params)
        raise JobRefused(_TOO_LATE if isinstance(refused, Unreadable) else str(refused)) from refused
    except Exception:
        _let_go(params)
        raise
    _let_go(params)
    detail = {code: one["rows"] for code, one in result["outcomes"].items()}
    audit.record("trial.run", by=run.job.by, obj=run.job, region=asked.place, detail=detail)
    return {"rows": rows}


def result_kept(job: Job, *, by: Any) -> dict[str, Any] | None:
    """What came of a list, for who gave it in; None when it is not kept any more. Raises Refused."""
    require(by, PERMISSION, job.params["place"])
    if job.by_id != by.pk:
        raise Refused("试算结果只能由提交人本人查看。")
    try:
        result: dict[str, Any] = json.loads(sealed_files.read(_result(job.params)))
    except Unreadable as unreadable:
        if str(unreadable) == "changed":
            audit.record("trial.not_shown", by=by, obj=job, detail={"problem": "摘要不符"})
        return None
    return result


def _source(params: dict[str, Any]) -> str:
    return f"{_FOLDER}/{params['folder']}/source{params['suffix']}"


def _result(params: dict[str, Any]) -> str:
    return f"{_FOLDER}/{params['folder']}/result.json"


def _path(params: dict[str, Any]) -> Path:
    return sealed_files.path_of(f"{_FOLDER}/{params['folder']}")


def _let_go(params: dict[str, Any]) -> None:
    """Remove the list itself."""
    sealed_files.path_of(_source(params)).unlink(missing_ok=True)


def sweep_files() -> int:
    """Remove results whose time is over, and lists that no job waits for; how many folders had some. Safe at any time."""
    waiting = Job.objects.unfinished().filter(kind=KIND).values_list("params__folder", flat=True)
    needed = set(waiting)
    swept = 0
    for folder in sealed_files.path_of(_FOLDER).glob("*"):
        if folder.name in needed:
            continue
        age = timezone.now() - datetime.fromtimestamp(
            folder.stat().st_mtime, tz=timezone.get_current_timezone()
        )
        left = (
            []
            if age.total_seconds() < _SECONDS_TO_FINISH
            else [*folder.glob("source*"), *folder.glob("*.part")]
        )
        for path in left:
            path.unlink(missing_ok=True)
        if age > KEPT:
            shutil.rmtree(folder, ignore_errors=True)
        swept += bool(left) or age > KEPT
    return swept
