"""A full number on the page of a person; how often whom was shown one; and the page that looks into it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal.accounts.access import NotNow, require, scope
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action
from portal.pages.filters import FilterForm, in_region
from portal.pages.view_log import asked_of, record_shown
from portal.paging import page_asked
from portal.reasons import ReasonField
from portal.shown_once import once
from portal.typed_fields import DayField
from portal.window.people.workers import visible_worker, worker_page
from portal.workforce.actions import reveal, review_unmasking
from portal.workforce.actions.unmasking import REVIEW
from portal.workforce.models import UnmaskedFor, Unmasking, UnmaskingAlert
from portal.workforce.models.unmasking import REPORT

LIST = ("完整号码查看情况", "window:unmaskings")


class UnmaskingFilter(FilterForm):
    """Full numbers that were shown: to whom, where, when."""

    by = forms.CharField(label="查看人（姓名或用户名）", required=False, max_length=64)
    region = forms.ChoiceField(label="工作地", required=False)
    since = DayField(label="自", required=False)
    until = DayField(label="至", required=False)

    def apply(self, shown: Any) -> Any:
        if by := self.value("by"):
            shown = shown.filter(Q(by__username=by) | Q(by__display_name=by))
        if region := self.value("region"):
            shown = shown.filter(in_region(region))
        if since := self.value("since"):
            shown = shown.filter(day__gte=since)
        if until := self.value("until"):
            shown = shown.filter(day__lte=until)
        return shown


@staff("worker.unmask", "POST")
def worker_unmask(request: HttpRequest, worker_id: int) -> HttpResponse:
    """The full number in this one answer: as a fragment to htmx, as the whole page otherwise."""
    person = visible_worker(request, worker_id)
    given = {name: request.POST.get(name, "") for name in ("what", "purpose", "note")}
    given["what"] = given["what"] or "id_number"
    try:
        value = reveal(person.pk, by=request.user, **given)
    except NotNow as error:
        refused = given | {"error": str(error)}
        if request.htmx:  # type: ignore[attr-defined]
            context = {
                "worker": person,
                "what": given["what"],
                "purposes": UnmaskedFor.choices,
                "given": refused,
            }
            return render(request, "window/reveal.html", context)
        return worker_page(request, person, unmasking={given["what"]: refused})
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "components/revealed.html", {"value": value})
    return once(worker_page(request, person, revealed={given["what"]: value}))


@staff(REPORT)
def unmaskings(request: HttpRequest) -> HttpResponse:
    """Alerts that wait, and each number that was shown, newest first."""
    form = UnmaskingFilter(request.GET, user=request.user)
    shown = form.apply(Unmasking.objects.visible_to(request.user))
    rows = shown.select_related("by", "worker", "region__parent").defer("worker__phone", "worker__id_number")
    alerts = UnmaskingAlert.objects.visible_to(request.user).select_related("by", "region__parent")
    page = page_asked(rows, request.GET, order=("-id",))
    record_shown([row.worker_id for row in page.rows], by=request.user, asked=asked_of(form))
    context = {
        "title": LIST[0],
        "form": form,
        "alerts": [_alert_row(alert, request.user) for alert in alerts.waiting()],
        "people": _by_person(shown),
        "page": page,
        "clear": reverse(LIST[1]) if form.used else "",
    }
    return render(request, "window/unmaskings.html", context)


def _by_person(shown: Any) -> list[dict[str, Any]]:
    """Who was shown most, by day: twenty rows."""
    counted = (
        shown.order_by()
        .values("by__display_name", "by__username", "day")
        .annotate(count=Count("pk"), people=Count("worker", distinct=True))
    )
    return list(counted.order_by("-count", "-day", "by__username")[:20])


def _alert_row(alert: UnmaskingAlert, user: Any) -> dict[str, Any]:
    reviews = scope(user, REVIEW).covers(alert.region_id)
    return {
        "alert": alert,
        "own": alert.by_id == user.pk,
        "may": reviews and alert.by_id != user.pk,
        "narrowed": f"?by={alert.by.username}&since={alert.day}&until={alert.day}",
    }


class ReviewForm(forms.Form):
    """What came of asking."""

    note = ReasonField(
        label="核查情况",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明核查方式和结果，例如：已逐条核对，均为办理退信；或：与工作无关，已停止其查看并报告。",
    )


@staff(REVIEW, "GET", "HEAD", "POST")
def unmasking_review(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Say what was found."""
    alerts = UnmaskingAlert.objects.visible_to(request.user).select_related("by", "region__parent")
    alert = get_object_or_404(alerts, pk=alert_id)
    require(request.user, REVIEW, alert.region_id)
    back = reverse(LIST[1])
    if posted(request) is None and alert.reviewed_at is not None:
        messages.info(request, "这项提醒已经核查。")
        return redirect(back)
    form = ReviewForm(posted(request))

    def act(given: dict[str, Any]) -> Done:
        review_unmasking(alert.pk, note=given["note"], by=request.user)
        return Done(f"已记录对{alert.by}{alert.day:%Y年%-m月%-d日}查看情况的核查。", back)

    page = ActionPage(
        title="核查完整号码查看情况",
        crumbs=[(LIST[0], back), (str(alert.by), "")],
        consequence="核查情况保存后不能更改。确有违规的，请通知系统管理员停用账号。",
        submit="已核查",
        back=back,
    )
    shown = Unmasking.objects.visible_to(request.user).filter(by=alert.by, day=alert.day)
    answer = act_on(request, form, act)
    return answer or show_action(
        request,
        page,
        form,
        template="window/unmasking_review.html",
        alert=alert,
        rows=shown.select_related("worker", "region").defer("worker__phone", "worker__id_number"),
        own=alert.by_id == request.user.pk,
    )
