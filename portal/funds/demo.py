"""In the demonstration two funds have money in three leagues: by documents that two people held against the paper, on lines
of their own; one document and one order still wait for somebody. All of it is made up.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import Role
from portal.demo import Demo
from portal.funds import ledger, lines
from portal.funds.models import AuthorisingDocument, DocumentKind, Fund, Line, Use
from portal.funds.moves import MoveCode

_REGION = "150000"
# 鄂尔多斯市, 包头市, 赤峰市: what insurance and employment subsidies give each. That of 鄂尔多斯市 is nearly used up, so that
# of the claims that are approved there some wait for money.
_LEAGUES = (("150600", 2_500, 400_000), ("150200", 600_000, 300_000), ("150400", 500_000, 250_000))


def load(demo: Demo) -> None:
    colleague = _hired("demo.finance2", "吴敬", Role.FINANCE_OFFICER)
    second_approver = _hired("demo.approver2", "那日苏", Role.APPROVER)
    office = _Office(demo, colleague, second_approver)
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
    for region, insurance, subsidies in _LEAGUES:
        office.give(office.line(budget, Use.SKILL_UPGRADE, region), insurance, order)
        office.give(office.line(indicator, Use.TRAINING, region), subsidies, indicator)
    office.leave_something_to_do(indicator, budget, order)


def _hired(username: str, name: str, role: Role) -> Any:
    user = User.objects.create_user(username, None, display_name=name)
    RoleAssignment.objects.create(user=user, role=role, region_id=_REGION)
    return user


class _Office:
    """Who does what with the money of the demonstration."""

    def __init__(self, demo: Demo, colleague: Any, second_approver: Any) -> None:
        self._on = demo.on
        self._finance = demo.people["finance_officer"]
        self._colleague = colleague
        self._approvers = (demo.people["approver"], second_approver)

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
            "issued_on": date(self._on.year, 1, 4),
        }
        return lines.record_document(
            Fund.objects.get(pk=fund), said=said, amount=Decimal(amount), region=_REGION, by=self._finance
        )

    def line(self, document: AuthorisingDocument, use: Use, region: str) -> Line:
        usable = date(self._on.year, 1, 1), date(self._on.year, 12, 31)
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
