"""The law as data and the one executor over it: `check` typed-in facts, `validate_facts` before asking,
`policy_version`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any


def check(
    facts: Any, on: dt.date | None = None, benefits: Iterable[str] | None = None
) -> list[dict[str, Any]]:
    """See portal.policy.explain.check."""
    from portal.policy.explain import check as answers

    return answers(facts, on, benefits)


def validate_facts(payload: Any, on: dt.date | None = None) -> dict[str, Any]:
    """See portal.policy.intake.validate_facts."""
    from portal.policy.intake import validate_facts as cleaned

    return cleaned(payload, on)


def policy_version(on: dt.date | None = None) -> str:
    """A short name for the rules and the confirmed law of a day: it changes when either does."""
    from django.utils import timezone

    from portal.policy.explain import policy_version_under
    from portal.policy.law import law_on

    return policy_version_under(law_on(on or timezone.localdate()))
