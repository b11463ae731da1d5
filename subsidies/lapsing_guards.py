"""What the database holds about a decision that nobody had signed when the claim was taken back."""

INSTALL = """
CREATE FUNCTION subsidies_check_lapsed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.cases_case c WHERE c.id = NEW.claim_id AND c.state = 'withdrawn') THEN
        RAISE EXCEPTION 'claim %: what was decided lapses when the claim is taken back', NEW.claim_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_decision_lapses_with_its_claim';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER subsidies_check_lapsed AFTER UPDATE ON subsidies_adversedecision
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'lapsed')
EXECUTE FUNCTION subsidies_check_lapsed();
"""

REMOVE = """
DROP TRIGGER subsidies_check_lapsed ON subsidies_adversedecision;
DROP FUNCTION subsidies_check_lapsed();
"""
