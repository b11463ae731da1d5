"""What the database holds about answers of the national query: each is that of an extract, or was entered by hand with a
picture and compared by another person. What was entered stands, and is judged once.
"""

INSTALL = """
CREATE FUNCTION workforce_answer_has_grounds() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- Whoever installs the portal may write it.
    IF pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        RETURN NEW;
    END IF;
    IF NEW.extract_id IS NULL AND NOT EXISTS (
        SELECT FROM public.workforce_statedanswer s
        WHERE s.credential_id = NEW.credential_id AND s.agrees AND s.found = NEW.found AND s.as_of = NEW.as_of
    ) OR NEW.extract_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.workforce_registerextract e WHERE e.id = NEW.extract_id AND e.kind = 'certificates'
    ) THEN
        RAISE EXCEPTION 'an answer comes of an extract, or of two people and a picture'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_answer_has_its_grounds';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER workforce_answer_has_grounds BEFORE INSERT OR UPDATE ON workforce_certificateanswer
FOR EACH ROW EXECUTE FUNCTION workforce_answer_has_grounds();

CREATE FUNCTION workforce_stated_answer_stands() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.judged_at IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF OLD.judged_at IS NULL
        AND to_jsonb(NEW) - '{judged_by_id,judged_at,agrees}'::text[]
            = to_jsonb(OLD) - '{judged_by_id,judged_at,agrees}'::text[] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was read in the query stands, and is judged once by another person'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_stated_answer_stands';
END
$$;
CREATE TRIGGER workforce_stated_answer_stands BEFORE INSERT OR UPDATE ON workforce_statedanswer
FOR EACH ROW EXECUTE FUNCTION workforce_stated_answer_stands();
"""
REMOVE = """
DROP TRIGGER workforce_stated_answer_stands ON workforce_statedanswer;
DROP FUNCTION workforce_stated_answer_stands();
DROP TRIGGER workforce_answer_has_grounds ON workforce_certificateanswer;
DROP FUNCTION workforce_answer_has_grounds();
"""
