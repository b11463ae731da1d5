"""One person of 鄂托克旗 about whom there is everything that somebody elsewhere must not see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.cases.conftest import picture, upload
from tests.cast import OTOG, make_account, make_honour
from tests.selection.nominees import make_employer, make_skilled, nominated, today
from tests.selection.running import play

NAME, UNIT, PHONE, ACCOUNT_NUMBER = (
    "斯琴图雅格日勒",
    "鄂托克旗百眼井焊接厂",
    "13848770123",
    "6217000830004567890",
)
STATEMENT = "在百眼井的炉前干了十九年"


@dataclass
class Furnished:
    """The numbers by which addresses name what there is."""

    worker: Any
    unit: Any
    agent: Any
    expert: Any
    clerk: Any
    nomination: Any
    numbers: dict[str, int] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)

    @property
    def own(self) -> Any:
        return self.worker.account

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no page may say to somebody who does not belong."""
        number = self.worker.id_number
        masked = (self.worker.masked_id_number, self.worker.masked_phone)
        return (NAME, UNIT, STATEMENT, PHONE, number, ACCOUNT_NUMBER, *masked)


def furnish(cast: Callable[[str], Any]) -> Furnished:
    """The person with account, unit and agent; nominated, with a certificate handed in, and given to an expert; with an
    honour, an account for the money, a request, a letter, an offer, and what waits for a second person.
    """
    clerk, agent, expert = cast("clerk"), cast("employer_agent"), cast("panel_expert")
    round_ = play(cast, "open", ordos=0, baotou=0)
    unit = make_employer(UNIT, agents=(agent,))
    worker = make_skilled(NAME, unit=unit, level=50)
    worker.set_phone(PHONE)
    worker.account = make_account("w20260777", "本人账号", "worker", OTOG)
    worker.save()
    worker.refresh_from_db()
    given = {"channel": "employer", "employer_id": unit.pk, "state": "draft"}
    nomination = nominated(worker, round_, agent, **given)
    made = Furnished(worker, unit, agent, expert, clerk, nomination)
    _nominate(made, cast)
    _record(made)
    _put_on_the_worklist(made, cast)
    _write_a_letter(made)
    _give_an_extract_in(made, cast)
    _claim(made)
    _put_forward(made)
    _keep_money(made, cast)
    return made


def _nominate(made: Furnished, cast: Callable[[str], Any]) -> None:
    from portal.cases.evidence.files import attach
    from talent_registry.models import Nomination
    from talent_registry.selection import nominating, panel

    pk = made.nomination.pk
    Nomination.objects.filter(pk=pk).update(statement=STATEMENT)
    file = attach(pk, upload(picture(), "证书.png"), label="技师证书", by=made.agent, on=today())
    nominating.submit(pk, by=made.agent, on=today())
    nominating.accept(pk, by=made.clerk, on=today())
    assigned = panel.assign([pk], [made.expert.pk], by=cast("registry_officer"), on=today())
    made.numbers |= {"evidence": file.pk, "sheet": assigned.made[0].pk}
    made.cases["nomination"] = made.nomination.case.number


def _record(made: Furnished) -> None:
    from portal.workforce.actions import attach_document, propose_payee
    from portal.workforce.models import SkillCredential

    honour = make_honour(made.worker, recorded_by=made.clerk)
    payee = propose_payee(
        made.worker.pk,
        bank="中国建设银行鄂托克旗支行",
        account_number=ACCOUNT_NUMBER,
        source="银行卡复印件",
        by=made.clerk,
        on=today(),
    )
    record = SkillCredential.objects.get(worker=made.worker)
    document = attach_document(
        "credential", record.pk, upload(picture(colour="blue")), label="", by=made.clerk, on=today()
    )
    made.numbers |= {
        "honour": honour.pk, "payee": payee.pk, "credential": record.pk, "document": document.pk
    }  # fmt: skip


def _claim(made: Furnished) -> None:
    """A claim by the certificate, begun at the window, with a file."""
    from portal.cases.evidence.files import attach
    from portal.workforce.actions.answers import state_answer
    from subsidies.claiming import draft
    from subsidies.models import CompletedTraining, Course
    from subsidies.schemes import TECHNICIAN

    claim = draft(made.numbers["credential"], TECHNICIAN, channel="window", by=made.clerk, on=today())
    file = attach(claim.pk, upload(picture(), "证书.png"), label="技师证书", by=made.clerk, on=today())
    made.cases["claim"] = claim.case.number
    training = CompletedTraining.objects.create(
        worker=made.worker,
        project="senior_technician",
        occupation="钳工",
        provider=UNIT,
        number="PX2026001",
        completed_on=today(),
        entered_by=made.clerk,
    )
    state_answer(
        made.numbers["credential"],
        found=True,
        as_of=today(),
        picture=upload(picture(colour="green"), "查询.png"),
        by=made.clerk,
        on=today(),
    )
    made.numbers |= {
        "evidence_of_claim": file.pk,
        "course": Course.objects.earliest("pk").pk,
        "training": training.pk,
    }


