"""Before a claim is approved: the certificate is found in the national query, and no figure of a register is too old. Asked
of one and of many alike; by hand only with a picture and a second person.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.cases.models import Case
from portal.workforce.actions.answers import judge_answer, state_answer
from portal.workforce.models import BenefitClaim, CertificateAnswer, FigureAge, StatedAnswer
from subsidies import claiming, handling
from subsidies.gates import lacking_before_approval
from subsidies.models import TRAINING, Claim
from subsidies.schemes import TECHNICIAN
from tests.by_two import changed_by_two
from tests.cases.test_evidence import picture, upload
from tests.cast import make_worker
from tests.subsidies.conftest import (
    MONDAY,
    answered,
    certificate,
    in_work,
    technician_figure,
    training,
)
from tests.workforce.merging import merged

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 20)


@pytest.fixture
def unasked(welder: Any, cast: Any) -> Any:
    """The welder's certificate, of which the national query has said nothing."""
    return certificate(welder, cast("reviewer"), number="S000015000001", in_query=None)


def reviewed(claim: Claim, cast: Any) -> Claim:
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
    return claim


def state_of(claim: Claim) -> str:
    return Case.objects.values_list("state", flat=True).get(pk=claim.pk)


# -- the certificate in the national query -------------------------------------------------------------------
def test_it_waits_until_the_certificate_is_found(cast: Any, unasked: Any, accepted: Any) -> None:
    claim = reviewed(accepted(unasked), cast)
    with pytest.raises(NotNow, match="还没有全国联网查询结果"):
        handling.approve(claim.pk, by=cast("approver"), on=FRIDAY)
    case = Case.objects.get(pk=claim.pk)
    assert (case.state, case.stopped_on) == ("reviewed", None), "the time of the office runs"
    answered(unasked, cast("reviewer"))
    assert handling.approve(claim.pk, by=cast("approver"), on=FRIDAY).amount == 1500


def test_what_is_not_found_is_not_approved_and_may_be_rejected(
    cast: Any, unasked: Any, accepted: Any
) -> None:
    claim = reviewed(accepted(unasked), cast)
    answered(unasked, cast("reviewer"), found=False, as_of=date(2026, 11, 17))
    with pytest.raises(NotNow, match="2026年11月17日全国联网查询没有查到这本证书"):
        handling.approve(claim.pk, by=cast("approver"), on=FRIDAY)
    reason = "经核查，该证书在全国联网查询中没有查到。"
    handling.reject(claim.pk, reason=reason, by=cast("approver"), on=FRIDAY)
    assert state_of(claim) == "rejecting", "another officer signs it too"


@pytest.mark.parametrize(("age", "passes"), [(90, True), (91, False)])
def test_an_answer_grows_old(cast: Any, unasked: Any, accepted: Any, age: int, passes: bool) -> None:
    claim = reviewed(accepted(unasked), cast)
    answered(unasked, cast("reviewer"), as_of=FRIDAY - timedelta(days=age))
    lacking = lacking_before_approval([claim], on=FRIDAY)
    assert (claim.pk not in lacking) is passes
    if not passes:
        with pytest.raises(NotNow, match="证书联网查询结果截至.*超过90天（示例）"):
            handling.approve(claim.pk, by=cast("approver"), on=FRIDAY)


def test_a_training_is_not_looked_up(cast: Any, welder: Any) -> None:
    technician_figure(cast)
    one = training(welder, by=cast("clerk"), confirmed_by=cast("reviewer"))
    claim = claiming.claim_at_once(
        one.pk, TECHNICIAN, about=TRAINING, channel="window", by=cast("clerk"), on=MONDAY
    )
    assert lacking_before_approval([claim], on=FRIDAY) == {}


# -- figures of registers that are too old -------------------------------------------------------------------
@pytest.mark.parametrize(("age", "passes"), [(45, True), (46, False)])
def test_an_insurance_figure_grows_old(
    cast: Any, welder: Any, welding: Any, accepted: Any, age: int, passes: bool
) -> None:
    claim = reviewed(accepted(welding), cast)
    changed_by_two(welder.insurance, as_of=FRIDAY - timedelta(days=age))
    if passes:
        assert handling.approve(claim.pk, by=cast("approver"), on=FRIDAY).amount == 1500
        return
    with pytest.raises(NotNow, match="失业保险信息截至.*须重新查询"):
        handling.approve(claim.pk, by=cast("approver"), on=FRIDAY)
    changed_by_two(welder.insurance, as_of=FRIDAY)
    assert handling.approve(claim.pk, by=cast("approver"), on=FRIDAY).amount == 1500


