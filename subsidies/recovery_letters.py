"""The letters by which a paid subsidy is asked back: the decision, that its plan is changed, what is set off from a later
one, and the reminder (portal.funds.recovery_letters).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from portal.accounts.access import NotNow
from portal.formats import date_cn, yuan
from portal.funds.models import (
    ChangedInstalment,
    Heard,
    Instalment,
    PlanChange,
    Recovery,
    RecoveryHearing,
    Way,
)
from portal.funds.money import yuan as in_yuan
from portal.funds.recovering import come_of
from portal.funds.recovery_letters import SetOff, register_writer
from portal.letters import kinds
from portal.letters.decisions import Authority, Recipient
from portal.letters.kinds import Kind
from portal.letters.remedies import RemedyOf, missing_figures
from subsidies.adverse_letters import place_of
from subsidies.letters import about
from subsidies.models import Claim
from subsidies.schemes import SCHEMES

DECISION, REMINDER = "subsidies.recovery", "subsidies.recovery_reminder"
CHANGED_PLAN = "subsidies.recovery_plan"
SET_OFF = "subsidies.recovery_set_off"
_NUMBER = (("case_number", "办件编号"),)
KINDS = (
    Kind(
        DECISION,
        "追回补贴决定",
        "关于追回补贴的决定",
        "letters/claim_recovery.html",
        adverse=True,
        needs=("matter", "decision", "how", "heard", "case_number", "decided_by", "made_by"),
        public=_NUMBER,
    ),
    Kind(
        CHANGED_PLAN,
        "变更补贴退还期限决定",
        "关于变更补贴退还期限的决定",
        "letters/decision.html",
        adverse=True,
        needs=("matter", "decision", "case_number"),
        public=_NUMBER,
    ),
    Kind(
        SET_OFF,
        "抵扣补贴告知书",
        "关于从补贴中抵扣应当退还款项的告知书",
        "letters/letter.html",
        needs=("paragraphs", "case_number"),
        public=_NUMBER,
    ),
    Kind(
        REMINDER,
        "追回补贴催告书",
        "关于退还补贴的催告书",
        "letters/letter.html",
        needs=("paragraphs", "case_number"),
        public=_NUMBER,
    ),
)


class OfClaims:
    """Writes about claims, in the name of the office of their league."""

    def decided(self, recovery: Recovery, *, by: Any, on: date) -> str:
        """The decision with grounds, clause and remedies; its number. NotNow while a remedy has no value."""
        claim = _claim_of(recovery)
        _require_remedies(claim, on)
        told = about(claim)
        letter = Authority(place_of(claim), RemedyOf(place_of(claim))).decide(
            DECISION,
            Recipient.of_case(claim.case, claim.worker),
            matter=f"退还已支付给你的{told['scheme']}（办件编号{told['case_number']}）一事",
            decision=f"你应当退还已支付的{told['scheme']}{yuan(recovery.sum)}（追回编号{recovery.number}）",
            grounds=recovery.grounds,
            clause=recovery.clause,
            context={
                "case_number": told["case_number"],
                "how": _how(recovery),
                "heard": _heard(recovery.hearing),
                "decided_by": str(by),
                "made_by": str(recovery.made_by),
            },
            by=by,
            on=on,
        )
        return letter.number_text

    def replanned(self, change: PlanChange, *, by: Any, on: date) -> str:
        """The decision that what is still to come comes by other days; its number. NotNow while a remedy has no value."""
        recovery = change.recovery
        claim = _claim_of(recovery)
        _require_remedies(claim, on)
        told = about(claim)
        terms = _terms(change.instalments.order_by("position"))
        letter = Authority(place_of(claim), RemedyOf(place_of(claim))).decide(
            CHANGED_PLAN,
            Recipient.of_case(claim.case, claim.worker),
            matter=f"变更{told['scheme']}（办件编号{told['case_number']}，追回编号{recovery.number}）退还期限一事",
            decision=f"尚未退还的{yuan(change.sum)}，退还期限变更为：{terms}。"
            f"其他内容仍按《关于追回补贴的决定》（{recovery.letter_number}）执行",
            grounds=change.reason,
            clause=change.clause,
            context={"case_number": told["case_number"]},
            by=by,
            on=on,
        )
        return letter.number_text

    def set_off(self, set_off: SetOff, *, by: Any, on: date) -> str:
        """The notice of what is set off, and of what is paid all the same; its number."""
        recovery = set_off.recovery
        claim, later = _claim_of(recovery), _later_claim(set_off)
        told = about(later)
        authority = Authority(place_of(claim), RemedyOf(place_of(claim)))
        letter = authority.write(
            SET_OFF,
            Recipient.of_case(later.case, later.worker),
            {"paragraphs": _set_off_in_words(set_off, told), "case_number": told["case_number"]},
            by=by,
            on=on,
        )
        return letter.number_text

    def reminded(self, recovery: Recovery, *, rest: int, pay_by: date, by: Any, on: date) -> str:
        """The reminder over what is still to come; its number."""
        claim = _claim_of(recovery)
        told = about(claim)
        assert recovery.decided_on is not None  # noqa: S101  only what was decided is reminded of
        pays = f"汇至：{recovery.pay_to}，汇款附言写明追回编号{recovery.number}。" if recovery.pay_to else ""
        paragraphs = [
            f"本机关于{date_cn(recovery.decided_on)}作出《关于追回补贴的决定》（{recovery.letter_number}），"
            f"决定追回已支付给你的{told['scheme']}{yuan(recovery.sum)}。你至今尚有{yuan(in_yuan(rest))}没有退还。",
            f"请于{date_cn(pay_by)}前退还{yuan(in_yuan(rest))}。{pays}",
            "收到本催告书后，你有权进行陈述和申辩。催告书送达十日后仍未履行的，本机关可以依法申请人民法院强制执行"
            "（行政强制法第五十三条、第五十四条）。",
        ]
        letter = Authority(place_of(claim), RemedyOf(place_of(claim))).write(
            REMINDER,
            Recipient.of_case(claim.case, claim.worker),
            {"paragraphs": paragraphs, "case_number": told["case_number"]},
            by=by,
            on=on,
        )
        return letter.number_text


_WRITER = OfClaims()


def register_all() -> None:
    """Make the letters known, and who writes them."""
    for kind in KINDS:
        kinds.register(kind)
    for scheme in SCHEMES:
        register_writer(scheme, _WRITER)


def _require_remedies(claim: Claim, on: date) -> None:
    """NotNow while the place's figures do not say how one turns against a decision."""
    if lacking := missing_figures(place_of(claim), on):
        raise NotNow(f"决定书须写明复议机关、期限和法院，尚未录入：{'、'.join(lacking)}。")


