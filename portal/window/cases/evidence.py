"""The files of a case, for whoever may see them: staff, the worker, the unit that applied, the panel's
experts.
"""

from __future__ import annotations

from functools import partial

from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from portal.cases.evidence import files
from portal.cases.models import Evidence
from portal.pages.files import file_answer


# What is no picture stands in a frame beside the facts, on a page of ours and nowhere else.
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": ["'self'"]})  # type: ignore[arg-type]
@never_cache
@login_required
@require_safe
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """What is shown of a file, to look at or (`?download`) to keep. Whoever may not see it learns nothing of it (404);
    opening is audited.
    """
    found = _evidence(request, pk)
    opening = partial(files.open_file, found, by=request.user)
    return file_answer(request, opening, save="download" in request.GET)


@never_cache
@login_required
@require_safe
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it was handed in, to be saved, for who reviews or audits; audited."""
    found = _evidence(request, pk)
    return file_answer(request, partial(files.open_original, found, by=request.user), save=True)


def _evidence(request: HttpRequest, pk: int) -> Evidence:
    seen = Evidence.objects.visible_to(request.user).not_removed()
    return get_object_or_404(seen.select_related("case"), pk=pk)
