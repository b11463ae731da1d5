"""Addresses of the office's own data, of the audit, and of the activation codes; part of the staff side's."""

from django.urls import path

from portal.window import activation, audit_views, office, office_guides

urlpatterns = [
    path("office/", office.office, name="office"),
    path("office/<slug:code>/", office.office_edit, name="office_edit"),
    path("calendar/", office.calendar, name="calendar"),
    path("calendar/<int:year>/", office.calendar_year, name="calendar_year"),
    path("clock/", office.clock, name="clock"),
    path("clock/<str:kind>/", office.clock_edit, name="clock_edit"),
    path("guides/", office_guides.guides, name="guides"),
    path("guides/<str:benefit>/", office_guides.guide, name="guide"),
    path("audit/", audit_views.audit_page, name="audit"),
    path("audit/export/", audit_views.audit_export, name="audit_export"),
    path("audit/verify/", audit_views.audit_verify, name="audit_verify"),
    path("workers/<int:pk>/activation/", activation.activation, name="activation"),
]
