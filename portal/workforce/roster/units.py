"""Rosters of units: who gives them in, and that they are about the unit's own people."""

from __future__ import annotations

from typing import Any

from django.db.models import Value

from portal.accounts.access import Refused
from portal.names import unit_spelling
from portal.workforce.merged import records_of_unit
from portal.workforce.models import Employer
from portal.workforce.models.base import Folded


def acts_for(user: Any, unit_id: int | None) -> bool:
    """Whether the account is an agent of the unit today, under any of its records."""
    return (
        unit_id is not None
        and Employer.objects.acted_for_by(user).filter(pk__in=records_of_unit(unit_id)).exists()
    )


def require_agent(user: Any, unit_id: int) -> Employer:
    """The unit, as it stands. Raises Refused unless the account is its agent."""
    if not acts_for(user, unit_id):
        raise Refused("单位的花名册由本单位的经办人报送。您的账号没有登记为该单位的经办人。")
    return Employer.objects.get(pk=records_of_unit(unit_id)[0])


def is_named(unit: Employer, text: str) -> bool:
    """Whether a text names the unit, by any of the names it is registered under."""
    folded = Folded(Value(unit_spelling(text)))
    return Employer.objects.filter(pk__in=records_of_unit(unit.pk), folded_name=folded).exists()


def has_code(unit: Employer, code: str) -> bool:
    """Whether a code is the unit's own; one that has none yet may be given its code."""
    own = set(
        Employer.objects.filter(pk__in=records_of_unit(unit.pk), credit_code__isnull=False).values_list(
            "credit_code", flat=True
        )
    )
    return code in own or not own
