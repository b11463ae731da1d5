"""The same assessment and ranking as they are written with OpenFisca-Core: vectorised over numpy arrays,
database to database.

The baseline is given every advantage: facts are gathered by the portal's own aggregation, read as binary COPY
straight into arrays, and written as binary COPY of fixed fields. What it writes into is the portal's table
with a number for the outcome: as durable, with the same indexes and the same check of what is written.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from bench.register import owner
from talent_registry.selection.register import Codes, codes_of_today, register_relation
from talent_registry.selection.scheme import Scheme, level_points

UNKNOWN = -1
PARTS = ("skill", "achievement", "contribution", "front_line")
_FACTS = (
    ("skill_level", "i2"),
    ("on_front_line", "i2"),
    ("front_line_tenths", "i2"),
    ("honour_bits", "i8"),
    ("achievement_bits", "i8"),
)
_WHOLE = {"on_front_line": "::int"}  # unknown is a number too
_READ = [
    ("worker_id", ">i8"),
    ("region_code", "S6"),
    ("id_digest", "V32"),
    *((name, ">" + kind) for name, kind in _FACTS),
    ("on_registry", "u1"),
]
_WRITE = [
    ("round_id", ">i8"),
    ("run_id", ">i8"),
    ("worker_id", ">i8"),
    ("region_code", "S6"),
    ("league_code", "S6"),
    *((name, ">" + kind) for name, kind in _FACTS),
    ("on_registry", "u1"),
    ("outcome", ">i2"),
    ("failed", ">i2"),
    ("unknown", ">i2"),
    *((part, ">i4") for part in PARTS),
    ("score", ">i4"),
    ("place", ">i4"),
]
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TYPES = {">i8": "bigint", ">i4": "integer", ">i2": "smallint", "S6": "varchar(6)", "u1": "boolean"}


def _framed(fields: list[tuple[str, str]]) -> np.dtype:
    """A row of a binary COPY whose fields have one length each: the number of fields, then length and value
    of each.
    """
    row: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in fields:
        row += [(f"length of {name}", ">i4"), (name, kind)]
    return np.dtype(row)


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
        cursor.execute(
            "CREATE TRIGGER baseline_check AFTER INSERT ON baseline REFERENCING NEW TABLE AS touched "
            "FOR EACH STATEMENT EXECUTE FUNCTION selection_check_assessment()"
        )
        cursor.execute(f"GRANT SELECT, INSERT ON baseline TO {connection.settings_dict['USER']}")


def _worth(mask: np.ndarray, codes: tuple[str, ...], points: Mapping[str, int]) -> np.ndarray:
    return sum(((mask >> place) & 1) * points[code] for place, code in enumerate(codes) if code in points)


def _load(as_of: Any, scheme: Scheme, codes: Codes) -> np.ndarray:
    # OpenFisca calculates with integers of 32 bits; a shifted one keeps its bits whatever its sign.
    assert max(len(codes.honours), len(codes.achievements)) <= 32  # noqa: S101
    facts = ", ".join(
        f"coalesce({name}{_WHOLE.get(name, '')}, {UNKNOWN})::int{kind[1]} AS {name}" for name, kind in _FACTS
    )
    relation = register_relation(as_of, scheme, codes).sql
    sql = f"SELECT worker_id, region_code, id_digest, {facts}, on_registry FROM ({relation}) r"
    target = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '256MB'")
        cursor.cursor.copy_expert(f"COPY ({sql}) TO STDOUT (FORMAT binary)", target)
    return np.frombuffer(target.getbuffer()[len(_SIGNATURE) : -2], dtype=_framed(_READ))


def _system(scheme: Scheme, codes: Codes) -> TaxBenefitSystem:
    """The rule and the scheme as OpenFisca variables. Conditions are three-valued: 1 holds, 0 does not,
    UNKNOWN.
    """
    person = build_entity(key="person", plural="persons", label="worker", is_person=True)
    most, year, points = scheme.most, scheme.front_line_year, level_points(scheme)
    found: list[type[Variable]] = []

    def add(name: str, formula: Any = None) -> None:
        body = {
            "value_type": int,
            "entity": person,
            "definition_period": DateUnit.ETERNITY if formula is None else DateUnit.DAY,
            "label": name,
        }
        found.append(type(name, (Variable,), body | ({"formula_2019_02_20": formula} if formula else {})))

    for name, _ in _FACTS:
        add(name)
    add(
        "senior_or_above",
        lambda p, day: np.where(p("skill_level", day) == UNKNOWN, UNKNOWN, p("skill_level", day) >= 40),
    )
    add("front_line_held", lambda p, day: p("on_front_line", day))

    def outcome(p: Any, day: Any) -> Any:
        level, line = p("senior_or_above", day), p("front_line_held", day)
        return np.where((level == 0) | (line == 0), 0, np.where((level == UNKNOWN) | (line == UNKNOWN), 2, 1))

    add("outcome", outcome)
    add("failed", lambda p, day: (p("senior_or_above", day) == 0) * 2 + (p("front_line_held", day) == 0) * 4)
    add(
        "unknown",
        lambda p, day: (
            (p("senior_or_above", day) == UNKNOWN) * 2 + (p("front_line_held", day) == UNKNOWN) * 4
        ),
    )
    table = np.zeros(128, dtype=np.int32)
    for level, worth in points.items():
        table[level] = worth
    add("skill", lambda p, day: np.minimum(table[np.maximum(p("skill_level", day), 0)], most["skill"]))
    add(
        "achievement",
        lambda p, day: np.minimum(
            _worth(p("honour_bits", day), codes.honours, scheme.honours)
            + _worth(p("achievement_bits", day), codes.achievements, scheme.competitions),
            most["achievement"],
        ),
    )
    add(
        "contribution",
        lambda p, day: np.minimum(
            _worth(p("achievement_bits", day), codes.achievements, scheme.contributions), most["contribution"]
        ),
    )
    add(
        "front_line",
        lambda p, day: np.minimum(
            np.maximum(p("front_line_tenths", day), 0) // 10 * year, most["front_line"]
        ),
    )
    add("score", lambda p, day: sum(p(part, day) for part in PARTS))
    system = TaxBenefitSystem([person])
    system.add_variables(*found)
    return system


@dataclass
class Assessed:
    """The rows as written, and the arrays a ranking goes on with."""

    rows: np.ndarray
    draws: dict[int, bytes]


def assess(run: Any, scheme: Scheme) -> Assessed:
    """Load, calculate, number the places of each league, write; in the name of a run of the round, as of the
    same day.
    """
    as_of, year = run.as_of, run.round.year
    codes = codes_of_today()
    loaded = _load(as_of, scheme, codes)
    simulation = SimulationBuilder().build_default_simulation(_system(scheme, codes), len(loaded))
    for name, _ in _FACTS:
        simulation.set_input(name, "ETERNITY", loaded[name].astype(np.int32))
    rows = np.zeros(len(loaded), dtype=_framed(_WRITE))
    rows["fields"], rows["round_id"], rows["run_id"] = len(_WRITE), run.round_id, run.pk
    for name, kind in _WRITE:
        rows[f"length of {name}"] = np.dtype(kind).itemsize
    for name in ("worker_id", "region_code", *(fact for fact, _ in _FACTS), "on_registry"):
        rows[name] = loaded[name]
    letters = (
        np.frombuffer(np.ascontiguousarray(loaded["region_code"]).tobytes(), dtype="S1").reshape(-1, 6).copy()
    )
    letters[:, 4:] = b"0"
    rows["league_code"] = letters.view("S6").ravel()
    for name in ("outcome", "failed", "unknown", *PARTS, "score"):
        rows[name] = simulation.calculate(name, as_of.isoformat())
    rows["place"], draws = _places(rows, loaded["id_digest"], year)
    _copy("baseline", rows, _WRITE)
    return Assessed(rows, draws)


def _places(rows: np.ndarray, digests: np.ndarray, year: int) -> tuple[np.ndarray, dict[int, bytes]]:
    chosen = np.flatnonzero((rows["outcome"] == 1) & (rows["on_registry"] == 0))
    prefix, raw = str(year).encode(), np.ascontiguousarray(digests[chosen]).tobytes()
    draws = [hashlib.sha256(prefix + raw[at : at + 32]).digest() for at in range(0, len(raw), 32)]
    drawn = np.array(draws, dtype="S32").argsort(kind="stable").argsort() if draws else np.zeros(0, int)
    # numpy drops trailing zero bytes of S32 in comparisons only where they decide nothing: digests differ
    # before.
    best = np.lexsort(
        [
            drawn,
            *(
                -rows[part][chosen].astype(np.int64)
                for part in ("front_line", "achievement", "contribution", "skill", "score")
            ),
            rows["league_code"][chosen],
        ]
    )
    ordered = chosen[best]
    leagues = rows["league_code"][ordered]
    starts = np.r_[True, leagues[1:] != leagues[:-1]] if len(ordered) else np.zeros(0, bool)
    at = np.arange(len(ordered))
    place = np.full(len(rows), UNKNOWN, dtype=np.int32)
    place[ordered] = at - np.maximum.accumulate(np.where(starts, at, 0)) + 1
    return place, dict(zip(rows["worker_id"][chosen].tolist(), draws, strict=True))


def _copy(table: str, rows: np.ndarray, fields: list[tuple[str, str]]) -> None:
    names = ", ".join(name for name, _ in fields)
    with connection.cursor() as cursor:
        source = io.BytesIO(_SIGNATURE + rows.tobytes() + b"\xff\xff")
        cursor.cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)", source)
