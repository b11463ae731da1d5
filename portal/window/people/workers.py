"""Workers: the list, the page of one person, intake, correction, and showing a masked number."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import Refused, can, require
from portal.cases.models import Case
from portal.cases.models.life import NEWEST_FIRST as CASES
from portal.letters.models import NEWEST_FIRST as LETTERS
from portal.letters.models import Letter
from portal.lists.csv_files import audited_csv
from portal.pages.access import staff
from portal.pages.filters import COUNTED_AT_MOST, WorkerFilter
from portal.pages.view_log import asked_of, numbers_of, record_list
from portal.paging import page_asked
from portal.programmes import PersonAction, programmes
from portal.window.cases.worklist import rows_of
from portal.window.people import pairs, searching
from portal.window.people.occupations import occupations_of
from portal.window.people.sections import PAYEE_TONES, SECTIONS, open_changes, section_context
from portal.workforce.actions import (
    AlreadyRegistered,
    NotNow,
    correct_worker,
    create_worker,
    documents_counted,
    version_of,
)
from portal.workforce.actions.pointers import KINDS
from portal.workforce.figure_age import asked_again_before_approval
from portal.workforce.form_fields import ask_own_source
from portal.workforce.forms import CorrectWorkerForm, NewWorkerForm
from portal.workforce.history import history_of
from portal.workforce.merged import account_of, records_of
from portal.workforce.missing_coverage import missing_coverage, sentences
from portal.workforce.models import MergedPerson, NameConflict, UnmaskedFor, Worker
from portal.workforce.models.credentials import PayeeState
from portal.workforce.occupations import unlisted

# Cases and letters on the page of a person.
MOST_LISTED = 50
TABS = (("", "档案"), ("check", "待遇查询"), ("history", "变更记录"))


def crumbs(worker: Worker, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Where a page about a worker stands. Without `more` it is the worker's own page."""
    here = reverse("window:worker", args=[worker.pk])
    return [("人员", reverse("window:workers")), (worker.name, here if more else ""), *more]


def tabs_of(worker: Worker, current: str) -> list[dict[str, Any]]:
    """The parts of what there is about a worker."""
    here = reverse("window:worker", args=[worker.pk])
    addresses = {
        "": here,
        "check": reverse("window:check", args=[worker.pk]),
        "history": f"{here}?tab=history",
    }
    return [{"label": label, "href": addresses[name], "current": name == current} for name, label in TABS]


def visible_worker(request: HttpRequest, worker_id: int) -> Worker:
    """The worker, or 404 when there is none that the user may see."""
    people = Worker.objects.visible_to(request.user)
    return get_object_or_404(
        people.select_related("work_region__parent", "household_region__parent", "employer"), pk=worker_id
    )


@staff("worker.view")
def workers(request: HttpRequest) -> HttpResponse:
    form = WorkerFilter(request.GET, user=request.user)
    people = form.apply(Worker.objects.visible_to(request.user))
    page = page_asked(
        people.select_related("work_region__parent", "employer").defer("phone"),
        request.GET,
        order=("-id",),
        count=True,
        count_up_to=COUNTED_AT_MOST,
    )
    record_list(page.rows, by=request.user, asked=asked_of(form))
    context = {
        "title": "人员",
        "form": form,
        "page": page,
        "clear": reverse("window:workers") if form.used else "",
        "may_register": can(request.user, "worker.edit"),
        "may_import": can(request.user, "roster.import"),
        "unlisted": unlisted(person.occupation for person in page.rows),
        "export": [(f"{reverse('window:workers_export')}?{request.GET.urlencode()}", "导出")],
    }
    return render(request, "window/workers.html", context)


@staff("worker.view")
def workers_export(request: HttpRequest) -> StreamingHttpResponse:
    """The people of the list, numbers masked as on the page."""
    form = WorkerFilter(request.GET, user=request.user)
    people = form.apply(Worker.objects.visible_to(request.user))
    listed = people.select_related("work_region__parent", "employer").defer("phone").order_by("-id")
    rows = (_exported(person) for person in listed.iterator(chunk_size=2000))
    heads = ("姓名", "证件号码", "工作地", "用人单位", "职业（工种）", "技能等级", "来源")
    return audited_csv(request, "worker", heads, rows, count=people.count(), people=numbers_of(people, "pk"))


def _exported(person: Worker) -> tuple[Any, ...]:
    return (
        person.name,
        person.masked_id_number,
        person.work_region.full_name,
        person.employer or "",
        person.occupation,
        person.get_skill_level_display() if person.skill_level else "",
        person.source,
    )


