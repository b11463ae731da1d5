"""Checking a file and putting its good rows forward, as jobs: begun again when their worker was killed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal import locks, sealed_files
from portal.accounts.access import NotNow, Refused
from portal.cases.applicants import working_in
from portal.cases.opening import NewCase, open_cases
from portal.jobs.each import Result, do_in_chunks
from portal.jobs.runner import Cancelled, JobRefused, Run, job_kind
from portal.outgoing.actions import announce_many
from portal.regions.calendar import add_working_days
from portal.sealed_files import Unreadable
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.reading import Source, hidden_rows_in_words, open_spreadsheet
from portal.spreadsheets.refused import write_refused
from portal.workforce.models import Employer
from portal.workforce.subjects import CERTIFICATE
from subsidies.by_unit import checking, retention
from subsidies.by_unit.checking import About, Checked
from subsidies.by_unit.form import FORM, Unread, read
from subsidies.by_unit.models import ClaimFile, ClaimFileRow, FilePhase, Proposal, RowOutcome
from subsidies.by_unit.rights import require_may_act
from subsidies.by_unit.workflow import ASKED, PROPOSAL
from subsidies.courses import course_of
from subsidies.models import TRAINING
from subsidies.schemes import SCHEMES

CHECK, PROPOSE = "subsidies.check-claim-file", "subsidies.propose-claims"
CHUNK = 100
_ALTERED = "保存的文件与上传时不一致，没有提出申请。请重新上传，并告知系统管理员。"
_TOO_LATE = "上传的文件已超过保存期限，请重新上传。"


# -- checking ------------------------------------------------------------------------------------------------
@job_kind(CHECK)
def check_file(run: Run) -> dict[str, Any]:
    """Say of every row what would come of it, and keep the rows that come back as a file. Nobody is told yet."""
    given = _file(run)
    if given.phase == FilePhase.RECEIVED:
        try:
            # The agent's role may have ended since the file was given in.
            require_may_act(given.unit, given.by)
            _check(run, given)
        except (FileRefused, Refused) as refused:
            _fail(given, str(refused))
            raise JobRefused(str(refused)) from refused
        except Cancelled:
            _fail(given, "已停止，没有提出申请。")
            raise
        except Exception:
            _fail(given, "核对出错，没有提出申请。请重新上传；仍不成功的，请联系服务窗口。")
            raise
    given.refresh_from_db()
    return {"good": given.good, "known": given.known, "refused": given.refused}


def _file(run: Run) -> ClaimFile:
    given = ClaimFile.objects.select_related("unit", "by").filter(pk=run.params["claim_file"]).first()
    if given is None:
        raise JobRefused("该名单已放弃。")
    return given


def _fail(given: ClaimFile, said: str) -> None:
    ClaimFile.objects.filter(pk=given.pk, confirmed_at__isnull=True).update(
        phase=FilePhase.FAILED, message=said[:600]
    )


def _check(run: Run, given: ClaimFile) -> None:
    source = _opened(given)
    asked, unread = read(source)
    total = len(asked) + len(unread)
    run.progress(0, total=total, step="核对名单")
    checked = checking.check(asked, given.unit_id, on=timezone.localdate())
    refused = sorted(
        [(one.line, one.said) for one in unread]
        + [(one.row.line, one.said) for one in checked if one.outcome == RowOutcome.REFUSED]
    )
    if refused:
        with sealed_files.writing(given.refused_file) as file:
            write_refused(file, source, refused)
    with transaction.atomic():
        locked = ClaimFile.objects.select_for_update().get(pk=given.pk)
        if locked.phase != FilePhase.RECEIVED:
            return
        locked.rows.all().delete()
        ClaimFileRow.objects.bulk_create(_rows(given, checked, unread), batch_size=500)
        locked.rows_read, locked.refused = total, len(refused)
        locked.good = sum(one.outcome == RowOutcome.GOOD for one in checked)
        locked.known = total - locked.good - locked.refused
        locked.has_refused_file, locked.message = bool(refused), hidden_rows_in_words(source)[:600]
        locked.phase = FilePhase.CHECKED
        locked.save()
    run.progress(total, total=total, refused=len(refused), step="")


def _opened(given: ClaimFile) -> Source:
    """The file that was received, whose digest was noted then."""
    try:
        clear = sealed_files.opened(given.source_file)
    except Unreadable as unreadable:
        raise FileRefused(_TOO_LATE if str(unreadable) == "missing" else _ALTERED) from unreadable
    if hashlib.file_digest(clear, "sha256").hexdigest() != given.fingerprint:
        raise FileRefused(_ALTERED)
    return open_spreadsheet(clear, FORM)


def _rows(given: ClaimFile, checked: Sequence[Checked], unread: Sequence[Unread]) -> list[ClaimFileRow]:
    rows = [
        ClaimFileRow(file=given, line=one.line, outcome=RowOutcome.REFUSED, said=one.said[:300])
        for one in unread
    ]
    for one in checked:
        is_good = one.outcome == RowOutcome.GOOD
        row = ClaimFileRow(
            file=given,
            line=one.row.line,
            name=one.row.name,
            number=one.row.masked,
            certificate=one.row.in_words[:160],
            kind=one.row.kind,
            outcome=one.outcome,
            said=one.said,
            # Of whom nothing comes the register is not pointed to.
            worker_id=one.worker_id if is_good else None,
        )
        if is_good and one.row.about == TRAINING:
            row.training_id = one.subject_id
        elif is_good:
            row.credential_id = one.subject_id
        if is_good and one.row.account:
            row.bank, row.account_number = one.row.bank, one.row.account
        rows.append(row)
    return rows


# -- putting forward -----------------------------------------------------------------------------------------
@job_kind(PROPOSE)
def propose_claims(run: Run) -> dict[str, Any]:
    """Make a proposal of every good row, in the name of whoever confirmed the file. What was done is not done again."""
    given = _file(run)
    on = timezone.localdate()
    try:
        require_may_act(given.unit, run.job.by)
    except Refused as refused:
        ClaimFile.objects.filter(pk=given.pk).update(phase=FilePhase.FAILED, message=str(refused))
        raise JobRefused(str(refused)) from refused
    good = given.rows.filter(outcome=RowOutcome.GOOD).order_by("line").values_list("pk", flat=True)

    def propose(row_ids: Sequence[int]) -> Mapping[int, Result]:
        return _propose(row_ids, given.unit, by=run.job.by, on=on)

    counts = do_in_chunks(run, list(good), propose, size=CHUNK)
    ClaimFile.objects.filter(pk=given.pk).update(phase=FilePhase.DONE)
    retention.delete_source(given)
    return {"done": counts.done, "refused": counts.refused}


def _propose(row_ids: Sequence[int], unit: Employer, *, by: Any, on: date) -> Mapping[int, Result]:
    """A case and a message for each row against which nothing speaks now."""
    # Two files of one unit with the same people: the second finds what the first has done.
    locks.hold(f"claims put forward by unit {unit.pk}")
    rows = list(
        ClaimFileRow.objects.filter(pk__in=row_ids).select_related(
            "worker__work_region", "credential", "training"
        )
    )
    results: dict[int, Result] = {}
    wanted = _still_good(rows, unit, results, on=on)
    if wanted:
        cases = open_cases(PROPOSAL, [_new_case(row) for row in wanted], by=by, on=on)
        until: dict[str, date] = {}
        proposals = []
        for case, row in zip(cases, wanted, strict=True):
            assert row.worker and row.subject  # noqa: S101  those without came to nothing
            league = row.worker.work_region.league_code
            if league not in until:
                days = course_of(PROPOSAL, league, on).working_days
                until[league] = add_working_days(on, days).on
            proposals.append(
                Proposal(
                    case=case,
                    row=row,
                    unit=unit,
                    worker=row.worker,
                    credential_id=row.credential_id,
                    training_id=row.training_id,
                    kind=row.kind,
                    consent_until=until[league],
                )
            )
            results[row.pk] = case.number
        Proposal.objects.bulk_create(proposals)
        announce_many(cases, ASKED, by=by, on=on)
    return results


def _new_case(row: ClaimFileRow) -> NewCase:
    assert row.worker is not None  # noqa: S101  see above
    return NewCase(
        region_id=row.worker.work_region_id,
        worker_id=row.worker.pk,
        subject=f"{SCHEMES[row.kind].title}：{row.worker.name}，{row.subject}",
    )


def _still_good(
    rows: Sequence[ClaimFileRow], unit: Employer, results: dict[int, Result], *, on: date
) -> list[ClaimFileRow]:
    """What was good when the file was checked and is so today; the others, with what speaks against them, are noted."""
    subjects = {row.pk: _about(row) for row in rows}
    kinds = {subjects[row.pk]: row.kind for row in rows if row.subject is not None}
    against = checking.speaks_against(kinds, unit.pk, on=on)
    people = [row.worker_id for row in rows if row.worker_id is not None]
    here = set(working_in(unit.pk).filter(pk__in=people).values_list("pk", flat=True))
    good, changed = [], []
    for row in rows:
        outcome, said = RowOutcome.REFUSED, ""
        if row.worker_id not in here:
            said = checking.NOT_HERE
        elif row.subject is None:
            said = checking.NO_CERTIFICATE
        elif subjects[row.pk] in against:
            outcome, said = against[subjects[row.pk]]
        if not said:
            good.append(row)
            continue
        row.outcome, row.said, row.worker, row.credential, row.training = outcome, said, None, None, None
        row.bank, row.account_number = "", None
        changed.append(row)
        results[row.pk] = NotNow(said)
    for row in changed:
        row.save()
    return good


def _about(row: ClaimFileRow) -> About:
    """What it is about, as others are asked of it; 0 where nothing was found."""
    if row.training_id is not None:
        return TRAINING, row.training_id
    return CERTIFICATE, row.credential_id or 0
