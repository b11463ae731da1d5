"""Tests with drawn examples in CI: random, with a bounded search for the smallest example, and the seed told.

On a person's machine nothing is changed: there somebody may want to wait, and found examples are kept.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import engine

SHRINK_SECONDS = 30


def settle(variables: dict[str, str]) -> None:
    """Loads the profile of CI when these variables of the environment say that it is one."""
    if variables.get("CI", "").lower() not in ("1", "true"):
        return
    # Hypothesis has no setting for it; its own bound is five minutes.
    engine.MAX_SHRINKING_SECONDS = int(variables.get("JHT_SHRINK_SECONDS", SHRINK_SECONDS))
    # Unlike Hypothesis's own profile of this name, it draws anew in every run.
    settings.register_profile(
        "ci",
        derandomize=False,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("ci")


settle(dict(os.environ))
