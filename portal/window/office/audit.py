"""The audit for those who watch: what was done, by whom, about whom; whether the chain holds; an export of
what is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import messages
from django.db import connection
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import WHOLE_REGION, can, require, scope
from portal.address_codes import UnknownCode, number_of
from portal.audit import anchors, heads, refused
from portal.audit.anchors import Anchored
from portal.audit.chain import Verdict, verify
from portal.audit.models import Entry
from portal.cases.models import Case
from portal.cases.numbers import number_as_issued
from portal.lists.csv_files import csv_download
from portal.names import searched_name
from portal.pages.access import staff
from portal.paging import page_asked
from portal.throttle import Limit, too_many
from portal.typed_fields import DayField
from portal.window.office.audit_labels import label_of
from portal.window.office.audit_words import lines_of
from portal.workforce.models import Worker

# Of one name so many people are looked for.
_MOST_OF_A_NAME = 100
# Entries about several cases at once name their numbers.
OF_SETS = ("case.assign_many", "case.hand_over")
# Every link is computed anew: seconds of work for the database.
VERIFICATIONS = Limit("audit-verify", 20)

# The actions that occur, each found by one step in the index instead of reading the whole table.
_ACTIONS = """
WITH RECURSIVE seen AS (
    (SELECT action FROM audit_entry ORDER BY action LIMIT 1)
    UNION ALL
    SELECT (SELECT e.action FROM audit_entry e WHERE e.action > seen.action ORDER BY e.action LIMIT 1)
    FROM seen WHERE seen.action IS NOT NULL
)
SELECT action FROM seen WHERE action IS NOT NULL
"""


_WHY = {
    "entry is gone": "记录已不存在",
    "a link before it is gone": "前面有一环已不存在",
    "entry or link was changed": "记录或链环被改动",
    "entry stands outside the chain": "记录不在链中",
    "its moment does not fit its place": "记录时间与其位置不符",
    "the people it named were changed": "涉及人员的集合被改动",
}
# What does not agree with the heads noted outside the database, by the codes of portal.audit.anchors.
_WHY_ANCHORS = {
    "cut": "审计链尾部被截断",
    "rewritten": "审计链被改写并重新计算",
    "line changed": "留存的链尾摘要被改动",
    "heads missing": "留存的链尾摘要有缺失",
    "heads cut": "最近留存的链尾摘要已不存在",
    "heads gone": "链尾摘要留存文件已不存在",
}
_HEADS_SAY = {
    "ready": ("链尾摘要按时留存", "good"),
    "preparing": ("链尾摘要尚未留存", "info"),
    "missing": ("链尾摘要留存异常", "bad"),
}


def _actions() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_ACTIONS)
        return [(action, f"{label_of(action)}（{action}）") for (action,) in cursor.fetchall()]


class AuditFilter(forms.Form):
    actor = forms.CharField(label="操作人用户名", max_length=64, required=False)
    action = forms.ChoiceField(label="操作", required=False)
    worker = forms.CharField(label="涉及人员姓名或办件编号", max_length=40, required=False)
    case = forms.CharField(label="只看办件（编号）", max_length=24, required=False)
    since = DayField(
        label="自",
        required=False,
    )
    until = DayField(
        label="至",
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [("", "全部操作"), *_actions()]  # type: ignore[attr-defined]

    def clean_worker(self) -> str:
        text = self.cleaned_data["worker"].strip()
        if len(text) == 18 and text[:17].isdigit():
            raise forms.ValidationError(
                "不要填写证件号码。请填写姓名或办件编号；点击本页的人员代号，只看该人。"
            )
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("since") and cleaned.get("until") and cleaned["since"] > cleaned["until"]:
            self.add_error("until", "截止日期不能早于起始日期。")
        return cleaned


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _people_called(text: str, user: Any) -> list[int]:
    """Who is meant by a name, by the number of a case, or by the code under which the page shows somebody."""
    with suppress(UnknownCode):
        return [number_of("person", text)]
    number = number_as_issued(text)
    cases = Case.objects.visible_to(user).filter(number=number, worker__isnull=False)
    people = Worker.objects.visible_to(user, merged=True).filter(name=searched_name(text))
    return [
        *cases.values_list("worker_id", flat=True),
        *people.values_list("pk", flat=True)[:_MOST_OF_A_NAME],
    ]


def _of_case(number: str, user: Any) -> Q:
    """What was done to a case or to what stands one to one beside it, and the sets of cases that it was given out in."""
    case = Case.objects.visible_to(user).filter(number=number_as_issued(number)).first()
    if case is None:
        return Q(pk__in=[])
    every = Entry.objects.order_by()
    about = every.filter(object_type__in=_labels_of_cases(), object_ref=str(case.pk)).values("pk")
    if case.worker_id is None:
        return Q(pk__in=about)
    sets = every.naming(case.worker_id).filter(action__in=OF_SETS, detail__numbers__contains=[case.number])
    # Each has its index; joined by OR the whole table would be read.
    return Q(pk__in=about.union(sets.values("pk")))


@cache
def _labels_of_cases() -> list[str]:
    """Cases, and whatever has the number of its case for its own."""
    beside = [
        model._meta.label
        for model in apps.get_models()
        if model._meta.pk.is_relation and model._meta.pk.related_model is Case
    ]
    return [Case._meta.label, *beside]


def _entries(user: Any, form: AuditFilter) -> Any:
    """The entries the person may see, narrowed by the form; nothing when the form is wrong."""
    entries = Entry.objects.within(scope(user, "audit.view"))
    if not form.is_bound:
        return entries
    if not form.is_valid():
        return entries.none()
    chosen = form.cleaned_data
    actor = chosen["actor"].strip()
    if actor:
        entries = entries.by_actor(actor)
    if chosen["action"]:
        entries = entries.filter(action=chosen["action"])
    if chosen["worker"]:
        entries = entries.naming(*_people_called(chosen["worker"], user))
    if chosen["case"]:
        entries = entries.filter(_of_case(chosen["case"], user))
    if chosen["since"]:
        entries = entries.filter(at__gte=_midnight(chosen["since"]))
    if chosen["until"]:
        entries = entries.filter(at__lt=_midnight(chosen["until"] + timedelta(days=1)))
    return entries


@staff("audit.view")
def audit_page(request: HttpRequest) -> HttpResponse:
    form = AuditFilter(request.GET or None)
    found = _entries(request.user, form).select_related("actor")
    page = page_asked(found, request.GET, order=("-id",), size=50, count=True)
    sees_everything = can(request.user, "audit.view", WHOLE_REGION)
    last_verification = None
    if sees_everything:
        last_verification = Entry.objects.filter(action="audit.verify").order_by("-id").first()
    context = {
        "title": "审计记录",
        "crumbs": [("工作台", reverse("window:home")), ("审计记录", "")],
        "form": form,
        "page": page,
        "rows": lines_of(page.rows, request.user),
        "export": [(_export_address(request), "导出 CSV")] if page.rows else [],
        "whole": sees_everything,
        "heads": _HEADS_SAY[heads.status()],
        "refused": any(code == refused.ACTION for code, _ in form.fields["action"].choices),  # type: ignore[attr-defined]
        "last": last_verification,
    }
    return render(request, "window/audit.html", context)


def _export_address(request: HttpRequest) -> str:
    """The export of what is filtered, from the first page on."""
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    return f"{reverse('window:audit_export')}?{query.urlencode()}"


@staff("audit.view", "POST")
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Compute the chain anew and say whether it holds. The verdict is an entry itself."""
    require(request.user, "audit.view", WHOLE_REGION)
    wait = VERIFICATIONS.wait(str(request.user.pk))
    if wait:
        return too_many(request, wait)
    verdict, anchored = verify(), anchors.compare()
    agrees = verdict.holds and not anchored.found
    detail: dict[str, Any] = {"links": verdict.links, "head": verdict.head, "holds": agrees}
    if not verdict.holds:
        detail |= {"broken_at": verdict.broken_at, "entry": verdict.entry_id, "why": verdict.why}
    if anchored.found:
        detail["anchors"] = list(dict.fromkeys(_WHY_ANCHORS[found.what] for found in anchored.found))
    audit.record("audit.verify", by=request.user, detail=detail)
    if agrees:
        messages.success(request, _whole(verdict, anchored))
    else:
        messages.error(request, _broken(verdict, anchored))
    return redirect("window:audit")


