"""The history of one figure of the law: every value, where it comes from, from when until when it held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from portal.policy.models import Parameter, ParameterValue
from portal.regions.models import Region, Tier
from portal.window.law.figures import figure_lines, source_text
from portal.workforce.models import HonourType


@dataclass(frozen=True)
class Entry:
    """A value as a history shows it. `ends_on` is the last day on which it holds, None without an end.

    `resumed_on`: from this day on it holds once more, because one that stood in its place has ended.
    """

    value: ParameterValue
    lines: list[tuple[str, str]]
    source: str
    ends_on: date | None
    state: tuple[str, str]
    resumed_on: date | None = None

    @property
    def waits(self) -> bool:
        return self.value.confirmed_at is None

    @property
    def released(self) -> bool:
        """Shipped with a release of the portal: nobody entered it here."""
        return self.value.entered_by_id is None


def names_of_codes() -> dict[str, str]:
    """What the codes of lists are called: honours by their names, places by theirs."""
    places = Region.objects.exclude(tier=Tier.BANNER_COUNTY).values_list("pk", "name")
    return {**dict(HonourType.objects.values_list("pk", "name")), **dict(places)}


def history(
    parameter: Parameter,
    values: Iterable[ParameterValue],
    names: Mapping[str, str],
    today: date | None = None,
) -> list[Entry]:
    """The values, the latest beginning first; one that waits says so and changes nothing about the others."""
    today = today or timezone.localdate()
    resumed, resumed_on = _resumed(values, today)
    entries = []
    for value in sorted(values, key=_order_of, reverse=True):
        if value.confirmed_at is None:
            ends_on, corrected = value.until, False
        else:
            ends_on, corrected = _last_day(value, values)
        state = _state_words(value, ends_on, corrected, today)
        again_on = None
        if value is resumed:
            state, again_on = ("现行", "good"), resumed_on
        lines = figure_lines(parameter, value, names)
        entries.append(Entry(value, lines, source_text(value), ends_on, state, again_on))
    return entries


def _resumed(values: Iterable[ParameterValue], today: date) -> tuple[ParameterValue | None, date | None]:
    """(the value that holds today because a later one has ended and given way to it, since when)."""
    confirmed = [value for value in values if value.confirmed_at is not None]
    last = max((value for value in confirmed if value.since <= today), key=_order_of, default=None)
    if last is None or last.until is None or last.until >= today or last.gives_way_to is None:
        return None, None
    begun = [value for value in confirmed if value.since <= last.gives_way_to]
    return max(begun, key=_order_of, default=None), last.until + timedelta(days=1)


def _order_of(value: ParameterValue) -> tuple[date, bool, float, int]:
    """As the law reads them: of one day the one confirmed later; one that waits stands above them."""
    moment = value.confirmed_at.timestamp() if value.confirmed_at else 0.0
    return value.since, value.confirmed_at is None, moment, value.pk


def _last_day(value: ParameterValue, values: Iterable[ParameterValue]) -> tuple[date | None, bool]:
    """(the last day, whether another value of the same first day took its place)."""
    later = [
        other for other in values if other.confirmed_at is not None and _order_of(other) > _order_of(value)
    ]
    if any(other.since == value.since for other in later):
        return value.since, True
    ends = [other.since - timedelta(days=1) for other in later]
    if value.until is not None:
        ends.append(value.until)
    return min(ends, default=None), False


def _state_words(
    value: ParameterValue, ends_on: date | None, corrected: bool, today: date
) -> tuple[str, str]:
    if value.confirmed_at is None:
        return "待复核", "warn"
    if corrected:
        return "已更正", "plain"
    if value.since > today:
        return "尚未施行", "info"
    if ends_on is not None and ends_on < today:
        return "不再执行", "plain"
    return ("没有取值", "warn") if value.value is None else ("现行", "good")
