"""The file of a case as an answer: saved, with its length and its digest, and noted in the audit."""

from __future__ import annotations

import base64
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from portal.cases.models import Case
from portal.file_inspection import sha256
from portal.letters import case_archives, case_files
from portal.sealed_files import Unreadable


def kept_pdf(case: Case) -> bytes | None:
    """The PDF as it was laid out; what was changed on the disk is laid out anew."""
    try:
        return case_files.kept_pdf(case)
    except Unreadable:
        return None


def pdf_answer(case: Case, pdf: bytes, *, by: Any) -> HttpResponseBase:
    digest = sha256(pdf)
    case_archives.note(case, "pdf", digest, by=by)
    answer = HttpResponse(pdf, content_type="application/pdf")
    return _saved(answer, f"案卷-{case.number}.pdf", digest)


def zip_answer(case: Case, pdf: bytes, *, by: Any) -> HttpResponseBase:
    """The zip, written while it is sent. Raises Http404, Refused."""
    archive, measured = case_archives.give_out(case, pdf, by=by)
    answer = StreamingHttpResponse(archive.pieces(), content_type="application/zip")
    answer["Content-Length"] = str(measured.size)
    return _saved(answer, f"案卷-{case.number}.zip", measured.sha256)


def _saved(answer: HttpResponseBase, name: str, digest: str) -> HttpResponseBase:
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    encoded = base64.b64encode(bytes.fromhex(digest)).decode()
    answer["Repr-Digest"] = f"sha-256=:{encoded}:"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
