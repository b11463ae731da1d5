"""One value that waits for a second person: what it changes, confirming it, taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import WHOLE_REGION, Refused, can, require
from portal.entitlements.simulation import readable_parameters
from portal.formats import date_cn
from portal.pages.access import staff
from portal.policy import actions
from portal.policy.models import Parameter, ParameterValue
from portal.window.law.figures import compare_values, source_text
from portal.window.law.figures_pages import (
    CONFIRM,
    ENTER,
    crumbs_of_figures,
    find_parameter,
    require_reader,
    values_of,
)
from portal.window.law.forms import ConfirmForm, WithdrawForm
from portal.window.law.history import names_of_codes
from portal.window.law.simulations import effects_of


@dataclass(frozen=True)
class _Change:
    """What a value that waits makes of the law on its first day, as pages say it."""

    rows: list[Any]
    before: ParameterValue | None
    next_value: ParameterValue | None
    same_day: bool

    @property
    def changed(self) -> list[Any]:
        return [row for row in self.rows if row.differs]


def _change_by(parameter: Parameter, value: ParameterValue, names: Mapping[str, str]) -> _Change:
    others = values_of(parameter).confirmed().exclude(pk=value.pk)
    in_force = ParameterValue.objects.in_force(value.since).filter(parameter=parameter)
    before = in_force.exclude(pk=value.pk).first()
    rows = compare_values(parameter, before, value, names)
    following = others.filter(since__gt=value.since).order_by("since", "confirmed_at", "id").first()
    return _Change(rows, before, following, others.filter(since=value.since).exists())


def _find_value(request: HttpRequest, code: str, pk: int) -> tuple[Parameter, ParameterValue | None]:
    """The value; none when it was taken back meanwhile, which is then said."""
    found = find_parameter(code)
    value = values_of(found).filter(pk=pk).first()
    if value is None:
        messages.warning(request, "这项取值已不在：录入后被撤回，或地址有误。以下是该参数的全部取值。")
    return found, value


@staff()
def value(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A value that waits: what it changes, and what may be done with it."""
    require_reader(request.user)
    found, waiting = _find_value(request, code, pk)
    if waiting is None or waiting.confirmed_at is not None:
        return redirect("window:law_parameter", code)
    offered, refused = _actions_of(waiting, request.user)
    context = {
        "title": found.label,
        "crumbs": crumbs_of_figures(
            (found.label, reverse("window:law_parameter", args=[code])), ("待复核取值", "")
        ),
        **_value_context(found, waiting),
        "actions": offered,
        "refused": refused,
        "effects": effects_of(waiting, request.user),
    }
    return render(request, "window/law_value.html", context)


def _actions_of(value: ParameterValue, user: Any) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """(what this person may do with a value that waits, what not and why)."""
    code = value.parameter.code
    actions_and_refusals = [
        (
            {
                "label": "复核",
                "href": reverse("window:law_confirm", args=[code, value.pk]),
                "consequence": "与来源文件核对无误后复核；复核后按起始日期执行，不能撤回。",
                "kind": "primary",
            },
            _confirmation_refusal(value, user),
        ),
        (
            {
                "label": "撤回",
                "href": reverse("window:law_withdraw", args=[code, value.pk]),
                "consequence": "录入有误时撤回，写明原因；撤回后可以重新录入。",
                "kind": "secondary",
            },
            _withdrawal_refusal(value, user),
        ),
    ]
    if can(user, "policy.simulate", WHOLE_REGION):
        actions_and_refusals.append(
            (
                {
                    "label": "测算影响",
                    "href": f"{reverse('window:simulation_new')}?value={value.pk}",
                    "kind": "secondary",
                    "consequence": "看全部在册人员中谁新增、谁减少、费用如何变化；不改变任何待遇。",
                },
                _simulation_refusal(code),
            )
        )
    offered, refused = [], []
    for action, refusal in actions_and_refusals:
        if refusal:
            refused.append({"label": action["label"], "reason": refusal})
        else:
            offered.append(action)
    return offered, refused


_NO_RIGHT = "您没有这项权限。"


def _confirmation_refusal(value: ParameterValue, user: Any) -> str:
    if not can(user, CONFIRM, WHOLE_REGION):
        return _NO_RIGHT
    return _confirmation_refused(value, user)


def _withdrawal_refusal(value: ParameterValue, user: Any) -> str:
    if not can(user, ENTER, WHOLE_REGION):
        return _NO_RIGHT
    return actions.withdrawal_refused(value, user)


def _simulation_refusal(code: str) -> str:
    if code in readable_parameters():
        return ""
    return "没有待遇的条件或标准用到这项参数，测算不会有结果。"


