"""A welder of 鄂托克旗 in work, paying contributions, with a confirmed certificate; and how their claims get on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from tests.cast import REGION, make_worker

MONDAY = date(2026, 11, 16)
GROUNDS = "经核查，该证书在全国联网查询中未查到。"
CLAUSE = "合成文号〔2026〕1号第三条"


def confirmed(record: Any, verifier: Any) -> Any:
    """The record, as another person has held it against the document."""
    type(record).objects.filter(pk=record.pk).update(
        verification="confirmed", verified_by=verifier, verified_at=timezone.now(), verified_from="原件"
    )
    record.refresh_from_db()
    return record


def certificate(
    worker: Any,
    verifier: Any,
    *,
    occupation: str = "焊工",
    level: int = 30,
    issued_on: date = date(2026, 9, 1),
    number: str = "",
    in_query: bool | None = True,
) -> Any:
    from portal.workforce.models import SkillCredential

    credential = SkillCredential.objects.create(
        worker=worker, occupation=occupation, level=level, issued_on=issued_on, number=number, source="合成"
    )
    if in_query is not None:
        answered(credential, verifier, found=in_query)
    return confirmed(credential, verifier)


def answered(credential: Any, by: Any, *, found: bool = True, as_of: date | None = None) -> None:
    """What the national query says of a certificate, as an extract of it brought it."""
    from portal.workforce.models import CertificateAnswer, RegisterExtract

    day = as_of or timezone.localdate()
    extract, _ = RegisterExtract.objects.get_or_create(
        kind="certificates",
        fingerprint="7" * 64,
        defaults={
            "register": "合成查询系统",
            "as_of": day,
            "place_id": "150000",
            "covers_from": day,
            "covers_until": day,
            "file_name": "合成查询结果.csv",
            "suffix": ".csv",
            "by": by,
            "phase": "done",
            "merged_at": timezone.now(),
        },
    )
    CertificateAnswer.objects.update_or_create(
        credential=credential, defaults={"found": found, "as_of": day, "extract": extract}
    )


def in_work(
    worker: Any, verifier: Any, *, months: int = 40, on_payroll: bool = False, status: str = "employed"
) -> Any:
    """In work, with so many months insured; both confirmed."""
    from portal.workforce.models import Employment, UnemploymentInsurance

    given = {"worker": worker, "source": "合成"}
    confirmed(
        Employment.objects.create(**given, status=status, public_institution_payroll=on_payroll), verifier
    )
    confirmed(
        UnemploymentInsurance.objects.create(
            **given, months=months, paying=True, drawing_benefit=False, as_of=timezone.localdate()
        ),
        verifier,
    )
    return worker


def training(
    worker: Any,
    *,
    by: Any,
    confirmed_by: Any = None,
    project: str = "senior_technician",
    occupation: str = "焊工",
    completed_on: date = date(2026, 9, 30),
    number: str = "PX2026001",
) -> Any:
    """A training that the worker completed, entered by one officer and, if wanted, confirmed by another."""
    from subsidies import trainings

    given = {
        "project": project,
        "occupation": occupation,
        "provider": "合成技师学院",
        "number": number,
        "completed_on": completed_on,
    }
    made = trainings.enter(worker.pk, given, by=by, on=MONDAY)
    if confirmed_by is not None:
        made = trainings.confirm(made.pk, seen="结业证书原件", by=confirmed_by, on=MONDAY)
    return made


SUBSIDIES = ("employment_subsidy_fund", "training", "indicator", "indicator")
INSURANCE = ("unemployment_insurance_fund", "skill_upgrade", "fund_budget", "payment_order")
USABLE = (date(2026, 1, 1), date(2099, 12, 31))


def line_of(
    cast: Any, fund: tuple[str, ...], region: str = REGION, usable: tuple[date, date] = USABLE
) -> Any:
    """A line of the fund in a place: 周会计 records what it rests on and opens it, 孙立新 confirms."""
    from portal.funds import lines

    code, use, rests_on, _ = fund
    document = _document(cast, code, rests_on, region)
    return lines.open_line(
        document, use=use, region=region, year=2026, usable=usable, by=cast("finance_officer")
    )


def give(cast: Any, line: Any, amount: int) -> None:
    """So many yuan come to the line, up to 100,000 at once."""
    from decimal import Decimal

    from portal.funds import ledger

    finance, approver = cast("finance_officer"), cast("approver")
    document = line.document
    if line.fund.arrives_by != line.fund.rests_on:
        document = _document(cast, line.fund_id, line.fund.arrives_by, line.region_id)
    made = ledger.order(
        "appropriate", line, amount=Decimal(amount), reason="下达", document=document, by=finance
    )
    ledger.approve_order(made.pk, by=approver)
    ledger.carry_out(made.pk, by=finance)


def _document(cast: Any, fund: str, kind: str, region: str) -> Any:
    from decimal import Decimal

    from portal.funds import lines
    from portal.funds.models import AuthorisingDocument, Fund

    said = {
        "kind": kind,
        "number": f"合成资〔2026〕{AuthorisingDocument.objects.count() + 1}号",
        "title": "下达资金的通知",
        "issuer": "合成财政厅",
        "issued_on": date(2026, 1, 15),
    }
    document = lines.record_document(
        Fund.objects.get(pk=fund),
        said=said,
        amount=Decimal(10_000_000),
        region=region,
        by=cast("finance_officer"),
    )
    return lines.confirm_document(document.pk, by=cast("approver"))


def technician_figure(cast: Any, amount: str = "3000.00", since: date = date(2026, 1, 1)) -> None:
    """How much technicians are paid, with a source, entered by one officer and confirmed by another; and 100,000 yuan for
    them, without which nothing is approved.
    """
    give(cast, line_of(cast, SUBSIDIES), 100_000)
    from portal.policy.actions import add_parameter_value, confirm_parameter_value
    from portal.policy.models import Parameter

    parameter = Parameter.objects.get(code="training.technician.amount")
    entered = add_parameter_value(
        parameter, amount, since=since, document="合成文号〔2026〕9号", by=cast("policy_officer")
    )
    confirm_parameter_value(entered, by=cast("second_policy_officer"))


@pytest.fixture(autouse=True)
def _nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.letters import tasks

    monkeypatch.setattr(tasks.build_letters, "delay", lambda letters: None)


@pytest.fixture
def welder(cast: Any) -> Any:
    return in_work(make_worker("王建国"), cast("reviewer"))


@pytest.fixture
def welding(welder: Any, cast: Any) -> Any:
    """The welder's certificate of the intermediate level."""
    return certificate(welder, cast("reviewer"), number="S000015000001")


