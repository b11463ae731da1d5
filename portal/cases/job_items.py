"""What the results of a job are called that does something with each of many cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from portal.cases.models import Case
from portal.jobs.items import Names
from portal.jobs.models import Job


def case_names(job: Job, user: Any, keys: Sequence[str]) -> Names:
    """The cases that the user sees, by person and number."""
    seen = Case.objects.visible_to(user).filter(pk__in=[int(key) for key in keys if key.isdigit()])
    cases = seen.select_related("worker").defer("worker__id_number", "worker__phone")
    return {str(case.pk): (_called(case), reverse("window:case", args=[case.number])) for case in cases}


def _called(case: Case) -> str:
    return f"{case.worker.name} {case.number}" if case.worker else f"{case.subject} {case.number}"