def _confirmation_refused(value: ParameterValue, user: Any) -> str:
    return "该取值由您本人录入，须由另一名政策管理员复核。" if value.entered_by_id == user.pk else ""


def _value_context(parameter: Parameter, value: ParameterValue) -> dict[str, Any]:
    """A value that waits as its pages show it: the change, and where the value comes from."""
    change = _change_by(parameter, value, names_of_codes())
    about = [
        {"label": "参数", "value": parameter.label},
        {"label": "起始日期", "value": date_cn(value.since)},
        {"label": "截止日期", "value": _end_text(value)},
        {"label": "来源", "value": source_text(value)},
        {"label": "提示", "value": _caveat_text(value) or "无"},
        {
            "label": "录入",
            "value": f"{value.entered_by}　{timezone.localtime(value.entered_at):%Y-%m-%d %H:%M}",
        },
    ]
    return {
        "parameter": parameter,
        "value": value,
        "change": change,
        "about": about,
        "source_before": source_text(change.before) if change.before else "",
        "in_the_past": value.since < timezone.localdate(),
    }


def _end_text(value: ParameterValue) -> str:
    if value.gives_way_to:
        return f"{date_cn(value.until)}，期满后恢复自{date_cn(value.gives_way_to)}起的取值"
    return date_cn(value.until) or "不设截止"


def _caveat_text(value: ParameterValue) -> str:
    since = f"（自{date_cn(value.caveat_since)}起提示）" if value.caveat and value.caveat_since else ""
    return f"{value.caveat}{since}"


@staff(CONFIRM, "GET", "HEAD", "POST")
def confirm(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The confirmation repeats the figures; who entered them reads why somebody else has to confirm."""
    require(request.user, CONFIRM, WHOLE_REGION)
    found, waiting = _find_value(request, code, pk)
    if waiting is None:
        return redirect("window:law_parameter", code)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        try:
            confirmed = actions.confirm_parameter_value(
                waiting, by=user, replacing=form.cleaned_data["replacing"]
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
            waiting.refresh_from_db()
        else:
            since = date_cn(confirmed.since)
            already = confirmed.since <= timezone.localdate()
            messages.success(
                request, f"已复核，自{since}起执行{'' if already else '，届时自动生效'}。公众页面已更新。"
            )
            return redirect("window:law_parameter", code)
    if request.method != "POST" and waiting.confirmed_at is not None:
        messages.info(request, "该取值已复核，无需重复操作。")
        return redirect("window:law_parameter", code)
    shown = _value_context(found, waiting)
    before = shown["change"].before
    context = {
        "title": f"复核：{found.label}",
        "crumbs": crumbs_of_figures(
            (found.label, reverse("window:law_parameter", args=[code])), ("复核", "")
        ),
        **shown,
        "form": form,
        "replacing": before.pk if before else "",
        "own": _confirmation_refused(waiting, request.user),
        "settled": waiting.confirmed_at is not None,
        "back": reverse("window:law_value", args=[code, pk]),
        "effects": effects_of(waiting, request.user),
    }
    return render(request, "window/law_confirm.html", context, status=409 if form.errors else 200)


@staff(ENTER, "GET", "HEAD", "POST")
def withdraw(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Whoever entered a value takes it back with a reason, as long as nobody has confirmed it."""
    require(request.user, ENTER, WHOLE_REGION)
    found, waiting = _find_value(request, code, pk)
    if waiting is None:
        return redirect("window:law_parameter", code)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        try:
            actions.withdraw_parameter_value(waiting, by=user, reason=form.cleaned_data["reason"])
        except (ValidationError, Refused) as refusal:
            form.add_error(None, refusal if isinstance(refusal, ValidationError) else str(refusal))
        else:
            messages.success(request, "取值已撤回，撤回原因已记入审计。")
            return redirect("window:law_parameter", code)
    if request.method != "POST" and waiting.confirmed_at is not None:
        messages.info(request, "该取值已复核，不能撤回；如需更正，请录入新的取值。")
        return redirect("window:law_parameter", code)
    context = {
        "title": f"撤回取值：{found.label}",
        "crumbs": crumbs_of_figures(
            (found.label, reverse("window:law_parameter", args=[code])), ("撤回取值", "")
        ),
        **_value_context(found, waiting),
        "form": form,
        "refusal": actions.withdrawal_refused(waiting, request.user),  # type: ignore[arg-type]
        "back": reverse("window:law_value", args=[code, pk]),
    }
    return render(
        request, "window/law_withdraw.html", context, status=409 if form.non_field_errors() else 200
    )
