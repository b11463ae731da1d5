"""One person or unit under two numbers, or entered by mistake: proposing it, deciding on it, undoing it, and what
stands twice afterwards.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Crumbs, Done, act_on, posted, show_action
from portal.pages.forms import NothingForm, ReasonForm
from portal.pages.view_log import record_shown
from portal.pages.waiting import findings_to_settle, pointers_to_confirm
from portal.paging import count_of, page_asked
from portal.window.people import pairs
from portal.workforce.actions import (
    confirm_pointer,
    propose_pointer,
    propose_undoing,
    refuse_pointer,
    settle_finding,
)
from portal.workforce.actions.pointers import CONFIRM, KINDS, PROPOSE, PointerKind
from portal.workforce.models import MergeFinding, PointerState

TITLE = "档案并入和作废"
TONES = {PointerState.PROPOSED: "warn", PointerState.CONFIRMED: "good", PointerState.REFUSED: "bad"}
_WITH = ("source", "target", "proposed_by", "decided_by")


def _kind(code: str) -> PointerKind:
    if code not in KINDS:
        raise Http404
    return KINDS[code]


def _crumbs(*more: tuple[str, str]) -> Crumbs:
    here = reverse("window:merges") if more else ""
    return [("工作台", reverse("window:home")), (TITLE, here), *more]


# -- proposing -----------------------------------------------------------------------------------------------
@staff(PROPOSE, "GET", "HEAD", "POST")
def propose(request: HttpRequest, kind: str, record_id: int) -> HttpResponse:
    """First the other record is looked for; then both stand side by side, with what would stand twice."""
    row = _kind(kind)
    source = pairs.visible_record(request, row, record_id)
    if request.GET.get("void"):
        return _propose(request, row, source, None)
    other = request.GET.get("with", "")
    if other.isascii() and other.isdigit():
        return _propose(request, row, source, pairs.visible_record(request, row, int(other)))
    text = " ".join(request.GET.get("q", "").replace("\0", "").split())[:60]
    context = {
        "title": f"并入或作废：{source.name}",
        "crumbs": _crumbs((source.name, pairs.address_of(row, source)), ("并入或作废", "")),
        "kind": row,
        "source": pairs.shown(row, source, request.user),
        "text": text,
        "found": pairs.others(request, row, source, text) if text else [],
        "may_void": not row.merged.objects.filter(target=source).exists(),
    }
    return render(request, "window/merge_find.html", context)


# Of which kind of record, and whether it goes into another one.
_EXAMPLES = {
    ("person", True): "例如：同一人先用旧证件号码建档。",
    ("person", False): "例如：建档时将另一人的号码录入为本人。",
    ("unit", True): "例如：同一单位先前未填统一社会信用代码建档。",
    ("unit", False): "例如：将内设部门误登记为单位。",
}


def _propose(request: HttpRequest, row: PointerKind, source: Any, target: Any) -> HttpResponse:
    back = pairs.address_of(row, source)

    def act(given: dict[str, Any]) -> Done:
        pointer = propose_pointer(
            row.code,
            source.pk,
            target.pk if target else None,
            reason=given["reason"],
            by=request.user,
            on=timezone.localdate(),
        )
        return Done("已提出，由另一人复核后生效。", reverse("window:merge", args=[row.code, pointer.pk]))

    merging = target is not None
    page = ActionPage(
        title=f"并入另一份档案：{source.name}" if merging else f"作废：{source.name}",
        crumbs=_crumbs((source.name, back), ("并入" if merging else "作废", "")),
        consequence=(
            "复核生效后，本档案并入保留的档案：查询、名单和待遇只按保留的档案办理，两份档案的记录都原样保留，可以撤销。"
            if merging
            else "复核生效后，本档案不再作为一个人或者单位办理，记录原样保留，可以撤销。"
        ),
        heading="提出",
        submit="提出并入" if merging else "提出作废",
        kind="primary" if merging else "danger",
        back=back,
    )
    form = ReasonForm(
        posted(request),
        label="理由",
        help_text=_EXAMPLES[row.code, merging],
    )
    answer = act_on(request, form, act)
    return answer or show_action(
        request,
        page,
        form,
        template="window/merge_pair.html",
        **pairs.side_by_side(row, source, target, request.user),
        collisions=row.collide(source, target) if merging else [],
    )


# -- the list ------------------------------------------------------------------------------------------------
@staff("worker.view")
def merges(request: HttpRequest) -> HttpResponse:
    """Pointers of people and of units, and what stands twice, each as a list."""
    name = request.GET.get("list", "person")
    lists: dict[str, tuple[str, Any]] = {
        "person": ("人员", KINDS["person"].pointer.objects.visible_to(request.user)),
        "unit": ("单位", KINDS["unit"].pointer.objects.visible_to(request.user)),
        "findings": ("待处理事项", MergeFinding.objects.visible_to(request.user).open()),
    }
    name = name if name in lists else "person"
    chosen = lists[name][1]
    if name == "findings":
        if "mine" in request.GET:
            chosen = findings_to_settle(request.user)
        chosen = chosen.select_related("person__source", "unit__source")
    else:
        if "mine" in request.GET:
            chosen = pointers_to_confirm(request.user, name)
        chosen = chosen.select_related(*_WITH)
    page = page_asked(chosen, request.GET, order=("-id",), count=True)
    record_shown(_people_of(name, page.rows), by=request.user, asked=[f"{TITLE}：{lists[name][0]}"])
    context = {
        "title": TITLE,
        "crumbs": _crumbs(),
        "list_name": name,
        "tabs": [
            {
                "label": label,
                "href": f"?list={key}",
                "current": key == name,
                "count": count_of(rows.open()),
            }
            for key, (label, rows) in lists.items()
        ],
        "page": page,
        "rows": [
            _finding_row(one, request.user) if name == "findings" else _pointer_row(name, one)
            for one in page.rows
        ],
    }
    return render(request, "window/merges.html", context)


def _people_of(name: str, rows: Any) -> list[int | None]:
    """The numbers of the people in a list of pointers, or of what these brought together."""
    if name == "unit":
        return []
    pointers = [one.person for one in rows] if name == "findings" else rows
    return [number for one in pointers if one for number in (one.source_id, one.target_id)]


def _pointer_row(kind: str, pointer: Any) -> dict[str, Any]:
    return {
        "pointer": pointer,
        "href": reverse("window:merge", args=[kind, pointer.pk]),
        "tone": TONES[PointerState(pointer.state)],
    }


def _finding_row(finding: MergeFinding, user: Any) -> dict[str, Any]:
    kind = "person" if finding.person_id else "unit"
    pointer = finding.person or finding.unit
    return {
        "finding": finding,
        "source": pointer.source,  # type: ignore[union-attr]
        "href": reverse("window:merge", args=[kind, pointer.pk]),  # type: ignore[union-attr]
        "settle": reverse("window:merge_settle", args=[finding.pk]) if can(user, CONFIRM) else "",
    }


# -- one pointer ---------------------------------------------------------------------------------------------
def _pointer(request: HttpRequest, kind: str, pk: int) -> tuple[PointerKind, Any]:
    row = _kind(kind)
    seen = row.pointer.objects.visible_to(request.user).select_related(*_WITH)
    return row, get_object_or_404(seen, pk=pk)


@staff("worker.view")
def merge(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """One pointer: both records, who proposed and who decided, what stood twice, and what may be done."""
    row, pointer = _pointer(request, kind, pk)
    place = getattr(pointer.source, row.place)
    waits = pointer.state == PointerState.PROPOSED
    decides = waits and can(request.user, CONFIRM, place) and pointer.proposed_by_id != request.user.pk
    undoes = pointer.stands and can(request.user, PROPOSE, place)
    context = {
        "title": f"{pointer.title}：{pointer.source.name}",
        "crumbs": _crumbs((f"{pointer.title}：{pointer.source.name}", "")),
        "pointer": pointer,
        "tone": TONES[PointerState(pointer.state)],
        **pairs.side_by_side(row, pointer.source, pointer.target, request.user),
        "collisions": [{"kind": kind_, "text": text} for kind_, text in pointer.collisions],
        "findings": list(pointer.findings.select_related("settled_by")),
        "confirm": reverse("window:merge_confirm", args=[row.code, pk]) if decides else "",
        "refuse": reverse("window:merge_refuse", args=[row.code, pk]) if decides else "",
        "undo": reverse("window:merge_undo", args=[row.code, pk]) if undoes else "",
        "undone_by": pointer.undone_by.select_related("decided_by").order_by("-pk").first(),
        "own": waits and pointer.proposed_by_id == request.user.pk,
    }
    return render(request, "window/merge.html", context)


@staff(CONFIRM, "GET", "HEAD", "POST")
def merge_confirm(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Let it stand."""
    row, pointer = _pointer(request, kind, pk)
    here = reverse("window:merge", args=[row.code, pk])

    def act(given: dict[str, Any]) -> Done:
        confirm_pointer(row.code, pk, by=request.user, on=timezone.localdate())
        return Done(f"{pointer.title}已生效。", here)

    page = ActionPage(
        title=f"复核{pointer.title}：{pointer.source.name}",
        crumbs=_crumbs((f"{pointer.title}：{pointer.source.name}", here), ("复核", "")),
        consequence="与证件材料核对一致后再确认。确认后立即生效，复核人记为您。",
        submit=f"核对无误，{pointer.title}",
        back=here,
    )
    decided = _decided_meanwhile(request, pointer, here)
    return decided or _decide(request, page, NothingForm(posted(request)), act, row=row, pointer=pointer)


