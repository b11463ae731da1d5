"""The figures of the law at the office: what holds and since when, entering a dated value, confirming what
another entered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import WHOLE_REGION, Refused, can, require
from portal.entitlements.simulation import readable_parameters
from portal.formats import date_cn
from portal.pages.access import staff
from portal.policy import actions
from portal.policy.models import OfficialText, Parameter, ParameterValue
from portal.policy.models.parameters import ParameterValueQuerySet
from portal.window.law.figures import changes, lines, source_of
from portal.window.law.forms import ConfirmForm, LawFilter, ValueForm, WithdrawForm
from portal.window.law.history import history, names_of_codes
from portal.window.law.shelf import POLICY
from portal.window.law.simulations import effects_of

ENTER, CONFIRM = "policy.parameter.enter", "policy.parameter.confirm"


def _may_read(user: Any) -> None:
    """For those who enter and those who confirm; the law is one for the whole region."""
    if not can(user, CONFIRM, WHOLE_REGION):
        require(user, ENTER, WHOLE_REGION)


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("工作台", reverse("window:home")), ("政策参数", reverse("window:law")), *more]


# -- the list ------------------------------------------------------------------------------------------------
@staff()
def law(request: HttpRequest) -> HttpResponse:
    """Every parameter by clause, with the value in force on a day and what waits for a second person."""
    _may_read(request.user)
    form = LawFilter(request.GET, user=request.user)
    day = form.value("on") or timezone.localdate()
    names = names_of_codes()
    every = [_row(one, names, day) for one in Parameter.objects.with_values_on(day).in_order()]
    rows = [row for row in every if _wanted(row, form)]
    here = reverse("window:law")
    context = {
        "title": "政策参数",
        "crumbs": [("工作台", reverse("window:home")), ("政策参数", "")],
        "form": form,
        "day": day,
        "rows": rows,
        "clear": here if form.used else "",
        "counts": [
            {"label": "参数", "value": len(every), "href": here},
            {
                "label": "有待复核取值",
                "value": sum(bool(row["waiting"]) for row in every),
                "href": f"{here}?state=waiting",
                "tone": "warn",
            },
            {
                "label": "依据细则待补",
                "value": sum(row["figure"] is None for row in every),
                "href": f"{here}?state=without",
                "tone": "warn",
            },
        ],
        "official": OfficialText.objects.latest_of(POLICY),
        "policy_number": POLICY,
    }
    return render(request, "window/law.html", context)


def _row(parameter: Parameter, names: Mapping[str, str], day: date) -> dict[str, Any]:
    figure = parameter.in_force
    return {
        "parameter": parameter,
        "figure": figure,
        "lines": lines(parameter, figure, names) if figure else [],
        "source": source_of(figure) if figure else "",
        "caveat": bool(
            figure and figure.caveat and (figure.caveat_since is None or figure.caveat_since <= day)
        ),
        "waiting": [value for value in parameter.values.all() if value.confirmed_at is None],
    }


def _wanted(row: Mapping[str, Any], form: LawFilter) -> bool:
    clause, state = form.value("clause"), form.value("state")
    number = row["parameter"].clause.number if row["parameter"].clause else "none"
    by_state = {"waiting": bool(row["waiting"]), "without": row["figure"] is None}
    return clause in ("", number) and by_state.get(state, True)


# -- one parameter -------------------------------------------------------------------------------------------
def _parameter(code: str) -> Parameter:
    return get_object_or_404(Parameter.objects.select_related("clause"), code=code)


def _values(parameter: Parameter) -> ParameterValueQuerySet:
    return ParameterValue.objects.with_people().filter(parameter=parameter)


@staff()
def parameter(request: HttpRequest, code: str) -> HttpResponse:
    """The whole history of one parameter: every value, its source, who entered and who confirmed it."""
    _may_read(request.user)
    found = _parameter(code)
    entries = history(found, list(_values(found)), names_of_codes())
    held = [entry for entry in entries if not entry.waits]
    context = {
        "title": found.label,
        "crumbs": _crumbs((found.label, "")),
        "parameter": found,
        "entries": held,
        "waiting": [entry for entry in entries if entry.waits],
        "current": next((entry for entry in held if entry.state[0] == "现行"), None),
        "may_enter": can(request.user, ENTER, WHOLE_REGION),
    }
    return render(request, "window/law_parameter.html", context)


@staff(ENTER, "GET", "HEAD", "POST")
def enter(request: HttpRequest, code: str) -> HttpResponse:
    """Enter a dated value with its source. It counts once a second officer has confirmed it."""
    require(request.user, ENTER, WHOLE_REGION)
    found = _parameter(code)
    names = names_of_codes()
    standing = _last(found)
    form = ValueForm(
        request.POST if request.method == "POST" else None, parameter=found, standing=standing, names=names
    )
    if request.method == "POST" and form.is_valid():
        given = {
            name: form.cleaned_data[name]
            for name in ("since", "until", "document", "article", "caveat", "caveat_since")
        }
        user: Any = request.user
        try:
            entered = actions.add_parameter_value(found, form.value, by=user, **given)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "取值已录入，由另一名政策管理员复核后生效。")
            return redirect("window:law_value", code, entered.pk)
    here = reverse("window:law_parameter", args=[code])
    context = {
        "title": f"录入取值：{found.label}",
        "crumbs": _crumbs((found.label, here), ("录入取值", "")),
        "parameter": found,
        "form": form,
        "back": here,
        "standing": standing,
        "lines": lines(found, standing, names) if standing else [],
    }
    return render(request, "window/law_enter.html", context)


def _last(parameter: Parameter) -> ParameterValue | None:
    """The confirmed value that begins last, in force or not yet: what a new one most likely changes."""
    return parameter.values.confirmed().exclude(value=None).order_by("-since", "-confirmed_at", "-id").first()


# -- one value -----------------------------------------------------------------------------------------------
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


def _change(parameter: Parameter, value: ParameterValue, names: Mapping[str, str]) -> _Change:
    others = _values(parameter).confirmed().exclude(pk=value.pk)
    before = (
        ParameterValue.objects.in_force(value.since).filter(parameter=parameter).exclude(pk=value.pk).first()
    )
    rows = changes(parameter, before, value, names)
    following = others.filter(since__gt=value.since).order_by("since", "confirmed_at", "id").first()
    return _Change(rows, before, following, others.filter(since=value.since).exists())


def _found(request: HttpRequest, code: str, pk: int) -> tuple[Parameter, ParameterValue | None]:
    """The value; none when it was taken back meanwhile, which is then said."""
    found = _parameter(code)
    value = _values(found).filter(pk=pk).first()
    if value is None:
        messages.warning(request, "这项取值已不在：录入后被撤回，或地址有误。以下是该参数的全部取值。")
    return found, value


@staff()
def value(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A value that waits: what it changes, and what may be done with it. One that is confirmed is part of the
    history.
    """
    _may_read(request.user)
    found, waiting = _found(request, code, pk)
    if waiting is None or waiting.confirmed_at is not None:
        return redirect("window:law_parameter", code)
    here = {name: reverse(f"window:law_{name}", args=[code, pk]) for name in ("confirm", "withdraw")}
    may, may_not = [], []
    for label, permission, refusal, action in (
        (
            "复核",
            CONFIRM,
            _confirmation_refused(waiting, request.user),
            {
                "href": here["confirm"],
                "consequence": "与来源文件核对无误后复核；复核后按起始日期执行，不能撤回。",
                "kind": "primary",
            },
        ),
        (
            "撤回",
            ENTER,
            actions.withdrawal_refused(waiting, request.user),  # type: ignore[arg-type]
            {
                "href": here["withdraw"],
                "consequence": "录入有误时撤回，写明原因；撤回后可以重新录入。",
                "kind": "secondary",
            },
        ),
    ):
        refusal = refusal if can(request.user, permission, WHOLE_REGION) else "您没有这项权限。"
        if refusal:
            may_not.append({"label": label, "reason": refusal})
        else:
            may.append({"label": label, **action})
    if can(request.user, "policy.simulate"):
        if code in readable_parameters():
            may.append(
                {
                    "label": "测算影响",
                    "href": f"{reverse('window:simulation_new')}?value={pk}",
                    "kind": "secondary",
                    "consequence": "看全部在册人员中谁新增、谁减少、费用如何变化；不改变任何待遇。",
                }
            )
        else:
            may_not.append(
                {"label": "测算影响", "reason": "没有待遇的条件或标准用到这项参数，测算不会有结果。"}
            )
    context = {
        "title": found.label,
        "crumbs": _crumbs((found.label, reverse("window:law_parameter", args=[code])), ("待复核取值", "")),
        **_shown(found, waiting),
        "actions": may,
        "refused": may_not,
        "effects": effects_of(waiting, request.user),
    }
    return render(request, "window/law_value.html", context)


