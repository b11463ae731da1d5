"""What the pages about simulations share: who may, where they stand, and finding one."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.entitlements.models import Simulation

MAY = "policy.simulate"
ALL = "政策测算"


def crumbs_of_simulations(*more: tuple[str, str]) -> list[tuple[str, str]]:
    address = reverse("window:simulations") if more else ""
    return [("工作台", reverse("window:home")), (ALL, address), *more]


def find_simulation(request: HttpRequest, pk: int) -> Simulation:
    visible = Simulation.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("job__by", "by", "value__parameter"), pk=pk)


def page_of(simulation: Simulation) -> str:
    return reverse("window:simulation", args=[simulation.pk])
