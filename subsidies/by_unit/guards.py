"""What the database itself holds about claims that a unit puts forward, whatever code asks for it.

- A proposal stays as it was made: only that it became a claim, or lapsed, is written, once; nothing is deleted.
- At the commit the claim of a proposal stands exactly where the person agreed, is by the certificate that was put
  forward, for the same person; and they agreed themselves, by an account of theirs, or there is a file on the case.
- A row from which a proposal came stays; only the account number goes from it.
"""

INSTALL = """
CREATE FUNCTION subsidies_keep_proposal() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE'
       OR to_jsonb(NEW) - '{claim_id,lapsed}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{claim_id,lapsed}'::text[]
       OR (OLD.claim_id IS NOT NULL AND NEW.claim_id IS DISTINCT FROM OLD.claim_id) OR (OLD.lapsed AND NOT NEW.lapsed) THEN
        RAISE EXCEPTION 'a proposal stays as it was made'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_proposal_is_kept';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER subsidies_keep_proposal BEFORE UPDATE OR DELETE ON subsidies_proposal
FOR EACH ROW EXECUTE FUNCTION subsidies_keep_proposal();

CREATE FUNCTION subsidies_keep_row() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM public.subsidies_proposal p WHERE p.row_id = OLD.id) AND (
        TG_OP = 'DELETE' OR (NEW.account_number IS NOT NULL AND NEW.account_number IS DISTINCT FROM OLD.account_number)
        OR to_jsonb(NEW) - '{bank,account_number}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{bank,account_number}'::text[]
    ) THEN
        RAISE EXCEPTION 'the row of a proposal stays as it was given'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'the_row_of_a_proposal_is_kept';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER subsidies_keep_row BEFORE UPDATE OR DELETE ON subsidies_claimfilerow
FOR EACH ROW EXECUTE FUNCTION subsidies_keep_row();

CREATE FUNCTION subsidies_check_proposal(proposed bigint) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    p record;
BEGIN
    SELECT a.id, a.number, a.state, a.worker_id AS of_case, o.worker_id, o.credential_id, o.claim_id, o.lapsed,
           coalesce(m.target_id, o.worker_id) AS person
    INTO p FROM public.cases_case a JOIN public.subsidies_proposal o ON o.case_id = a.id
    LEFT JOIN public.workforce_mergedperson m ON m.source_id = o.worker_id WHERE a.id = proposed;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF (p.state = 'consented') <> (p.claim_id IS NOT NULL) OR (p.state = 'lapsed') <> p.lapsed OR p.of_case <> p.worker_id THEN
        RAISE EXCEPTION 'proposal %: % does not go with its claim', p.number, p.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_proposal_becomes_a_claim_by_consent';
    END IF;
    IF p.claim_id IS NULL THEN
        RETURN;
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.subsidies_claim c LEFT JOIN public.workforce_mergedperson m ON m.source_id = c.worker_id
        WHERE c.case_id = p.claim_id AND c.credential_id = p.credential_id
          AND coalesce(m.target_id, c.worker_id) = p.person
    ) THEN
        RAISE EXCEPTION 'proposal %: its claim is about something else', p.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'the_claim_is_what_was_proposed';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.cases_caseevent e
        JOIN public.workforce_worker w ON w.account_id = e.by_id
        LEFT JOIN public.workforce_mergedperson m ON m.source_id = w.id
        WHERE e.case_id = p.id AND e.action = 'consent' AND coalesce(m.target_id, w.id) = p.person
    ) AND NOT EXISTS (
        SELECT FROM public.cases_evidence f WHERE f.case_id = p.id AND f.removed_at IS NULL
    ) THEN
        RAISE EXCEPTION 'proposal %: the person has not agreed, and there is no paper', p.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'the_person_agreed';
    END IF;
END
$$;

CREATE FUNCTION subsidies_check_proposed_case() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM public.subsidies_check_proposal(NEW.id);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER subsidies_check_proposed_case AFTER INSERT OR UPDATE OF state ON cases_case
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'subsidies.proposal')
EXECUTE FUNCTION subsidies_check_proposed_case();

CREATE FUNCTION subsidies_check_proposed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM public.subsidies_check_proposal(NEW.case_id);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER subsidies_check_proposed AFTER INSERT OR UPDATE ON subsidies_proposal
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION subsidies_check_proposed();
"""
REMOVE = """
DROP TRIGGER subsidies_check_proposed ON subsidies_proposal;
DROP TRIGGER subsidies_check_proposed_case ON cases_case;
DROP TRIGGER subsidies_keep_row ON subsidies_claimfilerow;
DROP TRIGGER subsidies_keep_proposal ON subsidies_proposal;
DROP FUNCTION subsidies_check_proposed();
DROP FUNCTION subsidies_check_proposed_case();
DROP FUNCTION subsidies_check_proposal(bigint);
DROP FUNCTION subsidies_keep_row();
DROP FUNCTION subsidies_keep_proposal();
"""
