"""What the national query says of the certificate a claim is about: entered by hand with a picture, compared by another."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import require
from portal.file_inspection import FileRefused
from portal.formats import date_iso
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action, stopped
from portal.pages.case_page import Fact
from portal.typed_fields import DayField
from portal.upload_fields import UploadField
from portal.workforce.actions import answers
from subsidies.views.claim_page import ClaimPage

_FOUND = [("yes", "查到，与登记的证书一致"), ("no", "没有查到")]


class AnswerForm(forms.Form):
    """What the page of the query showed, and a picture of it."""

    found = forms.ChoiceField(
        label="查询结果",
        choices=_FOUND,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择查询结果。"},
    )
    as_of = DayField(label="查询日期", error_messages={"required": "请填写查询日期。"})
    picture = UploadField(
        label="查询页面截图",
        takes="JPG、PNG图片",
        accept="image/jpeg,image/png",
        most=settings.EVIDENCE_MAX_BYTES,
        help_text="须能看清姓名、证书编号和查询结果。",
        error_messages={"required": "请上传查询页面截图。"},
    )


@staff("case.view", "GET", "HEAD", "POST")
def state_answer(request: HttpRequest, number: str) -> HttpResponse:
    """Enter what the query showed."""
    shown = ClaimPage.open(request, number)
    credential = shown.claim.credential
    if credential is None:
        raise Http404
    if not any(one.is_answer for one in shown.lacking):
        require(request.user, answers.JUDGE, shown.case.region_id)
    form = AnswerForm(posted(request), request.FILES or None)

    def state(given: dict[str, Any]) -> Done | None:
        try:
            answers.state_answer(
                credential.pk,
                found=given["found"] == "yes",
                as_of=given["as_of"],
                picture=given["picture"],
                by=request.user,
                on=timezone.localdate(),
            )
        except FileRefused as refusal:
            form.add_error("picture", str(refusal))
            return None
        return Done("已登记，由另一人对照截图复核后生效。", shown.address)

    page = ActionPage(
        title="登记联网查询结果",
        crumbs=shown.crumbs_to("登记联网查询结果"),
        heading="查询结果",
        submit="登记",
        back=shown.address,
        consequence="在技能人才评价证书全国联网查询系统中查询后登记，须附页面截图，由另一人复核。",
    )
    answer = act_on(request, form, state)
    return answer or show_action(request, page, form, template="subsidies/answer.html", facts=_facts(shown))


class ComparedForm(forms.Form):
    """Whether the picture shows what was entered."""

    agrees = forms.ChoiceField(
        label="对照截图",
        choices=[("yes", "与截图一致"), ("no", "与截图不一致，退回重新登记")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择对照结果。"},
    )


@staff("record.verify", "GET", "HEAD", "POST")
def judge_answer(request: HttpRequest, number: str) -> HttpResponse:
    """Another person compares it with the picture."""
    shown = ClaimPage.open(request, number)
    stated = shown.stated_answer
    credential = shown.claim.credential
    if stated is None or credential is None:
        raise Http404
    check = partial(answers.require_may_judge, stated, credential, request.user)
    if stop := stopped(request, check, otherwise=shown.address):
        return stop
    form = ComparedForm(posted(request))

    def judge(given: dict[str, Any]) -> Done:
        agrees = given["agrees"] == "yes"
        answers.judge_answer(stated.pk, agrees=agrees, by=request.user, on=timezone.localdate())
        return Done("已复核，查询结果生效。" if agrees else "已退回，可以重新登记。", shown.address)

    page = ActionPage(
        title="复核联网查询结果",
        crumbs=shown.crumbs_to("复核联网查询结果"),
        heading="复核",
        submit="提交",
        back=shown.address,
        consequence="一致的，作为这本证书的联网查询结果；不一致的，由登记人重新查询登记。",
    )
    answer = act_on(request, form, judge)
    said = [
        *_facts(shown),
        Fact("登记的结果", "查到" if stated.found else "没有查到"),
        Fact("查询日期", date_iso(stated.as_of)),
        Fact("登记人", stated.stated_by),
    ]
    picture = reverse("window:record_document", args=[stated.picture_id])
    return answer or show_action(
        request, page, form, template="subsidies/answer.html", facts=said, picture=picture
    )


def _facts(shown: ClaimPage) -> list[Fact]:
    return [Fact("姓名", shown.name), Fact("证件号码", shown.claim.worker.masked_id_number), *shown.asked[:3]]
