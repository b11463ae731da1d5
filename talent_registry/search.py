"""What the published list may be asked for.

Page, exports and API read the same filters here, so they show the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Max, Min

from portal.regions.models import Region
from portal.workforce.models import HonourType
from talent_registry.models import Basis, EntryQuerySet, RegistryEntry, SelectionRound, Status

FILTERS = ("year", "league", "occupation", "basis", "honour", "selection_year", "name", "status")
# Those that are compared as they are; a name is looked for inside the names.
_COLUMNS = {
    "year": "year",
    "league": "league_code",
    "basis": "basis",
    "honour": "honour_type_id",
    "selection_year": "selection__year",
    "status": "status",
}
FIRST_YEAR = 2019  # the policy's
NAME_AT_MOST, OCCUPATION_AT_MOST = 20, 60
_OCCUPATIONS_OFFERED = 200
_REMEMBERED_SECONDS = 300


class EntryFilters:
    """The filters of a query string, checked; `errors` are (field, problem, what is allowed)."""

    def __init__(
        self, params: Mapping[str, Any], *, statuses: tuple[str, ...] = (Status.ACTIVE, Status.SUSPENDED)
    ) -> None:
        self.statuses = statuses
        self.values: dict[str, Any] = {}
        self.errors: list[dict[str, str]] = []
        for name in FILTERS:
            text = str(params.get(name, "") or "").strip()
            if text:
                read = getattr(self, f"_{name}")
                read(text)

    def _refuse(self, field: str, problem: str, allowed: str) -> None:
        self.errors.append({"field": field, "problem": problem, "allowed": allowed})

    def _year(self, text: str, field: str = "year") -> None:
        if text.isascii() and text.isdigit() and len(text) == 4 and int(text) >= FIRST_YEAR:
            self.values[field] = int(text)
        else:
            self._refuse(field, "年度应为四位数字。", f"{FIRST_YEAR} 及以后的年份")

    def _selection_year(self, text: str) -> None:
        self._year(text, "selection_year")

    def _basis(self, text: str) -> None:
        if text in Basis.values:
            self.values["basis"] = text
        else:
            self._refuse("basis", "没有这种依据类别。", _listed(Basis.choices))

    def _league(self, text: str) -> None:
        leagues = league_choices()
        if text in leagues:
            self.values["league"] = text
        else:
            self._refuse("league", "没有这个盟市。", _listed(leagues.items()))

    def _honour(self, text: str) -> None:
        honours = dict(HonourType.objects.values_list("code", "name"))
        if text in honours:
            self.values["honour"] = text
        else:
            self._refuse("honour", "没有这种荣誉。", _listed(honours.items()))

    def _status(self, text: str) -> None:
        if text in self.statuses:
            self.values["status"] = text
        else:
            names = {code: Status(code).label for code in self.statuses}
            self._refuse("status", "没有这种状态。", _listed(names.items()))

    def _name(self, text: str) -> None:
        self._text("name", text, NAME_AT_MOST)

    def _occupation(self, text: str) -> None:
        self._text("occupation", text, OCCUPATION_AT_MOST)

    def _text(self, field: str, text: str, most: int) -> None:
        # NUL and unpaired surrogates cannot be asked of the database.
        unreadable = "\x00" in text or any(0xD800 <= ord(char) <= 0xDFFF for char in text)
        if len(text) > most or unreadable:
            self._refuse(field, "内容过长或含有不能识别的字符。", f"1 至 {most} 个字符")
        else:
            self.values[field] = text

    def applied_to(self, queryset: EntryQuerySet) -> EntryQuerySet:
        """The rows of `queryset` that were asked for."""
        exact = {}
        for name, value in self.values.items():
            if name in _COLUMNS:
                exact[_COLUMNS[name]] = value
        queryset = queryset.filter(**exact)
        if "occupation" in self.values:
            queryset = queryset.filter(occupation__in=occupations_meant(self.values["occupation"]))
        if "name" in self.values:
            queryset = queryset.named(self.values["name"])
        return queryset

    def in_words(self) -> list[str]:
        """The filters in words, for the head of a printed list."""
        values = self.values
        words = []
        if "year" in values:
            words.append(f"{values['year']}年度")
        if "league" in values:
            words.append(league_choices()[values["league"]])
        if "occupation" in values:
            words.append(f"职业（工种）：{values['occupation']}")
        if "basis" in values:
            words.append(f"依据类别：{Basis(values['basis']).label}")
        if "honour" in values:
            words.append(f"荣誉：{HonourType.objects.get(pk=values['honour']).name}")
        if "selection_year" in values:
            words.append(f"{values['selection_year']}年度遴选")
        if "name" in values:
            words.append(f"姓名含“{values['name']}”")
        if "status" in values:
            words.append(f"状态：{Status(values['status']).label}")
        return words


def _listed(choices: Iterable[tuple[str, Any]]) -> str:
    """What is allowed, as people read it: code and name of each."""
    return "、".join(f"{code} {name}" for code, name in choices)


def filtered(
    queryset: EntryQuerySet, params: Mapping[str, Any]
) -> tuple[EntryQuerySet, list[dict[str, str]]]:
    """(the entries asked for, what is wrong with the question); with errors no entries at all.

    Parameters: year, league (code), occupation (in full, or a part of it), basis, honour (code of a kind), selection_year,
    name (a part of it), status. A filter is never ignored.
    """
    filters = EntryFilters(params)
    entries = queryset.none() if filters.errors else filters.applied_to(queryset)
    return entries, filters.errors


def league_choices() -> dict[str, str]:
    """The leagues by code, remembered for some minutes."""
    leagues: dict[str, str] | None = cache.get_or_set(
        "registry.leagues",
        lambda: dict(Region.objects.leagues().values_list("code", "name")),
        _REMEMBERED_SECONDS,
    )
    return leagues or {}


def years_in_use() -> list[int]:
    """The years from the newest entry on the list back to the oldest."""
    span = RegistryEntry.objects.public().order_by().aggregate(first=Min("year"), last=Max("year"))
    if not span["last"]:
        return []
    return list(range(span["last"], span["first"] - 1, -1))


def selection_years_in_use() -> list[int]:
    """The years whose selection has put people on the list, newest first."""
    years: list[int] | None = cache.get_or_set(
        "registry.selection_years",
        lambda: list(SelectionRound.objects.published().values_list("year", flat=True)),
        _REMEMBERED_SECONDS,
    )
    return years or []


_OCCUPATIONS = """
WITH RECURSIVE step (occupation, place) AS (
    (SELECT occupation, 1 FROM talent_registry_registryentry
     WHERE status <> 'removed' AND occupation <> '' ORDER BY occupation LIMIT 1)
    UNION ALL
    SELECT (SELECT e.occupation FROM talent_registry_registryentry e
            WHERE e.status <> 'removed' AND e.occupation > step.occupation ORDER BY e.occupation LIMIT 1),
           step.place + 1
    FROM step WHERE step.occupation IS NOT NULL AND step.place < %s
)
SELECT occupation FROM step WHERE occupation IS NOT NULL
"""


def _read_occupations() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_OCCUPATIONS, [_OCCUPATIONS_OFFERED])
        return [row[0] for row in cursor.fetchall()]


def occupations_meant(text: str) -> list[str]:
    """The occupation of that name; where there is none, those whose names hold it (电: 电工, 维修电工)."""
    in_use = occupations_in_use()
    if text in in_use:
        return [text]
    return [text, *(occupation for occupation in in_use if text in occupation)]


def occupations_in_use() -> list[str]:
    """The first 200 occupations on the list, found by skipping through the index from one to the next."""
    occupations: list[str] | None = cache.get_or_set(
        "registry.occupations", _read_occupations, _REMEMBERED_SECONDS
    )
    return occupations or []
