"""What may be done with a claim: the page of each step, for the office and for those whose claim it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from portal.cases.reviews import AsRead, Recommendation
from portal.formats import yuan
from portal.pages.access import signed_in
from portal.pages.action_page import posted
from portal.pages.case_page import take_action
from portal.pages.forms import MissingForm, NothingForm, ReasonForm
from subsidies import adverse, claiming, handling
from subsidies.reconsidering import WITHDRAW_REQUEST
from subsidies.views import against, on_notice
from subsidies.views.claim_page import HERE, ClaimPage


class DecisionForm(forms.Form):
    """What the officer read when the page was opened: the version of the case and what would be decided."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, page: ClaimPage, data: Any = None) -> None:
        read = handling.as_it_stands([page.case.pk])[page.case.pk]
        super().__init__(data, initial={"version": read.version, "digest": read.digest})


class ReviewForm(DecisionForm):
    """The same, with what the reviewer says to whoever decides."""

    recommendation = forms.ChoiceField(
        label="审核结论",
        choices=Recommendation.choices,
        initial=Recommendation.APPROVE,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="审核意见",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="供后续办理人员参考。建议不予批准的，须写明。",
    )


class RejectionForm(DecisionForm):
    reason = ReasonForm(label="事实和理由", help_text="写入决定书，告知本人。").fields["reason"]


class AnnulmentForm(DecisionForm, against.AnnulmentForm):
    """The same of an approval, with the clause."""


class FindingForm(DecisionForm):
    reason = ReasonForm(label="复核理由", help_text="写入复核结论通知，告知本人。").fields["reason"]


def _read(given: dict[str, Any]) -> AsRead:
    return AsRead(given["version"], given["digest"])


@dataclass(frozen=True)
class Step:
    """One action as a page: its button, what it asks, and what is done, which says what happened."""

    submit: str
    form: Callable[[ClaimPage, Any], forms.Form]
    act: Callable[..., str]


def _hand_in(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    claim = claiming.hand_in(pk, **who)
    lacking = "".join(f"还缺：{item}" for item in claiming.missing(claim))
    return f"已提交，由{claim.case.region.full_name}服务窗口受理。{lacking}"


def _accept(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    claim = claiming.accept(pk, **who)
    return f"已受理{claim.worker.name}的申请，受理回执正在生成，可在“信函”中打印。"


def _return_for_correction(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    claiming.return_for_correction(pk, missing=given["missing"], **who)
    return "已告知需要补正的内容，办理期限暂停计算。补正通知正在生成，请及时送达。"


def _resubmit(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    claiming.resubmit(pk, reason=given["reason"], **who)
    return "补正已完成，交由服务窗口继续办理。"


def _refuse(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    claiming.refuse(pk, reason=given["reason"], **who)
    return "已拟不予受理，由另一人会签后作出决定并出具决定书。"


def _withdraw(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    claiming.withdraw(pk, reason=given["reason"], **who)
    return "已撤回。证书在期限内可以重新申请。"


def _review(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    said = {"recommendation": given["recommendation"], "note": given["note"]}
    claim = handling.review(pk, **said, as_read=_read(given), **who)
    return f"已审核{claim.worker.name}的申请。"


def _review_again(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    said = {"recommendation": given["recommendation"], "note": given["note"]}
    claim = handling.review_again(pk, **said, as_read=_read(given), **who)
    return f"已复核{claim.worker.name}的申请。"


def _send_back(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    handling.send_back(pk, reason=given["reason"], **who)
    return "已退回审核。"


def _approve(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    claim = handling.approve(pk, as_read=_read(given), **who)
    return f"已批准{claim.worker.name}的申请，金额{yuan(claim.amount)}。批准通知正在生成。"


def _reject(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    handling.reject(pk, reason=given["reason"], as_read=_read(given), **who)
    return "已拟不予批准，由另一人会签后作出决定并出具决定书。"


def _countersign(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    return against.countersign(pk, given, as_read=_read(given), who=who)


def _annul(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    return against.annul(pk, given, as_read=_read(given), who=who)


def _uphold(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    return against.uphold(pk, given, as_read=_read(given), who=who)


def _turn(action: str) -> Callable[..., str]:
    def turn(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
        return against.turn(pk, given, as_read=_read(given), who=who, action=action)

    return turn


def _nothing(page: ClaimPage, data: Any) -> forms.Form:
    return NothingForm(data)


def _reason(**asked: Any) -> Callable[[ClaimPage, Any], forms.Form]:
    return lambda page, data: ReasonForm(data, **asked)


_BROUGHT = _reason(label="已补齐的内容", help_text="逐项写明已经补齐的材料或者更正的信息。", required=False)
_GROUNDS = _reason(label="事实和理由", help_text="写入决定书，告知本人。")
_ON_REQUEST = _reason(required=False, help_text="窗口代为撤回的，须写明是谁提出、为什么撤回。")
_DISAGREES = _reason(label="不同意的理由", help_text="供拟办人员重新决定时参考。")
_ASKS = _reason(label="申请复核的理由", help_text="写明不同意哪一项、为什么，可以补充新的情况。")
STEPS: dict[str, Step] = {
    "submit": Step("提交申请", _nothing, _hand_in),
    "accept": Step("受理", _nothing, _accept),
    "return_for_correction": Step("告知补正", lambda page, data: MissingForm(data), _return_for_correction),
    "resubmit": Step("补正完成", _BROUGHT, _resubmit),
    "refuse": Step("拟不予受理，交会签", _GROUNDS, _refuse),
    "withdraw": Step("撤回申请", _ON_REQUEST, _withdraw),
    "review": Step("提交审核结论", ReviewForm, _review),
    "review_first": Step("提交审核结论", ReviewForm, _review),
    "review_again": Step("提交复核结论", ReviewForm, _review_again),
    "send_back": Step("退回审核", _reason(label="需要再核对的内容"), _send_back),
    "announce": Step("公示", _nothing, on_notice.announce),
    "end_notice": Step("公示期满，转审批", _nothing, on_notice.end_notice),
    "approve": Step("批准", DecisionForm, _approve),
    "reject": Step("拟不予批准，交会签", RejectionForm, _reject),
    **{action: Step("会签", DecisionForm, _countersign) for action in adverse.COUNTERSIGN.values()},
    **{action: Step("退回", _DISAGREES, against.give_back) for action in adverse.DECLINE.values()},
    "annul": Step("拟撤销，交会签", AnnulmentForm, _annul),
    "ask_reconsideration": Step("申请复核", _ASKS, against.ask),
    **dict.fromkeys(WITHDRAW_REQUEST.values(), Step("撤回复核申请", _ON_REQUEST, against.withdraw_request)),
    "uphold": Step("维持原决定", FindingForm, _uphold),
    "turn": Step("改变原决定", FindingForm, _turn("turn")),
    "turn_refusal": Step("改变原决定", FindingForm, _turn("turn_refusal")),
}


@signed_in("GET", "HEAD", "POST")
def take_step(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """The page of one action, for staff and claimants."""
    if action not in HERE:
        raise Http404
    page, step = ClaimPage.open(request, number), STEPS[action]
    who = {"by": request.user, "on": timezone.localdate()}
    return take_action(
        request,
        page,
        action,
        step.form(page, posted(request)),
        partial(step.act, page.case.pk, who=who),
        submit=step.submit,
        template="subsidies/step.html",
        to_announce=page.to_announce if action == "announce" else [],
    )