def test_the_office_sets_how_old_a_figure_may_be(cast: Any, welder: Any, welding: Any, accepted: Any) -> None:
    claim = accepted(welding)
    changed_by_two(welder.insurance, as_of=FRIDAY - timedelta(days=46))
    assert lacking_before_approval([claim], on=FRIDAY)
    FigureAge.objects.create(what="insurance", days=60, since=MONDAY, source="合成文号〔2026〕8号")
    assert lacking_before_approval([claim], on=FRIDAY) == {}
    FigureAge.objects.filter(what="insurance").delete()
    assert lacking_before_approval([claim], on=FRIDAY) == {}, "without a setting nothing is too old"


def test_only_what_the_rule_asks_for_is_asked_again(cast: Any, welder: Any, accepted: Any) -> None:
    """A technician's subsidy asks for nothing of the insurance."""
    senior = certificate(welder, cast("reviewer"), level=50, number="S000015000005")
    claim = accepted(senior, TECHNICIAN)
    changed_by_two(welder.insurance, as_of=FRIDAY - timedelta(days=400))
    assert lacking_before_approval([claim], on=FRIDAY) == {}


def test_of_merged_records_the_newest_figure_counts(
    cast: Any, welder: Any, welding: Any, accepted: Any
) -> None:
    claim = accepted(welding)
    changed_by_two(welder.insurance, as_of=FRIDAY - timedelta(days=46))
    other = in_work(make_worker("王建国"), cast("reviewer"))
    merged(cast, welder, other)
    assert lacking_before_approval([claim], on=FRIDAY) == {}


def test_what_was_paid_elsewhere_meanwhile_bars_a_technician(cast: Any, welder: Any, accepted: Any) -> None:
    """An extract brought it after the hand-in: no rule asks for it, and nobody is paid twice."""
    technician_figure(cast)
    senior = certificate(welder, cast("reviewer"), level=50, number="S000015000005")
    claim = reviewed(accepted(senior, TECHNICIAN), cast)
    handling.review_again(claim.pk, by=cast("regional_reviewer"), on=MONDAY)
    BenefitClaim.objects.create(
        worker=welder,
        kind="training_subsidy",
        occupation="焊 工",
        level=50,
        claimed_on=date(2026, 3, 2),
        source="合成摘录",
    )
    with pytest.raises(NotNow, match="2026年3月2日已享受过同一职业（工种）同一等级的补贴（合成摘录）"):
        handling.approve(claim.pk, by=cast("approver"), on=FRIDAY)


# -- of many alike -------------------------------------------------------------------------------------------
def test_in_bulk_each_is_looked_at_as_by_itself(cast: Any, accepted: Any) -> None:
    """Found, unasked, not found, and with an old figure: one is approved, three stay with their own reason."""
    claims = {}
    for place, what in enumerate(("found", "unasked", "not found", "old")):
        worker = in_work(make_worker(f"王{'一二三四'[place]}"), cast("reviewer"))
        in_query = {"unasked": None, "not found": False}.get(what, True)
        record = certificate(worker, cast("reviewer"), number=f"S{place}", in_query=in_query)
        claims[what] = reviewed(accepted(record), cast)
        if what == "old":
            changed_by_two(worker.insurance, as_of=date(2026, 1, 1))
    ids = [claim.pk for claim in claims.values()]
    alone = {
        pk: "".join(map(str, lacking))
        for pk, lacking in lacking_before_approval(
            [Claim.objects.select_related("case", "credential").get(pk=pk) for pk in ids], on=FRIDAY
        ).items()
    }
    moving = handling.approve_many(ids, by=cast("approver"), on=FRIDAY)
    assert [case.pk for case in moving.cases] == [claims["found"].pk]
    assert {pk: str(refusal) for pk, refusal in moving.refused.items()} == {
        pk: f"暂不能批准。{words}" for pk, words in alone.items()
    }
    assert {state_of(claims[what]) for what in ("unasked", "not found", "old")} == {"reviewed"}


