"""Occupation, level and place of a published row are corrected like its name, and compared with the register.

- An occupation or a level differs when neither the person's certificates nor employments nor their present data
  say it. Whoever learnt another occupation or reached a higher level was published rightly.
- A place differs when the person stayed with the unit and the place is another. Whoever changed jobs and moved
  was published rightly.
"""

from talent_registry import correction_guards, folded_guards


def _with_all_fields(text: str) -> str:
    """The guards of an entry with three more fields that a confirmed correction may change."""
    for before, after in (
        (
            "'{name,id_shown,employer_name,corrections_made,year,league_code}'",
            "'{name,id_shown,employer_name,occupation,skill_level,region_id,corrections_made,year,league_code}'",
        ),
        (
            "(c.name_before, c.id_shown_before, c.employer_name_before)\n"
            "              = (OLD.name, OLD.id_shown, OLD.employer_name)",
            "(c.name_before, c.id_shown_before, c.employer_name_before,\n"
            "               c.occupation_before, c.skill_level_before, c.region_before_id)\n"
            "              = (OLD.name, OLD.id_shown, OLD.employer_name,\n"
            "                 OLD.occupation, OLD.skill_level, OLD.region_id)",
        ),
        (
            "(c.name, c.id_shown, c.employer_name) = (NEW.name, NEW.id_shown, NEW.employer_name)",
            "(c.name, c.id_shown, c.employer_name, c.occupation, c.skill_level, c.region_id)\n"
            "              = (NEW.name, NEW.id_shown, NEW.employer_name,\n"
            "                 NEW.occupation, NEW.skill_level, NEW.region_id)",
        ),
    ):
        if text.count(before) != 1:
            raise ValueError(f"once in the guards: {before}")
        text = text.replace(before, after)
    return text


_ENTRY = correction_guards.KEEP_ENTRY + correction_guards.CHECK_STATUS

COMPARE = """
CREATE FUNCTION registry_occupation_folded(occupation text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(regexp_replace(normalize(occupation, NFKC), '\\s', '', 'g'))
$$;

CREATE OR REPLACE FUNCTION registry_compare(people bigint[], number_changed boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    records bigint[] := people || ARRAY(
        SELECT m.source_id FROM workforce_mergedperson m WHERE m.target_id = ANY (people));
BEGIN
    DELETE FROM talent_registry_publisheddifference d
    USING talent_registry_registryentry e
    WHERE e.id = d.entry_id AND e.worker_id = ANY (records) AND e.status = 'removed';
    WITH listed AS (
        SELECT e.id, e.worker_id, w.id AS person, e.occupation AS published_occupation,
               e.skill_level AS published_level, w.name, w.occupation, w.skill_level, w.work_region_id AS region,
               e.employer_name AS published_unit, coalesce(u.name, '') AS employer_name,
               workforce_unit_folded(e.employer_name) = coalesce(u.folded_name, '') AS same_unit,
               e.name <> w.name AS other_name,
               e.region_id <> w.work_region_id AS elsewhere,
               number_changed OR coalesce(d.other_id, false) AS other_id
        FROM talent_registry_registryentry e
        LEFT JOIN workforce_mergedperson p ON p.source_id = e.worker_id
        -- Of what was entered by mistake there is nothing else to compare with.
        JOIN workforce_worker w ON w.id = coalesce(p.target_id, e.worker_id)
        LEFT JOIN workforce_employer u ON u.id = w.employer_id
        LEFT JOIN talent_registry_publisheddifference d ON d.entry_id = e.id
        WHERE e.worker_id = ANY (records) AND e.status <> 'removed'
    ), compared AS (
        SELECT l.*,
               l.published_unit <> '' AND NOT l.same_unit AND NOT EXISTS (
                   SELECT FROM workforce_employment m
                   LEFT JOIN workforce_mergedemployer t ON t.source_id = m.employer_id
                   JOIN workforce_employer x
                     ON x.id = CASE WHEN t.source_id IS NULL THEN m.employer_id ELSE t.target_id END
                   WHERE m.worker_id IN (l.worker_id, l.person) AND m.verification <> 'refuted'
                     AND x.folded_name = workforce_unit_folded(l.published_unit)
               ) AS other_employer,
               l.published_occupation NOT IN ('', l.occupation)
               AND registry_occupation_folded(l.published_occupation) <> registry_occupation_folded(l.occupation)
               AND NOT EXISTS (
                   SELECT FROM workforce_skillcredential s
                   WHERE s.worker_id IN (l.worker_id, l.person) AND s.verification <> 'refuted'
                     AND registry_occupation_folded(s.occupation)
                         = registry_occupation_folded(l.published_occupation)
               ) AND NOT EXISTS (
                   SELECT FROM workforce_employment m
                   WHERE m.worker_id IN (l.worker_id, l.person) AND m.verification <> 'refuted'
                     AND registry_occupation_folded(m.occupation)
                         = registry_occupation_folded(l.published_occupation)
               ) AS other_occupation,
               l.published_level NOT IN (0, l.skill_level) AND NOT EXISTS (
                   SELECT FROM workforce_skillcredential s
                   WHERE s.worker_id IN (l.worker_id, l.person) AND s.verification <> 'refuted'
                     AND s.level = l.published_level
               ) AS other_level,
               l.elsewhere AND (l.published_unit = '' OR l.same_unit) AS other_region
        FROM listed l
    ), agreeing AS (
        DELETE FROM talent_registry_publisheddifference d
        USING compared c
        WHERE d.entry_id = c.id
          AND NOT (c.other_name OR c.other_employer OR c.other_id
                   OR c.other_occupation OR c.other_level OR c.other_region)
    )
    INSERT INTO talent_registry_publisheddifference AS d
        (entry_id, name, employer_name, occupation, skill_level, region_id,
         other_name, other_employer, other_occupation, other_level, other_region, other_id, since)
    SELECT id, name,
           CASE WHEN other_employer THEN employer_name ELSE '' END,
           CASE WHEN other_occupation THEN occupation ELSE '' END,
           CASE WHEN other_level THEN skill_level ELSE 0 END,
           CASE WHEN other_region THEN region END,
           other_name, other_employer, other_occupation, other_level, other_region, other_id, now()
    FROM compared
    WHERE other_name OR other_employer OR other_id OR other_occupation OR other_level OR other_region
    -- What was kept stays kept until the register says something else again.
    ON CONFLICT (entry_id) DO UPDATE
    SET name = excluded.name, employer_name = excluded.employer_name, occupation = excluded.occupation,
        skill_level = excluded.skill_level, region_id = excluded.region_id,
        other_name = excluded.other_name, other_employer = excluded.other_employer,
        other_occupation = excluded.other_occupation, other_level = excluded.other_level,
        other_region = excluded.other_region, other_id = excluded.other_id, since = now(), kept_id = NULL
    WHERE number_changed
       OR (d.name, d.employer_name, d.occupation, d.skill_level, d.region_id,
           d.other_name, d.other_employer, d.other_occupation, d.other_level, d.other_region)
          IS DISTINCT FROM
          (excluded.name, excluded.employer_name, excluded.occupation, excluded.skill_level, excluded.region_id,
           excluded.other_name, excluded.other_employer, excluded.other_occupation, excluded.other_level,
           excluded.other_region);
END
$$;
"""

