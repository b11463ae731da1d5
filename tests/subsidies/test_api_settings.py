"""Settings of how claims are handled, and trials of lists, over the API."""

from __future__ import annotations

from typing import Any

import pytest

from portal.jobs import runner
from subsidies.models import Course
from subsidies.schemes import SKILL_UPGRADE
from tests.subsidies.conftest import certificate
from tests.subsidies.paid_lists import line_of, list_of

pytestmark = pytest.mark.django_db
HERE = "/api/subsidies/"
GIVEN = {
    "kind": SKILL_UPGRADE,
    "league": "150600",
    "since": "2031-03-01",
    "working_days": 8,
    "second_review_from": "1800.00",
    "basis": "合成文号〔2031〕3号",
}


def post(client: Any, address: str, body: Any) -> Any:
    return client.post(HERE + address, body, content_type="application/json")


def test_settings_by_one_and_another(cast: Any, as_user: Any, django_assert_max_num_queries: Any) -> None:
    """Given two officers of the region, when one enters a setting and the other confirms it, then it is in use; neither
    does both.
    """
    first, second = as_user(cast("supervisor")), as_user(cast("policy_officer"))
    answer = post(first, "courses/", GIVEN)
    entered = answer.json()
    assert answer.status_code == 201 and entered["in_use"] is False
    assert (entered["second_review_from"], entered["region_decides_from"]) == ("1800.00", None)
    own = post(first, f"courses/{entered['id']}/confirm/", {})
    assert own.status_code == 409 and "另一人" in own.json()["errors"][0]["problem"]
    done = post(second, f"courses/{entered['id']}/confirm/", {}).json()
    assert done["in_use"] is True and done["confirmed_by"]
    clerk = as_user(cast("clerk"))
    with django_assert_max_num_queries(8):
        listed = clerk.get(f"{HERE}courses/").json()["results"]
    assert listed[0]["id"] == entered["id"] and {one["is_sample"] for one in listed} == {True, False}


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"since": "2020-01-01"}, 409, None),
        ({"working_days": 0}, 400, "working_days"),
        ({"working_days": "8"}, 400, "working_days"),
        ({"second_review_from": 1800}, 400, "second_review_from"),
        ({"second_review_from": "1800"}, 400, "second_review_from"),
        ({"kind": "subsidies.other"}, 400, "kind"),
        ({"league": "150624"}, 404, None),
        ({"basis": ""}, 400, "basis"),
    ],
)
def test_what_cannot_be_set(cast: Any, as_user: Any, changed: Any, status: int, field: str | None) -> None:
    answer = post(as_user(cast("supervisor")), "courses/", GIVEN | changed)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)
    assert not Course.objects.filter(is_sample=False).exists()


def test_who_sets_nothing(cast: Any, as_user: Any, client: Any, worker_user: Any) -> None:
    assert post(as_user(cast("clerk")), "courses/", GIVEN).status_code == 403
    sample = Course.objects.earliest("pk").pk
    assert post(as_user(cast("clerk")), f"courses/{sample}/confirm/", {}).status_code == 403
    assert post(as_user(cast("supervisor")), f"courses/{sample}/confirm/", {}).status_code == 409
    assert as_user(worker_user).get(f"{HERE}courses/").status_code == 403
    assert client.get(f"{HERE}courses/").status_code == 401


# -- trials --------------------------------------------------------------------------------------------------
@pytest.fixture
def tried(cast: Any, as_user: Any, welder: Any, welding: Any, monkeypatch: pytest.MonkeyPatch) -> int:
    """A list of two payments, decided for the reviewer: one agrees with the rules, one does not."""
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)
    other = certificate(welder, cast("reviewer"), occupation="钳工", number="S2")
    given = list_of(line_of(welding, "2026-10-12"), line_of(other, "2026-10-13", paid="2000"))
    answer = as_user(cast("reviewer")).post(
        f"{HERE}trials/", {"place": "150600", "complete": ["unemployment_insurance_fund"], "file": given}
    )
    assert answer.status_code == 202, answer.content.decode()
    trial: int = answer.json()["job"]["id"]
    runner.run_job(trial)
    return trial


def test_what_came_of_a_list(tried: int, cast: Any, as_user: Any) -> None:
    reviewer = as_user(cast("reviewer"))
    shown = reviewer.get(f"{HERE}trials/{tried}/").json()
    assert shown["job"]["state"] == "done" and shown["result"]["total"] == {
        "rows": 2,
        "paid": "3500.00",
        "ruled": shown["result"]["total"]["ruled"],
    }
    rows = reviewer.get(f"{HERE}trials/{tried}/rows/").json()
    assert rows["next"] is None and [row["line"] for row in rows["results"]] == [2, 3]
    assert all("*" in row["number"] for row in rows["results"])
    agreeing = reviewer.get(f"{HERE}trials/{tried}/rows/", {"outcome": "agrees"}).json()["results"]
    assert [row["outcome"] for row in agreeing] == ["agrees"]
    assert [one["id"] for one in reviewer.get(f"{HERE}trials/").json()["results"]] == [tried]
    wrong = reviewer.get(f"{HERE}trials/{tried}/rows/", {"after": "nowhere"})
    assert wrong.status_code == 400 and wrong.json()["errors"][0]["field"] == "after"


def test_a_trial_is_for_who_gave_it_in(tried: int, cast: Any, as_user: Any) -> None:
    colleague = as_user(cast("second_reviewer"))
    assert colleague.get(f"{HERE}trials/{tried}/").status_code == 404
    assert colleague.get(f"{HERE}trials/{tried}/rows/").status_code == 404
    assert as_user(cast("clerk")).get(f"{HERE}trials/").status_code == 403


def test_a_list_that_is_none(cast: Any, as_user: Any) -> None:
    reviewer = as_user(cast("reviewer"))
    for said, field in (
        ({"place": "150600", "file": list_of(head=("一",))}, "file"),
        ({"place": "150600"}, "file"),
        ({"place": "150600", "basis": "hearsay", "file": list_of()}, "basis"),
    ):
        answer = reviewer.post(f"{HERE}trials/", said)
        assert answer.status_code == 400, said
        assert field in {wrong["field"] for wrong in answer.json()["errors"]}
