"""Addresses of the staff pages about the figures of the law; part of the staff side's."""
from typing import Any

urlpatterns: list[Any] = []
