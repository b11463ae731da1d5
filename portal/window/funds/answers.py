"""What banks answered: the files, what came of their rows, and what their words mean."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from portal.accounts.access import can
from portal.accounts.polling import STOP_POLLING, polled
from portal.funds import answering, causes
from portal.funds.models import Answer, AnswerPhase, BankRow, CauseText, Outcome
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_at_once, act_on, posted, show_action
from portal.pages.case_page import Fact
from portal.pages.forms import NothingForm
from portal.paging import page_asked
from portal.spreadsheets.header import FileRefused
from portal.templatetags.portal import progress_context
from portal.window.funds.batch_forms import AnswerForm, CauseForm
from portal.window.funds.pages import crumbs
from portal.window.funds.payments import OUTCOME_TONES

_TONES = {AnswerPhase.DONE: "good", AnswerPhase.FAILED: "bad"}
_UNFINISHED = (AnswerPhase.RECEIVED, AnswerPhase.READING)


def _visible(request: HttpRequest, answer_id: int) -> Answer:
    listed = Answer.objects.visible_to(request.user)
    found: Answer = get_object_or_404(
        listed.select_related("channel", "profile", "region__parent", "by", "job"), pk=answer_id
    )
    return found


@staff("funds.view")
def answers(request: HttpRequest) -> HttpResponse:
    """What was given in for the user's places, newest first."""
    listed = Answer.objects.visible_to(request.user).select_related("channel", "region__parent", "by")
    page = page_asked(listed, request.GET, order=("-id",), count=True)
    context = {
        "title": "银行回盘",
        "crumbs": crumbs(("银行回盘", "")),
        "page": page,
        "rows": [(answer, _TONES.get(answer.phase, "info")) for answer in page.rows],
        "may_give_in": can(request.user, "funds.post"),
    }
    return render(request, "window/funds/answers.html", context)


@staff("funds.post", "GET", "HEAD", "POST")
def answer_new(request: HttpRequest) -> HttpResponse:
    """Give in a file of the bank. Another layout than that of the channel is refused whole."""
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = AnswerForm(*given, user=request.user)

    def act(said: dict[str, Any]) -> Done | None:
        try:
            answer = answering.give_in(said["file"], said["channel"], region=said["region"], by=request.user)
        except FileRefused as refused:
            form.add_error("file", str(refused))
            return None
        return Done("已提交，正在处理。", reverse("window:fund_answer", args=[answer.pk]))

    page = ActionPage(
        title="提交银行回盘",
        crumbs=crumbs(("银行回盘", reverse("window:fund_answers")), ("提交银行回盘", "")),
        consequence="逐行按业务编号、金额和收款账号核对。写明成功的记为已支付，写明失败的退回待付，其余列出由您处理。",
        submit="提交",
        back=reverse("window:fund_answers"),
    )
    answer = act_on(request, form, act) if request.method == "POST" else None
    return answer or show_action(request, page, form)


@staff("funds.view")
def answer(request: HttpRequest, answer_id: int) -> HttpResponse:
    """One answer: how far it is, how many rows of each outcome, and the rows."""
    shown = _visible(request, answer_id)
    counts = answering.counts_of(shown)
    listed = BankRow.objects.visible_to(request.user).filter(answer=shown)
    if outcome := request.GET.get("outcome", ""):
        listed = listed.filter(outcome=outcome)
    page = page_asked(listed.select_related("item__payable__case", "transfer"), request.GET, order=("line",))
    meaning = causes.meanings(row.words for row in page.rows)
    is_running = shown.job is not None and not shown.job.finished
    is_own = shown.job is not None and shown.job.by_id == request.user.pk
    context = {
        "title": "银行回盘",
        "crumbs": crumbs(("银行回盘", reverse("window:fund_answers")), (shown.file_name, "")),
        "answer": shown,
        "tone": _TONES.get(AnswerPhase(shown.phase), "info"),
        "facts": [
            Fact("支付渠道", f"{shown.channel.name}（{shown.profile.name}）"),
            Fact("地区", shown.region.full_name),
            Fact("SHA-256", shown.sha256),
            Fact("SM3", shown.sm3),
        ],
        "running": is_running and is_own,
        "may_go_on": shown.phase in _UNFINISHED
        and not is_running
        and can(request.user, "funds.post", shown.region_id),
        "poll": reverse("window:fund_answer_progress", args=[answer_id]),
        "cancel": reverse("window:job_cancel", args=[shown.job_id]) if is_own else "",
        "counts": [
            {"label": Outcome(code).label, "value": counts.get(code, 0), "tone": OUTCOME_TONES.get(code, "")}
            for code in Outcome
        ],
        "outcomes": Outcome.choices,
        "outcome": outcome,
        "page": page,
        "rows": [
            (row, OUTCOME_TONES.get(row.outcome, "warn"), meaning.get(row.words, "")) for row in page.rows
        ],
    }
    return render(request, "window/funds/answer.html", context)


