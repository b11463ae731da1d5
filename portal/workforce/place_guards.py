"""What the database itself holds about where people work and what kind a unit is.

As soon as anything of somebody counts, where they work is changed only in the transaction that confirms that change;
so is the kind of a unit that confirmed work names.
"""

# Whether anything of somebody counts, under any of their numbers: from then on where they work is no single person's
# to say.
_COUNTS = """
CREATE FUNCTION workforce_counts(worker bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (
        SELECT FROM (
            SELECT worker AS id UNION ALL SELECT source_id FROM workforce_mergedperson WHERE target_id = worker
        ) AS person
        WHERE EXISTS (SELECT FROM workforce_benefitclaim r WHERE r.worker_id = person.id)
           OR EXISTS (SELECT FROM workforce_honour r WHERE r.worker_id = person.id AND r.state = 'verified')
           OR EXISTS (SELECT FROM workforce_employment r
                      WHERE r.worker_id = person.id AND r.verification = 'confirmed')
           OR EXISTS (SELECT FROM workforce_skillcredential r
                      WHERE r.worker_id = person.id AND r.verification = 'confirmed')
           OR EXISTS (SELECT FROM workforce_unemploymentinsurance r
                      WHERE r.worker_id = person.id AND r.verification = 'confirmed')
           OR EXISTS (SELECT FROM workforce_attestedfact r
                      WHERE r.worker_id = person.id AND r.verification = 'confirmed')
           OR EXISTS (SELECT FROM workforce_technicalschooling r
                      WHERE r.worker_id = person.id AND r.verification = 'confirmed')
           OR EXISTS (SELECT FROM workforce_competitionresult r
                      WHERE r.worker_id = person.id AND r.verification = 'confirmed')
    )
$$;
CREATE FUNCTION workforce_unit_counts(unit bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (
        SELECT FROM workforce_employment r
        WHERE r.verification = 'confirmed' AND (r.employer_id = unit OR r.employer_id IN (
            SELECT source_id FROM workforce_mergedemployer WHERE target_id = unit
        ))
    )
$$;
"""

_PLACES = """
CREATE FUNCTION workforce_hold_place() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT workforce_counts(OLD.id) OR EXISTS (
        SELECT FROM workforce_recordchange c
        WHERE c.kind = 'worker' AND c.record_id = OLD.id AND c.state = 'confirmed' AND c.what = 'change'
          AND c.decided_in = pg_current_xact_id()::text::bigint
          AND c.before ->> 'work_region_id' = OLD.work_region_id
          AND c.after ->> 'work_region_id' = NEW.work_region_id
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'where somebody works is changed by two, as soon as anything of them counts (%)', OLD.id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'workforce_worker_changed_by_two';
END
$$;
CREATE TRIGGER workforce_hold_place BEFORE UPDATE OF work_region_id ON workforce_worker
FOR EACH ROW WHEN (OLD.work_region_id IS DISTINCT FROM NEW.work_region_id)
EXECUTE FUNCTION workforce_hold_place();

CREATE FUNCTION workforce_hold_kind_of_unit() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT workforce_unit_counts(OLD.id) OR EXISTS (
        SELECT FROM workforce_recordchange c
        WHERE c.kind = 'unit' AND c.record_id = OLD.id AND c.state = 'confirmed' AND c.what = 'change'
          AND c.decided_in = pg_current_xact_id()::text::bigint
          AND c.before ->> 'kind' = OLD.kind AND c.after ->> 'kind' = NEW.kind
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the kind of a unit is changed by two, as soon as confirmed work names it (%)', OLD.id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'workforce_employer_changed_by_two';
END
$$;
CREATE TRIGGER workforce_hold_kind_of_unit BEFORE UPDATE OF kind ON workforce_employer
FOR EACH ROW WHEN (OLD.kind IS DISTINCT FROM NEW.kind)
EXECUTE FUNCTION workforce_hold_kind_of_unit();
"""

INSTALL = _COUNTS + _PLACES
REMOVE = """
DROP TRIGGER workforce_hold_kind_of_unit ON workforce_employer;
DROP FUNCTION workforce_hold_kind_of_unit();
DROP TRIGGER workforce_hold_place ON workforce_worker;
DROP FUNCTION workforce_hold_place();
DROP FUNCTION workforce_unit_counts(bigint);
DROP FUNCTION workforce_counts(bigint);
"""
