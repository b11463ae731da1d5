"""Everything a filter finds, moved in one go: what was confirmed is what is done, each asked again when its turn comes."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from django.urls import reverse

from portal.accounts.access import NotNow, Refused
from portal.cases.models import Case
from portal.jobs.models import Job
from portal.jobs.runner import run_job
from portal.jobs.targets import Found
from subsidies import claiming, jobs
from subsidies.schemes import SKILL_UPGRADE
from subsidies.views import moving
from tests.cast import KUNDULUN
from tests.subsidies.conftest import MONDAY
from tests.subsidies.test_bulk import claims_of, moved, written

pytestmark = pytest.mark.django_db
HERE = "/api/subsidies/"


def results_of(job: Job) -> dict[int, tuple[bool, str]]:
    run_job(job.pk)
    return {int(key): (ok, text) for key, ok, text in job.items.values_list("key", "ok", "message")}


def started(action: str, by: Any, asked: dict[str, str] | None = None) -> Job:
    """A job over all that is found, confirmed as it is."""
    asked = asked or {}
    found = jobs.look(action, asked, by=by)
    return jobs.start_moving_found(action, asked, found, by=by, on=MONDAY)


def test_all_that_were_found_as_if_each_was_chosen(cast: Any) -> None:
    """Given claims of two sets, when one set is chosen and the other found by a filter, then both stand alike."""
    chosen = claims_of(cast, 2, of="a")
    moved("accept", chosen, cast("clerk"))
    found = claims_of(cast, 2, of="b")
    assert set(results_of(started("accept", cast("clerk"))).values()) == {(True, "已受理")}
    assert written(chosen) == written(found)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 3),
        ({"kind": SKILL_UPGRADE, "region": "150624"}, 3),
        ({"region": "150600", "channel": "window"}, 3),
        ({"name": "工人甲"}, 1),
        ({"region": KUNDULUN}, 0),
        ({"channel": "self"}, 0),
        ({"state": "approved"}, 3),
    ],
)
def test_the_filter_of_the_list_finds_them(cast: Any, asked: dict[str, str], count: int) -> None:
    claims_of(cast, 3)
    assert jobs.look("accept", asked, by=cast("clerk")).count == count
    assert jobs.look("approve", asked, by=cast("approver")).count == 0


def test_what_came_or_went_meanwhile_is_not_done_unseen(cast: Any) -> None:
    """Given a count that was confirmed, when a claim more is handed in, or one of them moves, then nothing begins."""
    clerk = cast("clerk")
    one, *_ = claims_of(cast, 2)
    found = jobs.look("accept", {}, by=clerk)
    claims_of(cast, 1, of="c")
    with pytest.raises(NotNow, match="由2件变为3件"):
        jobs.start_moving_found("accept", {}, found, by=clerk, on=MONDAY)
    found = jobs.look("accept", {}, by=clerk)
    claiming.return_for_correction(one.pk, missing=["证书复印件"], by=clerk, on=MONDAY)
    claiming.resubmit(one.pk, reason="已经补齐证书复印件。", by=clerk, on=MONDAY)
    with pytest.raises(NotNow, match="有新的办理"):
        jobs.start_moving_found("accept", {}, found, by=clerk, on=MONDAY)
    assert not Job.objects.exists()


def test_each_is_asked_again_when_its_turn_comes(cast: Any) -> None:
    """Given a job over two reviewed claims, when one is withdrawn and one stands, then one is approved and of the other it
    is said why not; one that was handed in later is not touched.
    """
    one, other = claims_of(cast, 2)
    moved("accept", [one, other], cast("clerk"))
    moved("review", [one, other], cast("reviewer"))
    job = started("approve", cast("approver"))
    claiming.withdraw(one.pk, reason="本人到窗口申请撤回。", by=cast("clerk"), on=MONDAY)
    later = claims_of(cast, 1, of="d")
    results = results_of(job)
    assert results[other.pk] == (True, "已批准") and results[one.pk][0] is False
    assert later[0].pk not in results and Case.objects.get(pk=later[0].pk).state == "submitted"
    before = written([other])
    run_job(job.pk)
    assert written([other]) == before, "done again it changes nothing"


def test_who_may_not_begins_nothing(cast: Any) -> None:
    claims_of(cast, 1)
    with pytest.raises(Refused):
        jobs.look("approve", {}, by=cast("clerk"))
    with pytest.raises(Refused):
        jobs.start_moving_found("approve", {}, Found(1, "0" * 32), by=cast("clerk"), on=MONDAY)
    assert jobs.look("accept", {}, by=cast("baotou_clerk")).count == 0
    for count in (0, jobs.MOST_FOUND + 1):
        with pytest.raises(NotNow, match="一次可办理"):
            jobs.start_moving_found("accept", {}, Found(count, ""), by=cast("clerk"), on=MONDAY)


def test_frozen_by_one_statement_however_many(cast: Any, django_assert_num_queries: Any) -> None:
    """The statements of a job over one claim and over three are the same."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    asked = []
    for of in ("a", "b"):
        claims_of(cast, 1 if of == "a" else 2, of=of)
        found = jobs.look("accept", {}, by=cast("clerk"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            job = jobs.start_moving_found("accept", {}, found, by=cast("clerk"), on=MONDAY)
        asked.append(len(queries))
        assert job.targets.count() == found.count
    assert asked[0] == asked[1]


# -- the pages -----------------------------------------------------------------------------------------------
def test_from_the_list_with_the_number_typed(
    cast: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given more claims than a page holds, when the clerk opens all of them and types their number, then a job begins; with
    another number, or none, nothing does.
    """
    from subsidies.views import claims as lists

    real = lists.page_asked
    monkeypatch.setattr(lists, "page_asked", lambda *given, **more: real(*given, **more, size=2))
    monkeypatch.setattr(moving, "PAGE_SIZE", 2)
    claims_of(cast, 3)
    clerk = as_user(cast("clerk"))
    listed = clerk.get(reverse("subsidies:claims"), {"state": "submitted", "region": ""}).content.decode()
    assert "批量受理符合条件的全部3件" in listed
    address = f"{reverse('subsidies:move_found')}?action=accept&state=submitted"
    assert address.replace("&", "&amp;") in listed
    page = clerk.get(address)
    assert "共3件" in page.content.decode() and "技能提升补贴" in page.content.decode()
    form = page.context["form"]
    sent = {"count": form["count"].value(), "digest": form["digest"].value()}
    assert "请输入要办理的件数" in clerk.post(address, sent).content.decode()
    assert "应为3件" in clerk.post(address, sent | {"typed": "2"}).content.decode()
    assert not Job.objects.exists()
    answer = clerk.post(address, sent | {"typed": "３"})
    assert answer.status_code == 302 and "/window/jobs/" in answer["Location"]
    assert Job.objects.get().targets.count() == 3


def test_what_has_changed_is_said_and_confirmed_anew(cast: Any, as_user: Any) -> None:
    claims_of(cast, 1)
    clerk = as_user(cast("clerk"))
    address = f"{reverse('subsidies:move_found')}?action=accept"
    form = clerk.get(address).context["form"]
    sent = {"count": form["count"].value(), "digest": form["digest"].value()}
    claims_of(cast, 1, of="e")
    answer = clerk.post(address, sent, follow=True)
    assert "由1件变为2件" in answer.content.decode() and not Job.objects.exists()
    assert parse_qs(urlparse(answer.redirect_chain[0][0]).query)["action"] == ["accept"]


def test_a_page_that_holds_all_offers_no_more(cast: Any, as_user: Any) -> None:
    claims_of(cast, 1)
    clerk = as_user(cast("clerk"))
    assert (
        "符合条件的全部"
        not in clerk.get(reverse("subsidies:claims"), {"state": "submitted"}).content.decode()
    )
    address = reverse("subsidies:move_found")
    assert clerk.get(address).status_code == clerk.get(f"{address}?action=pay").status_code == 404
    assert clerk.get(f"{address}?action=approve").status_code == 403
    assert "没有可以办理的申请" in clerk.get(f"{address}?action=accept&channel=self").content.decode()


# -- over the API --------------------------------------------------------------------------------------------
def test_looked_at_and_moved_over_the_api(cast: Any, as_user: Any) -> None:
    claims_of(cast, 2)
    clerk = as_user(cast("clerk"))

    def post(address: str, body: Any) -> Any:
        return clerk.post(HERE + address, body, content_type="application/json")

    asked = {"action": "accept", "region": "150624"}
    found = post("found/", asked).json()
    assert found["count"] == 2 and found["consequence"]
    order = asked | {"count": found["count"], "digest": found["digest"]}
    stale = post("found/moves/", order | {"count": 1})
    assert stale.status_code == 409 and "由1件变为2件" in stale.json()["errors"][0]["problem"]
    job = post("found/moves/", order)
    assert job.status_code == 202 and job.json()["total"] == 2
    assert set(results_of(Job.objects.get()).values()) == {(True, "已受理")}
    assert post("found/", asked | {"action": "approve"}).status_code == 403
    wrong = post("found/", asked | {"state": "draft"})
    assert wrong.status_code == 400 and wrong.json()["errors"][0]["field"] == "state"
    assert post("found/", asked | {"region": "999999"}).json()["errors"][0]["field"] == "region"
