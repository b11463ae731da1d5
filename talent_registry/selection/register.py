"""What the register knows of everybody as of a day, in one relation: gathered by joins over whole tables, not
person by person.

Level, front line and years are read as portal.workforce.facts reads what is verified of one person; tests hold the two
together.
"""

# Text is put together from the scheme's checked codes, days and numbers; nothing that people typed.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.policy.compile import text_literal
from portal.policy.sets import Relation
from portal.workforce.facts import record_counts
from portal.workforce.merged_tables import in_one, standing_people
from portal.workforce.models import HonourType, MergedPerson
from talent_registry.selection.scheme import COMPETITIONS, CONTRIBUTIONS, Scheme

# Columns that do not depend on a scheme, as selection.gathering keeps them.
GATHERED = (
    "worker_id",
    "region_code",
    "league_code",
    "id_digest",
    "skill_level",
    "on_front_line",
    "front_line_tenths",
    "honour_bits",
    "achievement_bits",
)
# Columns beside the facts the rules read.
CARRIED = (*GATHERED, "achievement_points", "contribution_points", "on_registry")
_ACHIEVEMENTS = tuple(sorted((*COMPETITIONS, *CONTRIBUTIONS)))
_MOST_BITS = 63  # of a bigint

# What a table or query of `GATHERED` columns is worth by a scheme, and who is on the registry already.
_VALUED = """
SELECT facts.*,
       CASE WHEN honour_bits = 0 THEN 0 ELSE {honour_points} END
       + CASE WHEN achievement_bits = 0 THEN 0 ELSE {result_points} END AS achievement_points,
       CASE WHEN achievement_bits = 0 THEN 0 ELSE {contribution_points} END AS contribution_points,
       entry.worker_id IS NOT NULL AS on_registry
FROM ({gathered}) AS facts
LEFT JOIN (
    SELECT worker_id FROM talent_registry_registryentry WHERE status <> 'removed'{of}
) entry ON entry.worker_id = facts.worker_id
"""
_GATHERED = """
SELECT w.id AS worker_id, w.work_region_id AS region_code, w.league_code, w.id_digest,
       best.level AS skill_level,
       e.on_front_line, (e.front_line_years * 10)::smallint AS front_line_tenths,
       coalesce(honour.bits, 0) AS honour_bits, coalesce(result.bits, 0) AS achievement_bits
FROM {people}
LEFT JOIN workforce_employment e ON e.worker_id = w.id AND e.ended_on IS NULL{employment_counts}
LEFT JOIN (
    SELECT worker_id, max(level) AS level FROM workforce_skillcredential
    WHERE (issued_on IS NULL OR issued_on <= {on}){counts}{of} GROUP BY worker_id
) best ON best.worker_id = w.id
LEFT JOIN (
    SELECT worker_id, bit_or({honour_bit}) AS bits
    FROM workforce_honour
    WHERE state = 'verified' AND year <= {year} AND (conferred_on IS NULL OR conferred_on <= {on}){of}
    GROUP BY worker_id
) honour ON honour.worker_id = w.id
LEFT JOIN (
    SELECT worker_id, bit_or(bit) AS bits
    FROM (
        SELECT worker_id, {attested_bit} AS bit FROM workforce_attestedfact
        WHERE code IN ({contributions}) AND value = 'true'::jsonb
          AND since <= {on} AND (until IS NULL OR until >= {on}){counts}{of}
        UNION ALL
        SELECT worker_id, {result_bit}
        FROM workforce_competitionresult
        WHERE role = 'competitor' AND (prize IN ('gold', 'silver', 'bronze', 'excellence') OR rank <= 3)
          AND (held_on IS NULL OR held_on <= {on}){counts}{of}
    ) found GROUP BY worker_id
) result ON result.worker_id = w.id
"""
_RESULT = """competition || '-' || CASE WHEN prize IN ('gold', 'silver', 'bronze', 'excellence') THEN prize
    WHEN rank = 1 THEN 'first' WHEN rank = 2 THEN 'second' WHEN rank = 3 THEN 'third' END"""


