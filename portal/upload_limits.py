"""How much may be sent to which address, and by whom: said before any of it is read, and held while it is.

Without an account little; with one a file of evidence; a roster, an extract of a register or a bank's
answer where these are taken, from whoever may give them in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve

from portal.accounts.access import can
from portal.formats import size_cn

# What stands around a file in what is sent: the other fields of a form.
_AROUND = 1 << 20
# Where files of many people are taken, and from whom.
_OF_MANY = {
    "window:roster": "roster.import",
    "window:extract_new": "record.extract",
    "window:fund_answer_new": "funds.post",
    "api:bank-answers": "funds.post",
}
# Where anybody may hand in files, and how many (portal.cases.notices.objections).
_FOR_EVERYBODY = {"public:object": 5}
_SENDS_NOTHING = ("GET", "HEAD", "OPTIONS", "TRACE")


class UploadLimits:
    """Middleware: refuses what is too large or does not say how large it is; counts while it is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in _SENDS_NOTHING:
            return self.get_response(request)
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length.isdigit() and request.META.get("HTTP_TRANSFER_ENCODING"):
            return _refused(request, "发送的内容没有注明大小，没有接收。请用常用的浏览器上传。", 411)
        size = int(length) if length.isdigit() else 0
        # Who asks is found out for what needs it.
        if size > settings.SENT_MAX_BYTES or request.content_type == "multipart/form-data":
            most = most_bytes(request)
            if size > most:
                words = f"发送的内容有{size_cn(size)}，超过{size_cn(most)}，没有接收。请压缩或分成几个文件后再上传。"
                return _refused(request, words, 413)
            # What was small enough to be read in front of all this is read (portal.accounts.gate).
            if not hasattr(request, "_files"):
                request.upload_handlers = [Counted(most, request), *request.upload_handlers]
        return self.get_response(request)


def most_bytes(request: HttpRequest) -> int:
    """How much this address takes from whoever asks."""
    try:
        name = resolve(request.path_info).view_name
    except Resolver404:
        return int(settings.SENT_MAX_BYTES)
    if name in _OF_MANY and can(request.user, _OF_MANY[name]):
        return int(settings.UPLOAD_MAX_BYTES) + _AROUND
    if name in _FOR_EVERYBODY:
        return _FOR_EVERYBODY[name] * int(settings.EVIDENCE_MAX_BYTES) + _AROUND
    if request.user.is_authenticated:
        return int(settings.EVIDENCE_MAX_BYTES) + _AROUND
    return int(settings.SENT_MAX_BYTES)


class Counted(FileUploadHandler):
    """Ends the reading of what turns out larger than was said; passes everything on otherwise."""

    def __init__(self, most: int, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._most, self._read = most, 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._read += len(raw_data)
        if self._read > self._most:
            raise RequestDataTooBig("more was sent than this address takes")
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        return None


def _refused(request: HttpRequest, words: str, status: int) -> HttpResponse:
    from portal.pages.errors import told_to_program

    if answer := told_to_program(request, status, words):
        return answer
    context = {
        "title": "没有接收",
        "reason": words,
    }
    return render(request, "errors/413.html", context, status=status)
