"""People who stand on the registry: by the whole way, since the database knows no other."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.cast import company, make_honour


def listed(worker: Any, *, since: date = date(2024, 1, 1)) -> Any:
    """The entry of `worker`, included on `since` for an honour of the year before."""
    from talent_registry.actions import confirm, propose

    cast = company()
    make_honour(worker, recorded_by=cast("clerk"), verified_by=cast("reviewer"), year=since.year - 1)
    (case,) = propose([worker.pk], by=None, on=since)
    return confirm(case.pk, by=cast("registry_officer"), on=since, how="查验职业技能等级证书")
