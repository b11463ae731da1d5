"""In the demonstration two funds have money in three leagues: by documents that two people held against the paper, on lines
of their own; one document and one order still wait for somebody. All of it is made up. What was paid of it in the year
before stands in `portal.funds.demo_payments`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import Role
from portal.demo import Demo
from portal.funds import ledger, lines
from portal.funds.models import AuthorisingDocument, DocumentKind, Fund, Line, Use
from portal.funds.moment import telling_of
from portal.funds.moves import MoveCode

_REGION = "150000"
# 鄂尔多斯市, 包头市, 呼和浩特市: what insurance and employment subsidies give each. That of 鄂尔多斯市 is nearly used up, so
# that of the claims that are approved there some wait for money.
LEAGUES = ("150600", "150200", "150100")
_GIVEN = {"150600": (2_500, 400_000), "150200": (600_000, 300_000), "150100": (500_000, 250_000)}
_YEAR = 330


def begin_of_year(on: date) -> date:
    """The first day of the year that the demonstration tells of; its lines are used from then on."""
    return min(date(on.year, 1, 1), (on - timedelta(days=_YEAR)).replace(day=1))


def telling(on: date, hour: int = 10) -> AbstractContextManager[None]:
    """An hour of a day in which something is done with money; never one that is still to come."""
    at = timezone.make_aware(datetime.combine(on, time(hour)))
    return telling_of(min(at, timezone.now()))


def load(demo: Demo) -> None:
    second_approver = _hired("demo.approver2", "那日苏", Role.APPROVER)
    demo.backstage["second_approver"] = second_approver
    office = Office(demo)
    budget = office.document(
        "unemployment_insurance_fund",
        DocumentKind.FUND_BUDGET,
        "合成基金预算",
        "失业保险基金支出预算",
        3_000_000,
    )
    order = office.document(
        "unemployment_insurance_fund",
        DocumentKind.PAYMENT_ORDER,
        "合成拨付单1",
        "失业保险基金用款拨付单",
        1_900_000,
    )
    indicator = office.document(
        "employment_subsidy_fund", DocumentKind.INDICATOR, "合成财社1", "下达就业补助资金的通知", 1_900_000
    )
    with telling(begin_of_year(demo.on)):
        for region, (insurance, subsidies) in _GIVEN.items():
            office.give(office.line(budget, Use.SKILL_UPGRADE, region), insurance, order)
            office.give(office.line(indicator, Use.TRAINING, region), subsidies, indicator)
    office.leave_something_to_do(indicator, budget, order)


def _hired(username: str, name: str, role: Role) -> Any:
    user = User.objects.create_user(username, None, display_name=name)
    RoleAssignment.objects.create(user=user, role=role, region_id=_REGION)
    return user


class Office:
    """Who does what with the money of the demonstration."""

    def __init__(self, demo: Demo) -> None:
        self._on = demo.on
        self._begin = begin_of_year(demo.on)
        self._finance = demo.people["finance_officer"]
        self._colleague = demo.people["second_finance_officer"]
        self._approvers = (demo.people["approver"], demo.backstage["second_approver"])

    def document(
        self, fund: str, kind: DocumentKind, number: str, title: str, amount: int
    ) -> AuthorisingDocument:
        recorded = self._recorded(fund, kind, number, title, amount)
        return lines.confirm_document(recorded.pk, by=self._colleague)

    def _recorded(
        self, fund: str, kind: DocumentKind, number: str, title: str, amount: int
    ) -> AuthorisingDocument:
        said = {
            "kind": kind,
            "number": f"{number}（演示）",
            "title": f"{title}（演示）",
            "issuer": "合成财政部门",
            "issued_on": self._begin,
        }
        return lines.record_document(
            Fund.objects.get(pk=fund), said=said, amount=Decimal(amount), region=_REGION, by=self._finance
        )

    def line(self, document: AuthorisingDocument, use: Use, region: str) -> Line:
        usable = self._begin, date(self._on.year, 12, 31)
        return lines.open_line(
            document, use=use, region=region, year=self._on.year, usable=usable, by=self._finance
        )

    def give(self, line: Line, amount: int, document: AuthorisingDocument) -> None:
        made = self._ordered(line, amount, document)
        for approver in self._approvers:
            ledger.approve_order(made.pk, by=approver)
        ledger.carry_out(made.pk, by=self._colleague)

    def _ordered(self, line: Line, amount: int, document: AuthorisingDocument) -> Any:
        return ledger.order(
            MoveCode.APPROPRIATE,
            line,
            amount=Decimal(amount),
            reason="按文件下达",
            document=document,
            by=self._finance,
        )

    def leave_something_to_do(
        self, indicator: AuthorisingDocument, budget: AuthorisingDocument, order: AuthorisingDocument
    ) -> None:
        """A document that nobody has confirmed, and orders that nobody has approved: one gives the line money for which
        claims wait.
        """
        self._recorded(
            "award_budget", DocumentKind.INDICATOR, "合成财行1", "下达技能竞赛奖励资金的通知", 200_000
        )
        line = Line.objects.filter(document=indicator).earliest("pk")
        self._ordered(line, 100_000, indicator)
        self._ordered(Line.objects.filter(document=budget).earliest("pk"), 80_000, order)
