"""Files of a case that its applicant or the window may change: handed in on the page of the case, and taken away after
a page that names them.
"""

from __future__ import annotations

from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from portal.accounts.access import Refused
from portal.cases.evidence import files
from portal.cases.models import Case, Evidence
from portal.pages.action_page import ActionPage, Crumbs, Done, act_on, posted, show_action
from portal.pages.case_page import show_case
from portal.pages.forms import EvidenceForm, NothingForm


class PageWithFiles(Protocol):
    """What is needed of the page of a case (portal.pages.case_page.CasePage)."""

    @property
    def case(self) -> Case: ...

    @property
    def address(self) -> str: ...

    @property
    def base(self) -> str: ...

    @property
    def may_write(self) -> bool: ...

    def crumbs_to(self, label: str) -> Crumbs: ...


def show_with_files(request: HttpRequest, page: Any, template: str) -> HttpResponse:
    """The page of a case; POST hands in a file."""
    form = EvidenceForm(posted(request), request.FILES or None)

    def attach(given: dict[str, Any]) -> Done | None:
        try:
            attached = files.attach(
                page.case.pk,
                given["file"],
                label=given["label"],
                by=request.user,
                on=timezone.localdate(),
            )
        except files.FileRefused as refusal:
            form.add_error("file", str(refusal))
            return None
        return Done(f"已提交材料“{attached.label}”。", f"{page.address}#evidence")

    answer = act_on(request, form, attach)
    status = 409 if form.non_field_errors() else 200
    return answer or show_case(request, page, template, status=status, form=form)


def remove_file(request: HttpRequest, page: PageWithFiles, evidence_id: int, *, refusal: str) -> HttpResponse:
    """Take a file away. Refused, with these words, when it is not the user's to change now."""
    standing = Evidence.objects.visible_to(request.user).not_removed()
    evidence = get_object_or_404(standing, pk=evidence_id, case_id=page.case.pk)
    if not page.may_write:
        raise Refused(refusal)
    back = f"{page.address}#evidence"

    def act(given: dict[str, Any]) -> Done:
        files.remove(evidence.pk, by=request.user, on=timezone.localdate())
        return Done(f"已移除材料“{evidence.label}”。", back)

    asked = ActionPage(
        title=f"移除材料：{evidence.label}",
        crumbs=page.crumbs_to("移除材料"),
        consequence="移除后文件不再保存，留下提交和移除的记录。",
        heading="要移除的材料",
        submit="移除",
        kind="danger",
        back=back,
        base=page.base,
    )
    form = NothingForm(posted(request))
    answer = act_on(request, form, act)
    return answer or show_action(request, asked, form, template="pages/remove_file.html", evidence=evidence)
