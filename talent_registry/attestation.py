"""Being on the registry as a fact about the worker: what the benefits of clauses 二 to 四 ask for."""

from __future__ import annotations

from datetime import date, timedelta

from portal.workforce.models import AttestedFact
from portal.workforce.models.facts import Attested
from talent_registry.models import RegistryEntry

_SOURCE = "高技能领军人才名录"


def attest(entry: RegistryEntry, *, on: date) -> AttestedFact:
    """From `on` the worker is a leading talent; whatever else was noted about that ends the day before.

    It is the portal that says so, not a person: who decided stands in the case.
    """
    _end_current_fact(entry.worker_id, on=on)
    return AttestedFact.objects.create(
        worker_id=entry.worker_id,
        code=Attested.LEADING_TALENT,
        value=True,
        since=on,
        document=f"名录编号{entry.number}",
        source=_SOURCE,
    )


def end_attestation(entry: RegistryEntry, *, on: date) -> None:
    """From `on` the worker is no leading talent any more."""
    _end_current_fact(entry.worker_id, on=on)


def _end_current_fact(worker_id: int, *, on: date) -> None:
    # A period cannot end before it begins: what began today ends today.
    in_force = AttestedFact.objects.filter(
        worker_id=worker_id,
        code=Attested.LEADING_TALENT,
        until__isnull=True,
    )
    for fact in in_force.select_for_update():
        fact.until = max(fact.since, on - timedelta(days=1))
        fact.save(update_fields=["until"])
