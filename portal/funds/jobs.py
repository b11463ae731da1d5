"""Taking in a bank's answer as a job: progress in the page, begun again when the worker was killed."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError

from portal.accounts.access import NotNow, Refused
from portal.funds import answering
from portal.funds.models import Answer, AnswerPhase
from portal.funds.refusals import in_words
from portal.jobs.runner import JobRefused, Run, job_kind
from portal.spreadsheets.header import FileRefused


@job_kind(answering.TAKE_IN)
def take_in(run: Run) -> dict[str, Any]:
    """Take in the answer that the job names; what was committed is not done again."""
    answer = Answer.objects.select_related("profile").get(pk=run.params["answer"])
    if answer.phase == AnswerPhase.DONE:
        return dict(answering.counts_of(answer))
    try:
        counts = answering.take_in(
            answer,
            by=run.job.by,
            on_rows=lambda done, expected: run.progress(done, total=max(done, expected)),
        )
    except (FileRefused, Refused, NotNow) as refused:
        answering.refuse(answer, str(refused))
        raise JobRefused(str(refused)) from refused
    except IntegrityError as error:
        raise JobRefused(str(in_words(error))) from error
    return dict(counts)
