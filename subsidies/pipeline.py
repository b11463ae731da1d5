"""What claims are on their way to which fund: for whoever keeps the money (portal.funds.forecast)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from portal.accounts.access import scope
from portal.funds.forecast import Ahead, Flow, register_pipeline
from subsidies.models import Claim
from subsidies.schemes import SCHEMES
from subsidies.workflow import ClaimState as S

_STAGES: dict[str, Ahead] = {
    **dict.fromkeys((S.SUBMITTED, S.RETURNED, S.ACCEPTED, S.FIRST_REVIEWED), Ahead.HANDED_IN),
    **dict.fromkeys((S.REVIEWED, S.NO_FIGURE, S.ON_NOTICE, S.NOTICED), Ahead.REVIEWED),
}


def flows(user: Any) -> list[Flow]:
    """Claims that are not decided, by fund and league, with what was determined at their hand-in."""
    mine = scope(user, "funds.view").q("case__region", "case__league_code")
    claims = Claim.objects.filter(mine, case__state__in=_STAGES)
    rows = claims.values_list("case__kind", "case__league_code", "case__state").annotate(
        counted=Count("pk"),
        summed=Sum("determination__amount"),
        unknown=Count("pk", filter=Q(determination__amount__isnull=True)),
    )
    summed: dict[tuple[str, str, Ahead], list[Any]] = {}
    for kind, league, state, count, amount, unknown in rows:
        total = summed.setdefault((kind, league, _STAGES[state]), [0, Decimal(0), 0])
        total[0] += count
        total[1] += amount or Decimal(0)
        total[2] += unknown
    return [
        Flow(SCHEMES[kind].fund, SCHEMES[kind].use, league, ahead, *total)
        for (kind, league, ahead), total in summed.items()
    ]


def register() -> None:
    register_pipeline(flows)
