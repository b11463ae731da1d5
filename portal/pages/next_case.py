"""What an officer takes up after a case: the next one of their worklist."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.db.models.fields.tuple_lookups import TupleGreaterThan

from portal.cases.models import Case


def next_waiting(case: Case, user: Any) -> Case | None:
    """The next case of the kind on the user's worklist: behind this one by deadline, else the first one. Where none of the
    kind waits the first of any other; None when nothing does.
    """
    waiting = Case.objects.visible_to(user).waiting_for(user).exclude(pk=case.pk)
    of_kind = waiting.filter(kind=case.kind)
    behind = of_kind.filter(TupleGreaterThan((F("due_sort"), F("id")), (case.due_sort, case.pk)))
    return behind.by_deadline().first() or of_kind.by_deadline().first() or waiting.by_deadline().first()
