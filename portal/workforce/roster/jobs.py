"""The import as a job: progress in the page, started again when its worker was killed."""

from __future__ import annotations

from typing import Any

from portal.accounts.access import NotNow, Refused
from portal.jobs.runner import JobRefused, Run, job_kind
from portal.spreadsheets.header import FileRefused
from portal.workforce.models import RosterImport
from portal.workforce.models.roster import Phase
from portal.workforce.roster import retention
from portal.workforce.roster.importing import import_received

JOB_KIND = "roster.import"
LOOK_KIND = "roster.look"
UNDO_KIND = "roster.undo"


@job_kind(LOOK_KIND)
def look_at_roster(run: Run) -> None:
    """Look at a large file before somebody confirms that it is read in."""
    from portal.workforce.roster.receiving import look_at_received

    try:
        look_at_received(run.params["roster_import"])
    except FileRefused as refused:
        raise JobRefused(str(refused)) from refused
    run.progress(1, total=1, step="")


@job_kind(JOB_KIND)
def import_roster(run: Run) -> dict[str, Any]:
    """Import the file that the job names. What was committed is not done again."""
    given = RosterImport.objects.get(pk=run.params["roster_import"])
    try:
        given = import_received(given, progress=run.progress)
    except (FileRefused, Refused) as refused:
        raise JobRefused(str(refused)) from refused
    run.progress(given.rows_read, total=given.rows_read, refused=given.refused, step="")
    retention.delete_source(given)
    return {
        "added": given.added,
        "changed": given.changed,
        "proposed": given.proposed,
        "unchanged": given.unchanged,
        "refused": given.refused,
    }


@job_kind(UNDO_KIND)
def undo_import(run: Run) -> dict[str, Any]:
    """Take an import back, for who asked for it. Repeated after a kill it finds that it is done."""
    from portal.workforce.roster.undoing import undo

    given = RosterImport.objects.get(pk=run.params["roster_import"])
    if given.phase != Phase.UNDONE:
        run.progress(0, total=given.rows_read, step="核对是否有事项以本次导入为依据")
        try:
            undo(given.pk, reason=run.params["reason"], by=run.job.by)
        except (NotNow, Refused) as refused:
            raise JobRefused(str(refused)) from refused
    run.progress(given.rows_read, total=given.rows_read, step="")
    return {}