@pytest.fixture
def handed_in(cast: Any) -> Callable[..., Any]:
    """A claim by a certificate, handed in at the window."""

    def hand_in(credential: Any, kind: str = "subsidies.skill-upgrade", on: date = MONDAY) -> Any:
        from subsidies.claiming import claim_at_once

        return claim_at_once(credential.pk, kind, channel="window", by=cast("clerk"), on=on)

    return hand_in


@pytest.fixture
def accepted(cast: Any, handed_in: Callable[..., Any]) -> Callable[..., Any]:
    def accept(credential: Any, kind: str = "subsidies.skill-upgrade", on: date = MONDAY) -> Any:

        from subsidies import claiming

        return claiming.accept(handed_in(credential, kind, on).pk, by=cast("clerk"), on=on)

    return accept


@pytest.fixture
def reviewed(cast: Any, accepted: Callable[..., Any]) -> Callable[..., Any]:
    """A claim that 巴特尔 has reviewed and 孙立新 may decide."""

    def review(credential: Any, kind: str = "subsidies.skill-upgrade", on: date = MONDAY) -> Any:
        from subsidies import handling

        return handling.review(accepted(credential, kind, on).pk, by=cast("reviewer"), on=on)

    return review


@pytest.fixture
def rejected(cast: Any, reviewed: Callable[..., Any]) -> Callable[..., Any]:
    """孙立新 has decided against it, and 陈静 has signed."""

    def reject(credential: Any, on: date = MONDAY) -> Any:
        from subsidies import handling, signing

        claim = handling.reject(reviewed(credential, on=on).pk, reason=GROUNDS, by=cast("approver"), on=on)
        return signing.countersign(claim.pk, by=cast("regional_reviewer"), on=on)

    return reject


@pytest.fixture
def approved(cast: Any, reviewed: Callable[..., Any]) -> Callable[..., Any]:
    def approve(credential: Any, on: date = MONDAY) -> Any:
        from subsidies import handling

        return handling.approve(reviewed(credential, on=on).pk, by=cast("approver"), on=on)

    return approve


@pytest.fixture
def annulled(cast: Any, approved: Callable[..., Any]) -> Callable[..., Any]:
    """白音 has decided that the approval does not stand, and 陈静 has signed."""

    def annul(credential: Any, on: date = MONDAY) -> Any:
        from subsidies import signing

        claim = approved(credential, on=on)
        signing.annul(claim.pk, reason=GROUNDS, clause=CLAUSE, by=cast("supervisor"), on=on)
        return signing.countersign(claim.pk, by=cast("regional_reviewer"), on=on)

    return annul


@pytest.fixture
def second_approver() -> Any:
    """斯琴, an approver who had no part in anything yet."""
    from tests.cast import REGION, make_account

    return make_account("region.approver2", "斯琴", "approver", REGION)


@pytest.fixture
def own(welder: Any) -> Any:
    """王建国's own account."""
    from tests.cast import make_account

    account = make_account("wang.jianguo", "王建国", "worker", welder.work_region_id)
    welder.account = account
    welder.save(update_fields=["account"])
    return account


@pytest.fixture
def figure(cast: Any) -> None:
    technician_figure(cast)


@pytest.fixture
def technician(cast: Any, welder: Any, accepted: Any, figure: None) -> Any:
    """王建国's claim by the certificate of a technician, reviewed twice."""
    from subsidies.schemes import TECHNICIAN
    from tests.subsidies.announced import reviewed_twice

    senior = certificate(welder, cast("reviewer"), level=50, number="J1")
    return reviewed_twice(accepted(senior, TECHNICIAN), cast)


@pytest.fixture
def announced(cast: Any, technician: Any) -> Any:
    from subsidies.on_notice import announcing

    return announcing.announce(technician.pk, by=cast("reviewer"), on=MONDAY)


@pytest.fixture
def another(cast: Any, accepted: Any, figure: None) -> Any:
    """高云飞's claim, reviewed twice."""
    from subsidies.schemes import TECHNICIAN
    from tests.subsidies.announced import reviewed_twice

    worker = in_work(make_worker("高云飞"), cast("reviewer"))
    senior = certificate(worker, cast("reviewer"), level=50, number="J2")
    return reviewed_twice(accepted(senior, TECHNICIAN), cast)
