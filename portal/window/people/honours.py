"""Honours to verify: the list, the confirmation that repeats what will be done, and the verdict."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, Refused, can, require, scope
from portal.formats import date_iso
from portal.lists.csv_files import audited_csv
from portal.pages.access import staff
from portal.pages.filters import COUNTED_AT_MOST, HonourFilter
from portal.pages.waiting import honours_to_verify
from portal.paging import page_asked
from portal.window.people.sections import HONOUR_TONES
from portal.window.people.workers import crumbs
from portal.workforce.actions import refute_honour, verify_honour
from portal.workforce.authors import written_among
from portal.workforce.forms import ReasonForm
from portal.workforce.models import Honour
from portal.workforce.models.honours import HonourState
from portal.workforce.verification import MOST_AT_ONCE, start_verification

_SALT = "portal.window.people.honours"
# People named on the confirmation page; of more, the number.
NAMED = 50


@staff("worker.view")
def honours(request: HttpRequest) -> HttpResponse:
    form = HonourFilter(request.GET, user=request.user)
    listed = form.apply(Honour.objects.visible_to(request.user)).select_related(
        "worker__work_region__parent", "worker__employer", "type", "recorded_by", "verified_by"
    )
    page = page_asked(
        listed.defer("worker__id_number", "worker__phone"),
        request.GET,
        order=("id",),
        count=True,
        count_up_to=COUNTED_AT_MOST,
    )
    state = form.value("state") or HonourState.UNVERIFIED
    verifies = can(request.user, "honour.verify") and state == HonourState.UNVERIFIED
    context = {
        "title": "荣誉核实",
        "form": form,
        "page": page,
        "rows": _rows(page.rows, request.user, verifies=verifies),
        "verifies": verifies,
        "clear": reverse("window:honours") if form.used else "",
        "filters": request.GET.urlencode(),
        "export": [(f"{reverse('window:honours_export')}?{request.GET.urlencode()}", "导出")],
        "bulk": [
            {"name": "what", "value": "chosen", "label": "核实所选"},
            {"name": "what", "value": "all", "label": "核实全部筛选结果", "kind": "secondary", "whole": True},
        ],
    }
    return render(request, "window/honours.html", context)


def _rows(honours: list[Honour], user: Any, *, verifies: bool) -> list[dict[str, Any]]:
    """The honours of the list; one's own entries are verified by somebody else."""
    where = scope(user, "honour.verify")
    written = written_among(honours, user)
    rows = []
    for honour in honours:
        is_own = honour.pk in written or honour.worker.account_id == user.pk
        may_verify = verifies and not is_own and where.covers(honour.worker.work_region_id)
        rows.append(
            {
                "honour": honour,
                "tone": HONOUR_TONES[HonourState(honour.state)],
                "may": may_verify,
                "own": is_own,
            }
        )
    return rows


@staff("worker.view")
def honours_export(request: HttpRequest) -> StreamingHttpResponse:
    """The honours of the list."""
    honours = HonourFilter(request.GET, user=request.user).apply(Honour.objects.visible_to(request.user))
    listed = honours.select_related("worker__work_region__parent", "worker__employer", "type", "verified_by")
    in_order = listed.order_by("id").defer("worker__phone")
    rows = (_exported(honour) for honour in in_order.iterator(chunk_size=2000))
    return audited_csv(request, "honour", _HEADS, rows, count=honours.count())


_HEADS = (
    "姓名",
    "证件号码",
    "荣誉",
    "原文名称",
    "年度",
    "文号",
    "授予日期",
    "工作地",
    "用人单位",
    "来源",
    "状态",
    "核实人",
    "核实意见",
)


def _exported(honour: Honour) -> tuple[Any, ...]:
    return (
        honour.worker.name,
        honour.worker.masked_id_number,
        honour.type,
        honour.named_as,
        honour.year,
        honour.document,
        date_iso(honour.conferred_on),
        honour.worker.work_region.full_name,
        honour.worker.employer or "",
        honour.source,
        honour.get_state_display(),
        honour.verified_by or "",
        honour.verdict,
    )


