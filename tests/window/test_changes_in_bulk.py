"""Many changes of what counts confirmed at once: listed with both sides, done one by one, refused ones told why."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.jobs.runner import Run
from portal.workforce import verification
from portal.workforce.actions import confirm_change, refuse_change, remove_record, version_of
from portal.workforce.models import BenefitClaim, Employment, RecordChange, RosterImport
from portal.workforce.verification import confirm_changes, start_confirmation_of_changes
from tests.cast import KUNDULUN, ORDOS, confirm_everything, make_account
from tests.roster.conftest import Office, row
from tests.window.given import ON, known_worker

pytestmark = pytest.mark.django_db
LIST = reverse("window:changes")
CONFIRM = reverse("window:changes_confirm")


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)


@pytest.fixture
def importer(db: None) -> Any:
    return make_account("ordos.importer", "斯琴", "league_reviewer", ORDOS)


@pytest.fixture
def office(db: None, tmp_path: Any) -> Office:
    return Office(tmp_path)


def _removal(name: str, clerk: Any, *, region: str = "150624") -> RecordChange:
    """The clerk wants the earlier claim of somebody taken back."""
    claim = known_worker(clerk, name, region=region).claims.get()
    change = remove_record(
        "claim", claim.worker_id, claim.pk, reason="误登", version=version_of(claim), by=clerk, on=ON
    )
    assert change is not None
    return change


def _proposed_by_roster(office: Office, importer: Any, people: int, **cells: Any) -> RosterImport:
    """A roster that says something else of people who are confirmed."""
    given = [row(姓名=f"王{character}") for character in "甲乙丙丁戊己庚辛"[:people]]
    office.imports(*given, by=importer)
    confirm_everything()
    changed = [one | {name: f"{cell}{n}" for name, cell in cells.items()} for n, one in enumerate(given, 1)]
    office.imports(*changed, by=importer)
    record = RosterImport.objects.first()
    assert record is not None and record.proposals.open().count() >= people
    return record


def _words(client: Any, job: Job) -> list[tuple[str, bool, str]]:
    """What the page of the job says of each item."""
    items = client.get(reverse("window:job", args=[job.pk])).context["items"]
    return [(row["words"], row["item"].ok, row["item"].message) for row in items]


def test_several_are_seen_with_both_sides_and_each_is_done(
    office: Office, importer: Any, reviewer: Any, as_user: Any
) -> None:
    # given a roster of three people, of whom it says another number of years
    _proposed_by_roster(office, importer, 3, 一线年限="1")
    first, second, third = RecordChange.objects.open().order_by("id")
    desk = as_user(reviewer)
    # when two are ticked, nothing happens yet: both sides are shown, and what was seen is asked
    chosen = {"what": "chosen", "chosen": [first.pk, second.pk], "filters": "mine=on"}
    asked = desk.post(CONFIRM, chosen)
    told = [one.after["front_line_years"] for one in (first, second)]
    assert "一线年限：8.5年" in asked.text
    assert all(f"<strong>{years:g}年</strong>" in asked.text for years in told)
    assert "花名册报送" in asked.text and str(third.worker) not in asked.text
    unsaid = desk.post(CONFIRM, {**chosen, "sure": "1", "seen": " "})
    assert "确认依据" in unsaid.text and not Job.objects.exists()
    # and with it each is done by itself, in the name of who saw it
    desk.post(CONFIRM, {**chosen, "sure": "1", "seen": "劳动合同"})
    job = Job.objects.get()
    assert not RecordChange.objects.filter(state="confirmed").exists()
    runner.run_job(job.pk)
    done = RecordChange.objects.filter(state="confirmed").order_by("id")
    assert [(one.pk, one.decided_by, one.verdict) for one in done] == [
        (first.pk, reviewer, "劳动合同"),
        (second.pk, reviewer, "劳动合同"),
    ]
    years = dict(Employment.objects.values_list("worker_id", "front_line_years"))
    assert [years[one.worker_id] for one in (first, second)] == told
    assert years[third.worker_id] == 8.5
    assert [ok for _, ok, _ in _words(desk, job)] == [True, True]


def test_all_of_one_roster_are_chosen_by_its_filter(
    office: Office, importer: Any, cast: Any, reviewer: Any, as_user: Any
) -> None:
    # given the proposals of a roster beside another one
    other = _removal("李静", cast("clerk"))
    record = _proposed_by_roster(office, importer, 2, 一线年限="1")
    desk = as_user(reviewer)
    # when the list is narrowed to the roster, by the link of its page
    page = as_user(importer).get(reverse("window:roster_import", args=[record.pk]))
    assert page.context["waiting"] == 2 and "待确认变更 2 项" in page.text
    address = page.context["proposals"]
    assert address in page.text.replace("&amp;", "&")
    listed = desk.get(address)
    assert {row["change"].roster_import_id for row in listed.context["rows"]} == {record.pk}
    # then all of them are taken, and only them, without ticking any
    asked = desk.post(CONFIRM, {"what": "all", "filters": listed.context["filters"]})
    assert len(asked.context["people"]) == 2
    chosen = [one["pk"] for one in asked.context["people"]]
    desk.post(CONFIRM, {"chosen": chosen, "sure": "1", "seen": "劳动合同", "filters": f"roster={record.pk}"})
    runner.run_job(Job.objects.get().pk)
    other.refresh_from_db()
    assert other.state == "proposed" and not record.proposals.open().exists()
    # and the page of the roster says that nothing of it waits any more
    page = as_user(importer).get(reverse("window:roster_import", args=[record.pk]))
    assert page.context["waiting"] == 0 and "待确认变更 0 项" in page.text
    assert [row["change"].state for row in as_user(importer).get(page.context["proposals"]).context["rows"]] == [
        "confirmed", "confirmed",
    ]  # fmt: skip


def test_who_is_left_out_is_told_why(cast: Any, reviewer: Any, second_clerk: Any, as_user: Any) -> None:
    # given one's own proposal, one that is decided, one of another league, and one to confirm
    own = _removal("王一", cast("clerk"))
    decided, waits = _removal("王二", second_clerk), _removal("王三", second_clerk)
    refuse_change(decided.pk, reason="凭证属实", by=reviewer, on=ON)
    far = _removal("王四", cast("baotou_clerk"), region=KUNDULUN)
    # when all are chosen
    ids = [own.pk, decided.pk, waits.pk, far.pk]
    asked = as_user(cast("clerk")).post(CONFIRM, {"what": "chosen", "chosen": ids})
    # then one is offered, the reasons of the others are in words, and what is not seen is not named
    assert [one["pk"] for one in asked.context["people"]] == [waits.pk]
    assert {one.name: one.reason for one in asked.context["left_out"]} == {
        "王一": "这项变更由您提出，须由另一人确认",
        "王二": f"已由{reviewer}处理，结果为“未通过”",
    }
    assert "王四" not in asked.text
    # and the list offers no box for one's own, and says why
    rows = {str(row["whose"]): row for row in as_user(cast("clerk")).get(LIST).context["rows"]}
    assert (rows["王一"]["may"], rows["王三"]["may"]) == (False, True)
    assert "由您提出" in rows["王一"]["reason"]


def test_what_the_job_may_not_comes_back_with_its_reason(
    cast: Any, reviewer: Any, second_clerk: Any, as_user: Any
) -> None:
    # given a job over one's own, one that is refused meanwhile, one of another league, one that is as it was, and
    # a number that no change has
    clerk = cast("clerk")
    own, meanwhile, good = (
        _removal(name, by) for name, by in (("王一", clerk), ("王二", second_clerk), ("王三", second_clerk))
    )
    far = _removal("王四", cast("baotou_clerk"), region=KUNDULUN)
    ids = [own.pk, meanwhile.pk, far.pk, good.pk, 999_999]
    job = start_confirmation_of_changes(ids, seen="凭证", by=clerk, on=ON)
    refuse_change(meanwhile.pk, reason="凭证属实", by=reviewer, on=ON)
    # when it runs
    runner.run_job(job.pk)
    # then the good one is done and the others are told apart
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"confirmed": 1, "refused": 4})
    said = {item.key: item.message for item in job.items.filter(ok=False)}
    assert "由您提出" in said[str(own.pk)] and "已由" in said[str(meanwhile.pk)]
    assert said[str(far.pk)] and "没有这项变更" in said["999999"]
    assert set(BenefitClaim.objects.values_list("worker__name", flat=True)) == {"王一", "王二", "王四"}
    words = [(words, ok) for words, ok, _ in _words(as_user(clerk), job)]
    assert ("王三 撤销以往补贴", True) in words and ("王一 撤销以往补贴", False) in words


def test_interrupted_or_sent_twice_it_changes_nothing_twice(
    office: Office, importer: Any, reviewer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given two jobs over the same changes, the first of which is killed after one of them
    record = _proposed_by_roster(office, importer, 3, 一线年限="1")
    ids = list(record.proposals.order_by("id").values_list("pk", flat=True))
    job, again = (start_confirmation_of_changes(ids, seen="合同", by=reviewer, on=ON) for _ in range(2))
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, beat_at=timezone.now())
    asked = []

    def killed_at_the_second(change_id: int, **given: Any) -> Any:
        asked.append(change_id)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return confirm_change(change_id, **given)

    monkeypatch.setattr(verification, "confirm_change", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        confirm_changes(Run(Job.objects.get(pk=job.pk)))
    assert list(job.items.values_list("key", "ok")) == [(str(ids[0]), True)]
    # when it is started again, and the other one runs after it
    Job.objects.filter(pk=job.pk).update(beat_at=timezone.now() - 2 * runner.STALE_AFTER)
    runner.run_job(job.pk)
    decided = dict(record.proposals.values_list("pk", "decided_at"))
    runner.run_job(again.pk)
    # then each was confirmed once, and the second job says so of each
    job.refresh_from_db()
    again.refresh_from_db()
    assert job.result == {"confirmed": 3, "refused": 0} and again.result == {"confirmed": 0, "refused": 3}
    assert asked[2:5] == [ids[1], ids[2], ids[0]]
    assert dict(record.proposals.values_list("pk", "decided_at")) == decided
    assert all("已由" in item.message for item in again.items.all())


def test_nobody_else_and_nothing_else(cast: Any, reviewer: Any, second_clerk: Any, as_user: Any) -> None:
    change = _removal("王一", second_clerk)
    sent = {"chosen": [change.pk], "sure": "1", "seen": "凭证"}
    assert as_user(cast("auditor")).post(CONFIRM, sent).status_code == 403
    assert as_user(cast("finance_officer")).post(CONFIRM, sent).status_code == 403
    assert as_user(reviewer).get(CONFIRM).status_code == 405
    none = as_user(reviewer).post(CONFIRM, {"filters": "list=open\r\n"}, follow=True)
    assert "请选择1至500项" in none.text
    assert not Job.objects.exists()
    # who may only look has no boxes and no button
    shown = as_user(cast("auditor")).get(LIST)
    assert 'name="chosen"' not in shown.text and "确认所选" not in shown.text


def test_filters_of_the_list(
    office: Office, importer: Any, cast: Any, second_clerk: Any, reviewer: Any, as_user: Any
) -> None:
    _removal("李静", second_clerk)
    _proposed_by_roster(office, importer, 1, 一线年限="1")
    desk = as_user(reviewer)

    def names(**query: str) -> set[str]:
        return {str(row["whose"]) for row in desk.get(LIST, query).context["rows"]}

    assert names() == names(list="open") == names(mine="on") == {"李静", "王甲"}
    assert names(name="李") == names(kind="claim") == {"李静"}
    assert names(kind="employment") == {"王甲"}
    assert names(list="done") == names(region="150625") == set()
    assert desk.get(LIST, {"roster": "x" * 30}).status_code == 200
    assert desk.get(LIST, {"roster": "9" * 40}).status_code == 200


def test_list_and_confirmation_cost_the_same_however_many_they_are(
    office: Office, importer: Any, reviewer: Any, as_user: Any
) -> None:
    # given moves to units, of which each names two that stand in another table
    _proposed_by_roster(office, importer, 2, 用人单位="另一家公司")
    desk = as_user(reviewer)

    def asked() -> tuple[int, int]:
        ids = list(RecordChange.objects.open().values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as listing:
            assert len(desk.get(LIST).context["rows"]) == len(ids)
        with CaptureQueriesContext(connection) as confirming:
            assert len(desk.post(CONFIRM, {"chosen": ids}).context["people"]) == len(ids)
        return len(listing), len(confirming)

    asked()
    few = asked()
    # when there are five times as many, of other kinds as well
    _proposed_by_roster(office, importer, 8, 用人单位="第三家公司")
    # then no page asks more often
    assert asked() == few
    assert max(few) <= 26
