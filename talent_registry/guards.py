"""What the database itself holds about the registry, whatever code asks for it.

- An entry stands on a confirmed case of the same worker, approved by the person it names, whose proposal
  records that the worker is a skilled worker.
- Nothing of an entry changes but its status; a removed one stays removed; no entry is deleted.
- A status changes only together with its record, and the records are numbered without gaps.
- A proposal is settled exactly when its case is closed.
"""

# Also what taking back the guards of the annual selection returns to.
CHECK_ENTRY = """
CREATE OR REPLACE FUNCTION registry_check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM cases_case c
        JOIN talent_registry_inclusionproposal p
            ON p.case_id = c.id AND p.worker_id = NEW.worker_id AND p.honour_id = NEW.honour_id
        JOIN cases_caseduty d ON d.case_id = c.id AND d.duty = 'approve' AND d.person_id = NEW.confirmed_by_id
        WHERE c.id = NEW.case_id AND c.state = 'confirmed' AND c.worker_id = NEW.worker_id AND p.is_skilled_worker
    ) THEN
        RAISE EXCEPTION 'entry %: no confirmed case stands behind it', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_has_a_confirmed_case';
    END IF;
    IF NEW.status <> 'active' OR NEW.version <> 0 THEN
        RAISE EXCEPTION 'entry % begins active', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_begins_active';
    END IF;
    RETURN NULL;
END
$$;
"""

_CHECKS_AND_KEEPERS = """
CREATE TRIGGER registry_check_entry AFTER INSERT ON talent_registry_registryentry
FOR EACH ROW EXECUTE FUNCTION registry_check_entry();

CREATE FUNCTION registry_keep_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'entry % stays; it can be removed by a change of status', OLD.number
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_is_kept';
    END IF;
    -- Generated columns are not computed yet in NEW before the update, so they are left out with the status.
    IF to_jsonb(NEW) - '{status,status_since,version,year,league_code}'::text[]
       IS DISTINCT FROM to_jsonb(OLD) - '{status,status_since,version,year,league_code}'::text[] THEN
        RAISE EXCEPTION 'entry %: only its status may change', OLD.number
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_is_kept';
    END IF;
    IF OLD.status = 'removed' OR NEW.version <> OLD.version + 1 OR NEW.status = OLD.status THEN
        RAISE EXCEPTION 'entry %: % does not become %', OLD.number, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_status_moves';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER registry_keep_entry BEFORE UPDATE OR DELETE ON talent_registry_registryentry
FOR EACH ROW EXECUTE FUNCTION registry_keep_entry();

CREATE FUNCTION registry_check_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM talent_registry_statuschange s
        WHERE s.entry_id = NEW.id AND s.position = NEW.version AND s.from_status = OLD.status AND s.to_status = NEW.status
          AND s."on" = NEW.status_since
    ) THEN
        RAISE EXCEPTION 'entry %: no record tells how it became %', NEW.number, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_status_has_its_document';
    END IF;
    RETURN NULL;
END
$$;
-- At the commit: the record is written after the status.
CREATE CONSTRAINT TRIGGER registry_check_status AFTER UPDATE ON talent_registry_registryentry
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registry_check_status();

CREATE FUNCTION registry_check_settled() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    settled_as text;
    closed_as text;
BEGIN
    SELECT p.outcome, CASE WHEN c.closed_at IS NULL THEN '' ELSE c.state END INTO settled_as, closed_as
    FROM talent_registry_inclusionproposal p JOIN cases_case c ON c.id = p.case_id WHERE p.case_id = NEW.case_id;
    IF settled_as IS DISTINCT FROM closed_as THEN
        RAISE EXCEPTION 'proposal of case %: settled only with its case', NEW.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_settled_with_its_case';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER registry_check_settled AFTER INSERT OR UPDATE OF settled_on ON talent_registry_inclusionproposal
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registry_check_settled();
"""

INSTALL = CHECK_ENTRY + _CHECKS_AND_KEEPERS

REMOVE = """
DROP TRIGGER registry_check_settled ON talent_registry_inclusionproposal;
DROP FUNCTION registry_check_settled();
DROP TRIGGER registry_check_status ON talent_registry_registryentry;
DROP FUNCTION registry_check_status();
DROP TRIGGER registry_keep_entry ON talent_registry_registryentry;
DROP FUNCTION registry_keep_entry();
DROP TRIGGER registry_check_entry ON talent_registry_registryentry;
DROP FUNCTION registry_check_entry();
"""
