"""The import as a job: progress in the page, started again when its worker was killed."""

from __future__ import annotations

from typing import Any

from portal.accounts.access import Refused
from portal.jobs.runner import JobRefused, Run, job_kind
from portal.spreadsheets.header import FileRefused
from portal.workforce.models import RosterImport
from portal.workforce.roster import retention
from portal.workforce.roster.importing import import_received

JOB_KIND = "roster.import"
LOOK_KIND = "roster.look"


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
