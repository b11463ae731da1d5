"""Adding, changing, ending and taking back any kind of record about a worker: one pair of views over one
table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, require
from portal.file_inspection import FileRefused
from portal.pages.access import staff
from portal.window.people.sections import section_of
from portal.window.people.workers import crumbs, visible_worker
from portal.workforce.actions import (
    documents_of,
    end_record,
    keep_document,
    record_honour,
    remove_record,
    save_record,
    version_of,
    withdraw_honour,
)
from portal.workforce.authors import is_only_author
from portal.workforce.forms import RECORD_FORMS, EndForm, HonourForm, ReasonForm, RecordForm, ask_reason
from portal.workforce.models import Honour, RecordChange, ScarceOccupation, Worker
from portal.workforce.models.honours import HonourState
from portal.workforce.occupations import NOT_LISTED, unlisted
from portal.workforce.record_kinds import HONOUR, KINDS, RecordKind


@dataclass(frozen=True)
class Entry:
    """How one kind is entered: its form, and the actions behind the buttons."""

    kind: RecordKind
    form: type[RecordForm]
    save: Callable[..., Any]
    remove: Callable[..., RecordChange | None]
    hint: str = ""

    @property
    def title(self) -> str:
        return self.kind.title


def _save_honour(worker_id: int, values: dict[str, Any], *, record_id: int | None, **how: Any) -> Honour:
    return record_honour(worker_id, **values, honour_id=record_id, **how)


ENTRIES: dict[str, Entry] = {
    code: Entry(kind, RECORD_FORMS[code], partial(save_record, code), partial(remove_record, code))
    for code, kind in KINDS.items()
}
ENTRIES[HONOUR.code] = Entry(
    HONOUR,
    HonourForm,
    _save_honour,
    withdraw_honour,
    hint="保存后状态为“待核实”，由另一名盟市审核员核实。登记人不能核实自己登记的荣誉。",
)


_PICTURE = "请上传登记库查询结果的图片。手工登记的，须有图片供他人核对。"
# More suggestions than these are no help.
_SUGGESTED = 500


def _entry(kind: str) -> Entry:
    if kind not in ENTRIES:
        raise Http404
    return ENTRIES[kind]


def _record(request: HttpRequest, entry: Entry, person: Worker, record_id: int) -> Any:
    records: Any = entry.kind.model._default_manager
    return get_object_or_404(records.visible_to(request.user), pk=record_id, worker=person)


def _permitted(request: HttpRequest, entry: Entry, person: Worker) -> None:
    require(request.user, entry.kind.permission, person.work_region_id)


@staff("worker.view", "GET", "HEAD", "POST")
def record(request: HttpRequest, worker_id: int, kind: str, record_id: int | None = None) -> HttpResponse:
    """Add a record, or change one: the form carries the version it was opened on."""
    person, entry = visible_worker(request, worker_id), _entry(kind)
    _permitted(request, entry, person)
    existing = _record(request, entry, person, record_id) if record_id else None
    back = reverse("window:worker", args=[person.pk])
    if kind == "honour" and existing is not None and existing.state == HonourState.VERIFIED:
        messages.info(request, "该荣誉已核实，不能直接更改。如有误，由盟市审核员先作“核实不符”处理。")
        return redirect(f"{back}#{kind}")
    form = _record_form(request, entry, existing)
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save(entry, person, form, request.user, record_id)
        except NotNow as error:
            form.add_error(None, str(error))
        except FileRefused as refused:
            form.add_error("attachment", str(refused))
        except ValidationError as error:
            form.take(error)
        else:
            if isinstance(saved, RecordChange):
                return _proposed(request, saved)
            messages.success(request, f"已保存{person.name}的{entry.title}。")
            for name in unlisted([form.cleaned_data.get("occupation", "")]):
                messages.info(request, f"“{name}”{NOT_LISTED}，已按填写的名称保存。请与证书核对。")
            if "another" in request.POST:
                return redirect("window:record_new", person.pk, kind)
            return redirect(f"{back}#{kind}")
    verb = "更改" if existing else "登记"
    context = {
        "title": f"{verb}{entry.title}",
        "crumbs": crumbs(person, (f"{verb}{entry.title}", "")),
        "worker": person,
        "entry": entry,
        "form": form,
        "record": existing,
        "cancel": f"{back}#{kind}",
        "documents": documents_of(kind, existing) if existing else (),
        "occupations": _occupations(person) if "occupation" in form.fields else (),
        "end": "",
        "remove": "",
        "change": _waiting_change(request, entry, existing),
        "held": existing is not None and entry.kind.counts(existing),
    }
    if existing is not None and not context["change"]:
        of_record = [person.pk, kind, record_id]
        if _runs(entry, existing):
            context["end"] = reverse("window:record_end", args=of_record)
        if _removable(existing):
            context["remove"] = reverse("window:record_remove", args=of_record)
    return render(request, "window/record.html", context)


def _occupations(person: Worker) -> list[str]:
    """Occupations that the lists in the person's place name, suggested as they are spelled there."""
    listed = ScarceOccupation.objects.in_place(person.work_region_id).order_by("occupation")
    return list(listed.values_list("occupation", flat=True).distinct()[:_SUGGESTED])


def _waiting_change(request: HttpRequest, entry: Entry, existing: Any) -> RecordChange | None:
    """The change of this record that waits for another person."""
    if existing is None:
        return None
    seen = RecordChange.objects.visible_to(request.user).open()
    return seen.filter(kind=entry.kind.code, record_id=existing.pk).first()


