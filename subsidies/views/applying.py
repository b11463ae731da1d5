"""Beginning a claim: at the window for a worker who is present, and by the worker in two taps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import require
from portal.cases.models import Channel
from portal.entitlements.wording import determination_conditions
from portal.formats import yuan
from portal.my.record_of import no_record_page, own_record, tabs_of
from portal.pages.access import signed_in, staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action
from portal.policy.models import Outcome
from portal.workforce.merged import records_of
from portal.workforce.models import PayeeAccount, Worker
from portal.workforce.subjects import CERTIFICATE
from subsidies import claiming
from subsidies.claiming import Claimable
from subsidies.models import TRAINING, Claim, Proposal
from subsidies.schemes import SCHEMES, TECHNICIAN, Scheme
from subsidies.views.claim_page import MINE
from subsidies.views.returned import returned_payments
from subsidies.workflow import ClaimState


class CertificateForm(forms.Form):
    """By which certificate or training; what each would give stands beside it."""

    certificate = forms.ChoiceField(
        label="依据的证书",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择依据的证书。", "invalid_choice": "请选择列出的证书。"},
    )

    def __init__(self, claimables: list[Claimable], data: Any = None) -> None:
        super().__init__(data)
        self.fields["certificate"].choices = [  # type: ignore[attr-defined]
            (key_of(one), _in_words(one)) for one in claimables
        ]
        if len(claimables) == 1:
            self.fields["certificate"].initial = key_of(claimables[0])


def key_of(one: Claimable) -> str:
    which = f"{one.number}-{one.scheme.kind}"
    return f"training-{which}" if one.is_training else which


def _in_words(one: Claimable) -> str:
    amount = f"{yuan(one.amount)}" if one.amount is not None else "金额待定"
    how = "条件已核验" if one.is_ready else "尚有信息待核验"
    number = one.subject.number or "编号未登记"
    day = f"{one.day}{'结业' if one.is_training else '发证'}"
    return f"{one.subject}（{number}，{day}）：{one.scheme.title}，{amount}，{how}"


# -- at the window -------------------------------------------------------------------------------------------
@staff("claim.take_in", "GET", "HEAD", "POST")
def claim_at_window(request: HttpRequest, worker_id: int) -> HttpResponse:
    """For a worker who is present; from the worker's page."""
    seen = Worker.objects.visible_to(request.user).select_related("work_region__parent", "employer")
    worker = get_object_or_404(seen, pk=worker_id)
    require(request.user, "claim.take_in", worker.work_region_id)
    on = timezone.localdate()
    claimables = claiming.claimable(worker, on=on)
    form = CertificateForm(claimables, posted(request))
    by_key = {key_of(one): one for one in claimables}

    def hand_in(given: dict[str, Any]) -> Done:
        one = by_key[given["certificate"]]
        claim = claiming.claim_at_once(
            one.number, one.scheme.kind, about=one.kind, channel=Channel.WINDOW, by=request.user, on=on
        )
        return Done(
            "已提交。核对后受理，即可打印受理回执。", reverse("subsidies:claim", args=[claim.case.number])
        )

    here = reverse("window:worker", args=[worker.pk])
    page = ActionPage(
        title=f"申请培训补贴：{worker.name}",
        crumbs=[("人员", reverse("window:workers")), (worker.name, here), ("申请培训补贴", "")],
        heading="选择证书",
        submit="提交申请",
        back=here,
    )
    answer = act_on(request, form, hand_in) if claimables else None
    return answer or show_action(
        request, page, form, template="subsidies/at_window.html", worker=worker, claimables=claimables
    )


