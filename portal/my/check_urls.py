"""Addresses of the check that is open to everybody."""

from django.urls import path

from portal.my import checking

app_name = "check"
urlpatterns = [
    path("", checking.start, name="start"),
    path("result/", checking.result, name="result"),
    path("sheet/", checking.sheet, name="sheet"),
    path("sheet.pdf", checking.sheet_file, name="sheet_file"),
    path("dates.ics", checking.calendar, name="calendar"),
    path("for/<str:code>/", checking.begin_for, name="for"),
    path("<slug:code>/", checking.step, name="step"),
]