@staff(CONFIRM, "GET", "HEAD", "POST")
def merge_refuse(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Leave both records as they are."""
    row, pointer = _pointer(request, kind, pk)
    here = reverse("window:merge", args=[row.code, pk])

    def act(given: dict[str, Any]) -> Done:
        refuse_pointer(row.code, pk, reason=given["reason"], by=request.user, on=timezone.localdate())
        return Done("已作未通过处理，两份档案不变。", here)

    page = ActionPage(
        title=f"不予通过：{pointer.source.name}",
        crumbs=_crumbs((f"{pointer.title}：{pointer.source.name}", here), ("不予通过", "")),
        consequence="两份档案不变，可以核对后重新提出。",
        submit="不予通过",
        kind="danger",
        back=here,
    )
    form = ReasonForm(posted(request), label="不予通过的理由")
    decided = _decided_meanwhile(request, pointer, here)
    return decided or _decide(request, page, form, act, row=row, pointer=pointer)


@staff(PROPOSE, "GET", "HEAD", "POST")
def merge_undo(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Propose that both stand for themselves again."""
    row, pointer = _pointer(request, kind, pk)
    here = reverse("window:merge", args=[row.code, pk])
    if not pointer.stands:
        messages.info(request, "该项没有生效或者已经撤销，无须撤销。")
        return redirect(here)

    def act(given: dict[str, Any]) -> Done:
        undoing = propose_undoing(
            row.code, pk, reason=given["reason"], by=request.user, on=timezone.localdate()
        )
        return Done("已提出撤销，由另一人复核后生效。", reverse("window:merge", args=[row.code, undoing.pk]))

    page = ActionPage(
        title=f"撤销{pointer.title}：{pointer.source.name}",
        crumbs=_crumbs((f"{pointer.title}：{pointer.source.name}", here), ("撤销", "")),
        consequence="复核生效后，两份档案各自恢复，与并入或者作废之前完全一样。",
        submit="提出撤销",
        back=here,
    )
    form = ReasonForm(posted(request), label="撤销的理由")
    return _decide(request, page, form, act, row=row, pointer=pointer)


def _decided_meanwhile(request: HttpRequest, pointer: Any, here: str) -> HttpResponse | None:
    """Back to where it stands, for whoever opens the page of a decision that was taken already."""
    if posted(request) is not None or pointer.state == PointerState.PROPOSED:
        return None
    messages.info(request, f"该项已经办理，当前为“{pointer.get_state_display()}”。")
    return redirect(here)


def _decide(
    request: HttpRequest, page: ActionPage, form: Any, act: Any, *, row: PointerKind, pointer: Any
) -> HttpResponse:
    answer = act_on(request, form, act)
    return answer or show_action(
        request,
        page,
        form,
        template="window/merge_pair.html",
        **pairs.side_by_side(row, pointer.source, pointer.target, request.user),
        collisions=[{"kind": kind, "text": text} for kind, text in pointer.collisions],
        pointer=pointer,
    )


@staff(CONFIRM, "GET", "HEAD", "POST")
def merge_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Note how something that stood twice was settled."""
    seen = MergeFinding.objects.visible_to(request.user).select_related("person__source", "unit__source")
    finding = get_object_or_404(seen, pk=pk)
    back = f"{reverse('window:merges')}?list=findings"
    if posted(request) is None and finding.settled_on:
        messages.info(request, "该事项已登记处理情况。")
        return redirect(back)

    def act(given: dict[str, Any]) -> Done:
        settle_finding(pk, how=given["reason"], by=request.user, on=timezone.localdate())
        return Done("已登记处理情况。", back)

    page = ActionPage(
        title=f"处理：{finding.kind}",
        crumbs=_crumbs((f"处理：{finding.kind}", "")),
        consequence="先在相应业务中办理（撤回、移出、终止、更正等），再在这里写明处理结果。",
        heading=finding.text,
        submit="登记处理情况",
        back=back,
    )
    form = ReasonForm(posted(request), label="处理结果", when_missing="请写明处理结果。", longest=300)
    answer = act_on(request, form, act)
    return answer or show_action(request, page, form)
