"""The files of a case, for whoever may see them: staff, the worker, the unit that applied, the panel's
experts.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.cases.evidence import files
from portal.cases.models import Evidence
from portal.file_inspection import ACCEPT, ACCEPTED
from portal.upload_fields import UploadField


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFiles(UploadField):
    """So many files from one chooser; what they are is decided by the action that keeps them."""

    def __init__(self, *, files: int, **options: Any) -> None:
        super().__init__(
            takes=ACCEPTED,
            accept=ACCEPT,
            most=settings.EVIDENCE_MAX_BYTES,
            files=files,
            widget=ManyFilesInput,
            **options,
        )

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = [one for one in data or [] if one is not None]
        if self.required and not given:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return given


@never_cache
@login_required
@require_safe
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """One file, to look at or (`?download`) to keep. Whoever may not see it learns nothing of it (404);
    opening is audited.

    The content was checked when it came; still no browser guesses its kind, runs anything of it, or keeps it.
    """
    found = get_object_or_404(
        Evidence.objects.visible_to(request.user).not_removed().select_related("case"), pk=pk
    )
    content = files.open_file(found, by=request.user)
    response = HttpResponse(content, content_type=found.content_type)
    response["Content-Disposition"] = (
        content_disposition_header("download" in request.GET, found.download_name) or "inline"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
