"""A copy of everything the portal holds about a worker, as a file for themselves (个人信息保护法, article 45).

The numbers that every page masks stand in it in full: so it asks for the password once more, and the audit keeps that
it was taken away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portal import audit
from portal.accounts import signing_in
from portal.cases.models import Case
from portal.entitlements.models import Offer
from portal.formats import date_cn
from portal.letters.models import Letter
from portal.lists.workbook import add_list, workbook_file
from portal.my.record import sections
from portal.my.record_of import no_record_page, own_record, tabs_of
from portal.pages.course import course_of
from portal.policy.benefits import BY_CODE
from portal.workforce.actions.phones import confirmed_phone
from portal.workforce.models import Contact, PayeeAccount, Worker
from portal.workforce.models.base import own_records

TITLE = "下载我的信息"
# What the file holds, each a sheet; the page says the same words.
SHEETS = (
    ("登记信息", "姓名、就业、证书、荣誉等全部登记信息，每项注明来源和登记日期"),
    ("完整号码", "证件号码、手机号、收款账号，不作隐藏"),
    ("办件", "各办件的状态和办理过程"),
    ("待遇", "平台为您比对出的待遇事项"),
    ("信函", "发给您的信函及文号"),
    ("联系记录", "工作人员与您联系的时间、方式和内容，以及保存到哪一天"),
)


class OwnPasswordForm(forms.Form):
    """The password once more: whoever finds the phone unlocked does not have it."""

    password = forms.CharField(
        label="登录密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="文件含完整证件号码和银行账号，下载前须再次输入登录密码。",
    )


def own_copy(worker: Worker, user: Any) -> IO[bytes]:
    """The workbook of a worker for their own account. The caller closes it."""

    def fill(book: Any) -> None:
        recorded, numbers, cases, offers, letters, contacts = (name for name, _ in SHEETS)
        add_list(book, recorded, _RECORDED, (14, 30, 20, 40, 24, 16, 14), _recorded(worker))
        add_list(book, numbers, ("项目", "号码"), (30, 30), _numbers(worker, user))
        add_list(
            book,
            cases,
            ("办件编号", "事项", "摘要", "状态", "日期", "办理过程"),
            (22, 22, 40, 14, 16, 24),
            _cases(user),
        )
        add_list(book, offers, ("事项", "状态", "比对日期"), (36, 14, 16), _offers(user))
        add_list(book, letters, ("标题", "发文字号", "日期", "验证码"), (40, 28, 16, 24), _letters(user))
        add_list(book, contacts, ("日期", "方式", "内容", "保存至"), (16, 10, 60, 16), _contacts(user))

    return workbook_file(fill)


_RECORDED = ("类别", "名称", "项目", "内容", "来源", "登记日期", "状态")


def _recorded(worker: Worker) -> Iterator[tuple[str, ...]]:
    for section in sections(worker):
        for item in section.items:
            on = date_cn(timezone.localdate(item.recorded_at)) if item.recorded_at else ""
            state = "，".join(filter(None, (item.state, item.verdict, item.found_wrong)))
            for label, value in item.facts or (("", ""),):
                yield (section.title, item.title, label, value, item.source, on, state)


def _numbers(worker: Worker, user: Any) -> Iterator[tuple[str, str]]:
    yield "证件号码", worker.id_number
    if worker.phone:
        yield "手机号", worker.phone
    if confirmed_phone(worker) is not None:
        yield "登录手机号（窗口已确认）", worker.phone or ""
    for account in PayeeAccount.objects.visible_to(user).filter(worker__in=own_records(user)).order_by("pk"):
        yield f"收款账号（{account.bank}，{account.get_state_display()}）", account.account_number


def _cases(user: Any) -> Iterator[tuple[str, ...]]:
    for case in Case.objects.visible_to(user).filter(worker__in=own_records(user)).order_by("pk"):
        for step in reversed(course_of(case)):
            on = date_cn(timezone.localdate(step["at"]))
            yield (case.number, case.kind_label, case.subject, case.state_label, on, step["title"])


def _offers(user: Any) -> Iterator[tuple[str, ...]]:
    for offer in Offer.objects.visible_to(user).filter(worker__in=own_records(user)).order_by("pk"):
        yield (BY_CODE[offer.benefit].title, offer.get_state_display(), date_cn(offer.matched_on))


def _letters(user: Any) -> Iterator[tuple[str, ...]]:
    for letter in Letter.objects.visible_to(user).filter(worker__in=own_records(user)).order_by("pk"):
        yield (letter.title, letter.number_text, date_cn(letter.issued_on), letter.code)


def _contacts(user: Any) -> Iterator[tuple[str, ...]]:
    for one in Contact.objects.visible_to(user).filter(worker__in=own_records(user)).order_by("pk"):
        on = date_cn(timezone.localdate(one.at))
        yield (on, one.get_channel_display(), one.said, date_cn(one.kept_until))


@sensitive_post_parameters("password")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def copy_page(request: HttpRequest) -> HttpResponseBase:
    """Says what the file holds, and hands it out for the password."""
    worker = own_record(request)
    if worker is None:
        return no_record_page(request, TITLE)
    form = OwnPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if not signing_in.may_try_own_password(request):
            form.add_error("password", "密码输错的次数过多，请一小时后再试。")
        elif request.user.check_password(form.cleaned_data["password"]):
            return _handed_out(request, worker)
        elif signing_in.own_password_was_wrong(request):
            messages.error(request, "密码连续输错，为保护账号安全已退出登录。请重新登录。")
            return redirect("accounts:login")
        else:
            form.add_error("password", "密码不正确。")
    context = {
        "title": TITLE,
        "crumbs": [("我的待遇", reverse("my:home")), (TITLE, "")],
        "tabs": tabs_of(request),
        "form": form,
        "sheets": SHEETS,
    }
    return render(request, "my/own_copy.html", context)


def _handed_out(request: HttpRequest, worker: Worker) -> FileResponse:
    audit.record("worker.own_copy", by=request.user, obj=worker, worker=worker, region=worker.work_region_id)
    name = f"我的信息-{timezone.localdate():%Y%m%d}.xlsx"
    return FileResponse(own_copy(worker, request.user), as_attachment=True, filename=name)
