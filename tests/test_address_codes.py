"""Addresses outside the office: a code instead of a number, which names one record of one kind."""

from __future__ import annotations

import pytest
from django.urls import NoReverseMatch, resolve, reverse

from portal.address_codes import UnknownCode, code_of, number_of, short_code


@pytest.mark.parametrize("number", [1, 75, 650_000, 2**63 - 1])
def test_a_code_leads_back_to_its_number(number: int) -> None:
    code = code_of("offer", number)
    assert number_of("offer", code) == number and code == code_of("offer", number)
    assert short_code("offer", number).replace("-", "").lower() == code[:8]


def test_neighbours_and_other_kinds_have_nothing_in_common() -> None:
    codes = {code_of(kind, number)[:8] for kind in ("offer", "unit") for number in range(500)}
    assert len(codes) == 1000


@pytest.mark.parametrize(
    "code", ["", "75", "a" * 26, "1" * 26, code_of("unit", 75), code_of("offer", 75)[:-1]]
)
def test_what_is_no_code_of_this_kind_names_nothing(code: str) -> None:
    with pytest.raises(UnknownCode):
        number_of("offer", code)


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("my:offer", [75]), ("my:offer_consent", [75]), ("registry:unit_people", [75]),
     ("registry:nominate_of_unit", [75, 76]), ("registry:panel_sheet", [75]), ("window:evidence", [75])],
)  # fmt: skip
def test_pages_of_workers_agents_and_experts_have_no_numbers_in_their_addresses(
    name: str, numbers: list[int]
) -> None:
    address = reverse(name, args=numbers)
    assert not any(part.isdigit() for part in address.split("/"))
    assert list(resolve(address).kwargs.values()) == numbers
    with pytest.raises(NoReverseMatch):
        reverse(name, args=["nothing"] * len(numbers))
