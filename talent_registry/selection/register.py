"""What the register knows of everybody as of a day, in one relation: gathered by joins over whole tables, not person by person.

Level, front line and years are read as portal.workforce.facts reads them for one person; tests hold the two together.
"""
# ruff: noqa: S608 - text is put together from the scheme's checked codes, days and numbers; nothing that people typed
from __future__ import annotations

from collections.abc import Collection
from datetime import date

from portal.policy.sets import Relation
from talent_registry.selection.scheme import CONTRIBUTIONS, Scheme
from talent_registry.selection.scoring import worth_sql

# Columns beside the facts the rules read.
CARRIED = (
    "worker_id", "region_code", "league_code", "id_digest", "skill_level", "on_front_line", "front_line_tenths", "honours",
    "achievements", "achievement_points", "contribution_points", "on_registry",
)  # fmt: skip

_SQL = """
SELECT w.id AS worker_id, w.work_region_id AS region_code, w.league_code, w.id_digest, best.level AS skill_level, e.on_front_line,
       (e.front_line_years * 10)::smallint AS front_line_tenths,
       coalesce(honour.codes, '{{}}') AS honours, coalesce(result.codes, '{{}}') AS achievements,
       coalesce(honour.points, 0) + coalesce(result.achievement, 0) AS achievement_points,
       coalesce(result.contribution, 0) AS contribution_points, entry.worker_id IS NOT NULL AS on_registry
FROM workforce_worker w
LEFT JOIN workforce_employment e ON e.worker_id = w.id AND e.ended_on IS NULL
LEFT JOIN (
    SELECT worker_id, max(level) AS level FROM workforce_skillcredential
    WHERE (issued_on IS NULL OR issued_on <= {on}){of} GROUP BY worker_id
) best ON best.worker_id = w.id
LEFT JOIN (
    SELECT worker_id, array_agg(code ORDER BY code) AS codes, sum({honour_points})::int AS points
    FROM (
        SELECT DISTINCT worker_id, type_id::text COLLATE "C" AS code FROM workforce_honour
        WHERE state = 'verified' AND year <= {year} AND (conferred_on IS NULL OR conferred_on <= {on}){of}
    ) each_once GROUP BY worker_id
) honour ON honour.worker_id = w.id
LEFT JOIN (
    SELECT worker_id, array_agg(code ORDER BY code) AS codes, sum({result_points})::int AS achievement,
           sum({contribution_points})::int AS contribution
    FROM (
        SELECT worker_id, code::text COLLATE "C" AS code FROM workforce_attestedfact
        WHERE code IN ({contributions}) AND value = 'true'::jsonb AND since <= {on} AND (until IS NULL OR until >= {on}){of}
        UNION
        SELECT worker_id, (competition || '-' || CASE WHEN prize IN ('gold', 'silver', 'bronze', 'excellence') THEN prize
               WHEN rank = 1 THEN 'first' WHEN rank = 2 THEN 'second' WHEN rank = 3 THEN 'third' END) COLLATE "C"
        FROM workforce_competitionresult
        WHERE role = 'competitor' AND (prize IN ('gold', 'silver', 'bronze', 'excellence') OR rank <= 3)
          AND (held_on IS NULL OR held_on <= {on}){of}
    ) each_once GROUP BY worker_id
) result ON result.worker_id = w.id
LEFT JOIN (SELECT worker_id FROM talent_registry_registryentry WHERE status <> 'removed'{of}) entry ON entry.worker_id = w.id
{where}"""


def register_relation(on: date, scheme: Scheme, *, worker_ids: Collection[int] | None = None) -> Relation:
    """Facts and what they are worth, a row a worker: of everybody, or of the workers named.

    An honour counts when verified and given by the day, each kind once; a result of a competitor and what is attested count once
    each. Points are not yet held to the most of their criterion.
    """
    of, where = "", ""
    if worker_ids is not None:
        listed = "'{" + ",".join(str(int(number)) for number in worker_ids) + "}'::bigint[]"
        of, where = f" AND worker_id = ANY({listed})", f"WHERE w.id = ANY({listed})"
    sql = _SQL.format(
        on=f"DATE '{on.isoformat()}'", year=on.year, of=of, where=where, honour_points=worth_sql("code", scheme.honours),
        result_points=worth_sql("code", scheme.competitions), contribution_points=worth_sql("code", scheme.contributions),
        contributions=", ".join(f"'{code}'" for code in CONTRIBUTIONS),
    )  # fmt: skip
    return Relation(sql)
