"""Files of a case that its applicant or the window may change: handed in on the page of the case, and taken away after
a page that names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
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
    """The page of a case; POST hands in files. One that is not taken keeps no other out."""
    form = EvidenceForm(posted(request), request.FILES or None)

    def attach(given: dict[str, Any]) -> Done | None:
        taken, refused = _attached(page.case.pk, given["file"], label=given["label"], by=request.user)
        words = f"已提交材料“{given['label'].strip()}”{f'，共{taken}个文件' if taken > 1 else ''}。"
        if not refused:
            return Done(words, f"{page.address}#evidence")
        if taken:
            messages.success(request, words)
        for refusal in refused:
            form.add_error("file", refusal)
        return None

    answer = act_on(request, form, attach)
    status = 409 if form.non_field_errors() else 200
    return answer or show_case(request, page, template, status=status, form=form)


def _attached(case_id: int, uploads: Sequence[UploadedFile], *, label: str, by: Any) -> tuple[int, list[str]]:
    """(how many were taken, why others were not). Raises Refused, NotNow as long as none was taken."""
    taken, refused = 0, []
    for upload in uploads:
        try:
            files.attach(case_id, upload, label=label, by=by, on=timezone.localdate())
        except files.FileRefused as refusal:
            refused.append(str(refusal))
        except NotNow as refusal:
            if not taken:
                raise
            refused.append(str(refusal))
            break
        else:
            taken += 1
    return taken, refused


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
