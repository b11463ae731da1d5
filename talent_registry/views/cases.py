"""One case: who, facts with their source, conditions, what happened, and what I may do now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import Refused, can
from portal.cases.actions import NotNow, possible_actions
from portal.cases.models import Case
from portal.letters.models import Letter
from portal.pages.access import staff
from portal.pages.deadlines import deadline_of
from portal.workforce.facts import sources_of
from portal.workforce.models.honours import HonourState
from talent_registry import actions, benefits, letters
from talent_registry.forms import FindingForm, MissingForm, ReasonForm
from talent_registry.models import InclusionProposal, RegistryEntry
from talent_registry.views.proposals import TONES, crumbs
from talent_registry.workflow import DIRECT_INCLUSION, State

_RELATED = (
    "case__region__parent",
    "worker__employer",
    "worker__work_region__parent",
    "honour__type",
    "honour__recorded_by",
    "honour__verified_by",
    "determination__rule_version",
)
_EVENT_TONES = {"confirm": "good", "decline": "bad", "withdraw": "warn", "return_for_correction": "warn"}


def _seen(request: HttpRequest, number: str) -> InclusionProposal:
    return get_object_or_404(
        InclusionProposal.objects.visible_to(request.user).select_related(*_RELATED), case__number=number
    )


@staff("case.view")
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one proposal on one page."""
    proposal = _seen(request, number)
    shown = proposal.case
    audit.record("case.view", by=request.user, obj=shown, worker=proposal.worker_id, region=shown.region_id)
    entries = RegistryEntry.objects.visible_to(request.user).select_related("determination__rule_version")
    entry = entries.filter(case=shown).first()
    determination = entry.determination if entry else proposal.determination
    may, may_not = _actions(request.user, proposal)
    context = {
        "title": f"{proposal.worker.name}：{proposal.honour.type.name}",
        "crumbs": crumbs((shown.number, "")),
        "case": shown,
        "proposal": proposal,
        "entry": entry,
        "deadline": deadline_of(shown, timezone.localdate()),
        "tone": TONES[State(shown.state)],
        "who": who_rows(proposal),
        "honour_rows": honour_rows(proposal),
        "determination": determination,
        "conditions": benefits.explain(determination),
        "events": _events(shown),
        "correction": shown.corrections.filter(resolved_on__isnull=True).first(),
        "letters": Letter.objects.visible_to(request.user)
        .filter(case=shown)
        .select_related("file")
        .order_by("pk"),
        "actions": may,
        "refused": may_not,
        "next": _next(request.user, shown) if shown.closed_at else None,
        "fallen": proposal.honour.state != HonourState.VERIFIED,
    }
    return render(request, "registry/case.html", context)


def _actions(user: Any, proposal: InclusionProposal) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """What the user may do now, and what they may not with the reason. A proposal that stands is decided, not
    withdrawn.
    """
    may, may_not = possible_actions(proposal.case, user)
    verified = proposal.honour.state == HonourState.VERIFIED
    listed = not proposal.case.closed_at and actions.current_entry(proposal.worker_id) is not None
    stands = verified and not listed
    offered, refused = [], [{"label": row.label, "reason": reason} for row, reason in may_not]
    for row in may:
        if row.action == "withdraw" and stands:
            refused.append({"label": row.label, "reason": "所依据的荣誉仍然有效，应当作出决定。"})
        elif row.action == "confirm" and not stands:
            why = (
                "本人已在名录中，不再重复纳入，请撤回本件。"
                if listed
                else "所依据的荣誉已不是“已核实”，不能据此纳入。"
            )
            refused.append({"label": row.label, "reason": why})
        else:
            kind = (
                "danger"
                if row.danger
                else "primary"
                if row.action in {"confirm", "resubmit"}
                else "secondary"
            )
            href = reverse(f"registry:{row.action}", args=[proposal.case.number])
            offered.append({"label": row.label, "href": href, "consequence": row.consequence, "kind": kind})
    return offered, refused


