"""A claim that a unit put forward: the person reads what it is about and answers; the window takes their paper in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import Refused, can
from portal.cases.models import Case, Evidence
from portal.cases.workflow import Transition
from portal.entitlements.wording import determination_conditions
from portal.file_inspection import FileRefused
from portal.formats import date_cn
from portal.pages.access import signed_in
from portal.pages.action_page import ActionPage, Crumbs, Done, act_on, posted, show_action, stopped
from portal.pages.case_page import CasePage, Fact, Offered, found_by_number, show_case
from portal.pages.forms import ReasonForm
from portal.policy.models import Determination, Outcome
from portal.workforce.form_fields import InspectedField
from portal.workforce.models import PayeeAccount
from subsidies.by_unit import consenting
from subsidies.by_unit.models import Proposal
from subsidies.by_unit.workflow import ProposalState
from subsidies.claiming import accounts_of
from subsidies.decisions import foresee
from subsidies.schemes import SCHEMES, Scheme
from subsidies.views.claim_page import MINE, subject_facts

_OF_UNIT = "unit"
# Of each answer what the window does, and what comes of it.
AT_WINDOW = {
    "consent": ("收取同意书", "收取本人签字的同意书，作为本人的补贴申请提交，以提交当日的政策为准。"),
    "decline": ("登记本人不同意", "本人表示不同意的，写明时间和方式；不提交申请，单位不能再为此提出。"),
}


@dataclass(frozen=True)
class ProposalPage(CasePage):
    """One proposal, for the person and for the office."""

    proposal: Proposal

    primary = frozenset({"consent"})
    event_tones = {"consent": "good", "decline": "bad", "lapse": "warn"}

    @classmethod
    def open(cls, request: HttpRequest, number: str) -> ProposalPage:
        seen = Proposal.objects.visible_to(request.user).select_related(
            "case__region__parent", "row", "unit", "worker__employer", "credential", "training", "claim__case"
        )
        proposal = found_by_number(seen, number)
        return cls(proposal.case, request.user, proposal)

    @cached_property
    def is_own(self) -> bool:
        return consenting.is_own(self.proposal, self.user)

    @cached_property
    def in_staff_frame(self) -> bool:
        return can(self.user, "window.use")

    @property
    def base(self) -> str:
        return "base_staff.html" if self.in_staff_frame else "base_public.html"

    @property
    def title(self) -> str:
        return f"{self.name}：{self.scheme.title}（单位代为提出）"

    @property
    def name(self) -> str:
        return self.proposal.worker.name

    @property
    def address(self) -> str:
        return reverse("subsidies:proposal", args=[self.case.number])

    @property
    def way_here(self) -> Crumbs:
        if self.in_staff_frame:
            return [("工作台", reverse("window:home")), ("办件", reverse("window:cases"))]
        return [("我的待遇", reverse("my:home")), (MINE, reverse("subsidies:mine"))]

    @property
    def scheme(self) -> Scheme:
        return SCHEMES[self.proposal.kind]

    @property
    def asked(self) -> list[Fact]:
        proposal = self.proposal
        number = [] if self.is_own else [Fact("证件号码", proposal.worker.masked_id_number)]
        return [
            Fact("补贴", self.scheme.title),
            *subject_facts(proposal.subject),
            Fact("提出单位", proposal.unit.name),
            Fact("本人", proposal.worker.name),
            *number,
            Fact("确认截止日期", date_cn(proposal.consent_until)),
        ]

    @cached_property
    def foreseen(self) -> Determination | None:
        """How the conditions stand today, for whoever answers: by what is verified, or else by what is recorded."""
        on = timezone.localdate()
        asked = self.proposal.subject_kind, self.proposal.subject_id, self.scheme
        return foresee(*asked, on=on, verified=True) or foresee(*asked, on=on, verified=False)

    @property
    def conditions(self) -> list[dict[str, Any]]:
        return determination_conditions(self.foreseen) if self.foreseen else []

    @property
    def is_open(self) -> bool:
        """Whether something is still to be verified."""
        return self.foreseen is not None and self.foreseen.outcome == Outcome.UNDETERMINED

    @property
    def all_hold(self) -> bool:
        return self.foreseen is not None and self.foreseen.outcome == Outcome.ELIGIBLE

    @property
    def amount(self) -> Any:
        return self.foreseen.amount if self.foreseen else None

    @property
    def is_waiting(self) -> bool:
        return self.case.state == ProposalState.PROPOSED

    @property
    def claim(self) -> Case | None:
        return self.proposal.claim.case if self.proposal.claim else None

    @cached_property
    def evidence(self) -> list[Evidence]:
        seen = Evidence.objects.visible_to(self.user).not_removed().filter(case_id=self.case.pk)
        return list(seen.select_related("uploaded_by"))

    # -- what may be done --------------------------------------------------------------------------------
    def require_may_answer(self) -> None:
        """Raise Refused unless it is the person, or an officer who takes their paper in."""
        if not self.is_own and (reason := consenting.reason_against_paper(self.proposal, self.user)):
            raise Refused(reason)

    @cached_property
    def reason_against_sheet(self) -> str:
        """Why the sheet to be signed is not for this user; empty when it is."""
        return "" if self.is_own else consenting.reason_against_paper(self.proposal, self.user)

    @property
    def actions(self) -> list[Offered]:
        """The window takes paper in, and notes what somebody said."""
        if self.is_own:
            return super().actions
        rows = {self.address_of(row): row.action for row in self.case.workflow.transitions}
        said = [(offered, AT_WINDOW[rows[offered.href]]) for offered in super().actions]
        return [replace(offered, label=label, consequence=words) for offered, (label, words) in said]

    def has_page(self, row: Transition) -> bool:
        return row.action in STEPS

    def reason_against(self, row: Transition) -> str:
        return "" if self.is_own else consenting.reason_against_paper(self.proposal, self.user)

    def address_of(self, row: Transition) -> str:
        return reverse("subsidies:proposal_step", args=[self.case.number, row.action])


@signed_in()
def proposal(request: HttpRequest, number: str) -> HttpResponse:
    """What a unit put forward, and where it stands. A person who has to answer is asked at once."""
    page = ProposalPage.open(request, number)
    if page.is_own and page.is_waiting:
        return redirect("subsidies:proposal_step", number, "consent")
    return show_case(request, page, "subsidies/proposal.html")


class OwnConsentForm(forms.Form):
    """The person agrees, and says which account: one of theirs, that of the unit's list, or none yet."""

    account = forms.ChoiceField(label="收款账户", required=False, widget=forms.RadioSelect)

    def __init__(self, page: ProposalPage, data: Any = None) -> None:
        super().__init__(data)
        proposal = page.proposal
        accounts = list(accounts_of(proposal.worker_id))
        choices = [(str(account.pk), _in_words(account)) for account in accounts]
        if consenting.offers_account(proposal):
            row = proposal.row
            choices.append((_OF_UNIT, f"{row.bank} {row.account_number}（单位填写，请核对是本人账户）"))
        choices.append(("", "以后再登记"))
        field: Any = self.fields["account"]
        field.choices = choices
        field.initial = choices[0][0] if accounts else ""


