"""What programmes have decided to give: each says it of its own kinds of cases when the application starts.

    register_decided(KIND, query)       # query() gives rows of case_id, fund and amount in yuan: what stands as approved

The reconciliation holds the payables against it (portal.funds.reconciling).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

# Rows of `case_id`, `fund`, `amount`, of cases of its kind whose decision stands.
Query = Callable[[], QuerySet[Any]]
_DECIDED: dict[str, Query] = {}


def register_decided(kind: str, query: Query) -> None:
    """A programme says what of its kind of case is approved. ValueError where somebody else does already."""
    if _DECIDED.get(kind, query) is not query:
        raise ValueError(f"what is approved of {kind} is said by somebody already")
    _DECIDED[kind] = query


def as_sql() -> tuple[str, list[Any]]:
    """A statement over all that is approved, as rows of case_id, fund and amount in fen, with its values."""
    parts = ["SELECT NULL::bigint, NULL::text, NULL::bigint WHERE false"]
    values: list[Any] = []
    for query in dict.fromkeys(_DECIDED.values()):
        sql, given = query().order_by().values_list("case_id", "fund", "amount").query.sql_with_params()
        rows = f"({sql}) AS s (case_id, fund, amount)"
        parts.append(f"SELECT s.case_id, s.fund, (s.amount * 100)::bigint FROM {rows}")  # noqa: S608  the ORM's
        values.extend(given)
    return "\nUNION ALL\n".join(parts), values
