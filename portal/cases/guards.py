"""What the database itself holds about cases: only listed moves, each with its event, numbered
without gaps.
"""

INSTALL = """
CREATE FUNCTION cases_check_move() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := CASE WHEN TG_OP = 'INSERT' THEN '' ELSE OLD.state END;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.state = OLD.state AND NEW.version = OLD.version THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'case %: version % cannot follow %', NEW.number, NEW.version, OLD.version
            USING ERRCODE = 'check_violation', CONSTRAINT = 'case_version_counts_events';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM cases_allowedmove m
                   WHERE m.kind = NEW.kind AND m.from_state = before AND m.to_state = NEW.state) THEN
        RAISE EXCEPTION 'case %: % does not lead to %', NEW.number, before, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'case_moves_as_listed';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER cases_check_move BEFORE INSERT OR UPDATE OF state, version ON cases_case
FOR EACH ROW EXECUTE FUNCTION cases_check_move();

CREATE FUNCTION cases_check_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM cases_caseevent e
                   WHERE e.case_id = NEW.id AND e.position = NEW.version AND e.to_state = NEW.state) THEN
        RAISE EXCEPTION 'case %: no event tells how it came to %', NEW.number, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'case_state_has_its_event';
    END IF;
    RETURN NULL;
END
$$;
-- At the commit: the event is written after the state.
CREATE CONSTRAINT TRIGGER cases_check_event AFTER INSERT OR UPDATE OF state, version ON cases_case
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cases_check_event();
"""

REMOVE = """
DROP TRIGGER cases_check_event ON cases_case;
DROP FUNCTION cases_check_event();
DROP TRIGGER cases_check_move ON cases_case;
DROP FUNCTION cases_check_move();
"""
