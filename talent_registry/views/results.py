"""The letters with which the results of a year go out: how many there are, and files for the printer in the
order of the list.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from portal.accounts.access import WHOLE_REGION, can
from portal.letters.actions import BadLetter
from portal.letters.models import FileState, Letter
from portal.pages.access import staff
from portal.pages.action_page import Done, act_on, posted
from talent_registry.letters import KINDS
from talent_registry.models import SelectionRound
from talent_registry.selection import publishing
from talent_registry.selection.publishing import GROUPS, PER_VOLUME

_LABELS = {kind.code: kind.label for kind in KINDS}


class PrintForm(forms.Form):
    """Which letters, and whether both sides of the paper are printed on."""

    group = forms.ChoiceField(
        label="打印哪些文书",
        choices=[(code, label) for code, (label, _) in GROUPS.items()],
        widget=forms.RadioSelect,
        initial="all",
    )
    double_sided = forms.BooleanField(
        label="双面打印",
        required=False,
        help_text="页数为单数的文书后留一空白页，每份文书都从新的一张纸开始。",
    )


@staff("letter.view", "GET", "HEAD", "POST")
def letters(request: HttpRequest, year: int) -> HttpResponse:
    """What has gone out, by kind: whether the files are made and how many were served; and the order to the
    printer.
    """
    found = SelectionRound.objects.visible_to(request.user).select_related("case")
    round_ = get_object_or_404(found, year=year)
    may_print = can(request.user, "letter.print", WHOLE_REGION)
    form = PrintForm(posted(request))

    def start_printing(given: dict[str, Any]) -> Done | None:
        try:
            files = publishing.request_print(round_, **given, by=request.user)
        except BadLetter as refusal:
            form.add_error(None, str(refusal))
            return None
        if len(files) == 1:
            return Done("", reverse("letters:print", args=[files[0].pk]))
        words = f"已开始生成{len(files)}册打印文件，按名单顺序每册{PER_VOLUME}份，完成后可在后台任务中下载。"
        return Done(words, reverse("window:jobs"))

    answer = act_on(request, form, start_printing)
    if answer:
        return answer
    rows = _counts(request.user, round_)
    back = reverse("registry:round", args=[year])
    context = {
        "title": f"{year}年度遴选结果文书",
        "round": round_,
        "rows": rows,
        "form": form,
        "back": back,
        "crumbs": [
            ("工作台", reverse("window:home")),
            ("年度遴选", reverse("registry:rounds")),
            (f"{year}年", back),
            ("结果文书", ""),
        ],
        "may_print": may_print and bool(rows),
        "per_volume": PER_VOLUME,
        "total": sum(row["count"] for row in rows),
    }
    return render(
        request, "registry/selection_letters.html", context, status=409 if form.non_field_errors() else 200
    )


def _counts(user: Any, round_: SelectionRound) -> list[dict[str, Any]]:
    seen = (
        Letter.objects.visible_to(user)
        .in_force()
        .filter(kind__in=GROUPS["all"][1], case__nomination__round=round_)
    )
    counted = (
        seen.order_by()
        .values("kind")
        .annotate(
            count=Count("pk"),
            built=Count("pk", filter=Q(file__state=FileState.BUILT)),
            failed=Count("pk", filter=Q(file__state=FileState.FAILED)),
            served=Count("pk", filter=Q(served_on__isnull=False)),
        )
    )
    by_kind = {row["kind"]: row for row in counted}
    return [{"label": _LABELS[kind], **by_kind[kind]} for kind in GROUPS["all"][1] if kind in by_kind]