@dataclass(frozen=True)
class Codes:
    """Which bit is which kind of honour, and which is which result or attested fact.

    ValueError for more than 63.
    """

    honours: tuple[str, ...]
    achievements: tuple[str, ...] = _ACHIEVEMENTS

    def __post_init__(self) -> None:
        for name, codes in self.data().items():
            if len(codes) > _MOST_BITS:
                raise ValueError(f"{name}: {len(codes)} codes do not fit into {_MOST_BITS} bits")

    def data(self) -> dict[str, list[str]]:
        """As `AssessmentRun.codes` keeps them."""
        return {"honours": list(self.honours), "achievements": list(self.achievements)}

    def named(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of the relation with its bits as codes, for `Facts.read`."""
        return {
            **row,
            "honours": _codes_of(row["honour_bits"], self.honours),
            "achievements": _codes_of(row["achievement_bits"], self.achievements),
        }


def _codes_of(bits: int, codes: Sequence[str]) -> list[str]:
    """The codes of the bits that are set, in order: a few of many."""
    set_codes = []
    while bits:
        lowest = bits & -bits
        set_codes.append(codes[lowest.bit_length() - 1])
        bits ^= lowest
    return set_codes


def codes_of_today() -> Codes:
    """Every kind of honour that there is, in alphabetical order."""
    codes = HonourType.objects.values_list("code", flat=True)
    return Codes(tuple(sorted(codes)))


def _bit_sql(expression: str, codes: Sequence[str], among: Collection[str]) -> str:
    """The bit of a code, NULL for one that is none of those `among` them."""
    cases = []
    for place, code in enumerate(codes):
        if code in among:
            cases.append(f"WHEN {text_literal(code)} THEN {1 << place}")
    if not cases:
        return "NULL::bigint"
    return f"(CASE {expression} {' '.join(cases)} END)::bigint"


def _points_sql(bits: str, codes: Sequence[str], points: Mapping[str, int]) -> str:
    """What the codes of a mask are worth together."""
    terms = []
    for place, code in enumerate(codes):
        if points.get(code):
            terms.append(f"(({bits}) >> {place} & 1) * {int(points[code])}")
    if not terms:
        return "0"
    return f"({' + '.join(terms)})::int"


def gathered_sql(on: date, codes: Codes, *, within: str = "") -> str:
    """SQL of what the records say as of a day, a row a worker: of everybody, or of those whom `within` selects
    in a column `worker_id`, each once.

    Only what somebody has verified counts. An honour counts when given by the day, each kind once; a result of
    a competitor and what is attested count once each.
    """
    of = ""
    people = "workforce_worker w"
    if within:
        of = f" AND worker_id IN ({within})"
        people = f"({within}) asked JOIN workforce_worker w ON w.id = asked.worker_id"
    return _GATHERED.format(
        on=f"DATE '{on.isoformat()}'",
        year=on.year,
        of=of,
        people=people,
        counts=record_counts(verified=True),
        employment_counts=record_counts("e", verified=True),
        honour_bit=_bit_sql("type_id", codes.honours, among=codes.honours),
        attested_bit=_bit_sql("code", codes.achievements, among=CONTRIBUTIONS),
        result_bit=_bit_sql(_RESULT, codes.achievements, among=COMPETITIONS),
        contributions=", ".join(f"'{code}'" for code in CONTRIBUTIONS),
    )


def register_relation(
    on: date, scheme: Scheme, codes: Codes, *, worker_ids: Collection[int] | None = None
) -> Relation:
    """Facts and what they are worth, a row a worker: of the workers named from their records, or of everybody
    from what is gathered (selection.gathering), which must have been for this day and these codes.

    Points are not yet held to the most of their criterion.
    """
    of = ""
    gathered = f"SELECT {', '.join(GATHERED)} FROM talent_registry_selectionfacts"
    if worker_ids is not None:
        numbers = ",".join(str(int(number)) for number in worker_ids)
        named = f"SELECT DISTINCT unnest('{{{numbers}}}'::bigint[]) AS worker_id"
        of = f" AND worker_id IN ({named})"
        gathered = gathered_now(on, codes, within=named)
    sql = _VALUED.format(
        gathered=gathered,
        of=of,
        honour_points=_points_sql("honour_bits", codes.honours, scheme.honours),
        result_points=_points_sql("achievement_bits", codes.achievements, scheme.competitions),
        contribution_points=_points_sql("achievement_bits", codes.achievements, scheme.contributions),
    )
    if MergedPerson.objects.exists():
        sql = f"WITH {_entries_of_persons()} {sql}"
    return Relation(sql)


def gathered_now(on: date, codes: Codes, *, within: str = "") -> str:
    """The same as `gathered_sql`, with people who were merged as one."""
    sql = gathered_sql(on, codes, within=within)
    return f"WITH {_merged_as_one()} {sql}" if MergedPerson.objects.exists() else sql


def _merged_as_one() -> str:
    """The tables in which merged people are one."""
    tables = in_one(
        "workforce_employment",
        "workforce_skillcredential",
        "workforce_honour",
        "workforce_attestedfact",
        "workforce_competitionresult",
        counts=record_counts(verified=True),
    )
    return f"{standing_people()}, {tables}"


def _entries_of_persons() -> str:
    """The entries under whom they belong to now, each person once."""
    return (
        "talent_registry_registryentry AS NOT MATERIALIZED (SELECT DISTINCT worker_id, status FROM"
        f" (WITH {in_one('talent_registry_registryentry')}"
        " SELECT worker_id, status FROM talent_registry_registryentry WHERE status <> 'removed') AS entries)"
    )
