"""Addresses of the tiny programme."""

from django.urls import path

from tests.programmes.tiny import views

app_name = "tiny"
urlpatterns = [
    path("", views.granted, name="granted"),
    path("rules/", views.rules, name="rules"),
    path("allowances/", views.allowances, name="allowances"),
    path("allowances/new/<int:worker_id>/", views.new, name="new"),
    path("allowances/<str:number>/", views.case, name="case"),
    path("allowances/<str:number>/<slug:action>/", views.step, name="step"),
]
