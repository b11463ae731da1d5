"""Public notices for everybody: what is announced, on which basis and until when, and how to object without
an account.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.access import can
from portal.audit.middleware import client_address
from portal.cases.actions import NotNow
from portal.cases.lookup import objection_to
from portal.cases.models import NoticeVersion, PublicNotice
from portal.cases.notices import objections
from portal.cases.notices.kinds import notice_kind
from portal.file_inspection import FileRefused
from portal.pages.forms import ManyFiles
from portal.pages.notice_shown import facts_of, table_of
from portal.paging import page_asked
from portal.throttle import Limit, too_many

OBJECTIONS_BY_ADDRESS = Limit("objection-address", settings.OBJECTIONS_PER_HOUR)
HOME = ("首页", "/")
_RECEIPT = "objection-receipt"
_RECEIPT_SECONDS = 3600


class ObjectionForm(forms.Form):
    """What somebody says against a notice. What is wrong is decided by the action, which names the field."""

    about = forms.ChoiceField(label="异议针对", required=False)
    text = forms.CharField(
        label="异议的事实和理由",
        max_length=2000,
        help_text="请写明具体事实、时间和依据，10到2000个字。请勿填写他人的证件号码。",
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": "请写明异议的事实和理由。"},
    )
    objector = forms.CharField(
        label="您的姓名或单位名称",
        max_length=40,
        error_messages={"required": "请填写您的姓名或单位名称。"},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact = forms.CharField(
        label="联系方式",
        max_length=80,
        help_text="手机号码、固定电话（含区号）或电子邮箱，仅用于核实和答复，不会公开",
        error_messages={"required": "请填写联系方式，以便核实和答复。"},
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
    )
    uploads = ManyFiles(
        label="证明材料",
        required=False,
        files=objections.MOST_FILES,
        help_text="本页提示有误时须重新选择文件。",
    )

    def __init__(
        self, data: Any = None, files: Any = None, *, version: NoticeVersion, **options: Any
    ) -> None:
        super().__init__(data, files, **options)
        rows = [(row["key"], label_of_row(version, row)) for row in version.rows]
        self.fields["about"].choices = [("", "整个公示"), *rows]  # type: ignore[attr-defined]


def label_of_row(version: NoticeVersion, row: dict[str, Any]) -> str:
    """A row of the list in one line: its first cells."""
    first_cells = row["cells"][: min(3, len(version.columns))]
    return "　".join(cell for cell in first_cells if cell)


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """All notices, newest first; which of them still take objections."""
    today = timezone.localdate()
    page = page_asked(
        PublicNotice.objects.public().defer("body"), request.GET, order=("-published_on", "-id")
    )
    context = {
        "title": "公示公告",
        "crumbs": [HOME, ("公示公告", "")],
        "page": page,
        "rows": [{"notice": notice, "open": notice.is_open(today)} for notice in page.rows],
    }
    return render(request, "public/notices.html", context)


@require_safe
def notice(request: HttpRequest, number: str) -> HttpResponse:
    """One notice: the list as it is announced now, or (`?version=`) as it was, and what moved between."""
    notice = get_object_or_404(PublicNotice.objects.public().select_related("case"), number=number)
    versions = list(notice.versions.order_by("-position").defer("rows"))
    by_position = {str(version.position): version for version in versions}
    current = versions[0]
    version = by_position.get(request.GET.get("version", ""), current)
    settled = notice_kind(notice.kind).settled(notice)
    may_extend = not settled and can(request.user, "notice.extend", notice.place)
    context = {
        "title": notice.title,
        "crumbs": [HOME, ("公示公告", reverse("public:notices")), (notice.number, "")],
        "notice": notice,
        "open": notice.is_open(timezone.localdate()),
        "version": version,
        "is_current": version is current,
        "versions": versions,
        "table": table_of(version),
        "extensions": list(notice.extensions.all()),
        "facts": facts_of(notice, version),
        "may_extend": may_extend,
    }
    return render(request, "public/notice.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def object_to(request: HttpRequest, number: str) -> HttpResponse:
    """Object to a notice: a form, then the receipt with the number by which the answer is found."""
    notice = get_object_or_404(PublicNotice.objects.public(), number=number)
    version = notice.versions.order_by("-position")[0]
    if request.method != "POST":
        form = ObjectionForm(version=version, initial={"about": request.GET.get("about", "")})
        return _ask_for_objection(request, notice, form)
    form = ObjectionForm(request.POST, request.FILES, version=version)
    if not form.is_valid():
        return _ask_for_objection(request, notice, form)
    wait = OBJECTIONS_BY_ADDRESS.wait(client_address(request))
    if wait:
        return too_many(request, wait)
    words = {name: form.cleaned_data[name] for name in ("about", "objector", "contact", "text")}
    uploads = form.cleaned_data["uploads"]
    try:
        objection = objections.receive(notice.pk, uploads=uploads, on=timezone.localdate(), **words)
    except ValidationError as problems:
        form.add_error(None, problems)
    except FileRefused as refusal:
        form.add_error("uploads", str(refusal))
    except NotNow as refusal:
        form.add_error(None, str(refusal))
    else:
        receipt = signing.dumps([objection.case.number, len(uploads)], salt=_RECEIPT)
        return redirect(f"{reverse('public:objection_received', args=[notice.number])}?r={receipt}")
    return _ask_for_objection(request, notice, form)


@never_cache
@require_safe
def objection_received(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt, at an address that only whoever objected was led to: it may be read and printed again."""
    notice = get_object_or_404(PublicNotice.objects.public(), number=number)
    try:
        case_number, files = signing.loads(request.GET.get("r", ""), salt=_RECEIPT, max_age=_RECEIPT_SECONDS)
    except signing.BadSignature:
        return redirect("public:case_status")
    objection = objection_to(notice.pk, case_number)
    if objection is None:
        return redirect("public:case_status")
    context = {
        **_objection_context(notice),
        "title": "异议已收到",
        "case": objection.case,
        "files": files,
    }
    return render(request, "public/objection_received.html", context)


def _objection_context(notice: PublicNotice) -> dict[str, Any]:
    notice_address = reverse("public:notice", args=[notice.number])
    return {
        "title": "提出异议",
        "crumbs": [
            HOME,
            ("公示公告", reverse("public:notices")),
            (notice.number, notice_address),
            ("提出异议", ""),
        ],
        "notice": notice,
        "back": notice_address,
        "open": notice.is_open(timezone.localdate()),
    }


def _ask_for_objection(request: HttpRequest, notice: PublicNotice, form: ObjectionForm) -> HttpResponse:
    return render(request, "public/object.html", {**_objection_context(notice), "form": form})
