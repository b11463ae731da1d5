"""Batches of payments: the list, one of them, its preview, its files; what is done with them is in `batch_steps`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import PERMISSIONS, NotNow, can
from portal.accounts.roles import Role
from portal.formats import yuan as in_words
from portal.funds import batches, payment_files
from portal.funds.models import BankProfile, Batch, BatchState, Item, ItemState, PaymentFile, Step
from portal.funds.profiles import FIELDS, profile_of
from portal.pages.access import staff
from portal.pages.case_page import Fact
from portal.paging import page_asked
from portal.window.funds.batch_forms import BatchFilter
from portal.window.funds.pages import crumbs

TONES = {
    BatchState.CLOSED: "good",
    BatchState.DROPPED: "plain",
    BatchState.ANSWERING: "warn",
    BatchState.ANSWERED: "warn",
    BatchState.SENT: "info",
}
ITEM_TONES = {ItemState.PAID: "good", ItemState.RETURNED: "bad", ItemState.SENT: "info"}
_FIRST_ROWS, _FAULTS_SHOWN = 10, 200


@dataclass(frozen=True)
class Next:
    """What may be done with a batch next: words, the address's part, and by whom."""

    step: str
    label: str
    permission: str
    kind: str = "primary"


_NEXT: dict[str, tuple[Next, ...]] = {
    BatchState.DRAFT: (Next(Step.LOCK, "核对收款人并锁定", "funds.batch"),),
    BatchState.LOCKED: (Next(Step.SIGN, "签发", "funds.sign"),),
    BatchState.SIGNED: (Next(Step.FILE, "生成付款文件", "funds.batch"),),
    BatchState.FILED: (Next(Step.SEND, "登记已发送", "funds.post"),),
    BatchState.ANSWERED: (Next(Step.CLOSE, "办结", "funds.post"),),
}
_MAY_BE_DROPPED = (BatchState.DRAFT, BatchState.LOCKED, BatchState.SIGNED, BatchState.FILED)


def visible(request: HttpRequest, batch_id: int) -> Batch:
    found = Batch.objects.visible_to(request.user)
    return get_object_or_404(
        found.select_related("fund", "channel__profile", "region__parent", "made_by"), pk=batch_id
    )


def batch_crumbs(batch: Batch, *further: tuple[str, str]) -> Any:
    of_batch = (batch.number, reverse("window:fund_batch", args=[batch.pk]) if further else "")
    return crumbs(("付款批次", reverse("window:fund_batches")), of_batch, *further)


@staff("funds.view")
def batch_list(request: HttpRequest) -> HttpResponse:
    """The batches of the user's places, newest first."""
    form = BatchFilter(request.GET, user=request.user)
    listed = form.apply(Batch.objects.visible_to(request.user))
    page = page_asked(
        listed.select_related("fund", "channel", "region__parent", "made_by"),
        request.GET,
        order=("-id",),
        count=True,
    )
    context = {
        "title": "付款批次",
        "crumbs": crumbs(("付款批次", "")),
        "form": form,
        "page": page,
        "rows": [(batch, TONES.get(BatchState(batch.state), "plain")) for batch in page.rows],
        "may_draw_up": can(request.user, "funds.batch"),
    }
    return render(request, "window/funds/batches.html", context)


@staff("funds.view")
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """A batch: what it is, who does what next, its steps, files and items."""
    shown = visible(request, batch_id)
    items = Item.objects.visible_to(request.user).filter(batch=shown)
    if state := request.GET.get("state", ""):
        items = items.filter(state=state)
    page = page_asked(
        items.select_related("payable__case", "payee", "withdrawal", "retry_of"),
        request.GET,
        order=("position",),
    )
    rows = [
        (item, ITEM_TONES.get(ItemState(item.state), "plain"), getattr(item, "payee", None))
        for item in page.rows
    ]
    offered, waits_for = offered_to(request.user, shown)
    context = {
        "title": f"付款批次 {shown.number}",
        "crumbs": batch_crumbs(shown),
        "batch": shown,
        "tone": TONES.get(BatchState(shown.state), "plain"),
        "facts": _facts(shown),
        "offered": offered,
        "waits_for": waits_for,
        "steps": [(step, step.round != shown.round) for step in shown.steps.select_related("by")],
        "files": [(file, file.round != shown.round) for file in shown.files.select_related("made_by")],
        "may_fetch": can(request.user, "funds.post", shown.region_id),
        "may_withdraw": shown.state in _MAY_BE_DROPPED and can(request.user, "funds.batch", shown.region_id),
        "page": page,
        "rows": rows,
        "states": ItemState.choices,
        "state": state,
    }
    return render(request, "window/funds/batch.html", context)