def who_rows(proposal: InclusionProposal) -> list[dict[str, Any]]:
    """The person, each fact with where it comes from; the number masked."""
    worker, sources = proposal.worker, sources_of(proposal.worker)
    source = {name: found["source"] for name, found in sources.items()}
    employment = worker.employments.filter(ended_on__isnull=True).first()
    certificates = "；".join(
        "，".join(
            filter(None, [str(one), one.number and f"证书编号{one.number}", one.get_verified_how_display()])
        )
        for one in worker.credentials.all()
    )
    trade = source.get("certificate_occupation") or source.get("employment")
    level = worker.get_skill_level_display() if worker.skill_level else ""
    front_line = {True: "是", False: "否", None: ""}[employment.on_front_line if employment else None]
    return [
        {"label": "姓名", "value": worker.name, "source": worker.source},
        {"label": "证件号码", "value": worker.masked_id_number, "source": worker.source},
        {"label": "工作地", "value": worker.work_region.full_name, "source": source.get("work_region")},
        {
            "label": "用人单位",
            "value": worker.employer and worker.employer.name,
            "source": source.get("employment"),
        },
        {"label": "职业（工种）", "value": worker.occupation, "source": trade},
        {"label": "技能等级", "value": level, "source": source.get("skill_level")},
        {"label": "技能证书", "value": certificates, "source": source.get("certificate_level")},
        {"label": "一线岗位", "value": front_line, "source": source.get("on_front_line")},
    ]


def honour_rows(proposal: InclusionProposal) -> list[dict[str, Any]]:
    """The recognition the proposal rests on, with its document and who stands for it."""
    honour = proposal.honour
    recorded = f"{honour.recorded_by or '系统导入'}（{timezone.localdate(honour.recorded_at)}）"
    verified = (
        f"{honour.verified_by}（{timezone.localdate(honour.verified_at)}）" if honour.verified_at else ""
    )
    opinion = [{"label": "核实意见", "value": honour.verdict}] if honour.verdict else []
    return [
        {"label": "荣誉", "value": honour.type.name, "source": honour.source},
        {"label": "原文名称", "value": honour.named_as},
        {"label": "年度", "value": f"{honour.year}年"},
        {"label": "授予日期", "value": honour.conferred_on},
        {"label": "文号", "value": honour.document},
        {"label": "核实状态", "value": honour.get_state_display()},
        *opinion,
        {"label": "依据类别", "value": proposal.get_basis_display()},
        {"label": "登记", "value": recorded},
        {"label": "核实", "value": verified},
    ]


def _events(shown: Case) -> list[dict[str, Any]]:
    events = []
    for event in shown.events.select_related("by").order_by("-position"):
        missing = event.detail.get("missing")
        text = (
            event.reason
            or ("需补正：" + "；".join(missing) if missing else "")
            or event.detail.get("how", "")
        )
        if event.action == "open" and event.by is None:
            text = "荣誉核实后符合直接纳入条件，自动提出。"
        who = (
            f"{event.by}（{event.get_role_display()}）"
            if event.by and event.role
            else str(event.by or "系统")
        )
        events.append(
            {
                "at": event.at,
                "title": event.label,
                "by": who,
                "text": text,
                "tone": _EVENT_TONES.get(event.action, ""),
            }
        )
    if events and not shown.closed_at:
        events[0]["tone"] = "current"
    return events


def _next(user: Any, shown: Case) -> Case | None:
    """The next case that waits for this officer, by deadline."""
    if not can(user, "registry.confirm"):
        return None
    waiting = (
        Case.objects.visible_to(user).waiting_for(user).filter(kind=DIRECT_INCLUSION, state=State.PROPOSED)
    )
    return waiting.exclude(pk=shown.pk).by_deadline().first()


