"""What came of a trial: how many rows and how much money, by outcome, by reason and by place, and then the rows.

As it is kept it holds masked numbers only. Amounts are yuan as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from portal.regions.models import Region
from portal.workforce.models import SkillLevel
from subsidies.trials.paid_list import Paid, Unread

_ZERO = Decimal(0)


class Outcome(models.TextChoices):
    AGREES = "agrees", "一致"
    REFUSES = "refuses", "按规则不予发放"
    OTHERWISE = "otherwise", "按规则金额不同"
    UNKNOWN = "unknown", "不能认定"
    UNREAD = "unread", "未读出"


TONES = {
    Outcome.AGREES: "good",
    Outcome.REFUSES: "bad",
    Outcome.OTHERWISE: "warn",
    Outcome.UNKNOWN: "info",
    Outcome.UNREAD: "warn",
}


@dataclass(frozen=True)
class Reason:
    """Why a row came out so. `note`: the clause of a condition, or where what is missing would be known from."""

    label: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.label}（{self.note}）" if self.note else self.label


@dataclass(frozen=True)
class Decided:
    """What came of one row. `amount` is that of the rules, for who is entitled."""

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    amount: Decimal | None = None
    worker_id: int | None = None
    place: str = ""
    # Of this row alone: how it differs from what is recorded.
    said: str = ""


@dataclass
class Sum:
    """So many rows, with so much paid; by the rules it would have been so much."""

    rows: int = 0
    paid: Decimal = _ZERO
    ruled: Decimal = _ZERO

    def add(self, paid: Decimal, ruled: Decimal) -> None:
        self.rows += 1
        self.paid += paid
        self.ruled += ruled

    def data(self) -> dict[str, Any]:
        return {"rows": self.rows, "paid": f"{self.paid:.2f}", "ruled": f"{self.ruled:.2f}"}


def result_of(
    paid: Sequence[Paid], unread: Sequence[Unread], decided: Mapping[int, Decided]
) -> dict[str, Any]:
    """Everything a trial says: `total`, `outcomes`, `reasons`, `places` and `rows`, as JSON."""
    total = Sum()
    outcomes = {outcome: Sum() for outcome in Outcome}
    reasons: dict[tuple[Outcome, Reason], Sum] = {}
    places: dict[str, dict[Outcome, Sum]] = {}
    for row in paid:
        of_row = decided[row.line]
        ruled = of_row.amount or _ZERO
        sums = [total, outcomes[of_row.outcome]]
        sums += [reasons.setdefault((of_row.outcome, reason), Sum()) for reason in of_row.reasons]
        place = places.setdefault(of_row.place, {})
        sums.append(place.setdefault(of_row.outcome, Sum()))
        for one in sums:
            one.add(row.paid, ruled)
    for _ in unread:
        total.add(_ZERO, _ZERO)
        outcomes[Outcome.UNREAD].add(_ZERO, _ZERO)
    numbered = {key: number for number, key in enumerate(_by_frequency(reasons))}
    return {
        "total": total.data(),
        "outcomes": {outcome.value: one.data() for outcome, one in outcomes.items()},
        "reasons": [
            {
                "outcome": outcome.value,
                "label": reason.label,
                "note": reason.note,
                **reasons[outcome, reason].data(),
            }
            for outcome, reason in numbered
        ],
        "places": list(_places(places)),
        "rows": sorted(
            [*_rows(paid, decided, numbered), *map(_unread_row, unread)], key=lambda row: row["line"]
        ),
    }


def _by_frequency(reasons: Mapping[tuple[Outcome, Reason], Sum]) -> list[tuple[Outcome, Reason]]:
    """Refusals first, then what is not known; of each the most frequent first."""
    order = list(Outcome)
    return sorted(
        reasons, key=lambda key: (order.index(key[0]), -reasons[key].rows, key[1].label, key[1].note)
    )


def _places(places: Mapping[str, Mapping[Outcome, Sum]]) -> Iterator[dict[str, Any]]:
    """A league with all of its banners, then each of them; last the rows of which no place is known."""
    names = {region.pk: region for region in Region.objects.select_related("parent").filter(pk__in=places)}
    leagues: dict[str, list[str]] = {}
    for code in sorted(names):
        leagues.setdefault(f"{code[:4]}00", []).append(code)
    titles = dict(Region.objects.filter(pk__in=leagues).values_list("pk", "name"))
    for league, codes in leagues.items():
        yield _place(titles.get(league, league), [places[code] for code in codes], is_league=True)
        for code in codes:
            yield _place(names[code].name, [places[code]], is_league=False)
    if "" in places:
        yield _place("不能确定地区", [places[""]], is_league=True)


def _place(name: str, parts: Iterable[Mapping[Outcome, Sum]], *, is_league: bool) -> dict[str, Any]:
    total, counts = Sum(), dict.fromkeys((outcome.value for outcome in Outcome), 0)
    for part in parts:
        for outcome, one in part.items():
            counts[outcome.value] += one.rows
            total.rows, total.paid, total.ruled = (
                total.rows + one.rows,
                total.paid + one.paid,
                total.ruled + one.ruled,
            )
    return {"name": name, "league": is_league, **total.data(), "outcomes": counts}


def _rows(
    paid: Iterable[Paid], decided: Mapping[int, Decided], numbered: Mapping[tuple[Outcome, Reason], int]
) -> Iterator[dict[str, Any]]:
    for row in paid:
        of_row = decided[row.line]
        yield {
            "line": row.line,
            "name": row.name,
            "number": row.masked,
            "scheme": row.scheme.title,
            "occupation": row.occupation,
            "level": str(SkillLevel(row.level).label),
            "certificate": row.certificate,
            "claimed_on": row.claimed_on.isoformat(),
            "paid": f"{row.paid:.2f}",
            "outcome": of_row.outcome.value,
            "ruled": None if of_row.amount is None else f"{of_row.amount:.2f}",
            "reasons": [numbered[of_row.outcome, reason] for reason in of_row.reasons],
            "said": of_row.said,
            "worker": of_row.worker_id,
        }


def _unread_row(row: Unread) -> dict[str, Any]:
    empty = dict.fromkeys(
        ("name", "number", "scheme", "occupation", "level", "certificate", "claimed_on", "paid"), ""
    )
    return {
        "line": row.line,
        **empty,
        "outcome": Outcome.UNREAD.value,
        "ruled": None,
        "reasons": [],
        "said": row.said,
        "worker": None,
    }