def _facts(batch: Batch) -> list[Fact]:
    facts = [
        Fact("资金", batch.fund.name),
        Fact("支付渠道", f"{batch.channel.name}（{batch.channel.profile.name}）"),
        Fact("地区", batch.region.full_name),
        Fact("笔数和金额", f"{batch.count:,}笔，{in_words(batch.sum)}"),
        Fact("拟定人", f"{batch.made_by}，{timezone.localtime(batch.made_at):%Y-%m-%d %H:%M}"),
    ]
    if batch.shown_until:
        facts.append(Fact("公示期止", f"{batch.shown_until:%Y-%m-%d}"))
    if batch.state == BatchState.LOCKED:
        needed = batches.signatures_needed(batch)
        signed = "、".join(str(step.by) for step in batches.signers(batch)) or "无"
        facts.append(
            Fact("签发", f"需{needed}人，已签发：{signed}" if needed else "没有适用的签发额度，不能签发")
        )
    return facts


def offered_to(user: Any, batch: Batch) -> tuple[list[Next], str]:
    """What the user may do next, and who does it where it is somebody else."""
    steps = list(_NEXT.get(batch.state, ()))
    is_unseen = batch.state == BatchState.LOCKED and batch.shown_until is None
    if is_unseen and batches.notice_days(batch, timezone.localdate())[0]:
        steps = [Next(Step.ANNOUNCE, "公示", "funds.batch")]
    if batch.state in _MAY_BE_DROPPED:
        steps.append(Next(Step.DROP, "作废", "funds.batch", "danger"))
    offered = [step for step in steps if can(user, step.permission, batch.region_id)]
    if not steps or steps[0].step == Step.DROP:
        return offered, "银行回盘后继续" if batch.state in (BatchState.SENT, BatchState.ANSWERING) else ""
    roles = "、".join(Role(role).label for role in PERMISSIONS[steps[0].permission][1])
    return offered, f"{steps[0].label}：{roles}"


# -- before there is a file ----------------------------------------------------------------------------------
@staff("funds.batch")
def batch_preview(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The rows as the bank's file would have them, and each one that it cannot hold, with the reason."""
    shown = visible(request, batch_id)
    profile = profile_of(shown.channel.profile)
    refusal, split = "", []
    if shown.state == BatchState.DRAFT:
        refusal = "批次锁定后才能预览：收款人在锁定时核对。"
    else:
        try:
            split = payment_files.parts(shown.count, profile) if shown.count else []
        except NotNow as reason:
            refusal = str(reason)
    first, wrong = [], []
    if shown.state != BatchState.DRAFT:
        items = list(islice(payment_files.items_of(shown), _FIRST_ROWS))
        rows = list(payment_files.rows_of(items, profile))[1 if profile.header else 0 :]
        first = [payment_files.masked(row, profile) for row in rows]
        wrong = list(islice(payment_files.faults(payment_files.items_of(shown), profile), _FAULTS_SHOWN))
        batches.note(shown, "funds.payee.view", by=request.user)
    context = {
        "title": "付款文件预览",
        "crumbs": batch_crumbs(shown, ("预览", "")),
        "batch": shown,
        "profile": profile,
        "refusal": refusal,
        "split": split,
        "labels": [column.label for column in profile.columns],
        "first": first,
        "faults": wrong,
    }
    return render(request, "window/funds/batch_preview.html", context)


@staff("funds.view")
def profiles(request: HttpRequest) -> HttpResponse:
    """The profiles of banks: their columns, and what is said of where they are from."""
    listed = BankProfile.objects.prefetch_related("channels")
    context = {
        "title": "银行文件格式",
        "crumbs": crumbs(("银行文件格式", "")),
        "rows": [(stored, profile_of(stored), _columns(profile_of(stored))) for stored in listed],
    }
    return render(request, "window/funds/profiles.html", context)


def _columns(profile: Any) -> list[tuple[str, str]]:
    return [(column.label, FIELDS[column.field]) for column in profile.columns]


@staff("funds.post")
def payment_file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """A file for the bank, for whoever hands it over."""
    mine = Batch.objects.visible_to(request.user)
    file = get_object_or_404(PaymentFile.objects.filter(batch__in=mine).select_related("batch"), pk=file_id)
    try:
        content = payment_files.fetch(file, by=request.user)
    except NotNow as refusal:
        messages.warning(request, str(refusal))
        return redirect("window:fund_batch", file.batch_id)
    return FileResponse(content, as_attachment=True, filename=file.name)
