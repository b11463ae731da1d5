"""What the database itself holds about corrections of published rows.

- A published name, masked number or unit changes only together with its confirmed correction, numbered without
  gaps, from what was published to what the correction says.
- A correction is decided once, and nothing else of it changes; none is deleted.
- Which entries differ from the register is noted wherever a name, a number or a unit is changed, by whatever
  way: a unit differs when it stands in none of the person's employments any more. Whoever merely changed jobs
  was published rightly.
"""

from talent_registry.guards import INSTALL as _FIRST

KEEP_ENTRY = """
CREATE OR REPLACE FUNCTION registry_keep_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- Generated columns are not computed yet in NEW before the update, so they are left out with the status.
    changing text[] := '{status,status_since,version,year,league_code}';
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'entry % stays; it can be removed by a change of status', OLD.number
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_is_kept';
    END IF;
    IF NEW.corrections_made = OLD.corrections_made + 1 THEN
        changing := '{name,id_shown,employer_name,corrections_made,year,league_code}';
    END IF;
    IF to_jsonb(NEW) - changing IS DISTINCT FROM to_jsonb(OLD) - changing THEN
        RAISE EXCEPTION 'entry %: only its status may change, or what is corrected', OLD.number
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_is_kept';
    END IF;
    IF OLD.status = 'removed'
       OR NEW.corrections_made = OLD.corrections_made
          AND (NEW.version <> OLD.version + 1 OR NEW.status = OLD.status) THEN
        RAISE EXCEPTION 'entry %: % does not become %', OLD.number, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_status_moves';
    END IF;
    RETURN NEW;
END
$$;
"""

CHECK_STATUS = """
CREATE OR REPLACE FUNCTION registry_check_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version <> OLD.version AND NOT EXISTS (
        SELECT 1 FROM talent_registry_statuschange s
        WHERE s.entry_id = NEW.id AND s.position = NEW.version AND s.from_status = OLD.status AND s.to_status = NEW.status
          AND s."on" = NEW.status_since
    ) THEN
        RAISE EXCEPTION 'entry %: no record tells how it became %', NEW.number, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_status_has_its_document';
    END IF;
    IF NEW.corrections_made <> OLD.corrections_made AND NOT EXISTS (
        SELECT 1 FROM talent_registry_entrycorrection c
        WHERE c.entry_id = NEW.id AND c.state = 'confirmed' AND c.position = NEW.corrections_made
          AND (c.name_before, c.id_shown_before, c.employer_name_before)
              = (OLD.name, OLD.id_shown, OLD.employer_name)
          AND (c.name, c.id_shown, c.employer_name) = (NEW.name, NEW.id_shown, NEW.employer_name)
    ) THEN
        RAISE EXCEPTION 'entry %: no confirmed correction says what it says', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_correction_is_confirmed';
    END IF;
    RETURN NULL;
END
$$;
"""

_KEEP_CORRECTION = """
CREATE FUNCTION registry_keep_correction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    deciding text[] := '{state,decided_by_id,decided_at,decided_on,verdict,position}';
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'correction % stays', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'correction_is_kept';
    END IF;
    IF OLD.state <> 'proposed' OR NEW.state NOT IN ('confirmed', 'refused')
       OR to_jsonb(NEW) - deciding IS DISTINCT FROM to_jsonb(OLD) - deciding THEN
        RAISE EXCEPTION 'correction % is decided once, and changed by nobody', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'correction_is_kept';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER registry_keep_correction BEFORE UPDATE OR DELETE ON talent_registry_entrycorrection
FOR EACH ROW EXECUTE FUNCTION registry_keep_correction();

-- A confirmed correction without its entry corrected would say what never was published.
CREATE FUNCTION registry_check_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'confirmed' AND NOT EXISTS (
        SELECT 1 FROM talent_registry_registryentry e
        WHERE e.id = NEW.entry_id AND e.corrections_made >= NEW.position
    ) THEN
        RAISE EXCEPTION 'correction %: its entry was not corrected', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_reaches_its_entry';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER registry_check_correction AFTER INSERT OR UPDATE ON talent_registry_entrycorrection
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registry_check_correction();
"""