def _proposed(request: HttpRequest, change: RecordChange) -> HttpResponse:
    messages.success(request, "已提出变更，待他人确认；确认之前仍按原内容办理。")
    return redirect("window:change", change.pk)


def _save(entry: Entry, person: Worker, form: RecordForm, by: Any, record_id: int | None) -> Any:
    """The record, or the change that is proposed, with the document that was handed in beside it: both or none."""
    entered, today = form.cleaned_data, timezone.localdate()
    with transaction.atomic():
        saved = entry.save(
            person.pk,
            form.values,
            by=by,
            on=today,
            record_id=record_id,
            version=entered["version"],
            explanation=entered["explanation"],
            **({"reason": entered["reason"]} if "reason" in entered else {}),
        )
        if entered["attachment"]:
            number = saved.record_id if isinstance(saved, RecordChange) else saved.pk
            keep_document(entry.kind.code, number, entered["attachment"], label=entry.title, by=by, on=today)
    return saved


def _record_form(request: HttpRequest, entry: Entry, existing: Any) -> RecordForm:
    form = entry.form(
        *((request.POST, request.FILES) if request.method == "POST" else ()),
        user=request.user,
        instance=existing,
        initial={"version": version_of(existing)} if existing else {},
    )
    if existing is not None and entry.kind.counts(existing):
        ask_reason(form)
    if existing is None and entry.kind.pictured:
        form.fields["attachment"].required = True
        form.fields["attachment"].error_messages["required"] = _PICTURE
    if "occupation" in form.fields:
        form.fields["occupation"].widget.attrs |= {
            "hx-get": reverse("window:occupation_options"),
            "hx-trigger": "input changed delay:300ms",
            "hx-target": "#occupation-options",
        }
    if "employer" in form.fields:
        # Suggestions while a name is typed; without JavaScript the whole name or the code is typed.
        form.fields["employer"].widget.attrs |= {
            "hx-get": reverse("window:employer_options"),
            "hx-trigger": "input changed delay:300ms",
            "hx-target": "#employer-options",
        }
    return form


def _runs(entry: Entry, record: Any) -> bool:
    """Whether the record is of a kind that lasts, and has not ended."""
    ends_with = entry.kind.ends_with
    return bool(ends_with) and getattr(record, ends_with) is None


def _removable(record: Any) -> bool:
    """An honour that somebody has judged stays."""
    return not isinstance(record, Honour) or record.state == HonourState.UNVERIFIED


@staff("worker.view", "GET", "HEAD", "POST")
def record_end(request: HttpRequest, worker_id: int, kind: str, record_id: int) -> HttpResponse:
    """Give a record that lasts its last day."""
    person, entry = visible_worker(request, worker_id), _entry(kind)
    _permitted(request, entry, person)
    existing = _record(request, entry, person, record_id)
    if not _runs(entry, existing):
        raise Http404
    today = timezone.localdate()
    form = EndForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        initial={"version": version_of(existing), "ended_on": today},
    )
    held = entry.kind.counts(existing)
    if held:
        ask_reason(form)
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            ended = end_record(
                kind,
                person.pk,
                record_id,
                ended_on=entered["ended_on"],
                version=entered["version"],
                by=request.user,
                on=today,
                reason=entered.get("reason", ""),
            )
        except NotNow as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error("ended_on", "；".join(error.messages))
        else:
            if isinstance(ended, RecordChange):
                return _proposed(request, ended)
            messages.success(request, f"已终止{person.name}的{entry.title}。")
            return redirect(f"{reverse('window:worker', args=[person.pk])}#{kind}")
    consequence = "终止之日起，该记录不再作为判定依据；原内容保留。"
    return _confirm(request, person, entry, existing, form, "终止", consequence, held=held)


@staff("worker.view", "GET", "HEAD", "POST")
def record_remove(request: HttpRequest, worker_id: int, kind: str, record_id: int) -> HttpResponse:
    """Take back what should not have been written; the history keeps it."""
    person, entry = visible_worker(request, worker_id), _entry(kind)
    _permitted(request, entry, person)
    existing = _record(request, entry, person, record_id)
    form = ReasonForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        initial={"version": version_of(existing)},
    )
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            change = entry.remove(
                person.pk,
                record_id,
                reason=entered["reason"],
                version=entered["version"],
                by=request.user,
                on=timezone.localdate(),
            )
        except NotNow as error:
            form.add_error(None, str(error))
        else:
            if change is not None:
                return _proposed(request, change)
            messages.success(request, f"已撤销{person.name}的一条{entry.title}记录。")
            return redirect(f"{reverse('window:worker', args=[person.pk])}#{kind}")
    return _confirm(
        request,
        person,
        entry,
        existing,
        form,
        "撤销",
        "只用于登记有误的记录。撤销后不再作为判定依据，变更记录中仍可查到原内容。",
        held=entry.kind.counts(existing) or not is_only_author(request.user, existing),
    )


def _confirm(
    request: HttpRequest,
    person: Worker,
    entry: Entry,
    record: Any,
    form: Any,
    verb: str,
    consequence: str,
    *,
    held: bool,
) -> HttpResponse:
    """The page before a step that does not come back: whom and what it is about, and what follows."""
    section = section_of(entry.kind.code)
    title = f"{verb}{entry.title}"
    context = {
        "title": title,
        "crumbs": crumbs(person, (title, "")),
        "worker": person,
        "entry": entry,
        "form": form,
        "verb": verb,
        "held": held,
        "consequence": consequence,
        "cells": [{"label": label, "value": cell(record)} for label, cell in section.columns],
        "cancel": reverse("window:record", args=[person.pk, entry.kind.code, record.pk]),
    }
    return render(request, "window/record_confirm.html", context)
