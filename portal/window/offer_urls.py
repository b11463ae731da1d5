"""Addresses of the staff pages about offers and what workers ask for; part of the staff side's."""
from typing import Any

urlpatterns: list[Any] = []