def _chosen(request: HttpRequest) -> list[int]:
    """The honours a request names: ticked ones, all that the filters of the list give, or those of the
    confirmation itself.
    """
    if "signed" in request.POST:
        try:
            return [int(pk) for pk in signing.loads(request.POST["signed"], salt=_SALT)]
        except (signing.BadSignature, ValueError):
            return []
    waiting = honours_to_verify(request.user)
    if request.POST.get("what") == "all":
        form = HonourFilter(QueryDict(request.POST.get("filters", "")), user=request.user)
        filtered = form.apply(waiting).order_by("id")
        return list(filtered.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    texts = request.POST.getlist("chosen") or request.GET.getlist("chosen")
    ticked = [int(text) for text in texts if _may_be_key(text)]
    return list(waiting.filter(pk__in=ticked).order_by("id").values_list("pk", flat=True))


def _may_be_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


@staff("honour.verify", "GET", "HEAD", "POST")
def honour_verify(request: HttpRequest) -> HttpResponse:
    """First the confirmation with numbers and people; then one honour at once, several as a job."""
    ids = _chosen(request)
    many = len(ids) > MOST_AT_ONCE
    ids = ids[:MOST_AT_ONCE]
    if not ids:
        messages.warning(request, "没有选中可以由您核实的荣誉：可能已由他人处理，或由您本人登记。")
        return redirect("window:honours")
    if "signed" not in request.POST:
        return _ask(request, ids, many=many)
    if len(ids) > 1:
        job = start_verification(ids, by=request.user)
        messages.success(request, f"已开始核实{len(ids):,}项荣誉。离开本页不影响办理。")
        return redirect("window:job", job.pk)
    try:
        honour = verify_honour(
            ids[0], by=request.user, on=timezone.localdate(), verdict=request.POST.get("verdict", "")
        )
    except (NotNow, Refused) as error:
        return _ask(request, ids, error=str(error))
    messages.success(request, f"已核实{honour.worker.name}的“{honour}”。符合条件的，将自动提出纳入名录建议。")
    return redirect("window:honours")


def _ask(request: HttpRequest, ids: list[int], *, many: bool = False, error: str = "") -> HttpResponse:
    chosen = Honour.objects.visible_to(request.user).filter(pk__in=ids)
    listed = chosen.select_related("worker__work_region__parent", "type", "recorded_by")
    named = list(listed.defer("worker__phone").order_by("id")[:NAMED])
    context: dict[str, Any] = {
        "title": "确认核实荣誉",
        "crumbs": [("荣誉核实", reverse("window:honours")), ("确认核实", "")],
        "honours": named,
        "count": len(ids),
        "more": len(ids) - len(named),
        "most": MOST_AT_ONCE if many else 0,
        "people": chosen.values("worker").distinct().count(),
        "undocumented": chosen.filter(document="").count(),
        "signed": signing.dumps(ids, salt=_SALT),
        "single": len(ids) == 1,
        "error": error,
        "verdict": request.POST.get("verdict", ""),
    }
    return render(request, "window/honour_verify.html", context)


@staff("honour.verify", "GET", "HEAD", "POST")
def honour_refute(request: HttpRequest, honour_id: int) -> HttpResponse:
    """The honour was not given, or not to this person."""
    visible = Honour.objects.visible_to(request.user).select_related(
        "worker__work_region__parent", "type", "recorded_by", "verified_by"
    )
    honour = get_object_or_404(visible, pk=honour_id)
    require(request.user, "honour.verify", honour.worker.work_region_id)
    form = ReasonForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            refute_honour(
                honour.pk, reason=form.cleaned_data["reason"], by=request.user, on=timezone.localdate()
            )
        except (NotNow, Refused) as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, f"已将{honour.worker.name}的“{honour}”作核实不符处理，登记人可更正后重新提交。"
            )
            return redirect("window:honours")
    context = {
        "title": "核实不符",
        "crumbs": crumbs(honour.worker, ("核实不符", "")),
        "honour": honour,
        "form": form,
        "was_verified": honour.state == HonourState.VERIFIED,
    }
    return render(request, "window/honour_refute.html", context)
