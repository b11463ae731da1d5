"""Addresses of the registry: what is published, and the work of the office behind it."""
from django.urls import path, re_path

from talent_registry.views import cases, entries, files, proposals, public, timeliness

app_name = "registry"
urlpatterns = [
    path("", public.entries, name="list"),
    path("export.<slug:kind>", public.export, name="export"),
    path("files/<slug:code>/", files.list_file, name="list_file"),
    path("files/<slug:code>/progress/", files.list_file_progress, name="list_file_progress"),
    path("files/<slug:code>/pdf/", files.list_file_pdf, name="list_file_pdf"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/confirm/", proposals.confirm_chosen, name="confirm_chosen"),
    path("cases/<slug:number>/", cases.case, name="case"),
    path("cases/<slug:number>/confirm/", cases.confirm, name="confirm"),
    path("cases/<slug:number>/decline/", cases.decline, name="decline"),
    path("cases/<slug:number>/correction/", cases.return_for_correction, name="return_for_correction"),
    path("cases/<slug:number>/resubmit/", cases.resubmit, name="resubmit"),
    path("cases/<slug:number>/withdraw/", cases.withdraw, name="withdraw"),
    path("entries/", entries.entries, name="entries"),
    path("entries/print/", entries.print_letters, name="print"),
    path("entries/<slug:number>/", entries.record, name="record"),
    path("entries/<slug:number>/status/", entries.status, name="status"),
    path("entries/<slug:number>/again/", entries.again, name="again"),
    path("timeliness/", timeliness.timeliness, name="timeliness"),
    re_path(r"^(?P<number>LJ-[0-9]{4}-[0-9]{6,})/$", public.entry, name="entry"),
]