_FOLLOWING = """
DROP TRIGGER registry_compare_worker ON workforce_worker;
-- A first unit, occupation or level says nothing against what was published; so an import that brings
-- everybody's asks nothing here.
CREATE TRIGGER registry_compare_worker AFTER UPDATE ON workforce_worker FOR EACH ROW
WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.id_digest IS DISTINCT FROM NEW.id_digest
      OR OLD.work_region_id IS DISTINCT FROM NEW.work_region_id
      OR (OLD.employer_id IS NOT NULL AND OLD.employer_id IS DISTINCT FROM NEW.employer_id)
      OR (OLD.occupation <> '' AND OLD.occupation IS DISTINCT FROM NEW.occupation)
      OR (OLD.skill_level <> 0 AND OLD.skill_level IS DISTINCT FROM NEW.skill_level))
EXECUTE FUNCTION registry_compare_worker();

CREATE FUNCTION registry_compare_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM talent_registry_registryentry WHERE worker_id = OLD.worker_id
        UNION ALL SELECT FROM workforce_mergedperson WHERE target_id = OLD.worker_id
    ) THEN
        PERFORM registry_compare(ARRAY[OLD.worker_id]);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER registry_compare_credential AFTER UPDATE ON workforce_skillcredential FOR EACH ROW
WHEN (OLD.occupation IS DISTINCT FROM NEW.occupation OR OLD.level IS DISTINCT FROM NEW.level
      OR (OLD.verification = 'refuted') IS DISTINCT FROM (NEW.verification = 'refuted'))
EXECUTE FUNCTION registry_compare_record();
CREATE TRIGGER registry_compare_credential_gone AFTER DELETE ON workforce_skillcredential FOR EACH ROW
EXECUTE FUNCTION registry_compare_record();
CREATE TRIGGER registry_compare_occupation AFTER UPDATE ON workforce_employment FOR EACH ROW
WHEN (OLD.occupation <> '' AND (OLD.occupation IS DISTINCT FROM NEW.occupation
      OR (OLD.verification = 'refuted') IS DISTINCT FROM (NEW.verification = 'refuted')))
EXECUTE FUNCTION registry_compare_record();
CREATE TRIGGER registry_compare_occupation_gone AFTER DELETE ON workforce_employment FOR EACH ROW
WHEN (OLD.occupation <> '')
EXECUTE FUNCTION registry_compare_record();

-- What differs already.
SELECT registry_compare(array_agg(worker_id)) FROM talent_registry_registryentry HAVING count(*) > 0;
"""

INSTALL = _with_all_fields(_ENTRY) + COMPARE + _FOLLOWING

_WHEN = correction_guards.INSTALL[
    correction_guards.INSTALL.index(
        "CREATE TRIGGER registry_compare_worker"
    ) : correction_guards.INSTALL.index("CREATE FUNCTION registry_compare_employment()")
]
REMOVE = (
    """
DROP TRIGGER registry_compare_occupation_gone ON workforce_employment;
DROP TRIGGER registry_compare_occupation ON workforce_employment;
DROP TRIGGER registry_compare_credential_gone ON workforce_skillcredential;
DROP TRIGGER registry_compare_credential ON workforce_skillcredential;
DROP FUNCTION registry_compare_record();
DROP TRIGGER registry_compare_worker ON workforce_worker;
DELETE FROM talent_registry_publisheddifference WHERE NOT (other_name OR other_employer OR other_id);
"""
    + _WHEN
    + folded_guards.INSTALL
    + "DROP FUNCTION registry_occupation_folded(text);\n"
    + _ENTRY
)
