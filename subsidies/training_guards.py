"""What the database holds about completed trainings, and about claims that rest on one."""

from subsidies.guards import CHECK_CLAIM, KEEP_CLAIM

# One officer enters a training, another one judges it, once; what was judged stands. Nobody judges their own.
KEEP_TRAINING = """
CREATE FUNCTION subsidies_keep_training() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'entered' THEN
            RAISE EXCEPTION 'a training is confirmed after it was entered, by somebody else'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_training_begins_unconfirmed';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.state <> 'entered'
       OR to_jsonb(NEW) - '{state,judged_by_id,judged_at,verdict}'::text[]
          IS DISTINCT FROM to_jsonb(OLD) - '{state,judged_by_id,judged_at,verdict}'::text[] THEN
        RAISE EXCEPTION 'a training stands as it was entered, and is judged once'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_training_is_kept';
    END IF;
    RETURN NEW;
END
$$;
"""
_TRAININGS = (
    KEEP_TRAINING
    + """\
CREATE TRIGGER subsidies_keep_training BEFORE INSERT OR UPDATE OR DELETE ON subsidies_completedtraining
FOR EACH ROW EXECUTE FUNCTION subsidies_keep_training();
"""
)
CHECK_TRAINING_TOO = """
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
    IF held <> (CASE WHEN c.state IN ('draft', 'withdrawn', 'refused', 'rejected') THEN 0 ELSE 3 END) THEN
        RAISE EXCEPTION 'claim %: % holds % keys', c.number, c.state, held
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_claim_under_way_holds_its_keys';
    END IF;
    IF (c.state = 'approved') <> (c.amount IS NOT NULL) OR (c.amount IS NULL) <> (c.record_id IS NULL) THEN
        RAISE EXCEPTION 'claim %: an amount goes with its approval and its record', c.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_approved_claim_has_its_amount';
    END IF;
    IF c.state = 'approved' AND NOT EXISTS (
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
END
$$;

"""
KEEP_TRAINING_TOO = """
CREATE OR REPLACE FUNCTION subsidies_keep_claim() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.case_id, OLD.worker_id, OLD.channel, OLD.fund)
        IS DISTINCT FROM (NEW.case_id, NEW.worker_id, NEW.channel, NEW.fund)
       OR (OLD.handed_in_on IS NOT NULL AND (
           (OLD.handed_in_on, OLD.handed_in_at, OLD.credential_id, OLD.training_id, OLD.determination_id, OLD.course_id)
           IS DISTINCT FROM
           (NEW.handed_in_on, NEW.handed_in_at, NEW.credential_id, NEW.training_id, NEW.determination_id, NEW.course_id)))
       OR (OLD.amount IS NOT NULL AND NEW.amount IS DISTINCT FROM OLD.amount) THEN
        RAISE EXCEPTION 'what was handed in stays as it was handed in'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_claim_is_kept';
    END IF;
    RETURN NEW;
END
$$;
"""
# As they were before (subsidies.guards).
_BEFORE = (CHECK_CLAIM + "\n" + KEEP_CLAIM).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")

INSTALL = _TRAININGS + CHECK_TRAINING_TOO + KEEP_TRAINING_TOO
REMOVE = (
    """
DROP TRIGGER subsidies_keep_training ON subsidies_completedtraining;
DROP FUNCTION subsidies_keep_training();
"""
    + _BEFORE
)
