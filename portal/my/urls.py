"""Addresses of a worker's own pages."""
from django.urls import path

from portal.my import checking, views

app_name = "my"
urlpatterns = [
    path("", views.home, name="home"),
    path("check/", checking.own, name="check"),
    path("check/sheet/", checking.own_sheet, name="check_sheet"),
    path("check/<slug:code>/", checking.own_step, name="check_step"),
    path("cases/", views.cases, name="cases"),
    path("cases/<str:number>/", views.case, name="case"),
    path("letters/", views.letters, name="letters"),
]
