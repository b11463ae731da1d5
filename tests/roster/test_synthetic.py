"""People who do not exist carry numbers that are right in every way, and nobody's."""

from __future__ import annotations

import random
from datetime import date

from portal.accounts.access import Scope
from portal.spreadsheets.header import Header
from portal.workforce import synthetic
from portal.workforce.identity import check_credit_code, check_id_number, check_phone
from portal.workforce.roster.checking import Checked, Checker
from portal.workforce.roster.columns import KEYS
from tests.cast import KUNDULUN, OTOG
from tests.roster.conftest import LABELS

TODAY = date(2026, 11, 22)


def rows(seed: int, count: int) -> list[list[str]]:
    draw = random.Random(seed)
    return list(synthetic.roster_rows(draw, synthetic.units(draw, [OTOG, KUNDULUN], 9), count, today=TODAY))


def test_numbers_are_right_and_of_no_place() -> None:
    draw = random.Random(1)
    for _ in range(500):
        assert check_id_number(synthetic.id_number(draw)).startswith(synthetic.NOWHERE)
        check_credit_code(synthetic.credit_code(draw))
        check_phone(synthetic.phone(draw))


def test_every_row_passes_and_is_about_another_person(db: None) -> None:
    checker = Checker(
        Header(tuple(LABELS), {key: index for index, key in enumerate(KEYS)}),
        scope=Scope(whole=True),
        today=TODAY,
    )
    checked = [checker.check(line, row) for line, row in enumerate(rows(2, 3000), start=2)]
    assert [one for one in checked if not isinstance(one, Checked)] == []
    assert len({one.number for one in checked if isinstance(one, Checked)}) == 3000


def test_the_same_draw_gives_the_same_people() -> None:
    assert rows(3, 50) == rows(3, 50)
    assert rows(3, 50) != rows(4, 50)
