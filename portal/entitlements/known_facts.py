"""What the register knows about a worker on a day, fact by fact, each with the record it rests on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from portal.entitlements.wording import Vocabulary, canonical_fact_value, fact_label, value_in_words
from portal.formats import date_iso
from portal.policy.engine import current_rules
from portal.policy.facts import FACTS
from portal.workforce import facts
from portal.workforce.missing_coverage import MissingCoverage, missing_coverage, sentences
from portal.workforce.models import Worker
from portal.workforce.record_kinds import CLAIM
from portal.workforce.sources import sources_of

# The source of what holds without a record: nobody is on a list or has claimed until written down.
_BY_SILENCE = "没有登记记录"


@dataclass(frozen=True)
class KnownFact:
    """One fact of the catalogue. An unknown one has no value: what is not known cannot be decided."""

    name: str
    label: str
    value: Any
    text: str
    source: str = ""
    record: str = ""
    recorded_at: datetime | None = None
    # Whether somebody else has confirmed the record; what holds without one needs no confirmation.
    verified: bool = True
    # Of an unknown one: which register's extract would tell.
    missing: MissingCoverage | None = None
    # The kind of the record, by which its table on the person's page is found.
    kind: str = ""

    @property
    def known(self) -> bool:
        return self.value is not None


def register_facts_of(worker_id: int, on: date) -> dict[str, Any]:
    """The worker's row of the fact relation on a day, in canonical values."""
    with connection.cursor() as cursor:
        cursor.execute(facts.relation(on, workers=[worker_id]))
        row = dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))
    return {name: canonical_fact_value(name, row[name]) for name in FACTS if name in row}


def known_facts(
    worker: Worker, on: date, words: Vocabulary, *, also: Collection[str] = ()
) -> list[KnownFact]:
    """Every fact that a rule uses or `also` names, known or not, in the order of the catalogue."""
    row = register_facts_of(worker.pk, on)
    sources = sources_of(worker)
    used = {*current_rules().facts, *also}
    is_open = any(row[name] is None for name in CLAIM.facts)
    missing = missing_coverage(worker, on) if is_open else {}
    return [
        _known_fact(name, row[name], sources.get(name), words, missing.get(name))
        for name in row
        if name in used
    ]


def _known_fact(
    name: str,
    value: Any,
    source: Mapping[str, Any] | None,
    words: Vocabulary,
    missing: MissingCoverage | None,
) -> KnownFact:
    label = fact_label(name)
    # Of a record that leaves the fact open nothing is to be said.
    if value is None:
        return KnownFact(name, label, None, "", missing=missing)
    text = value_in_words(name, value, words, day=date_iso)
    if source is None:
        return KnownFact(name, label, value, text, _BY_SILENCE)
    return KnownFact(
        name,
        label,
        value,
        text,
        source["source"],
        source["record"],
        source["recorded_at"],
        source["verified"],
        kind=source["kind"],
    )


def reads_earlier_claims(benefit: str) -> bool:
    """Whether a condition of the benefit asks for claims of before."""
    return not set(current_rules([benefit]).facts).isdisjoint(CLAIM.facts)


def what_is_missing(known: Sequence[KnownFact]) -> list[str]:
    """Which extracts of registers would tell what is not known, in a sentence each."""
    return sentences([fact.missing for fact in known if fact.missing])


def known_values(known: list[KnownFact]) -> dict[str, Any]:
    """The facts that have a value, as the executor takes them."""
    return {fact.name: fact.value for fact in known if fact.known}
