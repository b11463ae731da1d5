"""The office's guide to each benefit: what to bring, where to go, how long it takes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from portal.accounts.access import WHOLE_REGION, NotNow, require
from portal.entitlements.forms import GuideForm
from portal.entitlements.guides import FIELDS, field_label, save_guide
from portal.entitlements.models import BenefitGuide
from portal.pages.access import staff
from portal.policy.benefits import BY_CODE, CATALOGUE
from portal.window.office.pages import tabs_of

HOME = ("工作台", "window:home")


def _crumbs(*rest: tuple[str, str]) -> list[tuple[str, str]]:
    return [(HOME[0], reverse(HOME[1])), *rest]


@staff("guide.edit")
def guides(request: HttpRequest) -> HttpResponse:
    """Every benefit of the catalogue, with what the office has given for it."""
    require(request.user, "guide.edit", WHOLE_REGION)
    written = {guide.benefit: guide for guide in BenefitGuide.objects.select_related("edited_by")}
    context = {
        "title": "办事指南",
        "crumbs": _crumbs(("办事指南", "")),
        "tabs": tabs_of(request),
        "rows": [_row(benefit, written.get(benefit.code)) for benefit in CATALOGUE],
    }
    return render(request, "window/guides.html", context)


def _row(benefit: Any, guide: BenefitGuide | None) -> dict[str, Any]:
    lacking = [field_label(name) for name in FIELDS if guide is None or not getattr(guide, name)]
    return {
        "benefit": benefit,
        "guide": guide,
        "lacking": lacking,
        "all": len(lacking) == len(FIELDS),
    }


@staff("guide.edit", "GET", "HEAD", "POST")
def guide(request: HttpRequest, benefit: str) -> HttpResponse:
    """Write down one benefit's guide; it stands on the pages of the check at once."""
    require(request.user, "guide.edit", WHOLE_REGION)
    if benefit not in BY_CODE:
        raise Http404
    title = BY_CODE[benefit].title
    written = BenefitGuide.objects.filter(benefit=benefit).first()
    was_sample = written is not None and written.is_sample
    form = GuideForm(
        request.POST if request.method == "POST" else None,
        instance=written or BenefitGuide(benefit=benefit),
        initial={"seen_at": written.edited_at.isoformat() if written else ""},
    )
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in FIELDS}
        try:
            _, changed = save_guide(benefit, values, by=request.user, seen_at=form.cleaned_data["seen_at"])
        except NotNow as problem:
            form.add_error(None, str(problem))
        else:
            is_new = changed or was_sample
            what = f"已保存“{title}”的办事指南，公众页面已更新。" if is_new else "内容没有变化。"
            messages.success(request, what)
            return redirect("window:guides")
    context = {
        "title": title,
        "crumbs": _crumbs(("办事指南", reverse("window:guides")), (title, "")),
        "form": form,
        "guide": written,
        "was_sample": was_sample,
        "benefit": BY_CODE[benefit],
    }
    return render(request, "window/guide.html", context)