# -- what may be done ----------------------------------------------------------------------------------------
def _step(
    request: HttpRequest,
    number: str,
    action: str,
    make_form: Callable[[Any], Any],
    act: Callable[[InclusionProposal, dict[str, Any]], str],
    **shown: Any,
) -> HttpResponse:
    """The page of one action: repeats who and why, asks what is needed, acts, says what happened."""
    proposal = _seen(request, number)
    row = proposal.case.workflow.transition(action)
    if request.method != "POST" and proposal.case.state not in row.sources:
        # Opened from an old page or by a second officer: nothing is asked for what cannot be done any more.
        messages.warning(request, f"办件当前状态为“{proposal.case.state_label}”，不能办理“{row.label}”。")
        return redirect("registry:case", number)
    form = make_form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            said = act(proposal, form.cleaned_data)
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("registry:case", number)
    title = f"{row.label}：{proposal.worker.name}"
    context = {
        "title": title,
        "crumbs": crumbs((number, reverse("registry:case", args=[number])), (row.label, "")),
        "row": row,
        "proposal": proposal,
        "case": proposal.case,
        "form": form,
        "honour_rows": honour_rows(proposal)[:5],
        "conditions": benefits.explain(proposal.determination),
        "who": who_rows(proposal),
        "back": reverse("registry:case", args=[number]),
        "kind": "danger" if row.danger else "primary",
    } | shown
    return render(request, "registry/step.html", context, status=409 if form.non_field_errors() else 200)


@staff("registry.confirm", "GET", "HEAD", "POST")
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    def act(proposal: InclusionProposal, given: dict[str, Any]) -> str:
        entry = actions.confirm(
            proposal.case_id,
            by=request.user,
            on=timezone.localdate(),
            how=given["how"],
            is_skilled_worker=given["is_skilled_worker"],
        )
        return (
            f"已将{entry.name}列入名录并公布，名录编号{entry.number}。纳入通知和证书正在生成，可在本页下载。"
        )

    return _step(request, number, "confirm", FindingForm, act, submit="确认纳入并公布")


@staff("registry.confirm", "GET", "HEAD", "POST")
def decline(request: HttpRequest, number: str) -> HttpResponse:
    def act(proposal: InclusionProposal, given: dict[str, Any]) -> str:
        actions.decline(proposal.case_id, by=request.user, on=timezone.localdate(), reason=given["reason"])
        return f"已对{proposal.worker.name}作出不予纳入决定，决定书正在生成，请及时送达并登记送达情况。"

    def form(data: Any) -> ReasonForm:
        return ReasonForm(data, label="事实和理由", help_text="写入决定书，告知本人。")

    return _step(
        request,
        number,
        "decline",
        form,
        act,
        submit="作出不予纳入决定",
        law=letters.cited_law(),
        remedy=letters.REMEDY.text(),
    )


@staff("registry.confirm", "GET", "HEAD", "POST")
def return_for_correction(request: HttpRequest, number: str) -> HttpResponse:
    def act(proposal: InclusionProposal, given: dict[str, Any]) -> str:
        actions.return_for_correction(
            proposal.case_id, by=request.user, on=timezone.localdate(), missing=given["missing"]
        )
        return "已告知需要补正的内容，办理期限暂停计算。"

    return _step(request, number, "return_for_correction", MissingForm, act, submit="告知补正")


@staff("registry.propose", "GET", "HEAD", "POST")
def resubmit(request: HttpRequest, number: str) -> HttpResponse:
    def act(proposal: InclusionProposal, given: dict[str, Any]) -> str:
        actions.resubmit(proposal.case_id, by=request.user, on=timezone.localdate(), reason=given["reason"])
        return "补正已完成，已交回名录管理员，办理期限继续计算。"

    def form(data: Any) -> ReasonForm:
        return ReasonForm(data, label="补正情况", help_text="已经补齐的材料或更正的信息。", required=False)

    return _step(request, number, "resubmit", form, act, submit="补正完成")


@staff("registry.propose", "GET", "HEAD", "POST")
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    def act(proposal: InclusionProposal, given: dict[str, Any]) -> str:
        actions.withdraw(proposal.case_id, by=request.user, on=timezone.localdate(), reason=given["reason"])
        return "已撤回本件。荣誉重新核实后可以再次提出。"

    return _step(request, number, "withdraw", ReasonForm, act, submit="撤回")
