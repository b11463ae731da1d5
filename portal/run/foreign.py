"""What a person has set for a portal of their own, and tests and benchmarks must not see."""

from __future__ import annotations

import os

# These say only how to run something.
HARMLESS = {"JHT_TEST_WORKERS", "JHT_VENV", "JHT_PG_ACCOUNT", "JHT_VALKEY_SERVER"}


def is_foreign(variable: str) -> bool:
    return variable.startswith(("DATABASE_", "REDIS_", "JHT_")) and variable not in HARMLESS


def forget_foreign_variables() -> None:
    """Takes servers, secrets and settings of the person out of this process's environment."""
    for variable in filter(is_foreign, list(os.environ)):
        del os.environ[variable]