def _claim_of(recovery: Recovery) -> Claim:
    return Claim.objects.select_related("case__region", "worker").get(pk=recovery.payable.case_id)


def _later_claim(set_off: SetOff) -> Claim:
    """Whose money is kept back. Of a fund that programmes share it may be somebody else's case: NotNow."""
    later = Claim.objects.select_related("case__region", "worker").filter(pk=set_off.benefit.case_id).first()
    if later is None:
        raise NotNow("该待遇不是补贴申请，请由其经办部门书面告知后办理抵扣。")
    return later


def _set_off_in_words(set_off: SetOff, told: dict[str, Any]) -> list[str]:
    """What was decided, what is kept back, what is paid, and what is still to come."""
    recovery, off = set_off.recovery, yuan(set_off.off_sum)
    benefit = f"已批准你的{told['scheme']}{yuan(set_off.benefit.sum)}（办件编号{told['case_number']}）"
    if set_off.paid_sum:
        how = f"{benefit}，其中{off}抵作你应当退还的款项，不再支付；其余{yuan(set_off.paid_sum)}照常支付到你的收款账户。"
    else:
        how = f"{benefit}，全部抵作你应当退还的款项，不再支付。"
    rest = recovery.amount - come_of(recovery) - set_off.off
    left = (
        f"还应退还{yuan(in_yuan(rest))}，继续从以后批准的待遇中抵扣。"
        if rest
        else "应当退还的款项已全部退还。"
    )
    fund = recovery.payable.line.fund
    assert recovery.decided_on is not None  # noqa: S101  only what was decided is set off
    return [
        f"本机关于{date_cn(recovery.decided_on)}作出《关于追回补贴的决定》（{recovery.letter_number}，追回编号"
        f"{recovery.number}），决定追回{yuan(recovery.sum)}，从以后批准你的{fund}待遇中抵扣（{fund.sets_off_by}）。",
        how,
        f"抵扣后，{left}",
    ]


def _how(recovery: Recovery) -> list[str]:
    """How it is to be paid, in sentences."""
    if recovery.way == Way.SET_OFF:
        fund = recovery.payable.line.fund
        return [f"上述款项从以后批准你的{fund}待遇中抵扣（{fund.sets_off_by}）。"]
    plan = list(recovery.instalments.all())
    to = f"退还款项请汇至：{recovery.pay_to}，并在汇款附言中写明追回编号{recovery.number}。"
    if len(plan) == 1:
        return [f"请于{date_cn(plan[0].due_on)}前一次退还。", to]
    return [f"分{len(plan)}期退还：{_terms(plan)}。", to]


def _terms(plan: Iterable[Instalment | ChangedInstalment]) -> str:
    """Each instalment with its day and sum."""
    return "；".join(f"第{one.position}期{date_cn(one.due_on)}前退还{yuan(one.sum)}" for one in plan)


def _heard(hearing: RecoveryHearing) -> str:
    """What the person said before, and what came of that."""
    told = (
        f"作出本决定前，本机关于{date_cn(hearing.told_on)}告知你拟作出决定的事实、理由、依据和你享有的权利。"
    )
    if hearing.heard == Heard.SILENT:
        return f"{told}你在{date_cn(hearing.heard_on)}期满前没有提出陈述申辩。"
    if hearing.heard == Heard.WAIVED:
        return f"{told}你于{date_cn(hearing.heard_on)}书面表示放弃陈述申辩。"
    how = "在听证中提出" if hearing.heard == Heard.HEARING else "提出"
    return f"{told}你于{date_cn(hearing.heard_on)}{how}：{hearing.said}。采纳情况：{hearing.answer}。"
