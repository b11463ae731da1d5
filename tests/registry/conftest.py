"""What tests of the registry begin with: an honour recorded by one person, verified by another, and proposed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.cast import make_honour, make_worker
from tests.states import state

TODAY = date(2026, 11, 22)
_names = itertools.count(1)


Cast = Callable[[str], Any]


def _honoured(cast: Cast) -> Callable[..., Any]:
    def make(
        name: str = "",
        *,
        type: str = "national_technical_expert",
        year: int = 2025,
        region: str = "150624",
        **fields: Any,
    ) -> Any:
        given = {
            key: fields.pop(key)
            for key in ("conferred_on", "document", "named_as", "verified_at")
            if key in fields
        }
        worker = make_worker(name or f"王建国{next(_names)}", region=region, **fields)
        make_honour(
            worker, recorded_by=cast("clerk"), verified_by=cast("reviewer"), type=type, year=year, **given
        )
        return worker

    return make


def _proposed(cast: Cast) -> Callable[..., Any]:
    from talent_registry.actions import propose

    honoured = _honoured(cast)

    def make(*args: Any, **kwargs: Any) -> Any:
        worker = honoured(*args, **kwargs)
        (case,) = propose([worker.pk], by=None, on=TODAY)
        return case

    return make


def _entry(cast: Cast) -> Callable[..., Any]:
    from talent_registry.actions import confirm

    proposed = _proposed(cast)

    def make(*args: Any, on: date = TODAY, **kwargs: Any) -> Any:
        case = proposed(*args, **kwargs)
        return confirm(case.pk, by=cast("registry_officer"), on=on, how="查验职业技能等级证书")

    return make


@pytest.fixture
def honoured(cast: Cast) -> Callable[..., Any]:
    """`honoured(name=…, type=…)` is a worker with a verified honour, recorded by the clerk and verified by
    the reviewer.
    """
    return _honoured(cast)


@pytest.fixture
def proposed(cast: Cast) -> Callable[..., Any]:
    """`proposed()` is the case of a proposed worker."""
    return _proposed(cast)


@pytest.fixture
def entry(cast: Cast) -> Callable[..., Any]:
    """`entry()` is a confirmed entry."""
    return _entry(cast)


# -- lists that many tests begin with ------------------------------------------------------------------------
def _small_registry(cast: Cast) -> None:
    from portal.workforce.models import Employer

    entry = _entry(cast)
    unit = Employer.objects.create(name="鄂托克旗棋盘井煤业有限公司", region_id="150624", source="窗口登记")
    entry("王建国", occupation="焊工", skill_level=50, employer=unit)
    entry("建树", occupation="电工", type="may_day_medal")
    entry("李国庆", occupation="焊工", region="150203", on=date(2025, 5, 1), year=2024)
    entry("阿拉坦其其格", occupation="", region="150203", type="scarce_talent")
    entry("赵大年", occupation="钳工", region="152921")


def _five_people(cast: Cast) -> None:
    entry = _entry(cast)
    for name, region in zip(
        ("王建国", "乌云", "李国庆", "阿拉坦其其格", "赵大年"),
        ("150624", "150624", "150624", "150203", "150624"),
        strict=True,
    ):
        entry(name, region=region)


def _entries() -> list[Any]:
    from talent_registry.models import RegistryEntry

    return list(RegistryEntry.objects.select_related("worker", "case").order_by("pk"))


# Two leagues and one more, three occupations, two years, several honours.
small_registry = state("small_registry", _small_registry, _entries)
# One of 包头市, the others of 鄂尔多斯市.
five_people = state("five_people", _five_people, _entries)
