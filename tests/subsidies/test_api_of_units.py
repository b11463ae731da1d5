"""A unit's lists and what it puts forward, over the API: what a program may do is what its user may do on the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.jobs.runner import run_job
from subsidies.models import Claim, ClaimFile, Proposal
from tests.cast import make_account
from tests.selection.nominees import make_employer
from tests.subsidies.unit_lists import certified, csv_of, line_of, works_in

pytestmark = pytest.mark.django_db
HERE = "/api/subsidies/"


@pytest.fixture
def agent(cast: Any) -> Any:
    return cast("employer_agent")


@pytest.fixture
def unit(agent: Any) -> Any:
    return make_employer("鄂托克旗机械厂", agents=(agent,))


@pytest.fixture
def ask(cast: Any, as_user: Any) -> Callable[..., tuple[int, Any]]:
    """What somebody is answered: status and content."""

    def ask(who: Any, address: str, body: Any = None, *, method: str = "get") -> tuple[int, Any]:
        client = as_user(cast(who) if isinstance(who, str) else who)
        if method == "file":
            answer = client.post(HERE + address, body)
        else:
            answer = getattr(client, method)(HERE + address, body, content_type="application/json")
        return answer.status_code, answer.json() if answer.content else None

    return ask


@pytest.fixture
def worker(unit: Any, cast: Any) -> Any:
    return works_in(unit, "王建国", cast("reviewer"))


@pytest.fixture
def own(worker: Any) -> Any:
    account = make_account("wang.jianguo", "王建国", "worker", worker.work_region_id)
    worker.account = account
    worker.save(update_fields=["account"])
    return account


def checked(ask: Any, agent: Any, unit: Any, *lines: dict[str, str]) -> dict[str, Any]:
    """A list that was given in by the unit's agent and checked."""
    status, given = ask(agent, "unit-lists/", {"unit": str(unit.pk), "file": csv_of(*lines)}, method="file")
    assert status == 202, given
    run_job(given["job"]["id"])
    return dict(ask(agent, f"unit-lists/{given['id']}/")[1])


def proposed(ask: Any, agent: Any, unit: Any, *lines: dict[str, str]) -> Proposal:
    given = checked(ask, agent, unit, *lines)
    status, confirmed = ask(agent, f"unit-lists/{given['id']}/confirm/", {}, method="post")
    assert status == 202, confirmed
    run_job(ClaimFile.objects.get(pk=given["id"]).job_id)
    return Proposal.objects.get()


def test_from_the_list_to_a_claim_of_the_person(
    ask: Any, agent: Any, unit: Any, worker: Any, own: Any, cast: Any
) -> None:
    """Given a list with a good row and a faulty one, when the unit confirms it and 王建国 agrees, then a claim is handed in."""
    credential = certified(worker, cast("reviewer"), "S000015000001")
    wrong = line_of(credential, 证书编号="S000015009999", 职业工种="车工")

    given = checked(ask, agent, unit, line_of(credential), wrong)
    assert (given["phase"], given["good"], given["refused"]) == ("checked", 1, 1)
    _, rows = ask(agent, f"unit-lists/{given['id']}/rows/")
    assert [row["outcome"] for row in rows["results"]] == ["good", "refused"]
    assert rows["results"][1]["said"] and worker.id_number not in str(rows)

    ask(agent, f"unit-lists/{given['id']}/confirm/", {}, method="post")
    run_job(ClaimFile.objects.get(pk=given["id"]).job_id)
    _, listed = ask(own, "proposals/")
    [one] = listed["results"]
    assert (one["name"], one["state"], one["unit"]) == ("王建国", "proposed", "鄂托克旗机械厂")

    status, claim = ask(own, f"proposals/{one['number']}/consent/", {}, method="post")
    assert status == 201, claim
    assert Claim.objects.get().case.number == claim["claim"]["number"]
    _, after = ask(own, f"proposals/{one['number']}/")
    assert (after["state"], after["claim"]) == ("consented", claim["claim"]["number"])
    assert ask(own, f"proposals/{one['number']}/consent/", {}, method="post")[0] == 409


def test_nobody_agrees_for_the_person(
    ask: Any, agent: Any, unit: Any, worker: Any, own: Any, cast: Any
) -> None:
    """The unit does not see who is asked; the window of elsewhere neither; the window of the place asks for the paper."""
    proposal = proposed(ask, agent, unit, line_of(certified(worker, cast("reviewer"), "S1")))
    here = f"proposals/{proposal.case.number}/"

    assert ask(agent, here)[0] == 404
    assert ask("baotou_clerk", here)[0] == 404
    assert ask(agent, "proposals/")[1]["results"] == []
    assert ask("clerk", f"{here}consent/", {}, method="post")[0] == 403
    status, wrong = ask(own, f"{here}consent/", {"account": 999_999}, method="post")
    assert (status, wrong["errors"][0]["field"]) == (400, "account")
    assert Claim.objects.count() == 0


def test_who_declines_hands_nothing_in(
    ask: Any, agent: Any, unit: Any, worker: Any, own: Any, cast: Any
) -> None:
    proposal = proposed(ask, agent, unit, line_of(certified(worker, cast("reviewer"), "S1")))

    status, said = ask(own, f"proposals/{proposal.case.number}/decline/", {"reason": "自己办"}, method="post")

    assert (status, said["state"]) == (200, "declined")
    assert Claim.objects.count() == 0


def test_a_list_is_given_up_before_it_is_confirmed(
    ask: Any, agent: Any, unit: Any, worker: Any, cast: Any
) -> None:
    given = checked(ask, agent, unit, line_of(certified(worker, cast("reviewer"), "S1")))
    here = f"unit-lists/{given['id']}/"

    assert ask("baotou_clerk", here)[0] == 404
    assert ask("baotou_clerk", here, method="delete")[0] == 404
    assert ask(agent, here, method="delete")[0] == 204
    assert ask(agent, here)[0] == 404


def test_a_file_that_is_no_list_is_refused_in_words(ask: Any, agent: Any, unit: Any) -> None:
    body = {"unit": str(unit.pk), "file": csv_of({}, head=("甲", "乙"))}

    status, answer = ask(agent, "unit-lists/", body, method="file")

    assert status == 400
    assert answer["errors"][0]["field"] == "file"
    assert not ClaimFile.objects.exists()


def test_lists_cost_the_same_for_one_and_for_many(
    ask: Any,
    agent: Any,
    unit: Any,
    cast: Any,
    as_user: Any,
    django_assert_max_num_queries: Any,
) -> None:
    verifier = cast("reviewer")
    lines = [
        line_of(certified(works_in(unit, f"职工{n}", verifier), verifier, f"S{n}")) for n in "甲乙丙丁戊"
    ]
    given = checked(ask, agent, unit, *lines)
    ask(agent, f"unit-lists/{given['id']}/confirm/", {}, method="post")
    run_job(ClaimFile.objects.get(pk=given["id"]).job_id)

    for who, address in ((agent, f"unit-lists/{given['id']}/rows/"), (cast("clerk"), "proposals/")):
        client = as_user(who)
        with django_assert_max_num_queries(14):
            answer = client.get(HERE + address)
        assert len(answer.json()["results"]) == 5