@polled
@staff("funds.view")
def answer_progress(request: HttpRequest, answer_id: int) -> HttpResponse:
    """How far the job is, for whoever began it."""
    shown = _visible(request, answer_id)
    job = shown.job
    if job is None or job.by_id != request.user.pk:
        return HttpResponse(status=STOP_POLLING)
    address = reverse("window:fund_answer", args=[answer_id])
    results = [(address, "查看结果")] if job.finished else []
    context = progress_context(job, cancel=reverse("window:job_cancel", args=[job.pk]), results=results)
    status = STOP_POLLING if job.finished else 200
    told = render(request, "components/progress_body.html", context, status=status)
    if job.finished:
        told["HX-Refresh"] = "true"
    return told


@staff("funds.post", "POST")
def answer_go_on(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Begin anew what came to no end."""
    shown = _visible(request, answer_id)
    address = reverse("window:fund_answer", args=[answer_id])

    def act() -> Done:
        answering.go_on(shown.pk, by=request.user)
        return Done("已继续处理，处理过的行不重复处理。", address)

    return act_at_once(request, act, otherwise=address)


# -- what words mean -----------------------------------------------------------------------------------------
@staff("funds.view")
def cause_list(request: HttpRequest) -> HttpResponse:
    """What banks' words mean, and which of them nobody has explained yet."""
    context = {
        "title": "退回原因对照",
        "crumbs": crumbs(("退回原因对照", "")),
        "rows": CauseText.objects.select_related("recorded_by", "confirmed_by")[:500],
        "unexplained": causes.unexplained()[:50],
        "may_say": can(request.user, "funds.batch"),
    }
    return render(request, "window/funds/causes.html", context)


@staff("funds.batch", "GET", "HEAD", "POST")
def cause_new(request: HttpRequest) -> HttpResponse:
    """Say what words mean; somebody else confirms it."""
    form = CauseForm(posted(request), initial={"words": request.GET.get("words", "")})

    def act(said: dict[str, Any]) -> Done:
        causes.say(said["words"], said["cause"], by=request.user)
        return Done("已登记，由另一人确认后生效。", reverse("window:fund_causes"))

    page = ActionPage(
        title="登记退回原因对照",
        crumbs=crumbs(("退回原因对照", reverse("window:fund_causes")), ("登记", "")),
        submit="登记",
        back=reverse("window:fund_causes"),
    )
    return act_on(request, form, act) or show_action(request, page, form)


@staff("funds.batch", "GET", "HEAD", "POST")
def cause_confirm(request: HttpRequest, cause_id: int) -> HttpResponse:
    """Somebody else confirms what words mean."""
    said_before = get_object_or_404(CauseText.objects.select_related("recorded_by"), pk=cause_id)
    form = NothingForm(posted(request))

    def act(said: dict[str, Any]) -> Done:
        causes.confirm(said_before.pk, by=request.user)
        return Done("已确认，退回的付款按此说明原因。", reverse("window:fund_causes"))

    page = ActionPage(
        title="确认退回原因对照",
        crumbs=crumbs(("退回原因对照", reverse("window:fund_causes")), ("确认", "")),
        submit="确认",
        back=reverse("window:fund_causes"),
    )
    facts = [
        Fact("银行说明", said_before.words),
        Fact("退回原因", said_before.get_cause_display()),
        Fact("登记人", str(said_before.recorded_by)),
    ]
    return act_on(request, form, act) or show_action(
        request, page, form, template="window/funds/step.html", about="对照", facts=facts
    )
