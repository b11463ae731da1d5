"""What the database itself holds about the fact that somebody is a leading talent.

- Such a fact says yes, and does not begin before an inclusion of the same record.
- While an entry is in force its worker has one such fact without an end; without an entry in force none.

Both are looked at when the transaction ends, since entry and fact are written one after the other. Merging people
moves neither, so both stay with the record they were written for.
"""

INSTALL = """
CREATE FUNCTION registry_entry_and_fact_agree(record bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    in_force boolean := EXISTS (
        SELECT FROM talent_registry_registryentry WHERE worker_id = record AND status = 'active');
    attested boolean := EXISTS (
        SELECT FROM workforce_attestedfact WHERE worker_id = record AND code = 'leading_talent' AND until IS NULL);
BEGIN
    IF attested AND NOT in_force THEN
        RAISE EXCEPTION 'worker %: a leading talent without an entry in force', record
            USING ERRCODE = 'check_violation', CONSTRAINT = 'leading_talent_has_an_entry';
    ELSIF in_force AND NOT attested THEN
        RAISE EXCEPTION 'worker %: an entry in force, but no leading talent', record
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_makes_a_leading_talent';
    END IF;
END
$$;

CREATE FUNCTION registry_check_leading_talent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- As it stands at the end: what was written and taken back in one transaction harms nobody.
    IF EXISTS (
        SELECT FROM workforce_attestedfact f
        WHERE f.id = NEW.id AND f.code = 'leading_talent' AND (f.value <> 'true'::jsonb OR NOT EXISTS (
            SELECT FROM talent_registry_registryentry e
            WHERE e.worker_id = f.worker_id AND e.included_on <= f.since
        ))
    ) THEN
        RAISE EXCEPTION 'worker %: no inclusion makes them a leading talent from %', NEW.worker_id, NEW.since
            USING ERRCODE = 'check_violation', CONSTRAINT = 'leading_talent_has_an_entry';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER registry_check_leading_talent
AFTER INSERT OR UPDATE OF worker_id, code, value, since ON workforce_attestedfact
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.code = 'leading_talent')
EXECUTE FUNCTION registry_check_leading_talent();

CREATE FUNCTION registry_follow_leading_talent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM registry_entry_and_fact_agree(OLD.worker_id);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM registry_entry_and_fact_agree(NEW.worker_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER registry_leading_talent_written
AFTER INSERT OR UPDATE ON workforce_attestedfact
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.code = 'leading_talent')
EXECUTE FUNCTION registry_follow_leading_talent();
CREATE CONSTRAINT TRIGGER registry_leading_talent_taken_away
AFTER UPDATE OR DELETE ON workforce_attestedfact
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.code = 'leading_talent')
EXECUTE FUNCTION registry_follow_leading_talent();
CREATE CONSTRAINT TRIGGER registry_entry_attested
AFTER INSERT OR UPDATE OF status ON talent_registry_registryentry
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION registry_follow_leading_talent();
"""

REMOVE = """
DROP TRIGGER registry_entry_attested ON talent_registry_registryentry;
DROP TRIGGER registry_leading_talent_taken_away ON workforce_attestedfact;
DROP TRIGGER registry_leading_talent_written ON workforce_attestedfact;
DROP FUNCTION registry_follow_leading_talent();
DROP TRIGGER registry_check_leading_talent ON workforce_attestedfact;
DROP FUNCTION registry_check_leading_talent();
DROP FUNCTION registry_entry_and_fact_agree(bigint);
"""
