"""A unit's list may name a completed training instead of a certificate: clause 十 pays also who attended."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from portal.cases.actions import transition
from portal.jobs import runner
from subsidies import claiming, voiding
from subsidies.by_unit import consenting
from subsidies.by_unit.models import Proposal
from subsidies.models import TRAINING, Claim, CompletedTraining
from subsidies.schemes import TECHNICIAN
from tests.cast import OTOG, make_account
from tests.selection.nominees import make_employer
from tests.subsidies.conftest import training
from tests.subsidies.unit_lists import certified, given_in, line_of, put_forward, said, works_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)


@pytest.fixture
def agent(cast: Any) -> Any:
    return cast("employer_agent")


@pytest.fixture
def plant(agent: Any) -> Any:
    return make_employer("鄂托克焦化有限责任公司", agents=(agent,))


@pytest.fixture
def attended(plant: Any, cast: Any) -> CompletedTraining:
    """王建国 works in the plant and completed an upskilling of senior technicians."""
    worker = works_in(plant, "王建国", cast("reviewer"))
    worker.account = make_account("w20260001", worker.name, "worker", OTOG)
    worker.save()
    return training(worker, by=cast("clerk"), confirmed_by=cast("reviewer"))


def line(one: CompletedTraining, **changed: str) -> dict[str, str]:
    """What a unit writes of somebody's training."""
    given = {
        "证件号码": one.worker.id_number,
        "姓名": one.worker.name,
        "职业工种": one.occupation,
        "技能等级": "高级技师",
        "证书编号": one.number,
        "申请依据": "培训结业",
    }
    return given | changed


def test_it_becomes_a_proposal_and_by_consent_a_claim_for_the_training(
    attended: CompletedTraining, plant: Any, agent: Any, as_user: Any
) -> None:
    given = put_forward(plant, line(attended), by=agent)
    assert (given.good, given.rows.get().certificate) == (1, "焊工高级技师培训结业（PX2026001）")
    proposal = Proposal.objects.select_related("case", "worker__account").get()
    assert (proposal.training, proposal.credential, proposal.kind) == (attended, None, TECHNICIAN)
    own = proposal.worker.account
    client = as_user(own)
    assert (
        "以您的焊工高级技师岗位技能提升培训结业证书提出了申请"
        in client.get("/subsidies/mine/").content.decode()
    )
    page = client.get(f"/subsidies/proposals/{proposal.case.number}/do/consent/").content.decode()
    assert "合成技师学院" in page and "PX2026001" in page
    claim = consenting.consent(proposal.pk, by=own, on=timezone.localdate())
    assert (claim.training, claim.credential, claim.subject_kind) == (attended, None, TRAINING)
    assert claim.keys.held().count() == 3


def test_with_certificates_in_one_list(
    attended: CompletedTraining, plant: Any, agent: Any, cast: Any
) -> None:
    other = certified(works_in(plant, "李秀英", cast("reviewer")), cast("reviewer"), "S2")
    given = put_forward(plant, line(attended), line_of(other), by=agent)
    assert given.good == 2
    assert [(one.credential_id, one.training_id) for one in Proposal.objects.order_by("row__line")] == [
        (None, attended.pk),
        (other.pk, None),
    ]


def test_it_is_found_without_its_number(attended: CompletedTraining, plant: Any, agent: Any) -> None:
    given = given_in(plant, line(attended, 证书编号=""), by=agent)
    assert said(given)[2] == ("good", "")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"证书编号": "PX9"}, "没有登记这次培训结业"),
        ({"技能等级": "技师"}, "没有登记这次培训结业"),
        ({"技能等级": "高级工"}, "培训结业只适用技师、高级技师"),
        ({"申请依据": "听说"}, "应为技能证书或者培训结业"),
        ({"申请依据": "技能证书"}, "没有登记这本证书"),
    ],
)
def test_what_does_not_fit_is_said(
    attended: CompletedTraining, plant: Any, agent: Any, changed: dict[str, str], why: str
) -> None:
    outcome, words = said(given_in(plant, line(attended, **changed), by=agent))[2]
    assert outcome == "refused" and why in words


def test_twice_in_a_list_or_put_forward_before(attended: CompletedTraining, plant: Any, agent: Any) -> None:
    given = given_in(plant, line(attended), line(attended, 证书编号=""), by=agent)
    assert said(given)[3] == ("refused", "与第2行是同一次培训。")
    put_forward(plant, line(attended), by=agent)
    given = given_in(plant, line(attended, 职业工种="焊 工"), by=agent)
    assert said(given)[2] == ("known", "本单位已为这次培训提出过，不重复提出。")


def test_what_is_claimed_or_voided_is_not_put_forward(
    attended: CompletedTraining, plant: Any, agent: Any, cast: Any
) -> None:
    claim = claiming.claim_at_once(
        attended.pk, TECHNICIAN, about=TRAINING, channel="window", by=cast("clerk"), on=timezone.localdate()
    )
    outcome, words = said(given_in(plant, line(attended), by=agent))[2]
    assert outcome == "refused" and "这次培训目前不能提出申请" in words
    claiming.withdraw(claim.pk, reason="本人提出。", by=cast("clerk"), on=timezone.localdate())
    on = timezone.localdate()
    voiding.ask(attended.pk, reason="误发。", by=cast("clerk"), on=on)
    voiding.agree(attended.pk, seen="来函。", by=cast("reviewer"), on=on)
    assert "没有登记这次培训结业" in said(given_in(plant, line(attended, 证书编号=""), by=agent))[2][1]


def test_voided_between_the_check_and_the_confirmation(
    attended: CompletedTraining, plant: Any, agent: Any, cast: Any
) -> None:
    from subsidies.by_unit import actions

    given, on = given_in(plant, line(attended), by=agent), timezone.localdate()
    voiding.ask(attended.pk, reason="误发。", by=cast("clerk"), on=on)
    voiding.agree(attended.pk, seen="来函。", by=cast("reviewer"), on=on)
    given = actions.confirm(given.pk, by=agent)
    runner.run_job(given.job_id)
    assert not Proposal.objects.exists()
    assert said(given)[2] == ("refused", "这次培训目前不能提出申请，原因由本人在“培训补贴”中查看。")


def test_the_database_wants_the_claim_to_be_about_the_same(
    attended: CompletedTraining, plant: Any, agent: Any, cast: Any
) -> None:
    put_forward(plant, line(attended), by=agent)
    proposal = Proposal.objects.get()
    certificate = certified(attended.worker, cast("reviewer"), "S7", level=30)
    clerk, on = cast("clerk"), timezone.localdate()
    with pytest.raises(DatabaseError, match="its claim is about something else"), transaction.atomic():
        with transition(proposal.pk, "consent", by=clerk, on=on):
            claim: Claim = claiming.claim_at_once(
                certificate.pk, "subsidies.skill-upgrade", channel="window", by=clerk, on=on
            )
            Proposal.objects.filter(pk=proposal.pk).update(claim=claim)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
