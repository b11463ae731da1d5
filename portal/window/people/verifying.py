"""Records to be held against documents: the list of a kind, one record with its verdict, and many at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can, require, scope
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, posted
from portal.pages.confirm_many import LeftOut, chosen_ids, confirm_many, confirmed
from portal.pages.filters import COUNTED_AT_MOST, RecordFilter
from portal.pages.view_log import asked_of, record_shown
from portal.paging import page_asked
from portal.window.people.sections import VERIFICATION_TONES, Section, section_of
from portal.window.people.verdicts import SeenForm, SeenOfRecordForm, WrongForm, judge, judged_already
from portal.window.people.workers import crumbs
from portal.workforce.actions import confirm_record, documents_of, refute_record
from portal.workforce.authors import written_among
from portal.workforce.models.verification import Verification
from portal.workforce.record_kinds import KINDS, RecordKind, is_written_by_portal
from portal.workforce.verification import MOST_RECORDS_AT_ONCE, start_confirmation

PERMISSION = "record.verify"


def _kind(code: str) -> RecordKind:
    kind = KINDS.get(code)
    if kind is None or not kind.verified:
        raise Http404
    return kind


def _records(kind: RecordKind, user: Any) -> Any:
    """The records of a kind that the user sees, with what a row shows."""
    section = section_of(kind.code)
    records: Any = kind.model._default_manager
    related = ("worker__work_region__parent", "recorded_by", "verified_by", *section.joins)
    return records.visible_to(user).select_related(*related).defer("worker__phone")


@staff("worker.view")
def records(request: HttpRequest) -> HttpResponse:
    """What waits to be confirmed, a kind at a time."""
    form = RecordFilter(request.GET, user=request.user)
    kind = _kind(form.value("kind") or RecordFilter.FIRST)
    page = page_asked(
        form.apply(_records(kind, request.user)),
        request.GET,
        order=("id",),
        count=True,
        count_up_to=COUNTED_AT_MOST,
    )
    record_shown([record.worker_id for record in page.rows], by=request.user, asked=asked_of(form))
    waiting = (form.value("state") or Verification.STATED) == Verification.STATED
    verifies = can(request.user, PERMISSION) and waiting
    section = section_of(kind.code)
    context = {
        "title": "信息核验",
        "form": form,
        "page": page,
        "kind": kind,
        "heads": [label for label, _ in section.columns],
        "rows": _rows(section, list(page.rows), request.user, verifies=verifies),
        "verifies": verifies,
        "waiting": waiting,
        "extracts": can(request.user, "record.extract"),
        "clear": reverse("window:records") if form.used else "",
        "bulk": [{"name": "kind", "value": kind.code, "label": "核验所选"}],
    }
    return render(request, "window/records.html", context)


def _rows(section: Section, records: list[Any], user: Any, *, verifies: bool) -> list[dict[str, Any]]:
    """The records of the list; what one has written oneself, or is about oneself, is confirmed by somebody else."""
    where = scope(user, PERMISSION)
    written = written_among(records, user)
    rows = []
    for record in records:
        is_own = record.pk in written or record.worker.account_id == user.pk
        covered = where.covers(record.worker.work_region_id)
        rows.append(
            {
                "record": record,
                "cells": [(label, cell(record)) for label, cell in section.columns],
                "tone": VERIFICATION_TONES[Verification(record.verification)],
                "own": is_own,
                "may": verifies and covered and not is_own and not is_written_by_portal(record),
            }
        )
    return rows


def _record(request: HttpRequest, code: str, record_id: int) -> tuple[RecordKind, Any]:
    kind = _kind(code)
    record = get_object_or_404(_records(kind, request.user), pk=record_id)
    require(request.user, PERMISSION, record.worker.work_region_id)
    if is_written_by_portal(record):
        raise Http404
    return kind, record


def _judged_meanwhile(
    request: HttpRequest, row: RecordKind, record: Any, verdict: Verification
) -> HttpResponse | None:
    """Back to the list, for whoever opens the page of a verdict that was given already."""
    if posted(request) is not None or record.verification != verdict:
        return None
    words = f"该信息已由{record.verified_by}核验，结果为“{verdict.label}”。"
    return judged_already(request, words, _list_of(row))


def _judged(record: Any) -> str:
    return f"{record.get_verification_display()}：{record.verified_from}" if record.verified_by else ""


def _list_of(kind: RecordKind) -> str:
    return f"{reverse('window:records')}?kind={kind.code}"


@staff(PERMISSION, "GET", "HEAD", "POST")
def record_confirm(request: HttpRequest, kind: str, record_id: int) -> HttpResponse:
    """The record agrees with the document."""
    row, record = _record(request, kind, record_id)
    form = SeenOfRecordForm(posted(request), documents_of(row.code, record))

    def act(given: dict[str, Any]) -> Done:
        confirm_record(
            row.code,
            record.pk,
            seen=given["seen"],
            documents=given.get("documents", []),
            by=request.user,
            on=timezone.localdate(),
        )
        return Done(f"已核验{record.worker.name}的{row.title}。", _list_of(row))

    page = ActionPage(
        title=f"核验{row.title}",
        crumbs=crumbs(record.worker, (f"核验{row.title}", "")),
        consequence="与材料逐项核对一致后再确认。核验后，该信息可用于遴选、审批和涉及资金的待遇；核验人记为您。",
        submit="核对一致，确认",
        back=_list_of(row),
    )
    wrong = reverse("window:record_refute", args=[row.code, record.pk])
    judged = _judged_meanwhile(request, row, record, Verification.CONFIRMED)
    return judged or judge(
        request, page, form, act, kind=row, record=record, judged=_judged(record), wrong=wrong
    )


@staff(PERMISSION, "GET", "HEAD", "POST")
def record_refute(request: HttpRequest, kind: str, record_id: int) -> HttpResponse:
    """The document says something else, or there is none."""
    row, record = _record(request, kind, record_id)
    form = WrongForm(posted(request))

    def act(given: dict[str, Any]) -> Done:
        refute_record(row.code, record.pk, reason=given["reason"], by=request.user, on=timezone.localdate())
        return Done(f"已将{record.worker.name}的{row.title}记为核验不符，更正后可重新核验。", _list_of(row))

    page = ActionPage(
        title=f"{row.title}核验不符",
        crumbs=crumbs(record.worker, (f"{row.title}核验不符", "")),
        consequence="记为不符后，该信息不再作为任何判定的依据，直到登记人更正并重新核验。原内容保留。",
        submit="记为核验不符",
        kind="danger",
        back=_list_of(row),
    )
    judged = _judged_meanwhile(request, row, record, Verification.REFUTED)
    return judged or judge(request, page, form, act, kind=row, record=record, judged=_judged(record))


@staff(PERMISSION, "POST")
def records_confirm(request: HttpRequest) -> HttpResponse:
    """First repeats the chosen records and asks what was seen; with that, starts the job."""
    row = _kind(request.POST.get("kind", ""))
    ids = chosen_ids(request)
    if not 0 < len(ids) <= MOST_RECORDS_AT_ONCE:
        messages.error(request, f"请选择1至{MOST_RECORDS_AT_ONCE}条信息。")
        return redirect(_list_of(row))
    records, left_out = _that_the_user_may_confirm(row, ids, request.user)

    def act(given: dict[str, Any]) -> Done:
        chosen = [record.pk for record in records]
        job = start_confirmation(
            row.code, chosen, seen=given["seen"], by=request.user, on=timezone.localdate()
        )
        words = f"已开始核验{len(chosen)}条信息，逐条办理。离开本页不影响办理。"
        return Done(words, reverse("window:job", args=[job.pk]))

    title = f"核验{row.title}：{len(records)}条"
    page = ActionPage(
        title=title,
        crumbs=[("信息核验", _list_of(row)), (title, "")],
        consequence="请与材料逐条核对。确认后，这些信息可用于遴选、审批和涉及资金的待遇；核验人记为您。",
        submit="核对一致，全部确认",
        back=_list_of(row),
    )
    section = section_of(row.code)
    rows = [
        {
            "pk": record.pk,
            "record": record,
            "cells": [(label, cell(record)) for label, cell in section.columns],
        }
        for record in records
    ]
    return confirm_many(
        request,
        page,
        rows,
        SeenForm(confirmed(request)),
        act,
        template="window/records_confirm.html",
        left_out=left_out,
        kind=row,
        heads=[label for label, _ in section.columns],
    )


def _that_the_user_may_confirm(row: RecordKind, ids: list[int], user: Any) -> tuple[list[Any], list[LeftOut]]:
    """Those of the chosen that the user may confirm now, and the others with the reason. The action checks
    each again.
    """
    where = scope(user, PERMISSION)
    records, left_out = [], []
    chosen = list(_records(row, user).filter(pk__in=ids).order_by("id"))
    written = written_among(chosen, user)
    for record in chosen:
        reason = ""
        if record.verification != Verification.STATED:
            reason = f"已由{record.verified_by}处理，结果为“{record.get_verification_display()}”"
        elif record.pk in written:
            reason = "由您登记、导入或更改过，须由另一人核验"
        elif record.worker.account_id == user.pk:
            reason = "是您本人的信息，须由另一人核验"
        elif not where.covers(record.worker.work_region_id):
            reason = "不在您负责的地区"
        if reason:
            left_out.append(LeftOut(record.worker.name, str(record), reason))
        else:
            records.append(record)
    return records, left_out
