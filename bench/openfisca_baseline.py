"""The same assessment and ranking as they are written with OpenFisca-Core: vectorised over numpy arrays.

The baseline is given every advantage: facts are aggregated from the records by the portal's own statement, read
as binary COPY straight into arrays, and written as binary COPY of fixed fields. What it writes into is the
portal's table with a number for the outcome: as durable, with the same indexes and the same check of what is
written, and rows of the same people.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from bench.binary_copy import empty_rows, read_rows, write_rows
from bench.database import owner
from talent_registry.selection.register import Codes, codes_of_today, gathered_sql
from talent_registry.selection.scheme import Scheme, level_points

UNKNOWN = -1
PARTS = ("skill", "achievement", "contribution", "front_line")
RESULTS = ("outcome", "failed", "unknown", *PARTS, "score")
_FACTS = (
    ("skill_level", "i2"),
    ("on_front_line", "i2"),
    ("front_line_tenths", "i2"),
    ("honour_bits", "i8"),
    ("achievement_bits", "i8"),
)
_FACT_NAMES = tuple(name for name, _ in _FACTS)
_FACT_FIELDS = [(name, f">{kind}") for name, kind in _FACTS]
_ON_REGISTRY = "worker_id IN (SELECT worker_id FROM talent_registry_registryentry WHERE status <> 'removed')"
_WHOLE = {"on_front_line": "::int"}  # unknown is a number too
_READ = [
    ("worker_id", ">i8"),
    ("region_code", "S6"),
    ("id_digest", "V32"),
    *_FACT_FIELDS,
    ("on_registry", "u1"),
]
_WRITE = [
    ("round_id", ">i8"),
    ("run_id", ">i8"),
    ("worker_id", ">i8"),
    ("region_code", "S6"),
    ("league_code", "S6"),
    *_FACT_FIELDS,
    ("on_registry", "u1"),
    ("outcome", ">i2"),
    ("failed", ">i2"),
    ("unknown", ">i2"),
    *((part, ">i4") for part in PARTS),
    ("score", ">i4"),
    ("place", ">i4"),
]
_TYPES = {">i8": "bigint", ">i4": "integer", ">i2": "smallint", "S6": "varchar(6)", "u1": "boolean"}
_SENIOR = 40
_TRIGGER = """
CREATE TRIGGER baseline_check AFTER INSERT ON baseline REFERENCING NEW TABLE AS touched
FOR EACH STATEMENT EXECUTE FUNCTION selection_check_assessment()
"""


def prepare() -> None:
    """A table of the baseline's own, as durable as the portal's, with its indexes and its check."""
    columns = ", ".join(f"{name} {_TYPES[kind]} NOT NULL" for name, kind in _WRITE)
    with owner() as cursor:
        cursor.execute(
            f"CREATE TABLE baseline (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, {columns})"
        )
        cursor.execute("CREATE UNIQUE INDEX ON baseline (worker_id, round_id)")
        for key in ("league_code, place", "region_code, place", "place, id"):
            cursor.execute(f"CREATE INDEX ON baseline (round_id, {key}) WHERE place >= 0")
        cursor.execute(_TRIGGER)
        cursor.execute(f"GRANT SELECT, INSERT ON baseline TO {connection.settings_dict['USER']}")


def _load(as_of: Any, codes: Codes) -> np.ndarray:
    """The facts of everybody in numbers, and who is on the registry."""
    # OpenFisca calculates with integers of 32 bits; a shifted one keeps its bits whatever its sign.
    assert max(len(codes.honours), len(codes.achievements)) <= 32  # noqa: S101
    facts = []
    for name, kind in _FACTS:
        whole = _WHOLE.get(name, "")
        facts.append(f"coalesce({name}{whole}, {UNKNOWN})::int{kind[1]} AS {name}")
    columns = ", ".join(["worker_id", "region_code", "id_digest", *facts, _ON_REGISTRY])
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '256MB'")
        return read_rows(cursor, f"SELECT {columns} FROM ({gathered_sql(as_of, codes)}) r", _READ)


# -- the rule and the scheme ---------------------------------------------------------------------------------

Formula = Callable[[Any, Any], Any]


def _senior_or_above(p: Any, day: Any) -> Any:
    level = p("skill_level", day)
    return np.where(level == UNKNOWN, UNKNOWN, level >= _SENIOR)


def _front_line_held(p: Any, day: Any) -> Any:
    return p("on_front_line", day)


def _outcome(p: Any, day: Any) -> Any:
    level = p("senior_or_above", day)
    line = p("front_line_held", day)
    undetermined = (level == UNKNOWN) | (line == UNKNOWN)
    return np.where((level == 0) | (line == 0), 0, np.where(undetermined, 2, 1))


def _failed(p: Any, day: Any) -> Any:
    return _condition_bits(p, day, 0)


def _unknown(p: Any, day: Any) -> Any:
    return _condition_bits(p, day, UNKNOWN)


def _condition_bits(p: Any, day: Any, value: int) -> Any:
    """The bits of the conditions that came to this value, where the portal has them."""
    return (p("senior_or_above", day) == value) * 2 + (p("front_line_held", day) == value) * 4


def _score(p: Any, day: Any) -> Any:
    return sum(p(part, day) for part in PARTS)


def _worth(mask: np.ndarray, codes: tuple[str, ...], points: Mapping[str, int]) -> np.ndarray:
    return sum(((mask >> place) & 1) * points[code] for place, code in enumerate(codes) if code in points)


class _PartFormulas:
    """What the scheme gives for each part, as OpenFisca formulas."""

    def __init__(self, scheme: Scheme, codes: Codes) -> None:
        self.scheme = scheme
        self.codes = codes
        self.by_level = np.zeros(128, dtype=np.int32)
        for level, worth in level_points(scheme).items():
            self.by_level[level] = worth

    def skill(self, p: Any, day: Any) -> Any:
        level = np.maximum(p("skill_level", day), 0)
        return np.minimum(self.by_level[level], self.scheme.most["skill"])

    def achievement(self, p: Any, day: Any) -> Any:
        honours = _worth(p("honour_bits", day), self.codes.honours, self.scheme.honours)
        results = _worth(p("achievement_bits", day), self.codes.achievements, self.scheme.competitions)
        return np.minimum(honours + results, self.scheme.most["achievement"])

    def contribution(self, p: Any, day: Any) -> Any:
        worth = _worth(p("achievement_bits", day), self.codes.achievements, self.scheme.contributions)
        return np.minimum(worth, self.scheme.most["contribution"])

    def front_line(self, p: Any, day: Any) -> Any:
        years = np.maximum(p("front_line_tenths", day), 0) // 10
        return np.minimum(years * self.scheme.front_line_year, self.scheme.most["front_line"])


def _system(scheme: Scheme, codes: Codes) -> TaxBenefitSystem:
    """The rule and the scheme as OpenFisca variables.

    Conditions are three-valued: 1 holds, 0 does not, UNKNOWN.
    """
    person = build_entity(key="person", plural="persons", label="worker", is_person=True)
    parts = _PartFormulas(scheme, codes)
    formulas: dict[str, Formula] = {
        "senior_or_above": _senior_or_above,
        "front_line_held": _front_line_held,
        "outcome": _outcome,
        "failed": _failed,
        "unknown": _unknown,
        "skill": lambda p, day: parts.skill(p, day),
        "achievement": lambda p, day: parts.achievement(p, day),
        "contribution": lambda p, day: parts.contribution(p, day),
        "front_line": lambda p, day: parts.front_line(p, day),
        "score": _score,
    }
    variables = [_variable(person, name, DateUnit.ETERNITY) for name in _FACT_NAMES]
    for name, formula in formulas.items():
        variables.append(_variable(person, name, DateUnit.DAY, formula_2019_02_20=formula))
    system = TaxBenefitSystem([person])
    system.add_variables(*variables)
    return system


def _variable(person: Any, name: str, period: DateUnit, **formulas: Formula) -> type[Variable]:
    body = {"value_type": int, "entity": person, "definition_period": period, "label": name}
    return type(name, (Variable,), body | formulas)


# -- the assessment ------------------------------------------------------------------------------------------


@dataclass
class Assessed:
    """The rows of everybody, the arrays a ranking goes on with, and how many came to what."""

    rows: np.ndarray
    draws: dict[int, bytes]
    outcomes: list[dict[str, Any]]


def assess(run: Any, scheme: Scheme) -> Assessed:
    """Load, calculate, number the places of each league, write; for a run of the round."""
    codes = codes_of_today()
    loaded = _load(run.as_of, codes)
    simulation = SimulationBuilder().build_default_simulation(_system(scheme, codes), len(loaded))
    for name in _FACT_NAMES:
        simulation.set_input(name, "ETERNITY", loaded[name].astype(np.int32))
    rows = empty_rows(len(loaded), _WRITE)
    rows["round_id"] = run.round_id
    rows["run_id"] = run.pk
    for name in ("worker_id", "region_code", *_FACT_NAMES, "on_registry"):
        rows[name] = loaded[name]
    rows["league_code"] = _league_codes(loaded["region_code"])
    for name in RESULTS:
        rows[name] = simulation.calculate(name, run.as_of.isoformat())
    rows["place"], draws = _places(rows, loaded["id_digest"], run.round.year)
    # As the portal: rows of who meets the conditions, numbers of everybody.
    write_rows("baseline", rows[rows["outcome"] == 1], _WRITE)
    return Assessed(rows, draws, _outcomes(rows))


_OUTCOMES = ("ineligible", "eligible", "undetermined")


def _outcomes(rows: np.ndarray) -> list[dict[str, Any]]:
    """How many came to what, as `AssessmentRun.outcomes` has it."""
    names = ["outcome", "failed", "unknown", "on_registry"]
    groups, people = np.unique(rows[names], return_counts=True)
    found = []
    for group, count in zip(groups.tolist(), people.tolist(), strict=True):
        outcome, failed, unknown, on_registry = group
        found.append(
            {
                "outcome": _OUTCOMES[outcome],
                "failed": failed,
                "unknown": unknown,
                "on_registry": bool(on_registry),
                "people": count,
            }
        )
    return sorted(found, key=lambda one: [one[name] for name in names])


def _league_codes(regions: np.ndarray) -> np.ndarray:
    """The first four digits of each region, and two zeros."""
    digits = np.frombuffer(np.ascontiguousarray(regions).tobytes(), dtype="S1").reshape(-1, 6).copy()
    digits[:, 4:] = b"0"
    return digits.view("S6").ravel()


def _places(rows: np.ndarray, digests: np.ndarray, year: int) -> tuple[np.ndarray, dict[int, bytes]]:
    """The places of the eligible of each league who are not on the registry, and everybody's draw."""
    chosen = np.flatnonzero((rows["outcome"] == 1) & (rows["on_registry"] == 0))
    draws = _draws(digests[chosen], year)
    drawn = np.zeros(0, int)
    if draws:
        drawn = np.array(draws, dtype="S32").argsort(kind="stable").argsort()
    # numpy drops trailing zero bytes of S32 in comparisons only where they decide nothing: digests differ
    # before.
    keys = [drawn]
    for part in ("front_line", "achievement", "contribution", "skill", "score"):
        keys.append(-rows[part][chosen].astype(np.int64))
    keys.append(rows["league_code"][chosen])
    ordered = chosen[np.lexsort(keys)]
    place = np.full(len(rows), UNKNOWN, dtype=np.int32)
    place[ordered] = _numbered_within(rows["league_code"][ordered])
    return place, dict(zip(rows["worker_id"][chosen].tolist(), draws, strict=True))


def _draws(digests: np.ndarray, year: int) -> list[bytes]:
    prefix = str(year).encode()
    raw = np.ascontiguousarray(digests).tobytes()
    return [hashlib.sha256(prefix + raw[at : at + 32]).digest() for at in range(0, len(raw), 32)]


def _numbered_within(leagues: np.ndarray) -> np.ndarray:
    """1, 2, 3 … anew from each league on."""
    if not len(leagues):
        return np.zeros(0, int)
    at = np.arange(len(leagues))
    starts = np.r_[True, leagues[1:] != leagues[:-1]]
    return at - np.maximum.accumulate(np.where(starts, at, 0)) + 1