@staff("worker.view")
def worker(request: HttpRequest, worker_id: int) -> HttpResponse:
    """Everything the register knows of a person. Who opened the page is written to the audit.

    A record that was merged or voided says so, with where it leads and its history.
    """
    people = Worker.objects.visible_to(request.user, merged=True)
    person = get_object_or_404(
        people.select_related("work_region__parent", "household_region__parent", "employer"), pk=worker_id
    )
    audit.record("worker.view", by=request.user, obj=person, worker=person, region=person.work_region_id)
    link = MergedPerson.objects.filter(source=person).select_related("target").first()
    if link is not None:
        return _page_of_merged(request, person, link)
    return worker_page(request, person)


def _page_of_merged(request: HttpRequest, person: Worker, link: MergedPerson) -> HttpResponse:
    """What is left to say of a record that stands for nobody of its own."""
    target = link.target
    sees_target = target is not None and can(request.user, "worker.view", target.work_region_id)
    context = {
        "title": person.name,
        "crumbs": crumbs(person),
        "worker": person,
        "target": target,
        "sees_target": sees_target,
        "pointers": pairs.pointers_of(KINDS["person"], person),
        "changes": history_of(person),
    }
    return render(request, "window/worker_merged.html", context)


def worker_page(
    request: HttpRequest,
    person: Worker,
    *,
    revealed: dict[str, str] | None = None,
    unmasking: dict[str, Any] | None = None,
) -> HttpResponse:
    user = request.user
    tab = "history" if request.GET.get("tab", "") == "history" else ""
    context: dict[str, Any] = {
        "title": person.name,
        "crumbs": crumbs(person),
        "worker": person,
        "account": account_of(person),
        "tab": tab,
        "tabs": tabs_of(person, tab),
        "actions": _actions(person, user),
        "refused": _refused(person, user),
        "revealed": revealed or {},
        "unmasking": unmasking or {},
        "purposes": UnmaskedFor.choices,
        "may_unmask": can(user, "worker.unmask", person.work_region_id),
        "may_verify": can(user, "honour.verify", person.work_region_id),
        "pointers": pairs.pointers_of(KINDS["person"], person),
    }
    if tab == "history":
        context["changes"] = history_of(person)
    else:
        context |= _file_of(person, user)
    return render(request, "window/worker.html", context)


def _file_of(person: Worker, user: Any) -> dict[str, Any]:
    """What the first part of the page shows: records, accounts, cases, letters, and names that differ."""
    records = records_of(person.pk)
    cases = Case.objects.visible_to(user).filter(worker__in=records).select_related("assigned_to")
    letters = Letter.objects.visible_to(user).filter(worker__in=records)
    documents, changes = documents_counted(person), open_changes(person, user)
    sections = [section_context(section, person, user, documents, changes) for section in SECTIONS]
    return {
        "not_known": [
            *map(str, asked_again_before_approval(person, timezone.localdate())),
            *sentences(missing_coverage(person, timezone.localdate()).values()),
        ],
        "sections": sections,
        "handing_over": changes.get(("worker", person.pk)),
        "unlisted": unlisted([person.occupation, *occupations_of(sections)]),
        "payees": _payees(person, user),
        "cases": rows_of(list(cases.order_by(*CASES)[:MOST_LISTED]), timezone.localdate()),
        "letters": letters.order_by(*LETTERS)[:MOST_LISTED],
        "conflicts": NameConflict.objects.visible_to(user).open().filter(worker=person),
    }


def _payees(person: Worker, user: Any) -> dict[str, Any]:
    confirms = can(user, "payee.confirm", person.work_region_id)
    proposes = can(user, "payee.change", person.work_region_id)
    rows = []
    has_proposal = False
    for account in person.payee_accounts.select_related("recorded_by", "confirmed_by"):
        decide = ""
        if account.state == PayeeState.PROPOSED:
            has_proposal = True
            if confirms or proposes:
                decide = reverse("window:payee", args=[account.pk])
        rows.append(
            {
                "account": account,
                "tone": PAYEE_TONES[account.state],
                "decide": decide,
            }
        )
    may_add = proposes and not has_proposal
    return {
        "rows": rows,
        "add": reverse("window:payee_new", args=[person.pk]) if may_add else "",
    }


