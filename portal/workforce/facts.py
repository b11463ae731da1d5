"""The facts of stored workers as one relation: a row per worker, a column per fact of the catalogue, unknown as NULL.

The rule executor reads this relation for one worker, for those of a list, or for the whole register: only what stands in the
WHERE differs. `sources` tells for one worker where each fact comes from.
"""
from __future__ import annotations

from datetime import date
from typing import Any

from portal.workforce.models import SkillLevel, Worker

# What is drawn from honours: a verified one counts from the year it was given.
_HONOURS = """
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT h.type_id) FILTER (WHERE t.category = 'honour') AS codes,
           bool_or(h.type_id = 'special_allowance_national') AS national,
           bool_or(h.type_id = 'special_allowance_regional') AS regional,
           bool_or(t.category = 'scarce_talent') AS scarce
    FROM workforce_honour h JOIN workforce_honourtype t ON t.code = h.type_id
    WHERE h.worker_id = w.id AND h.state = 'verified' AND h.year <= extract(year FROM d."on")
      AND (h.conferred_on IS NULL OR h.conferred_on <= d."on")
) honour ON true
"""

# The certificate a claim is about: the newest one issued by the day.
_CERTIFICATE = """
LEFT JOIN LATERAL (
    SELECT s.level, s.occupation, s.issued_on
    FROM workforce_skillcredential s
    WHERE s.worker_id = w.id AND (s.issued_on IS NULL OR s.issued_on <= d."on")
    ORDER BY s.issued_on DESC NULLS LAST, s.level DESC, s.id DESC LIMIT 1
) certificate ON true
LEFT JOIN LATERAL (
    SELECT max(s.level) AS level FROM workforce_skillcredential s
    WHERE s.worker_id = w.id AND (s.issued_on IS NULL OR s.issued_on <= d."on")
) best ON true
"""

_CLAIMS = """
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE c.kind = 'skill_upgrade' AND extract(year FROM c.claimed_on) = extract(year FROM d."on"))::int
               AS this_year,
           count(*) FILTER (WHERE c.kind = 'skill_upgrade' AND c.occupation = certificate.occupation
                            AND c.level = certificate.level) > 0 AS same,
           coalesce(max(c.level) FILTER (WHERE c.kind = 'skill_upgrade' AND c.occupation = certificate.occupation), 0) AS highest,
           count(*) FILTER (WHERE c.kind = 'training_subsidy' AND c.occupation = certificate.occupation
                            AND c.level = certificate.level) > 0 AS training
    FROM workforce_benefitclaim c WHERE c.worker_id = w.id AND c.claimed_on <= d."on"
) claim ON true
"""

_ATTESTED = """
LEFT JOIN LATERAL (
    SELECT {columns}
    FROM workforce_attestedfact a
    WHERE a.worker_id = w.id AND a.since <= d."on" AND (a.until IS NULL OR a.until >= d."on")
) attested ON true
"""

_FLAGS = (
    "leading_talent", "liaison_expert", "solved_major_technical_problem", "regional_innovation_award", "outstanding_mentor",
    "superb_skill", "outstanding_contribution", "attended_senior_technician_upskilling", "jobless_willing_spouse_or_child",
    "hard_to_employ_family_member", "child_in_compulsory_education",
)


