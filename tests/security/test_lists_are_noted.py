"""Lists that show people beside something else are found, too, when the auditor asks who saw one of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Entry
from portal.workforce.actions import propose_pointer, reveal
from portal.workforce.models import Worker
from tests.cast import make_worker
from tests.selection.nominees import make_employer, make_round, make_skilled, nominated

pytestmark = pytest.mark.django_db


def shown(worker: Worker, user: Any) -> int:
    """How often a list has shown this person to that user."""
    return Entry.objects.naming(worker.pk).filter(action="worker.list", actor_id=user.pk).count()


def test_both_records_of_a_proposed_merge(clerk: Any, reviewer: Any, as_user: Any) -> None:
    old, new, other = (make_worker("孙布和") for _ in range(3))
    propose_pointer("person", old.pk, new.pk, reason="旧证件号码建档。", by=clerk, on=timezone.localdate())
    assert as_user(reviewer).get(reverse("window:merges")).status_code == 200
    assert [shown(worker, reviewer) for worker in (old, new, other)] == [1, 1, 0]


def test_a_list_of_units_names_nobody(reviewer: Any, as_user: Any) -> None:
    assert as_user(reviewer).get(f"{reverse('window:merges')}?list=unit").status_code == 200
    assert not Entry.objects.filter(action="worker.list").exists()


def test_whose_number_was_shown(clerk: Any, supervisor: Any, as_user: Any) -> None:
    worker = make_worker("斯琴")
    worker.refresh_from_db()
    reveal(worker.pk, "id_number", purpose="caller", note="核对退回的挂号信", by=clerk)
    assert as_user(supervisor).get(reverse("window:unmaskings")).status_code == 200
    assert shown(worker, supervisor) == 1


def test_the_people_of_a_unit_and_whom_it_nominated(
    employer_agent: Any, registry_officer: Any, as_user: Any
) -> None:
    unit = make_employer(agents=(employer_agent,))
    here, elsewhere = (
        make_skilled("白玉兰", unit=unit),
        make_skilled("别家人", unit=make_employer("别家单位")),
    )
    agent, people = as_user(employer_agent), reverse("registry:unit_people", args=[unit.pk])
    assert agent.get(people, {"name": "白玉"}).status_code == 200
    assert (shown(here, employer_agent), shown(elsewhere, employer_agent)) == (1, 0)
    said = Entry.objects.filter(action="worker.list").latest("id").detail["asked"]
    assert said == ["姓名：白*"], "and not what was typed"
    given = {"channel": "employer", "employer_id": unit.pk, "state": "draft"}
    nominated(here, make_round(registry_officer), employer_agent, **given)
    assert agent.get(reverse("registry:agent")).status_code == 200
    assert (shown(here, employer_agent), shown(elsewhere, employer_agent)) == (2, 0)
