"""Whose work is in one league learns nothing of the others, and decides nothing for the whole region."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from portal.accounts.access import Refused
from portal.accounts.roles import Role
from portal.audit.models import Entry
from portal.entitlements import simulation
from portal.entitlements.models import Simulation
from portal.jobs.models import Job
from portal.policy.models import Parameter
from talent_registry.models import ListedNominee, Nomination
from tests.cast import BAOTOU, make_account
from tests.selection.running import play

pytestmark = pytest.mark.django_db
SECRET = "王建国150624"  # how the nominees of 鄂尔多斯 are called


# -- the annual selection ------------------------------------------------------------------------------------
def asked_for(year: int, nomination: Nomination) -> list[str]:
    """Every list, detail, search, export and answer of the API on which a nominee could stand."""
    case, worker = nomination.case.number, nomination.worker_id
    lists = [
        reverse("registry:round_list", args=[year, 1]),
        reverse("registry:round_preview", args=[year]),
        reverse("registry:round_overlooked", args=[year]),
        reverse("registry:round", args=[year]),
        reverse("registry:league", args=[year, "150600"]),
        reverse("registry:panel_overview", args=[year]),
        reverse("registry:nominations"),
        f"{reverse('registry:nominations')}?year={year}&name=王建国",
        reverse("registry:nomination", args=[case]),
        reverse("window:case", args=[case]),
        reverse("window:cases"),
        f"{reverse('window:cases')}?name=王建国",
        f"{reverse('window:search')}?q=王建国",
        f"{reverse('window:search')}?q={case}",
        reverse("window:workers"),
        reverse("window:worker", args=[worker]),
        reverse("window:letters"),
        reverse("window:home"),
        reverse("registry:entries"),
        reverse("registry:proposals"),
        "/api/cases/",
        f"/api/cases/{case}/",
        "/api/workers/",
        f"/api/workers/{worker}/",
    ]
    exports = [reverse(f"window:{name}_export") for name in ("cases", "workers", "honours")]
    return lists + exports


def text(client: Any, address: str) -> str:
    answer = client.get(address, follow=True)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(content.decode("utf-8", "replace"))


@pytest.mark.parametrize("role", [Role.REGISTRY_OFFICER, Role.SUPERVISOR, Role.LEAGUE_REVIEWER])
def test_nominees_of_another_league(cast: Any, as_user: Any, role: str) -> None:
    round_ = play(cast, "ranked")
    elsewhere = as_user(make_account("baotou.officer", "包头人员", role, BAOTOU))
    nomination = Nomination.objects.filter(case__league_code="150600").order_by("-pk")[0]
    assert not ListedNominee.objects.filter(nomination=nomination, selected=True).exists()
    asked = asked_for(round_.year, nomination)
    shown = []
    for address in asked:
        if SECRET in text(elsewhere, address):
            shown.append(address)
    assert shown == []


def test_the_region_s_officer_sees_them_all_and_it_is_noted(cast: Any, as_user: Any) -> None:
    """That the walk above can fail; and whoever saw the list is found."""
    round_ = play(cast, "ranked")
    nomination = Nomination.objects.filter(case__league_code="150600").order_by("-pk")[0]
    officer = as_user(cast("registry_officer"))
    seen = [one for one in asked_for(round_.year, nomination) if SECRET in text(officer, one)]
    assert len(seen) > 8
    listed = ListedNominee.objects.filter(list__round=round_).first()
    assert listed is not None
    before = Entry.objects.naming(listed.nomination.worker_id).count()
    officer.get(reverse("registry:round_list", args=[round_.year, 1]))
    assert Entry.objects.naming(listed.nomination.worker_id).count() == before + 1


# -- what-if over the whole register -------------------------------------------------------------------------
def test_a_league_s_policy_officer_simulates_nothing(cast: Any, as_user: Any) -> None:
    """Neither on the pages nor past them: no draft, no computation, no change of another's draft."""
    on = date(2026, 11, 1)
    draft = simulation.draw_up("全区草案", on=on, by=cast("policy_officer"))
    figure = Parameter.objects.filter(code__in=simulation.readable_parameters(), kind="money").order_by(
        "code"
    )[0]
    simulation.set_figure(draft.pk, figure, "100.00", by=cast("policy_officer"))
    officer = make_account("baotou.policy", "包头政策", Role.POLICY_OFFICER, BAOTOU)
    client, pages = (
        as_user(officer),
        ("simulation", "simulation_run", "simulation_again", "simulation_progress"),
    )
    for name in (*pages, "simulation_cancel"):
        address = reverse(f"window:{name}", args=[draft.pk])
        assert {client.get(address).status_code, client.post(address).status_code} <= {403, 404, 405}, name
    for name in ("simulation_figure", "simulation_drop"):
        address = reverse(f"window:{name}", args=[draft.pk, figure.code])
        assert client.post(address, {"value": "9.00"}).status_code in {403, 404}, name
    assert client.post(
        reverse("window:simulation_new"), {"title": "全区", "on": "2026-11-01"}
    ).status_code in {403, 404}
    assert "全区草案" not in client.get(reverse("window:simulations"), follow=True).text
    for act in (
        lambda: simulation.draw_up("另一草案", on=on, by=officer),
        lambda: simulation.set_figure(draft.pk, figure, "9.00", by=officer),
        lambda: simulation.remove_figure(draft.pk, figure.code, by=officer),
        lambda: simulation.run(draft.pk, by=officer),
        lambda: simulation.repeat(draft.pk, by=officer),
    ):
        with pytest.raises(Refused):
            act()
    kept = Simulation.objects.get()
    assert kept.draft == {figure.code: "100.00"} and not Job.objects.exists()