def relation(on: date, *, where: str = "") -> str:
    """SQL of the relation on a day. `where` is a condition over `w` (workforce_worker), with its parameters left to the caller."""
    columns = ", ".join(
        [f"bool_or(a.value = 'true'::jsonb) FILTER (WHERE a.code = '{code}') AS {code}" for code in _FLAGS]
        + ["max(a.value #>> '{}') FILTER (WHERE a.code = 'recruited') AS recruited"]
    )
    return f"""
SELECT w.id AS worker_id, w.birth_on, nullif(w.sex, '') AS sex, w.work_region_id::text AS work_region,
       w.household_region_id::text AS household_region,
       e.status::text AS employment, nullif(u.kind, '')::text AS employer_kind, e.public_institution_payroll,
       e.on_front_line, e.front_line_years, e.in_skilled_post,
       best.level AS skill_level, certificate.level AS certificate_level, certificate.occupation::text AS certificate_occupation,
       certificate.issued_on AS certificate_issued_on, attested.attended_senior_technician_upskilling,
       i.months::int AS unemployment_insured_months, i.drawing_benefit AS drawing_unemployment_benefit,
       claim.this_year AS claims_this_year, claim.same AS claimed_same_occupation_level,
       claim.highest::smallint AS highest_level_claimed, claim.training AS training_subsidy_for_same_certificate,
       coalesce(honour.codes::text[], '{{}}') AS honours,
       CASE WHEN honour.national THEN 'national' WHEN honour.regional THEN 'autonomous_region' ELSE 'none' END AS special_allowance,
       coalesce(honour.scarce, false) AS recognised_scarce_talent,
       coalesce(attested.leading_talent, false) AS leading_talent, attested.liaison_expert, attested.recruited,
       attested.solved_major_technical_problem, attested.regional_innovation_award, attested.outstanding_mentor,
       attested.superb_skill, attested.outstanding_contribution, attested.jobless_willing_spouse_or_child,
       attested.hard_to_employ_family_member, attested.child_in_compulsory_education,
       school.graduated_from::text AS technical_school_class,
       r.competition::text AS competition, r.edition::int AS competition_edition, r.rank::int AS competition_rank,
       nullif(r.prize, '')::text AS competition_prize, r.role::text AS competition_role, r.for_inner_mongolia,
       e.worked_years, e.continuous_months::int AS continuous_months
FROM workforce_worker w
CROSS JOIN (SELECT DATE '{on.isoformat()}' AS "on") d
LEFT JOIN workforce_employment e ON e.worker_id = w.id AND e.ended_on IS NULL
LEFT JOIN workforce_employer u ON u.id = e.employer_id
LEFT JOIN workforce_unemploymentinsurance i ON i.worker_id = w.id
{_HONOURS}{_CERTIFICATE}{_CLAIMS}{_ATTESTED.format(columns=columns)}
LEFT JOIN LATERAL (
    SELECT s.graduated_from FROM workforce_technicalschooling s WHERE s.worker_id = w.id
      AND (s.graduated_on IS NULL OR s.graduated_on <= d."on") ORDER BY s.graduated_on DESC NULLS LAST, s.id DESC LIMIT 1
) school ON true
LEFT JOIN LATERAL (
    SELECT c.* FROM workforce_competitionresult c WHERE c.worker_id = w.id
      AND (c.held_on IS NULL OR c.held_on <= d."on") ORDER BY c.held_on DESC NULLS LAST, c.id DESC LIMIT 1
) r ON true
{"WHERE " + where if where else ""}
"""


def sources_of(worker: Worker) -> dict[str, dict[str, Any]]:
    """For each fact that is known: the record it rests on, its source, and the day it was written down."""
    found: dict[str, dict[str, Any]] = {}

    def note(record: Any, *facts: str) -> None:
        for fact in facts:
            found.setdefault(fact, {"source": record.source, "recorded_at": _moment(record), "record": record._meta.verbose_name})

    note(worker, "birth_on", "sex", "work_region", "household_region")
    for employment in worker.employments.filter(ended_on__isnull=True):
        note(employment, "employment", "public_institution_payroll", "on_front_line", "front_line_years", "in_skilled_post",
             "worked_years", "continuous_months")
        if employment.employer:
            note(employment.employer, "employer_kind")
    for credential in worker.credentials.all():
        note(credential, "skill_level", "certificate_level", "certificate_occupation", "certificate_issued_on")
    insurance = getattr(worker, "insurance", None)
    if insurance:
        note(insurance, "unemployment_insured_months", "drawing_unemployment_benefit")
    for claim in worker.claims.all():
        note(claim, "claims_this_year", "claimed_same_occupation_level", "highest_level_claimed",
             "training_subsidy_for_same_certificate")
    for honour in worker.honours.filter(state="verified").select_related("type"):
        note(honour, {"honour": "honours", "scarce_talent": "recognised_scarce_talent"}.get(honour.type.category, "special_allowance"))
    for fact in worker.attested_facts.filter(until__isnull=True):
        note(fact, fact.code)
    for schooling in worker.schoolings.all():
        note(schooling, "technical_school_class")
    for result in worker.competition_results.all():
        note(result, "competition", "competition_edition", "competition_rank", "competition_prize", "competition_role",
             "for_inner_mongolia")
    return found


def _moment(record: Any) -> Any:
    return getattr(record, "recorded_at", None) or record.created_at


def level_label(level: int | None) -> str:
    return SkillLevel(level).label if level is not None else ""
