"""What a person answers to a claim that their unit put forward, and what the database holds of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.cases.models import Case, Evidence
from portal.cases.waiting import all_work
from portal.file_inspection import inspect
from portal.jobs import runner
from portal.workforce.actions import confirm_payee, propose_payee
from portal.workforce.models import PayeeAccount
from subsidies import claiming
from subsidies.by_unit import consenting
from subsidies.by_unit.models import ClaimFileRow, Proposal
from subsidies.by_unit.workflow import PROPOSAL
from subsidies.models import Claim
from subsidies.tasks import lapse_proposals
from tests.cases.conftest import pdf, upload
from tests.cast import OTOG, make_account
from tests.selection.nominees import make_employer
from tests.subsidies.unit_lists import ACCOUNT, BANK, certified, given_in, line_of, put_forward, works_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)


@pytest.fixture
def plant(cast: Any) -> Any:
    return make_employer("鄂托克焦化有限责任公司", agents=(cast("employer_agent"),))


@pytest.fixture
def welding(plant: Any, cast: Any) -> Any:
    """A certificate of 王建国, who works in the plant and has an account of the portal."""
    worker = works_in(plant, "王建国", cast("reviewer"))
    worker.account = make_account("w20260001", worker.name, "worker", OTOG)
    worker.save()
    return certified(worker, cast("reviewer"), "S1")


@pytest.fixture
def proposed(plant: Any, welding: Any, cast: Any) -> Any:
    """Put forward with an account for the money."""
    put_forward(plant, line_of(welding, 开户银行=BANK, 银行账号=ACCOUNT), by=cast("employer_agent"))
    return Proposal.objects.select_related("case", "row", "worker__account").get()


def paper(words: str = "同意") -> Any:
    return inspect(upload(pdf(words), "同意书.pdf"))


def now(pk: int) -> Any:
    return Proposal.objects.select_related("case", "claim__case", "row").get(pk=pk)


# -- on their own page ---------------------------------------------------------------------------------------
def test_who_agrees_has_handed_a_claim_of_their_own_in(proposed: Any) -> None:
    own, on = proposed.worker.account, timezone.localdate()
    claim = consenting.consent(proposed.pk, by=own, on=on)
    assert (claim.case.state, claim.channel, claim.handed_in_on) == ("submitted", "self", on)
    assert claim.credential_id == proposed.credential_id and claim.case.employer_id is None
    assert claim.keys.held().count() == 3
    after = now(proposed.pk)
    assert (after.case.state, after.claim_id) == ("consented", claim.pk)
    assert not PayeeAccount.objects.exists(), "the account of the list was not taken"
    assert after.row.account_number is None and after.row.bank == ""


def test_the_account_of_the_list_is_taken_only_where_the_person_says_so(cast: Any, proposed: Any) -> None:
    own, on = proposed.worker.account, timezone.localdate()
    assert consenting.offers_account(proposed)
    claim = consenting.consent(proposed.pk, takes_account=True, by=own, on=on)
    account = PayeeAccount.objects.get()
    assert (account.bank, account.account_number, account.state) == (BANK, ACCOUNT, "proposed")
    assert account.recorded_by == own and claim.account_id == account.pk
    assert confirm_payee(account.pk, by=cast("reviewer"), on=on).state == "confirmed"


def test_an_account_of_ones_own_can_be_named_instead(cast: Any, proposed: Any) -> None:
    on = timezone.localdate()
    given = {"bank": BANK, "account_number": "6217000830001112223", "source": "银行卡"}
    mine = propose_payee(proposed.worker_id, **given, by=cast("clerk"), on=on)
    assert not consenting.offers_account(proposed), "one waits to be confirmed already"
    claim = consenting.consent(proposed.pk, account_id=mine.pk, by=proposed.worker.account, on=on)
    assert claim.account_id == mine.pk


def test_the_account_in_use_is_asked_about_no_more(cast: Any, proposed: Any) -> None:
    on = timezone.localdate()
    given = {"bank": BANK, "account_number": ACCOUNT, "source": "银行卡"}
    mine = propose_payee(proposed.worker_id, **given, by=cast("clerk"), on=on)
    confirm_payee(mine.pk, by=cast("reviewer"), on=on)
    assert not consenting.offers_account(proposed)
    with pytest.raises(NotNow, match="就是现在使用的收款账户"):
        consenting.consent(proposed.pk, takes_account=True, by=proposed.worker.account, on=on)
    assert now(proposed.pk).case.state == "proposed" and not Claim.objects.exists(), "all of it or nothing"


def test_without_an_account_in_the_list_there_is_none_to_take(plant: Any, welding: Any, cast: Any) -> None:
    put_forward(plant, line_of(welding), by=cast("employer_agent"))
    proposal = Proposal.objects.get()
    assert not consenting.offers_account(proposal)
    with pytest.raises(NotNow, match="单位没有填写收款账户"):
        consenting.consent(
            proposal.pk, takes_account=True, by=welding.worker.account, on=timezone.localdate()
        )


@pytest.mark.parametrize("who", ["employer_agent", "clerk", "reviewer", "approver", "baotou_clerk"])
def test_nobody_agrees_for_somebody(cast: Any, proposed: Any, who: str) -> None:
    with pytest.raises(Refused):
        consenting.consent(proposed.pk, by=cast(who), on=timezone.localdate())
    with pytest.raises(Refused):
        consenting.decline(
            proposed.pk, by=make_account("w9", "别人", "worker", OTOG), on=timezone.localdate()
        )
    assert now(proposed.pk).case.state == "proposed"


def test_who_claims_by_themselves_meanwhile_is_told(proposed: Any) -> None:
    own, on = proposed.worker.account, timezone.localdate()
    claiming.claim_at_once(proposed.credential_id, proposed.kind, channel="self", by=own, on=on)
    with pytest.raises(NotNow, match="已有一件申请"):
        consenting.consent(proposed.pk, by=own, on=on)
    assert now(proposed.pk).case.state == "proposed"


def test_an_answer_is_given_once(proposed: Any) -> None:
    own, on = proposed.worker.account, timezone.localdate()
    consenting.consent(proposed.pk, by=own, on=on)
    for act in (consenting.consent, consenting.decline):
        with pytest.raises(NotNow, match="本人已同意"):
            act(proposed.pk, by=own, on=on)
    assert Claim.objects.count() == 1


# -- at the window -------------------------------------------------------------------------------------------
def test_the_window_takes_signed_paper_in(cast: Any, proposed: Any) -> None:
    on = timezone.localdate()
    claim = consenting.consent_on_paper(proposed.pk, paper(), takes_account=True, by=cast("clerk"), on=on)
    assert (claim.channel, claim.case.state) == ("window", "submitted") and not claim.prefilled
    kept = Evidence.objects.get(case=proposed.pk)
    assert (kept.label, kept.uploaded_by) == (consenting.PAPER, cast("clerk"))
    assert claim.account.recorded_by == cast("clerk")


@pytest.mark.parametrize(
    ("who", "words"), [("baotou_clerk", "不属于您负责的地区"), ("approver", "没有“受理补贴申请”的权限")]
)
def test_paper_is_the_business_of_the_persons_window(cast: Any, proposed: Any, who: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        consenting.consent_on_paper(proposed.pk, paper(), by=cast(who), on=timezone.localdate())
    assert not Evidence.objects.exists()


def test_who_acts_for_the_unit_takes_no_paper_in(cast: Any, plant: Any, proposed: Any) -> None:
    from portal.workforce.models import EmployerAgent

    EmployerAgent.objects.create(employer=plant, user=cast("clerk"))
    with pytest.raises(Refused, match="您经办的单位有关"):
        consenting.consent_on_paper(proposed.pk, paper(), by=cast("clerk"), on=timezone.localdate())
    with pytest.raises(Refused, match="您经办的单位有关"):
        consenting.decline(proposed.pk, reason="电话", by=cast("clerk"), on=timezone.localdate())


def test_a_clerk_whose_own_it_is_answers_as_everybody(cast: Any, proposed: Any) -> None:
    worker, clerk = proposed.worker, cast("clerk")
    worker.account = clerk
    worker.save()
    assert "与您本人" in consenting.reason_against_paper(proposed, clerk)
    with pytest.raises(Refused, match="本人"):
        consenting.consent_on_paper(proposed.pk, paper(), by=clerk, on=timezone.localdate())


# -- who does not want it, and who says nothing --------------------------------------------------------------
def test_who_declines_is_not_asked_again_by_the_unit(
    cast: Any, plant: Any, welding: Any, proposed: Any
) -> None:
    consenting.decline(proposed.pk, by=proposed.worker.account, on=timezone.localdate())
    after = now(proposed.pk)
    assert after.case.state == "declined" and after.row.account_number is None
    again = given_in(plant, line_of(welding), by=cast("employer_agent"))
    assert (again.good, again.known) == (0, 1)


def test_the_window_notes_how_somebody_declined(cast: Any, proposed: Any) -> None:
    on = timezone.localdate()
    with pytest.raises(NotNow, match="以何种方式"):
        consenting.decline(proposed.pk, by=cast("clerk"), on=on)
    consenting.decline(proposed.pk, reason="本人到窗口说明不办理。", by=cast("clerk"), on=on)
    assert now(proposed.pk).case.state == "declined"


def test_what_nobody_answers_lapses_after_its_last_day(
    cast: Any, plant: Any, welding: Any, proposed: Any
) -> None:
    last = proposed.consent_until
    assert consenting.lapse_due(last) == 0
    assert (
        consenting.lapse_due(last + timedelta(days=1)),
        consenting.lapse_due(last + timedelta(days=1)),
    ) == (1, 0)
    after = now(proposed.pk)
    assert after.case.state == "lapsed" and after.lapsed and after.row.account_number is None
    with pytest.raises(NotNow, match="逾期未确认"):
        consenting.consent(proposed.pk, by=proposed.worker.account, on=last)
    again = put_forward(plant, line_of(welding), by=cast("employer_agent"))
    assert again.good == 1 and Proposal.objects.filter(lapsed=False).count() == 1


def test_after_the_last_day_it_is_too_late_even_before_the_night(proposed: Any) -> None:
    late = proposed.consent_until + timedelta(days=1)
    with pytest.raises(NotNow, match="确认期限已过"):
        consenting.consent(proposed.pk, by=proposed.worker.account, on=late)


def test_the_night_lets_what_is_due_lapse(proposed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lapse_proposals() == 0
    night = proposed.consent_until + timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda *given: night)
    assert (lapse_proposals(), lapse_proposals()) == (1, 0)


def test_how_long_a_person_has_is_a_dated_setting(cast: Any, proposed: Any) -> None:
    from portal.regions.calendar import add_working_days
    from subsidies.courses import course_of

    on = timezone.localdate()
    days = course_of(PROPOSAL, "150600", on).working_days
    assert proposed.consent_until == add_working_days(on, days).on


def test_it_waits_for_no_officer(cast: Any, proposed: Any) -> None:
    assert PROPOSAL in {work.kind for work in all_work()}
    for who in ("clerk", "reviewer", "approver"):
        assert proposed.case not in Case.objects.waiting_for(cast(who))


# -- what the database holds ---------------------------------------------------------------------------------
def _refused(constraint: str, act: Any) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        act()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert error.value.__cause__.diag.constraint_name == constraint


def test_a_proposal_stays_as_it_was_made(proposed: Any) -> None:
    mine = Proposal.objects.filter(pk=proposed.pk)
    later = proposed.consent_until + timedelta(days=9)
    _refused("a_proposal_is_kept", lambda: mine.update(consent_until=later))
    _refused("a_proposal_is_kept", lambda: mine.update(kind="subsidies.technician"))
    _refused("a_proposal_is_kept", mine.delete)
    rows = ClaimFileRow.objects.filter(pk=proposed.row_id)
    _refused("the_row_of_a_proposal_is_kept", lambda: rows.update(name="别人"))

    def another_number() -> None:
        row = rows.get()
        row.account_number = "99999999"
        row.save()

    _refused("the_row_of_a_proposal_is_kept", another_number)


def test_a_claim_stands_where_the_person_agreed(proposed: Any) -> None:
    mine = Proposal.objects.filter(pk=proposed.pk)
    _refused("a_proposal_becomes_a_claim_by_consent", lambda: mine.update(lapsed=True))
    claim = claiming.claim_at_once(
        proposed.credential_id,
        proposed.kind,
        channel="self",
        by=proposed.worker.account,
        on=timezone.localdate(),
    )
    _refused("a_proposal_becomes_a_claim_by_consent", lambda: mine.update(claim=claim))


def test_the_claim_is_what_was_proposed_and_the_person_agreed(
    cast: Any, plant: Any, welding: Any, proposed: Any
) -> None:
    from portal.cases.actions import transition

    on, clerk = timezone.localdate(), cast("clerk")
    other = certified(works_in(plant, "李秀英", cast("reviewer")), cast("reviewer"), "S2")

    def consents_to(credential: Any) -> None:
        with transition(proposed.pk, "consent", by=clerk, on=on):
            claim = claiming.claim_at_once(credential.pk, proposed.kind, channel="window", by=clerk, on=on)
            Proposal.objects.filter(pk=proposed.pk).update(claim=claim)

    _refused("the_claim_is_what_was_proposed", lambda: consents_to(other))
    _refused("the_person_agreed", lambda: consents_to(welding))


def test_a_unit_proposes_a_certificate_once(cast: Any, proposed: Any) -> None:
    from portal.cases.actions import NewCase, open_cases

    def again() -> None:
        new = NewCase(region_id=OTOG, worker_id=proposed.worker_id, subject="又一件")
        (case,) = open_cases(PROPOSAL, [new], by=cast("clerk"), on=timezone.localdate())
        row = ClaimFileRow.objects.create(file=proposed.row.file, line=99, outcome="good")
        Proposal.objects.create(
            case=case,
            row=row,
            unit=proposed.unit,
            worker=proposed.worker,
            credential_id=proposed.credential_id,
            kind=proposed.kind,
            consent_until=proposed.consent_until,
        )

    _refused("a_unit_proposes_once", again)