def test_the_gates_ask_as_little_of_many_as_of_one(cast: Any, accepted: Any) -> None:
    claims = []
    for place in range(4):
        worker = in_work(make_worker(f"王{'一二三四'[place]}"), cast("reviewer"))
        claims.append(accepted(certificate(worker, cast("reviewer"), number=f"S{place}", in_query=None)))
    found = list(Claim.objects.filter(pk__in=[one.pk for one in claims]).select_related("case", "credential"))
    counts = []
    for some in (found[:1], found):
        with CaptureQueriesContext(connection) as asked:
            lacking_before_approval(some, on=FRIDAY)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# -- by hand -------------------------------------------------------------------------------------------------
def stated(unasked: Any, by: Any, *, found: bool = True, as_of: date = FRIDAY) -> StatedAnswer:
    return state_answer(
        unasked.pk, found=found, as_of=as_of, picture=upload(picture(), "查询.png"), by=by, on=FRIDAY
    )


def test_by_hand_it_takes_a_picture_and_another_person(cast: Any, unasked: Any, accepted: Any) -> None:
    claim = reviewed(accepted(unasked), cast)
    one = stated(unasked, cast("clerk"))
    assert one.picture.label == "联网查询页面截图"
    with pytest.raises(NotNow, match="还没有全国联网查询结果"):
        handling.approve(claim.pk, by=cast("approver"), on=FRIDAY)
    with pytest.raises(NotNow, match="等待复核"):
        stated(unasked, cast("clerk"))
    with pytest.raises(Refused):
        judge_answer(one.pk, agrees=True, by=cast("clerk"), on=FRIDAY)
    with pytest.raises(Refused):
        judge_answer(one.pk, agrees=True, by=cast("baotou_reviewer"), on=FRIDAY)
    judge_answer(one.pk, agrees=True, by=cast("reviewer"), on=FRIDAY)
    with pytest.raises(NotNow, match="已经复核"):
        judge_answer(one.pk, agrees=True, by=cast("reviewer"), on=FRIDAY)
    assert handling.approve(claim.pk, by=cast("approver"), on=FRIDAY).amount == 1500


def test_whoever_entered_it_does_not_compare_it(cast: Any, unasked: Any) -> None:
    one = stated(unasked, cast("reviewer"))
    with pytest.raises(Refused, match="登记人以外的另一人"):
        judge_answer(one.pk, agrees=True, by=cast("reviewer"), on=FRIDAY)
    with pytest.raises(DatabaseError), transaction.atomic():
        StatedAnswer.objects.filter(pk=one.pk).update(
            agrees=True, judged_by=cast("reviewer"), judged_at=timezone.now()
        )


def test_what_the_picture_does_not_show_is_entered_anew(cast: Any, unasked: Any) -> None:
    one = stated(unasked, cast("clerk"))
    judge_answer(one.pk, agrees=False, by=cast("reviewer"), on=FRIDAY)
    assert not CertificateAnswer.objects.exists()
    again = state_answer(
        unasked.pk,
        found=False,
        as_of=FRIDAY,
        picture=upload(picture(colour="blue"), "查询.png"),
        by=cast("clerk"),
        on=FRIDAY,
    )
    judge_answer(again.pk, agrees=True, by=cast("reviewer"), on=FRIDAY)
    assert CertificateAnswer.objects.get().found is False


def test_a_later_answer_of_an_extract_stays(cast: Any, unasked: Any) -> None:
    one = stated(unasked, cast("clerk"), found=False, as_of=MONDAY)
    answered(unasked, cast("reviewer"), as_of=FRIDAY)
    judge_answer(one.pk, agrees=True, by=cast("reviewer"), on=FRIDAY)
    assert CertificateAnswer.objects.get().found is True


def test_nothing_is_entered_ahead_or_about_oneself(cast: Any, unasked: Any, welder: Any) -> None:
    with pytest.raises(NotNow, match="不能晚于今天"):
        stated(unasked, cast("clerk"), as_of=FRIDAY + timedelta(days=1))
    welder.account = cast("clerk")
    welder.save(update_fields=["account"])
    with pytest.raises(Refused, match="您本人"):
        stated(unasked, type(welder.account).objects.get(pk=welder.account_id))


