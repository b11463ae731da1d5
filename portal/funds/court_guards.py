"""What the database holds of documents of a court: they come as they are and stay; one is taken away once, for a reason, as
long as the recovery is not done.
"""

INSTALL = """
CREATE FUNCTION funds_check_court_document() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    may_change text[] := '{removed_by_id,removed_at,removed_because}';
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a document of a court stays on record' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.removed_at IS NOT NULL THEN
            RAISE EXCEPTION 'a document of a court comes first'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_court_document_stays';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.removed_at IS NOT NULL OR NEW.removed_at IS NULL
        OR (to_jsonb(NEW) - may_change) IS DISTINCT FROM (to_jsonb(OLD) - may_change)
        OR EXISTS (SELECT FROM public.funds_courthandover h JOIN public.funds_recovery r ON r.id = h.recovery_id
                   WHERE h.id = NEW.handover_id AND r.state = 'done') THEN
        RAISE EXCEPTION 'court document %: it stays', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_court_document_stays';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_court_document BEFORE INSERT OR UPDATE OR DELETE ON funds_courtdocument
FOR EACH ROW EXECUTE FUNCTION funds_check_court_document();
"""

REMOVE = """
DROP TRIGGER funds_check_court_document ON funds_courtdocument;
DROP FUNCTION funds_check_court_document();
"""
