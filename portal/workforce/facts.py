"""The facts of stored workers as one relation: a row per worker, a column per fact of the catalogue, unknown
as NULL.

The rule executor reads this relation for one worker, for those of a list, or for the whole register: only who
is asked about differs. It comes in two: *stated* is everything recorded, *verified* what counts for money,
selection and publication. Where each fact of one worker comes from is told by portal.workforce.sources.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import partial

from portal.workforce import coverage
from portal.workforce.merged import pointers
from portal.workforce.merged_tables import in_one
from portal.workforce.models.facts import WRITTEN_BY_PORTAL
from portal.workforce.record_kinds import (
    ALL_KINDS,
)


def honour_in_force(honour: str, *, on: str, year: str) -> str:
    """SQL condition: an honour is verified, and was conferred by the day `on`, which lies in `year`.

    `honour` is the name of its table in the query, `on` and `year` are SQL.
    """
    return (
        f"{honour}.state = 'verified' AND {honour}.year <= {year}"
        f" AND ({honour}.conferred_on IS NULL OR {honour}.conferred_on <= {on})"
    )


def folded_occupation(occupation: str) -> str:
    """SQL of an occupation as it is compared; as `fold_occupation` does it."""
    return f"workforce_occupation_folded({occupation})"


def same_occupation(one: str, other: str) -> str:
    """SQL: whether both are the same occupation, in whatever width, spacing and brackets they were written down."""
    return f"({one} = {other} OR {folded_occupation(one)} = {folded_occupation(other)})"


def scarce_on(on: str, *, place: str, occupation: str) -> str:
    """SQL: whether an occupation stands on a list of scarce ones that is in force in a place on a day.

    Unknown where no list is. All three are SQL; `place` is the code of a division, whose league's list and
    that of the region count as well.
    """
    above = f"{place}, left({place}, 4) || '00', left({place}, 2) || '0000'"
    lists = (
        f"SELECT FROM workforce_scarceoccupation s WHERE s.region_id IN ({above})"
        f" AND s.since <= {on} AND (s.until IS NULL OR s.until >= {on})"
    )
    folded = folded_occupation(occupation)
    # The first question does not depend on the row: without any list the others are not asked of anybody.
    return (
        "CASE WHEN NOT EXISTS (SELECT FROM workforce_scarceoccupation) THEN NULL"
        f" WHEN {occupation} IS NOT NULL AND EXISTS ({lists})"
        f" THEN EXISTS ({lists} AND s.folded = {folded}) END"
    )


# Each part gathers one kind of record for all subjects at once, so that one text serves one worker, a list
# and the register: `{of}` narrows it to those asked about.
_PARTS = """
LEFT JOIN (
    SELECT h.worker_id,
           array_agg(DISTINCT h.type_id) FILTER (WHERE t.category = 'honour') AS codes,
           bool_or(h.type_id = 'special_allowance_national') AS national,
           bool_or(h.type_id = 'special_allowance_regional') AS regional,
           bool_or(t.category = 'scarce_talent') AS scarce
    FROM workforce_honour h JOIN workforce_honourtype t ON t.code = h.type_id
    WHERE {honour_in_force}{of}
    GROUP BY h.worker_id
) honour ON honour.worker_id = w.id
{certificates} certificate ON certificate.worker_id = w.id
LEFT JOIN (
    SELECT c.worker_id{about_key},
           count(*) FILTER (WHERE c.kind = 'skill_upgrade' AND c.claimed_on >= {new_year})::int AS this_year,
           bool_or(c.kind = 'skill_upgrade'
                   AND c.level = about.level AND {same_occupation}) AS same,
           max(c.level) FILTER (WHERE c.kind = 'skill_upgrade' AND {same_occupation}) AS highest,
           bool_or(c.kind = 'training_subsidy'
                   AND c.level = about.level AND {same_occupation}) AS training
    FROM {claims} c LEFT JOIN certificate about ON about.worker_id = c.worker_id
    WHERE c.claimed_on <= {on}{of_claim}
    GROUP BY c.worker_id{about_key}
) claim ON claim.worker_id = w.id{same_about}
LEFT JOIN (
    SELECT worker_id, count(*) FILTER (WHERE listed)::int AS claims, bool_and(listed IS NOT NULL) AS told
    FROM (SELECT c.worker_id, {claim_scarce} AS listed
          FROM {claims} c JOIN workforce_worker claimant ON claimant.id = c.worker_id
          WHERE c.kind = 'skill_upgrade' AND c.claimed_on BETWEEN {new_year} AND {on}{of_claim}) AS claimed
    GROUP BY worker_id
) scarce ON scarce.worker_id = w.id
LEFT JOIN (
    SELECT worker_id, {attested}
    FROM workforce_attestedfact
    WHERE since <= {on} AND (until IS NULL OR until >= {on}){attested_counts}{of}
    GROUP BY worker_id
) attested ON attested.worker_id = w.id
LEFT JOIN (
    SELECT DISTINCT ON (worker_id) worker_id, graduated_from
    FROM workforce_technicalschooling
    WHERE (graduated_on IS NULL OR graduated_on <= {on}){counts}{of}
    ORDER BY worker_id, graduated_on DESC NULLS LAST, id DESC
) school ON school.worker_id = w.id
LEFT JOIN (
    SELECT DISTINCT ON (worker_id) worker_id, competition, edition, rank, prize, role, for_inner_mongolia
    FROM workforce_competitionresult
    WHERE (held_on IS NULL OR held_on <= {on}){counts}{of}
    ORDER BY worker_id, held_on DESC NULLS LAST, id DESC
) r ON r.worker_id = w.id
"""
# Column of a certificate's number, in the relation of certificates.
CERTIFICATE_KEY = "certificate_id"
# The certificate a claim is about: the newest one issued by the day; and the best level of all. Read once,
# used twice.
_CERTIFICATE = """
WITH certificate AS MATERIALIZED (
    SELECT DISTINCT ON (worker_id) worker_id, level, occupation, issued_on,
           max(level) OVER (PARTITION BY worker_id) AS best
    FROM workforce_skillcredential
    WHERE (issued_on IS NULL OR issued_on <= {on}){counts}{of}
    ORDER BY worker_id, issued_on DESC NULLS LAST, level DESC, id DESC
)"""
# The same, but every certificate of theirs, each about itself.
_EVERY_CERTIFICATE = """
WITH certificate AS MATERIALIZED (
    SELECT id AS certificate_id, worker_id, level, occupation, issued_on,
           max(level) OVER (PARTITION BY worker_id) AS best
    FROM workforce_skillcredential
    WHERE (issued_on IS NULL OR issued_on <= {on}){counts}{of}
)"""


@dataclass(frozen=True)
class Earlier:
    """Earlier claims to count instead of those that are recorded: a query of worker_id (of who stands for the person),
    kind, occupation, level and claimed_on. `covered` is a query of what is known besides (portal.workforce.coverage).
    """

    claims: str
    covered: str = ""


@dataclass(frozen=True)
class _About:
    """SQL pieces by which a row is about a certificate: which ones are read, how they join, and what ties earlier
    claims to the certificate they are counted for.
    """

    certificate: str
    join: str = "LEFT JOIN"
    key: str = ""
    of_claim: str = ""
    same: str = ""


_NEWEST = _About(_CERTIFICATE)
_EACH = _About(
    _EVERY_CERTIFICATE,
    join="JOIN",
    key=f"certificate.certificate_id AS {CERTIFICATE_KEY}, ",
    of_claim=", about.certificate_id",
    same=" AND claim.certificate_id = certificate.certificate_id",
)

_FLAGS = (
    "leading_talent",
    "liaison_expert",
    "solved_major_technical_problem",
    "regional_innovation_award",
    "outstanding_mentor",
    "superb_skill",
    "outstanding_contribution",
    "attended_senior_technician_upskilling",
    "jobless_willing_spouse_or_child",
    "hard_to_employ_family_member",
    "child_in_compulsory_education",
)
_WORDS = ("recruited", "engineering_title")
_ATTESTED = ", ".join(
    [f"bool_or(value = 'true'::jsonb) FILTER (WHERE code = '{code}') AS {code}" for code in _FLAGS]
    + [f"max(value #>> '{{}}') FILTER (WHERE code = '{code}') AS {code}" for code in _WORDS]
)
_SPECIAL_ALLOWANCE = (
    "CASE WHEN honour.national THEN 'national' WHEN honour.regional THEN 'autonomous_region' ELSE 'none' END"
)
# Column of the relation -> how it is drawn. The names are those of the fact catalogue.
_COLUMNS = {
    "birth_on": "w.birth_on",
    "sex": "nullif(w.sex, '')::text",
    "work_region": "w.work_region_id::text",
    "household_region": "w.household_region_id::text",
    "employment": "e.status::text",
    "employer_kind": "nullif(u.kind, '')::text",
    "public_institution_payroll": "e.public_institution_payroll",
    "on_front_line": "e.on_front_line",
    "front_line_years": "e.front_line_years",
    "in_skilled_post": "e.in_skilled_post",
    "skill_level": "certificate.best",
    "certificate_level": "certificate.level",
    "certificate_occupation": "certificate.occupation::text",
    "certificate_issued_on": "certificate.issued_on",
    "attended_senior_technician_upskilling": "attested.attended_senior_technician_upskilling",
    "unemployment_insured_months": "i.months::int",
    "paying_unemployment_insurance": "i.paying",
    "drawing_unemployment_benefit": "i.drawing_benefit",
    **coverage.columns(),
    "certificate_occupation_scarce": "{certificate_scarce}",
    "engineering_title": "attested.engineering_title",
    "honours": "coalesce(honour.codes::text[], '{}')",
    "special_allowance": _SPECIAL_ALLOWANCE,
    "recognised_scarce_talent": "coalesce(honour.scarce, false)",
    "leading_talent": "coalesce(attested.leading_talent, false)",
    "liaison_expert": "attested.liaison_expert",
    "recruited": "attested.recruited",
    **{
        code: f"attested.{code}"
        for code in _FLAGS
        if code not in ("leading_talent", "liaison_expert", "attended_senior_technician_upskilling")
    },
    "technical_school_class": "school.graduated_from::text",
    "competition": "r.competition::text",
    "competition_edition": "r.edition::int",
    "competition_rank": "r.rank::int",
    "competition_prize": "nullif(r.prize, '')::text",
    "competition_role": "r.role::text",
    "for_inner_mongolia": "r.for_inner_mongolia",
    "worked_years": "e.worked_years",
    "continuous_months": "e.continuous_months::int",
}


def record_counts(record: str = "", *, verified: bool) -> str:
    """SQL condition, beginning with AND: whether a record counts among what is verified, or what is stated.

    What somebody held against a document and found wrong is not even stated. `record` is the name of its table
    in the query.
    """
    column = f"{record}.verification" if record else "verification"
    return f" AND {column} = 'confirmed'" if verified else f" AND {column} <> 'refuted'"


def attestation_counts(*, verified: bool) -> str:
    """The same of an attested fact: what this portal wrote itself needs no confirmation."""
    if not verified:
        return record_counts(verified=False)
    written = ", ".join(f"'{code}'" for code in WRITTEN_BY_PORTAL)
    return f" AND (verification = 'confirmed' OR code IN ({written}))"


def relation(
    on: date,
    *,
    workers: Collection[int] | None = None,
    within: str = "",
    verified: bool = False,
    each_certificate: bool = False,
    earlier: Earlier | None = None,
) -> str:
    """SQL of the relation on a day, without parameters: of everybody, of the workers numbered, or of those
    that `within` selects.

    With `each_certificate` there is a row for each certificate of theirs, about that one instead of the newest,
    with its number in the column `CERTIFICATE_KEY`; whoever has none is not there.

    It draws on everything that is recorded, or, when `verified`, on what somebody else has confirmed.
    `within` is a query of worker ids in the column `worker_id`, each once, for sets too large to be listed.
    Merged people are one row, that of the person who stands for them: whoever asks by another record of theirs
    gets it as well.
    """
    merged, units_merged = pointers(workers)
    draw = partial(
        plain_relation,
        on,
        verified=verified,
        units_merged=units_merged,
        each_certificate=each_certificate,
        earlier=earlier,
    )
    if not merged:
        return draw(workers=workers, within=within)
    standing = {person for person in merged.values() if person is not None}
    concerned = standing | merged.keys()
    parts = []
    if workers is not None:
        standing_for = [merged.get(number, number) for number in workers]
        persons = {person for person in standing_for if person is not None}
        alone: Collection[int] | None = persons - concerned
        together = persons & standing
        others = ""
    else:
        alone, together = None, standing
        left_out = f"WHERE worker_id NOT IN ({','.join(map(str, sorted(concerned)))})"
        others = f"SELECT worker_id FROM ({within or _EVERYBODY}) AS asked {left_out}"
    if alone or alone is None or not together:
        parts.append(draw(workers=alone, within=others))
    if together:
        gathered = draw(workers=together, of_merged=True)
        asked = f" WHERE worker_id IN ({within})" if within else ""
        parts.append(f"SELECT * FROM ({gathered}) AS gathered{asked}")
    return " UNION ALL ".join(f"({part})" for part in parts)


_EVERYBODY = "SELECT id AS worker_id FROM workforce_worker"
_UNIT = "LEFT JOIN workforce_employer u ON u.id = e.employer_id"
# A unit that was merged into another is that one; one entered by mistake is none.
_UNIT_OF_MERGED = (
    "LEFT JOIN workforce_mergedemployer mu ON mu.source_id = e.employer_id\n"
    "LEFT JOIN workforce_employer u"
    " ON u.id = CASE WHEN mu.source_id IS NULL THEN e.employer_id ELSE mu.target_id END"
)


def _columns(of_merged: bool, certificate_scarce: str) -> str:
    """SQL of the facts, each under its name."""
    drawn = _COLUMNS | coverage.columns(of_merged=True) if of_merged else _COLUMNS
    columns = ", ".join(f"{sql} AS {name}" for name, sql in drawn.items())
    return columns.replace("{certificate_scarce}", certificate_scarce)


def plain_relation(
    on: date,
    *,
    workers: Collection[int] | None = None,
    within: str = "",
    verified: bool = False,
    units_merged: bool = False,
    of_merged: bool = False,
    each_certificate: bool = False,
    earlier: Earlier | None = None,
    numbers: str = "",
) -> str:
    """The same without looking whom a record stands for; with `of_merged` the workers' records are gathered
    from all that were merged into theirs. `numbers` is SQL of an array of workers' numbers, a parameter.
    """
    of = of_claim = where = ""
    people = "workforce_worker w"
    if workers is not None:
        numbers = f"'{{{','.join(str(int(number)) for number in workers)}}}'::bigint[]"
    if numbers:
        listed = f"= ANY({numbers})"
        of, of_claim, where = f" AND worker_id {listed}", f" AND c.worker_id {listed}", f"WHERE w.id {listed}"
    elif within:
        # Joined first: the planner orders no more than eight tables by itself, and would begin with everybody.
        of, of_claim = f" AND worker_id IN ({within})", f" AND c.worker_id IN ({within})"
        people = f"({within}) asked JOIN workforce_worker w ON w.id = asked.worker_id"
    day, new_year = f"DATE '{on.isoformat()}'", f"DATE '{on.year}-01-01'"
    counts, about = record_counts(verified=verified), _EACH if each_certificate else _NEWEST
    certificate = about.certificate.format(on=day, of=of, counts=counts)
    if of_merged:
        tables = in_one(*(kind.table for kind in ALL_KINDS), only_concerned=True, counts=counts)
        certificate = certificate.replace("WITH ", f"WITH {tables}, ", 1)
    covered = coverage.covered_places(day, new_year, of=where, besides=earlier.covered if earlier else "")
    parts = _PARTS.format(
        on=day,
        counts=counts,
        attested_counts=attestation_counts(verified=verified),
        new_year=new_year,
        of=of,
        of_claim=of_claim,
        claims=f"({earlier.claims})" if earlier else "workforce_benefitclaim",
        certificates=about.join,
        about_key=about.of_claim,
        same_about=about.same,
        attested=_ATTESTED,
        same_occupation=same_occupation("c.occupation", "about.occupation"),
        claim_scarce=scarce_on("c.claimed_on", place="claimant.work_region_id", occupation="c.occupation"),
        honour_in_force=honour_in_force("h", on=day, year=str(on.year)),
    )
    certificate_scarce = scarce_on(day, place="w.work_region_id", occupation="certificate.occupation")
    columns = _columns(of_merged, certificate_scarce)
    return f"""{certificate}, {covered}
SELECT {about.key}w.id AS worker_id, {columns}
FROM {people}
LEFT JOIN workforce_employment e
       ON e.worker_id = w.id AND e.ended_on IS NULL{record_counts("e", verified=verified)}
{_UNIT_OF_MERGED if units_merged else _UNIT}
LEFT JOIN workforce_unemploymentinsurance i ON i.worker_id = w.id{record_counts("i", verified=verified)}
{parts}{coverage.JOIN}{where}
"""