def _in_words(account: PayeeAccount) -> str:
    return f"{account}（{account.get_state_display()}）"


class PaperForm(forms.Form):
    """The paper on which the person agreed."""

    paper = InspectedField(
        label="本人签字的同意书",
        help_text="本页打印的同意书，或者写明补贴和证书、本人同意由单位代为提出的材料；有本人签名和日期。",
        error_messages={"required": "请选择本人签字的同意书。"},
    )
    account = forms.BooleanField(label="同意书写明使用单位填写的收款账户", required=False)

    def __init__(self, page: ProposalPage, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        if consenting.offers_account(page.proposal):
            row = page.proposal.row
            ending = str(row.account_number)[-4:]
            self.fields["account"].help_text = f"{row.bank}，尾号{ending}。登记后须由另一人复核。"
        else:
            del self.fields["account"]


def _consent(request: HttpRequest, page: ProposalPage) -> HttpResponse:
    on, who = timezone.localdate(), request.user
    form: forms.Form
    if page.is_own:
        form = OwnConsentForm(page, posted(request))
    else:
        form = PaperForm(page, posted(request), request.FILES or None)

    def act(given: dict[str, Any]) -> Done | None:
        if page.is_own:
            chosen = given["account"]
            account = int(chosen) if chosen and chosen != _OF_UNIT else None
            claim = consenting.consent(
                page.case.pk, account_id=account, takes_account=chosen == _OF_UNIT, by=who, on=on
            )
            words = "已提交，由服务窗口受理，不用再填写或者上传材料。"
        else:
            try:
                claim = consenting.consent_on_paper(
                    page.case.pk,
                    given["paper"],
                    takes_account=given.get("account", False),
                    by=who,
                    on=on,
                )
            except FileRefused as refused:
                form.add_error("paper", str(refused))
                return None
            words = "已收取同意书并提交申请。核对后受理，即可打印受理回执。"
        return Done(words, reverse("subsidies:claim", args=[claim.case.number]))

    return _asked(request, page, "consent", form, act, submit="同意并提交")


def _decline(request: HttpRequest, page: ProposalPage) -> HttpResponse:
    if page.is_own:
        form = ReasonForm(posted(request), label="原因", required=False, longest=200, rows=3)
    else:
        form = ReasonForm(posted(request), label="本人在何时、以何种方式表示不同意", longest=200, rows=3)

    def act(given: dict[str, Any]) -> Done:
        consenting.decline(page.case.pk, reason=given["reason"], by=request.user, on=timezone.localdate())
        back = reverse("subsidies:mine") if page.is_own else page.address
        return Done("已记录，不提交这件申请。", back)

    return _asked(request, page, "decline", form, act, submit="确认不同意")


def _asked(
    request: HttpRequest, page: ProposalPage, action: str, form: forms.Form, act: Any, *, submit: str
) -> HttpResponse:
    row = page.case.workflow.transition(action)
    label, consequence = (row.label, row.consequence) if page.is_own else AT_WINDOW[action]
    answer = act_on(request, form, act)
    asked = ActionPage(
        title=label if page.is_own else f"{label}：{page.name}",
        crumbs=page.crumbs_to(label) if not page.is_own else [*page.way_here, (label, "")],
        submit=submit if page.is_own else label,
        back=reverse("subsidies:mine") if page.is_own else page.address,
        consequence=consequence,
        heading="确认" if page.is_own else label,
        kind="primary" if action == "consent" else "secondary",
        base=page.base,
    )
    template = "subsidies/proposal_step.html"
    shown = {"about": page, "case": page.case, "asks_consent": action == "consent"}
    return answer or show_action(request, asked, form, template=template, **shown)


STEPS = {"consent": _consent, "decline": _decline}


@signed_in("GET", "HEAD", "POST")
def answer(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """The person agrees or does not; at the window, what they brought on paper."""
    if action not in STEPS:
        raise Http404
    page = ProposalPage.open(request, number)
    if request.method != "POST" and not page.is_waiting:
        return redirect(page.address)
    if stop := stopped(request, page.require_may_answer, otherwise=page.address):
        return stop
    return STEPS[action](request, page)