def _put_forward(made: Furnished) -> None:
    """The unit's list of claims, and what it put forward for the person."""
    from portal.cases.actions import NewCase, open_cases
    from subsidies.models import ClaimFile, ClaimFileRow, Proposal
    from subsidies.schemes import TECHNICIAN

    given = ClaimFile.objects.create(
        unit=made.unit, by=made.agent, file_name=f"{UNIT}名单.csv", suffix=".csv", fingerprint="2" * 64,
        phase="checked", rows_read=1, good=1,
    )  # fmt: skip
    about = {"worker": made.worker, "credential_id": made.numbers["credential"], "kind": TECHNICIAN}
    row = ClaimFileRow(file=given, line=2, name=NAME, outcome="good", bank=UNIT, **about)
    row.account_number = ACCOUNT_NUMBER
    row.save()
    new = NewCase(region_id=OTOG, worker_id=made.worker.pk, subject=f"技师培训补贴：{NAME}")
    (case,) = open_cases("subsidies.proposal", [new], by=made.agent, on=today())
    Proposal.objects.create(case=case, row=row, unit=made.unit, consent_until=today(), **about)
    made.numbers["claim_file"] = given.pk
    made.cases["proposal"] = case.number


def _put_on_the_worklist(made: Furnished, cast: Callable[[str], Any]) -> None:
    from portal.entitlements.matching import match
    from portal.entitlements.models import Offer
    from portal.entitlements.rectifications import request_rectification
    from portal.jobs.models import Job
    from portal.workforce.actions import propose_pointer
    from portal.workforce.models import RosterImport, UnmaskingAlert

    worker = made.worker
    request = request_rectification(
        worker.pk, ["front_line_years"], f"{STATEMENT}，少记了。", by=worker.account, on=today()
    )
    match(today(), cause="试")
    pointer = propose_pointer("person", worker.pk, None, reason=f"{NAME}登记有误", by=made.clerk, on=today())
    job = Job.objects.create(kind="roster.import", title=f"导入{UNIT}花名册.csv", by=made.clerk)
    roster = RosterImport.objects.create(
        job=job, by=made.clerk, file_name=f"{UNIT}花名册.csv", suffix=".csv", fingerprint="0" * 64
    )
    alert = UnmaskingAlert.objects.create(
        by=made.clerk, day=today(), region_id=OTOG, league_code=worker.league_code
    )
    made.numbers |= {
        "offer": Offer.objects.filter(worker=worker).order_by("pk").values_list("pk", flat=True)[0],
        "pointer": pointer.pk,
        "job": job.pk,
        "roster": roster.pk,
        "alert": alert.pk,
    }
    made.cases["request"] = request.number


def _give_an_extract_in(made: Furnished, cast: Callable[[str], Any]) -> None:
    """One that waits to be confirmed, with what was seen of it, and a statement that waits for a second officer."""
    from portal.workforce.models import DecidedHere, RegisterExtract

    extract = RegisterExtract.objects.create(
        kind="insurance",
        register=UNIT,
        as_of=today(),
        place_id=OTOG,
        covers_from=today(),
        covers_until=today(),
        file_name=f"{UNIT}摘录.csv",
        suffix=".csv",
        fingerprint="1" * 64,
        by=cast("reviewer"),
        phase="examined",
        rows_read=1,
        added=1,
        understood=[{"line": 2, "cells": {"证件号码": made.worker.masked_id_number}}],
    )
    statement = DecidedHere.objects.create(
        place_id=OTOG,
        fund="employment_subsidy_fund",
        since=today(),
        basis=UNIT,
        stated_by=cast("reviewer"),
    )
    made.numbers |= {"extract": extract.pk, "statement": statement.pk}


def _keep_money(made: Furnished, cast: Callable[[str], Any]) -> None:
    """A line of the banner that rests on a document about the unit, and an order that nobody has approved."""
    from portal.cases.models import Case
    from portal.funds import closing, ledger, lines
    from portal.funds.models import Fund
    from tests.security.furnished_payments import pay

    finance = cast("finance_officer")
    said = {"kind": "indicator", "number": "1", "title": UNIT, "issuer": "合成财政局", "issued_on": today()}
    fund = Fund.objects.get(pk="employment_subsidy_fund")
    document = lines.record_document(fund, said=said, amount=Decimal(5000), region=OTOG, by=finance)
    document = lines.confirm_document(document.pk, by=cast("approver"))
    usable = today(), today()
    line = lines.open_line(document, use="training", region=OTOG, year=2026, usable=usable, by=finance)
    order = ledger.order(
        "appropriate", line, amount=Decimal(5), reason=STATEMENT, document=document, by=finance
    )
    ending = closing.draw_up(
        fund, [closing.Said(line)], number="2", title=UNIT, day=today(), region=OTOG, by=finance
    )
    made.numbers |= {
        "document_of_money": document.pk,
        "line": line.pk,
        "order": order.pk,
        "closing": ending.pk,
    }
    case = Case.objects.get(number=made.cases["request"])
    pay(made, cast, line=line, document=document, case=case, name=NAME, account=ACCOUNT_NUMBER)


def _write_a_letter(made: Furnished) -> None:
    from portal.letters.actions import issue
    from talent_registry.letters import ISSUER, REFUSAL

    context = {"matter": f"你申请纳入名录一事（{STATEMENT}）", "decision": "不予纳入", "case_number": "1"}
    about = {"addressee": NAME, "worker": made.worker.pk, "region": made.worker.work_region_id}
    letter = issue(
        kind=REFUSAL, issuer=ISSUER, context=context, grounds="不符合条件。", clause="第一条",
        remedy="可以申请行政复议。", by=None, on=today(), **about,
    )  # fmt: skip
    made.cases["letter"] = letter.code
