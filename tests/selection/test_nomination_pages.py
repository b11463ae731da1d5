"""Pages of nominations: who gets in, where everybody begins, the list, and what a page costs."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from portal.accounts.homes import homes
from portal.workforce.occupations import NOT_LISTED
from talent_registry.selection import panel
from tests.cast import KUNDULUN, REGION, make_account
from tests.roles import compared, drawn_once, one_of_each
from tests.selection.nominees import (
    make_employer,
    make_round,
    make_skilled,
    nominated,
    page_of,
    today,
)
from tests.workforce.test_occupations import listed


@pytest.fixture
def round_(registry_officer) -> Any:
    return make_round(registry_officer)


@pytest.fixture
def unit(employer_agent) -> Any:
    return make_employer(agents=(employer_agent,))


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def experts(panel_expert) -> list[Any]:
    return [make_account("region.expert2", "专家二", "panel_expert", REGION), panel_expert]


def test_everybody_lands_on_their_ownpage_of(client, cast, unit, round_, worker_user) -> None:
    from tests.cast import PASSWORD

    for person, address in (
        ("employer_agent", "registry:agent"),
        ("panel_expert", "registry:panel"),
        ("clerk", "window:home"),
    ):
        answer = client.post(
            reverse("accounts:login"), {"username": cast(person).username, "password": PASSWORD}
        )
        assert answer.url == reverse(address), person
        page = client.get(answer.url)
        assert page.status_code == 200
        client.post(reverse("accounts:logout"))
    assert homes(worker_user) == [("我的待遇", "my:home")]


def test_the_public_list_is_not_marked_on_ones_ownpage_of(as_user, employer_agent, unit) -> None:
    page = as_user(employer_agent).get(reverse("registry:agent")).text
    assert f'<a href="{reverse("registry:agent")}" aria-current="page">单位申报</a>' in page
    assert f'<a href="{reverse("registry:list")}" aria-current="page">' not in page


@pytest.mark.sweep
def test_every_page_for_every_role(round_, cast, as_user, clerk) -> None:
    """Lists by permission; a nomination by whose it is and where; nothing of another region."""
    from portal.accounts.access import PERMISSIONS

    one, people = nominated(make_skilled(), round_, clerk), one_of_each(cast)
    with drawn_once(but=("registry/nominations.html",)), compared() as expect:
        for who, user, role, region in people:
            client, seen = as_user(user), role in PERMISSIONS["case.view"][1]
            there = region[:4] in {"1500", "1506"}
            inside, takes_in = seen and there, role in PERMISSIONS["nomination.take_in"][1]
            page = client.get(reverse("registry:nominations"))
            expect(f"{who} the list", page.status_code, 200 if seen else 403)
            expect(f"{who} finds it", one.case.number in page.text, inside)
            expect(f"{who} the nomination", client.get(page_of(one)).status_code, 200 if inside else 404)
            for action in ("accept", "return_for_correction", "refuse", "withdraw"):
                status = client.get(page_of(one, "nomination_step", action)).status_code
                expect(f"{who} {action}", status, 404 if not inside else 200 if takes_in else 403)
            assigns = role in PERMISSIONS["nomination.assign_panel"][1]
            for what, status, wanted in (
                (
                    "assigns",
                    client.post(reverse("registry:panel_assign"), {"chosen": [one.pk]}),
                    200 if assigns else 403,
                ),
                (
                    "panel progress",
                    client.get(reverse("registry:panel_overview", args=[2026])),
                    200 if seen else 403,
                ),
                ("panel", client.get(reverse("registry:panel")), 200 if role == "panel_expert" else 403),
                (
                    "nominates",
                    client.get(reverse("registry:nominate", args=[one.worker_id])),
                    403 if not takes_in else 200 if there else 404,
                ),
                (
                    "as a unit",
                    client.get(reverse("registry:agent")),
                    403,
                ),  # nobody here is an agent of a unit yet
            ):
                expect(f"{who} {what}", status.status_code, wanted)


def test_nobody_gets_in_without_signing_in(round_, clerk, client) -> None:
    one = nominated(make_skilled(), round_, clerk)
    for address in (
        reverse("registry:nominations"),
        page_of(one),
        page_of(one, "nomination_edit"),
        page_of(one, "nomination_step", "accept"),
        reverse("registry:agent"),
        reverse("registry:mine"),
        reverse("registry:nominate_self"),
        reverse("registry:panel"),
    ):
        assert client.get(address).status_code == 302


def test_the_list_and_its_filters(round_, as_user, clerk, baotou_clerk, registry_officer, experts) -> None:
    here, there = (
        nominated(make_skilled("王建国"), round_, clerk),
        nominated(make_skilled("李海燕", region=KUNDULUN), round_, baotou_clerk),
    )
    taken = nominated(make_skilled("赵春明"), round_, clerk, state="accepted")
    earlier = nominated(make_skilled("孙旧年"), make_round(registry_officer, year=2025), clerk)
    officer, everyone = as_user(registry_officer), (here, there, taken, earlier)

    def names(**query: str) -> set[str]:
        page = officer.get(reverse("registry:nominations"), query).text
        return {one.worker.name for one in everyone if one.case.number in page}

    assert names() == {"王建国", "李海燕", "赵春明", "孙旧年"}
    assert names(year="2026", state="submitted") == {"王建国", "李海燕"} and names(year="2025") == {"孙旧年"}
    assert names(region="150200") == {"李海燕"} and names(region="150624", year="2026") == {
        "王建国",
        "赵春明",
    }
    assert names(name="建国") == {"王建国"}
    assert names(panel="none") == {"赵春明"} and names(panel="waiting") == set()
    (assignment,) = panel.assign([taken.pk], [experts[0].pk], by=registry_officer, on=today()).made
    assert names(panel="none") == set() and names(panel="waiting") == {"赵春明"}
    panel.score(
        assignment.pk, {"skill-shown": 1, "results": 1, "passing-on": 1}, "", by=experts[0], on=today()
    )
    assert names(panel="done") == {"赵春明"}
    assert "请减少筛选条件" in officer.get(reverse("registry:nominations"), {"name": "没有"}).text


def test_lists_cost_the_same_however_long(
    round_, as_user, clerk, registry_officer, unit, employer_agent, experts, django_assert_max_num_queries
) -> None:
    for number in range(8):
        worker = make_skilled(f"职工{number}", unit=unit)
        one = nominated(
            worker,
            round_,
            employer_agent,
            channel="employer",
            employer_id=unit.pk,
            state="accepted",
            clerk=clerk,
        )
        panel.assign([one.pk], [expert.pk for expert in experts], by=registry_officer, on=today())
    for user, name, args, most in (
        (registry_officer, "nominations", [], 14),
        (registry_officer, "panel_overview", [2026], 14),
        (employer_agent, "agent", [], 12),
        (employer_agent, "unit_people", [unit.pk], 12),
        (experts[0], "panel", [], 8),
    ):
        client = as_user(user)
        client.get(reverse(f"registry:{name}", args=args))
        with django_assert_max_num_queries(most):
            assert "职工7" in client.get(reverse(f"registry:{name}", args=args)).text


def test_a_page_of_a_nomination_costs_little(
    round_, as_user, clerk, registry_officer, experts, django_assert_max_num_queries
) -> None:
    one = nominated(make_skilled(), round_, clerk, state="accepted")
    panel.assign([one.pk], [expert.pk for expert in experts], by=registry_officer, on=today())
    client = as_user(registry_officer)
    client.get(page_of(one))
    with django_assert_max_num_queries(50):
        client.get(page_of(one))


def test_an_occupation_in_no_line_of_the_catalogue_is_marked_for_the_office(
    round_, as_user, clerk, registry_officer, unit, employer_agent
) -> None:
    listed("电工")
    one = nominated(make_skilled(unit=unit), round_, clerk, state="accepted")
    officer = as_user(registry_officer)
    assert NOT_LISTED in officer.get(reverse("registry:nominations")).text
    assert NOT_LISTED in officer.get(page_of(one)).text
    assert NOT_LISTED not in as_user(employer_agent).get(reverse("registry:agent")).text
    listed("炼焦工")
    assert NOT_LISTED not in officer.get(reverse("registry:nominations")).text
    assert NOT_LISTED not in officer.get(page_of(one)).text
