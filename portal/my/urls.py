"""Addresses of a worker's own pages."""
from django.urls import path

from portal.my import views

app_name = "my"
urlpatterns = [
    path("", views.home, name="home"),
    path("cases/", views.cases, name="cases"),
    path("cases/<str:number>/", views.case, name="case"),
    path("letters/", views.letters, name="letters"),
]
