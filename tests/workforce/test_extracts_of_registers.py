"""Extracts of the insurance agency and of what funds have paid: seen first, then written, confirmed, and once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.jobs.runner import Run
from portal.workforce.actions import refute_record
from portal.workforce.actions.coverage import withdraw_coverage
from portal.workforce.extracts import actions, jobs, retention
from portal.workforce.models import BenefitClaim, RegisterExtract, UnemploymentInsurance
from tests.cast import BAOTOU, KUNDULUN, OTOG, id_number, make_worker
from tests.covering import nothing_covered
from tests.entitlements.given import certified, welder
from tests.workforce.extracting import (
    AS_OF,
    came_back,
    counts,
    extract_file,
    keep_still,
    run,
    seen,
    stated,
    taken_in,
)
from tests.workforce.merging import merged
from tests.workforce.test_coverage import known

pytestmark = pytest.mark.django_db
INSURANCE, CLAIMS = "insurance", "claims"


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_still(monkeypatch)


def insured(worker: Any, months: str = "48", paying: str = "是", drawing: str = "否") -> dict[str, str]:
    return {"number": worker.id_number, "months": months, "paying": paying, "drawing": drawing}


def paid(worker: Any, **said: str) -> dict[str, str]:
    given = {
        "number": worker.id_number,
        "kind": "技能提升补贴",
        "occupation": "焊工",
        "level": "高级工",
        "certificate": "S1",
        "claimed_on": "2025-06-01",
        "amount": "2000",
    }
    return given | said


# -- insurance -----------------------------------------------------------------------------------------------


def test_what_the_agency_says_is_seen_first_and_then_stands_confirmed(reviewer: Any, clerk: Any) -> None:
    new, rostered = make_worker(), make_worker("李静")
    UnemploymentInsurance.objects.create(
        worker=rostered, months=12, as_of=date(2026, 11, 19), source="花名册", recorded_by=clerk
    )
    extract = seen(reviewer, INSURANCE, insured(new), insured(rostered, months="60", paying="否"))
    assert counts(extract) == (1, 1, 0, 0) and extract.phase == "examined"
    assert not hasattr(new, "insurance") and UnemploymentInsurance.objects.get().months == 12
    run(actions.confirm(extract.pk, by=reviewer))
    rows = UnemploymentInsurance.objects.order_by("worker_id").values_list(
        "months",
        "paying",
        "drawing_benefit",
        "as_of",
        "verification",
        "verified_by",
        "recorded_by",
        "extract",
    )
    said = ("confirmed", reviewer.pk, None, extract.pk)
    assert list(rows) == [(48, True, False, AS_OF, *said), (60, False, False, AS_OF, *said)]
    assert (
        UnemploymentInsurance.objects.get(worker=new).source == "登记库摘录：失业保险经办系统（2026-11-01）"
    )


def test_the_next_month_takes_its_place_and_the_same_writes_nothing(
    reviewer: Any, second_reviewer: Any
) -> None:
    worker, other = make_worker(), make_worker("李静")
    taken_in(reviewer, INSURANCE, insured(worker), insured(other))
    same = taken_in(second_reviewer, INSURANCE, insured(other), insured(worker))
    assert counts(same) == (0, 0, 2, 0)
    assert UnemploymentInsurance.objects.get(worker=worker).verified_by == reviewer
    later = {"as_of": date(2026, 11, 15), "covers_until": date(2026, 11, 15)}
    assert counts(taken_in(reviewer, INSURANCE, insured(worker, months="49"), insured(other), **later)) == (
        0,
        2,
        0,
        0,
    )
    record = UnemploymentInsurance.objects.get(worker=worker)
    assert (record.months, record.as_of) == (49, date(2026, 11, 15))
    assert record.events.get().months == 48
    # What is older does not take the place of what is newer, unless it says the same.
    late = taken_in(second_reviewer, INSURANCE, insured(worker, months="47"), insured(other, months="48"))
    assert counts(late) == (0, 0, 1, 1)
    assert "截至2026-11-15，比本次摘录新" in came_back(late, second_reviewer)[worker.id_number]


def test_nobody_confirms_what_they_wrote_or_what_is_about_them(
    reviewer: Any, second_reviewer: Any, cast: Any
) -> None:
    worker, oneself = make_worker(), make_worker("巴特尔", account=reviewer)
    UnemploymentInsurance.objects.create(
        worker=worker, months=1, as_of=AS_OF, source="花名册", recorded_by=reviewer
    )
    extract = seen(reviewer, INSURANCE, insured(worker), insured(oneself))
    told = came_back(extract, reviewer)
    assert "须由另一名人员提交摘录" in told[worker.id_number] and "您本人的信息" in told[oneself.id_number]
    assert counts(taken_in(second_reviewer, INSURANCE, insured(worker), insured(oneself))) == (1, 1, 0, 0)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"months": "很多"}, "“累计缴费月数”（B2）：应为数字"),
        ({"months": ""}, "“累计缴费月数”（B2）：不能为空"),
        ({"paying": "也许"}, "“正常缴费”（C2）：应填“是”或“否”"),
        ({"months": "4.8E+01"}, "科学计数|长号码存为数值"),
    ],
)
def test_what_cannot_be_understood_comes_back_with_its_cell(
    row: dict[str, str], says: str, reviewer: Any
) -> None:
    worker = make_worker()
    extract = seen(reviewer, INSURANCE, insured(worker) | row, insured(make_worker("李静")))
    (told,) = came_back(extract, reviewer).values()
    assert any(one in told for one in says.split("|")) and counts(extract) == (1, 0, 0, 1)


def test_one_person_twice_must_say_the_same(reviewer: Any) -> None:
    worker, other = make_worker(), make_worker("李静")
    rows = (insured(worker), insured(worker, months="49"), insured(other), insured(other))
    extract = taken_in(reviewer, INSURANCE, *rows)
    assert counts(extract) == (1, 0, 1, 2)
    assert "第2、3行是同一人的同一人员，但内容不一致" in came_back(extract, reviewer)[worker.id_number]


# -- earlier claims ------------------------------------------------------------------------------------------


def test_claims_are_written_and_what_they_cover_is_known(reviewer: Any) -> None:
    nothing_covered()
    claimant, none = welder(), welder("李静")
    elsewhere = make_worker("张伟", region=KUNDULUN)
    nobody = paid(elsewhere, number=id_number())
    extract = seen(reviewer, CLAIMS, paid(claimant), paid(elsewhere), nobody)
    assert known(claimant)[2] is None and not extract.covers
    extract = run(actions.confirm(extract.pk, by=reviewer))
    assert counts(extract) == (1, 0, 0, 2) and extract.covers
    told = came_back(extract, reviewer)
    assert "您负责的地区以外" in told[elsewhere.id_number] and "无此人档案" in told[nobody["number"]]
    claim = BenefitClaim.objects.get()
    assert (claim.worker, str(claim.amount), claim.fund, claim.extract) == (
        claimant,
        "2000.00",
        "unemployment_insurance_fund",
        extract,
    )
    assert known(claimant)[:4] == (0, 0, True, 40) and known(none)[:4] == (0, 0, False, 0)
    assert known(elsewhere) == (None,) * 5


def test_a_row_that_is_not_understood_leaves_everything_uncovered(reviewer: Any) -> None:
    nothing_covered()
    worker = welder()
    extract = taken_in(reviewer, CLAIMS, paid(worker), paid(worker, level="很高"))
    assert counts(extract) == (1, 0, 0, 1) and not extract.covers
    assert known(worker) == (None, None, True, None, None)
    # Put right and given in again, it covers.
    assert taken_in(reviewer, CLAIMS, paid(worker), paid(worker, level="中级工")).covers
    assert known(worker)[:4] == (0, 0, True, 40)


def test_a_later_extract_corrects_an_earlier_one_and_nobody_elses_hand(reviewer: Any, clerk: Any) -> None:
    worker, by_hand = make_worker(), make_worker("李静")
    BenefitClaim.objects.create(
        worker=by_hand, kind="skill_upgrade", occupation="焊工", level=40, claimed_on=date(2025, 6, 2),
        source="窗口登记", recorded_by=clerk,
    )  # fmt: skip
    first = taken_in(reviewer, CLAIMS, paid(worker), paid(by_hand))
    assert counts(first) == (1, 0, 0, 1)
    assert "申领日期登记为2025-06-02，摘录为2025-06-01" in came_back(first, reviewer)[by_hand.id_number]
    second = taken_in(
        reviewer,
        CLAIMS,
        paid(worker, occupation="焊 工", claimed_on="2025-06-05", amount="1500"),
        paid(by_hand, claimed_on="2025-06-02"),
    )
    assert counts(second) == (0, 1, 1, 0)
    claim = BenefitClaim.objects.get(worker=worker)
    assert (claim.claimed_on, str(claim.amount), claim.extract) == (date(2025, 6, 5), "1500.00", second)
    assert claim.events.get().claimed_on == date(2025, 6, 1)
    assert BenefitClaim.objects.get(worker=by_hand).recorded_by == clerk


def test_a_claim_of_a_merged_record_is_the_persons(reviewer: Any, cast: Any) -> None:
    worker, other = make_worker(), make_worker()
    taken_in(reviewer, CLAIMS, paid(other))
    merged(cast, other, worker)
    again = taken_in(reviewer, CLAIMS, paid(worker), paid(other, amount="2000.00"))
    assert counts(again) == (0, 0, 2, 0) and BenefitClaim.objects.count() == 1


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"kind": "别的补贴"}, "应填技能提升补贴或职业培训补贴"),
        ({"claimed_on": "2026-11-02"}, "日期晚于摘录日期"),
        ({"claimed_on": "2025-02-30"}, "日期不存在"),
        ({"amount": "2000.001"}, "最多两位小数"),
        ({"amount": "两千"}, "应为金额"),
        ({"occupation": "12"}, "应填写职业（工种）名称"),
    ],
)
def test_each_cell_of_a_claim_is_read(cells: dict[str, str], says: str, reviewer: Any) -> None:
    (told,) = came_back(seen(reviewer, CLAIMS, paid(make_worker(), **cells)), reviewer).values()
    assert says in told


# -- all kinds -----------------------------------------------------------------------------------------------


def test_the_same_file_is_not_taken_in_again(reviewer: Any, second_reviewer: Any) -> None:
    worker = make_worker()
    extract = taken_in(reviewer, INSURANCE, insured(worker))
    for by in (reviewer, second_reviewer):
        with pytest.raises(NotNow, match="已由巴特尔于.*提交并写入"):
            actions.give_in(extract_file(INSURANCE, insured(worker)), stated(INSURANCE), by=by, on=AS_OF)
    # Given in twice before it is confirmed, it is one.
    other = extract_file(INSURANCE, insured(worker, months="50"))
    first = actions.give_in(other, stated(INSURANCE), by=reviewer, on=AS_OF)
    assert actions.give_in(other, stated(INSURANCE), by=reviewer, on=AS_OF) == first
    # Whose coverage was stated wrongly is given in again.
    withdraw_coverage(extract.pk, reason="误填覆盖地区", by=reviewer)
    again = actions.give_in(
        extract_file(INSURANCE, insured(worker)), stated(INSURANCE, place=OTOG), by=reviewer, on=AS_OF
    )
    assert counts(run(again)) == (0, 0, 1, 0)
    # A job that is begun again does nothing again.
    assert jobs.take_in(Run(extract.job))["added"] == 1
    assert RegisterExtract.objects.filter(merged_at__isnull=False).count() == 1


def test_who_gave_it_in_confirms_it_or_gives_it_up(reviewer: Any, second_reviewer: Any) -> None:
    extract = seen(reviewer, INSURANCE, insured(make_worker()))
    for act in (actions.confirm, actions.give_up):
        with pytest.raises(Refused, match="提交人本人"):
            act(extract.pk, by=second_reviewer)
    with pytest.raises(Refused, match="提交人本人"):
        actions.fetch_refused(extract, by=second_reviewer)
    assert extract.folder.exists()
    actions.give_up(extract.pk, by=reviewer)
    assert not RegisterExtract.objects.exists() and not extract.folder.exists()
    done = taken_in(reviewer, INSURANCE, insured(make_worker("李静")))
    with pytest.raises(NotNow):
        actions.give_up(done.pk, by=reviewer)


def test_who_lost_the_permission_takes_nothing_in(reviewer: Any) -> None:
    extract = seen(reviewer, INSURANCE, insured(make_worker()))
    actions.confirm(extract.pk, by=reviewer)
    reviewer.assignments.all().delete()
    run(extract)
    assert extract.phase == "failed" and not UnemploymentInsurance.objects.exists()


def test_files_are_kept_encrypted_and_not_for_ever(reviewer: Any) -> None:
    worker = make_worker()
    forgotten = seen(reviewer, INSURANCE, insured(worker), insured(worker, months="1"))
    kept = forgotten.folder / "source.csv"
    assert worker.id_number.encode() not in kept.read_bytes()
    assert retention.sweep_files() == 0 and kept.exists()
    RegisterExtract.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert retention.sweep_files() == 1 and not forgotten.folder.exists()
    forgotten.refresh_from_db()
    assert forgotten.phase == "failed" and forgotten.understood == []
    done = taken_in(reviewer, INSURANCE, insured(worker), insured(make_worker(), months="x"))
    assert not (done.folder / "source.csv").exists() and done.has_refused_file
    assert retention.sweep_files() == 0


def test_officers_see_the_extracts_of_their_places(reviewer: Any, baotou_reviewer: Any, clerk: Any) -> None:
    extract = taken_in(reviewer, INSURANCE, insured(make_worker()), place=OTOG)
    visible = RegisterExtract.objects.visible_to
    assert list(visible(reviewer)) == [extract]
    assert list(visible(baotou_reviewer)) == list(visible(clerk)) == []
    with pytest.raises(Refused):
        seen(reviewer, INSURANCE, insured(make_worker("李静")), place=BAOTOU)


def test_the_database_lets_nobody_else_say_what_an_extract_says(reviewer: Any, second_reviewer: Any) -> None:
    worker, other = make_worker(), make_worker("李静")
    extract = taken_in(reviewer, INSURANCE, insured(worker))
    claims = taken_in(reviewer, CLAIMS, paid(worker))
    record, claim = UnemploymentInsurance.objects.get(), BenefitClaim.objects.get()
    given = {"worker": other, "months": 9, "as_of": AS_OF, "source": "试", "extract": extract}
    confirmed = {
        "verification": "confirmed", "verified_by": reviewer, "verified_at": timezone.now(), "verified_from": "试",
    }  # fmt: skip
    of_claim = {"worker": other, "kind": "skill_upgrade", "occupation": "焊工", "level": 40, "source": "试"}
    found_wrong = taken_in(reviewer, INSURANCE, insured(make_worker("张伟")))
    wrong = UnemploymentInsurance.objects.get(extract=found_wrong)
    refute_record("insurance", wrong.pk, reason="查询结果不符", by=second_reviewer, on=AS_OF)
    for refused in (
        lambda: UnemploymentInsurance.objects.filter(pk=wrong.pk).update(
            extract=extract, months=99, verification="confirmed", verified_at=timezone.now()
        ),
        lambda: UnemploymentInsurance.objects.create(**given),
        lambda: UnemploymentInsurance.objects.create(**given, **confirmed),
        lambda: UnemploymentInsurance.objects.filter(pk=record.pk).update(months=99),
        lambda: UnemploymentInsurance.objects.filter(pk=record.pk).update(months=99, extract=claims),
        lambda: BenefitClaim.objects.create(**of_claim, claimed_on=AS_OF, extract=claims),
        lambda: BenefitClaim.objects.filter(pk=claim.pk).update(claimed_on=AS_OF),
        lambda: BenefitClaim.objects.filter(pk=claim.pk).update(claimed_on=AS_OF, extract=extract),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            refused()
    # Not even in an extract that is being taken in, of what the officer wrote: the page refuses it before.
    own = UnemploymentInsurance.objects.create(
        worker=other, months=1, as_of=AS_OF, source="花名册", recorded_by=reviewer
    )
    open_still = seen(reviewer, INSURANCE, insured(other, months="2"))
    RegisterExtract.objects.filter(pk=open_still.pk).update(phase="merging")
    with pytest.raises(DatabaseError, match="wrote nothing of it"), transaction.atomic():
        UnemploymentInsurance.objects.filter(pk=own.pk).update(
            extract=open_still, recorded_by=None, **confirmed
        )
    # Changed in any other way it is no more than stated.
    UnemploymentInsurance.objects.filter(pk=wrong.pk).update(extract=None, months=99)
    wrong.refresh_from_db()
    assert (wrong.verification, wrong.verified_by) == ("stated", None)


def test_an_extract_of_certificates_leaves_claims_uncovered(reviewer: Any) -> None:
    nothing_covered()
    worker = welder()
    record = certified(worker, level=30)
    line = {
        "number": worker.id_number, "occupation": "焊工", "level": "中级工", "certificate": record.number,
        "issued_on": "2026-05-10",
    }  # fmt: skip
    taken_in(reviewer, "certificates", line)
    assert known(worker)[2] is None
