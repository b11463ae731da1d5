"""What the database itself holds about claims on notice, whatever code asks for it.

- That a claim stands on a notice is written once and taken off once; nothing is deleted.
- At the commit an approved claim whose course asks for a notice stands on one that is over.
"""

INSTALL = """
CREATE FUNCTION subsidies_keep_announced() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.taken_off_on IS NOT NULL
       OR to_jsonb(NEW) - 'taken_off_on' IS DISTINCT FROM to_jsonb(OLD) - 'taken_off_on' THEN
        RAISE EXCEPTION 'what was announced stays, and is taken off once'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'what_was_announced_is_kept';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER subsidies_keep_announced BEFORE UPDATE OR DELETE ON subsidies_announcedclaim
FOR EACH ROW EXECUTE FUNCTION subsidies_keep_announced();

CREATE FUNCTION subsidies_check_announced() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.subsidies_claim c JOIN public.subsidies_course s ON s.id = c.course_id
        WHERE c.case_id = NEW.id AND s.notice_days IS NOT NULL
    ) AND NOT EXISTS (
        SELECT FROM public.subsidies_announcedclaim a JOIN public.cases_publicnotice n ON n.id = a.notice_id
        JOIN public.cases_caseevent e ON e.case_id = NEW.id AND e.to_state = 'approved'
        WHERE a.claim_id = NEW.id AND a.taken_off_on IS NULL AND n.closes_on < e."on"
    ) THEN
        RAISE EXCEPTION 'claim %: approved before its notice is over', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_claim_is_approved_after_its_notice';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER subsidies_check_announced AFTER UPDATE OF state ON cases_case
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (NEW.state = 'approved' AND OLD.state <> 'approved'
      AND NEW.kind IN ('subsidies.skill-upgrade', 'subsidies.technician'))
EXECUTE FUNCTION subsidies_check_announced();
"""
REMOVE = """
DROP TRIGGER subsidies_check_announced ON cases_case;
DROP TRIGGER subsidies_keep_announced ON subsidies_announcedclaim;
DROP FUNCTION subsidies_check_announced();
DROP FUNCTION subsidies_keep_announced();
"""
