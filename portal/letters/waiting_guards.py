"""What the database itself holds about letters that wait for a figure.

What one will say is kept as it was decided: only the letter that came of it is written later, once, and it is about the
same case and of the same kind. The owner of the tables may besides re-encrypt the two encrypted columns.
"""

INSTALL = """
CREATE FUNCTION letters_keep_waiting() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    encrypted text[] := '{context,grounds}';
BEGIN
    IF TG_OP = 'DELETE' OR OLD.letter_id IS NOT NULL AND NEW.letter_id IS DISTINCT FROM OLD.letter_id
       OR to_jsonb(NEW) - 'letter_id' - encrypted IS DISTINCT FROM to_jsonb(OLD) - 'letter_id' - encrypted
       OR ((NEW.context, NEW.grounds) IS DISTINCT FROM (OLD.context, OLD.grounds)
           AND NOT pg_has_role(
               current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')) THEN
        RAISE EXCEPTION 'what a letter will say is kept as it was decided'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_waiting_letter_is_kept';
    END IF;
    IF NEW.letter_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.letters_letter l
        WHERE l.id = NEW.letter_id AND l.kind = NEW.kind AND l.case_id = NEW.case_id AND l.adverse
    ) THEN
        RAISE EXCEPTION 'the letter that came of it is another one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_waiting_letter_becomes_that_letter';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER letters_keep_waiting BEFORE UPDATE OR DELETE ON letters_waitingletter
FOR EACH ROW EXECUTE FUNCTION letters_keep_waiting();
"""

REMOVE = """
DROP TRIGGER letters_keep_waiting ON letters_waitingletter;
DROP FUNCTION letters_keep_waiting();
"""
