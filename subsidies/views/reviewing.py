"""What stands on the screen of whoever reviews: from where each condition is known, and which claim comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import F
from django.db.models.fields.tuple_lookups import TupleGreaterThan

from portal.cases.models import Case


def with_sources(conditions: Iterable[dict[str, Any]], sources: Mapping[str, str]) -> list[dict[str, Any]]:
    """The conditions, each with where what was observed comes from."""
    return [
        {
            **one,
            "source": "；".join(dict.fromkeys(sources[fact] for fact in one["facts"] if sources.get(fact))),
        }
        for one in conditions
    ]


def next_waiting(case: Case, user: Any) -> Case | None:
    """The next case of the kind on the user's worklist: behind this one by deadline, else the first one; None when no
    other waits.
    """
    waiting = Case.objects.visible_to(user).waiting_for(user).filter(kind=case.kind).exclude(pk=case.pk)
    behind = waiting.filter(TupleGreaterThan((F("due_sort"), F("id")), (case.due_sort, case.pk)))
    return behind.by_deadline().first() or waiting.by_deadline().first()
