"""What makes a rule of plausibility, and how a condition and its words are put together.

A condition is SQL over the columns of SHEET: the same text decides of one record at a window and of 650,000 rows of
a roster. What is not known is NULL there, and contradicts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

# What is known of one person when one record is written down: a name, and the type the database gives it.
SHEET: dict[str, str] = {
    "today": "date",
    "birth_on": "date",
    # employment
    "status": "text",
    "on_front_line": "boolean",
    "in_skilled_post": "boolean",
    "public_payroll": "boolean",
    "front_line_years": "numeric",
    "worked_years": "numeric",
    # The day on which the worked years were written down: they have grown since.
    "worked_as_of": "date",
    "continuous_months": "integer",
    "started_on": "date",
    "ended_on": "date",
    # a certificate, and what else is known of certificates
    "level": "smallint",
    "issued_on": "date",
    # In the same occupation: the first day of a higher level, the last day of a lower one.
    "higher_issued_on": "date",
    "lower_issued_on": "date",
    "others_with_number": "integer",
    # unemployment insurance
    "insured_months": "integer",
    "paying": "boolean",
    "drawing": "boolean",
    "insured_as_of": "date",
    # schooling
    "school_class": "text",
    "graduated_on": "date",
    # a competition
    "competition": "text",
    "edition": "integer",
    "rank": "integer",
    "prize": "text",
    "role": "text",
    "held_on": "date",
    # an honour
    "honour_year": "integer",
    "conferred_on": "date",
    # an attested fact
    "attested": "text",
    "attested_since": "date",
    # an earlier subsidy, and the day of the certificate it was given for
    "claim_kind": "text",
    "claimed_on": "date",
    "claim_certified_on": "date",
}
_WORD = re.compile(r"'[^']*'|[a-z_]+")


@dataclass(frozen=True)
class Rule:
    """One pair of facts that can contradict each other.

    `fields` says beside which field of which kind of record it is told, and so of which kinds it is asked; `cell`
    is the column of a roster, empty when no roster can say such a thing. `words` are told to who wrote it down:
    what stands in braces is SQL. A rule holds for what is written down from `since` until `until`; a changed rule is
    a new version beside the old one.
    """

    key: str
    impossible: bool
    fields: Mapping[str, str]
    when: str
    words: str
    # Where the limit comes from: the law, or why nobody can have both.
    source: str
    cell: str = ""
    version: int = 1
    since: date = date(2026, 1, 1)
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    @cached_property
    def reads(self) -> frozenset[str]:
        """The columns of SHEET that the condition and the words ask for."""
        text = " ".join([self.when, *re.findall(r"\{([^}]*)\}", self.words)])
        return frozenset(word for word in _WORD.findall(text) if word in SHEET)

    @property
    def words_sql(self) -> str:
        """The words as a text of SQL."""
        parts = re.split(r"\{([^}]*)\}", self.words)
        pieces = [part if place % 2 else _quoted(part) for place, part in enumerate(parts) if part]
        return f"concat({', '.join(pieces)})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def as_values(rules: Iterable[Rule]) -> str:
    """The rules as rows of VALUES over a sheet: key, version, impossible, cell, whether it holds, words."""
    return ",\n".join(
        f"({_quoted(rule.key)}, {rule.version}, {str(rule.impossible).lower()}, {_quoted(rule.cell)}, "
        f"({rule.when}), CASE WHEN {rule.when} THEN {rule.words_sql} END)"
        for rule in rules
    )


# -- the words of conditions ---------------------------------------------------------------------------------


def before_age(day: str, years: int) -> str:
    """Whether somebody was younger than so many years on a day."""
    return f"{day} < birth_on + interval '{years} years'"


def between_ages(day: str, first: int, second: int) -> str:
    return f"({day} >= birth_on + interval '{first} years' AND {before_age(day, second)})"


def age(day: str) -> str:
    """The age in whole years on a day, for the words."""
    return f"extract(year FROM age({day}, birth_on))"


def years_since_age(years: int, day: str) -> str:
    """How many years have gone by on a day since somebody was so old."""
    return f"(({day} - birth_on) / 365.25 - {years})"


def plain(number: str) -> str:
    """A number without zeros that say nothing, for the words."""
    return f"trim_scale({number})"
