"""An occupation that stands in no line of the catalogue: told to the office wherever it decides, and to nobody else."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from portal.workforce.models import Worker
from portal.workforce.occupations import NOT_LISTED
from tests.workforce.test_occupations import listed


def test_an_occupation_in_no_line_of_the_catalogue_is_marked_for_the_office(
    proposed: Any, entry: Any, registry_officer: Any, as_user: Any, client: Any
) -> None:
    officer = as_user(registry_officer)
    # given a catalogue, a proposal and an entry of people who do what stands in none of its lines
    listed("焊工")
    case, one = proposed(occupation="马头琴制作工"), entry(occupation="马头琴制作工")
    chosen = {"action": "confirm", "chosen": [case.pk]}
    pages = {
        "proposals": officer.get(reverse("registry:proposals")),
        "case": officer.get(reverse("registry:case", args=[case.number])),
        "confirm": officer.get(reverse("registry:confirm", args=[case.number])),
        "confirm_chosen": officer.post(reverse("registry:confirm_chosen"), chosen),
        "entries": officer.get(reverse("registry:entries")),
        "record": officer.get(reverse("registry:record", args=[one.number])),
    }
    # then each page on which an officer reads it says so
    assert {name for name, page in pages.items() if NOT_LISTED not in page.text} == set()
    # and nobody else is told: the published list says what was published
    assert NOT_LISTED not in client.get(reverse("registry:list")).text
    assert NOT_LISTED not in client.get(reverse("registry:entry", args=[one.number])).text
    # nor is a name marked that stands in the catalogue
    Worker.objects.update(occupation="焊 工")
    assert NOT_LISTED not in officer.get(reverse("registry:proposals")).text
    assert NOT_LISTED not in officer.get(reverse("registry:case", args=[case.number])).text
