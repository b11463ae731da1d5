"""Lists that somebody with the owner's password changed: deriving them again finds it."""

from __future__ import annotations

import pytest

from talent_registry.models import Quota, QuotaKind
from talent_registry.selection import recommending
from talent_registry.selection.verifying import verify
from tests.cast import ORDOS
from tests.selection.nominees import make_round, make_skilled, move_round, nominated, today
from tests.selection.test_listing import ranked


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            "UPDATE talent_registry_listednominee SET selected = NOT selected WHERE position = 2",
            "位次或结果重新计算后不同",
        ),
        (
            "UPDATE talent_registry_listednominee SET score = score + 1, parts = jsonb_set(parts, '{skill}', '9999')",
            "得分重新计算后不同",
        ),
        (
            "UPDATE talent_registry_listednominee SET facts = jsonb_set(facts, '{on_front_line}', 'false')",
            "条件重新计算后不同",
        ),
        ("UPDATE talent_registry_listednominee SET position = position + 10", "位次或结果重新计算后不同"),
        ("UPDATE talent_registry_selectionlist SET places = 2", "摘要重新计算为"),
        (
            "UPDATE talent_registry_selectionlist SET scheme = jsonb_set(scheme, '{front_line_year}', '51')",
            "摘要重新计算为",
        ),
        ("UPDATE talent_registry_selectionlist SET digest = repeat('0', 64)", "摘要重新计算为"),
        ("UPDATE talent_registry_selectionlist SET moved = '[1]'", "与上一版的变动重新计算后不同"),
    ],
)
def test_verify_finds_what_somebody_changed_behind_the_portal(cast, owner_sql, change, expected) -> None:
    """By the owner of the tables, on a database of its own."""
    round_ = make_round(cast("registry_officer"), state="draft", places=1)
    Quota.objects.create(round=round_, kind=QuotaKind.RECOMMENDATION, key=ORDOS, places=5)
    move_round(round_.pk, cast("registry_officer"), "open")
    made = [
        nominated(make_skilled(f"王建国{level}", level=level), round_, cast("clerk"), state="accepted")
        for level in (80, 40)
    ]
    move_round(round_.pk, cast("registry_officer"), "recommendation")
    for one in made:
        recommending.recommend(one.pk, by=cast("reviewer"), on=today())
    round_.case.refresh_from_db()
    ranked(round_, cast("registry_officer"))
    assert verify(round_) == []
    owner_sql(change)
    assert any(expected in text for text in verify(round_)), verify(round_)
