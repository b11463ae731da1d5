"""How good the rosters are that were read in: rows, what was refused, put right, and taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, F, Func, IntegerField, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.accounts.models import RoleAssignment
from portal.workforce.models import RosterImport
from portal.workforce.models.roster import Phase


class Imports(NamedTuple):
    """Of whoever imported: files, and what became of their rows; `unlisted` are names that no catalogue has. Without a
    person it was the system."""

    unit: str
    person: str
    files: int
    read: int
    added: int
    changed: int
    proposed: int
    unchanged: int
    refused: int
    held: int
    unlisted: int
    mended: int
    undone: int


def _length(field: str) -> Func:
    return Func(F(field), function="jsonb_array_length", output_field=IntegerField())


def imports_of(where: Any, year: int, region: str = "") -> list[Imports]:
    """The imports of a year by unit or by officer, in the places of a scope (portal.accounts.access.Scope), or in one
    of them. Counts only: neither the files nor a row of them.
    """
    begin = timezone.make_aware(datetime(year, 1, 1))
    end = timezone.make_aware(datetime(year + 1, 1, 1))
    imports = RosterImport.objects.filter(created_at__gte=begin, created_at__lt=end)
    imports = imports.filter(_in_places(where.q("unit__region", "unit__league_code"), where))
    if region:
        imports = imports.filter(_in_region(region))
    counted = (
        imports.order_by()
        .values_list("unit__name", "by__display_name")
        .annotate(
            files=Count("pk"),
            read=Coalesce(Sum("rows_read"), 0),
            n_added=Coalesce(Sum("added"), 0),
            n_changed=Coalesce(Sum("changed"), 0),
            n_proposed=Coalesce(Sum("proposed"), 0),
            n_unchanged=Coalesce(Sum("unchanged"), 0),
            n_refused=Coalesce(Sum("refused"), 0),
            n_held=Coalesce(Sum("held"), 0),
            n_unlisted=Coalesce(Sum(_length("unlisted")), 0),
            n_mended=Coalesce(Sum(_length("mended")), 0),
            n_undone=Count("pk", filter=Q(phase=Phase.UNDONE)),
        )
    )
    found = [Imports(unit or "", person or "", *rest) for unit, person, *rest in counted]
    return sorted(found, key=lambda one: (-one.read, one.unit, one.person))


def _in_places(of_units: Q, where: Any) -> Q:
    """Of units of these places, or by officers who work there."""
    if where.whole:
        return Q()
    inside = Q(region_id__in=sorted(where.banners))
    for league in sorted(where.leagues):
        inside |= Q(region__code__startswith=league[:4])
    return of_units | _by_officers(inside)


def _in_region(code: str) -> Q:
    """Of one banner, or of a whole league when its code ends in 00."""
    if code.endswith("00"):
        return Q(unit__league_code=code) | _by_officers(Q(region__code__startswith=code[:4]))
    return Q(unit__region=code) | _by_officers(Q(region=code))


def _by_officers(inside: Q) -> Q:
    return Q(unit=None, by__in=RoleAssignment.objects.in_force().filter(inside).values("user"))
