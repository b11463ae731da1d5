"""What the kinds of extracts have in common, cell by cell: columns, numbers, and the service that may stand for a file."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from portal.policy.facts import FACTS
from portal.workforce.extracts.kinds import KINDS
from portal.workforce.extracts.ports import port_of
from portal.workforce.identity import InvalidNumber, PlainNumbers, check_digit, check_id_number
from portal.workforce.models import BenefitClaim
from tests.cast import id_number, make_worker
from tests.workforce.extracting import AS_OF, keep_still, taken_in
from tests.workforce.test_extracts_of_registers import CLAIMS, paid

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_still(monkeypatch)


def test_every_kind_has_what_its_page_and_template_say() -> None:
    for kind in KINDS.values():
        keys = [column.key for column in kind.form.columns]
        assert keys[0] == "number" and set(keys[1:]) == set(kind.staged)
        assert kind.register and kind.compare and kind.write
    assert {"unemployment_insured_months", "claims_this_year"} <= FACTS.keys()


class Answering:
    """A register of one person."""

    def ask(self, id_number: str, on: date) -> list[dict[str, str]]:
        return [{"number": id_number, "months": "48", "paying": "是", "drawing": "否"}]


def test_a_live_service_is_off_and_answers_as_a_file_would(settings: Any) -> None:
    assert [port_of(kind) for kind in KINDS] == [None, None, None]
    settings.EXTRACT_PORTS = {"insurance": f"{__name__}.Answering"}
    port = port_of("insurance")
    assert port is not None and port_of("claims") is None
    worker = make_worker()
    (row,) = port.ask(worker.id_number, AS_OF)
    assert set(row) == {column.key for column in KINDS["insurance"].form.columns}


@pytest.mark.parametrize(
    ("number", "kept"),
    [("s15000001", "S15000001"), ("Ｓ１５－０１", "S15-01"), ("none", ""), ("无", ""), ("0", "")],
)
def test_a_certificate_number_has_one_form(number: str, kept: str, reviewer: Any) -> None:
    taken_in(reviewer, CLAIMS, paid(make_worker(), certificate=number))
    assert BenefitClaim.objects.get().certificate_number == kept


def test_numbers_are_right_as_they_stand_or_are_looked_at_closely() -> None:
    """What is known at once is what the close look takes as it stands."""
    plain = PlainNumbers(timezone.localdate())
    right = id_number()
    wrong_digit = right[:-1] + ("0" if right[-1] != "0" else "1")
    unborn = "150624" + "20250230" + "001"
    cases = [right, wrong_digit, right[:17], right + "0", "", unborn + check_digit(unborn), right.lower()]
    for number in cases:
        try:
            taken = check_id_number(number) == number
        except InvalidNumber:
            taken = False
        assert plain.has(number) == taken, number