# -- by the worker -------------------------------------------------------------------------------------------
@signed_in()
def mine(request: HttpRequest) -> HttpResponse:
    """What the worker can claim today, filled in, and what they have claimed."""
    worker = own_record(request)
    if worker is None:
        return no_record_page(request, MINE)
    own = Claim.objects.visible_to(request.user).filter(worker__in=records_of(worker.pk))
    claims = list(own.with_money().select_related("case", "credential", "training").order_by("-pk")[:50])
    approved = [claim for claim in claims if claim.case.state == ClaimState.APPROVED]
    context = {
        "title": MINE,
        "crumbs": [("我的待遇", reverse("my:home")), (MINE, "")],
        "tabs": tabs_of(request),
        "worker": worker,
        "proposals": _waiting_proposals(request, worker),
        "claimables": claiming.claimable(worker, on=timezone.localdate()),
        "claims": claims,
        "returned": returned_payments(approved),
    }
    return render(request, "subsidies/mine.html", context)


def _waiting_proposals(request: HttpRequest, worker: Worker) -> list[tuple[Proposal, Scheme]]:
    """What units have put forward for the worker and wait to be told."""
    seen = Proposal.objects.visible_to(request.user).waiting().filter(worker__in=records_of(worker.pk))
    waiting = seen.filter(consent_until__gte=timezone.localdate())
    listed = waiting.select_related("case", "unit", "credential", "training").order_by("consent_until", "pk")
    return [(proposal, SCHEMES[proposal.kind]) for proposal in listed]


class ConsentForm(forms.Form):
    """The second tap: that the worker agrees, and which account."""

    account = forms.ModelChoiceField(
        label="收款账户", queryset=PayeeAccount.objects.none(), required=False, empty_label="以后再登记"
    )

    def __init__(self, worker: Worker, data: Any = None) -> None:
        super().__init__(data)
        accounts = claiming.accounts_of(worker.pk)
        field: Any = self.fields["account"]
        field.queryset = accounts
        if data is None:
            field.initial = accounts.first()


@signed_in("GET", "HEAD", "POST")
def claim_own(request: HttpRequest, credential_id: int, kind: str) -> HttpResponse:
    """By a certificate: consent and account, everything else is known."""
    return _claim_own(request, CERTIFICATE, credential_id, f"subsidies.{kind}")


@signed_in("GET", "HEAD", "POST")
def claim_training(request: HttpRequest, training_id: int) -> HttpResponse:
    """The same for a training that was completed."""
    return _claim_own(request, TRAINING, training_id, TECHNICIAN)


def _claim_own(request: HttpRequest, about: str, number: int, kind: str) -> HttpResponse:
    worker = own_record(request)
    if worker is None:
        return no_record_page(request, MINE)
    on = timezone.localdate()
    back = reverse("subsidies:mine")
    form = ConsentForm(worker, posted(request))

    def consent(given: dict[str, Any]) -> Done:
        claim = claiming.claim_at_once(
            number, kind, about=about, channel=Channel.SELF, by=request.user, on=on
        )
        if given["account"] and given["account"] != claim.account:
            claiming.choose_account(claim.pk, given["account"].pk, by=request.user, on=on)
        return Done(
            "已提交，由服务窗口受理，不用再填写或者上传材料。",
            reverse("subsidies:claim", args=[claim.case.number]),
        )

    answer = act_on(request, form, consent)
    if answer:
        return answer
    # Only to be shown: whoever agrees is asked again by the action.
    claimable = claiming.claimable(worker, on=on)
    this = about, number, kind
    one = next((one for one in claimable if (one.kind, one.number, one.scheme.kind) == this), None)
    page = ActionPage(
        title="确认申请",
        crumbs=[("我的待遇", reverse("my:home")), (MINE, back), ("确认申请", "")],
        heading="确认",
        submit="同意并提交",
        back=back,
        consequence="提交后由服务窗口受理，以今天的政策为准；办结前可以撤回。",
        base="base_public.html",
    )
    decided = (one.verified or one.stated) if one else None
    return show_action(
        request,
        page,
        form,
        template="subsidies/consent.html",
        one=one,
        conditions=determination_conditions(decided) if decided else [],
        is_open=decided is not None and decided.outcome == Outcome.UNDETERMINED,
    )
