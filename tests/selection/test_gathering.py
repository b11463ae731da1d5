"""What the selection reads of everybody: whatever is written and however the days pass, gathering what changed
gives what gathering everybody would.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from portal.workforce.models import SkillCredential
from talent_registry.models import SelectionFacts, SelectionGathering
from talent_registry.selection.gathering import gather
from talent_registry.selection.register import GATHERED, Codes, codes_of_today, gathered_sql
from tests.by_two import all_changed_by_two
from tests.cast import confirm_everything, make_honour, make_worker
from tests.selection.nominees import make_skilled
from tests.selection.population import AS_OF, people, store

pytestmark = pytest.mark.django_db


def gathered() -> set[tuple[Any, ...]]:
    return {_comparable(row) for row in SelectionFacts.objects.values_list(*GATHERED)}


def drawn(on: date) -> set[tuple[Any, ...]]:
    """The same from the records, of everybody."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(GATHERED)} FROM ({gathered_sql(on, codes_of_today())}) AS facts")
        return {_comparable(row) for row in cursor.fetchall()}


def _comparable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)


def all_seen() -> None:
    """The last look was after everything that has been written so far."""
    SelectionGathering.objects.update(seen_until=timezone.now() + timedelta(hours=1))


def gather_again(on: date = AS_OF) -> SelectionGathering:
    return gather(on, codes_of_today())


def test_the_first_time_everybody_is_gathered(clerk: Any, reviewer: Any) -> None:
    store(people(60, 11), recorded_by=clerk, verified_by=reviewer)
    gathering = gather_again()
    assert (gathering.whole, gathering.looked_at) == (True, 60)
    assert gathered() == drawn(AS_OF)
    assert {row[4] for row in gathered()} > {None, 40}


@pytest.mark.parametrize("seed", [1, 2])
def test_as_the_days_pass_it_is_what_everybody_would_give(clerk: Any, reviewer: Any, seed: int) -> None:
    """Certificates dated ahead, honours of a later year, facts attested until yesterday."""
    store(people(80, seed), recorded_by=clerk, verified_by=reviewer)
    gather_again(date(2019, 1, 1))
    all_seen()
    for on in (date(2019, 6, 30), date(2020, 1, 1), date(2024, 12, 31), AS_OF, AS_OF + timedelta(days=400)):
        assert not gather_again(on).whole
        assert gathered() == drawn(on)


def test_who_was_written_of_since_is_gathered(clerk: Any, reviewer: Any) -> None:
    # given
    promoted, honoured = make_skilled("乌日娜"), make_skilled("其木格")
    gather_again()
    all_seen()
    assert gather_again().looked_at == 0
    # when: an hour later one gets another level, one an honour, one is new
    SelectionGathering.objects.update(seen_until=timezone.now() - timedelta(hours=1))
    all_changed_by_two(SkillCredential.objects.filter(worker=promoted), level=60)
    make_honour(honoured, recorded_by=clerk, verified_by=reviewer, type="northern_border_craftsman")
    make_skilled("巴特尔")
    confirm_everything()
    gathering = gather_again()
    # then
    assert (gathering.whole, gathering.looked_at) == (False, 3)
    assert gathered() == drawn(AS_OF)
    assert SelectionFacts.objects.get(pk=promoted.pk).skill_level == 60
    assert SelectionFacts.objects.get(pk=honoured.pk).honour_bits


def test_for_an_earlier_day_and_for_other_codes_everybody_is_gathered_anew(clerk: Any, reviewer: Any) -> None:
    make_honour(make_skilled(), recorded_by=clerk, verified_by=reviewer, type="northern_border_craftsman")
    gather_again()
    earlier = AS_OF - timedelta(days=1)
    assert gather_again(earlier).whole
    assert gathered() == drawn(earlier)
    others = Codes((*codes_of_today().honours[1:], "a_kind_of_its_own"))
    assert gather(earlier, others).whole


def test_what_is_only_stated_is_not_gathered() -> None:
    SkillCredential.objects.create(
        worker=make_worker("李静"), occupation="焊工", level=60, number="S1", source="窗口登记"
    )
    gather_again()
    assert SelectionFacts.objects.get().skill_level is None
    confirm_everything()
    gather_again()
    assert SelectionFacts.objects.get().skill_level == 60
