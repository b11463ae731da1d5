"""Extracts as the tests give them in."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from portal.jobs import runner
from portal.workforce import changes
from portal.workforce.extracts import actions, jobs
from portal.workforce.extracts.actions import Stated
from portal.workforce.extracts.kinds import KINDS
from portal.workforce.models import RegisterExtract

ON = date(2026, 11, 20)
AS_OF = date(2026, 11, 1)


def keep_still(monkeypatch: Any) -> None:
    """Jobs wait until a test does them; and none tells of itself on a connection of its own, which would not see what
    the test has not committed.
    """
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)
    monkeypatch.setattr(jobs._Beat, "merging", lambda beat, step: None)
    # Everything of a test happens in one transaction, whose beginning lies before its people.
    monkeypatch.setattr(changes, "complete_until", lambda cursor: timezone.now())


def extract_file(kind: str, *rows: dict[str, str], head: str = "") -> SimpleUploadedFile:
    """A file of the kind; cells by the keys of its columns."""
    columns = KINDS[kind].form.columns
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head.split(",") if head else [column.label for column in columns])
    writer.writerows([row.get(column.key, "") for column in columns] for row in rows)
    return SimpleUploadedFile("摘录.csv", text.getvalue().encode("utf-8-sig"))


def stated(kind: str, **said: Any) -> Stated:
    given = {
        "kind": kind,
        "register": KINDS[kind].register,
        "as_of": AS_OF,
        "place": "150600",
        "fund": "unemployment_insurance_fund" if KINDS[kind].of_fund else "",
        "covers_from": date(2017, 1, 1),
        "covers_until": AS_OF,
    }
    return Stated(**given | said)


def run(extract: RegisterExtract) -> RegisterExtract:
    """Do the job that it waits for."""
    extract.refresh_from_db()
    assert extract.job_id
    runner.run_job(extract.job_id)
    extract.refresh_from_db()
    return extract


def seen(by: Any, kind: str, *rows: dict[str, str], file: Any = None, **said: Any) -> RegisterExtract:
    """Given in and looked at; nothing is written."""
    upload = file or extract_file(kind, *rows)
    return run(actions.give_in(upload, stated(kind, **said), by=by, on=ON))


def taken_in(by: Any, kind: str, *rows: dict[str, str], **said: Any) -> RegisterExtract:
    """Given in, looked at, confirmed, and written."""
    return run(actions.confirm(seen(by, kind, *rows, **said).pk, by=by))


def counts(extract: RegisterExtract) -> tuple[int, int, int, int]:
    """New, changed, the same, refused."""
    return extract.added, extract.changed, extract.unchanged, extract.refused


def came_back(extract: RegisterExtract, by: Any) -> dict[str, str]:
    """Why each row came back, by the number that it is about."""
    if not extract.has_refused_file:
        return {}
    with actions.fetch_refused(extract, by=by) as file:
        rows = list(csv.reader(io.TextIOWrapper(file, encoding="utf-8-sig")))
    at = rows[0].index("证件号码")
    return {row[at]: row[-1] for row in rows[1:]}