_COMPARE = """
CREATE FUNCTION registry_compare(people bigint[], number_changed boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM talent_registry_publisheddifference d
    USING talent_registry_registryentry e
    WHERE e.id = d.entry_id AND e.worker_id = ANY (people) AND e.status = 'removed';
    WITH compared AS (
        SELECT e.id, w.name, coalesce(u.name, '') AS employer_name,
               e.name <> w.name AS other_name,
               e.employer_name NOT IN ('', coalesce(u.name, '')) AND NOT EXISTS (
                   SELECT FROM workforce_employment m JOIN workforce_employer x ON x.id = m.employer_id
                   WHERE m.worker_id = w.id AND m.verification <> 'refuted' AND x.name = e.employer_name
               ) AS other_employer,
               number_changed OR coalesce(d.other_id, false) AS other_id
        FROM talent_registry_registryentry e
        JOIN workforce_worker w ON w.id = e.worker_id
        LEFT JOIN workforce_employer u ON u.id = w.employer_id
        LEFT JOIN talent_registry_publisheddifference d ON d.entry_id = e.id
        WHERE e.worker_id = ANY (people) AND e.status <> 'removed'
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

CREATE FUNCTION registry_compare_worker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM talent_registry_registryentry WHERE worker_id = NEW.id) THEN
        PERFORM registry_compare(ARRAY[NEW.id], NEW.id_digest <> OLD.id_digest);
    END IF;
    RETURN NULL;
END
$$;
-- A first unit says nothing against what was published; so an import that brings everybody's asks nothing here.
CREATE TRIGGER registry_compare_worker AFTER UPDATE ON workforce_worker FOR EACH ROW
WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.id_digest IS DISTINCT FROM NEW.id_digest
      OR (OLD.employer_id IS NOT NULL AND OLD.employer_id IS DISTINCT FROM NEW.employer_id))
EXECUTE FUNCTION registry_compare_worker();

CREATE FUNCTION registry_compare_employment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM talent_registry_registryentry WHERE worker_id = OLD.worker_id) THEN
        PERFORM registry_compare(ARRAY[OLD.worker_id]);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER registry_compare_employment AFTER UPDATE ON workforce_employment FOR EACH ROW
WHEN (OLD.employer_id IS NOT NULL
      AND (OLD.employer_id IS DISTINCT FROM NEW.employer_id OR OLD.verification IS DISTINCT FROM NEW.verification))
EXECUTE FUNCTION registry_compare_employment();
CREATE TRIGGER registry_compare_ended AFTER DELETE ON workforce_employment FOR EACH ROW
WHEN (OLD.employer_id IS NOT NULL)
EXECUTE FUNCTION registry_compare_employment();

CREATE FUNCTION registry_compare_employer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM registry_compare(array_agg(e.worker_id))
    FROM talent_registry_registryentry e
    WHERE e.worker_id IN (
        SELECT worker_id FROM workforce_employment WHERE employer_id = NEW.id
        UNION SELECT id FROM workforce_worker WHERE employer_id = NEW.id
    ) HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER registry_compare_employer AFTER UPDATE ON workforce_employer FOR EACH ROW
WHEN (OLD.name IS DISTINCT FROM NEW.name)
EXECUTE FUNCTION registry_compare_employer();

CREATE FUNCTION registry_compare_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.corrections_made <> OLD.corrections_made THEN
        UPDATE talent_registry_publisheddifference SET other_id = false WHERE entry_id = NEW.id;
    END IF;
    PERFORM registry_compare(ARRAY[NEW.worker_id]);
    RETURN NULL;
END
$$;
CREATE TRIGGER registry_compare_entry AFTER UPDATE ON talent_registry_registryentry
FOR EACH ROW EXECUTE FUNCTION registry_compare_entry();

-- What differs already.
SELECT registry_compare(array_agg(worker_id)) FROM talent_registry_registryentry HAVING count(*) > 0;
"""

INSTALL = KEEP_ENTRY + CHECK_STATUS + _KEEP_CORRECTION + _COMPARE


def _as_it_was(function: str, until: str) -> str:
    """The first text of a function, which the way back brings again."""
    text = _FIRST[_FIRST.index(f"CREATE FUNCTION {function}") : _FIRST.index(until)]
    return text.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


_DROP = """
DROP TRIGGER registry_compare_entry ON talent_registry_registryentry;
DROP FUNCTION registry_compare_entry();
DROP TRIGGER registry_compare_employer ON workforce_employer;
DROP FUNCTION registry_compare_employer();
DROP TRIGGER registry_compare_ended ON workforce_employment;
DROP TRIGGER registry_compare_employment ON workforce_employment;
DROP FUNCTION registry_compare_employment();
DROP TRIGGER registry_compare_worker ON workforce_worker;
DROP FUNCTION registry_compare_worker();
DROP FUNCTION registry_compare(bigint[], boolean);
DROP TRIGGER registry_check_correction ON talent_registry_entrycorrection;
DROP FUNCTION registry_check_correction();
DROP TRIGGER registry_keep_correction ON talent_registry_entrycorrection;
DROP FUNCTION registry_keep_correction();
"""

REMOVE = (
    _DROP
    + _as_it_was("registry_keep_entry()", "CREATE TRIGGER registry_keep_entry")
    + _as_it_was("registry_check_status()", "-- At the commit: the record")
)
