"""Addresses of the staff side."""
from django.urls import include, path

app_name = "window"
urlpatterns = [
    path("", include("portal.window.office_urls")),
]