def _whole(verdict: Verdict, anchored: Anchored) -> str:
    said = f"审计链完整：共{verdict.links}环，链尾摘要 {verdict.head or '—'}。"
    if anchored.last is None:
        return f"{said}数据库之外尚未留存链尾摘要，请将摘要另行留存，以便日后比对。"
    return f"{said}与数据库之外留存的{anchored.heads}个链尾摘要一致。"


def _broken(verdict: Verdict, anchored: Anchored) -> str:
    said = []
    if not verdict.holds:
        place = f"第{verdict.broken_at}环" if verdict.broken_at else "链外"
        said.append(f"{place}、第{verdict.entry_id}号记录与链不符（{_WHY[verdict.why]}）")
    said += list(dict.fromkeys(_WHY_ANCHORS[found.what] for found in anchored.found))
    return f"审计链不完整：{'；'.join(said)}。请立即报告安全管理员并保全数据库。"


@staff("audit.view")
def audit_export(request: HttpRequest) -> HttpResponseBase:
    """Exactly what is filtered, newest first, as CSV. Written to the audit before the first line."""
    form = AuditFilter(request.GET or None)
    entries = _entries(request.user, form)
    if form.is_bound and not form.is_valid():
        return redirect(f"{reverse('window:audit')}?{request.GET.urlencode()}")
    newest = Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    filters = form.cleaned_data if form.is_bound else {}
    asked = {name: str(value) for name, value in filters.items() if value}
    audit.record("audit.export", by=request.user, detail=asked)
    # The export ends where it began: neither its own entry nor what happens meanwhile is in it.
    rows = entries.filter(id__lte=newest).order_by("-id")
    return csv_download(f"audit-{timezone.localdate():%Y%m%d}.csv", HEADS, _cells(rows))


HEADS = (
    "序号",
    "时间",
    "操作人",
    "操作",
    "代码",
    "对象类型",
    "对象记录号",
    "涉及人员记录号",
    "地区",
    "来源地址",
    "详情",
)


def _cells(rows: Any) -> Iterator[tuple[Any, ...]]:
    for entry in rows.iterator(chunk_size=2000):
        yield (
            entry.pk,
            f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}",
            entry.actor_name,
            label_of(entry.action),
            entry.action,
            entry.object_type,
            entry.object_ref,
            entry.worker_ref,
            entry.region_code,
            entry.address,
            json.dumps(entry.detail, ensure_ascii=False, sort_keys=True),
        )
