"""Addresses of the office's own data, of the audit, and of the activation codes; part of the staff side's."""

from django.urls import path

from portal.window.office import audit, guides, pages, supervision
from portal.window.people import activation

urlpatterns = [
    path("office/", pages.office, name="office"),
    path("office/<slug:code>/", pages.office_edit, name="office_edit"),
    path("calendar/", pages.calendar, name="calendar"),
    path("calendar/<int:year>/", pages.calendar_year, name="calendar_year"),
    path("clock/", pages.clock, name="clock"),
    path("clock/<str:kind>/", pages.clock_edit, name="clock_edit"),
    path("guides/", guides.guides, name="guides"),
    path("guides/<str:benefit>/", guides.guide, name="guide"),
    path("supervision/", supervision.supervision, name="supervision"),
    path("audit/", audit.audit_page, name="audit"),
    path("audit/export/", audit.audit_export, name="audit_export"),
    path("audit/verify/", audit.audit_verify, name="audit_verify"),
    path("workers/<int:pk>/activation/", activation.activation, name="activation"),
]
