"""What tests of the registry begin with: an honour recorded by one person, verified by another, and proposed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.cast import make_honour, make_worker

TODAY = date(2026, 11, 22)
_names = itertools.count(1)


@pytest.fixture
def honoured(cast: Callable[[str], Any]) -> Callable[..., Any]:
    """`honoured(name=…, type=…)` is a worker with a verified honour, recorded by the clerk and verified by
    the reviewer.
    """

    def make(
        name: str = "",
        *,
        type: str = "national_technical_expert",
        year: int = 2025,
        region: str = "150624",
        **fields: Any,
    ) -> Any:
        given = {key: fields.pop(key) for key in ("conferred_on", "document", "named_as") if key in fields}
        worker = make_worker(name or f"王建国{next(_names)}", region=region, **fields)
        make_honour(
            worker, recorded_by=cast("clerk"), verified_by=cast("reviewer"), type=type, year=year, **given
        )
        return worker

    return make


@pytest.fixture
def proposed(honoured: Callable[..., Any]) -> Callable[..., Any]:
    """`proposed()` is the case of a proposed worker."""
    from talent_registry.actions import propose

    def make(*args: Any, **kwargs: Any) -> Any:
        worker = honoured(*args, **kwargs)
        (case,) = propose([worker.pk], by=None, on=TODAY)
        return case

    return make


@pytest.fixture
def entry(proposed: Callable[..., Any], cast: Callable[[str], Any]) -> Callable[..., Any]:
    """`entry()` is a confirmed entry."""
    from talent_registry.actions import confirm

    def make(*args: Any, on: date = TODAY, **kwargs: Any) -> Any:
        case = proposed(*args, **kwargs)
        return confirm(case.pk, by=cast("registry_officer"), on=on, how="查验职业技能等级证书")

    return make