def test_the_database_wants_grounds_for_an_answer(cast: Any, unasked: Any) -> None:
    with pytest.raises(DatabaseError, match="two people and a picture"), transaction.atomic():
        CertificateAnswer.objects.create(credential=unasked, found=True, as_of=FRIDAY)
    one = stated(unasked, cast("clerk"), found=False)
    judge_answer(one.pk, agrees=True, by=cast("reviewer"), on=FRIDAY)
    for sql in (
        "UPDATE workforce_certificateanswer SET found = true",
        "UPDATE workforce_statedanswer SET found = true",
        "UPDATE workforce_statedanswer SET judged_at = NULL, judged_by_id = NULL, agrees = NULL",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


# -- what pages say ------------------------------------------------------------------------------------------
def test_the_page_says_what_is_missing_since_when_and_who_brings_it(
    cast: Any, as_user: Any, worker: Any, worker_user: Any
) -> None:
    in_work(worker, cast("reviewer"))
    today = timezone.localdate()
    record = certificate(worker, cast("reviewer"), number="S1", issued_on=today.replace(day=1), in_query=None)
    claim = claiming.claim_at_once(
        record.pk, "subsidies.skill-upgrade", channel="self", by=worker_user, on=today
    )
    claiming.accept(claim.pk, by=cast("clerk"), on=today)
    handling.review(claim.pk, by=cast("reviewer"), on=today)
    here = reverse("subsidies:claim", args=[claim.case.number])
    page = as_user(cast("approver")).get(here).content.decode()
    assert "等待登记信息" in page and "还没有全国联网查询结果" in page
    assert "由有摘录权限的人员提交" in page and "等待期间办理期限照常计算" in page
    assert f"自{today.year}年{today.month}月{today.day}日起" in page
    own = as_user(worker_user).get(here).content.decode()
    assert "等待登记信息" in own and "不需要您提供；办理期限照常计算" in own
    assert "由有摘录权限的人员提交" not in own
    step = reverse("subsidies:step", args=[claim.case.number, "approve"])
    read = handling.as_it_stands([claim.pk])[claim.pk]
    refused = as_user(cast("approver")).post(step, read._asdict())
    assert refused.status_code == 409 and "还没有全国联网查询结果" in refused.content.decode()


def test_an_answer_is_entered_and_compared_on_pages(
    cast: Any, as_user: Any, unasked: Any, handed_in: Any
) -> None:
    claim = handed_in(unasked)
    clerk, reviewer = as_user(cast("clerk")), as_user(cast("reviewer"))
    here = reverse("subsidies:claim", args=[claim.case.number])
    enter = reverse("subsidies:state_answer", args=[claim.case.number])
    compare = reverse("subsidies:judge_answer", args=[claim.case.number])
    assert enter in clerk.get(here).content.decode()
    assert compare not in reviewer.get(here).content.decode()
    given = {"found": "yes", "as_of": timezone.localdate().isoformat()}
    assert "请上传查询页面截图" in clerk.post(enter, given).content.decode()
    answer = clerk.post(enter, given | {"picture": upload(picture(), "查询.png")})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert compare not in clerk.get(here).content.decode() and compare in reviewer.get(here).content.decode()
    assert "打开查询页面截图" in reviewer.get(compare).content.decode()
    assert "请选择对照结果" in reviewer.post(compare, {}).content.decode()
    assert reviewer.post(compare, {"agrees": "yes"}).status_code == 302
    assert "等待登记信息" not in reviewer.get(here).content.decode()
    assert reviewer.get(compare).status_code == 404


def test_what_is_due_soon_stands_at_the_top_of_the_worklist(cast: Any, accepted: Any) -> None:
    """Claims of two days: what waits for a register goes on in time, and is underlined three working days before."""
    from portal.pages.deadlines import deadline_of
    from portal.window.cases.worklist import ORDER

    claims = []
    for place, day in enumerate((FRIDAY, MONDAY)):
        worker = in_work(make_worker(f"王{'一二'[place]}"), cast("reviewer"))
        record = certificate(worker, cast("reviewer"), number=f"S{place}", in_query=None)
        claims.append(accepted(record, on=day))
    waiting = Case.objects.visible_to(cast("reviewer")).waiting_for(cast("reviewer"), FRIDAY).order_by(*ORDER)
    assert [case.pk for case in waiting] == [claims[1].pk, claims[0].pk]
    due = Case.objects.get(pk=claims[1].pk)
    assert due.due_on == date(2026, 11, 30)
    assert deadline_of(due, date(2026, 11, 24)).tone == "plain"
    assert deadline_of(due, date(2026, 11, 25)).tone == "warn"
