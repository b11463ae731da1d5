"""Pages of letters: verification for everybody, the files for those they concern."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import audit, sealed_files
from portal.accounts.access import can
from portal.accounts.polling import STOP_POLLING, polled
from portal.addresses import own
from portal.audit.middleware import client_address
from portal.jobs.models import JobState
from portal.letters import actions, building
from portal.letters.forms import CodeForm, ServiceForm
from portal.letters.models import FileState, Letter, LetterFile, PrintFile
from portal.letters.printing import KEPT_FOR
from portal.letters.verification import Verification
from portal.letters.verification import verify as look_up
from portal.sealed_files import Unreadable
from portal.templatetags.portal import progress_context
from portal.throttle import Limit, Misses, too_many

MISSES = Misses(Limit("letter-verify-address", settings.MISSES_PER_HOUR), Limit("letter-verify-code", 20))
HOME = ("首页", "/")
_CRUMBS = [HOME, ("验证信函", "/letters/verify/"), ("验证结果", "")]


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Asks for the code on a letter. GET, so that the answer has an address; a wrong code is told beside the
    field, and one that is on no letter stays in it as it was typed.
    """
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_valid():
        code = form.cleaned_data["code"]
        answer, refusal = _looked_up(request, code)
        if refusal is not None:
            return refusal
        if answer is None:
            return _unknown(request, form, request.GET["code"])
        return redirect("letters:verified", code)
    context = {
        "title": "验证信函",
        "crumbs": [HOME, ("验证信函", "")],
        "form": form,
    }
    return render(request, "letters/pages/verify.html", context)


@never_cache
@require_safe
def verified(request: HttpRequest, code: str) -> HttpResponse:
    """What the letter with this code says and whether it still holds. 404 for a code that is on no letter."""
    answer, refusal = _looked_up(request, code)
    if refusal is not None:
        return refusal
    if answer is None:
        return _unknown(request, CodeForm(initial={"code": code[:40]}), code)
    context = {
        "title": "验证结果",
        "crumbs": _CRUMBS,
        "letter": answer,
    }
    return render(request, "letters/pages/verified.html", context)


def _looked_up(request: HttpRequest, code: str) -> tuple[Verification | None, HttpResponse | None]:
    """The letter, none for an unknown code; or the refusal of somebody who has guessed too often."""
    address = client_address(request)
    wait = MISSES.wait(address, code)
    if wait:
        return None, too_many(request, wait)
    answer = look_up(code)
    if answer is None:
        MISSES.count(address, code)
    return answer, None


def _unknown(request: HttpRequest, form: CodeForm, typed: str) -> HttpResponse:
    context = {
        "title": "没有查到这封信函",
        "crumbs": _CRUMBS,
        "form": form,
        "code": typed.strip()[:40],
    }
    return render(request, "letters/pages/unknown.html", context, status=404)


def _visible_letter(request: HttpRequest, code: str) -> Letter:
    """The letter, for staff of its region and the worker it is about; 404 for everybody else."""
    letters = Letter.objects.visible_to(request.user).select_related(
        "file", "region__parent", "superseded_by", "case"
    )
    return get_object_or_404(letters, code=code)


@never_cache
@login_required
@require_safe
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One letter: number, addressee, whether it holds, how it was served, its file."""
    letter = _visible_letter(request, code)
    audit.record("letter.view", by=request.user, obj=letter, worker=letter.worker_id, region=letter.region_id)
    staff = can(request.user, "letter.view")
    may_serve = letter.served_on is None and can(request.user, "letter.serve", letter.region_id)
    context = {
        "title": letter.number_text,
        "letter": letter,
        "file": letter.file,
        "staff": staff,
        "form": ServiceForm(letters=[letter]) if may_serve else None,
        "frame": "base_staff.html" if staff else "base_public.html",
    }
    return render(request, "letters/pages/detail.html", context)


@never_cache
@login_required
@require_safe
def pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The PDF. While it is being built, a page that turns into the link; a file that was lost or damaged is
    built again.
    """
    letter = _visible_letter(request, code)
    content = building.read(letter.file) if letter.file.state == FileState.BUILT else None
    if content is None and letter.file.state == FileState.BUILT:
        building.build([letter.pk], again=True)
        letter.file.refresh_from_db()
        content = building.read(letter.file)
    if content is None:
        staff = can(request.user, "letter.view")
        context = {
            "title": f"{letter.number_text} 正在生成",
            "letter": letter,
            "file": letter.file,
            "frame": "base_staff.html" if staff else "base_public.html",
        }
        return render(request, "letters/pages/building.html", context)
    audit.record(
        "letter.download",
        by=request.user,
        obj=letter,
        worker=letter.worker_id,
        region=letter.region_id,
        detail={"number": letter.number_text, "sha256": letter.file.sha256},
    )
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(letter.number_text)}.pdf"
    return response


