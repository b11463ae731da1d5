"""What the database itself holds about letters: issued is issued, and no number is left out.

Only two things are written on a letter later, once each: what superseded it, and how it was served. The owner
of the tables may besides re-encrypt the two encrypted columns when keys are rotated; the application may not.
"""

INSTALL = """
CREATE FUNCTION letters_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'letter % was issued and stays', OLD.number_text
            USING ERRCODE = 'check_violation', CONSTRAINT = 'letters_are_never_removed';
    END IF;
    IF (NEW.id, NEW.issuer_id, NEW.issuer_name, NEW.year, NEW.sequence, NEW.number_text, NEW.kind,
        NEW.template_version, NEW.title, NEW.addressee, NEW.worker_id, NEW.case_id, NEW.region_id, NEW.code,
        NEW.is_sample, NEW.issued_on, NEW.issued_at, NEW.issued_by_id, NEW.adverse, NEW.clause, NEW.remedy)
       IS DISTINCT FROM
       (OLD.id, OLD.issuer_id, OLD.issuer_name, OLD.year, OLD.sequence, OLD.number_text, OLD.kind,
        OLD.template_version, OLD.title, OLD.addressee, OLD.worker_id, OLD.case_id, OLD.region_id, OLD.code,
        OLD.is_sample, OLD.issued_on, OLD.issued_at, OLD.issued_by_id, OLD.adverse, OLD.clause, OLD.remedy)
       OR (OLD.superseded_by_id IS NOT NULL AND NEW.superseded_by_id IS DISTINCT FROM OLD.superseded_by_id)
       OR (OLD.served_on IS NOT NULL
           AND (NEW.served_on, NEW.served_how) IS DISTINCT FROM (OLD.served_on, OLD.served_how))
       OR ((NEW.context, NEW.grounds) IS DISTINCT FROM (OLD.context, OLD.grounds)
           AND NOT pg_has_role(
               current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')) THEN
        RAISE EXCEPTION 'letter % was issued: it is superseded by another, never changed', OLD.number_text
            USING ERRCODE = 'check_violation', CONSTRAINT = 'letters_are_never_changed';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER letters_keep BEFORE UPDATE OR DELETE ON letters_letter
FOR EACH ROW EXECUTE FUNCTION letters_keep();

-- Each number follows the one before it. Nothing is ever removed, so by induction there is no gap.
CREATE FUNCTION letters_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sequence > 1 AND NOT EXISTS (
        SELECT 1 FROM letters_letter l
        WHERE l.issuer_id = NEW.issuer_id AND l.year = NEW.year AND l.sequence = NEW.sequence - 1
    ) THEN
        RAISE EXCEPTION 'letter %: there is no number % before it', NEW.number_text, NEW.sequence - 1
            USING ERRCODE = 'check_violation', CONSTRAINT = 'letter_numbers_have_no_gap';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER letters_follow BEFORE INSERT ON letters_letter FOR EACH ROW EXECUTE FUNCTION letters_follow();
"""

REMOVE = """
DROP TRIGGER letters_follow ON letters_letter;
DROP FUNCTION letters_follow();
DROP TRIGGER letters_keep ON letters_letter;
DROP FUNCTION letters_keep();
"""
