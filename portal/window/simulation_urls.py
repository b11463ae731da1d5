"""Addresses of the staff pages about what-if; part of the staff side's."""
from typing import Any

urlpatterns: list[Any] = []