@polled
@never_cache
@login_required
@require_safe
def progress(request: HttpRequest, code: str) -> HttpResponse:
    """The part of the page that asks while the file is built; it stops when there is something to say."""
    letter = _visible_letter(request, code)
    context = {
        "letter": letter,
        "file": letter.file,
    }
    status = 200 if letter.file.state == FileState.PENDING else STOP_POLLING
    return render(request, "letters/pages/file_state.html", context, status=status)


@login_required
@require_POST
def build_now(request: HttpRequest, code: str) -> HttpResponse:
    """Builds the file while the person waits: a second, where the queue may be long."""
    letter = _visible_letter(request, code)
    building.build([letter.pk])
    file = LetterFile.objects.get(pk=letter.pk)
    audit.record(
        "letter.build", by=request.user, obj=letter, worker=letter.worker_id, region=letter.region_id
    )
    if file.state == FileState.BUILT:
        return redirect("letters:pdf", code)
    if file.state == FileState.FAILED:
        messages.error(request, file.error)
    return redirect("letters:detail", code)


@login_required
@require_http_methods(["POST"])
def serve(request: HttpRequest, code: str) -> HttpResponse:
    """Records how and when the letter reached its addressee."""
    letter = _visible_letter(request, code)
    form = ServiceForm(request.POST, letters=[letter])
    if form.is_valid():
        try:
            actions.record_service(letter_id=letter.pk, by=request.user, **form.cleaned_data)
        except actions.AlreadyDone as done:
            messages.warning(request, str(done))
        else:
            messages.success(request, f"已登记{letter.number_text}的送达情况。")
        return redirect("letters:detail", code)
    context = {
        "title": letter.number_text,
        "letter": letter,
        "file": letter.file,
        "staff": True,
        "form": form,
        "frame": "base_staff.html",
    }
    return render(request, "letters/pages/detail.html", context)


# -- many letters as one file --------------------------------------------------------------------------------
def _results(print_file: PrintFile) -> list[tuple[str, str]]:
    if print_file.job.state != JobState.DONE:
        return []
    if not print_file.path:
        return [(reverse("window:letters"), f"打印文件只保存{KEPT_FOR.days}天，请重新选择信函合并打印")]
    return [(reverse("letters:print_pdf", args=[print_file.pk]), f"下载打印文件（{print_file.pages}页）")]


def _print_file_of(request: HttpRequest, pk: int) -> PrintFile:
    return get_object_or_404(PrintFile.objects.visible_to(request.user).select_related("job"), pk=pk)


def _came_from(request: HttpRequest) -> str:
    """The page of this site whose form was sent, with its filters; the list of letters when the browser does
    not say.
    """
    page = request.headers.get("Referer", "")
    return own(request, page) or reverse("window:letters")


@login_required
@require_POST
def print_letters(request: HttpRequest) -> HttpResponse:
    """Starts a print file for the chosen letters (`letter`, repeated, in list order); `double_sided` for both
    sides.
    """
    try:
        ids = [int(value) for value in request.POST.getlist("letter")]
        print_file = actions.request_print(
            letter_ids=ids, double_sided=request.POST.get("double_sided") == "1", by=request.user
        )
    except (ValueError, actions.BadLetter) as error:
        is_refusal = isinstance(error, actions.BadLetter)
        messages.error(request, str(error) if is_refusal else "所选信函的编号无效，请重新选择。")
        return redirect(_came_from(request))
    return redirect("letters:print", print_file.pk)


@never_cache
@login_required
@require_safe
def print_file(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a print file is."""
    asked = _print_file_of(request, pk)
    context = {
        "title": asked.job.title,
        "print_file": asked,
        "results": _results(asked),
        "poll": reverse("letters:print_progress", args=[pk]),
        "cancel": reverse("window:job_cancel", args=[asked.job_id]),
    }
    return render(request, "letters/pages/print.html", context)


@polled
@never_cache
@login_required
@require_safe
def print_progress(request: HttpRequest, pk: int) -> HttpResponse:
    asked = _print_file_of(request, pk)
    context = progress_context(
        asked.job, results=_results(asked), cancel=reverse("window:job_cancel", args=[asked.job_id])
    )
    return render(
        request, "components/progress_body.html", context, status=STOP_POLLING if asked.job.finished else 200
    )


@never_cache
@login_required
@require_safe
def print_pdf(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """The finished print file; the progress page before that."""
    asked = _print_file_of(request, pk)
    if asked.job.state != JobState.DONE or not asked.path:
        return redirect("letters:print", pk)
    try:
        file = sealed_files.opened(asked.path)
    except Unreadable as unreadable:
        if str(unreadable) == "changed":
            audit.record("letter.not_shown", by=request.user, obj=asked, detail={"problem": "摘要不符"})
            messages.error(request, "打印文件与生成时不一致，为安全起见不予下载。请重新选择信函合并打印。")
        return redirect("letters:print", pk)
    audit.record("letter.print.download", by=request.user, obj=asked, detail={"letters": len(asked.letters)})
    return FileResponse(file, content_type="application/pdf", filename=f"letters-{pk}.pdf")
