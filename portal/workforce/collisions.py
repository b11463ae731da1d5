"""What stands twice when two records are one: shown before a merge, and left as findings after it.

Every part of the portal says for itself what would stand twice in it; it registers a check when the application
starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from portal.formats import date_iso
from portal.workforce.models import Employer, EmployerAgent, Employment, Worker
from portal.workforce.models.credentials import PayeeState
from portal.workforce.models.scarce import fold_occupation


@dataclass(frozen=True)
class Collision:
    """One thing that somebody has to settle, in words."""

    kind: str
    text: str


PersonCheck = Callable[[Worker, Worker], Iterable[Collision]]
UnitCheck = Callable[[Employer, Employer], Iterable[Collision]]
_PERSON_CHECKS: list[PersonCheck] = []
_UNIT_CHECKS: list[UnitCheck] = []


def check_people(check: PersonCheck) -> PersonCheck:
    """Ask to be asked of two people before they are merged. Registered once more it stays one."""
    if check not in _PERSON_CHECKS:
        _PERSON_CHECKS.append(check)
    return check


def check_units(check: UnitCheck) -> UnitCheck:
    """The same of two units."""
    if check not in _UNIT_CHECKS:
        _UNIT_CHECKS.append(check)
    return check


def of_people(source: Worker, target: Worker) -> list[Collision]:
    """Everything that would stand twice, were the first record merged into the second."""
    return [collision for check in _PERSON_CHECKS for collision in check(source, target)]


def of_units(source: Employer, target: Employer) -> list[Collision]:
    return [collision for check in _UNIT_CHECKS for collision in check(source, target)]


@check_people
def _accounts(source: Worker, target: Worker) -> Iterable[Collision]:
    if source.account_id and target.account_id:
        yield Collision("两个网上账号", "两份档案都已开通网上账号，请与本人确认保留哪一个，停用另一个。")


@check_people
def _payees(source: Worker, target: Worker) -> Iterable[Collision]:
    confirmed = [
        account
        for worker in (source, target)
        for account in worker.payee_accounts.filter(state=PayeeState.CONFIRMED)
    ]
    if len(confirmed) > 1:
        shown = "、".join(f"{account.bank}{account.masked_number}" for account in confirmed)
        yield Collision("两个收款账户", f"两份档案都有收款账户（{shown}），请确认今后拨付到哪一个。")


@check_people
def _employments(source: Worker, target: Worker) -> Iterable[Collision]:
    running = [
        employment
        for worker in (source, target)
        for employment in worker.employments.filter(ended_on__isnull=True).select_related("employer")
    ]
    if len(running) > 1:
        shown = "、".join(f"{employment}（{_since(employment)}）" for employment in running)
        yield Collision(
            "就业信息重叠", f"两份档案各有一条未终止的就业信息（{shown}），请核对后终止其中一条。"
        )


def _since(employment: Employment) -> str:
    if employment.started_on is None:
        return "开始日期未登记"
    return f"自{date_iso(employment.started_on)}"


@check_people
def _certificates(source: Worker, target: Worker) -> Iterable[Collision]:
    theirs = target.credentials.exclude(number="").values_list("number", flat=True)
    for credential in source.credentials.filter(number__in=list(theirs)):
        yield Collision(
            "同一证书", f"证书{credential.number}（{credential}）登记在两份档案中，请撤销重复的一条。"
        )


@check_people
def _claims(source: Worker, target: Worker) -> Iterable[Collision]:
    theirs = {(one.kind, fold_occupation(one.occupation), one.level): one for one in target.claims.all()}
    for claim in source.claims.all():
        same = theirs.get((claim.kind, fold_occupation(claim.occupation), claim.level))
        if same:
            yield Collision(
                "同一补贴领取两次",
                f"{claim}在两份档案中各有一次领取记录（{claim.claimed_on}、{same.claimed_on}），请核查是否重复领取。",
            )


@check_people
def _honours(source: Worker, target: Worker) -> Iterable[Collision]:
    for honour in source.honours.select_related("type"):
        if target.honours.filter(type=honour.type_id, year=honour.year).exists():
            yield Collision("同一荣誉", f"{honour.type}（{honour.year}年）登记在两份档案中，请核对。")


@check_people
def _insurance(source: Worker, target: Worker) -> Iterable[Collision]:
    first, second = getattr(source, "insurance", None), getattr(target, "insurance", None)
    if first and second and first.months != second.months:
        yield Collision(
            "失业保险记录不同", f"两份档案的失业保险记录不同（{first}、{second}），以截至日期较近的为准。"
        )


@check_units
def _codes(source: Employer, target: Employer) -> Iterable[Collision]:
    if source.credit_code and target.credit_code:
        yield Collision(
            "两个统一社会信用代码",
            f"两份档案的代码不同（{source.credit_code}、{target.credit_code}），请核对是否确为同一单位。",
        )


@check_units
def _agents(source: Employer, target: Employer) -> Iterable[Collision]:
    counts = [EmployerAgent.objects.filter(employer=unit).count() for unit in (source, target)]
    if all(counts):
        yield Collision("两边都有经办人", "两份档案都任用了经办人，并入后都可以代表该单位，请核对。")


@check_units
def _kinds(source: Employer, target: Employer) -> Iterable[Collision]:
    if source.kind and target.kind and source.kind != target.kind:
        yield Collision(
            "单位性质不同",
            f"两份档案的单位性质不同（{source.get_kind_display()}、{target.get_kind_display()}），"
            "以保留的档案为准。",
        )
