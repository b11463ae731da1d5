"""Which claims a list holds: the same filters for the page, for programs, and for what is done with all that were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from portal.cases.models.life import Case, CaseQuerySet
from portal.funds.course import in_stage
from portal.pages.deadlines import soon_until
from portal.pages.filters import in_region
from portal.workforce.models import Worker
from subsidies.models import Claim, ClaimQuerySet
from subsidies.schemes import SCHEMES

FILTERS = ("name", "kind", "state", "region", "channel", "due", "money")
# By their deadlines: about to be missed, missed.
SOON, OVERDUE = "soon", "overdue"
DUE = ((SOON, "三个工作日内到期"), (OVERDUE, "已超期"))


def found_by(claims: ClaimQuerySet, asked: Mapping[str, Any], *, by: Any) -> ClaimQuerySet:
    """Those of the claims that all filters which were given let through. People are looked for among those `by` sees."""
    found: ClaimQuerySet = _let_through(claims, asked, by, of_case="case__", of_claim="")
    return found


def cases_found_by(cases: CaseQuerySet, asked: Mapping[str, Any], *, by: Any) -> CaseQuerySet:
    """The cases of the claims that the filters let through: a list runs by the indexes of cases."""
    found: CaseQuerySet = _let_through(
        cases.filter(kind__in=SCHEMES), asked, by, of_case="", of_claim="claim__"
    )
    return found


def listed(user: Any, cases: Sequence[int]) -> list[Claim]:
    """The claims of the cases that the user sees, in the order of the cases, with all that a list shows of them."""
    beside = "case__region__parent", "case__assigned_to", "worker__employer", "credential", "training"
    claims = Claim.objects.visible_to(user).with_money().select_related(*beside)
    found = claims.defer("worker__id_number", "worker__phone").in_bulk(cases)
    return [found[case] for case in cases if case in found]


def _let_through(rows: Any, asked: Mapping[str, Any], by: Any, *, of_case: str, of_claim: str) -> Any:
    """From whichever of the two the rows are, with the way to the other one."""
    if kind := asked.get("kind"):
        rows = rows.filter(**{f"{of_case}kind": kind})
    if state := asked.get("state"):
        rows = rows.filter(**{f"{of_case}state": state})
    if region := asked.get("region"):
        rows = rows.filter(in_region(region, f"{of_case}region", f"{of_case}league_code"))
    if channel := asked.get("channel"):
        rows = rows.filter(**{f"{of_claim}channel": channel})
    if stage := asked.get("money"):
        rows = in_stage(rows, stage, f"{of_case}pk")
    if due := asked.get("due"):
        today = timezone.localdate()
        cases = Case.objects.all()
        late = cases.overdue(today) if due == OVERDUE else cases.due_soon(today, soon_until(today))
        rows = rows.filter(pk__in=late.values("pk"))
    if name := asked.get("name"):
        # A case stays with the record it began with, also after that was merged. Read so, records are walked through only
        # until the page is full.
        people = Worker.objects.visible_to(by, merged=True).named(name)
        rows = rows.filter(worker__in=people.values("pk"))
    return rows
