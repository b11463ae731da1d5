"""Addresses of the staff side."""
from django.urls import path  # noqa: F401

app_name = "window"
urlpatterns: list = []