# What may be done from the page. An address without a colon is a kind of record.
_ACTIONS = (
    PersonAction(
        "更正人员信息",
        "window:worker_edit",
        "worker.edit",
        "更正姓名、证件号码、手机号、工作地，原内容保留在变更记录中。",
    ),
    PersonAction(
        "登记荣誉",
        "honour",
        "honour.record",
        "登记后由另一名盟市审核员核实，核实后才作为判定依据。",
    ),
    PersonAction(
        "登记技能证书",
        "credential",
        "worker.edit",
        "最高等级会随之更新。",
    ),
    PersonAction(
        "登记收款账户",
        "window:payee_new",
        "payee.change",
        "由另一人复核后启用，复核前沿用原账户。",
    ),
    *(action for programme in programmes() for action in programme.person_actions),
    PersonAction(
        "并入或作废",
        "merge",
        "worker.merge",
        "同一人有两份档案的并为一份，误录入的作废；由另一人复核，可以撤销。",
    ),
    PersonAction(
        "发放激活码",
        "window:activation",
        "worker.activate",
        "查验身份证件后打印一次性激活码，本人凭码开通网上账号。",
    ),
    PersonAction(
        "手机号登录",
        "window:phone",
        "worker.activate",
        "当面核对后，本人可以用手机号登录，不必记用户名。",
    ),
)


def _actions(person: Worker, user: Any) -> list[dict[str, str]]:
    actions: list[dict[str, str]] = []
    for label, address, permission, consequence in _ACTIONS:
        if not can(user, permission, person.work_region_id):
            continue
        if address == "merge":
            href = reverse("window:merge_new", args=["person", person.pk])
        elif ":" in address:
            href = reverse(address, args=[person.pk])
        else:
            href = reverse("window:record_new", args=[person.pk, address])
        actions.append(
            {
                "label": label,
                "href": href,
                "consequence": consequence,
                "kind": "secondary" if actions else "primary",
            }
        )
    return actions


def _refused(person: Worker, user: Any) -> list[dict[str, str]]:
    """What the user may not do here, each with who may."""
    permissions = [(label, permission) for label, _, permission, _ in _ACTIONS]
    permissions += [("查看完整证件号码", "worker.unmask"), ("核实荣誉", "honour.verify")]
    refused = []
    for label, permission in permissions:
        try:
            require(user, permission, person.work_region_id)
        except Refused as reason:
            refused.append({"label": label, "reason": str(reason)})
    return refused


@staff("worker.edit", "GET", "HEAD", "POST")
def worker_new(request: HttpRequest) -> HttpResponse:
    given = request.POST if request.method == "POST" else None
    form = NewWorkerForm(given, user=request.user, initial=searching.to_write_down(request))
    existing: Worker | None = None
    if request.method == "POST" and form.is_valid():
        try:
            person = create_worker(**form.cleaned_data, by=request.user, on=timezone.localdate())
        except AlreadyRegistered as already:
            existing = Worker.objects.visible_to(request.user).filter(pk=already.worker_id).first()
            form.add_error("id_number", str(already))
        except NotNow as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.take(error)
        else:
            messages.success(request, f"已登记{person.name}。请继续补充就业、证书、荣誉等信息。")
            return redirect("window:worker", person.pk)
    context = {
        "title": "登记新人员",
        "crumbs": [("人员", reverse("window:workers")), ("登记新人员", "")],
        "form": form,
        "existing": existing,
    }
    return render(request, "window/worker_new.html", context)


@staff("worker.edit", "GET", "HEAD", "POST")
def worker_edit(request: HttpRequest, worker_id: int) -> HttpResponse:
    person = visible_worker(request, worker_id)
    require(request.user, "worker.edit", person.work_region_id)
    initial = {
        "name": person.name,
        "work_region": person.work_region_id,
        "household_region": person.household_region_id,
        "version": version_of(person),
    }
    given = request.POST if request.method == "POST" else None
    form = CorrectWorkerForm(given, initial=initial, user=request.user)
    ask_own_source(form, person.source)
    existing: Worker | None = None
    if request.method == "POST" and form.is_valid():
        try:
            changed = correct_worker(person.pk, **form.cleaned_data, by=request.user, on=timezone.localdate())
        except AlreadyRegistered as already:
            existing = Worker.objects.visible_to(request.user).filter(pk=already.worker_id).first()
            form.add_error("id_number", str(already))
        except NotNow as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.take(error)
        else:
            if not can(request.user, "worker.view", changed.work_region_id):
                messages.success(request, f"{changed.name}已转到{changed.work_region.full_name}管理。")
                return redirect("window:workers")
            waits = form.cleaned_data["work_region"].pk != changed.work_region_id
            if waits:
                messages.info(request, "工作地变更待接收地确认，确认之前仍由本地办理。")
            if not waits or version_of(changed) != version_of(person):
                messages.success(request, f"已更正{changed.name}的信息。")
            return redirect("window:worker", person.pk)
    context = {
        "title": f"更正{person.name}的信息",
        "crumbs": crumbs(person, ("更正信息", "")),
        "form": form,
        "worker": person,
        "existing": existing,
        "cancel": reverse("window:worker", args=[person.pk]),
    }
    return render(request, "window/worker_edit.html", context)
