"""The worker says that something recorded about them is wrong, and takes back what they asked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from portal.cases.models import Case
from portal.cases.own_page import own_page_of, withdrawable_kinds
from portal.entitlements import rectifications
from portal.entitlements.known_facts import KnownFact, known_facts
from portal.entitlements.wording import register_vocabulary
from portal.my.record_of import no_record_page, own_record
from portal.pages.access import signed_in
from portal.pages.action_page import ActionPage, Done, act_at_once, act_on, posted, show_action
from portal.policy.facts import FACTS
from portal.programmes import programmes
from portal.workforce.models.base import own_records

_ALSO = tuple(fact for programme in programmes() for fact in programme.facts_asked)


class RectificationForm(forms.Form):
    recorded = forms.MultipleChoiceField(
        label="已登记的信息中，哪些不对", widget=forms.CheckboxSelectMultiple, required=False
    )
    absent = forms.MultipleChoiceField(
        label="没有登记、应当补登的信息", widget=forms.CheckboxSelectMultiple, required=False
    )
    statement = forms.CharField(
        label="正确的情况是什么",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="例如：我从2015年起就在一线岗位，有劳动合同可以证明。请不要填写银行账号和他人的信息。",
        error_messages={"required": "请写明正确的情况。"},
    )

    def __init__(self, data: Any, *, known: list[KnownFact], asked: list[str]) -> None:
        super().__init__(data)
        for name, wanted in (("recorded", True), ("absent", False)):
            facts = [fact for fact in known if fact.known is wanted]
            self.initial[name] = [fact.name for fact in facts if fact.name in asked]
            choices = [(fact.name, f"{fact.label}：{fact.text}" if wanted else fact.label) for fact in facts]
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not given.get("recorded") and not given.get("absent"):
            self.add_error("recorded", "请至少选择一项不对或应当补登的信息。")
        return given

    @property
    def facts(self) -> list[str]:
        return [*self.cleaned_data["recorded"], *self.cleaned_data["absent"]]


@signed_in("GET", "HEAD", "POST")
def rectification_new(request: HttpRequest) -> HttpResponse:
    """Choose what is wrong, say what is right. `?fact=` has one chosen already."""
    worker = own_record(request)
    if worker is None:
        return no_record_page(request, "申请更正信息")
    known = known_facts(worker, timezone.localdate(), register_vocabulary(), also=_ALSO)
    asked = [fact for fact in request.GET.getlist("fact") if fact in FACTS]
    form = RectificationForm(posted(request), known=known, asked=asked)

    def act(given: dict[str, Any]) -> Done:
        case = rectifications.request_rectification(
            worker.pk, form.facts, given["statement"], by=request.user, on=timezone.localdate()
        )
        words = f"申请已提交，办件编号{case.number}。服务窗口核实后答复，进度可在本页查看。"
        return Done(words, reverse("my:case", args=[case.number]))

    home = reverse("my:home")
    page = ActionPage(
        title="申请更正信息",
        crumbs=[("我的待遇", home), ("申请更正信息", "")],
        consequence=(
            f"由{worker.work_region.full_name}服务窗口核实后答复您。"
            "姓名、证件号码、荣誉不对的，请带证件到窗口办理。"
        ),
        submit="提交申请",
        back=home,
        base="base_public.html",
    )
    answer = act_on(request, form, act)
    return answer or show_action(request, page, form, template="my/rectification_new.html")


@signed_in("POST")
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take back a consent or a request of one's own."""
    own = Case.objects.visible_to(request.user).filter(
        worker__in=own_records(request.user), kind__in=withdrawable_kinds()
    )
    case = get_object_or_404(own, number=number)
    take_back: Any = own_page_of(case.kind).withdraw
    here = reverse("my:case", args=[number])

    def act() -> Done:
        take_back(case.pk, by=request.user, on=timezone.localdate())
        return Done("已撤回。", here)

    return act_at_once(request, act, otherwise=here)
