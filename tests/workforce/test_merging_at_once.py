"""Two who merge the same pair at the same moment merge it once, one way."""

from __future__ import annotations

from typing import Any

from portal.workforce.actions import confirm_pointer, propose_pointer
from portal.workforce.models import MergedPerson
from tests.cast import make_worker
from tests.registry.test_decide_at_once import _race
from tests.workforce.merging import ON, REASON


def test_two_who_confirm_at_once_merge_once(committed: str, cast: Any) -> None:
    old, new = make_worker("孙布和"), make_worker("孙布和")
    there = propose_pointer("person", old.pk, new.pk, reason=REASON, by=cast("clerk"), on=ON)
    back = propose_pointer("person", new.pk, old.pk, reason=REASON, by=cast("clerk"), on=ON)
    reviewer, second = cast("reviewer"), cast("second_reviewer")
    results = _race(
        lambda: confirm_pointer("person", there.pk, by=reviewer, on=ON),
        lambda: confirm_pointer("person", back.pk, by=second, on=ON),
    )
    assert sorted(type(result).__name__ for result in results) == ["NotNow", "PersonPointer"]
    assert MergedPerson.objects.count() == 1
