"""Records held against documents, on the pages: the list of a kind, one with its verdict, many at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from portal.jobs import runner
from portal.jobs.models import Job
from portal.workforce.models import SkillCredential
from portal.workforce.verification import start_confirmation
from tests.cast import KUNDULUN, confirm
from tests.window.given import ON, known_worker

pytestmark = pytest.mark.django_db
LIST = "/window/records/"


@pytest.fixture
def credential(cast: Any) -> SkillCredential:
    return known_worker(cast("clerk")).credentials.get()


def address(record: SkillCredential, what: str) -> str:
    return reverse(f"window:record_{what}", args=["credential", record.pk])


def test_the_league_sees_what_waits_and_confirms_it(
    credential: SkillCredential, reviewer: Any, as_user: Any
) -> None:
    desk = as_user(reviewer)
    shown = desk.get(LIST).content.decode()
    assert "王建国" in shown and "1515000000600001" in shown and address(credential, "confirm") in shown
    page = desk.get(address(credential, "confirm")).content.decode()
    assert "1515000000600001" in page and "窗口登记" in page and "核对一致" in page
    empty = desk.post(address(credential, "confirm"), {"seen": " "})
    assert "核验依据" in empty.content.decode()
    credential.refresh_from_db()
    assert credential.verification == "stated"
    done = desk.post(address(credential, "confirm"), {"seen": "证书原件"}, follow=True)
    assert "已核验王建国的技能证书" in done.content.decode()
    again = desk.get(address(credential, "confirm"), follow=True)
    assert "结果为“已核验”" in again.content.decode()
    credential.refresh_from_db()
    assert (credential.verification, credential.verified_by) == ("confirmed", reviewer)
    assert "没有待核验的信息" in desk.get(LIST).content.decode()
    assert "证书原件" in desk.get(LIST, {"state": "confirmed"}).content.decode()


def test_what_does_not_agree_says_so_to_who_wrote_it(
    credential: SkillCredential, clerk: Any, reviewer: Any, as_user: Any
) -> None:
    done = as_user(reviewer).post(address(credential, "refute"), {"reason": "证书编号查询不到"}, follow=True)
    assert "记为核验不符" in done.content.decode()
    shown = as_user(clerk).get(LIST, {"state": "refuted"}).content.decode()
    assert "证书编号查询不到" in shown
    again = as_user(reviewer).post(address(credential, "refute"), {"reason": "仍查询不到"})
    assert again.status_code == 409 and "已由巴特尔核验" in again.content.decode()


def test_ones_own_is_for_another(credential: SkillCredential, clerk: Any, as_user: Any) -> None:
    desk = as_user(clerk)
    shown = desk.get(LIST).content.decode()
    assert "由您登记，须他人核验" in shown and address(credential, "confirm") not in shown
    refused = desk.post(address(credential, "confirm"), {"seen": "证书原件"})
    assert refused.status_code == 409 and "须由另一人核验" in refused.content.decode()


def test_who_may_not(credential: SkillCredential, cast: Any, as_user: Any) -> None:
    for who, status in (("baotou_reviewer", 404), ("auditor", 403), ("finance_officer", 403)):
        assert as_user(cast(who)).get(address(credential, "confirm")).status_code == status
    assert as_user(cast("reviewer")).get("/window/records/claim/1/confirm/").status_code == 404
    assert as_user(cast("reviewer")).get("/window/records/none-such/1/confirm/").status_code == 404


def test_many_at_once_are_repeated_first(
    credential: SkillCredential, clerk: Any, reviewer: Any, as_user: Any
) -> None:
    other = known_worker(clerk, "李静").credentials.get()
    done_before = known_worker(clerk, "赵强").credentials.get()
    confirm(done_before)
    chosen = {"kind": "credential", "chosen": [credential.pk, other.pk, done_before.pk]}
    desk = as_user(reviewer)
    asked = desk.post(reverse("window:records_confirm"), chosen).content.decode()
    assert "王建国" in asked and "李静" in asked and "已由核验员处理" in asked
    assert SkillCredential.objects.filter(verification="confirmed").count() == 1
    sent = desk.post(reverse("window:records_confirm"), {**chosen, "sure": "1", "seen": "证书原件"})
    job = Job.objects.get(kind="workforce.confirm-records")
    assert sent.url == reverse("window:job", args=[job.pk])
    assert job.params["records"] == [credential.pk, other.pk]
    none = desk.post(reverse("window:records_confirm"), {"kind": "credential"}, follow=True)
    assert "请选择1至500条信息" in none.content.decode()


def test_the_job_confirms_each(
    credential: SkillCredential, reviewer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)
    job = start_confirmation("credential", [credential.pk, 999_999], seen="证书原件", by=reviewer, on=ON)
    runner.run_job(job.pk)
    job.refresh_from_db()
    credential.refresh_from_db()
    assert credential.verification == "confirmed" and job.result == {"confirmed": 1, "refused": 1}


def test_the_list_costs_the_same_however_long_it_is(
    clerk: Any, reviewer: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        known_worker(clerk, f"王{number}")
    desk = as_user(reviewer)
    for kind in ("credential", "employment", "insurance", "attested", "schooling", "competition"):
        with django_assert_max_num_queries(14):
            assert desk.get(LIST, {"kind": kind}).status_code == 200


def test_filters(credential: SkillCredential, clerk: Any, cast: Any, as_user: Any) -> None:
    known_worker(clerk, "李静", region=KUNDULUN)
    desk = as_user(cast("regional_reviewer"))
    assert "李静" not in desk.get(LIST, {"region": "150600"}).content.decode()
    assert "王建国" not in desk.get(LIST, {"name": "李"}).content.decode()
    assert "王建国" not in desk.get(LIST, {"source": "花名册"}).content.decode()
