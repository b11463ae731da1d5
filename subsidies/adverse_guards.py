"""What the database itself holds about decisions against a worker, whatever code asks for it.

- A decision is proposed first, is signed or declined once, changes in nothing else and is never deleted; so is a second
  look at it, which is asked first and answered once.
- At the commit a claim that waits for a second signature has the decision that waits; one that was refused, rejected or
  annulled has a decision that two people signed who hold the duties for it in the case; one that is looked at again
  or was upheld has that second look, and whoever answered it holds the duty.
- An approved amount goes with its approval: it ends with it, and never becomes another.
"""

from subsidies.training_guards import CHECK_TRAINING_TOO, KEEP_TRAINING_TOO

EXTEND = """
CREATE OR REPLACE FUNCTION subsidies_check_claim(claimed bigint) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    c record;
    held integer;
BEGIN
    SELECT a.id, a.state, a.number, p.worker_id, p.credential_id, p.training_id, p.handed_in_on, p.decision_id,
           p.amount, p.record_id
    INTO c FROM public.cases_case a JOIN public.subsidies_claim p ON p.case_id = a.id WHERE a.id = claimed;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT count(*) INTO held FROM public.subsidies_claimkey k WHERE k.claim_id = claimed AND k.freed_at IS NULL;
    IF held <> (CASE WHEN c.state IN ('draft', 'withdrawn', 'refused', 'rejected', 'annulled', 'reconsidering', 'upheld')
                THEN 0 ELSE 3 END) THEN
        RAISE EXCEPTION 'claim %: % holds % keys', c.number, c.state, held
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_claim_under_way_holds_its_keys';
    END IF;
    IF (c.state IN ('approved', 'annulling')) <> (c.amount IS NOT NULL)
       OR (c.amount IS NULL) <> (c.record_id IS NULL) THEN
        RAISE EXCEPTION 'claim %: an amount goes with its approval and its record', c.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_approved_claim_has_its_amount';
    END IF;
    IF c.amount IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.policy_determination d
        JOIN public.cases_caseduty u ON u.case_id = c.id AND u.duty = 'approve'
        JOIN public.workforce_benefitclaim r ON r.id = c.record_id AND r.worker_id = c.worker_id
        WHERE d.id = c.decision_id AND d.outcome = 'eligible' AND d.amount = c.amount
          AND d.subject_type = CASE WHEN c.training_id IS NULL THEN 'certificate' ELSE 'training' END
          AND d.subject_id = coalesce(c.training_id, c.credential_id) AND d."on" = c.handed_in_on
    ) THEN
        RAISE EXCEPTION 'claim %: no decision stands behind its amount', c.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_approved_claim_rests_on_a_decision';
    END IF;
    PERFORM public.subsidies_check_against(c.id, c.state, c.number);
END
$$;

CREATE FUNCTION subsidies_check_against(claimed bigint, in_state text, numbered text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    -- What is decided in a state, and the duty of whoever decides it.
    decided text := CASE WHEN in_state IN ('refusing', 'refused') THEN 'refusal'
                         WHEN in_state IN ('rejecting', 'rejected') THEN 'rejection'
                         WHEN in_state IN ('annulling', 'annulled') THEN 'annulment' END;
    needed text := CASE decided WHEN 'refusal' THEN 'accept' WHEN 'rejection' THEN 'approve' ELSE 'annul' END;
BEGIN
    IF in_state IN ('refusing', 'rejecting', 'annulling') <> EXISTS (
        SELECT FROM public.subsidies_adversedecision d WHERE d.claim_id = claimed AND d.state = 'proposed'
    ) OR EXISTS (
        SELECT FROM public.subsidies_adversedecision d
        WHERE d.claim_id = claimed AND d.state = 'proposed' AND d.what IS DISTINCT FROM decided
    ) THEN
        RAISE EXCEPTION 'claim %: % and what waits for a signature do not agree', numbered, in_state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_decision_waits_with_its_claim';
    END IF;
    IF in_state IN ('refused', 'rejected', 'annulled') AND NOT EXISTS (
        SELECT FROM public.subsidies_adversedecision d
        JOIN public.cases_caseduty one
            ON one.case_id = claimed AND one.duty = needed AND one.person_id = d.decided_by_id
        JOIN public.cases_caseduty other
            ON other.case_id = claimed AND other.duty = 'countersign' AND other.person_id = d.signed_by_id
        WHERE d.claim_id = claimed AND d.state = 'signed' AND d.what = decided
          AND NOT EXISTS (SELECT FROM public.subsidies_reconsideration r WHERE r.decision_id = d.id)
    ) THEN
        RAISE EXCEPTION 'claim %: no two have signed that it is %', numbered, in_state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_decision_against_is_signed_by_two';
    END IF;
    IF in_state = 'upheld' AND NOT EXISTS (
        SELECT FROM public.subsidies_reconsideration r
        JOIN public.subsidies_adversedecision d ON d.id = r.decision_id
        JOIN public.cases_caseduty u
            ON u.case_id = claimed AND u.duty = 'reconsider' AND u.person_id = r.found_by_id
        WHERE d.claim_id = claimed AND r.finding = 'upheld'
    ) OR (in_state = 'reconsidering') <> EXISTS (
        SELECT FROM public.subsidies_reconsideration r
        JOIN public.subsidies_adversedecision d ON d.id = r.decision_id
        WHERE d.claim_id = claimed AND r.finding = ''
    ) OR EXISTS (
        SELECT FROM public.subsidies_reconsideration r
        JOIN public.subsidies_adversedecision d ON d.id = r.decision_id
        WHERE d.claim_id = claimed AND r.finding <> '' AND NOT EXISTS (
            SELECT FROM public.cases_caseduty u
            WHERE u.case_id = claimed AND u.duty = 'reconsider' AND u.person_id = r.found_by_id)
    ) THEN
        RAISE EXCEPTION 'claim %: % and the second look at it do not agree', numbered, in_state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_second_look_goes_with_its_claim';
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION subsidies_keep_claim() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.case_id, OLD.worker_id, OLD.channel, OLD.fund)
        IS DISTINCT FROM (NEW.case_id, NEW.worker_id, NEW.channel, NEW.fund)
       OR (OLD.handed_in_on IS NOT NULL AND (
           (OLD.handed_in_on, OLD.handed_in_at, OLD.credential_id, OLD.training_id, OLD.determination_id, OLD.course_id)
           IS DISTINCT FROM
           (NEW.handed_in_on, NEW.handed_in_at, NEW.credential_id, NEW.training_id, NEW.determination_id, NEW.course_id)))
       OR (OLD.amount IS NOT NULL AND NEW.amount <> OLD.amount) THEN
        RAISE EXCEPTION 'what was handed in stays as it was handed in'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_claim_is_kept';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION subsidies_keep_decision() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    signing text[] := '{state,signed_by_id,signed_on,letter_id}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' THEN
            RAISE EXCEPTION 'a decision is proposed first'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_decision_is_proposed_first';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.letter_id IS NOT NULL OR to_jsonb(NEW) - signing <> to_jsonb(OLD) - signing
       OR (OLD.state <> 'proposed' AND (OLD.state, OLD.signed_by_id, OLD.signed_on)
           IS DISTINCT FROM (NEW.state, NEW.signed_by_id, NEW.signed_on)) THEN
        RAISE EXCEPTION 'a decision is signed or declined once, and stays'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_decision_is_kept';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER subsidies_keep_decision BEFORE INSERT OR UPDATE OR DELETE ON subsidies_adversedecision
FOR EACH ROW EXECUTE FUNCTION subsidies_keep_decision();

CREATE FUNCTION subsidies_keep_second_look() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    answering text[] := '{finding,reasons,found_by_id,found_on,letter_id}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.finding <> '' OR NOT EXISTS (
            SELECT FROM public.subsidies_adversedecision d WHERE d.id = NEW.decision_id AND d.state = 'signed'
        ) THEN
            RAISE EXCEPTION 'a second look is asked first, at what is in force'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_second_look_is_asked_first';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.letter_id IS NOT NULL OR to_jsonb(NEW) - answering <> to_jsonb(OLD) - answering
       OR (OLD.finding <> '' AND (OLD.finding, OLD.reasons, OLD.found_by_id, OLD.found_on)
           IS DISTINCT FROM (NEW.finding, NEW.reasons, NEW.found_by_id, NEW.found_on)) THEN
        RAISE EXCEPTION 'a second look is answered once, and stays'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_second_look_is_kept';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER subsidies_keep_second_look BEFORE INSERT OR UPDATE OR DELETE ON subsidies_reconsideration
FOR EACH ROW EXECUTE FUNCTION subsidies_keep_second_look();

CREATE FUNCTION subsidies_check_decision() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM public.subsidies_check_claim(NEW.claim_id);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER subsidies_check_decision AFTER INSERT OR UPDATE ON subsidies_adversedecision
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION subsidies_check_decision();

CREATE FUNCTION subsidies_check_second_look() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM public.subsidies_check_claim(d.claim_id) FROM public.subsidies_adversedecision d WHERE d.id = NEW.decision_id;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER subsidies_check_second_look AFTER INSERT OR UPDATE ON subsidies_reconsideration
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION subsidies_check_second_look();
"""

NO_EXTENSION = (
    """
DROP TRIGGER subsidies_check_second_look ON subsidies_reconsideration;
DROP TRIGGER subsidies_check_decision ON subsidies_adversedecision;
DROP TRIGGER subsidies_keep_second_look ON subsidies_reconsideration;
DROP TRIGGER subsidies_keep_decision ON subsidies_adversedecision;
DROP FUNCTION subsidies_check_second_look();
DROP FUNCTION subsidies_check_decision();
DROP FUNCTION subsidies_keep_second_look();
DROP FUNCTION subsidies_keep_decision();
"""
    + CHECK_TRAINING_TOO
    + KEEP_TRAINING_TOO
    + """
DROP FUNCTION subsidies_check_against(bigint, text, text);
"""
)
