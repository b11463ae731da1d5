"""What is published of merged people and units is compared with the record that stands for them."""

from talent_registry.correction_guards import INSTALL as _FIRST

_COMPARING = """
CREATE OR REPLACE FUNCTION registry_compare(people bigint[], number_changed boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    records bigint[] := people || ARRAY(
        SELECT m.source_id FROM workforce_mergedperson m WHERE m.target_id = ANY (people));
BEGIN
    DELETE FROM talent_registry_publisheddifference d
    USING talent_registry_registryentry e
    WHERE e.id = d.entry_id AND e.worker_id = ANY (records) AND e.status = 'removed';
    WITH compared AS (
        SELECT e.id, w.name, coalesce(u.name, '') AS employer_name,
               e.name <> w.name AS other_name,
               e.employer_name NOT IN ('', coalesce(u.name, '')) AND NOT EXISTS (
                   SELECT FROM workforce_employment m
                   LEFT JOIN workforce_mergedemployer t ON t.source_id = m.employer_id
                   JOIN workforce_employer x
                     ON x.id = CASE WHEN t.source_id IS NULL THEN m.employer_id ELSE t.target_id END
                   WHERE m.worker_id IN (e.worker_id, w.id) AND m.verification <> 'refuted'
                     AND x.name = e.employer_name
               ) AS other_employer,
               number_changed OR coalesce(d.other_id, false) AS other_id
        FROM talent_registry_registryentry e
        LEFT JOIN workforce_mergedperson p ON p.source_id = e.worker_id
        -- Of what was entered by mistake there is nothing else to compare with.
        JOIN workforce_worker w ON w.id = coalesce(p.target_id, e.worker_id)
        LEFT JOIN workforce_employer u ON u.id = w.employer_id
        LEFT JOIN talent_registry_publisheddifference d ON d.entry_id = e.id
        WHERE e.worker_id = ANY (records) AND e.status <> 'removed'
    ), agreeing AS (
        DELETE FROM talent_registry_publisheddifference d
        USING compared c
        WHERE d.entry_id = c.id AND NOT (c.other_name OR c.other_employer OR c.other_id)
    )
    INSERT INTO talent_registry_publisheddifference AS d
        (entry_id, name, employer_name, other_name, other_employer, other_id, since)
    SELECT id, name, CASE WHEN other_employer THEN employer_name ELSE '' END,
           other_name, other_employer, other_id, now()
    FROM compared WHERE other_name OR other_employer OR other_id
    -- What was kept stays kept until the register says something else again.
    ON CONFLICT (entry_id) DO UPDATE
    SET name = excluded.name, employer_name = excluded.employer_name, other_name = excluded.other_name,
        other_employer = excluded.other_employer, other_id = excluded.other_id, since = now(), kept_id = NULL
    WHERE number_changed
       OR (d.name, d.employer_name, d.other_name, d.other_employer)
          IS DISTINCT FROM (excluded.name, excluded.employer_name, excluded.other_name, excluded.other_employer);
END
$$;

CREATE OR REPLACE FUNCTION registry_compare_worker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM talent_registry_registryentry WHERE worker_id = NEW.id
        UNION ALL SELECT FROM workforce_mergedperson WHERE target_id = NEW.id
    ) THEN
        PERFORM registry_compare(ARRAY[NEW.id], NEW.id_digest <> OLD.id_digest);
    END IF;
    RETURN NULL;
END
$$;
"""
_FOLLOWING = """
CREATE FUNCTION registry_compare_merged() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    record bigint := coalesce(NEW.source_id, OLD.source_id);
BEGIN
    IF EXISTS (SELECT FROM talent_registry_registryentry WHERE worker_id = record) THEN
        IF TG_OP = 'DELETE' THEN
            UPDATE talent_registry_publisheddifference d SET other_id = false
            FROM talent_registry_registryentry e WHERE e.id = d.entry_id AND e.worker_id = record;
        END IF;
        PERFORM registry_compare(ARRAY[record], TG_OP <> 'DELETE' AND NEW.target_id IS NOT NULL);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER registry_compare_merged AFTER INSERT OR UPDATE OR DELETE ON workforce_mergedperson
FOR EACH ROW EXECUTE FUNCTION registry_compare_merged();
"""

# Whether somebody has confirmed where a person works says nothing against what was published.
_REFUTED = """
DROP TRIGGER registry_compare_employment ON workforce_employment;
CREATE TRIGGER registry_compare_employment AFTER UPDATE ON workforce_employment FOR EACH ROW
WHEN (OLD.employer_id IS NOT NULL
      AND (OLD.employer_id IS DISTINCT FROM NEW.employer_id
           OR (OLD.verification = 'refuted') IS DISTINCT FROM (NEW.verification = 'refuted')))
EXECUTE FUNCTION registry_compare_employment();
"""

INSTALL = _COMPARING + _REFUTED + _FOLLOWING


def _as_it_was(function: str, until: str) -> str:
    text = _FIRST[_FIRST.index(f"CREATE FUNCTION {function}") :]
    return text[: text.index(until)].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


_AS_BEFORE = (
    "DROP TRIGGER registry_compare_employment ON workforce_employment;\n"
    + (
        _FIRST[
            _FIRST.index("CREATE TRIGGER registry_compare_employment") : _FIRST.index(
                "CREATE TRIGGER registry_compare_ended"
            )
        ]
    )
)
REMOVE = (
    _AS_BEFORE
    + "DROP TRIGGER registry_compare_merged ON workforce_mergedperson;\nDROP FUNCTION registry_compare_merged();\n"
    + _as_it_was("registry_compare(people", "CREATE FUNCTION registry_compare_worker()")
    + _as_it_was("registry_compare_worker()", "-- A first unit says")
)
