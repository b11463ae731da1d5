"""Addresses of the training subsidies."""

from django.urls import path

from subsidies.views import trials

app_name = "subsidies"
urlpatterns = [
    path("trials/", trials.trials, name="trials"),
    path("trials/template.<slug:kind>", trials.template, name="trial_template"),
    path("trials/<int:pk>/", trials.trial, name="trial"),
    path("trials/<int:pk>/progress/", trials.progress, name="trial_progress"),
    path("trials/<int:pk>/export.xlsx", trials.export, name="trial_export"),
]
