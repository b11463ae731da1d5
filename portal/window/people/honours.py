"""Honours to verify: the list, the confirmation that repeats what will be done, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can, require, scope
from portal.formats import date_iso
from portal.lists.csv_files import audited_csv
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, posted
from portal.pages.filters import COUNTED_AT_MOST, HonourFilter
from portal.pages.view_log import asked_of, numbers_of, record_list
from portal.pages.waiting import honours_to_verify
from portal.paging import page_asked
from portal.window.people.sections import HONOUR_TONES
from portal.window.people.verdicts import SeenOfRecordForm, judge, judged_already
from portal.window.people.workers import crumbs
from portal.workforce.actions import documents_of, refute_honour, verify_honour
from portal.workforce.authors import written_among
from portal.workforce.forms import ReasonForm
from portal.workforce.models import Honour, RecordDocument
from portal.workforce.models.honours import HonourState
from portal.workforce.record_kinds import HONOUR
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
    record_list([honour.worker for honour in page.rows], by=request.user, asked=asked_of(form))
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
    return audited_csv(
        request, "honour", _HEADS, rows, count=honours.count(), people=numbers_of(honours, "worker_id")
    )


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
    """First the confirmation with numbers and people, then a job; one honour has a page of its own."""
    ids = _chosen(request)
    many = len(ids) > MOST_AT_ONCE
    ids = ids[:MOST_AT_ONCE]
    if not ids:
        messages.warning(request, "没有选中可以由您核实的荣誉：可能已由他人处理，或由您本人登记。")
        return redirect("window:honours")
    if len(ids) == 1 and "signed" not in request.POST:
        return redirect("window:honour_confirm", ids[0])
    if "signed" not in request.POST:
        return _ask(request, ids, many=many)
    job = start_verification(ids, by=request.user)
    messages.success(request, f"已开始核实{len(ids):,}项荣誉。离开本页不影响办理。")
    return redirect("window:job", job.pk)


def _ask(request: HttpRequest, ids: list[int], *, many: bool) -> HttpResponse:
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
    }
    return render(request, "window/honour_verify.html", context)


def _honour_to_judge(request: HttpRequest, honour_id: int) -> Honour:
    visible = Honour.objects.visible_to(request.user).select_related(
        "worker__work_region__parent", "type", "recorded_by", "verified_by"
    )
    honour: Honour = get_object_or_404(visible, pk=honour_id)
    require(request.user, "honour.verify", honour.worker.work_region_id)
    return honour


def _judged(honour: Honour) -> str:
    if not honour.verified_by:
        return ""
    return "：".join(filter(None, (honour.get_state_display(), honour.verdict)))


def _judged_meanwhile(request: HttpRequest, honour: Honour) -> HttpResponse:
    words = f"该荣誉已由{honour.verified_by}处理，结果为“{honour.get_state_display()}”。"
    return judged_already(request, words, reverse("window:honours"))


class _HonourSeenForm(SeenOfRecordForm):
    """What was seen of an honour. One with the number of its document is published: that is enough."""

    def __init__(self, data: Any, honour: Honour, documents: Sequence[RecordDocument]) -> None:
        super().__init__(data, documents)
        self._must_be_seen = not honour.document
        seen = self.fields["seen"]
        seen.required = seen.required and self._must_be_seen
        seen.label = "核实依据"
        seen.help_text = "例如：已查验证书原件，与公布文件名单一致。"


@staff("honour.verify", "GET", "HEAD", "POST")
def honour_confirm(request: HttpRequest, honour_id: int) -> HttpResponse:
    """One honour beside its documents: it was given, to this person."""
    honour = _honour_to_judge(request, honour_id)
    if honour.state != HonourState.UNVERIFIED:
        return _judged_meanwhile(request, honour)
    form = _HonourSeenForm(posted(request), honour, documents_of(HONOUR.code, honour))

    def act(given: dict[str, Any]) -> Done:
        documents = given.get("documents", [])
        verify_honour(
            honour.pk, verdict=given["seen"], documents=documents, by=request.user, on=timezone.localdate()
        )
        words = f"已核实{honour.worker.name}的“{honour}”。符合条件的，将自动提出纳入名录建议。"
        return Done(words, reverse("window:honours"))

    page = ActionPage(
        title="核实荣誉",
        crumbs=crumbs(honour.worker, ("核实荣誉", "")),
        consequence=(
            "核实后，该荣誉成为判定依据，符合条件的自动提出纳入名录建议，由名录管理员确认。核实人记为您。"
            + ("" if honour.document else "该荣誉没有文号，请写明查看了什么材料。")
        ),
        submit="核对一致，确认核实",
        back=reverse("window:honours"),
    )
    wrong = reverse("window:honour_refute", args=[honour.pk])
    return judge(request, page, form, act, kind=HONOUR, record=honour, wrong=wrong)


@staff("honour.verify", "GET", "HEAD", "POST")
def honour_refute(request: HttpRequest, honour_id: int) -> HttpResponse:
    """The honour was not given, or not to this person."""
    honour = _honour_to_judge(request, honour_id)
    if honour.state == HonourState.REFUTED:
        return _judged_meanwhile(request, honour)
    form = ReasonForm(posted(request), user=request.user)

    def act(given: dict[str, Any]) -> Done:
        refute_honour(honour.pk, reason=given["reason"], by=request.user, on=timezone.localdate())
        words = f"已将{honour.worker.name}的“{honour}”作核实不符处理，登记人可更正后重新提交。"
        return Done(words, reverse("window:honours"))

    was_verified = honour.state == HonourState.VERIFIED
    page = ActionPage(
        title="核实不符",
        crumbs=crumbs(honour.worker, ("核实不符", "")),
        consequence=(
            "该荣誉此前已核实。作核实不符处理后，不再作为判定依据；尚未办结的纳入名录建议随之终止，"
            "已经列入名录的由名录管理员另行决定。"
            if was_verified
            else "作核实不符处理后，登记人可以更正并重新提交核实。"
        ),
        submit="确认核实不符",
        kind="danger",
        back=reverse("window:honours"),
    )
    return judge(request, page, form, act, kind=HONOUR, record=honour, judged=_judged(honour))