def _confirmation_refused(value: ParameterValue, user: Any) -> str:
    return "该取值由您本人录入，须由另一名政策管理员复核。" if value.entered_by_id == user.pk else ""


def _shown(parameter: Parameter, value: ParameterValue) -> dict[str, Any]:
    """A value that waits as its pages show it: the change, and where the value comes from."""
    change = _change(parameter, value, names_of_codes())
    about = [
        {"label": "参数", "value": parameter.label},
        {"label": "起始日期", "value": date_cn(value.since)},
        {"label": "截止日期", "value": date_cn(value.until) or "不设截止"},
        {"label": "来源", "value": source_of(value)},
        {"label": "提示", "value": _caveat(value) or "无"},
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
        "source_before": source_of(change.before) if change.before else "",
        "in_the_past": value.since < timezone.localdate(),
    }


def _caveat(value: ParameterValue) -> str:
    since = f"（自{date_cn(value.caveat_since)}起提示）" if value.caveat and value.caveat_since else ""
    return f"{value.caveat}{since}"


@staff(CONFIRM, "GET", "HEAD", "POST")
def confirm(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The page of the confirmation repeats the figures; who entered them reads why somebody else has to
    confirm.
    """
    require(request.user, CONFIRM, WHOLE_REGION)
    found, waiting = _found(request, code, pk)
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
    shown = _shown(found, waiting)
    before = shown["change"].before
    context = {
        "title": f"复核：{found.label}",
        "crumbs": _crumbs((found.label, reverse("window:law_parameter", args=[code])), ("复核", "")),
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
    found, waiting = _found(request, code, pk)
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
        "crumbs": _crumbs((found.label, reverse("window:law_parameter", args=[code])), ("撤回取值", "")),
        **_shown(found, waiting),
        "form": form,
        "refusal": actions.withdrawal_refused(waiting, request.user),  # type: ignore[arg-type]
        "back": reverse("window:law_value", args=[code, pk]),
    }
    return render(
        request, "window/law_withdraw.html", context, status=409 if form.non_field_errors() else 200
    )
